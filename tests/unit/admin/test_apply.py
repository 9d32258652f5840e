"""Apply does exactly the plan, refuses what moved, loses nothing when it stops, and then writes the lock."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from avroad.admin import Desired, Plan, apply, diff, observe, verify
from avroad.admin.plan import Change
from avroad.admin.subject_changes import RegisterSchema
from avroad.admin.topic_changes import CreateTopic
from avroad.contracts.lock import SchemaLock, read_lock
from avroad.errors import (
    BrokerError,
    ClusterMismatch,
    DestructiveRefused,
    IncompatibleSchema,
    LockError,
    PlanError,
    RegistryError,
    StalePlan,
)
from avroad.model import Level, Reference
from tests.unit.admin.fakes import (
    ACCIDENT_SUBJECT,
    OPTIONAL,
    PLACE,
    PLACE_SUBJECT,
    FakeCluster,
    FakeRegistry,
    accident,
    desired,
    place,
    subjects,
    topic,
)

WANTED = desired((topic(retention_ms="604800000"), topic("road.state", 3, cleanup_policy="compact")), subjects())


class World:
    """A cluster and a registry, and the two steps every test makes with them."""

    def __init__(self, path: Path) -> None:
        self.cluster, self.registry, self.lock_path = FakeCluster(), FakeRegistry(), path / "schemas.lock.json"
        self.lines: list[Change] = []

    def plan(self, wanted: Desired = WANTED, **allow: str) -> Plan:
        lock = read_lock(self.lock_path) if self.lock_path.exists() else None
        return diff(wanted, observe(self.cluster, self.registry, wanted, lock), allow_partitions=allow)

    def verify(self, plan: Plan, cluster_id: str = "") -> None:
        verify(plan, self.cluster, self.registry, environment="local", cluster_id=cluster_id)

    def apply(self, wanted: Desired = WANTED) -> Plan:
        plan = self.plan(wanted)
        report = apply(plan, self.cluster, self.registry, lock_path=self.lock_path, progress=self.lines.append)
        assert report.error is None
        return plan


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_the_plan_after_an_apply_is_empty_and_the_lock_says_what_is_there(world: World) -> None:
    plan = world.apply()
    assert world.plan().empty
    assert world.lines == list(plan.changes)
    lock = read_lock(world.lock_path)
    assert {name: entry.version for name, entry in lock.subjects.items()} == {PLACE_SUBJECT: 1, ACCIDENT_SUBJECT: 1}
    assert lock.subjects[PLACE_SUBJECT].fingerprint == subjects()[0].fingerprint
    assert (lock.environment, lock.registry, lock.cluster_id) == ("local", "http://registry", "cluster-1")


def test_an_empty_plan_writes_nothing_anywhere(world: World) -> None:
    world.apply()
    before = world.lock_path.stat().st_mtime_ns
    world.cluster.calls.clear()
    world.registry.calls.clear()
    plan = world.plan()
    report = apply(plan, world.cluster, world.registry, lock_path=world.lock_path)
    assert (report.done, report.lock) == ((), None)
    assert set(world.cluster.calls) == {"observe"}
    assert set(world.registry.calls) == {"latest", "own_level"}
    assert world.lock_path.stat().st_mtime_ns == before


def test_a_lost_lock_is_written_again_without_touching_the_registry(world: World) -> None:
    world.apply()
    old = read_lock(world.lock_path)
    world.lock_path.unlink()
    plan = world.plan()
    assert plan.lock_differs
    assert not plan.changes
    assert not plan.empty
    apply(plan, world.cluster, world.registry, lock_path=world.lock_path)
    assert read_lock(world.lock_path) == old
    assert world.plan().empty


def test_topics_are_validated_before_the_first_is_created(world: World) -> None:
    world.apply()
    assert world.cluster.calls["validate"] == world.cluster.calls["create"] == 1


Move = Callable[[World], object]


@pytest.mark.parametrize(
    ("move", "named"),
    [
        (lambda w: w.cluster.set_config("road.events", {"retention.ms": "5"}), "topic road.events"),
        (lambda w: w.cluster.add_partitions({"road.events": 9}), "topic road.events"),
        (lambda w: w.cluster.put("road.state", 3, cleanup_policy="compact"), "topic road.state"),
        (lambda w: w.cluster.topics.pop("road.state"), "topic road.state"),
        (lambda w: w.registry.set_level(PLACE_SUBJECT, Level.NONE), "subject road.Place"),
        (lambda w: w.registry.register(PLACE_SUBJECT, '"string"'), "subject road.Place"),
        (lambda w: w.registry.held.pop(ACCIDENT_SUBJECT), f"subject {ACCIDENT_SUBJECT}"),
    ],
)
def test_a_plan_is_stale_when_what_it_rests_on_moved(world: World, move: Move, named: str) -> None:
    world.apply()
    plan = world.plan(desired(WANTED.topics, subjects(accident_json=accident(OPTIONAL))))
    world.verify(plan)
    move(world)
    with pytest.raises(StalePlan, match=named) as caught:
        world.verify(plan)
    assert plan.observed_at in str(caught.value)
    assert "avroad plan -e local" in str(caught.value)


def test_a_plan_is_not_stale_when_others_change_their_own_topics(world: World) -> None:
    world.apply()
    plan = world.plan()
    world.cluster.put("foreign", 3)
    world.registry.register("foreign-value", '"string"')
    world.verify(plan)
    assert "foreign" not in plan.marks


def test_a_plan_for_another_target_is_refused(world: World) -> None:
    plan = world.plan()
    with pytest.raises(ClusterMismatch, match="another environment"):
        verify(plan, world.cluster, world.registry, environment="prod")
    with pytest.raises(ClusterMismatch, match="bound to"):
        world.verify(plan, cluster_id="cluster-9")
    world.registry.address = "http://other"
    with pytest.raises(ClusterMismatch, match="another registry"):
        world.verify(plan)
    world.registry.address = "http://registry"
    world.cluster.cluster_id = "cluster-2"
    with pytest.raises(ClusterMismatch, match="expected cluster cluster-1, found cluster-2"):
        world.verify(plan)


def test_a_destructive_plan_needs_the_topics_name(world: World) -> None:
    world.apply()
    plan = world.plan(desired((topic(retention_ms="1"), WANTED.topics[1]), subjects()))
    with pytest.raises(DestructiveRefused, match=r"--allow-destructive road\.events"):
        world.verify(plan)
    with pytest.raises(DestructiveRefused):
        verify(plan, world.cluster, world.registry, environment="local", allow_destructive=["road.state"])
    verify(plan, world.cluster, world.registry, environment="local", allow_destructive=["road.events"])


def test_a_plan_with_refusals_is_not_carried_out(world: World) -> None:
    world.apply()
    plan = world.plan(desired((topic(partitions=1), topic("road.state", 1)), subjects()))
    with pytest.raises(PlanError, match=r"and 1 more.*road\.events"):
        world.verify(plan)


def test_verify_observes_once_and_writes_nothing(world: World) -> None:
    plan = world.plan()
    world.cluster.calls.clear()
    world.registry.calls.clear()
    world.verify(plan)
    assert world.cluster.calls == {"observe": 1}
    assert world.registry.calls == {"latest": 1, "own_level": 2}


def test_a_failed_creation_reports_what_was_created_all_the_same(world: World) -> None:
    world.cluster.fail_on = "road.state"
    plan = world.plan()
    report = apply(plan, world.cluster, world.registry, lock_path=world.lock_path)
    assert isinstance(report.error, BrokerError)
    assert [change.topic for change in report.done if isinstance(change, CreateTopic)] == ["road.events"]
    assert len(report.done) + len(report.remaining) == len(plan.changes)
    assert not world.lock_path.exists()
    world.cluster.fail_on = ""
    assert len(world.plan().changes) == len(report.remaining)
    world.apply()
    assert world.plan().empty


def test_a_failed_setting_stops_and_the_next_plan_holds_the_rest(world: World) -> None:
    world.apply()
    wanted = desired(
        (topic(retention_ms="704800000"), topic("road.state", 3)), subjects(accident_json=accident(OPTIONAL))
    )
    world.cluster.fail_on = "road.state"
    report = apply(world.plan(wanted), world.cluster, world.registry)
    assert isinstance(report.error, BrokerError)
    assert len(report.done) == 1
    world.cluster.fail_on = ""
    assert world.plan(wanted).changes == report.remaining


def test_failed_partitions_report_those_that_grew(world: World) -> None:
    world.apply()
    wanted = desired((topic(partitions=8, retention_ms="604800000"), WANTED.topics[1]), subjects())
    plan = world.plan(wanted, **{"road.events": "load"})
    world.cluster.fail_on = "road.events"
    report = apply(plan, world.cluster, world.registry)
    assert report.done == ()
    assert report.remaining == plan.changes


def test_a_conflict_is_told_with_the_registrys_reason_and_the_fix(world: World) -> None:
    world.apply()
    plan = world.plan(desired(WANTED.topics, subjects(accident_json=accident(OPTIONAL))))
    world.registry.conflicts[ACCIDENT_SUBJECT] = "diff types: [lanes at /fields/2]"
    report = apply(plan, world.cluster, world.registry, lock_path=world.lock_path)
    assert isinstance(report.error, IncompatibleSchema)
    assert "lanes at /fields/2" in str(report.error)
    assert "a default, an alias" in str(report.error)
    assert ACCIDENT_SUBJECT in str(report.error)


def test_another_registry_error_is_passed_on_as_it_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RegistryError("the store is full", status=500)

    monkeypatch.setattr(world.registry, "register", fail)
    report = apply(world.plan(), world.cluster, world.registry)
    assert isinstance(report.error, RegistryError)
    assert report.error.status == 500


def test_a_registry_that_answers_with_another_schema_is_caught(world: World) -> None:
    world.apply()
    world.registry.answers_old = True
    report = apply(
        world.plan(desired(WANTED.topics, subjects(accident_json=accident(OPTIONAL)))), world.cluster, world.registry
    )
    assert isinstance(report.error, RegistryError)
    assert "version 1, which means something else" in str(report.error)


def test_a_lock_that_cannot_be_written_is_said_after_everything_else_is_done(world: World, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    plan = world.plan()
    report = apply(plan, world.cluster, world.registry, lock_path=tmp_path / "file" / "schemas.lock.json")
    assert isinstance(report.error, LockError)
    assert len(report.done) == len(plan.changes)
    assert report.remaining == ()


def test_a_plan_that_refers_to_what_it_does_not_know_is_refused(world: World) -> None:
    plan = world.plan()
    broken = dataclasses.replace(
        plan, changes=tuple(c for c in plan.changes if isinstance(c, RegisterSchema) and c.subject == ACCIDENT_SUBJECT)
    )
    report = apply(broken, world.cluster, world.registry)
    assert isinstance(report.error, PlanError)
    assert PLACE_SUBJECT in str(report.error)


def test_references_are_bound_to_the_versions_this_apply_registered(world: World) -> None:
    world.registry.register(PLACE_SUBJECT, json.dumps(place(OPTIONAL)))
    world.apply()
    bound = world.registry.held[ACCIDENT_SUBJECT][-1].references
    assert bound == (Reference(name=PLACE, subject=PLACE_SUBJECT, version=2),)


def test_without_a_path_no_lock_is_written(world: World) -> None:
    report = apply(world.plan(), world.cluster, world.registry)
    assert report.lock is None
    assert not world.lock_path.exists()


def test_a_lock_of_another_cluster_or_registry_is_replaced(world: World) -> None:
    world.apply()
    lock = read_lock(world.lock_path)
    other = SchemaLock(environment="local", registry="http://old", cluster_id="old", subjects=lock.subjects)
    plan = diff(WANTED, observe(world.cluster, world.registry, WANTED, other))
    assert plan.lock_differs
    assert not plan.changes
