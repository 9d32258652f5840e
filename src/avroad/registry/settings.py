"""Where the registry is and how to be admitted; validated as single values and as combinations."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from avroad.config.masking import shown_value
from avroad.errors import ConfigError, Problem
from avroad.schema import not_utf8

__all__ = ["DEFAULT_TIMEOUT_S", "RegistrySettings", "from_config"]

DEFAULT_TIMEOUT_S: Final = 5.0
_MAX_TIMEOUT_S: Final = 300.0
_MAX_RETRIES: Final = 3
_CACHE_CAPACITY: Final = 1000
_MASK: Final = "***"
_SECRET_FIELDS: Final = frozenset({"password", "token", "key_password"})


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RegistrySettings:
    """How one registry is reached. `repr` masks secrets; a wrong value or combination raises ConfigError.

    urls: addresses of the same registry, preferred first; never with user and password inside.
    user, password: basic authentication. token: bearer authentication; logical_cluster and identity_pool travel
    with it. ca_location: file of trusted certificates, "" for the usual public ones.
    timeout_s: total time for a request with all its repetitions, also for a listing with all its pages; reading many
    subjects may take it once per hundred of them and once more. max_retries: repetitions after the first attempt, on
    429 and 5xx.
    cache_capacity: schemas kept in memory. latest_ttl_s: how long "latest" may be answered from memory; 0 never.
    cache_dir: folder of the id -> schema cache that outlives the process; None keeps none.
    identity: tells registries apart that had the same address one after the other (a cluster id); may be "".
    """

    urls: tuple[str, ...]
    user: str = ""
    password: str = ""
    token: str = ""
    logical_cluster: str = ""
    identity_pool: str = ""
    ca_location: str = ""
    certificate_location: str = ""
    key_location: str = ""
    key_password: str = ""
    proxy: str = ""
    timeout_s: float = DEFAULT_TIMEOUT_S
    max_retries: int = _MAX_RETRIES
    cache_capacity: int = _CACHE_CAPACITY
    latest_ttl_s: float = 0.0
    cache_dir: Path | None = None
    identity: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "urls", tuple(url.strip().rstrip("/") for url in self.urls))
        problems = [*_address_problems(self), *_admission_problems(self), *_number_problems(self)]
        if problems:
            raise ConfigError("the registry settings are wrong", problems=tuple(problems))

    def __repr__(self) -> str:
        shown = []
        for item in fields(self):
            value = getattr(self, item.name)
            if value != item.default:
                shown.append(f"{item.name}={_MASK if item.name in _SECRET_FIELDS else value!r}")
        return f"RegistrySettings({', '.join(shown)})"


_SOURCES: Final[Mapping[str, str]] = {
    "basic.auth.credentials.source": "USER_INFO",
    "bearer.auth.credentials.source": "STATIC_TOKEN",
}
_KEYS: Final = frozenset(
    {
        "url", "basic.auth.user.info", "bearer.auth.token", "bearer.auth.logical.cluster",
        "bearer.auth.identity.pool.id", "ssl.ca.location", "ssl.certificate.location", "ssl.key.location",
        "ssl.key.password", "proxy", "timeout", "max.retries", "cache.capacity", "cache.latest.ttl.sec", *_SOURCES,
    }
)  # fmt: skip


def from_config(config: Mapping[str, str], *, cache_dir: Path | None = None, identity: str = "") -> RegistrySettings:
    """Return the settings that `config` states under the Confluent client's names.

    config: `url` (one address or several, separated by commas) and the optional keys; all values are text.
    Raises ConfigError with every unknown key, wrong value and invalid combination; values of secrets are not shown.
    """
    problems = [_unknown_key(key) for key in sorted(config) if key not in _KEYS]
    for key, wanted in _SOURCES.items():
        if config.get(key, wanted) != wanted:
            problems.append(
                Problem(path=key, expected=wanted, found=shown_value(config[key]), fix="avroad supports no other")
            )
    info = config.get("basic.auth.user.info", "")
    user, colon, password = info.partition(":")
    if info and not colon:
        problems.append(Problem(path="basic.auth.user.info", expected="user:password", found="no colon"))

    def number(key: str, default: float) -> float:
        try:
            return float(config.get(key, default))
        except ValueError:
            problems.append(Problem(path=key, expected="a number of seconds", found=shown_value(config[key])))
            return default

    def count(key: str, default: int) -> int:
        try:
            return int(config.get(key, default))
        except ValueError:
            problems.append(Problem(path=key, expected="a whole number", found=shown_value(config[key])))
            return default

    timeout_s, latest_ttl_s = number("timeout", DEFAULT_TIMEOUT_S), number("cache.latest.ttl.sec", 0.0)
    max_retries, cache_capacity = count("max.retries", _MAX_RETRIES), count("cache.capacity", _CACHE_CAPACITY)
    if problems:
        raise ConfigError("the registry settings are wrong", problems=tuple(problems))
    return RegistrySettings(
        urls=tuple(url for url in config.get("url", "").split(",") if url.strip()),
        user=user,
        password=password,
        token=config.get("bearer.auth.token", ""),
        logical_cluster=config.get("bearer.auth.logical.cluster", ""),
        identity_pool=config.get("bearer.auth.identity.pool.id", ""),
        ca_location=config.get("ssl.ca.location", ""),
        certificate_location=config.get("ssl.certificate.location", ""),
        key_location=config.get("ssl.key.location", ""),
        key_password=config.get("ssl.key.password", ""),
        proxy=config.get("proxy", ""),
        timeout_s=timeout_s,
        max_retries=max_retries,
        cache_capacity=cache_capacity,
        latest_ttl_s=latest_ttl_s,
        cache_dir=cache_dir,
        identity=identity,
    )


def _unknown_key(key: str) -> Problem:
    close = difflib.get_close_matches(key, _KEYS, n=1)
    fix = f'did you mean "{close[0]}"?' if close else f"known are {', '.join(sorted(_KEYS))}"
    return Problem(path=key, expected="a registry setting", found="an unknown key", fix=fix)


def _address_problems(settings: RegistrySettings) -> list[Problem]:
    problems = [] if settings.urls else [Problem(path="url", expected="the registry's address", found="none")]
    for url in settings.urls:
        problems.extend(_url_problems("url", url))
    if len(set(settings.urls)) < len(settings.urls):
        problems.append(Problem(path="url", expected="each address once", found="one address twice"))
    if settings.proxy:
        problems.extend(_url_problems("proxy", settings.proxy))
    return problems


def _url_problems(key: str, url: str) -> list[Problem]:
    """Find what is wrong with an address, without ever repeating a user or password in it."""
    expected = "http://host:port or https://host:port"
    parts = _split(url)
    if parts is None or "@" in parts.netloc or (not parts.netloc and "@" in url):
        if "@" in url:
            fix = "Use basic.auth.user.info" if key == "url" else "The proxy has to admit this host without them"
            return [Problem(path=key, expected=expected, found="user or password inside the address", fix=fix)]
        return [Problem(path=key, expected=expected, found="not an address")]
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return [Problem(path=key, expected=expected, found=shown_value(url))]
    if parts.query or parts.fragment or any(character.isspace() or not character.isprintable() for character in url):
        return [Problem(path=key, expected=expected, found="a query, fragment or blank in the address")]
    return []


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _admission_problems(settings: RegistrySettings) -> list[Problem]:
    problems = []
    if settings.token and (settings.user or settings.password):
        problems.append(
            Problem(path="bearer.auth.token", expected="one kind of authentication", found="basic and bearer")
        )
    if settings.password and not settings.user:
        problems.append(Problem(path="basic.auth.user.info", expected="user:password", found="no user"))
    credentials = settings.user + settings.password + settings.token
    if any(character < " " for character in credentials):
        problems.append(Problem(path="credentials", expected="text of one line", found="a control character"))
    if not_utf8([credentials, settings.logical_cluster, settings.identity_pool]) is not None:
        problems.append(Problem(path="credentials", expected="UTF-8 text", found="other bytes"))
    if not settings.token and (settings.logical_cluster or settings.identity_pool):
        problems.append(Problem(path="bearer.auth.token", expected="a token", found="only its cluster or pool"))
    if settings.key_location and not settings.certificate_location:
        problems.append(Problem(path="ssl.certificate.location", expected="the key's certificate", found="none"))
    if settings.key_password and not settings.certificate_location:
        problems.append(Problem(path="ssl.key.location", expected="the key the password opens", found="none"))
    tls = settings.ca_location or settings.certificate_location
    if tls and settings.urls and not any(url.startswith("https") for url in settings.urls):
        problems.append(Problem(path="url", expected="https beside ssl.* settings", found="only http"))
    return problems


def _number_problems(settings: RegistrySettings) -> list[Problem]:
    problems = []
    if not (0 < settings.timeout_s <= _MAX_TIMEOUT_S) or math.isnan(settings.timeout_s):
        problems.append(
            Problem(
                path="timeout", expected=f"more than 0, at most {_MAX_TIMEOUT_S:g} s", found=f"{settings.timeout_s:g}"
            )
        )
    if not (0 <= settings.latest_ttl_s < math.inf):
        problems.append(Problem(path="cache.latest.ttl.sec", expected="0 or more", found=f"{settings.latest_ttl_s:g}"))
    if settings.max_retries < 0:
        problems.append(Problem(path="max.retries", expected="0 or more", found=str(settings.max_retries)))
    if settings.cache_capacity < 1:
        problems.append(Problem(path="cache.capacity", expected="1 or more", found=str(settings.cache_capacity)))
    return problems
