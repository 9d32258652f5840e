"""The admin commands as typed, against the real stack: from nothing to registered, described and in sync."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from avroad.cli.main import run
from avroad.contracts.lock import read_lock
from avroad.errors import ExitCode
from avroad.model import Level
from tests.integration.admin_project import OPTIONAL, Project
from tests.integration.conftest import RunningStack

pytestmark = pytest.mark.kafka

ROOT = Path(__file__).resolve().parents[2]


class Typed:
    """Runs commands in a project and gives back what a user would see."""

    def __init__(self, project: Project, capture: pytest.CaptureFixture[str]) -> None:
        self.project, self._capture = project, capture

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        output = self._capture.readouterr()
        return code, output.out, output.err

    def json(self, *arguments: str) -> dict[str, Any]:
        code, out, err = self.run(*arguments, "--output", "json")
        assert code == 0, err
        document = json.loads(out)
        assert isinstance(document, dict)
        return document


@pytest.fixture
def typed(
    stack: RunningStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Typed]:
    project = Project(tmp_path, stack)
    monkeypatch.chdir(tmp_path)
    yield Typed(project, capsys)
    project.registry.close()


def test_from_nothing_to_in_sync_and_back_from_drift(typed: Typed) -> None:
    project = typed.project
    assert typed.run("plan", "--detailed-exitcode")[0] is ExitCode.CHANGES
    assert typed.run("apply")[0] is ExitCode.REFUSED
    assert typed.run("plan", "--out", "plan.json")[0] == 0
    code, _, err = typed.run("apply", "plan.json", "--yes")
    assert code == 0, err
    assert f"created topic {project.topic} (2 partitions)" in err
    assert typed.run("plan", "--detailed-exitcode")[0] == 0
    assert typed.run("check")[0] == 0
    project.admin.set_config(project.topic, {"retention.ms": "700000000"})
    code, out, _ = typed.run("check")
    assert code is ExitCode.FAILURE
    assert "~ retention.ms  700000000 (8.1d) -> 604800000 (7d)  [destructive: drops data]" in out
    assert typed.run("apply", "--yes", "--allow-destructive", project.topic)[0] == 0
    assert typed.run("check")[0] == 0
    assert typed.run("apply", "plan.json", "--yes")[0] is ExitCode.REFUSED


def test_a_topic_is_described_as_the_cluster_has_it(typed: Typed) -> None:
    project = typed.project
    assert typed.run("apply", "--yes")[0] == 0
    document = typed.json("topics", "describe", project.topic)
    assert document["state"] == "managed"
    assert document["records"] == 0
    assert [item["id"] for item in document["partitions"]] == [0, 1]
    assert document["config"]["retention.ms"] == {"value": "604800000", "source": "topic"}
    assert document["config"]["compression.type"]["source"] in {"default", "broker"}
    rows = {row["name"]: row for row in typed.json("topics", "list")["topics"]}
    assert rows[project.state]["state"] == "managed"
    assert rows[f"{project.topic}.dlq"]["owner"] == "tests"
    _, out, _ = typed.run("topics", "describe", project.topic)
    assert max(map(len, out.splitlines())) <= 80
    assert "Did you mean" in typed.run("topics", "describe", f"{project.topic}x")[2]


def test_a_subject_is_shown_as_the_registry_has_it(typed: Typed) -> None:
    project = typed.project
    assert typed.run("apply", "--yes")[0] == 0
    project.schema("Jam", *project.fields["Jam"], OPTIONAL)
    states = {row["subject"]: row["state"] for row in typed.json("subjects", "list")["subjects"]}
    assert states[project.subject("Jam")] == "differs"
    assert states[project.subject("Accident")] == "same"
    assert typed.run("apply", "--yes")[0] == 0
    document = typed.json("subjects", "show", project.subject("Jam"))
    assert [item["version"] for item in document["versions"]] == [1, 2]
    assert document["own_level"] == document["declared_level"] == "BACKWARD_TRANSITIVE"
    assert document["references"] == [
        {"name": f"{project.space}.Place", "subject": f"{project.space}.Place", "version": 1}
    ]
    assert document["repository"] == "same"
    assert typed.json("subjects", "show", project.subject("Jam"), "--version", "1")["repository"] == "differs"


def test_history_diff_and_order_with_what_the_registry_has(typed: Typed) -> None:
    project, kind = typed.project, f"{typed.project.space}.Jam"
    assert typed.run("apply", "--yes")[0] == 0
    project.schema("Jam", *project.fields["Jam"], OPTIONAL)
    assert typed.run("apply", "--yes")[0] == 0
    found = typed.json("schema", "history", kind)
    (subject,) = found["subjects"]
    assert found["registered_from"].startswith("the registry http://")
    assert [(item["version"], item["number"]) for item in subject["versions"]] == [(1, None), (2, 1)]
    name = f"registry:{project.subject('Jam')}"
    for arguments in ((f"{name}:1", name), (f"{name}:1", kind), (f"{name}:1",)):
        assert [change["path"] for change in typed.json("schema", "diff", *arguments)["changes"]] == ["$.note"]
    assert typed.json("schema", "diff", name)["changes"] == []
    code, _, err = typed.run("schema", "diff", f"{name}:9", kind)
    assert (code, "It has: 1, 2" in err) == (ExitCode.USAGE, True)
    (project.root / "admin" / "applications").mkdir()
    (project.root / "admin" / "applications" / "board.yaml").write_text(
        f"application: board\ndescription: d\nowner: tests\nreads: [{{type: {kind}, versions: [1, 9]}}]\n"
    )
    project.schema("Jam", *project.fields["Jam"], OPTIONAL, {**OPTIONAL, "name": "more"})
    subjects = typed.json("schema", "check", "--against", "registry")["subjects"]
    order = next(item["order"] for item in subjects if item["type"] == kind)
    assert (order["order"], order["failing"]) == ("any order", [])
    assert "version 9, pinned by board: the registry" in "".join(order["unknown"])


@pytest.mark.skipif(os.name == "nt", reason="a process of Windows cannot be killed by a signal of its own")
def test_a_break_whose_apply_was_killed_is_finished_with_its_reason(typed: Typed) -> None:
    project = typed.project
    assert typed.run("apply", "--yes")[0] == 0
    subject = project.subject("Jam")
    project.schema("Jam", *project.fields["Jam"], {"name": "lanes", "type": "int", "doc": "Lanes."})
    program = [sys.executable, "-m", "tests.behaviour.admin.killed", "", str(signal.SIGKILL), "4", "apply", "--yes"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    done = subprocess.run(
        [*program, "--allow-breaking", f"{subject}=nobody reads it yet"],
        cwd=project.root, env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (project.registry.versions(subject), project.registry.own_level(subject)) == ((1, 2), Level.NONE)
    assert typed.run("check")[0] is ExitCode.FAILURE
    code, _, err = typed.run("apply", "--yes")
    assert code == 0, err
    assert project.registry.own_level(subject) is Level.BACKWARD_TRANSITIVE
    assert [(item.version, item.reason) for item in read_lock(project.lock).subjects[subject].breaking] == [
        (2, "nobody reads it yet")
    ]
    assert typed.run("check")[0] == 0


def test_what_only_the_registry_refuses_ends_as_a_contract_violation(typed: Typed) -> None:
    project = typed.project
    assert typed.run("apply", "--yes")[0] == 0
    project.schema("Jam", *project.fields["Jam"], {"name": "lanes", "type": "int", "doc": "Lanes."})
    code, out, err = typed.run("apply", "--yes")
    assert code is ExitCode.CONTRACT
    assert "lanes" in out + err
    assert "Traceback" not in err


def test_a_registry_that_is_not_there_says_what_to_start(typed: Typed) -> None:
    code, _, err = typed.run("plan", "-X", "registry.url=http://127.0.0.1:9")
    assert code is ExitCode.FAILURE
    assert "avroad stack up" in err
    assert "Traceback" not in err
