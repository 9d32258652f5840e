"""A version that breaks is registered only when somebody says why, and the lock keeps who, why and what."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from avroad.admin import ApplyReport, Desired, Plan, apply, diff, observe, read_plan, write_plan
from avroad.admin.plan import RefusalKind
from avroad.admin.subject_changes import Allowance, RegisterSchema, SetLevel
from avroad.contracts.lock import AllowedBreak, read_lock, write_lock
from avroad.errors import IncompatibleSchema, PlanError, RegistryError, RegistryUnavailable
from avroad.model import Level, Reference, RegisteredSchema
from avroad.registry import MemoryRegistry
from tests.unit.admin.fakes import (
    ACCIDENT_SUBJECT,
    OPTIONAL,
    PLACE_SUBJECT,
    REQUIRED,
    FakeCluster,
    accident,
    desired,
    place,
    subjects,
)

FIRST = desired(subjects=subjects())
BROKEN = desired(subjects=subjects(accident_json=accident(REQUIRED)))
SAFE = desired(subjects=subjects(accident_json=accident(OPTIONAL)))
WHY = {ACCIDENT_SUBJECT: "nobody reads it yet"}
SHORT = "the new schema cannot read version 1: READER_FIELD_MISSING_DEFAULT_VALUE at $.lanes"


class Registry(MemoryRegistry):
    """Refuses what a real one refuses, notes levels, and fails where a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: list[Level | None] = []
        self.fail_register: BaseException | None = None
        self.fail_levels_after = 99

    def register(self, subject: str, text: str, references: tuple[Reference, ...] = ()) -> RegisteredSchema:
        if self.fail_register is not None:
            raise self.fail_register
        return super().register(subject, text, references)

    def set_level(self, subject: str | None, level: Level | None) -> None:
        if len(self.levels) >= self.fail_levels_after:
            raise RegistryUnavailable("the registry does not answer")
        self.levels.append(level)
        super().set_level(subject, level)


class World:
    def __init__(self, path: Path) -> None:
        self.registry, self.cluster, self.lock = Registry(), FakeCluster(), path / "lock.json"
        self.apply(self.plan(FIRST))
        self.registry.levels.clear()

    def plan(self, wanted: Desired, allow: dict[str, str] | None = None) -> Plan:
        lock = read_lock(self.lock) if self.lock.exists() else None
        seen = observe(self.cluster, self.registry, wanted, lock)
        return diff(wanted, seen, allow_breaking=allow, allowed_by="ada")

    def apply(self, plan: Plan) -> ApplyReport:
        return apply(plan, self.cluster, self.registry, lock_path=self.lock)

    def record(self, subject: str = ACCIDENT_SUBJECT) -> tuple[AllowedBreak, ...]:
        return read_lock(self.lock).subjects[subject].breaking


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_without_an_allowance_it_is_refused_with_both_verdicts_and_the_flag(world: World) -> None:
    plan = world.plan(BROKEN)
    assert plan.changes == ()
    [refusal] = plan.refusals
    assert refusal.kind is RefusalKind.SCHEMA
    assert f'--allow-breaking {ACCIDENT_SUBJECT}="REASON"' in refusal.hint
    assert refusal.change is not None
    assert (refusal.change.compatible, refusal.change.safe, refusal.change.same_meaning) == (False, False, True)
    assert refusal.change.breaks == (SHORT,)


def test_with_one_it_is_registered_the_level_is_put_back_and_the_lock_remembers(world: World) -> None:
    plan = world.plan(BROKEN, WHY)
    [change] = plan.changes
    assert isinstance(change, RegisterSchema)
    assert change.allowance == Allowance(reason="nobody reads it yet", by="ada", lowers=True)
    report = world.apply(plan)
    assert report.error is None
    assert world.registry.levels == [Level.NONE, Level.BACKWARD_TRANSITIVE]
    assert world.registry.versions(ACCIDENT_SUBJECT) == (1, 2)
    [kept] = world.record()
    assert kept == AllowedBreak(version=2, reason="nobody reads it yet", by="ada", at=plan.observed_at, breaks=(SHORT,))
    assert world.plan(BROKEN).empty


def test_a_saved_plan_keeps_the_allowance_and_the_refusal(world: World, tmp_path: Path) -> None:
    for plan in (world.plan(BROKEN, WHY), world.plan(BROKEN)):
        write_plan(tmp_path / "plan.json", plan)
        assert read_plan(tmp_path / "plan.json") == plan
    write_plan(tmp_path / "plan.json", world.plan(BROKEN, WHY))
    assert world.apply(read_plan(tmp_path / "plan.json")).error is None
    assert world.record()[0].reason == "nobody reads it yet"


def test_later_applies_keep_the_record_and_another_break_adds_to_it(world: World) -> None:
    world.apply(world.plan(BROKEN, WHY))
    first = world.record()
    more = desired(subjects=subjects(accident_json=accident(REQUIRED, OPTIONAL)))
    why = "BACKWARD_TRANSITIVE compares with what is older than it, too"
    assert world.plan(more).refusals[0].hint.endswith(f". Version 2 was allowed to (nobody reads it yet); {why}")
    plan = world.plan(more, {ACCIDENT_SUBJECT: "still nobody"})  # a transitive level looks at version 1, too
    assert world.apply(plan).error is None
    assert [item.version for item in world.record()] == [2, 3]
    assert world.record()[:1] == first
    world.apply(world.plan(FIRST))
    assert len(world.record()) == 2
    assert world.record(PLACE_SUBJECT) == ()


def test_a_record_of_another_cluster_is_not_carried_over(world: World) -> None:
    world.apply(world.plan(BROKEN, WHY))
    world.cluster.cluster_id = "cluster-2"
    more = desired(subjects=subjects(accident_json=accident(REQUIRED, OPTIONAL)))
    assert "was allowed to" not in world.plan(more).refusals[0].hint
    world.apply(world.plan(BROKEN))
    assert world.record() == ()


def test_what_only_changes_its_meaning_needs_an_allowance_but_no_other_level(world: World) -> None:
    def speed(name: str, **more: object) -> Desired:
        field = {"name": name, "type": "int", "default": 0, **more}
        return desired(subjects=subjects(accident_json=accident(field)))  # type: ignore[arg-type]

    world.apply(world.plan(speed("speed_kmh")))
    world.registry.levels.clear()
    renamed = speed("speed_kph")
    [refusal] = world.plan(renamed).refusals
    assert "RENAME_WITHOUT_ALIAS" in refusal.found
    plan = world.plan(renamed, WHY)
    assert world.apply(plan).error is None
    assert world.registry.levels == []
    assert "misreads version 2: RENAME_WITHOUT_ALIAS at $.speed_kph" in world.record()[0].breaks[0]


@pytest.mark.parametrize(
    ("wanted", "allow", "words"),
    [
        (
            BROKEN,
            {"road.events-road.Acident": "why"},
            f'no such subject is declared - did you mean "{ACCIDENT_SUBJECT}"',
        ),
        (BROKEN, {**WHY, PLACE_SUBJECT: "why"}, "road.Place is allowed to break, but its schema is registered already"),
        (SAFE, WHY, f"{ACCIDENT_SUBJECT} is allowed to break, but nothing of it breaks"),
        (BROKEN, {ACCIDENT_SUBJECT: " "}, "without a reason"),
    ],
)
def test_an_allowance_that_fits_nothing_is_an_error(
    world: World, wanted: Desired, allow: dict[str, str], words: str
) -> None:
    with pytest.raises(PlanError) as caught:
        world.plan(wanted, allow)
    assert words in f"{caught.value.message} - {caught.value.hint}"


@pytest.mark.parametrize("error", [RegistryError("no", status=422), RegistryUnavailable("gone"), KeyboardInterrupt()])
def test_the_level_is_put_back_when_registering_fails(world: World, error: BaseException) -> None:
    plan = world.plan(BROKEN, WHY)
    world.registry.fail_register = error
    if isinstance(error, KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            world.apply(plan)
    else:
        assert world.apply(plan).error is error
    assert world.registry.levels == [Level.NONE, Level.BACKWARD_TRANSITIVE]
    assert world.record() == ()


def test_a_level_that_cannot_be_put_back_is_told_and_the_next_plan_sees_it(world: World) -> None:
    plan = world.plan(BROKEN, WHY)
    world.registry.fail_levels_after = 1
    report = world.apply(plan)
    assert isinstance(report.error, RegistryError)
    assert "the level of the subject is still NONE" in report.error.message
    assert world.record()[0].version == 2, "what was done is recorded although the apply failed"
    world.registry.fail_levels_after = 99
    after = world.plan(BROKEN)
    assert after.changes == (
        SetLevel(subject=ACCIDENT_SUBJECT, old=Level.NONE, new=Level.BACKWARD_TRANSITIVE),
    )  # fmt: skip
    assert world.apply(after).error is None
    assert len(world.record()) == 1
    assert world.plan(BROKEN).empty


def test_an_apply_that_was_killed_in_between_leaves_a_drift_of_the_level(world: World) -> None:
    plan = world.plan(BROKEN, WHY)
    world.registry.set_level(ACCIDENT_SUBJECT, Level.NONE)  # and then nothing more
    after = world.plan(BROKEN, WHY)
    assert [type(change) for change in after.changes] == [SetLevel, RegisterSchema]
    assert plan.marks != after.marks, "the saved plan is stale"
    assert world.apply(after).error is None
    assert world.registry.own_level(ACCIDENT_SUBJECT) is Level.BACKWARD_TRANSITIVE


def test_a_failure_after_the_break_does_not_lose_its_record(world: World) -> None:
    both = desired(subjects=subjects(place(REQUIRED)))
    plan = world.plan(both, {PLACE_SUBJECT: "new city model", ACCIDENT_SUBJECT: "the same"})
    first, second = plan.changes
    assert isinstance(second, RegisterSchema)
    changes = (first, dataclasses.replace(second, allowance=None))
    report = world.apply(dataclasses.replace(plan, changes=changes))
    assert isinstance(report.error, IncompatibleSchema)
    assert world.record(PLACE_SUBJECT)[0].reason == "new city model"
    again = world.plan(both, WHY)
    assert world.apply(again).error is None
    assert [item.version for item in world.record(PLACE_SUBJECT)] == [2]
    assert [item.version for item in world.record()] == [2]


def test_the_lock_file_survives_reading_and_writing(world: World) -> None:
    world.apply(world.plan(BROKEN, WHY))
    lock = read_lock(world.lock)
    write_lock(world.lock, lock)
    assert read_lock(world.lock) == lock
