"""`avroad evolve rehearse` on the real stack: what it finds, and that it leaves nothing, however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from avroad.cli.main import run
from avroad.errors import ExitCode
from avroad.evolve.scratch import PREFIX
from avroad.project import open_project
from tests.behaviour.runtime.world import until
from tests.integration.admin_project import OPTIONAL, Project
from tests.integration.conftest import RunningStack

pytestmark = pytest.mark.kafka
END_S = 60.0
MICROS = {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}, "doc": "When."}


@pytest.fixture
def project(stack: RunningStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    made = Project(tmp_path, stack)
    monkeypatch.chdir(tmp_path)
    assert run(["apply", "--yes"]) == 0
    yield made
    made.registry.close()


def scratch(project: Project) -> tuple[set[str], set[str]]:
    """Return the scratch topics and subjects that are there."""
    topics = {name for name in project.admin.observe(()).topics if name.startswith(PREFIX)}
    return topics, {name for name in project.registry.every_subject() if name.startswith(PREFIX)}


def assert_gone(project: Project) -> None:
    """A broker lists a topic for a moment after its deletion was confirmed."""
    until(lambda: scratch(project) == (set(), set()))


def rehearsed(capture: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, Any]]:
    capture.readouterr()
    code = run(["evolve", "rehearse", "--output", "json", *options])
    out, err = capture.readouterr()
    assert out, err
    return code, json.loads(out)


def new_reads_old(subject: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the cells of the candidate that reads version 1, by library."""
    cells = [cell for cell in subject["cells"] if (cell["writer"], cell["reader"]) == ("1", "candidate")]
    return {cell["library"]: cell for cell in cells}


def send(count: int) -> None:
    """Send real accidents with the version that is registered."""
    opened = open_project(Path.cwd())
    topic = next(name for name in opened.catalog.topics if name.endswith(".events"))
    (accident, _) = opened.catalog.topic(topic).values
    publisher = opened.publisher(source_uri="/tests")
    try:
        for i in range(count):
            event = {"event_id": f"secret{i}", "at": datetime(2026, 5, 1, tzinfo=UTC), "place": {"city": "Ulm"}}
            publisher.send(event, type_name=accident, topic=topic)
    finally:
        publisher.close()


def test_a_shared_type_that_grows_is_played_everywhere_with_pins_and_real_records(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    send(5)
    project.schema("Place", {"name": "city", "type": "string", "doc": "Its city."}, OPTIONAL)
    folder = project.root / "admin/applications"
    folder.mkdir()
    use = {"topic": project.topic, "type": f"{project.space}.Jam", "versions": [1]}
    board = {"application": "board", "description": "A board.", "owner": "tests", "reads": [use]}
    (folder / "board.yaml").write_text(json.dumps(board), "utf-8")
    code, document = rehearsed(capsys, "--sample", "3")
    assert code == 0, document
    subjects = {item["subject"]: item for item in document["subjects"]}
    assert subjects.keys() == {f"{project.space}.Place", project.subject("Accident"), project.subject("Jam")}
    jam = subjects[project.subject("Jam")]
    assert jam["versions"][0]["origins"] == ["pinned by board", "registered"]
    for upgrade in jam["rolling"]["upgrades"]:
        (kept,) = upgrade["never_switched"]
        assert (kept["programs"], kept["version"], kept["hurt"]) == (["board"], "1", False)
        assert {each["writer"] for each in kept["read"]} == {"1", "candidate"}
        assert sum(each["handled"] for each in kept["read"]) == upgrade["ids"]["sent"]
    accident = subjects[project.subject("Accident")]
    old = [cell for cell in accident["cells"] if cell["writer"] == "1"]
    assert {cell["real_records"] for cell in old} == {3}
    libraries = {item["name"] for item in document["libraries"]} | {item["name"] for item in document["not_run"]}
    assert libraries == {"avroad", "confluent", "fastavro", "java"}
    assert {cell["outcome"] for item in subjects.values() for cell in item["cells"]} == {"reads all"}
    assert all(item["agree"] and item["registry"]["compatible"] for item in subjects.values())
    assert_gone(project)


def test_a_break_and_a_silent_change_of_unit_are_both_found_and_an_accepted_one_does_not_count(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.schema("Jam", *project.fields["Jam"], {"name": "lanes", "type": "int", "doc": "Lanes."})
    project.schema("Accident", project.fields["Accident"][0], MICROS, project.fields["Accident"][2])
    project.schema("Camera", project.fields["Camera"][0], MICROS)
    excuse = {
        "rule": "LOGICAL_UNIT_CHANGED",
        "type": f"{project.space}.Camera",
        "reason": "unread",
        "until": "2999-01-01",
    }
    (project.root / "admin/exceptions.yaml").write_text(json.dumps([excuse]), "utf-8")
    page = project.root / "page.html"
    code, document = rehearsed(capsys, "--no-rolling", "--page", str(page))
    assert code is ExitCode.CONTRACT
    subjects = {item["subject"]: item for item in document["subjects"]}
    jam, accident = subjects[project.subject("Jam")], subjects[project.subject("Accident")]
    backward = {
        cell["library"]: cell for cell in jam["cells"] if (cell["writer"], cell["reader"]) == ("1", "candidate")
    }
    assert {cell["outcome"] for cell in backward.values()} == {"fails"}
    assert {cell["example"]["path"] for cell in backward.values()} == {"$.lanes"}
    assert (jam["registry"]["compatible"], jam["engine"]["compatible"], jam["agree"]) == (False, False, True)
    assert jam["order"] == "producers first"
    silent = new_reads_old(accident)
    assert silent["avroad"]["outcome"] == "fails"
    assert silent["confluent"]["outcome"] == "reads all"
    if "java" in silent:
        assert silent["java"]["outcome"] == "means something else"
        assert silent["java"]["example"]["path"] == "$.at"
    assert accident["registry"]["compatible"] is True
    assert accident["engine"] == {"compatible": True, "safe": False, "same_meaning": False}
    assert not accident["agree"]
    assert not accident["met"]
    camera = subjects[f"{project.state}-value"]
    assert (camera["met"], camera["engine"], new_reads_old(camera)["avroad"]["outcome"]) == (
        True, accident["engine"], "fails",
    )  # fmt: skip
    assert [(item["rule"], item["reason"]) for item in camera["accepted"]] == [("LOGICAL_UNIT_CHANGED", "unread")]
    assert "a declared mode is not met" in page.read_text("utf-8")
    assert_gone(project)


def test_a_dry_run_makes_nothing(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.schema("Place", {"name": "city", "type": "string", "doc": "Its city."}, OPTIONAL)
    code, document = rehearsed(capsys, "--dry-run")
    assert code == 0
    assert len(document["subjects"]) == 3
    assert document["leftovers"] == {"topics": [], "subjects": [], "groups": []}
    assert_gone(project)


@contextmanager
def rehearsing(project: Project, known: frozenset[str] = frozenset()) -> Iterator[subprocess.Popen[str]]:
    """A run as a process of its own, from the moment its scratch topics are there; it does not outlive the block.

    known: those of other runs.
    """
    child = subprocess.Popen(
        [sys.executable, "-m", "avroad", "evolve", "rehearse", "--all"], cwd=project.root, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + END_S
        while not scratch(project)[0] - known:
            assert child.poll() is None
            assert time.monotonic() < deadline
            threading.Event().wait(0.01)
        yield child
    finally:
        child.kill()
        child.communicate(timeout=END_S)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing(project: Project, number: signal.Signals) -> None:
    with rehearsing(project) as child:
        child.send_signal(number)
        _, err = child.communicate(timeout=END_S)
    assert child.returncode == ExitCode.INTERRUPTED, err
    assert "The scratch is taken away." in err
    assert_gone(project)


def test_the_next_run_takes_away_what_a_killed_one_left_and_not_what_a_living_one_uses(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    with rehearsing(project) as living:
        os.kill(living.pid, signal.SIGSTOP)
        used, _ = scratch(project)
        with rehearsing(project, frozenset(used)) as killed:
            killed.kill()
            killed.wait(END_S)
        left, _ = scratch(project)
        assert left > used
        code, _ = rehearsed(capsys, "--all")
        assert code == 0
        until(lambda: scratch(project)[0] == used)
        os.kill(living.pid, signal.SIGCONT)
        _, err = living.communicate(timeout=END_S)
        assert living.returncode == 0, err
    assert_gone(project)
