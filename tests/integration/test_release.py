"""A change on its way to an environment, on the real stack: refused, rehearsed, released, and written down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from avroad.cli.main import run
from avroad.contracts.lock import read_lock
from avroad.errors import ExitCode
from tests.integration.admin_project import OPTIONAL, Project
from tests.integration.conftest import RunningStack

pytestmark = pytest.mark.kafka


@pytest.fixture
def project(stack: RunningStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    made = Project(tmp_path, stack)
    monkeypatch.chdir(tmp_path)
    assert run(["apply", "--yes"]) == 0
    yield made
    made.registry.close()


def released(capture: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, Any], str]:
    capture.readouterr()
    code = run(["evolve", "release", "--output", "json", *options])
    out, err = capture.readouterr()
    assert out, err
    return code, json.loads(out), err


def states(document: dict[str, Any]) -> dict[str, str]:
    return {step["step"]: step["state"] for step in document["steps"]}


def test_a_change_goes_from_the_file_to_registry_lock_and_changelog_and_no_step_can_be_left_out(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    subject, changelog = project.subject("Jam"), project.root / "schemas.changelog.md"
    project.schema("Jam", *project.fields["Jam"], OPTIONAL)

    code, document, err = released(capsys, "--yes")
    assert code is ExitCode.REFUSED
    assert states(document)["rehearsal"] == "missing"
    assert "Run: avroad evolve rehearse -e local" in err
    assert project.registry.versions(subject) == (1,)

    assert run(["evolve", "rehearse"]) == 0
    code, document, err = released(capsys, "--dry-run")
    assert code == 0, err
    assert [item["subject"] for item in document["entries"]] == [subject]
    assert project.registry.versions(subject) == (1,)
    assert not changelog.exists()

    project.schema("Jam", *project.fields["Jam"], OPTIONAL, {**OPTIONAL, "name": "more"})
    code, document, err = released(capsys, "--yes")
    assert code is ExitCode.REFUSED
    assert states(document)["rehearsal"] == "stale"
    assert "its schema is another one than was rehearsed" in err

    project.schema("Jam", *project.fields["Jam"], OPTIONAL)
    code, document, err = released(capsys, "--yes")
    assert code == 0, err
    new = project.registry.version(subject)
    locked = read_lock(project.lock).subjects[subject]
    assert (new.version, new.id) == (2, locked.id)
    assert locked.version == 2
    assert [(item["version"], item["id"]) for item in document["entries"]] == [(2, new.id)]
    text = changelog.read_text("utf-8")
    assert f"{subject}, version 2, id {new.id}\n" in text
    flat = " ".join(text.split())
    assert "- $.note: field added" in flat
    assert "- engine: compatible, safe, same meaning; checked against version 1" in flat
    assert "BACKWARD_TRANSITIVE met, played against version 1, registry: compatible; read by avroad" in flat
    assert states(document) == dict.fromkeys(states(document), "ok")
    assert project.plan().empty

    before = changelog.read_bytes()
    assert released(capsys)[0] == 0
    assert changelog.read_bytes() == before


def test_a_result_from_elsewhere_counts_and_a_version_registered_since_makes_it_stale(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project.schema("Camera", *project.fields["Camera"], OPTIONAL)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("AVROAD_STATE_DIR", str(project.root / "elsewhere"))
        capsys.readouterr()
        assert run(["evolve", "rehearse", "--output", "json"]) == 0
    file = project.root / "rehearsal.json"
    file.write_text(capsys.readouterr().out, "utf-8")
    assert states(released(capsys)[1])["rehearsal"] == "missing"
    assert released(capsys, "--dry-run", "--rehearsal", str(file))[0] == 0

    theirs = {**OPTIONAL, "name": "theirs"}
    project.schema("Camera", *project.fields["Camera"], theirs)
    assert run(["apply", "--yes"]) == 0
    project.schema("Camera", *project.fields["Camera"], OPTIONAL)
    code, document, _ = released(capsys, "--yes", "--rehearsal", str(file))
    assert code is ExitCode.REFUSED
    (rehearsal,) = [step for step in document["steps"] if step["step"] == "rehearsal"]
    assert rehearsal["state"] == "stale"
    assert "version 2 is in play, and was not" in rehearsal["facts"][0]


def test_a_break_that_is_meant_was_rehearsed_and_is_written_down_with_its_reason(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    subject = project.subject("Jam")
    project.schema("Jam", *project.fields["Jam"], {"name": "lanes", "type": "int", "doc": "Lanes."})
    assert run(["evolve", "rehearse"]) is ExitCode.CONTRACT
    code, document, err = released(capsys, "--yes")
    assert code is ExitCode.CONTRACT
    assert [name for name, state in states(document).items() if state == "refused"] == ["check", "rehearsal", "plan"]
    assert "See: avroad schema check --against registry -e local" in err
    code, _, err = released(capsys, "--yes", "--allow-breaking", f"{subject}=nobody reads it yet")
    assert code == 0, err
    text = (project.root / "schemas.changelog.md").read_text("utf-8")
    assert "nobody reads it yet\n" in text
    assert "BACKWARD_TRANSITIVE NOT met" in text
    assert "- upgrade: producers first\n" in text
    assert read_lock(project.lock).subjects[subject].breaking[0].reason == "nobody reads it yet"
