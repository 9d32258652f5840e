"""A killed `apply --allow-breaking` leaves a level at NONE: the next apply sets it again, refused or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from avroad.errors import ExitCode
from avroad.model import Level
from tests.cli.admin_world import World, make_world
from tests.unit.admin.fakes import ACCIDENT_SUBJECT, REQUIRED, accident


@pytest.fixture
def killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> World:
    """A world with a break that is declared, and the level as an apply that was killed before registering left it."""
    world = make_world(tmp_path, monkeypatch, capsys)
    world.applied()
    world.accident = accident(REQUIRED)
    world.registry.levels[ACCIDENT_SUBJECT] = Level.NONE
    return world


def test_an_apply_that_refuses_the_break_sets_the_level_again(killed: World) -> None:
    before = killed.lock.read_bytes()
    code, _, err = killed.run("apply", "--yes")
    assert code is ExitCode.CONTRACT
    assert f"set level of {ACCIDENT_SUBJECT} to BACKWARD_TRANSITIVE" in err
    assert "the plan holds refusals" in err
    assert killed.registry.levels[ACCIDENT_SUBJECT] is Level.BACKWARD_TRANSITIVE
    assert len(killed.registry.held[ACCIDENT_SUBJECT]) == 1
    assert killed.lock.read_bytes() == before


@pytest.mark.parametrize("arguments", [("--yes", "--dry-run"), ()])
def test_without_agreement_or_dry_the_level_is_left(killed: World, arguments: tuple[str, ...]) -> None:
    assert killed.run("apply", *arguments)[0] is not ExitCode.OK
    assert killed.registry.levels[ACCIDENT_SUBJECT] is Level.NONE


def test_a_refused_plan_without_such_a_level_writes_nothing(killed: World) -> None:
    killed.registry.levels[ACCIDENT_SUBJECT] = Level.BACKWARD_TRANSITIVE
    writes = killed.registry.calls["set_level"]
    assert killed.run("apply", "--yes")[0] is ExitCode.CONTRACT
    assert killed.registry.calls["set_level"] == writes
