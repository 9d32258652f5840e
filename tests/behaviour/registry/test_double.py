"""The double itself: faults are bounded, switched live, and end when they are told to."""

from __future__ import annotations

import threading
import time

import pytest

from avroad.errors import RegistryUnavailable, SchemaNotFound
from avroad.model import Dialect
from avroad.testing.registry_double import FaultKind, RegistryDouble
from tests.behaviour.registry.conftest import Connect
from tests.behaviour.registry.suite import number, record


def test_it_listens_on_loopback_and_records_what_it_is_asked(double: RegistryDouble, connect: Connect) -> None:
    assert double.url.startswith("http://127.0.0.1:")
    connect().register("a/b", record("t.Jam", number("cars")))
    first = double.requests[0]
    assert (first.method, first.path, first.query) == ("POST", "/subjects/a%2Fb/versions", {"normalize": "true"})
    assert b"t.Jam" in first.body
    assert double.count("/subjects", "POST") == 2
    assert double.count("/schemas") == 0


def test_faults_hit_paths_and_numbers_of_requests(double: RegistryDouble, connect: Connect) -> None:
    client = connect()
    double.fail(FaultKind.STATUS, status=500, path="/schemas", times=1)
    assert client.subjects() == ()
    with pytest.raises(RegistryUnavailable):
        client.by_id(1)
    with pytest.raises(SchemaNotFound):
        client.by_id(1)


def test_sequences_are_played_in_order(double: RegistryDouble, connect: Connect) -> None:
    for status in (500, 429, 503):
        double.fail(FaultKind.STATUS, status=status, times=1)
    seen = []
    for _ in range(3):
        with pytest.raises(RegistryUnavailable) as caught:
            connect().subjects()
        seen.append(caught.value.status)
    assert seen == [500, 429, 503]
    assert connect().subjects() == ()


@pytest.mark.parametrize("end", ["heal", "close"])
def test_a_hanging_answer_ends_at_once_when_told(connect: Connect, end: str) -> None:
    double = RegistryDouble()
    double.fail(FaultKind.HANG)
    client = connect(urls=(double.url,), timeout_s=20)
    ended: list[float] = []

    def ask() -> None:
        with pytest.raises(RegistryUnavailable):
            client.subjects()
        ended.append(time.monotonic())

    waiting = threading.Thread(target=ask)
    waiting.start()
    limit = time.monotonic() + 10
    while not double.requests and time.monotonic() < limit:
        threading.Event().wait(0.02)
    told = time.monotonic()
    getattr(double, end)()
    waiting.join(10)
    double.close()
    assert ended
    assert ended[0] - told < 5


def test_two_doubles_can_share_one_registry(double: RegistryDouble) -> None:
    assert double.registry.subjects() == ()
    with RegistryDouble(double.registry, dialect=Dialect.APICURIO) as other:
        assert other.url.endswith("/apis/ccompat/v7")
        double.registry.register("a", record("t.Jam", number("cars")))
        assert other.registry.versions("a") == (1,)
