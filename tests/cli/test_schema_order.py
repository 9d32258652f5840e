"""The order of updates in `avroad schema check`: declared programs, pinned in git, by number, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from avroad.cli.main import run
from avroad.contracts import LockedSubject
from avroad.errors import ExitCode
from tests.cli.git_world import BIRTH, GIT, GitProject, field, git

KIND = {"type": "enum", "name": "Kind", "symbols": ["CAT"]}
DOGS = {**KIND, "symbols": ["CAT", "DOG"]}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitProject:
    for name, value in GIT.items():
        monkeypatch.setenv(name, value)
    made = GitProject(tmp_path / "zoo")
    made.topic("BACKWARD")
    made.birth(*BIRTH, field("kind", KIND))
    made.commit("Births")
    git(made.root, "tag", "v1")
    return made


def check(project: GitProject, *arguments: str) -> int:
    return run(["schema", "check", "--root", str(project.root), *arguments])


def order(project: GitProject, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    check(project, "--output", "json", *arguments)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["subjects"][0]["order"]
    return found


def test_what_did_not_change_has_no_order(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    assert order(project, capsys) is None
    project.birth(*BIRTH, field("kind", KIND), doc="words only")
    assert order(project, capsys) is None
    project.application("board", "reads: [{topic: zoo.births}]")
    assert check(project) == ExitCode.OK
    assert "order" not in capsys.readouterr().out


def test_the_order_and_who_fails_on_what(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    project.application("board", "reads: [{topic: zoo.births}]")
    project.application("archive", "reads: [{type: zoo.Birth, versions: ['git:v1', 'git:v9']}]")
    project.birth(*BIRTH, field("kind", DOGS))
    assert check(project) == ExitCode.OK, "an order is advice"
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    for line in (
        "  order: consumers first",
        "    1. Update every consumer.",
        "    until updated, fails on new data: board (keepers)",
        "    pinned to git:v1, fails on new data: archive (keepers)",
        "      MISSING_ENUM_SYMBOLS at $.kind: records where $.kind is DOG",
        "    not known: who writes: nobody is declared",
    ):
        assert line in out.splitlines()
    assert 'not known: git:v9, pinned by archive: the repository has no revision "v9"' in out
    found = order(project, capsys)
    assert found["order"] == "consumers first"
    assert [(item["application"], item["version"]) for item in found["readers"]] == [
        ("board", "repository"),
        ("archive", "git:v1"),
        ("archive", "git:v9"),
    ]
    assert check(project, "--output", "junit") == ExitCode.OK
    assert "order: consumers first" in capsys.readouterr().out
    assert check(project, "--output", "github") == ExitCode.OK
    start = "::notice file=schemas/zoo.Birth.avsc,title=upgrade order::zoo.births-zoo.Birth%0Aorder: consumers first%0A"
    assert start in capsys.readouterr().out


def test_a_pinned_program_that_is_hurt_fails_on_demand(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    project.application("board", "reads: [{topic: zoo.births}]")
    project.birth(*BIRTH, field("kind", DOGS))
    assert check(project, "--pinned", "fail") == ExitCode.OK, "who is built from here is updated in the order"
    project.application("gate", "reads: [{topic: zoo.births, versions: ['git:v1']}]")
    assert check(project) == ExitCode.OK
    capsys.readouterr()
    assert check(project, "--pinned", "fail") == ExitCode.CONTRACT
    out = capsys.readouterr().out
    assert "FAIL zoo.births-zoo.Birth (BACKWARD, changed)" in out
    assert "    pinned to git:v1, fails on new data: gate (keepers)" in out
    assert "1 of 1 subject failed, 1 changed, 1 with pinned programs that fail" in out
    assert check(project, "--pinned", "fail", "--output", "github") == ExitCode.CONTRACT
    assert "::error file=schemas/zoo.Birth.avsc,title=upgrade order::" in capsys.readouterr().out


def test_a_number_is_what_the_lock_says_now_or_said_before(
    project: GitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    project.application("board", "reads: [{topic: zoo.births, type: zoo.Birth, versions: [1, 2, 7]}]")
    project.birth(*BIRTH, field("kind", DOGS))
    unknown = order(project, capsys)["unknown"]
    assert any("version 1, pinned by board" in what for what in unknown), "no environment, no lock: said, not guessed"
    project.environment()
    project.birth(*BIRTH, field("kind", KIND))
    project.lock(zoo__births_zoo__Birth=LockedSubject(version=1, id=11, fingerprint=project.fingerprint()))
    project.commit("Version 1")
    project.birth(*BIRTH, field("kind", DOGS))
    project.lock(zoo__births_zoo__Birth=LockedSubject(version=2, id=12, fingerprint=project.fingerprint()))
    project.commit("Version 2")
    project.birth(*BIRTH, field("kind", DOGS), field("vet", "string", default=""))
    found = order(project, capsys)
    assert [(item["version"], item["on"]) for item in found["failing"]] == [("1", "new data")]
    known = "neither the lock of local nor git's history of it has it. Compare with --against registry, or pin git:REV"
    assert [what for what in found["unknown"] if "board" in what] == [f"version 7, pinned by board: {known}"]


def test_a_number_that_a_lock_outside_git_never_had_says_so(
    project: GitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    project.environment()
    (project.root / ".gitignore").write_text("admin/locks/\n")
    project.commit("The lock stays here")
    project.lock(zoo__births_zoo__Birth=LockedSubject(version=4, id=12, fingerprint=project.fingerprint()))
    project.application("board", "reads: [{topic: zoo.births, type: zoo.Birth, versions: [3]}]")
    project.birth(*BIRTH, field("kind", DOGS))
    [said] = [what for what in order(project, capsys)["unknown"] if "board" in what]
    known = "the lock of local has version 4 alone of zoo.births-zoo.Birth, and git keeps no earlier state of that lock"
    assert said == f"version 3, pinned by board: {known}. Compare with --against registry, or pin git:REV"
    project.topic(values="zoo.Birth, zoo.Feed")
    project.schema({"type": "record", "name": "Feed", "namespace": "zoo", "fields": [field("g", "int")]})
    project.commit("Feed")
    project.schema({"type": "record", "name": "Feed", "namespace": "zoo", "fields": [field("g", "string")]})
    project.application("board", "reads: [{topic: zoo.births, type: zoo.Feed, versions: [3]}]")
    check(project, "--output", "json")
    found = json.loads(capsys.readouterr().out)["subjects"][1]["order"]["unknown"]
    assert any("the lock of local has no version of zoo.births-zoo.Feed" in what for what in found)


def test_a_break_for_everybody_is_first_to_be_undone_or_mended(
    project: GitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    project.birth(BIRTH[0], field("nmuber", "int"), field("kind", KIND))
    found = order(project, capsys)
    assert found["order"] == "new topic or subject"
    assert found["steps"][0] == (
        "Undo the change if it is not meant, or make it compatible: "
        'If nmuber is the new name of number, add the alias "number"; else give it a default.'
    )
    assert found["steps"][1].startswith("Otherwise declare a new topic")
    project.birth(*(field(name, "bytes") for name in ("animal", "number", "a", "b")), field("kind", KIND))
    assert order(project, capsys)["steps"][0].endswith(" And 1 more.")


def test_a_number_in_an_export_is_its_version(
    project: GitProject, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project.application("board", "reads: [{topic: zoo.births, type: zoo.Birth, versions: [4, 5]}]")
    old = json.loads((project.root / "schemas" / "zoo.Birth.avsc").read_text("utf-8"))
    file = tmp_path / "export.json"
    file.write_text(json.dumps({"subjects": {"zoo.births-zoo.Birth": [{"version": 4, "schema": old}]}}))
    project.birth(*BIRTH, field("kind", DOGS))
    found = order(project, capsys, "--against", f"export:{file}")
    assert [(item["version"], item["on"]) for item in found["failing"]] == [("4", "new data")]
    assert any("has no such version of zoo.births-zoo.Birth" in what for what in found["unknown"])


def test_a_pinned_type_that_was_not_there_yet(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    project.remove("zoo.Birth")
    (project.root / "schemas" / "README").write_text("none")
    project.commit("None")
    git(project.root, "tag", "empty")
    project.birth(*BIRTH, field("kind", KIND))
    project.commit("Back")
    project.application("board", "writes: [{topic: zoo.births, versions: ['git:empty', 'git:v1']}]")
    project.birth(*BIRTH, field("kind", DOGS))
    found = order(project, capsys)
    assert "git:empty, pinned by board: zoo.Birth was not there, or was no schema" in found["unknown"]
    assert len(found["old_data_of"]) == 1, "v1 is the version before"


def test_what_is_accepted_for_every_subject_has_no_say_in_the_order(
    project: GitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    def weights(kind: str) -> dict[str, Any]:
        return field("weights", {"type": "array", "items": kind}, default=[])

    project.birth(*BIRTH, weights("double"))
    project.commit("Weights")
    git(project.root, "tag", "v2")
    project.application("archive", "reads: [{topic: zoo.births, versions: ['git:v2']}]")
    project.birth(*BIRTH, weights("int"))  # what is written now, v2 reads as more than it is written
    entry = "- {{rule: ARRAY_ITEMS_GREW, {where}, reason: nobody reads with Java, until: {until}}}\n"
    file = project.root / "admin" / "exceptions.yaml"
    harm = "ARRAY_ITEMS_GREW at $.weights"
    for where, until, hurt in (
        ('subject: "*"', "2999-12-31", False),
        ('subject: "*"', "2020-01-01", True),
        ('subject: "*", path: $.weights', "2999-12-31", True),
        ("subject: zoo.births-zoo.Birth", "2999-12-31", True),
    ):
        file.write_text(entry.format(where=where, until=until), "utf-8")
        failing = order(project, capsys)["failing"]
        said = [finding["rule"] for item in failing for finding in item["findings"]]
        assert ("ARRAY_ITEMS_GREW" in said) is hurt, (where, until)
        check(project)
        assert (harm in capsys.readouterr().out) is hurt, (where, until)
    file.write_text(entry.format(where='subject: "*"', until="2999-12-31"), "utf-8")
    assert check(project, "--pinned", "fail", "--mode", "NONE") == ExitCode.OK
