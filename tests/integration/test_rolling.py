"""Rolling upgrades on the real stack: compared by id in both orders, and gone with their groups however a run ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from avroad.cli.main import run
from avroad.errors import ExitCode
from avroad.evolve.scratch import PREFIX
from tests.integration.admin_project import OPTIONAL, Project
from tests.integration.conftest import RunningStack

pytestmark = pytest.mark.kafka
END_S = 60.0


@pytest.fixture
def project(stack: RunningStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    made = Project(tmp_path, stack)
    monkeypatch.chdir(tmp_path)
    assert run(["apply", "--yes"]) == 0
    yield made
    made.registry.close()


def groups(project: Project) -> set[str]:
    return {name for name in project.admin.groups() if name.startswith(PREFIX)}


def scratch(project: Project) -> set[str]:
    """Return everything that is scratch: topics, subjects and groups."""
    topics = {name for name in project.admin.observe(()).topics if name.startswith(PREFIX)}
    return topics | {name for name in project.registry.every_subject() if name.startswith(PREFIX)} | groups(project)


def rolled(project: Project, capture: pytest.CaptureFixture[str], kind: str) -> tuple[int, list[dict[str, Any]]]:
    capture.readouterr()
    code = run(["evolve", "rehearse", project.subject(kind), "--output", "json"])
    out, err = capture.readouterr()
    assert out, err
    (subject,) = json.loads(out)["subjects"]
    return code, subject["rolling"]["upgrades"]


def test_a_safe_change_loses_nothing_in_either_order(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    before = set(project.admin.groups())
    project.schema("Jam", *project.fields["Jam"], OPTIONAL)
    code, upgrades = rolled(project, capsys, "Jam")
    assert code == 0, upgrades
    assert [(each["order"], each["advised"], each["sound"]) for each in upgrades] == [
        ("consumers first", True, True), ("producers first", True, True),
    ]  # fmt: skip
    for upgrade in upgrades:
        ids = upgrade["ids"]
        assert ids["sent"] == ids["acked"] == ids["in_log"] == ids["handled"] > 0
        assert {ids[name] for name in ("lost", "unread", "duplicated", "dead_lettered", "unknown")} == {0}
        assert len(upgrade["steps"]) == 5
        assert all(step["handled"] for step in upgrade["steps"])
    assert scratch(project) == set()
    assert set(project.admin.groups()) == before


def test_a_break_hurts_nobody_in_the_advised_order_and_is_dead_lettered_in_the_other(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.schema("Jam", *project.fields["Jam"], {"name": "lanes", "type": "int", "doc": "Lanes."})
    code, (advised, reverse) = rolled(project, capsys, "Jam")
    assert code is ExitCode.CONTRACT  # of the mode
    assert (advised["order"], advised["advised"], advised["sound"]) == ("producers first", True, True)
    assert (reverse["order"], reverse["advised"], reverse["sound"]) == ("consumers first", False, False)
    ids = reverse["ids"]
    assert ids["dead_lettered"] > 0
    assert {ids[name] for name in ("lost", "unread", "duplicated", "unknown")} == {0}
    first = next(step for step in reverse["steps"] if step["dead_lettered"])
    assert (first["switched"], first["example"]["path"]) == ("consumer 1", "$.lanes")
    assert scratch(project) == set()


@contextmanager
def rolling(project: Project) -> Iterator[subprocess.Popen[str]]:
    """A run as a process of its own, from the moment its consumers are in their groups."""
    project.schema("Jam", *project.fields["Jam"], OPTIONAL)
    child = subprocess.Popen(
        [sys.executable, "-m", "avroad", "evolve", "rehearse"], cwd=project.root, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        await_(lambda: bool(groups(project)), child)
        yield child
    finally:
        child.kill()
        child.communicate(timeout=END_S)


def await_(condition: Callable[[], bool], child: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + END_S
    while not condition():
        assert child.poll() is None
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)


def test_an_upgrade_that_is_interrupted_under_traffic_leaves_nothing(project: Project) -> None:
    with rolling(project) as child:
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=END_S)
    assert child.returncode == ExitCode.INTERRUPTED, err
    assert "left behind" not in err
    assert scratch(project) == set()


def test_the_next_run_waits_for_killed_members_and_takes_their_groups_away(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    with rolling(project) as child:
        child.kill()
        child.wait(END_S)
    assert groups(project)
    capsys.readouterr()
    assert run(["evolve", "rehearse", project.subject("Jam"), "--no-rolling", "--output", "json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["subjects"][0]["rolling"] is None
    assert "group" in err
    assert scratch(project) == set()
