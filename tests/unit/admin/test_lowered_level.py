"""A level that is NONE for one registration is put back whatever comes in between, or it is said that it is not."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from avroad.admin import ApplyReport, apply, diff, observe, report_text
from avroad.cli.signals import held_back, interruptible
from avroad.contracts.lock import AllowedBreak, read_lock
from avroad.errors import RegistryDenied, RegistryError, RegistryUnavailable
from avroad.model import Level, Reference, RegisteredSchema
from avroad.registry import MemoryRegistry
from tests.unit.admin.fakes import ACCIDENT_SUBJECT, REQUIRED, FakeCluster, accident, desired, subjects

FIRST = desired(subjects=subjects())
BROKEN = desired(subjects=subjects(accident_json=accident(REQUIRED)))
DECLARED = Level.BACKWARD_TRANSITIVE
LOST = RegistryUnavailable("no answer in time")
Script = dict[int, Callable[[], None]]


class Scripted(MemoryRegistry):
    """Runs what a test says before or after the nth request that writes: 0 lowers, 1 registers, 2 puts back."""

    def __init__(self) -> None:
        super().__init__()
        self.before: Script = {}
        self.after: Script = {}
        self.count = 0

    def set_level(self, subject: str | None, level: Level | None) -> None:
        after = self._begin()
        super().set_level(subject, level)
        after()

    def register(self, subject: str, text: str, references: tuple[Reference, ...] = ()) -> RegisteredSchema:
        after = self._begin()
        registered = super().register(subject, text, references)
        after()
        return registered

    def _begin(self) -> Callable[[], None]:
        number, self.count = self.count, self.count + 1
        self.before.get(number, lambda: None)()
        return self.after.get(number, lambda: None)


class World:
    def __init__(self, path: Path) -> None:
        self.registry, self.cluster, self.lock = Scripted(), FakeCluster(), path / "lock.json"
        plan = diff(FIRST, observe(self.cluster, self.registry, FIRST))
        assert apply(plan, self.cluster, self.registry, lock_path=self.lock).error is None
        self.registry.count = 0

    def break_it(self) -> ApplyReport:
        seen = observe(self.cluster, self.registry, BROKEN, read_lock(self.lock))
        plan = diff(BROKEN, seen, allow_breaking={ACCIDENT_SUBJECT: "nobody reads it yet"}, allowed_by="ada")
        with interruptible():
            return apply(plan, self.cluster, self.registry, lock_path=self.lock, held_back=held_back)

    @property
    def level(self) -> Level | None:
        return self.registry.own_level(ACCIDENT_SUBJECT)

    @property
    def record(self) -> tuple[AllowedBreak, ...]:
        return read_lock(self.lock).subjects[ACCIDENT_SUBJECT].breaking


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def failing(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.skipif(os.name == "nt", reason="signals cannot be raised in a process of Windows without ending it")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("request_number", [0, 1, 2])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_signal_waits_until_the_level_is_put_back_and_the_break_recorded(
    world: World, number: signal.Signals, request_number: int, when: str
) -> None:
    script = world.registry.before if when == "before" else world.registry.after
    script[request_number] = lambda: signal.raise_signal(number)
    with pytest.raises(KeyboardInterrupt):
        world.break_it()
    assert world.level is DECLARED
    assert [item.version for item in world.record] == [2]


@pytest.mark.parametrize("error", [LOST, KeyboardInterrupt()])
def test_a_lowering_nobody_knows_the_outcome_of_is_put_back(world: World, error: BaseException) -> None:
    world.registry.after[0] = failing(error)
    if isinstance(error, KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            world.break_it()
    else:
        report = world.break_it()
        assert report.error is error
        assert "Nothing was changed" not in report_text(report)
    assert world.level is DECLARED


def test_a_lowering_of_unknown_outcome_that_cannot_be_put_back_is_told(world: World) -> None:
    world.registry.after[0] = failing(LOST)
    world.registry.before[1] = failing(RegistryDenied("not allowed", status=403))
    report = world.break_it()
    assert world.level is Level.NONE
    assert report.error is not None
    assert "was not registered, but the level of the subject may still be NONE" in report.error.message
    assert f"avroad apply: it sets {DECLARED} again" in report.error.hint
    assert "Nothing was changed" not in report_text(report)


def test_a_lowering_that_was_refused_is_left_at_that(world: World) -> None:
    refused = RegistryDenied("not allowed", status=403)
    world.registry.before[0] = failing(refused)
    report = world.break_it()
    assert report.error is refused
    assert world.registry.count == 1
    assert "Nothing was changed." in report_text(report)


def test_a_registration_nobody_knows_the_outcome_of_is_called_that(world: World) -> None:
    world.registry.after[1] = failing(LOST)
    world.registry.before[2] = failing(LOST)
    report = world.break_it()
    assert report.error is not None
    assert "may be registered, but the level of the subject is still NONE" in report.error.message


def test_a_refused_registration_puts_the_level_back(world: World) -> None:
    world.registry.before[1] = failing(RegistryError("no", status=422))
    assert world.break_it().error is not None
    assert world.level is DECLARED


def test_what_is_registered_is_done_although_the_level_could_not_be_put_back(world: World) -> None:
    world.registry.before[2] = failing(LOST)
    report = world.break_it()
    assert report.error is not None
    assert "is registered, but the level of the subject is still NONE" in report.error.message
    text = report_text(report)
    assert "Not done" not in text
    assert "What is done stands." in text
    assert [item.version for item in world.record] == [2]
