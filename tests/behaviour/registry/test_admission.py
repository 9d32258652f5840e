"""Authentication, TLS, proxies, and the promise that no secret and no setting of the machine leaks in or out."""

from __future__ import annotations

import base64
import logging
import ssl
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from avroad.errors import AvroadError, ConfigError, RegistryDenied, RegistryError, RegistryUnavailable
from avroad.registry import HttpRegistry, RegistrySettings, from_config, open_registry
from avroad.testing.registry_double import FaultKind, RegistryDouble
from tests.behaviour.registry.certificates import PASSWORD, Authority
from tests.behaviour.registry.conftest import Connect, warm
from tests.behaviour.registry.suite import number, record

JAM = record("t.Jam", number("cars"))
CANARY = "canary-4711"


def test_basic_authentication_is_sent(double: RegistryDouble, connect: Connect) -> None:
    connect(user="ann", password="a:b").subjects()
    assert double.requests[0].headers["Authorization"] == "Basic " + base64.b64encode(b"ann:a:b").decode()


def test_bearer_authentication_is_sent_with_its_companions(double: RegistryDouble) -> None:
    config = {
        "url": double.url,
        "bearer.auth.token": "tok",
        "bearer.auth.logical.cluster": "lsrc-1",
        "bearer.auth.identity.pool.id": "pool-1",
    }
    open_registry(from_config(config)).subjects()
    headers = double.requests[0].headers
    assert headers["Authorization"] == "Bearer tok"
    assert headers["target-sr-cluster"] == "lsrc-1"
    assert headers["Confluent-Identity-Pool-Id"] == "pool-1"


def test_without_credentials_none_are_sent(double: RegistryDouble, connect: Connect) -> None:
    connect().subjects()
    assert "Authorization" not in double.requests[0].headers


def test_the_machine_s_netrc_proxies_and_certificates_do_not_count(
    double: RegistryDouble, connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nothing.pem"))
    connect(user="ann", password="mine").subjects()
    assert double.requests[0].headers["Authorization"] == "Basic " + base64.b64encode(b"ann:mine").decode()


def test_a_proxy_is_used_when_one_is_set(double: RegistryDouble, connect: Connect) -> None:
    with RegistryDouble() as proxy:
        with pytest.raises(RegistryUnavailable, match="without this path"):  # the double is no proxy
            connect(urls=("http://registry.invalid:8081",), proxy=proxy.url).versions("a")
        assert double.requests == ()
        assert proxy.requests[0].path == "http://registry.invalid:8081/subjects/a/versions"


def test_a_proxy_that_is_not_there_is_named(connect: Connect) -> None:
    with pytest.raises(RegistryUnavailable, match="proxy"):
        connect(proxy="http://127.0.0.1:1").subjects()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"), "authority")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("other"), "stranger")


@pytest.fixture
def secure(authority: Authority) -> Iterator[RegistryDouble]:
    """A double that wants a client certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pair = authority.pair("server")
    context.load_cert_chain(pair.certificate, pair.key)
    context.load_verify_locations(authority.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    with RegistryDouble(context=context) as running:
        yield running


def client_of(url: str, authority: Authority, signed_by: Authority | None = None, **more: str) -> HttpRegistry:
    config = {"url": url, "ssl.ca.location": str(authority.certificate), "max.retries": "0", **more}
    if signed_by is not None:
        pair = signed_by.pair("client", password=more.get("ssl.key.password", ""))
        config |= {"ssl.certificate.location": str(pair.certificate), "ssl.key.location": str(pair.key)}
    return open_registry(from_config(config))


@pytest.mark.parametrize("password", ["", PASSWORD], ids=["plain key", "locked key"])
def test_mutual_tls_works(secure: RegistryDouble, authority: Authority, password: str) -> None:
    more = {"ssl.key.password": password} if password else {}
    client = client_of(secure.url, authority, authority, **more)
    made = client.register("a", JAM)
    assert client.by_id(made.id).text
    assert secure.count() == 2
    client.close()


def test_the_deadline_holds_over_tls(secure: RegistryDouble, authority: Authority) -> None:
    client = client_of(secure.url, authority, authority, timeout="0.5")
    warm(client)
    for kind in (FaultKind.HANG, FaultKind.DRIP_HEADERS, FaultKind.DRIP_BODY):
        secure.fail(kind, every_s=0.02)
        begun = time.monotonic()
        with pytest.raises(RegistryUnavailable, match="no complete answer within"):
            client.subjects()
        assert time.monotonic() - begun < 5.0
        secure.heal()
    client.close()


def test_the_deadline_holds_during_the_handshake(double: RegistryDouble, authority: Authority) -> None:
    client = client_of(double.url.replace("http:", "https:"), authority, timeout="0.4")
    double.fail(FaultKind.HANG)
    begun = time.monotonic()
    with pytest.raises(RegistryUnavailable):
        client.subjects()
    assert time.monotonic() - begun < 5.0
    client.close()


def test_a_server_signed_by_somebody_else_is_not_trusted(
    secure: RegistryDouble, authority: Authority, stranger: Authority
) -> None:
    with pytest.raises(RegistryUnavailable, match="not trusted"):
        client_of(secure.url, stranger, authority).subjects()
    assert secure.count() == 0
    with pytest.raises(RegistryUnavailable, match="not trusted"):
        open_registry(RegistrySettings(urls=(secure.url,), max_retries=0)).subjects()


def test_a_server_with_another_name_is_not_trusted(authority: Authority) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pair = authority.pair("elsewhere", address="127.0.0.2")
    context.load_cert_chain(pair.certificate, pair.key)
    with RegistryDouble(context=context) as running, pytest.raises(RegistryUnavailable, match="names another host"):
        client_of(running.url, authority).subjects()


def test_a_missing_client_certificate_is_an_error_of_ours(secure: RegistryDouble, authority: Authority) -> None:
    with pytest.raises(RegistryUnavailable):
        client_of(secure.url, authority).subjects()
    assert secure.count() == 0


def test_unusable_certificate_files_are_named_before_any_request(authority: Authority, tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.pem"
    with pytest.raises(ConfigError, match=r"nothing\.pem: no such file"):
        open_registry(from_config({"url": "https://h", "ssl.ca.location": str(nothing)}))
    nothing.write_text(f"not a certificate {CANARY}")
    with pytest.raises(ConfigError, match="not usable as PEM") as caught:
        open_registry(from_config({"url": "https://h", "ssl.ca.location": str(nothing)}))
    assert CANARY not in str(caught.value)
    pair = authority.pair("locked", password=PASSWORD)
    for wrong in ("", "another"):
        config = {"url": "https://h", "ssl.certificate.location": str(pair.certificate)}
        config |= {"ssl.key.location": str(pair.key), "ssl.key.password": wrong}
        with pytest.raises(ConfigError, match=r"ssl\.certificate\.location") as caught:
            open_registry(from_config(config))
        assert PASSWORD not in str(caught.value)


FAULTS = [
    (FaultKind.STATUS, {"status": 401}), (FaultKind.STATUS, {"status": 403}), (FaultKind.STATUS, {"status": 404}),
    (FaultKind.STATUS, {"status": 409}), (FaultKind.STATUS, {"status": 422}), (FaultKind.STATUS, {"status": 429}),
    (FaultKind.STATUS, {"status": 500}), (FaultKind.BODY, {}), (FaultKind.HANG, {}), (FaultKind.RESET, {}),
    (FaultKind.TRUNCATE, {}), (FaultKind.GARBAGE, {}), (FaultKind.REDIRECT, {}), (FaultKind.GZIP, {}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "how"), FAULTS, ids=str)
@pytest.mark.parametrize("scheme", ["basic", "bearer"])
def test_no_secret_reaches_a_message_a_traceback_or_a_log(
    double: RegistryDouble,
    caplog: pytest.LogCaptureFixture,
    kind: FaultKind,
    how: dict[str, object],
    scheme: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    config = {"url": double.url, "timeout": "0.5", "max.retries": "1"}
    config |= {"basic.auth.user.info": f"ann:{CANARY}"} if scheme == "basic" else {"bearer.auth.token": CANARY}
    settings = from_config(config)
    client = open_registry(settings)
    warm(client)
    header = double.requests[0].headers["Authorization"].partition(" ")[2]
    echo = f'{{"error_code": 1, "message": "you sent {header}, that is {CANARY}"}}'.encode()
    double.fail(kind, **{"body": echo, **how})
    shown = [repr(settings), str(settings), repr(client), str(client), client.name]
    for call in (client.subjects, lambda: client.by_id(1), lambda: client.register("a", JAM), client.dialect):
        try:
            shown.append(repr(call()))
        except AvroadError as error:
            shown += [str(error), repr(error), repr(vars(error)), *traceback.format_exception(error)]
            seen: BaseException | None = error
            while seen is not None:
                assert isinstance(seen, RegistryError), "an exception of the HTTP library carries the request"
                seen = seen.__cause__ or seen.__context__
    client.close()
    text = "\n".join(shown) + caplog.text
    assert "registry" in text
    for secret in (CANARY, header):
        assert secret not in text


def test_denied_tells_missing_from_insufficient_credentials(double: RegistryDouble, connect: Connect) -> None:
    double.fail(FaultKind.STATUS, status=401, times=1)
    with pytest.raises(RegistryDenied, match=r"valid credentials.*basic\.auth\.user\.info"):
        connect().subjects()
    double.fail(FaultKind.STATUS, status=403)
    with pytest.raises(RegistryDenied, match="credentials with this right"):
        connect().subjects()


def test_words_of_the_server_are_shortened_and_printable(double: RegistryDouble, connect: Connect) -> None:
    body = b'{"error_code": 42201, "message": "a\\u001b[31m\\n' + b"x" * 10_000 + b'"}'
    double.fail(FaultKind.STATUS, status=422, body=body)
    with pytest.raises(RegistryError) as caught:
        connect().subjects()
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 500
