"""What a schema id comes to: waited for once, refused from memory, asked about again after a while."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any

import pytest

from avroad.codec.dead_letter import Poison
from avroad.consumer.backoff import Backoff
from avroad.consumer.bindings import Binding, Bindings
from avroad.consumer.signals import PoisonRecord, SchemaPending
from avroad.errors import RegistryUnavailable, SchemaNotFound
from avroad.model import Level
from avroad.registry import MemoryRegistry
from tests.behaviour.runtime.registries import Flaky
from tests.behaviour.runtime.world import ORDER, make_catalog, register
from tests.unit.consumer.fakes import FakeClock

GRACE_S, AGAIN_S = 300.0, 60.0
NEWER = json.dumps({**ORDER, "fields": [*ORDER["fields"], {"name": "note", "type": "string", "default": ""}]})
NEXT = 4
"""The id that the registry gives out after those of the catalog's three subjects."""


class World:
    """Bindings over a registry that fails on command and a clock that stands still."""

    def __init__(self, *, locked: bool = False) -> None:
        catalog = make_catalog()
        inner = MemoryRegistry()
        lock = register(catalog, inner)
        self.registry: Any = Flaky(inner)
        self.clock = FakeClock()
        self.bindings = Bindings(
            catalog=catalog,
            registry=self.registry,
            clock=self.clock,
            backoff=Backoff(1, 30, uniform=lambda _, high: high),
            grace_s=GRACE_S,
            lock=lock if locked else None,
        )

    def bind(self, schema_id: int = NEXT, topic: str = "orders") -> Binding | Poison | str:
        """Return the binding, the class of poison, or "wait"."""
        try:
            return self.bindings.bind(topic, schema_id)
        except PoisonRecord as refused:
            return refused.poison
        except SchemaPending as pending:
            return "wait" if pending.retry_at > self.clock.seconds else "at once"

    def asked(self) -> int:
        return int(self.registry.asked["by_id"])

    def refuse(self) -> None:
        """Let the id's grace pass."""
        assert self.bind() == "wait"
        self.clock.seconds += GRACE_S
        assert self.bind() is Poison.SCHEMA_UNKNOWN
        self.registry.asked.clear()

    def add(self) -> None:
        assert self.registry.inner.register("orders-demo.Order", NEWER).id == NEXT


def test_the_grace_of_an_unknown_id_is_paid_by_its_first_record_only() -> None:
    world = World()
    waited = 0.0
    while world.bind() == "wait":
        world.clock.seconds += 1
        waited += 1
    assert waited == pytest.approx(GRACE_S, abs=31)
    world.registry.asked.clear()
    assert {world.bind() for _ in range(100)} == {Poison.SCHEMA_UNKNOWN}
    assert world.asked() == 0


def test_a_refused_id_costs_one_request_a_minute_whatever_the_number_of_records() -> None:
    world = World()
    world.refuse()
    for minute in range(1, 6):
        world.clock.seconds += AGAIN_S
        assert {world.bind() for _ in range(100)} == {Poison.SCHEMA_UNKNOWN}
        assert world.asked() == minute


def test_a_refused_id_that_appears_is_read_from_then_on() -> None:
    world = World()
    world.refuse()
    world.add()
    assert world.bind() is Poison.SCHEMA_UNKNOWN
    world.clock.seconds += AGAIN_S
    found = world.bind()
    assert isinstance(found, Binding)
    assert (found.subject, found.version) == ("orders-demo.Order", 2)


def test_an_outage_while_asking_again_pauses_nothing() -> None:
    world = World()
    world.refuse()
    world.registry.failure = RegistryUnavailable("refused")
    world.clock.seconds += AGAIN_S
    assert [world.bind() for _ in range(10)] == [Poison.SCHEMA_UNKNOWN] * 10
    assert world.asked() == 1
    world.registry.failure = None
    world.add()
    world.clock.seconds += AGAIN_S
    assert isinstance(world.bind(), Binding)


def test_another_topic_does_not_pay_the_grace_of_the_same_id_again() -> None:
    world = World()
    world.refuse()
    assert world.bind(topic="stock") is Poison.SCHEMA_UNKNOWN


def test_the_grace_begins_with_the_first_answer_not_with_an_outage() -> None:
    world = World()
    world.registry.failure = RegistryUnavailable("refused")
    assert world.bind() == "wait"
    world.clock.seconds += 10 * GRACE_S
    world.registry.failure = SchemaNotFound("still being restored")
    assert world.bind() == "wait"
    world.clock.seconds += 31
    world.registry.failure = None
    world.add()
    assert isinstance(world.bind(), Binding)


def test_an_id_registered_under_another_subject_is_asked_about_again_too() -> None:
    world = World()
    world.registry.inner.set_level("stock-value", Level.NONE)
    assert world.registry.inner.register("stock-value", NEWER).id == NEXT
    assert world.bind() is Poison.CONTRACT
    world.registry.inner.register("orders-demo.Order", NEWER)
    assert world.bind() is Poison.CONTRACT
    world.clock.seconds += AGAIN_S
    assert isinstance(world.bind(), Binding)


def test_a_verdict_that_cannot_change_is_final() -> None:
    world = World()
    stock = world.registry.inner.version("stock-value").id
    assert world.bind(stock) is Poison.CONTRACT
    asked = world.registry.asked.total()
    world.clock.seconds += 100 * AGAIN_S
    assert world.bind(stock) is Poison.CONTRACT
    assert world.registry.asked.total() == asked


def test_a_locked_id_is_bound_while_another_topic_waits_for_it() -> None:
    world = World(locked=True)
    order_id = world.registry.inner.version("orders-demo.Order").id
    world.registry.failure = RegistryUnavailable("refused")
    assert world.bind(order_id, "stock") == "wait"
    assert isinstance(world.bind(order_id, "orders"), Binding)


def test_refusing_many_records_keeps_none_of_them() -> None:
    def length(trace: TracebackType | None) -> int:
        return 0 if trace is None else 1 + length(trace.tb_next)

    world = World()
    world.refuse()
    lengths = set()
    for _ in range(20):
        with pytest.raises(PoisonRecord) as caught:
            world.bindings.bind("orders", NEXT)
        lengths.add(length(caught.value.__traceback__))
        assert caught.value.__context__ is None
    assert len(lengths) == 1
