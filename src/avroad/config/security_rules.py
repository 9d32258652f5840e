"""Settings that only make sense together: protocol, SASL, TLS, the registry's credentials."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from avroad.config.given import Given
from avroad.config.kafka_rules import FALSE
from avroad.config.masking import is_name, shown_name, shown_value
from avroad.config.shape import did_you_mean
from avroad.errors import Problem

__all__ = ["kafka_combinations", "registry_problems"]

_PROTOCOLS: Final = ("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")
_MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "GSSAPI")
_PASSWORD_MECHANISMS: Final = _MECHANISMS[:3]
_OIDC: Final = ("sasl.oauthbearer.client.id", "sasl.oauthbearer.token.endpoint.url")
_METADATA: Final = "sasl.oauthbearer.metadata.authentication.type"
_INSECURE: Final = "set insecure: true to allow it all the same"
_REGISTRY_KEYS: Final = (
    *("url", "basic.auth.user.info", "basic.auth.credentials.source", "bearer.auth.credentials.source"),
    *("bearer.auth.token", "bearer.auth.logical.cluster", "bearer.auth.identity.pool.id", "ssl.ca.location"),
    *("ssl.key.location", "ssl.certificate.location", "ssl.key.password", "proxy", "timeout", "cache.capacity"),
    *("cache.latest.ttl.sec", "max.retries"),
)

_Settings = Mapping[str, Given]


def kafka_combinations(settings: _Settings, *, insecure: bool) -> list[Problem]:
    """Return what does not fit together under `kafka`; settings by canonical name."""
    given = settings.get("security.protocol")
    protocol = "plaintext" if given is None else (given.value or "").lower()
    if given is not None and given.value is not None and protocol not in _PROTOCOLS:
        fix = did_you_mean(protocol, _PROTOCOLS)
        return [given.problem(f"one of {', '.join(_PROTOCOLS)}", given.shown, fix)]
    if given is not None and given.value is None:
        return []
    problems = [*_sasl(settings, protocol), *_tls(settings, protocol, insecure=insecure)]
    if protocol == "sasl_plaintext" and not insecure and _value(settings, "sasl.mechanism").upper() == "PLAIN":
        servers = _value(settings, "bootstrap.servers").split(",")
        if given is not None and not all(is_loopback(server.rpartition(":")[0]) for server in servers):
            expected = "an encrypted connection for a password in clear text"
            problems.append(given.problem(expected, given.value or "", f"use SASL_SSL, or {_INSECURE}"))
    return problems


def registry_problems(settings: _Settings, *, insecure: bool) -> list[Problem]:
    """Return what is wrong under `registry`: names, addresses, credentials. Values of secrets are never shown."""
    problems = [
        given.problem("a registry setting", shown_name(name), did_you_mean(name, _REGISTRY_KEYS))
        for name, given in settings.items()
        if name not in _REGISTRY_KEYS
    ]
    user, token = settings.get("basic.auth.user.info"), settings.get("bearer.auth.token")
    if user is not None and user.value is not None and ":" not in user.value:
        problems.append(user.problem("user:password", "no colon"))
    if user is not None and token is not None:
        problems.append(token.problem("one kind of authentication", "basic and bearer"))
    url = settings.get("url")
    if url is not None and url.value is not None:
        addresses = [part.strip() for part in url.value.split(",")]
        problems += _url_problems(url, addresses)
        plain = [part for part in addresses if part.startswith("http://")]
        exposed = any(not is_loopback(_host(part)) for part in plain)
        if exposed and (user is not None or token is not None) and not insecure:
            problems.append(url.problem("https for credentials", "http", f"use https, or {_INSECURE}"))
    problems += _pair(settings, "ssl.key.location", "ssl.certificate.location")
    return problems


def is_loopback(host: str) -> bool:
    """Say whether a host name or address cannot leave this machine."""
    name = host.rpartition("://")[2].strip("[] ")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _value(settings: _Settings, name: str) -> str:
    given = settings.get(name)
    return "" if given is None else given.value or ""


def _sasl(settings: _Settings, protocol: str) -> Iterator[Problem]:
    mechanism = settings.get("sasl.mechanism")
    if not protocol.startswith("sasl"):
        stray = _stray(settings, "sasl.")
        if stray is not None:
            fix = "set security.protocol: SASL_SSL"
            yield stray.problem(f"no {stray.name} with security.protocol {protocol}", "one", fix)
        return
    if mechanism is None:
        place = settings["security.protocol"]
        fix = "set sasl.mechanism: SCRAM-SHA-512"
        yield place.problem(f"sasl.mechanism beside security.protocol {place.value}", "none", fix)
        return
    if mechanism.value is None:
        return
    chosen = mechanism.value.upper()
    if chosen not in _MECHANISMS:
        fix = did_you_mean(chosen, _MECHANISMS)
        yield mechanism.problem(f"one of {', '.join(_MECHANISMS)}", mechanism.shown, fix)
    wanted: tuple[str, ...] = ()
    if chosen in _PASSWORD_MECHANISMS:
        wanted = ("sasl.username", "sasl.password")
    elif chosen == "OAUTHBEARER" and _METADATA not in settings:
        wanted = _OIDC
        if _value(settings, "sasl.oauthbearer.method").lower() != "oidc":
            yield mechanism.problem("sasl.oauthbearer.method: oidc beside OAUTHBEARER", "another or none")
    for name in wanted:
        if name not in settings:
            yield mechanism.problem(f"{name} beside {chosen}", "none", _how_to_give(name))


def _stray(settings: _Settings, prefix: str) -> Given | None:
    """What looks like no name was reported already, and must not be repeated: it may hold a secret."""
    return next((given for name, given in settings.items() if name.startswith(prefix) and is_name(name)), None)


def _how_to_give(name: str) -> str:
    variable = f"AVROAD_KAFKA__{name.replace('.', '_').upper()}"
    return f"set {variable}" if name == "sasl.password" else f"set {name} or {variable}"


def _tls(settings: _Settings, protocol: str, *, insecure: bool) -> Iterator[Problem]:
    if not protocol.endswith("ssl"):
        stray = _stray(settings, "ssl.")
        if stray is not None:
            fix = "set security.protocol: SSL or SASL_SSL"
            yield stray.problem(f"no {stray.name} with security.protocol {protocol}", "one", fix)
    yield from _pair(settings, "ssl.key.location", "ssl.certificate.location")
    yield from _pair(settings, "ssl.certificate.location", "ssl.key.location", "ssl.key.pem")
    verification = settings.get("enable.ssl.certificate.verification")
    if verification is not None and _value(settings, verification.name).lower() in FALSE and not insecure:
        fix = f"set ssl.ca.location to the cluster's certificate, or {_INSECURE}"
        yield verification.problem("verified certificates", "verification switched off", fix)
    identity = settings.get("ssl.endpoint.identification.algorithm")
    if identity is not None and identity.value is not None and identity.value.lower() != "https" and not insecure:
        yield identity.problem("https, so that another host cannot answer", identity.shown, _INSECURE)


def _pair(settings: _Settings, first: str, *others: str) -> list[Problem]:
    if first not in settings or any(other in settings for other in others):
        return []
    return [settings[first].problem(f"{others[0]} beside {first}", "none")]


def _url_problems(url: Given, addresses: list[str]) -> list[Problem]:
    if any("@" in address for address in addresses):  # a comma in a password would part it from its @
        fix = "set basic.auth.user.info from a variable or file"
        return [url.problem("an address without credentials", "one with user or password in it", fix)]
    expected, problems = "http:// or https:// addresses, separated by commas", []
    for address in addresses:
        if not _host(address) or not address.startswith(("http://", "https://")):
            shown = shown_value(address)
            fix = f"did you mean http://{address}?" if address and "://" not in address and address in shown else ""
            problems.append(url.problem(expected, shown, fix))
    return problems


def _host(address: str) -> str:
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        return ""
    return parts.hostname or ""
