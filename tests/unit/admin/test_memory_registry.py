"""Plan and apply against the registry in process, which refuses what a real one refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from avroad.admin import Desired, Plan, apply, diff, observe
from avroad.admin.plan import RefusalKind
from avroad.contracts.lock import read_lock
from avroad.errors import IncompatibleSchema
from avroad.model import Level
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


class World:
    def __init__(self, path: Path) -> None:
        self.registry, self.cluster, self.lock = MemoryRegistry(), FakeCluster(), path / "lock.json"

    def plan(self, wanted: Desired) -> Plan:
        lock = read_lock(self.lock) if self.lock.exists() else None
        return diff(wanted, observe(self.cluster, self.registry, wanted, lock))

    def applied(self, wanted: Desired) -> None:
        report = apply(self.plan(wanted), self.cluster, self.registry, lock_path=self.lock)
        assert report.error is None
        assert self.plan(wanted).empty


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_every_step_of_an_evolution_leaves_an_empty_plan(world: World) -> None:
    steps = [
        FIRST,
        desired(subjects=subjects(accident_json=accident(OPTIONAL))),
        desired(subjects=subjects(place(OPTIONAL), accident(OPTIONAL))),
        desired(subjects=subjects(place(OPTIONAL))),
        FIRST,
    ]
    for step in steps:
        world.applied(step)
    assert world.registry.versions(PLACE_SUBJECT) == (1, 2)
    assert read_lock(world.lock).subjects[PLACE_SUBJECT].version == 1
    assert world.registry.own_level(ACCIDENT_SUBJECT) is Level.BACKWARD_TRANSITIVE


def test_an_incompatible_user_is_refused_in_the_plan(world: World) -> None:
    world.applied(FIRST)
    plan = world.plan(desired(subjects=subjects(accident_json=accident(REQUIRED))))
    assert [(item.kind, item.target) for item in plan.refusals] == [(RefusalKind.SCHEMA, ACCIDENT_SUBJECT)]
    assert "lanes" in plan.refusals[0].found


def test_an_incompatible_shared_type_is_refused_and_so_are_its_users(world: World) -> None:
    world.applied(FIRST)
    plan = world.plan(desired(subjects=subjects(place(REQUIRED))))
    assert [item.target for item in plan.refusals] == [PLACE_SUBJECT, ACCIDENT_SUBJECT]
    assert "cannot be asked" in plan.refusals[1].found
    assert "$.place.lanes" in plan.refusals[1].found
    assert plan.changes == ()


def test_a_conflict_that_only_registration_finds_is_told_with_its_reason(world: World) -> None:
    world.applied(FIRST)
    plan = world.plan(desired(subjects=subjects(accident_json=accident(OPTIONAL))))
    # Between plan and apply somebody registers a version that the planned one cannot follow.
    other = subjects(accident_json=accident({"name": "note", "type": ["null", "int"], "default": None}))[1]
    references = world.registry.version(ACCIDENT_SUBJECT).references
    world.registry.register(ACCIDENT_SUBJECT, other.text, references)
    report = apply(plan, world.cluster, world.registry, lock_path=world.lock)
    assert isinstance(report.error, IncompatibleSchema)
    assert "/fields/2" in str(report.error)
    assert read_lock(world.lock).subjects[ACCIDENT_SUBJECT].version == 1
