"""Schema versions that appear while producers and consumers run: one suite for the mock cluster and for real Kafka.

A subclass says on which platform by the fixture `world`, whose registry is the platform's.
"""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import pytest

from avroad.codec import encoder_for, frame
from avroad.codec.dead_letter import parse_dead_letter
from avroad.consumer import Event, VersionPolicy
from avroad.contracts import LockedSubject, SchemaLock
from avroad.errors import IncompatibleSchema, LockError, RegistryError
from avroad.model import Level, OutgoingRecord, Record
from avroad.producer import Publisher
from avroad.schema import parse
from tests.behaviour.runtime.world import ORDER, Running, World, event_type, order, until

__all__ = ["Handler", "Traffic", "VersionsInTheField", "evolved", "plus", "publishing"]

PACE_S = 0.004
KEY = "o-1"
"""Events with this order id share a partition, in the order they were sent."""


def plus(*fields: Mapping[str, Any]) -> dict[str, Any]:
    return {**ORDER, "fields": [*ORDER["fields"], *fields]}


def with_at(logical: str) -> dict[str, Any]:
    """Return orders whose time has another unit: bytes of the same form, other values."""
    at = {"name": "at", "type": {"type": "long", "logicalType": logical}}
    return {**ORDER, "fields": [at if known["name"] == "at" else known for known in ORDER["fields"]]}


LACKING = {**ORDER, "fields": ORDER["fields"][:3]}
KG, LB = ({"name": f"weight_{unit}", "type": "int", "default": 0} for unit in ("kg", "lb"))


def evolved(world: World, document: Mapping[str, Any], *, forced: bool = False) -> World:
    """Register a version of the orders, past its level if forced, and return the world of those who write with it."""
    kind = event_type(document)
    subject = f"{world.prefix}orders-demo.Order"
    if forced:
        world.registry.set_level(subject, Level.NONE)
    made = world.registry.register(subject, kind.text)
    other = reading(world, document)
    locked = LockedSubject(version=made.version, id=made.id, fingerprint=kind.fingerprint)
    other.lock = dataclasses.replace(world.lock, subjects={**world.lock.subjects, subject: locked})
    return other


def reading(world: World, document: Mapping[str, Any]) -> World:
    """Return the same world with another schema of orders in the repository; the lock stays as it is."""
    types = {**world.catalog.types, "demo.Order": event_type(document)}
    other = World.__new__(World)
    other.kafka, other.registry, other.prefix, other.registry_url = (
        world.kafka, world.registry, world.prefix, world.registry_url
    )  # fmt: skip
    other.catalog, other.lock = dataclasses.replace(world.catalog, types=types), world.lock
    return other


@contextmanager
def publishing(world: World) -> Iterator[Publisher]:
    with world.publisher() as publisher:
        yield publisher
        assert publisher.flush(20) == 0


def send(world: World, *values: Mapping[str, Any]) -> list[int]:
    """Send orders one after the other and return their offsets."""
    with publishing(world) as publisher:
        futures = [publisher.send(value, type_name="demo.Order") for value in values]
    deliveries = [future.result(20) for future in futures]
    assert {delivery.outcome for delivery in deliveries} == {"acked"}
    return [delivery.offset if delivery.offset is not None else -1 for delivery in deliveries]


def keyed(number: int, **more: object) -> dict[str, Any]:
    return {**order(number, order_id=KEY), **more}


def lacking(number: int) -> dict[str, Any]:
    return {key: value for key, value in keyed(number).items() if key != "pieces"}


class Handler:
    """Keeps what it is handed, with the moment."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.moments: list[float] = []

    def __call__(self, event: Event) -> None:
        self.moments.append(time.monotonic())
        self.events.append(event)

    def numbers(self, version: int | None = None) -> list[int]:
        """Return the numbers of the orders, by their event ids, of one version or of all."""
        return [
            event.value["event_id"].int - 1
            for event in list(self.events)
            if isinstance(event.value, dict) and version in {None, event.schema_version}
        ]

    def longest_pause_s(self) -> float:
        return max(b - a for a, b in zip(self.moments, self.moments[1:], strict=False))


class Traffic:
    """Sends orders at a steady pace until the block ends, from one publisher or from several in turn."""

    def __init__(self, publisher: Publisher) -> None:
        self.publishers = [publisher]
        self.sent = 0
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            while not self._stop.wait(PACE_S):
                number = self.sent
                self.publishers[number % len(self.publishers)].send(order(number), type_name="demo.Order")
                self.sent += 1
        except BaseException as error:  # noqa: BLE001  # raised where the test looks
            self._failure = error

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(20)
        if self._failure is not None:
            raise self._failure


def letters(world: World) -> list[tuple[Record, Any]]:
    return [(record, parse_dead_letter(record.headers)) for record in world.read("orders.dlq")]


class VersionsInTheField:
    """What consumers and producers do about versions that appear, change, vanish or are not theirs."""

    def test_a_compatible_version_under_steady_traffic_costs_no_pause_and_no_event(self, world: World) -> None:
        handler = Handler()
        note = {"name": f"note_{world.prefix.rstrip('.')}", "type": "string", "default": ""}
        with Running(world.runner(handler, lock=world.lock)) as running:
            with publishing(world) as old, Traffic(old) as traffic:
                until(lambda: len(handler.events) > 100, 60)
                newer = evolved(world, plus(note))
                with publishing(newer) as new:
                    traffic.publishers = [old, _Noted(new, note["name"])]  # type: ignore[list-item]
                    until(lambda: len(handler.numbers(2)) > 100, 60)
                    traffic.publishers = [old]
                    until(lambda: traffic.sent > 400, 60)
            until(lambda: len(handler.events) >= traffic.sent, 60)
            assert not running.stop.is_set()
        report = running.end()
        assert (report.clean, report.poisoned, report.retried) == (True, 0, 0)
        assert sorted(handler.numbers()) == list(range(traffic.sent))
        assert {event.schema_version for event in handler.events} == {1, 2}
        assert handler.longest_pause_s() < 1
        assert sum(world.committed().values()) == traffic.sent

    def test_a_refused_version_stops_the_run_before_its_first_record_and_nothing_is_lost(self, world: World) -> None:
        handler = Handler()
        send(world, *map(keyed, range(10)))
        with Running(world.runner(handler, lock=world.lock)) as running:
            until(lambda: len(handler.events) == 10, 60)
            bad = evolved(world, LACKING, forced=True)
            first = send(bad, lacking(10), lacking(11))[0]
            send(world, *map(keyed, range(12, 15)))
            error = running.wait_error(60)
        subject = f"{world.prefix}orders-demo.Order"
        locked = bad.lock.subjects[subject]
        assert isinstance(error, IncompatibleSchema)
        [problem] = error.problems
        assert problem.file == f"{subject} version {locked.version} (id {locked.id})"
        assert problem.path == "$.pieces"
        assert problem.found.startswith("READER_FIELD_MISSING_DEFAULT_VALUE: ")
        assert problem.fix
        assert "choose another policy for unreadable: warn" in error.hint
        assert f"offset {first}, nothing from there on is committed" in error.message
        assert sorted(handler.numbers()) == list(range(10))
        assert max(world.committed().values()) == first
        assert letters(world) == []
        again = Handler()
        with Running(world.runner(again, lock=world.lock)) as running:
            assert isinstance(running.wait_error(60), IncompatibleSchema)
        assert again.events == []
        with Running(world.runner(again, lock=world.lock, unreadable=VersionPolicy.PARK)):
            until(lambda: sum(world.committed().values()) == first + 5, 60)
        assert sorted(again.numbers()) == [12, 13, 14]
        assert [letter.source_offset for _, letter in letters(world)] == [first, first + 1]

    def test_parked_records_go_to_the_dead_letters_and_the_others_flow(self, world: World) -> None:
        handler = Handler()
        with Running(world.runner(handler, lock=world.lock, unreadable=VersionPolicy.PARK)) as running:
            with publishing(world) as old, Traffic(old) as traffic:
                until(lambda: len(handler.events) > 50, 60)
                bad = evolved(world, LACKING, forced=True)
                for number in range(5):
                    seen = len(handler.events)
                    send(bad, lacking(1_000_000 + number))
                    until(lambda seen=seen: len(handler.events) > seen, 60)  # type: ignore[misc]
            until(lambda: sum(world.committed().values()) == traffic.sent + 5, 60)
        assert running.end().poisoned == 5
        assert sorted(handler.numbers()) == list(range(traffic.sent))
        subject = f"{world.prefix}orders-demo.Order"
        locked = bad.lock.subjects[subject]
        parked = letters(world)
        assert [letter.poison for _, letter in parked] == ["contract"] * 5
        assert {letter.error_class for _, letter in parked} == {"avroad.errors.IncompatibleSchema"}
        for _, letter in parked:
            for part in (f"{subject} version {locked.version} (id {locked.id})", "READER_FIELD_MISSING", "$.pieces"):
                assert part in letter.error
        assert {record.value[:5] for record, _ in parked if record.value} == {frame(locked.id, b"")}

    def test_a_unit_that_the_registry_lets_pass_stops_the_run(self, world: World) -> None:
        handler = Handler()
        send(world, keyed(0))
        with Running(world.runner(handler, lock=world.lock)) as running:
            until(lambda: len(handler.events) == 1, 60)
            # Java finds millis and micros compatible; read as the other, 2026 would be 1970. The in-process registry
            # refuses it itself, so there the level has to be lowered.
            micros = evolved(world, with_at("timestamp-micros"), forced=not world.registry_url)
            [offset] = send(micros, keyed(1))
            error = running.wait_error(60)
        assert isinstance(error, IncompatibleSchema)
        assert [(problem.path, problem.found.split(":")[0]) for problem in error.problems] == [
            ("$.at", "LOGICAL_UNIT_CHANGED")
        ]
        assert handler.numbers() == [0]
        assert max(world.committed().values()) == offset

    @pytest.mark.parametrize("policy", list(VersionPolicy))
    def test_a_value_that_means_something_else_follows_its_policy(self, world: World, policy: VersionPolicy) -> None:
        world = evolved(world, plus(KG))
        handler = Handler()
        send(world, keyed(0, weight_kg=20))
        with Running(world.runner(handler, lock=world.lock, changed_meaning=policy)) as running:
            until(lambda: len(handler.events) == 1, 60)
            pounds = evolved(world, plus(LB))
            [offset] = send(pounds, keyed(1, weight_lb=44))
            if policy is VersionPolicy.REFUSE:
                error = running.wait_error(60)
                assert isinstance(error, IncompatibleSchema)
                assert "RENAME_WITHOUT_ALIAS" in str(error)
                assert "$.weight_kg" in str(error)
            else:
                until(lambda: max(world.committed().values()) == offset + 1, 60)
        assert handler.numbers() == ([0, 1] if policy is VersionPolicy.WARN else [0])
        assert max(world.committed().values()) == (offset if policy is VersionPolicy.REFUSE else offset + 1)
        parked = [letter.error for _, letter in letters(world)]
        assert len(parked) == (policy is VersionPolicy.PARK)
        assert all("means something else" in text and "RENAME_WITHOUT_ALIAS" in text for text in parked)

    def test_ids_of_another_subject_and_of_another_registry_are_parked_and_the_rest_flows(self, world: World) -> None:
        foreign = world.registry.register(f"{world.prefix}elsewhere-value", json.dumps(plus(KG, LB))).id
        stock = world.lock.subjects[f"{world.prefix}stock-value"].id
        body = encoder_for(parse(json.dumps(ORDER))).encode(order(0))
        topic = f"{world.prefix}orders"
        send(world, *map(keyed, range(3)))
        world.send_raw(*[
            OutgoingRecord(topic=topic, key=KEY.encode(), value=frame(schema_id, body))
            for schema_id in (foreign, stock, 1_999_999_999)
        ])  # fmt: skip
        send(world, *map(keyed, range(3, 6)))
        handler = Handler()
        with Running(world.runner(handler, lock=world.lock, unknown_id_grace_s=0.2)) as running:
            until(lambda: sum(world.committed().values()) == 9, 60)
        assert running.end().poisoned == 3
        assert handler.numbers() == list(range(6))
        found = [(letter.poison, letter.error) for _, letter in letters(world)]
        assert [poison for poison, _ in found] == ["contract", "contract", "schema_unknown"]
        assert f"id {foreign} is not registered under {topic}-demo.Order" in found[0][1]
        assert f"topic {topic} is not declared to carry type demo.Stock" in found[1][1]
        assert "id 1999999999 is not known to the registry" in found[2][1]

    def test_a_registry_that_gives_a_locked_id_to_another_schema_stops_both_sides(self, world: World) -> None:
        send(world, keyed(0))
        subject = f"{world.prefix}orders-demo.Order"
        stock = world.lock.subjects[f"{world.prefix}stock-value"].id
        other = dataclasses.replace(world.lock.subjects[subject], id=stock)
        lock = SchemaLock(environment="test", registry="other", cluster_id="", subjects={subject: other})
        handler = Handler()
        with Running(world.runner(handler, lock=lock)) as running:
            error = running.wait_error(60)
        assert isinstance(error, RegistryError)
        assert f"schema id {stock} means something else" in str(error)
        assert f"({subject} version 1)" in str(error)
        assert handler.events == []
        world.lock = dataclasses.replace(world.lock, subjects={**world.lock.subjects, subject: other})
        with pytest.raises(LockError, match=r"does not hold what the schema lock says.*avroad apply") as caught:
            send(world, keyed(1))
        [problem] = caught.value.problems
        assert (problem.path, problem.found) == (subject, "another schema under that id")

    def test_a_lock_that_is_older_or_newer_than_the_registry(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        subject = f"{world.prefix}orders-demo.Order"
        newer = evolved(world, plus(KG))
        send(newer, keyed(0, weight_kg=1))
        send(world, keyed(1))  # somebody else registered a version: the older lock and contract go on as they are
        handler = Handler()
        with Running(world.runner(handler, lock=world.lock)):
            until(lambda: len(handler.events) == 2, 60)
        assert [event.schema_version for event in handler.events] == [2, 1]
        ahead = reading(world, plus(KG))  # the contract moved on, the lock did not
        with pytest.raises(
            LockError, match=r"does not match the contracts.*avroad schema check.*avroad plan.*avroad apply"
        ) as caught:
            send(ahead, keyed(2, weight_kg=2))
        assert [problem.path for problem in caught.value.problems] == [subject]
        with Running(ahead.runner(handler, lock=world.lock, group=f"{world.prefix}ahead")):
            until(lambda: len(handler.events) == 4, 60)
        # The registry was restored from before: it knows nothing of what the lock names.
        lost = dataclasses.replace(world.lock.subjects[subject], version=9, id=1_999_999_998)
        world.lock = dataclasses.replace(world.lock, subjects={**world.lock.subjects, subject: lost})
        with pytest.raises(LockError, match=r"does not hold what the schema lock says.*avroad apply") as caught:
            send(world, keyed(3))
        assert [problem.found for problem in caught.value.problems] == ["no such id"]
        with Running(world.runner(handler, lock=world.lock, group=f"{world.prefix}lost")):
            until(lambda: len(handler.events) == 6, 60)
        assert f"has lost what the schema lock names: {subject} version 9 (id 1999999998)" in caplog.text


class _Noted:
    """A publisher of the version with a note."""

    def __init__(self, publisher: Publisher, name: str) -> None:
        self._publisher, self._name = publisher, name

    def send(self, event: Mapping[str, Any], *, type_name: str) -> object:
        return self._publisher.send({**event, self._name: "new"}, type_name=type_name)
