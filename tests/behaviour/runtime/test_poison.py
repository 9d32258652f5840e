"""Poison goes to the dead-letter topic byte for byte; an outage never does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from avroad.codec import encoder_for, frame
from avroad.codec.dead_letter import Failure, parse_dead_letter
from avroad.consumer import Event, StartupReport, VersionPolicy
from avroad.contracts import LockedSubject, SchemaLock
from avroad.errors import (
    HandlerError,
    IncompatibleSchema,
    RegistryDenied,
    RegistryError,
    RegistryUnavailable,
    SchemaNotFound,
)
from avroad.model import Level, OutgoingRecord, Record
from avroad.schema import parse
from avroad.testing.mock_cluster import Api, MockCluster
from tests.behaviour.runtime.registries import Flaky
from tests.behaviour.runtime.world import ORDER, STOCK, Running, World, event_type, order, until

DENIED = 29
HEADERS = (("a", b"1"), ("empty", b""), ("null", None), ("a", b"2"), ("__value_schema_id", b"\x01x"))


def raw(value: bytes | None, *, key: bytes | None = b"key", partition: int = 1) -> OutgoingRecord:
    return OutgoingRecord(
        topic="orders", key=key, value=value, headers=HEADERS, timestamp_ms=1_700_000_000_123, partition=partition
    )


def framed(schema_id: int, number: int) -> bytes:
    return frame(schema_id, encoder_for(parse(json.dumps(ORDER))).encode(order(number)))


def letters(world: World) -> list[tuple[Record, Any]]:
    return [(record, parse_dead_letter(record.headers)) for record in world.read("orders.dlq")]


def order_id_of(world: World) -> int:
    return world.lock.subjects["orders-demo.Order"].id


def unusual_values(world: World) -> dict[str, tuple[bytes, str]]:
    """Bytes that cannot be decoded here, each with its class."""
    good = framed(order_id_of(world), 1)
    return {
        "empty": (b"", "malformed"),
        "text": (b"not avro at all", "malformed"),
        "cut": (good[:-1], "malformed"),
        "trailing": (good + b"\x00", "malformed"),
        "frame only": (good[:5], "malformed"),
        "of another topic": (frame(world.lock.subjects["stock-value"].id, b"\x02a\x02"), "contract"),
    }


@pytest.mark.parametrize("name", ["empty", "text", "cut", "trailing", "frame only", "of another topic"])
def test_a_dead_letter_is_the_record_verbatim_with_its_position(world: World, name: str) -> None:
    value, poison = unusual_values(world)[name]
    world.send_raw(raw(value))
    events: list[Event] = []
    runner = world.runner(events.append, app_version="1.2")
    with Running(runner) as running:
        until(lambda: world.committed().get(1) == 1)
    ((record, letter),) = letters(world)
    assert (record.key, record.value, record.timestamp_ms) == (b"key", value, 1_700_000_000_123)
    assert record.headers[: len(HEADERS)] == HEADERS
    assert letter.original == HEADERS
    assert record.partition == 1
    assert (letter.poison, letter.group, letter.attempts) == (poison, "g", 1)
    assert (letter.source_topic, letter.source_partition, letter.source_offset) == ("orders", 1, 0)
    connect = {n: v for n, v in record.headers if n.startswith("__connect.errors.")}
    assert connect["__connect.errors.topic"] == b"orders"
    assert connect["__connect.errors.offset"] == b"0"
    assert connect["__connect.errors.stage"] == b"DECODE"
    assert events == []
    assert running.end().poisoned == 1


def test_poison_neither_blocks_nor_reorders_the_events_around_it(world: World) -> None:
    for base in range(0, 60, 10):
        world.send_orders(range(base, base + 10))
        world.send_raw(raw(b"bad %d" % base, partition=base // 10 % 2))
    events: list[Event] = []
    told: list[tuple[int, str]] = []

    class Hook:
        def on_dead_letter(self, record: Record, reason: str) -> None:
            told.append((record.offset, reason))

    with Running(world.runner(events.append, hooks=(Hook(),))) as running:
        until(lambda: sum(world.committed().values()) == 66)
    found = sorted(event.value["pieces"] for event in events if isinstance(event.value, dict))
    assert found == list(range(60))
    assert sorted(r.value for r, _ in letters(world) if r.value) == sorted(b"bad %d" % b for b in range(0, 60, 10))
    assert len(told) == 6
    assert {reason for _, reason in told} == {"malformed"}
    assert running.end().clean


@pytest.mark.parametrize(
    ("error", "poison", "tries"),
    [
        (HandlerError("no such street"), "handler_permanent", 1),
        (KeyError("street"), "handler_permanent", 1),
        (TimeoutError("database"), "handler_exhausted", 3),
    ],
)
def test_what_a_handler_cannot_do_is_dead_lettered(world: World, error: Exception, poison: str, tries: int) -> None:
    world.send_orders(range(1))
    calls: list[Event] = []

    def handle(event: Event) -> None:
        calls.append(event)
        raise error

    with Running(world.runner(handle, handler_attempts=3)):
        until(lambda: sum(world.committed().values()) == 1)
    ((record, letter),) = letters(world)
    assert len(calls) == tries
    assert (letter.poison, letter.attempts) == (poison, tries)
    assert letter.error_class.endswith(type(error).__name__)
    assert record.value == calls[0].record.value
    trace = dict(record.headers)["__connect.errors.exception.stacktrace"]
    assert trace is not None
    assert b"Traceback" in trace
    assert letter.first_failed <= letter.last_failed


def test_nothing_is_released_before_the_dead_letter_is_acknowledged(world: World, cluster: MockCluster) -> None:
    world.send_raw(raw(b"bad"), raw(framed(order_id_of(world), 7)))
    cluster.push_errors(Api.PRODUCE, *[DENIED] * 40)
    events: list[Event] = []
    runner = world.runner(events.append, commit_interval_s=0.02)
    with Running(runner) as running:
        until(lambda: any("not acknowledged" in left.why for left in runner._work.left()))
        assert world.committed().get(1, 0) == 0
        cluster.clear_errors(Api.PRODUCE)
        until(lambda: world.committed().get(1) == 2)
    assert len(events) == 1
    assert [record.value for record, _ in letters(world)] == [b"bad"]
    assert running.end().clean


def test_stopping_while_a_dead_letter_cannot_be_sent_leaves_its_source_uncommitted(
    world: World, cluster: MockCluster
) -> None:
    world.send_raw(raw(b"bad"))
    cluster.push_errors(Api.PRODUCE, *[DENIED] * 10_000)
    runner = world.runner(lambda _: None, shutdown_s=2)
    with Running(runner) as running:
        until(lambda: any("TOPIC_AUTHORIZATION_FAILED" in left.why for left in runner._work.left()))
        report = running.end()
    assert report.closed, "the group is left in time, whatever is still on its way"
    ((left),) = report.left
    assert (left.topic, left.partition, left.offset) == ("orders", 1, 0)
    assert "TOPIC_AUTHORIZATION_FAILED" in left.why
    assert world.committed().get(1, 0) == 0
    cluster.clear_errors(Api.PRODUCE)
    with Running(world.runner(lambda _: None)):
        until(lambda: world.committed().get(1) == 1)
    assert [record.value for record, _ in letters(world)] == [b"bad"]


def test_a_registry_outage_pauses_and_resumes_without_a_dead_letter(world: World) -> None:
    newer = {**ORDER, "fields": [*ORDER["fields"], {"name": "note", "type": "string", "default": ""}]}
    body = encoder_for(parse(json.dumps(newer))).encode({**order(100), "note": "n"})
    flaky = Flaky(world.registry)
    events: list[Event] = []
    runner = world.runner(events.append, registry=flaky, retry_base_s=0.02, retry_cap_s=0.05)
    world.send_raw(raw(framed(order_id_of(world), 1), partition=0))
    with Running(runner) as running:
        until(lambda: len(events) == 1)
        unknown = world.registry.register("orders-demo.Order", json.dumps(newer)).id
        flaky.failure = RegistryUnavailable("connection refused")
        flaky.asked.clear()
        world.send_raw(raw(frame(unknown, body), partition=1), raw(framed(order_id_of(world), 2), partition=1))
        until(lambda: flaky.asked["by_id"] >= 3)
        world.send_raw(raw(framed(order_id_of(world), 3), partition=0))
        until(lambda: len(events) == 2)  # known ids of the other partition flow
        assert [left.offset for left in runner._work.left() if left.partition == 1] == [0]
        asked = flaky.asked["by_id"]
        flaky.failure = None
        until(lambda: len(events) == 4)
        assert flaky.asked["by_id"] == asked + 1  # fetched once, then kept
    values = [event.value for event in events if isinstance(event.value, dict)]
    assert [value["pieces"] for value in values] == [1, 3, 100, 2]
    assert "note" not in values[2]
    assert events[2].schema_version == 2
    assert letters(world) == []
    assert running.end().poisoned == 0


def test_a_registry_that_is_down_from_the_start_is_no_obstacle_for_locked_ids(world: World) -> None:
    world.send_orders(range(5))
    flaky = Flaky(world.registry, RegistryUnavailable("refused"))
    events: list[Event] = []
    runner = world.runner(events.append, registry=flaky, lock=world.lock)
    assert runner.check() == StartupReport(
        checked=0, unchecked=("orders-demo.Order", "orders-demo.Refund"), reason="refused"
    )
    with Running(runner):
        until(lambda: len(events) == 5)
    assert flaky.asked["by_id"] == 0
    assert {event.schema_version for event in events} == {1}


def test_an_id_the_registry_does_not_know_is_poison_after_its_grace(world: World) -> None:
    flaky = Flaky(world.registry)
    world.send_raw(raw(frame(4711, b"\x00")))
    runner = world.runner(lambda _: None, registry=flaky, unknown_id_grace_s=0.3)
    with Running(runner):
        until(lambda: world.committed().get(1) == 1)
    ((_, letter),) = letters(world)
    assert letter.poison == "schema_unknown"
    assert "4711" in letter.error
    assert flaky.asked["by_id"] >= 3


def test_an_unknown_id_that_appears_within_its_grace_is_decoded(world: World) -> None:
    flaky = Flaky(world.registry)
    found = flaky.inner.by_id(order_id_of(world))
    world.send_raw(raw(framed(order_id_of(world), 9)))
    events: list[Event] = []
    runner = world.runner(events.append, registry=flaky)
    runner.check()
    # Our resolver knows the id from the check; another member's replica may not.
    flaky.failure = SchemaNotFound("not replicated yet")
    with Running(runner):
        until(lambda: events or flaky.asked["subjects_of"] >= 2)
        flaky.failure = None
        until(lambda: len(events) == 1)
    assert found.text
    assert letters(world) == []


@pytest.mark.parametrize("error", [RegistryDenied("401"), RegistryError("unusable answer")])
def test_a_registry_that_needs_somebody_stops_the_run(world: World, error: RegistryError) -> None:
    flaky = Flaky(world.registry)
    world.send_orders(range(3))
    runner = world.runner(lambda _: None, registry=flaky)
    runner.check()
    flaky.failure = error
    with Running(runner) as running:
        assert running.wait_error() is error
    assert sum(world.committed().values()) == 0
    assert letters(world) == []


def test_an_id_that_means_something_else_than_in_the_lock_stops_the_run(world: World) -> None:
    # A lock of another registry: its id for refunds is our id for orders.
    locked = LockedSubject(version=1, id=order_id_of(world), fingerprint="f" * 64)
    lock = SchemaLock(environment="test", registry="r", cluster_id="c", subjects={"orders-demo.Refund": locked})
    world.send_orders(range(1))
    with Running(world.runner(lambda _: None, lock=lock)) as running:
        error = running.wait_error()
    assert isinstance(error, RegistryError)
    assert "means something else" in str(error)
    assert letters(world) == []


def older_version(world: World) -> int:
    """Register a version of Order that lacks a field our schema needs."""
    lacking = {**ORDER, "fields": ORDER["fields"][:3]}
    registry = world.registry
    registry.set_level("orders-demo.Order", Level.NONE)
    return int(registry.register("orders-demo.Order", json.dumps(lacking)).id)


def test_an_unreadable_version_is_refused_before_the_first_record(world: World) -> None:
    older_version(world)
    runner = world.runner(lambda _: None)
    (bad,) = runner.check().unreadable
    assert (bad.subject, bad.version, bad.partial) == ("orders-demo.Order", 2, False)
    assert runner.check().checked == 3
    with Running(runner) as running:
        error = running.wait_error()
    assert isinstance(error, IncompatibleSchema)
    assert "$.pieces" in str(error)
    assert "orders-demo.Order version 2" in str(error)


def test_with_the_warn_policy_only_records_of_that_version_are_poison(world: World) -> None:
    schema_id = older_version(world)
    lacking = parse(json.dumps({**ORDER, "fields": ORDER["fields"][:3]}))
    body = encoder_for(lacking).encode({key: value for key, value in order(1).items() if key != "pieces"})
    world.send_raw(raw(frame(schema_id, body)), raw(framed(order_id_of(world), 2)))
    events: list[Event] = []
    with Running(world.runner(events.append, unreadable=VersionPolicy.WARN)):
        until(lambda: world.committed().get(1) == 2)
    assert len(events) == 1
    ((_, letter),) = letters(world)
    assert letter.poison == "contract"
    assert "pieces" in letter.error


def test_data_our_schema_has_no_place_for_is_contract_not_malformed(world: World) -> None:
    wider = {**ORDER, "fields": [*ORDER["fields"][:3], {"name": "pieces", "type": ["int", "string"]}]}
    world.registry.set_level("orders-demo.Order", Level.NONE)
    schema_id = world.registry.register("orders-demo.Order", json.dumps(wider)).id
    encoder = encoder_for(parse(json.dumps(wider)))
    fits, not_ours = encoder.encode(order(3)), encoder.encode({**order(4), "pieces": "many"})
    world.send_raw(raw(frame(schema_id, fits)), raw(frame(schema_id, not_ours)), raw(frame(schema_id, fits[:-1])))
    events: list[Event] = []
    runner = world.runner(events.append, unreadable=VersionPolicy.WARN)
    assert [bad.partial for bad in runner.check().unreadable] == [True]
    with Running(runner):
        until(lambda: world.committed().get(1) == 3)
    assert [event.value["pieces"] for event in events if isinstance(event.value, dict)] == [3]
    assert [letter.poison for _, letter in letters(world)] == ["contract", "malformed"]


def test_a_schema_beyond_our_limits_is_rejected(world: World) -> None:
    class Odd(Flaky):
        """Gives a text that is no schema for one id."""

        def by_id(self, schema_id: int) -> Any:
            found = self.inner.by_id(schema_id)
            return type(found)(text='{"type": "nothing"}', references=())

    world.send_orders(range(1))
    runner = world.runner(lambda _: None, registry=Odd(world.registry), unreadable=VersionPolicy.WARN)
    with Running(runner):
        until(lambda: sum(world.committed().values()) == 1)
    ((_, letter),) = letters(world)
    assert letter.poison == "schema_rejected"


def test_the_run_stops_when_poison_becomes_the_rule(world: World) -> None:
    world.send_raw(*[raw(b"bad %d" % number) for number in range(30)])
    failures: list[Failure] = []
    runner = world.runner(lambda _: None, dead_letter_window=10, on_poison=lambda _, failure: failures.append(failure))
    with Running(runner) as running:
        error = running.wait_error()
    assert isinstance(error, HandlerError)
    assert "10 of the last 10 records were poison" in str(error)
    assert len(failures) == 9
    assert world.committed().get(1) == 9
    assert len(letters(world)) == 9


def test_an_alias_reads_what_was_written_under_the_old_name(world: World) -> None:
    old = {**STOCK, "name": "Shelf"}
    world.registry.set_level("stock-value", Level.NONE)
    schema_id = world.registry.register("stock-value", json.dumps(old)).id
    renamed = event_type({**STOCK, "aliases": ["demo.Shelf"]})
    types = {**world.catalog.types, "demo.Stock": renamed}
    world.catalog = type(world.catalog)(types=types, topics=world.catalog.topics, subjects=world.catalog.subjects)
    body = encoder_for(parse(json.dumps(old))).encode({"shelf": "s", "pieces": 2})
    world.send_raw(OutgoingRecord(topic="stock", key=b"s", value=frame(schema_id, body)))
    events: list[Event] = []
    with Running(world.runner(events.append, topics=("stock",), group="h")):
        until(lambda: len(events) == 1)
    assert (events[0].type_name, events[0].value) == ("demo.Stock", {"shelf": "s", "pieces": 2})
