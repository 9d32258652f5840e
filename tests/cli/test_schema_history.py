"""`avroad schema history`, and what `show` takes from git: commits, versions, ids of lock or registry, users."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from avroad.cli.main import run
from avroad.contracts import LockedSubject
from avroad.errors import ExitCode, RegistryUnavailable
from avroad.model import Level
from avroad.project import Project
from avroad.registry import MemoryRegistry
from tests.cli.git_world import BIRTH, GIT, GitProject, field, git, record

SUBJECT = "zoo.births-zoo.Birth"
VET = field("vet", "string", default="")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitProject:
    """Two commits, each applied: a lock that says version 1, then version 2."""
    for name, value in GIT.items():
        monkeypatch.setenv(name, value)
    made = GitProject(tmp_path / "zoo")
    made.environment()
    for number, fields in ((1, BIRTH), (2, (*BIRTH, VET))):
        made.birth(*fields)
        made.lock(zoo__births_zoo__Birth=LockedSubject(version=number, id=10 + number, fingerprint=made.fingerprint()))
        made.commit(f"Version {number}")
    return made


def history(project: GitProject, *arguments: str) -> int:
    return run(["schema", "history", "--root", str(project.root), "zoo.Birth", *arguments])


def document(project: GitProject, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert history(project, "--output", "json", *arguments) == ExitCode.OK
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_versions_of_git_with_those_of_the_lock(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    first, last = git(project.root, "log", "--reverse", "--format=%h", "--abbrev=10").split()
    found = document(project, capsys, "--offline")
    assert [(v["number"], v["commit"], v["change"]) for v in found["versions"]] == [
        (1, first, "first"),
        (2, last, "compatible"),
    ]
    assert (found["first_commit"]["commit"], found["last_commit"]["commit"]) == (first, last)
    (subject,) = found["subjects"]
    assert [(v["version"], v["id"], v["number"]) for v in subject["versions"]] == [(1, 11, 1), (2, 12, 2)]
    assert found["registered_from"] == "the lock of local"
    assert found["notes"] == []


def test_the_text_fits_80_columns_and_notes_are_not_data(
    project: GitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    project.application("board", "reads: [{type: zoo.Birth, versions: [1]}]")
    project.birth(*BIRTH)
    assert history(project) == ExitCode.OK
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert max(map(len, [*lines, *said.err.splitlines()])) <= 80
    assert "  read by       board (keepers, version 1)" in lines
    assert "  written by    nobody declared, so nobody known" in lines
    assert any(line.startswith("  3  not yet") and line.endswith("  compatible") for line in lines)
    assert "  versions and ids are those of the lock of local" in lines
    assert "note: the registry was not read: " in said.err, "nobody listens there"


def test_the_registrys_own_versions_when_it_answers(
    project: GitProject, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = MemoryRegistry(level=Level.NONE)
    for fields in (BIRTH, (field("other", "int"),), (*BIRTH, VET)):
        registry.register(SUBJECT, json.dumps(record("Birth", *fields)))
    monkeypatch.setattr(Project, "registry", lambda _self: registry)
    found = document(project, capsys)
    assert [(v["version"], v["number"]) for v in found["subjects"][0]["versions"]] == [(1, 1), (2, None), (3, 2)]
    assert found["registered_from"] == "the registry memory:"
    assert history(project) == ExitCode.OK
    assert "not in git" in capsys.readouterr().out


def test_a_registry_that_fails_on_the_way_is_said(
    project: GitProject, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(MemoryRegistry):
        def versions(self, subject: str) -> tuple[int, ...]:
            raise RegistryUnavailable(f"nothing about {subject} today")

    monkeypatch.setattr(Project, "registry", lambda _self: Failing())
    found = document(project, capsys)
    assert found["registered_from"] == "the lock of local"
    assert found["notes"] == [f"the registry was not read: nothing about {SUBJECT} today"]


def test_without_environment_lock_or_git(
    project: GitProject, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.root / "admin" / "environments" / "local.yaml").unlink()
    found = document(project, capsys)
    assert found["registered_from"] is None
    assert "no registered versions: there is no environment" in found["notes"][0]
    assert history(project, "-e", "stagging") == ExitCode.USAGE, "one that was asked for must be there"
    assert "stagging" in capsys.readouterr().err
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    bare = GitProject(tmp_path / "bare", repository=False)
    bare.birth()
    found = document(bare, capsys)
    assert [v["commit"] for v in found["versions"]] == [None]
    assert any("no history" in note for note in found["notes"])


def test_typos_and_types_that_are_gone(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "history", "--root", str(project.root), "zoo.Brith"]) == ExitCode.USAGE
    assert 'Did you mean "zoo.Birth"?' in capsys.readouterr().err
    project.schema(record("Feed", field("kg", "int")))
    project.topic(values="zoo.Feed")
    project.remove("zoo.Birth")
    project.commit("Feeds")
    assert history(project, "--offline") == ExitCode.OK
    assert capsys.readouterr().out.startswith("zoo.Birth (no longer declared)\n")


def test_a_lock_in_git_that_is_none_is_passed_over(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    lock = project.root / "admin" / "locks" / "local.json"
    good = lock.read_text("utf-8")
    for bad in ("<<<<<<<", "[]", '{"subjects": {"a": 1, "b": {"version": "1"}}}', "[" * 100_000):
        lock.write_text(bad)
        project.commit("Bad")
    lock.write_text(good)
    found = document(project, capsys, "--offline")
    assert [v["version"] for v in found["subjects"][0]["versions"]] == [1, 2]


def test_show_has_commits_and_users_too(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    project.application("radar", "writes: [{topic: zoo.births}]")
    assert run(["schema", "show", "--root", str(project.root), "zoo.Birth", "--output", "json"]) == ExitCode.OK
    found = json.loads(capsys.readouterr().out)
    assert found["versions"] == 2
    assert found["first_commit"]["day"] == "2026-03-01"
    assert [use["application"] for use in found["writers"]] == ["radar"]
    assert found["readers"] == []
    assert (found["subjects"][0]["version"], found["subjects"][0]["state"]) == (2, "same")
