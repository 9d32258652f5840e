"""plan, apply and check as a user meets them: output, questions, exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from avroad.cli.main import run
from avroad.contracts.lock import read_lock
from avroad.errors import ExitCode
from avroad.model import Level
from tests.cli.admin_world import World, make_world
from tests.unit.admin.fakes import ACCIDENT_SUBJECT, OPTIONAL, PLACE_SUBJECT, REQUIRED, accident, place


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[World]:
    made = make_world(tmp_path, monkeypatch, capsys)
    yield made
    assert made.registry.calls["close"] > 0, "every command closes its registry"


def terminal(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """Let a person sit there who types these answers."""
    import io
    import sys

    typed = io.StringIO("".join(f"{answer}\n" for answer in answers))
    monkeypatch.setattr(typed, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", typed)


def test_plan_shows_everything_and_changes_nothing(world: World) -> None:
    code, out, err = world.run("plan")
    assert (code, err) == (0, "")
    assert "  + road.events  partitions 6  replication 1  owner team-roads" in out
    assert "retention.ms         604800000 (7d)" in out
    assert out.splitlines()[-1] == ("Plan: 4 to create, 0 to change, 0 refused (the schema lock will be written)")
    assert world.cluster.topics == {}
    assert world.registry.held == {}
    assert not world.lock.exists()


def test_plan_as_json_is_the_document_of_the_saved_plan(world: World) -> None:
    code, out, err = world.run("plan", "--output", "json", "--out", "plan.json")
    assert code == 0
    document = json.loads(out)
    assert document["format_version"] == "1.1"
    assert document == json.loads((world.folder / "plan.json").read_text("utf-8"))
    assert "avroad apply -e local plan.json" in err


def test_detailed_exit_code_tells_changes_from_none(world: World) -> None:
    assert world.run("plan", "--detailed-exitcode")[0] is ExitCode.CHANGES
    world.applied()
    assert world.run("plan", "--detailed-exitcode")[0] == 0
    world.lock.unlink()
    assert world.run("plan", "--detailed-exitcode")[0] is ExitCode.CHANGES


def test_apply_does_it_says_each_step_and_leaves_an_empty_plan(world: World) -> None:
    code, out, err = world.run("apply", "--yes")
    assert code == 0
    assert "Plan: 4 to create" in out
    assert err.splitlines()[0] == "created topic road.events (6 partitions)"
    assert "Applied: 4 created, 0 changed; the lock holds 2 subjects" in err
    assert "The lock is in schemas.lock.json." in err
    assert set(read_lock(world.lock).subjects) == {PLACE_SUBJECT, ACCIDENT_SUBJECT}
    code, out, _ = world.run("plan")
    assert "No changes" in out
    assert out.endswith("Plan: 0 to create, 0 to change, 0 refused\n")


def test_a_second_apply_asks_nothing_and_does_nothing(world: World) -> None:
    world.applied()
    code, out, err = world.run("apply")
    assert (code, err) == (0, "")
    assert "No changes" in out


def test_without_a_terminal_and_without_yes_apply_refuses(world: World) -> None:
    code, _, err = world.run("apply")
    assert code is ExitCode.REFUSED
    assert "--yes" in err
    assert world.cluster.topics == {}


def test_a_person_is_asked_and_may_say_no(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal(monkeypatch, "n")
    code, _, err = world.run("apply")
    assert code is ExitCode.REFUSED
    assert "Apply this to environment local, cluster cluster-1, registry http://registry?" in err
    assert "nothing was written" in err
    assert world.cluster.topics == {}
    terminal(monkeypatch, "y")
    assert world.run("apply")[0] == 0
    assert world.cluster.topics


def test_a_saved_plan_is_applied_exactly(world: World) -> None:
    world.run("plan", "--out", "plan.json")
    world.accident = accident(OPTIONAL)
    code, _, _ = world.run("apply", "plan.json", "--yes")
    assert code == 0
    assert "note" not in world.registry.held[ACCIDENT_SUBJECT][0].text


def test_a_saved_plan_is_stale_after_an_outside_change(world: World) -> None:
    world.applied()
    world.config = {"retention.ms": "704800000"}
    world.run("plan", "--out", "plan.json")
    world.cluster.set_config("road.events", {"segment.ms": "77"})
    code, _, err = world.run("apply", "plan.json", "--yes")
    assert code is ExitCode.REFUSED
    assert "plan is stale: topic road.events changed since" in err
    assert world.cluster.topics["road.events"][2]["retention.ms"] == "604800000"


def test_a_plan_for_another_cluster_is_refused(world: World) -> None:
    world.run("plan", "--out", "plan.json")
    world.cluster.cluster_id = "cluster-2"
    code, _, err = world.run("apply", "plan.json", "--yes")
    assert code is ExitCode.REFUSED
    assert "another cluster" in err
    assert world.cluster.topics == {}


@pytest.mark.parametrize("command", [("plan",), ("apply", "--yes"), ("check",)])
def test_an_environment_bound_to_another_cluster_is_refused(world: World, command: tuple[str, ...]) -> None:
    world.cluster_id = "prod-cluster"
    code, _, err = world.run(*command)
    assert code is ExitCode.REFUSED
    assert "expected cluster prod-cluster, found cluster-1" in err
    assert world.cluster.topics == {}


def test_a_plan_of_another_environment_is_refused(world: World) -> None:
    world.run("plan", "--out", "plan.json")
    world.environment = "prod"
    code, _, err = world.run("apply", "plan.json", "--yes")
    assert code is ExitCode.REFUSED
    assert "expected environment local, found prod" in err


def test_dropping_data_needs_its_own_word(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.applied()
    world.config = {"retention.ms": "259200000"}
    _, out, _ = world.run("plan")
    assert "~ retention.ms  604800000 (7d) -> 259200000 (3d)  [destructive: drops data]" in out
    code, _, err = world.run("apply", "--yes")
    assert code is ExitCode.REFUSED
    assert "--allow-destructive road.events" in err
    terminal(monkeypatch, "road.event", "y")
    assert world.run("apply")[0] is ExitCode.REFUSED
    assert world.cluster.topics["road.events"][2]["retention.ms"] == "604800000"
    terminal(monkeypatch, "road.events", "y")
    assert world.run("apply")[0] == 0
    assert world.cluster.topics["road.events"][2]["retention.ms"] == "259200000"


def test_and_may_be_given_as_a_flag(world: World) -> None:
    world.applied()
    world.config = {"retention.ms": "259200000"}
    assert world.run("apply", "--yes", "--allow-destructive", "road.events")[0] == 0


def test_partitions_need_an_allowance_with_a_reason(world: World) -> None:
    world.applied()
    world.partitions = 12
    code, out, _ = world.run("plan")
    assert code is ExitCode.REFUSED
    assert "about 50% of the keys move" in out
    assert world.run("apply", "--yes")[0] is ExitCode.REFUSED
    allow = ("--allow-partitions", "road.events=load")
    code, out, _ = world.run("plan", *allow)
    assert code == 0
    assert "partitions  6 -> 12  [allowed: load]" in out
    world.applied(*allow)
    assert world.cluster.topics["road.events"][0] == 12
    world.partitions = 3
    code, out, _ = world.run("plan", *allow)
    assert code is ExitCode.REFUSED
    assert "Kafka cannot remove partitions" in out


def test_a_dry_run_checks_and_writes_nothing(world: World) -> None:
    code, out, err = world.run("apply", "--dry-run")
    assert code == 0
    assert "Plan: 4 to create" in out
    assert "nothing was written" in err
    assert world.cluster.topics == {}
    code, out, _ = world.run("apply", "--dry-run", "--output", "json")
    document = json.loads(out)
    assert len(document["remaining"]) == 6
    assert document["summary"] == {"created": 0, "changed": 0, "left": 4}
    assert document["plan"]["summary"] == {"create": 4, "change": 0, "refused": 0}


def test_apply_as_json_is_one_document(world: World) -> None:
    code, out, err = world.run("apply", "--yes", "--output", "json")
    assert code == 0
    document = json.loads(out)
    assert document["format_version"] == "1.0"
    assert len(document["done"]) == 6
    assert document["remaining"] == []
    assert document["summary"] == {"created": 4, "changed": 0, "left": 0}
    assert document["lock_written"] is True
    assert "created topic" in err


def test_a_refused_schema_is_a_contract_violation_with_the_registrys_words(world: World) -> None:
    world.applied()
    world.accident = accident(REQUIRED)
    world.registry.conflicts[ACCIDENT_SUBJECT] = "READER_FIELD_MISSING_DEFAULT_VALUE at /fields/2"
    code, out, _ = world.run("plan", "--out", "plan.json")
    assert code is ExitCode.CONTRACT
    assert "/fields/2" in out
    for command in (("apply", "--yes"), ("apply", "plan.json", "--yes"), ("apply", "--dry-run")):
        code, _, err = world.run(*command)
        assert code is ExitCode.CONTRACT, command
        assert "the plan holds refusals: road.events-road.Accident: the registry refuses" in err


def test_a_schema_among_other_refusals_is_still_a_contract_violation(world: World) -> None:
    world.applied()
    world.partitions, world.accident = 3, accident(REQUIRED)
    world.registry.conflicts[ACCIDENT_SUBJECT] = "READER_FIELD_MISSING_DEFAULT_VALUE at /fields/2"
    for command in (("plan",), ("apply", "--yes")):
        assert world.run(*command)[0] is ExitCode.CONTRACT
    del world.registry.conflicts[ACCIDENT_SUBJECT]
    world.accident = accident()
    for command in (("plan",), ("apply", "--yes")):
        assert world.run(*command)[0] is ExitCode.REFUSED


def test_a_lock_of_another_cluster_is_a_warning_of_the_plan_that_replaces_it(world: World) -> None:
    world.applied()
    world.cluster.cluster_id = "cluster-2"
    code, out, _ = world.run("plan")
    assert code == 0
    assert "the schema lock was made for cluster cluster-1; apply makes one for this cluster" in " ".join(out.split())
    world.applied()
    assert read_lock(world.lock).cluster_id == "cluster-2"
    assert "Warnings" not in world.run("plan")[1]


def test_a_registry_that_decides_only_at_registration_stops_apply_half_way(world: World) -> None:
    world.applied()
    world.registry.silent = True
    world.config = {"retention.ms": "704800000"}
    world.accident = accident(OPTIONAL)
    world.registry.conflicts[ACCIDENT_SUBJECT] = "diff types: [lanes at /fields/2]"
    code, out, err = world.run("apply", "--yes", "--output", "json")
    assert code is ExitCode.CONTRACT
    assert "diff types: [lanes at /fields/2]" in err
    assert "Applied: 0 created, 1 changed, 1 left" in err
    assert "register road.Accident under road.events-road.Accident" in err
    assert json.loads(out)["remaining"] == ["register road.Accident under road.events-road.Accident"]


def test_github_annotations(world: World) -> None:
    world.applied()
    world.partitions = 3
    code, out, _ = world.run("plan", "--output", "github")
    assert code is ExitCode.REFUSED
    assert out.startswith("::error title=refused::road.events: partitions 6 -> 3")


def test_a_broken_lock_is_named_and_written_again(world: World) -> None:
    world.applied()
    world.lock.write_text("<<<<<<< HEAD", "utf-8")
    code, _, err = world.run("plan")
    assert code == 0
    assert "merge" in err
    world.applied()
    assert set(read_lock(world.lock).subjects) == {PLACE_SUBJECT, ACCIDENT_SUBJECT}


def test_check_is_quiet_about_what_is_in_sync_and_lists_what_is_not_ours(world: World) -> None:
    world.applied()
    world.cluster.put("road.foreign", 3)
    world.cluster.put("__consumer_offsets", 50)
    world.cluster.put("app-store-changelog", 50)
    world.registry.register("foreign-value", '"string"')
    code, out, _ = world.run("check")
    assert code == 0
    assert out.endswith("In sync.\n")
    assert "Not declared, never touched: 1 topics\n  road.foreign\n" in out
    assert "  foreign-value\n" in out
    code, out, _ = world.run("check", "--output", "json")
    document = json.loads(out)
    assert document["in_sync"] is True
    assert document["unmanaged"] == {"topics": ["road.foreign"], "subjects": ["foreign-value"]}


def test_check_finds_drift_of_settings_and_levels(world: World) -> None:
    world.applied()
    world.cluster.set_config("road.events", {"retention.ms": "5"})
    world.registry.set_level(PLACE_SUBJECT, Level.NONE)
    code, out, _ = world.run("check")
    assert code is ExitCode.FAILURE
    assert "~ retention.ms  5 -> 604800000 (7d)" in out
    assert "level     NONE -> BACKWARD_TRANSITIVE" in out
    assert out.endswith("Drift found.\n")
    assert world.run("check", "--detailed-exitcode")[0] is ExitCode.CHANGES
    world.applied()
    assert world.run("check")[0] == 0


def test_check_tells_a_wrong_lock_from_drift(world: World) -> None:
    world.applied()
    document = json.loads(world.lock.read_text("utf-8"))
    entry = document["subjects"][PLACE_SUBJECT]
    document["subjects"] = {PLACE_SUBJECT: entry | {"id": 99}, "gone": entry}
    document["cluster_id"] = "old"
    world.lock.write_text(json.dumps(document), "utf-8")
    code, out, _ = world.run("check")
    assert code is ExitCode.CONTRACT
    assert "road.Place is locked at version 1 (id 99), what schemas/ declare is registered as 1 (id 1)" in out
    assert "gone is locked but no longer declared" in out
    assert f"{ACCIDENT_SUBJECT} is declared but not locked" in out
    assert "it was written for cluster old, this is cluster-1" in out
    code, out, _ = world.run("check", "--output", "github")
    assert out.count("::error title=lock::") == 4
    world.lock.unlink()
    assert "there is no schema lock" in world.run("check")[1]
    world.lock.write_text("{", "utf-8")
    code, out, _ = world.run("check")
    assert code is ExitCode.CONTRACT
    assert "not JSON" in out


def test_check_names_a_locked_meaning_that_schemas_left(world: World) -> None:
    world.applied()
    world.place = place(OPTIONAL)
    code, out, _ = world.run("check")
    assert code is ExitCode.FAILURE
    assert "road.Place is locked with another meaning than schemas/ declares" in out


@pytest.mark.parametrize("value", ["road.events", "=x", "road.events=", "road.events= "])
def test_an_allowance_without_a_reason_is_a_usage_error(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--allow-partitions", value]) is ExitCode.USAGE
    assert "expected TOPIC=REASON" in capsys.readouterr().err


def test_a_saved_plan_takes_no_new_allowance(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["apply", "plan.json", "--allow-partitions", "a=b"]) is ExitCode.USAGE
    assert "belongs to plan" in capsys.readouterr().err


def test_a_missing_plan_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["apply", "no-such-plan.json"]) is ExitCode.REFUSED
    assert "no-such-plan.json: the plan cannot be read" in capsys.readouterr().err


def breaking(world: World) -> str:
    """Declare a change that readers cannot follow, and return its subject."""
    world.applied()
    world.accident = accident(REQUIRED)
    return ACCIDENT_SUBJECT


def test_a_break_is_refused_shown_allowed_and_remembered(world: World) -> None:
    subject = breaking(world)
    code, out, _ = world.run("plan")
    assert code is ExitCode.CONTRACT
    for words in (
        "changes   $.lanes: field added, int, no default (breaks new readers)",
        "engine    incompatible, not safe, same meaning; checked against version 1",
    ):
        assert words in out
    flat = " ".join(out.split())
    assert f'--allow-breaking {subject}="REASON"' in flat
    assert "the registry says compatible, the engine incompatible at level BACKWARD_TRANSITIVE" in flat
    assert world.run("apply", "--yes")[0] is ExitCode.CONTRACT
    allow = ("--allow-breaking", f"{subject}=no reader yet")
    code, out, _ = world.run("plan", *allow, "--out", "plan.json")
    assert code == 0
    assert "breaks    allowed: no reader yet" in out
    assert max(map(len, out.splitlines())) <= 80
    code, _, err = world.run("apply", "plan.json", "--yes")
    assert code == 0, err
    assert "(allowed to break)" in err
    [kept] = read_lock(world.lock).subjects[subject].breaking
    assert (kept.version, kept.reason) == (2, "no reader yet")
    assert world.run("plan")[1].endswith("Plan: 0 to create, 0 to change, 0 refused\n")


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ("{}", ExitCode.USAGE, "expected SUBJECT=REASON"),
        ("{}=", ExitCode.USAGE, "expected SUBJECT=REASON"),
        ("{}=  ", ExitCode.USAGE, "expected SUBJECT=REASON"),
        ("=why", ExitCode.USAGE, "expected SUBJECT=REASON"),
        ("road.Acident=why", ExitCode.REFUSED, "no such subject is declared"),
        (f"{PLACE_SUBJECT}=why", ExitCode.REFUSED, "registered already, as version 1"),
        ("{}=\udcff", ExitCode.USAGE, "expected text in UTF-8"),
    ],
)
def test_an_allowance_that_cannot_be_meant_is_an_error(world: World, given: str, code: ExitCode, words: str) -> None:
    subject = breaking(world)
    found, _, err = world.run("plan", "--allow-breaking", given.format(subject))
    assert found is code
    assert words in err
    if code is ExitCode.USAGE:
        world.run("plan")  # usage errors end before anything is opened


@pytest.mark.parametrize(("user", "kept"), [("ada", "ada"), ("\udcff", "")])
def test_the_lock_names_whoever_allowed_it(world: World, monkeypatch: pytest.MonkeyPatch, user: str, kept: str) -> None:
    monkeypatch.setenv("LOGNAME", user)
    subject = breaking(world)
    world.applied("--allow-breaking", f"{subject}=why")
    assert [item.by for item in read_lock(world.lock).subjects[subject].breaking] == [kept]


def test_the_same_subject_twice_is_an_error_and_a_saved_plan_takes_no_allowance(world: World) -> None:
    subject = breaking(world)
    allow = ("--allow-breaking", f"{subject}=a", "--allow-breaking", f"{subject}=b")
    code, _, err = world.run("plan", *allow)
    assert code is ExitCode.USAGE
    assert "given twice" in err
    world.run("plan", *allow[:2], "--out", "plan.json")
    code, _, err = world.run("apply", "plan.json", *allow[:2])
    assert code is ExitCode.USAGE
    assert "--allow-breaking belongs to plan" in err


def test_the_verdicts_are_in_the_json_of_changes_and_refusals(world: World) -> None:
    subject = breaking(world)
    [refusal] = json.loads(world.run("plan", "--output", "json")[1])["refusals"]
    assert refusal["change"]["subject"] == subject
    assert refusal["change"]["disagree"] is True
    world.accident = accident(OPTIONAL)
    [change] = json.loads(world.run("plan", "--output", "json")[1])["changes"]
    answers = {key: change[key] for key in ("answer", "compatible", "safe", "same_meaning", "disagree", "checked")}
    assert answers == {
        "answer": "compatible", "compatible": True, "safe": True, "same_meaning": True, "disagree": False,
        "checked": [1],
    }  # fmt: skip
    assert change["changes"][0].startswith("$.note: field added")


def test_an_accepted_finding_needs_no_allowance(world: World) -> None:
    world.accident = accident({"name": "speed_kmh", "type": "int", "default": 0})
    world.applied()
    world.accident = accident({"name": "speed_kph", "type": "int", "default": 0})
    assert world.run("plan")[0] is ExitCode.CONTRACT
    (world.folder / "admin").mkdir()
    (world.folder / "admin" / "exceptions.yaml").write_text(
        f"- rule: RENAME_WITHOUT_ALIAS\n  subject: {ACCIDENT_SUBJECT}\n  path: $.speed_kph\n"
        "  reason: never filled\n  until: '2999-01-01'\n", "utf-8",
    )  # fmt: skip
    code, out, _ = world.run("plan")
    assert code == 0
    assert "[accepted until 2999-01-01: never filled]" in " ".join(out.split())


def test_a_plan_of_the_lock_alone_says_why(world: World) -> None:
    world.applied()
    world.lock.unlink()
    code, out, _ = world.run("plan")
    assert code == 0
    assert "Lock\n  ~ there is no schema lock, or none that can be read\n" in out


def test_a_newer_version_than_the_declared_one_is_drift_although_apply_has_nothing_to_do(world: World) -> None:
    world.applied()
    declared = world.accident
    world.accident = accident(OPTIONAL)
    world.applied()
    world.accident = declared  # as in a checkout that has not pulled
    world.applied()
    code, out, _ = world.run("plan")
    words = f"{ACCIDENT_SUBJECT}: declared is version 1, but newest registered is 2"
    assert code == 0
    assert words in " ".join(out.split())
    assert "No changes: nothing that apply would do." in out
    code, out, _ = world.run("check")
    assert code is ExitCode.FAILURE
    assert words in " ".join(out.split())
    assert out.endswith("Drift found.\n")
    document = json.loads(world.run("check", "--output", "json")[1])
    assert (document["in_sync"], document["overtaken"]) == (False, [ACCIDENT_SUBJECT])
    assert "::warning title=plan::" + words in world.run("check", "--output", "github")[1]
    states = {
        row["subject"]: row["state"]
        for row in json.loads(world.run("subjects", "list", "--output", "json")[1])["subjects"]
    }
    assert states == {PLACE_SUBJECT: "same", ACCIDENT_SUBJECT: "differs"}
