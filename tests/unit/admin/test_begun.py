"""A break that an apply had begun when it was ended: seen by plan, finished by apply, never taken for another one."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from avroad.admin import Actual, ApplyReport, Desired, Plan, apply, diff, observe
from avroad.admin.begun import require_own
from avroad.contracts.lock import AllowedBreak, read_lock
from avroad.contracts.pending import PendingBreak, keep_pending, pending_path, read_pending
from avroad.errors import LockError, PlanError, RegistryError
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
    subjects,
)

FIRST = desired(subjects=subjects())
BROKEN = desired(subjects=subjects(accident_json=accident(REQUIRED)))
AT = "2026-01-01T00:00:00Z"


class Killed(BaseException):
    """Ends the process as nothing that can be handled does."""


class Registry(MemoryRegistry):
    """Dies before or after it registers, when a test says so."""

    dies = ""
    refuses = False

    def register(self, subject: str, text: str, references: tuple[Reference, ...] = ()) -> RegisteredSchema:
        if self.dies == "before":
            raise Killed
        if self.refuses:
            raise RegistryError("no", status=422)
        registered = super().register(subject, text, references)
        if self.dies == "after":
            raise Killed
        return registered


class World:
    def __init__(self, path: Path) -> None:
        self.registry, self.cluster, self.lock = Registry(), FakeCluster(), path / "lock.json"
        assert self.apply(self.plan(FIRST)).error is None

    def seen(self, wanted: Desired) -> Actual:
        lock = read_lock(self.lock) if self.lock.exists() else None
        return observe(self.cluster, self.registry, wanted, lock, pending=read_pending(self.lock))

    def plan(self, wanted: Desired, allow: dict[str, str] | None = None) -> Plan:
        return diff(wanted, self.seen(wanted), allow_breaking=allow, allowed_by="ada")

    def apply(self, plan: Plan) -> ApplyReport:
        return apply(plan, self.cluster, self.registry, lock_path=self.lock)

    def killed(self, when: str) -> None:
        plan = self.plan(BROKEN, {ACCIDENT_SUBJECT: "why"})
        self.registry.dies = when
        with pytest.raises(Killed):
            self.apply(plan)
        self.registry.dies = ""

    def record(self) -> tuple[AllowedBreak, ...]:
        return read_lock(self.lock).subjects[ACCIDENT_SUBJECT].breaking


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_what_was_registered_is_recorded_by_the_next_apply(world: World) -> None:
    world.killed("after")
    plan = world.plan(BROKEN)
    assert not plan.changes
    assert f"{ACCIDENT_SUBJECT} version 2 was allowed to break, and the lock does not say so: why" in plan.lock_reasons
    assert world.apply(plan).lock is not None
    assert [(item.version, item.reason, item.by) for item in world.record()] == [(2, "why", "ada")]
    assert read_pending(world.lock) == ()
    assert world.plan(BROKEN).empty


def test_what_was_not_registered_is_said_until_an_apply_is_done(world: World) -> None:
    world.killed("before")
    [warning] = [text for text in world.plan(BROKEN).warnings if "was ended" in text]
    assert warning.endswith("It is not registered; an apply that gets to its end forgets it")
    assert world.plan(BROKEN).refusals
    assert world.apply(world.plan(FIRST)).error is None
    assert read_pending(world.lock) == ()
    assert world.record() == ()


def test_levels_that_are_set_again_leave_what_was_begun(world: World) -> None:
    world.killed("after")
    world.registry.set_level(ACCIDENT_SUBJECT, Level.NONE)
    kept = read_pending(world.lock)
    assert world.apply(world.plan(BROKEN).restored_levels).error is None
    assert (read_pending(world.lock), world.record()) == (kept, ())


def test_a_refused_break_is_not_kept_and_one_of_unknown_outcome_is(world: World) -> None:
    plan = world.plan(BROKEN, {ACCIDENT_SUBJECT: "why"})
    world.registry.refuses = True
    assert world.apply(plan).error is not None
    assert not pending_path(world.lock).exists()


def test_a_subject_that_nobody_declares_any_more_is_named_and_its_record_kept(world: World) -> None:
    world.killed("before")
    fewer = desired(subjects=subjects()[:1])
    plan = world.plan(fewer)
    assert any("It is not declared, so its level may still be NONE (BACKWARD_TRANSITIVE" in w for w in plan.warnings)
    assert world.apply(plan).error is None
    assert len(read_pending(world.lock)) == 1


def test_another_break_of_the_subject_keeps_both(world: World) -> None:
    world.killed("after")
    more = desired(subjects=subjects(accident_json=accident(REQUIRED, OPTIONAL, {"name": "n", "type": "int"})))
    assert world.apply(world.plan(more, {ACCIDENT_SUBJECT: "more"})).error is None
    assert [(item.version, item.reason) for item in world.record()] == [(2, "why"), (3, "more")]
    assert read_pending(world.lock) == ()


def test_the_same_allowance_again_keeps_the_first_reason_and_one_too_many_says_what_is_locked(world: World) -> None:
    world.killed("after")
    plan = world.plan(BROKEN, {ACCIDENT_SUBJECT: "another"})
    assert any("the lock gets that reason, no other" in text for text in plan.warnings)
    assert world.apply(plan).error is None
    assert [item.reason for item in world.record()] == ["why"]
    with pytest.raises(PlanError, match=r"version 2, which was allowed by ada on 20[0-9-]+: why"):
        world.plan(BROKEN, {ACCIDENT_SUBJECT: "another"})


def test_a_lock_of_another_cluster_gets_no_record_of_this_one(world: World) -> None:
    lock = dataclasses.replace(read_lock(world.lock), cluster_id="elsewhere")
    from avroad.contracts.lock import write_lock

    write_lock(world.lock, lock)
    plan = world.plan(BROKEN, {ACCIDENT_SUBJECT: "why"})
    assert world.apply(plan).error is None
    assert read_lock(world.lock).cluster_id == "cluster-1"
    assert [item.reason for item in world.record()] == ["why"]


def test_what_was_begun_elsewhere_counts_for_nothing_here(world: World) -> None:
    begun = PendingBreak(
        cluster_id="elsewhere", subject=ACCIDENT_SUBJECT, fingerprint=BROKEN.subjects[1].fingerprint, old_version=0,
        level="FULL", reason="theirs", by="", at=AT, breaks=(),
    )  # fmt: skip
    keep_pending(world.lock, [begun])
    with pytest.raises(LockError, match=r"\.pending: .*expected cluster cluster-1, found elsewhere"):
        require_own(world.seen(BROKEN), str(pending_path(world.lock)))
    assert world.plan(FIRST).subjects[1].breaking == ()
    assert world.plan(FIRST).subjects[0].subject == PLACE_SUBJECT


def test_a_folder_nobody_can_write_to_is_an_error_before_anything_is_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("os.fsync", refuse)
    report = world.apply(world.plan(BROKEN, {ACCIDENT_SUBJECT: "why"}))
    assert isinstance(report.error, LockError)
    assert "cannot write why a break is allowed: Read-only file system" in str(report.error)
    assert "The break was not begun." in str(report.error)
    assert world.registry.versions(ACCIDENT_SUBJECT) == (1,)
