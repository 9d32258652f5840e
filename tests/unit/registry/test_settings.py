"""Settings are checked one by one and together, and never show a secret."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from avroad.errors import ConfigError, ExitCode
from avroad.registry import RegistrySettings, from_config
from avroad.registry.settings import DEFAULT_TIMEOUT_S

SECRET = "canary-4711"


def test_an_address_is_enough() -> None:
    settings = from_config({"url": "http://localhost:8081/"})
    assert settings == RegistrySettings(urls=("http://localhost:8081",))
    assert settings.timeout_s == DEFAULT_TIMEOUT_S == 5.0
    assert (settings.max_retries, settings.cache_capacity, settings.latest_ttl_s) == (3, 1000, 0.0)


def test_every_key_has_its_field(tmp_path: Path) -> None:
    common = {
        "url": "https://one:8081, https://two:8081/path/",
        "ssl.ca.location": "ca.pem",
        "ssl.certificate.location": "me.pem",
        "ssl.key.location": "me.key",
        "ssl.key.password": "open",
        "proxy": "http://proxy:3128",
        "timeout": "2.5",
        "max.retries": "0",
        "cache.capacity": "7",
        "cache.latest.ttl.sec": "60",
    }
    basic = {"basic.auth.user.info": "ann:p:w", "basic.auth.credentials.source": "USER_INFO"}
    bearer = {
        "bearer.auth.token": "tok",
        "bearer.auth.credentials.source": "STATIC_TOKEN",
        "bearer.auth.logical.cluster": "lsrc-1",
        "bearer.auth.identity.pool.id": "pool-1",
    }
    settings = from_config({**common, **basic}, cache_dir=tmp_path, identity="cluster")
    assert settings.urls == ("https://one:8081", "https://two:8081/path")
    assert (settings.user, settings.password) == ("ann", "p:w")
    assert (settings.ca_location, settings.certificate_location) == ("ca.pem", "me.pem")
    assert (settings.key_location, settings.key_password, settings.proxy) == ("me.key", "open", "http://proxy:3128")
    assert (settings.timeout_s, settings.max_retries, settings.cache_capacity) == (2.5, 0, 7)
    assert (settings.latest_ttl_s, settings.cache_dir, settings.identity) == (60.0, tmp_path, "cluster")
    other = from_config({**common, **bearer})
    assert (other.token, other.logical_cluster, other.identity_pool) == ("tok", "lsrc-1", "pool-1")


def test_settings_do_not_change() -> None:
    settings = from_config({"url": "http://h"})
    with pytest.raises(FrozenInstanceError):
        settings.user = "x"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("config", "path", "words"),
    [
        ({}, "url", "expected the registry's address, found none"),
        ({"url": " , "}, "url", "found none"),
        ({"url": "localhost:8081"}, "url", "expected http://host:port"),
        ({"url": "ftp://h"}, "url", "expected http://host:port"),
        ({"url": "http://"}, "url", "expected http://host:port"),
        ({"url": "http://h:port"}, "url", "found not an address"),
        ({"url": "http://[::1"}, "url", "found not an address"),
        ({"url": "http://h:99999"}, "url", "found not an address"),
        ({"url": "http://h?x=1"}, "url", "a query, fragment or blank"),
        ({"url": "http://h/a b"}, "url", "a query, fragment or blank"),
        ({"url": "http://h,http://h/"}, "url", "one address twice"),
        ({"url": "http://h", "proxy": "socks5://p"}, "proxy", "expected http://host:port"),
        ({"url": "http://h", "timeout": "soon"}, "timeout", 'expected a number of seconds, found "soon"'),
        ({"url": "http://h", "timeout": "0"}, "timeout", "more than 0"),
        ({"url": "http://h", "timeout": "nan"}, "timeout", "more than 0"),
        ({"url": "http://h", "timeout": "1e9"}, "timeout", "at most 300 s"),
        ({"url": "http://h", "max.retries": "-1"}, "max.retries", "0 or more"),
        ({"url": "http://h", "max.retries": "2.5"}, "max.retries", "a whole number"),
        ({"url": "http://h", "cache.capacity": "0"}, "cache.capacity", "1 or more"),
        ({"url": "http://h", "cache.latest.ttl.sec": "-1"}, "cache.latest.ttl.sec", "0 or more"),
        ({"url": "http://h", "cache.latest.ttl.sec": "inf"}, "cache.latest.ttl.sec", "0 or more"),
        ({"url": "http://h", "basic.auth.user.info": SECRET}, "basic.auth.user.info", "no colon"),
        ({"url": "http://h", "basic.auth.user.info": f":{SECRET}"}, "basic.auth.user.info", "no user"),
        ({"url": "http://h", "basic.auth.credentials.source": "URL"}, "basic.auth.credentials.source", "USER_INFO"),
        (
            {"url": "http://h", "bearer.auth.credentials.source": "OAUTHBEARER"},
            "bearer.auth.credentials.source",
            "STATIC",
        ),
        (
            {"url": "http://h", "basic.auth.user.info": f"a:{SECRET}", "bearer.auth.token": SECRET},
            "bearer.auth.token",
            "one kind of authentication, found basic and bearer",
        ),
        ({"url": "http://h", "bearer.auth.token": f"{SECRET}\n"}, "credentials", "a control character"),
        ({"url": "http://h", "bearer.auth.logical.cluster": "lsrc"}, "bearer.auth.token", "only its cluster or pool"),
        ({"url": "https://h", "ssl.key.location": "k"}, "ssl.certificate.location", "the key's certificate"),
        ({"url": "https://h", "ssl.key.password": SECRET}, "ssl.key.location", "the key the password opens"),
        ({"url": "http://h", "ssl.ca.location": "ca.pem"}, "url", "https beside ssl.* settings"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(config: dict[str, str], path: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        from_config(config)
    assert path in [problem.path for problem in caught.value.problems]
    assert words in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    "url",
    [f"http://ann:{SECRET}@h:1", f"https://{SECRET}@h", f"http://ann:{SECRET}@h:port", f"ann:{SECRET}@h",
     f"http:/ann:{SECRET}@h"],
)  # fmt: skip
@pytest.mark.parametrize("key", ["url", "proxy"])
def test_credentials_in_an_address_are_refused_and_not_repeated(url: str, key: str) -> None:
    with pytest.raises(ConfigError, match="user or password inside the address") as caught:
        from_config({"url": "http://h", key: url})
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value.problems)


def test_an_unknown_key_comes_with_the_known_one_it_resembles() -> None:
    with pytest.raises(ConfigError) as caught:
        from_config({"url": "http://h", "basic.auth.userinfo": "a:b", "zzz": "1"})
    text = str(caught.value)
    assert 'did you mean "basic.auth.user.info"?' in text
    assert "zzz: expected a registry setting, found an unknown key: known are" in text


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        RegistrySettings(urls=("ftp://h",), timeout_s=-1, max_retries=-1, key_location="k")
    assert len(caught.value.problems) == 4


def test_a_repr_shows_what_is_set_and_masks_secrets() -> None:
    settings = RegistrySettings(
        urls=("https://h",), user="ann", password=SECRET, key_password=SECRET, certificate_location="c"
    )
    assert repr(settings) == (
        "RegistrySettings(urls=('https://h',), user='ann', password='***', certificate_location='c', "
        "key_password='***')"
    )
    assert SECRET not in repr(RegistrySettings(urls=("http://h",), token=SECRET))
