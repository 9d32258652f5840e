"""`avroad schema check`: verdicts over a git history, a folder or an export, and how they are shown."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from avroad.cli.main import run
from avroad.contracts.lock import AllowedBreak, LockedSubject
from avroad.errors import ExitCode
from avroad.model import Level, Reference
from avroad.project import Project
from avroad.registry import MemoryRegistry
from tests.cli.git_world import BIRTH, GIT, GitProject, field, git, record


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitProject:
    for name, value in GIT.items():
        monkeypatch.setenv(name, value)
    made = GitProject(tmp_path / "zoo")
    made.birth()
    made.commit("Births")
    return made


def check(project: GitProject, *arguments: str) -> int:
    return run(["schema", "check", "--root", str(project.root), *arguments])


def report(project: GitProject, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code = check(project, "--output", "json", *arguments)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert code == (ExitCode.OK if found["ok"] else ExitCode.CONTRACT)
    return found


def rules(found: dict[str, Any], subject: int = 0) -> list[tuple[str, str, bool]]:
    return [(f["version"], f["rule"], f["fails"]) for f in found["subjects"][subject]["findings"]]


def test_nothing_changed(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(project) == ExitCode.OK
    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == "ok: 1 subject"
    assert said.err == ""


def test_a_required_field_in_the_working_tree_breaks(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    project.birth(*BIRTH, field("vet", "string"))
    assert check(project) == ExitCode.CONTRACT
    out = capsys.readouterr().out
    assert "FAIL zoo.births-zoo.Birth (BACKWARD_TRANSITIVE, changed)" in out
    assert "compatible no, safe no, same meaning yes" in out
    assert "error READER_FIELD_MISSING_DEFAULT_VALUE at $.vet: vet" in out
    assert "fix:" in out
    assert max(map(len, out.splitlines())) <= 80
    assert out.splitlines()[-1] == "1 of 1 subject failed, 1 changed, 1 failing finding"


def test_a_branch_is_compared_with_where_it_left_main(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    git(project.root, "checkout", "--quiet", "-b", "work")
    project.birth(*BIRTH, field("vet", "string", default=""))
    project.commit()
    git(project.root, "checkout", "--quiet", "main")
    project.birth(*BIRTH, field("vet", "int"))
    project.commit("Main goes its own way")
    git(project.root, "checkout", "--quiet", "work")
    found = report(project, capsys)
    assert found["ok"]
    assert found["subjects"][0]["state"] == "changed"
    assert "where this checkout left main" in found["against"]
    assert not report(project, capsys, "--against", "git:main")["ok"]


def test_a_change_of_words_is_counted_as_one(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    project.birth(*BIRTH, doc="Every birth.")
    assert check(project) is ExitCode.OK
    assert capsys.readouterr().out.splitlines()[-1] == "ok: 1 subject, 1 changed in words only"
    found = report(project, capsys)
    assert (found["subjects"][0]["state"], found["subjects"][0]["reworded"]) == ("same", True)
    assert (found["summary"]["changed"], found["summary"]["reworded"]) == (0, 1)
    project.commit("Words")
    git(project.root, "checkout", "--quiet", "-b", "work")
    assert not report(project, capsys)["subjects"][0]["reworded"], "the branch left main with these words"
    project.birth(*BIRTH, field("vet", "string", default=""), doc="Births.")
    assert not report(project, capsys)["subjects"][0]["reworded"], "more than words"


def test_a_mode_is_taken_in_any_case_and_listed_as_it_is_written(
    project: GitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    project.birth(*BIRTH, field("vet", "string", default=""))
    for mode in ("full", "Full", "FULL"):
        assert [item["mode"] for item in report(project, capsys, "--mode", mode)["subjects"]] == ["FULL"]
    assert check(project, "--mode", "BAD") is ExitCode.USAGE
    err = " ".join(capsys.readouterr().err.split())
    assert "'BAD' is not one of 'BACKWARD', 'FORWARD', 'FULL', 'BACKWARD_TRANSITIVE'" in err


def test_a_tag_named_main_does_not_take_the_place_of_the_branch(
    project: GitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    git(project.root, "tag", "main")
    project.birth(*BIRTH, field("vet", "string", default=""))
    project.commit()
    git(project.root, "checkout", "--quiet", "-b", "work")
    found = report(project, capsys)
    assert [item["state"] for item in found["subjects"]] == ["same"]
    assert found["against"].endswith("where this checkout left main")


def test_on_the_main_branch_what_is_committed_counts_before_it_is_pushed(
    project: GitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    git(project.root, "update-ref", "refs/remotes/origin/main", "HEAD")
    project.schema(record("Feed", field("grams", "int")))
    project.topic(values="zoo.Birth, zoo.Feed")
    project.commit("Feed")
    assert [item["state"] for item in report(project, capsys)["subjects"]] == ["same", "new"]
    project.schema(record("Feed", field("grams", "string")))
    for _ in range(2):  # in the working tree, then committed
        found = report(project, capsys)
        assert not found["ok"]
        assert found["subjects"][1]["state"] == "changed"
        assert "the main branch here, ahead of origin/main" in found["against"]
        project.commit("Grams as text")
    git(project.root, "checkout", "--quiet", "-b", "work")
    assert report(project, capsys)["subjects"][1]["state"] == "new"


def test_a_type_renamed_on_the_main_branch_before_the_push_keeps_its_versions(
    project: GitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    git(project.root, "update-ref", "refs/remotes/origin/main", "HEAD")
    project.remove("zoo.Birth")
    project.schema(record("Arrival", *BIRTH, field("vet", "string"), aliases=["Birth"]))
    project.topic(values="zoo.Arrival")
    project.commit("Arrivals")
    found = report(project, capsys)
    assert not found["ok"]
    assert rules(found)[0][1] == "READER_FIELD_MISSING_DEFAULT_VALUE"


def test_a_break_that_a_lock_allows_still_fails_against_git_and_says_so(
    project: GitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    project.environment()
    project.birth(*BIRTH, field("vet", "string"))
    allowed = AllowedBreak(version=2, reason="nobody reads it", by="ada", at="2026-03-01T12:00:00Z", breaks=())
    project.lock(
        zoo__births_zoo__Birth=LockedSubject(version=2, id=2, fingerprint=project.fingerprint(), breaking=(allowed,))
    )
    assert check(project) is ExitCode.CONTRACT
    out = " ".join(capsys.readouterr().out.split())
    assert "version 2 was allowed to break by ada on 2026-03-01: nobody reads it (the lock of local). Compare" in out
    project.birth(*BIRTH, field("cage", "string"))
    assert check(project) is ExitCode.CONTRACT
    assert "allowed" not in capsys.readouterr().out


def test_transitive_modes_reach_every_version_of_the_file_and_others_the_newest(
    project: GitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    first = git(project.root, "rev-parse", "HEAD")[:10]
    project.birth(*BIRTH, field("vet", "string", default=""))
    project.commit()
    (project.root / "README").write_text("not a schema")
    project.commit()
    project.birth(*BIRTH, field("vet", "string", default="", doc="only words"))
    project.commit()
    project.birth(*BIRTH, field("vet", "string"))
    found = report(project, capsys)
    assert [(v[:10], rule) for v, rule, fails in rules(found) if fails] == [
        (first, "READER_FIELD_MISSING_DEFAULT_VALUE")
    ]
    assert found["subjects"][0]["versions"] == 2, "a change of words is no version"
    assert report(project, capsys, "--mode", "backward")["ok"]


def test_references_are_what_they_were_at_each_commit(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    weight = record("Weight", field("kg", "double"))
    project.schema(weight)
    project.birth(*BIRTH, field("weight", "zoo.Weight"))
    old = project.commit("Weights")
    project.schema(record("Weight", field("kg", "double"), field("scale", "string")))
    found = report(project, capsys)
    by_name = {subject["subject"]: subject for subject in found["subjects"]}
    assert by_name["zoo.Weight"]["mode"] == "BACKWARD_TRANSITIVE", "of the topic that uses it"
    event = by_name["zoo.births-zoo.Birth"]
    assert event["failed"]
    assert ("$.weight.scale", old) in [(f["field_path"], f["version"][:10]) for f in event["findings"] if f["fails"]]


def test_a_merge_is_one_step_of_the_main_branch(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    git(project.root, "checkout", "--quiet", "-b", "side")
    project.birth(field("animal", "string"), field("number", "string"))
    project.commit("Never on main")
    project.birth(*BIRTH, field("vet", "string", default=""))
    project.commit()
    git(project.root, "checkout", "--quiet", "main")
    (project.root / "README").write_text("main moves on")
    project.commit()
    git(project.root, "merge", "--quiet", "--no-ff", "--no-edit", "side")
    assert report(project, capsys)["subjects"][0]["versions"] == 2
    assert report(project, capsys)["ok"]


def test_silent_changes_fail_by_policy(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    time = {"type": "long", "logicalType": "timestamp-millis"}
    project.birth(*BIRTH, field("at", time))
    project.commit()
    project.birth(*BIRTH, field("at", {**time, "logicalType": "timestamp-micros"}))
    found = report(project, capsys, "--mode", "BACKWARD")
    subject = found["subjects"][0]
    assert (subject["compatible"], subject["safe"], subject["same_meaning"]) == (True, False, False)
    assert [rule for _, rule, fails in rules(found) if fails] == ["LOGICAL_UNIT_CHANGED"]
    assert not report(project, capsys, "--mode", "BACKWARD", "--unsafe", "warn")["ok"]
    assert not report(project, capsys, "--mode", "BACKWARD", "--meaning", "warn")["ok"]
    assert report(project, capsys, "--mode", "BACKWARD", "--unsafe", "warn", "--meaning", "warn")["ok"]


def test_new_removed_and_renamed_types_are_said(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    project.schema(record("Feed", field("kg", "int")))
    project.topic(values="zoo.Birth, zoo.Feed")
    project.commit()
    project.remove("zoo.Feed")
    project.remove("zoo.Birth")
    project.schema(record("Arrival", *BIRTH, aliases=["Birth"]))
    project.schema(record("Food", field("kg", "int")))
    project.schema(record("Visit", field("day", "int")))
    project.topic(values="zoo.Arrival, zoo.Food, zoo.Visit")
    found = report(project, capsys)
    states = {subject["type"]: subject["state"] for subject in found["subjects"]}
    assert states == {"zoo.Arrival": "renamed from zoo.Birth", "zoo.Food": "new", "zoo.Visit": "new"}
    assert found["removed"] == ["zoo.Feed"]
    notes = {subject["type"]: subject["note"] for subject in found["subjects"]}
    assert notes["zoo.Food"] == 'if this is zoo.Feed under a new name, add "aliases": ["zoo.Feed"]'
    assert check(project) == ExitCode.OK
    out = capsys.readouterr().out
    assert "removed: zoo.Feed" in out
    assert "compared with the versions of zoo.Birth" in out
    project.schema(record("Arrival", field("animal", "int"), aliases=["Birth"]))
    assert not report(project, capsys)["ok"]


def test_a_type_on_no_topic_is_checked_in_the_strictest_mode(
    project: GitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    project.schema(record("Draft", field("a", "int")))
    project.commit()
    project.schema(record("Draft", field("a", "long")))
    found = report(project, capsys)
    draft = next(subject for subject in found["subjects"] if subject["type"] == "zoo.Draft")
    assert (draft["subject"], draft["mode"], draft["failed"]) == (None, "FULL_TRANSITIVE", True)


def test_accepted_findings(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    project.birth(*BIRTH, field("vet", "string"))
    entry = (
        "- rule: READER_FIELD_MISSING_DEFAULT_VALUE\n  subject: zoo.births-zoo.Birth\n  path: $.vet\n"
        "  reason: the topic is empty\n  until: {}\n"
    )
    file = project.root / "admin" / "exceptions.yaml"
    file.write_text(entry.format("2999-12-31"))
    found = report(project, capsys)
    assert found["subjects"][0]["findings"][0]["accepted"] == {"reason": "the topic is empty", "until": "2999-12-31"}
    assert check(project) == ExitCode.OK
    assert "accepted READER_FIELD_MISSING_DEFAULT_VALUE at $.vet" in capsys.readouterr().out
    file.write_text(entry.format("2020-01-01"))
    expired = report(project, capsys)
    assert not expired["ok"]
    assert expired["exceptions"][0]["rule"] == "EXCEPTION_EXPIRED"
    project.birth()
    assert not report(project, capsys)["ok"], "an expired one is an error also when nothing needs it"
    file.write_text(entry.format("2999-12-31"))
    unused = report(project, capsys)
    assert unused["ok"]
    assert unused["exceptions"][0]["rule"] == "EXCEPTION_UNUSED"


def test_a_rule_that_concerns_no_reader_is_accepted_once_for_all_and_orders_nobody(
    project: GitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    def weights(kind: str) -> dict[str, Any]:
        return field("weights", {"type": "array", "items": kind}, default=[])

    project.birth(*BIRTH, weights("int"))
    project.commit()
    project.birth(*BIRTH, weights("double"))
    found = report(project, capsys)
    assert [rule for _, rule, fails in rules(found) if fails] == ["ARRAY_ITEMS_GREW"]
    assert found["subjects"][0]["order"]["order"] == "new topic or subject"
    entry = '- rule: ARRAY_ITEMS_GREW\n  subject: "*"\n  reason: no reader is in Java\n  until: 2999-12-31\n'
    (project.root / "admin" / "exceptions.yaml").write_text(entry)
    accepted = report(project, capsys)
    assert accepted["ok"]
    assert accepted["subjects"][0]["order"]["order"] == "consumers first"
    project.birth(*BIRTH, weights("int"))
    assert report(project, capsys)["exceptions"] == [], "it waits for the next array"


def test_junit_and_github(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    project.birth(*BIRTH, field("vet", "string"))
    assert check(project, "--output", "junit") == ExitCode.CONTRACT
    suites = ET.fromstring(capsys.readouterr().out)
    assert (suites.get("tests"), suites.get("failures")) == ("1", "1")
    failure = suites.find("testsuite/testcase/failure")
    assert failure is not None
    assert "READER_FIELD_MISSING_DEFAULT_VALUE at $.vet" in (failure.get("message") or "")
    assert "fix:" in (failure.text or "")
    assert check(project, "--output", "github") == ExitCode.CONTRACT
    first = capsys.readouterr().out.splitlines()[0]
    text = (project.root / "schemas" / "zoo.Birth.avsc").read_text("utf-8").splitlines()
    line = next(i for i, part in enumerate(text, 1) if '"vet"' in part)
    start = f"::error file=schemas/zoo.Birth.avsc,line={line},title=READER_FIELD_MISSING_DEFAULT_VALUE::"
    assert first.startswith(start)
    assert "%0A" in first


def test_a_folder(project: GitProject, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tmp_path / "before"
    shutil.copytree(project.root, before)
    project.birth(*BIRTH, field("vet", "string"))
    for place in (before, before / "schemas"):
        assert not report(project, capsys, "--against", f"dir:{place}")["ok"]
    assert check(project, "--against", f"dir:{tmp_path / 'nowhere'}") == ExitCode.USAGE
    assert "no folder" in capsys.readouterr().err


def test_an_export(project: GitProject, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, broken = record("Birth", *BIRTH), record("Birth", field("animal", "int"), BIRTH[1])
    versions = [
        {"version": 2, "schema": old},
        {"version": 1, "schema": json.dumps(broken), "deleted": True},
    ]
    file = tmp_path / "export.json"
    file.write_text(json.dumps({"subjects": {"zoo.births-zoo.Birth": versions, "other": []}}))
    found = report(project, capsys, "--against", f"export:{file}")
    assert found["ok"], "a deleted version does not count"
    assert found["notes"] == ["1 subject of the export are not declared here and were not compared"]
    versions[1]["deleted"] = False
    file.write_text(json.dumps({"subjects": {"zoo.births-zoo.Birth": versions}}))
    found = report(project, capsys, "--against", f"export:{file}")
    assert [version for version, _, fails in rules(found) if fails] == ["1"]


def test_a_finding_that_several_versions_have_is_shown_and_counted_once(
    project: GitProject, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = [record("Birth", *BIRTH), record("Birth", *BIRTH, field("name", "string", default=""))]
    file = tmp_path / "export.json"
    versions = [{"version": number, "schema": schema} for number, schema in enumerate(old, 1)]
    file.write_text(json.dumps({"subjects": {"zoo.births-zoo.Birth": versions}}))
    project.birth(*BIRTH, field("vet", "string"))
    assert check(project, "--against", f"export:{file}") == ExitCode.CONTRACT
    out = capsys.readouterr().out
    assert out.count("error READER_FIELD_MISSING_DEFAULT_VALUE") == 1
    assert out.splitlines()[-1].startswith("1 of 1 subject failed, 1 changed, 1 failing finding")
    assert "old data: of version 1, version 2;" in out


def test_a_shallow_clone_says_what_it_did_not_see(
    project: GitProject, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project.birth(*BIRTH, field("vet", "string", default=""))
    project.commit()
    git(tmp_path, "clone", "--quiet", "--depth=1", project.root.as_uri(), "shallow")
    clone = GitProject.__new__(GitProject)
    clone.root = tmp_path / "shallow"
    found = report(clone, capsys)
    assert found["ok"]
    assert "a shallow clone" in found["notes"][0]
    assert found["subjects"][0]["versions"] == 1
    assert check(clone, "--against", "git:HEAD~1") == ExitCode.USAGE
    assert "git fetch --unshallow" in capsys.readouterr().err


def test_what_cannot_be_compared_is_said(
    project: GitProject, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for against, word in [
        ("git:nowhere", 'no revision "nowhere"'),
        ("git:--help", "no such revision"),
        ("git:", "without what to compare with"),
        ("main", "Did you mean git:main?"),
        ("export:nowhere.json", "nowhere.json"),
    ]:
        assert check(project, "--against", against) == ExitCode.USAGE
        assert word in capsys.readouterr().err
    git(project.root, "branch", "--quiet", "-m", "trunk")
    assert check(project) == ExitCode.USAGE
    assert "no main branch" in capsys.readouterr().err
    bare = GitProject(tmp_path / "bare", repository=False)
    bare.birth()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert check(bare) == ExitCode.USAGE
    assert "not in a git repository" in capsys.readouterr().err
    git(bare.root, "init", "--quiet", "--initial-branch=main")
    assert check(bare) == ExitCode.USAGE
    assert "no main branch" in capsys.readouterr().err
    monkeypatch.setenv("PATH", str(tmp_path))
    assert check(project) == ExitCode.USAGE
    assert "no git on this machine" in capsys.readouterr().err


def test_a_project_below_the_repositorys_root(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    project = GitProject(tmp_path / "teams" / "zoo", repository=False)
    project.birth()
    project.commit()
    project.birth(*BIRTH, field("vet", "string"))
    assert not report(project, capsys)["ok"]
    assert report(project, capsys)["subjects"][0]["versions"] == 1


def test_a_broken_version_in_the_history_is_passed_over_and_said(
    project: GitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    (project.root / "schemas" / "zoo.Birth.avsc").write_text('{"type": "recrod"')
    broken = project.commit()
    project.birth()
    project.commit()
    found = report(project, capsys)
    assert found["ok"]
    assert found["notes"] == [f"zoo.Birth.avsc of {broken} (2026-03-01) is no schema that can be read: passed over"]


def test_where_java_raises_there_is_no_verdict_and_it_fails(
    project: GitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    project.birth(*BIRTH, field("weight", "int", default=0, aliases=["animal", "number"]))
    found = report(project, capsys)
    assert found["subjects"][0]["compatible"] is None
    assert found["subjects"][0]["errors"]
    assert not found["ok"]


def test_a_registry(project: GitProject, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    weight = record("Weight", field("kg", "double"))
    registry = MemoryRegistry(level=Level.NONE)
    reference = Reference(name="zoo.Weight", subject="zoo.Weight", version=1)
    registry.register("zoo.Weight", json.dumps(weight))
    registry.register("zoo.births-zoo.Birth", json.dumps(record("Birth", field("animal", "int"))))
    registry.register(
        "zoo.births-zoo.Birth", json.dumps(record("Birth", *BIRTH, field("weight", "zoo.Weight"))), (reference,)
    )
    monkeypatch.setattr(Project, "registry", lambda _self: registry)
    environments = project.root / "admin" / "environments"
    environments.mkdir()
    (environments / "local.yaml").write_text(
        "environment: local\ndescription: Here.\nreplication_factor: 1\nmin_insync_replicas: 1\n"
        "kafka: {bootstrap.servers: 127.0.0.1:1}\nregistry: {url: http://127.0.0.1:1}\n"
    )
    project.schema(weight)
    project.birth(*BIRTH, field("weight", "zoo.Weight"))
    found = report(project, capsys, "--against", "registry")
    event = next(subject for subject in found["subjects"] if subject["subject"] == "zoo.births-zoo.Birth")
    assert (event["state"], event["versions"]) == ("same", 2)
    assert {finding["version"] for finding in event["findings"] if finding["fails"]} == {"1"}
    assert found["against"] == "the registry memory:"
    assert report(project, capsys, "--against", "registry", "--mode", "BACKWARD")["ok"]


def test_warnings_are_shown_and_annotated_and_fail_nothing(
    project: GitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    project.birth(field("animal", "string"), field("number", "int", default=1))
    project.commit()
    project.birth(field("animal", "string"), field("number", "int", default=2))
    project.topic(level="BACKWARD")
    assert check(project) == ExitCode.OK
    out = capsys.readouterr().out
    assert "warning DEFAULT_CHANGED at $.number" in out
    assert out.splitlines()[-1] == "ok: 1 subject, 1 changed, 1 worth knowing"
    assert check(project, "--output", "github") == ExitCode.OK
    assert capsys.readouterr().out.startswith("::warning file=schemas/zoo.Birth.avsc,line=")
    assert check(project, "--output", "junit") == ExitCode.OK
    case = ET.fromstring(capsys.readouterr().out).find("testsuite/testcase/system-out")
    assert case is not None
    assert "DEFAULT_CHANGED" in (case.text or "")


def test_odd_text_breaks_neither_xml_nor_annotations(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    file = project.root / "admin" / "exceptions.yaml"
    file.write_text("- rule: NAME_REUSED\n  subject: \"<a> & 'b', 100%: \\x85\"\n  reason: r\n  until: 2020-01-01\n")
    assert check(project, "--output", "junit") == ExitCode.CONTRACT
    suites = ET.fromstring(capsys.readouterr().out)
    assert suites.get("failures") == "1"
    assert check(project, "--output", "github") == ExitCode.CONTRACT
    first = capsys.readouterr().out.split("\n")[0]
    assert first.startswith("::error file=admin/exceptions.yaml,line=1,title=EXCEPTION_EXPIRED::")
    assert "100%25" in first


@pytest.mark.parametrize(("kind", "text"), [("dir", "{"), ("export", '{"subjects": {}}')])
def test_what_holds_no_version_is_nothing_to_compare_with(
    project: GitProject, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, text: str
) -> None:
    place = tmp_path / "before"
    place.mkdir()
    (place / "old.avsc").write_text(text)
    against = place if kind == "dir" else place / "old.avsc"
    assert check(project, "--against", f"{kind}:{against}") == ExitCode.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert f"{against}: nothing to compare with: expected" in said.err


@pytest.mark.parametrize("words", [["schema", "check"], ["schema", "fmt", "--check"], ["schema", "lint"], ["plan"]])
def test_a_root_that_is_no_project_is_a_slip(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*words, "--root", str(tmp_path)]) == ExitCode.USAGE
    assert "this is not an avroad project: expected a folder with schemas/ and admin/" in capsys.readouterr().err


def test_what_helps_is_said_and_nothing_else(project: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    """The branch that comes nearest is another type: what would make a union of it is not what is to be done."""
    project.birth(*BIRTH, field("size", ["null", "int"], default=None))
    project.commit()
    project.birth(*BIRTH, field("size", ["null", "string"], default=None))
    assert check(project) == ExitCode.CONTRACT
    out = " ".join(capsys.readouterr().out.split())
    assert "fix: Put int back among the union's branches. because: error TYPE_MISMATCH at $.size<int>" in out
    assert "make it compatible: Put int back among the union's branches. 2." in out
    assert out.count("fix:") == 1
