"""One request per id at a time, and what happens to those who wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from avroad.errors import RegistryError, RegistryUnavailable, SchemaNotFound
from avroad.model import SchemaText
from avroad.registry.cache import MemoryCache
from avroad.registry.ids import SchemaIds

TEXT = SchemaText(text='"int"')


def ids(fetch: Callable[[int], SchemaText], *, wait_s: float = 10.0) -> SchemaIds:
    return SchemaIds(
        lambda schema_id, _: fetch(schema_id),
        MemoryCache(10, unknown_ttl_s=60),
        None,
        vet=lambda *_: True,
        name="http://r",
        wait_s=wait_s,
    )


class Slow:
    """A fetch that waits until it is released, then returns or raises."""

    def __init__(self, outcome: SchemaText | BaseException) -> None:
        self.outcome = outcome
        self.asked = 0
        self.entered, self.release = threading.Event(), threading.Event()

    def __call__(self, _: int) -> SchemaText:
        self.asked += 1
        self.entered.set()
        assert self.release.wait(10)
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome


def started(run: Callable[[], object], into: list[object]) -> threading.Thread:
    def work() -> None:
        try:
            into.append(run())
        except BaseException as error:  # noqa: BLE001 - also what only the first thread may see
            into.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def both(fetch: Slow) -> tuple[object, object]:
    """Return what the thread that asks and the thread that waits for it get."""
    known = ids(fetch)
    first: list[object] = []
    second: list[object] = []
    asking = started(lambda: known.get(1), first)
    assert fetch.entered.wait(10)
    flight = known._flights[1]
    waiting = started(lambda: known.get(1), second)
    for _ in range(500):
        if flight._condition._waiters:  # type: ignore[attr-defined]  # the second thread waits now
            break
        threading.Event().wait(0.01)
    fetch.release.set()
    asking.join(10)
    waiting.join(10)
    assert fetch.asked == 1
    return first[0], second[0]


def test_both_get_the_schema() -> None:
    assert both(Slow(TEXT)) == (TEXT, TEXT)


def test_both_get_the_error_as_objects_of_their_own() -> None:
    first, second = both(Slow(SchemaNotFound("gone", status=404)))
    assert isinstance(first, SchemaNotFound)
    assert isinstance(second, SchemaNotFound)
    assert first is not second
    assert (second.message, second.status) == ("gone", 404)


def test_an_interrupt_stays_in_its_thread() -> None:
    first, second = both(Slow(KeyboardInterrupt()))
    assert isinstance(first, KeyboardInterrupt)
    assert isinstance(second, RegistryUnavailable)


def test_waiting_is_bounded() -> None:
    fetch = Slow(TEXT)
    known = ids(fetch, wait_s=0.05)
    got: list[object] = []
    asking = started(lambda: known.get(1), got)
    assert fetch.entered.wait(10)
    with pytest.raises(RegistryUnavailable, match="did not answer for schema id 1 in time"):
        known.get(1)
    fetch.release.set()
    asking.join(10)
    assert got == [TEXT]
    assert known.get(1) == TEXT
    assert fetch.asked == 1


def test_an_outage_is_asked_again_and_an_unknown_id_is_not() -> None:
    outcomes: list[Exception] = [RegistryUnavailable("down"), SchemaNotFound("gone")]

    def fetch(_: int) -> SchemaText:
        raise outcomes.pop(0)

    known = ids(fetch)
    for kind in (RegistryUnavailable, SchemaNotFound, SchemaNotFound):
        with pytest.raises(kind):
            known.get(1)
    assert outcomes == []


def test_a_contradiction_is_an_error_and_the_first_meaning_stays() -> None:
    known = ids(lambda _: TEXT)
    assert known.get(1) == TEXT
    known.remember(1, SchemaText(text='{"type": "int"}'))
    with pytest.raises(RegistryError, match="schema id 1 of the registry at http://r changed its meaning"):
        known.remember(1, SchemaText(text='"long"'))
    assert known.get(1) == TEXT
