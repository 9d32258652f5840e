"""What is repeated and what is not, several addresses, and the circuit breaker."""

from __future__ import annotations

import threading
import time
from email.utils import formatdate
from typing import Any

import pytest

from avroad.errors import RegistryError, RegistryUnavailable
from avroad.model import Level
from avroad.registry.endpoints import FAILURES_TO_OPEN, Endpoint
from avroad.testing.registry_double import FaultKind, RegistryDouble
from tests.behaviour.registry.conftest import Connect
from tests.behaviour.registry.suite import number, record

JAM = record("t.Jam", number("cars"))


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_failure_is_repeated(double: RegistryDouble, connect: Connect, status: int) -> None:
    double.fail(FaultKind.STATUS, status=status, times=2)
    assert connect(max_retries=3).subjects() == ()
    assert double.count() == 3


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.TRUNCATE, FaultKind.GARBAGE])
def test_a_lost_connection_is_not_repeated_but_another_address_is_asked(
    double: RegistryDouble, connect: Connect, kind: FaultKind
) -> None:
    double.fail(kind, times=1)
    with pytest.raises(RegistryUnavailable):
        connect(max_retries=3).subjects()
    assert double.count() == 1
    double.fail(kind, times=1)
    with RegistryDouble() as other:
        assert connect(urls=(double.url, other.url), max_retries=0).subjects() == ()
    assert double.count() == 2


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://registry.invalid:8081"], ids=["refused", "unknown host"])
def test_an_address_without_an_answer_is_asked_once(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    client = connect(urls=(url,), max_retries=3, timeout_s=2.0)
    attempts: list[str] = []
    attempt = client._transport._attempt

    def counted(endpoint: Endpoint, *request: Any) -> Any:
        attempts.append(endpoint.url)
        return attempt(endpoint, *request)

    monkeypatch.setattr(client._transport, "_attempt", counted)
    with pytest.raises(RegistryUnavailable):
        client.subjects()
    assert attempts == [url]


def test_only_the_address_that_said_to_come_back_is_asked_again(double: RegistryDouble, connect: Connect) -> None:
    double.registry.register("a", JAM)
    with RegistryDouble() as cut:
        double.fail(FaultKind.STATUS, status=503, times=1)
        cut.fail(FaultKind.RESET)
        assert connect(urls=(double.url, cut.url), max_retries=3).subjects() == ("a",)
        assert (double.count(), cut.count()) == (2, 1)


def test_a_registration_is_repeated_and_happens_once(double: RegistryDouble, connect: Connect) -> None:
    double.fail(FaultKind.STATUS, status=503, times=1)
    double.fail(FaultKind.TRUNCATE, times=1)
    client = connect(max_retries=2)
    with pytest.raises(RegistryUnavailable):
        client.register("a", JAM)  # happened, but its answer was lost
    assert client.register("a", JAM).version == 1
    assert double.registry.versions("a") == (1,)
    client.set_level("a", Level.FULL)
    assert double.registry.own_level("a") is Level.FULL


def test_repetitions_are_counted(double: RegistryDouble, connect: Connect) -> None:
    double.fail(FaultKind.STATUS, status=503, body=b'{"error_code": 50002, "message": "store timed out"}')
    with pytest.raises(RegistryUnavailable, match="HTTP 503 Service Unavailable: store timed out") as caught:
        connect(max_retries=2).subjects()
    assert caught.value.status == 503
    assert double.count() == 3


@pytest.mark.parametrize(
    "answer",
    [{"kind": FaultKind.BODY, "body": b"<html>"}, {"kind": FaultKind.STATUS, "status": 400},
     {"kind": FaultKind.STATUS, "status": 409}, {"kind": FaultKind.STATUS, "status": 422},
     {"kind": FaultKind.STATUS, "status": 404}, {"kind": FaultKind.REDIRECT}, {"kind": FaultKind.GZIP}],
    ids=str,
)  # fmt: skip
def test_what_asking_again_cannot_change_is_asked_once(
    double: RegistryDouble, connect: Connect, answer: dict[str, object]
) -> None:
    kind = FaultKind(str(answer.pop("kind")))
    double.fail(kind, **answer)
    with pytest.raises(RegistryError):
        connect(max_retries=3).subjects()
    assert double.count() == 1


def test_retry_after_is_waited_for(double: RegistryDouble, connect: Connect) -> None:
    double.fail(FaultKind.STATUS, status=429, times=1, headers=(("Retry-After", "1"),))
    begun = time.monotonic()
    assert connect(max_retries=3).subjects() == ()
    assert time.monotonic() - begun >= 1.0


@pytest.mark.parametrize("value", ["3600", "99999999999999", "Tue, 01 Jan 2999 00:00:00 GMT"])
def test_a_retry_after_beyond_the_deadline_ends_the_call_at_once(
    double: RegistryDouble, connect: Connect, value: str
) -> None:
    double.fail(FaultKind.STATUS, status=503, headers=(("Retry-After", value),))
    begun = time.monotonic()
    with pytest.raises(RegistryUnavailable):
        connect(max_retries=3, timeout_s=5).subjects()
    assert time.monotonic() - begun < 3.0
    assert double.count() == 1


@pytest.mark.parametrize("value", ["", "soon", "-1", formatdate(0, usegmt=True)])
def test_a_retry_after_of_no_use_is_ignored(double: RegistryDouble, connect: Connect, value: str) -> None:
    double.fail(FaultKind.STATUS, status=503, times=1, headers=(("Retry-After", value),))
    assert connect(max_retries=1).subjects() == ()


def test_another_address_answers_when_the_first_does_not(double: RegistryDouble, connect: Connect) -> None:
    double.registry.register("a", JAM)
    client = connect(urls=("http://127.0.0.1:1", double.url), max_retries=0)
    assert client.subjects() == ("a",)
    assert client.name == f"http://127.0.0.1:1,{double.url}"


def test_a_silent_address_leaves_time_for_the_next(double: RegistryDouble, connect: Connect) -> None:
    double.registry.register("a", JAM)
    with RegistryDouble() as silent:
        silent.fail(FaultKind.HANG)
        client = connect(urls=(silent.url, double.url), timeout_s=2.0)
        assert client.subjects() == ("a",)
        asked = silent.count()
        assert client.subjects() == ("a",)
        assert silent.count() == asked, "the healthy address must be asked first now"


def test_an_address_that_is_well_again_is_preferred_again(double: RegistryDouble, connect: Connect) -> None:
    with RegistryDouble() as first:
        client = connect(urls=(first.url, double.url))
        first.fail(FaultKind.STATUS, times=1)
        client.subjects()
        assert (first.count(), double.count()) == (1, 1)
        double.fail(FaultKind.STATUS, times=2)
        client.subjects()
        assert (first.count(), double.count()) == (2, 2)
        client.subjects()
        assert (first.count(), double.count()) == (3, 2)


def test_the_circuit_opens_and_one_probe_closes_it(
    double: RegistryDouble, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect()
    double.fail(FaultKind.STATUS, status=503)
    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises(RegistryUnavailable, match="HTTP 503"):
            client.subjects()
    with pytest.raises(RegistryUnavailable, match="failed several times in a row; next try in"):
        client.subjects()
    assert double.count() == FAILURES_TO_OPEN
    endpoints = client._transport._endpoints
    ahead = time.monotonic() + 2.0
    monkeypatch.setattr(endpoints, "_clock", lambda: ahead)
    with pytest.raises(RegistryUnavailable, match="HTTP 503"):
        client.subjects()
    with pytest.raises(RegistryUnavailable, match="next try in 2"):
        client.subjects()
    assert double.count() == FAILURES_TO_OPEN + 1
    double.heal()
    monkeypatch.setattr(endpoints, "_clock", lambda: ahead + 10)
    assert client.subjects() == ()
    assert client.subjects() == ()


def test_a_refusal_is_a_sign_of_health(double: RegistryDouble, connect: Connect) -> None:
    client = connect()
    double.fail(FaultKind.STATUS, status=401)
    for _ in range(FAILURES_TO_OPEN + 2):
        with pytest.raises(RegistryError, match="did not let us"):
            client.subjects()
    assert double.count() == FAILURES_TO_OPEN + 2


def test_closing_ends_a_call_that_waits_to_repeat(double: RegistryDouble, connect: Connect) -> None:
    double.fail(FaultKind.STATUS, status=503, headers=(("Retry-After", "20"),))
    client = connect(timeout_s=30, max_retries=5)
    ended: list[Exception] = []

    def ask() -> None:
        try:
            client.subjects()
        except RegistryUnavailable as error:
            ended.append(error)

    waiting = threading.Thread(target=ask)
    waiting.start()
    limit = time.monotonic() + 10
    while double.count() == 0 and time.monotonic() < limit:
        threading.Event().wait(0.02)
    client.close()
    waiting.join(10)
    assert not waiting.is_alive()
    assert len(ended) == 1
