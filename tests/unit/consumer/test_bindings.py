"""What a schema id comes to: waited for once, refused from memory, asked about again after a while."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import pytest

from avroad.codec.dead_letter import Poison
from avroad.consumer import RunnerSettings, StartupReport, VersionPolicy
from avroad.consumer.backoff import Backoff
from avroad.consumer.bindings import Binding, Bindings
from avroad.consumer.judgement import Judge
from avroad.consumer.signals import PoisonRecord, SchemaPending
from avroad.consumer.startup import check_versions
from avroad.contracts import SchemaLock
from avroad.contracts.compat import PairReport, compare
from avroad.errors import IncompatibleSchema, RegistryError, RegistryUnavailable, SchemaNotFound
from avroad.model import Level, SchemaText
from avroad.registry import MemoryRegistry
from avroad.schema import Schema
from tests.behaviour.runtime.registries import Flaky
from tests.behaviour.runtime.world import ORDER, event_type, make_catalog, register
from tests.unit.consumer.fakes import FakeClock

GRACE_S, AGAIN_S = 300.0, 60.0
NEWER = json.dumps({**ORDER, "fields": [*ORDER["fields"], {"name": "note", "type": "string", "default": ""}]})
LACKING = {**ORDER, "fields": ORDER["fields"][:3]}
UNION = {**ORDER, "fields": [*ORDER["fields"][:3], {"name": "pieces", "type": ["int", "string"]}]}
NEXT = 4
"""The id that the registry gives out after those of the catalog's three subjects."""


class World:
    """Bindings over a registry that fails on command and a clock that stands still."""

    def __init__(self, *, locked: bool = False, **policies: VersionPolicy) -> None:
        self.catalog = make_catalog()
        self.policies = policies
        inner = MemoryRegistry()
        self.lock = register(self.catalog, inner)
        self.registry: Any = Flaky(inner)
        self.clock = FakeClock()
        self.bindings = self._bindings(self.lock if locked else None)

    def _bindings(self, lock: SchemaLock | None) -> Bindings:
        return Bindings(
            catalog=self.catalog,
            registry=self.registry,
            judge=self.judge(),
            clock=self.clock,
            backoff=Backoff(1, 30, uniform=lambda _, high: high),
            grace_s=GRACE_S,
            lock=lock,
        )

    def judge(self) -> Judge:
        return Judge(RunnerSettings(topics=("orders",), **self.policies))  # type: ignore[arg-type]

    def read_as(self, document: Mapping[str, Any]) -> None:
        """Let our schema of orders be another one."""
        types = {**self.catalog.types, "demo.Order": event_type(document)}
        self.catalog = dataclasses.replace(self.catalog, types=types)
        self.bindings = self._bindings(None)

    def bind(self, schema_id: int = NEXT, topic: str = "orders") -> Binding | Poison | str:
        """Return the binding, the class of poison, or "wait"."""
        try:
            return self.bindings.bind(topic, schema_id)
        except PoisonRecord as refused:
            return refused.poison
        except SchemaPending as pending:
            return "wait" if pending.retry_at > self.clock.seconds else "at once"

    def appears(self, document: Mapping[str, Any], subject: str = "orders-demo.Order") -> int:
        """Force a version into the registry, whatever the level says, and return its id."""
        self.registry.inner.set_level(subject, Level.NONE)
        return int(self.registry.inner.register(subject, json.dumps(document)).id)

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


def test_any_number_of_unknown_ids_shares_one_grace() -> None:
    world = World()
    begun = world.clock.seconds
    for schema_id in range(NEXT + 1, NEXT + 101):
        while world.bind(schema_id) == "wait":
            world.clock.seconds += 1
    assert world.clock.seconds - begun == GRACE_S
    world.clock.seconds += 40
    assert world.bind() == "wait", "a tenth of the time since is left for a replica that lags"
    world.clock.seconds += 3
    world.add()
    assert isinstance(world.bind(), Binding)
    waited = 0
    while world.bind(NEXT + 1000) == "wait":
        world.clock.seconds += 1
        waited += 1
    assert waited == GRACE_S, "the registry lags: there is a whole grace again"


def test_garbage_without_end_takes_a_tenth_of_the_time() -> None:
    world = World()
    waited = 0
    for schema_id in range(1000, 4000):
        world.clock.seconds += 1
        while world.bind(schema_id) == "wait":
            world.clock.seconds += 1
            waited += 1
    assert waited <= GRACE_S + 3000 / 10


def test_what_is_remembered_of_ids_without_a_decoder_is_bounded() -> None:
    world = World()
    world.refuse()
    for schema_id in range(1000, 4000):
        assert world.bind(schema_id) is Poison.SCHEMA_UNKNOWN
        assert world.bind() is Poison.SCHEMA_UNKNOWN
    assert world.registry.asked["by_id"] == 3000, "the one that is met again and again is not forgotten"
    assert (len(world.bindings._refused), len(world.bindings._troubles)) == (1000, 1000)
    world.registry.failure = RegistryUnavailable("refused")
    for schema_id in range(5000, 7000):
        assert world.bind(schema_id) == "wait"
    assert len(world.bindings._troubles) == 1000


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


def test_an_answer_that_is_no_schema_is_asked_again_a_minute_later(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.add()
    with monkeypatch.context() as bad:
        bad.setattr(world.registry.inner, "by_id", lambda _: SchemaText(text='{"foo": 1}'))
        world.policies = {"unreadable": VersionPolicy.PARK}
        world.bindings = world._bindings(None)
        assert world.bind() is Poison.SCHEMA_REJECTED
    assert {world.bind() for _ in range(100)} == {Poison.SCHEMA_REJECTED}
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


def test_a_version_that_appears_is_judged_as_one_that_was_there_at_the_start() -> None:
    world = World()
    schema_id = world.appears(LACKING)
    with pytest.raises(IncompatibleSchema) as caught:
        world.bind(schema_id)
    start = check_versions(world.catalog, world.registry, ("orders",), world.judge())
    with pytest.raises(IncompatibleSchema) as at_start:
        world.judge().meet(start.doubts)
    assert caught.value.problems == at_start.value.problems
    assert caught.value.hint == at_start.value.hint
    [problem] = caught.value.problems
    assert problem.file == f"orders-demo.Order version 2 (id {schema_id})"
    assert (problem.path, problem.found[:34]) == ("$.pieces", "READER_FIELD_MISSING_DEFAULT_VALUE")
    assert problem.fix


def test_a_refused_version_stays_refused_and_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[Schema] = []

    def counted(reader: Schema, writer: Schema) -> PairReport:
        compared.append(writer)
        return compare(reader, writer)

    monkeypatch.setattr("avroad.consumer.judgement.compare", counted)
    world = World()
    schema_id = world.appears(LACKING)
    for _ in range(3):
        with pytest.raises(IncompatibleSchema):
            world.bind(schema_id)
    assert len(compared) == 1


@pytest.mark.parametrize("document", [LACKING, UNION], ids=["nothing of it fits", "some of it fits"])
def test_a_parked_version_is_parked_whole_and_says_why(document: Mapping[str, Any]) -> None:
    world = World(unreadable=VersionPolicy.PARK)
    schema_id = world.appears(document)
    with pytest.raises(PoisonRecord) as caught:
        world.bindings.bind("orders", schema_id)
    assert caught.value.poison is Poison.CONTRACT
    text = str(caught.value)
    assert f"orders-demo.Order version 2 (id {schema_id}) is not readable in full, and the policy is to park it" in text
    assert "$.pieces" in text


def test_a_warned_of_version_is_read_where_it_can_be_and_named_once(caplog: pytest.LogCaptureFixture) -> None:
    world = World(unreadable=VersionPolicy.WARN)
    schema_id = world.appears(UNION)
    bound = world.bind(schema_id)
    assert isinstance(bound, Binding)
    assert world.bind(schema_id) is bound
    assert len(caplog.messages) == 1
    assert f"version 2 (id {schema_id}) is not readable in full" in caplog.text


SPEED = {"name": "speed_kmh", "type": "int", "default": 0}
CODE = {"name": "code", "type": "string", "default": ""}


@pytest.mark.parametrize("policy", list(VersionPolicy))
@pytest.mark.parametrize(
    ("question", "ours", "theirs", "rule"),
    [
        ("changed_meaning", SPEED, {**SPEED, "name": "speed_kph"}, "RENAME_WITHOUT_ALIAS"),
        ("unsafe", CODE, {**CODE, "type": "bytes"}, "BYTES_TO_STRING"),
    ],
)
def test_each_question_has_its_own_policy(
    question: str, ours: Mapping[str, Any], theirs: Mapping[str, Any], rule: str, policy: VersionPolicy
) -> None:
    policies: dict[str, Any] = {question: policy}
    world = World(**policies)
    world.read_as({**ORDER, "fields": [*ORDER["fields"], ours]})
    schema_id = world.appears({**ORDER, "fields": [*ORDER["fields"], theirs]})
    if policy is VersionPolicy.REFUSE:
        with pytest.raises(IncompatibleSchema, match=rule) as caught:
            world.bind(schema_id)
        assert f"another policy for {question}: warn" in caught.value.hint
    elif policy is VersionPolicy.PARK:
        assert world.bind(schema_id) is Poison.CONTRACT
    else:
        assert isinstance(world.bind(schema_id), Binding)


def test_a_type_the_topic_does_not_carry_is_the_records_fault_unless_it_is_a_version_of_the_topic() -> None:
    world = World()
    foreign = {**ORDER, "name": "Foreign"}
    assert world.bind(world.appears(foreign, "somewhere-else")) is Poison.CONTRACT
    ours = world.appears({**foreign, "doc": "ours"})
    with pytest.raises(IncompatibleSchema, match=r"is not declared to carry type demo.Foreign"):
        world.bind(ours)
    world = World(unreadable=VersionPolicy.PARK)
    assert world.bind(world.appears(foreign)) is Poison.CONTRACT


def test_a_version_that_was_deleted_still_reads_its_records() -> None:
    world = World()
    world.add()
    world.registry.inner.delete("orders-demo.Order")
    found = world.bind()
    assert isinstance(found, Binding)
    assert (found.subject, found.version) == ("orders-demo.Order", 2)
    world = World()
    lacking = world.appears(LACKING)
    world.registry.inner.delete("orders-demo.Order")
    with pytest.raises(IncompatibleSchema):  # no start sees it, its first record does
        world.bind(lacking)


def test_a_lock_newer_than_the_registry_is_told_and_one_of_another_registry_stops() -> None:
    world = World(locked=True)
    subject = "orders-demo.Order"
    known = world.lock.subjects[subject]

    def check(schema_id: int) -> StartupReport:
        moved = {**world.lock.subjects, subject: dataclasses.replace(known, id=schema_id, version=7)}
        lock = dataclasses.replace(world.lock, subjects=moved)
        return check_versions(world.catalog, world.registry, ("orders",), world.judge(), lock)

    assert check(known.id).lost == ()
    assert check(77).lost == (f"{subject} version 7 (id 77)",)
    foreign = world.appears({**ORDER, "name": "Foreign"}, "somewhere-else")
    with pytest.raises(RegistryError, match=r"means something else .* than in the schema lock"):
        check(foreign)
