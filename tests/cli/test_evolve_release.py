"""`avroad evolve release` as a user meets it: what it refuses, what it shows, what it writes and never loses."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from avroad.cli import release as release_module
from avroad.cli.release_files import ReleaseFiles
from avroad.contracts.lock import read_lock
from avroad.errors import BrokerError, ExitCode, RegistryUnavailable
from avroad.evolve.certificate import certificates_json
from avroad.evolve.changelog import Entry
from avroad.model import Level
from tests.cli.release_world import NOTE, REQUIRED, SUBJECT, World, make_world
from tests.cli.test_admin_plan import terminal

OTHER = "traffic.cameras-value"


@pytest.fixture
def world(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> World:
    return make_world(project, monkeypatch, capsys)


@pytest.fixture
def changed(world: World) -> World:
    """Everything is released, and the camera has a new field since."""
    world.released()
    world.camera(lambda fields: fields.append(NOTE))
    return world


def states(document: dict[str, Any]) -> dict[str, str]:
    return {step["step"]: step["state"] for step in document["steps"]}


def step(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(item for item in document["steps"] if item["step"] == name)


def _flat(text: str) -> str:
    """Return text without its line ends."""
    return " ".join(text.split())


def test_what_was_not_rehearsed_is_refused_with_the_command_that_does_it(world: World) -> None:
    code, out, err = world.release("--yes")
    assert code is ExitCode.REFUSED
    assert "step rehearsal is missing: traffic.Cause was not rehearsed (and 11 more)" in err
    assert "Run: avroad evolve rehearse -e local" in err
    assert "  rehearsal  MISSING  traffic.Cause was not rehearsed\n" in out
    assert "  apply      waits    28 changes\n" in out
    assert (world.cluster.topics, world.registry.subjects()) == ({}, ())
    assert not world.lock.exists()
    assert not world.changelog.exists()


def test_a_release_registers_writes_the_lock_and_then_the_changelog(changed: World) -> None:
    changed.rehearsed()
    code, out, err = changed.release("--yes")
    assert code == 0, err
    locked = read_lock(changed.lock).subjects[SUBJECT]
    assert locked.version == 2
    assert changed.registry.version(SUBJECT).id == locked.id
    text = changed.changelog.read_text("utf-8")
    assert text.count(f"<!-- avroad: {SUBJECT} 2 ") == 1
    entry = text[text.index(f"<!-- avroad: {SUBJECT} 2 ") :].partition("\n<!--")[0]
    assert f"{SUBJECT}, version 2, id {locked.id}" in entry
    assert "  - $.note: field added" in entry
    assert "- registry: compatible\n- engine: compatible, safe, same meaning; checked against version 1" in entry
    assert "- upgrade: consumers first\n  1. Update every consumer." in entry
    assert "rehearsed at 2026-05-01T10:00:00Z: BACKWARD_TRANSITIVE met, played against version 1" in _flat(entry)
    assert "to environment local, by ada" in entry
    assert text.index(f"avroad: {SUBJECT} 2 ") < text.index(f"avroad: {SUBJECT} 1 ")
    assert f"released {SUBJECT}, version 2, id {locked.id}" in err
    assert "The changelog is in locks/schemas.changelog.md, beside the lock." in err
    assert max(map(len, out.splitlines())) <= 80


def test_a_second_release_has_nothing_to_do(changed: World) -> None:
    changed.rehearsed()
    assert changed.release("--yes")[0] == 0
    before = changed.changelog.read_bytes()
    code, document = changed.document()
    assert code == 0
    assert states(document) == {
        "check": "ok", "lint": "ok", "rehearsal": "nothing", "plan": "ok", "apply": "nothing", "lock": "nothing",
        "changelog": "nothing",
    }  # fmt: skip
    assert (document["released"], document["entries"]) == (False, [])
    assert changed.release()[2] == "Nothing to release.\n"
    assert changed.changelog.read_bytes() == before


def test_going_back_to_an_older_version_is_checked_against_the_data_of_the_newest(world: World) -> None:
    world.released()
    file = world.root / "schemas/traffic.SpeedCamera.avsc"
    alias = {"name": "camera", "aliases": ["camera_id"]}
    before = file.read_bytes()
    world.camera(lambda fields: next(f for f in fields if f["name"] == "camera_id").update(alias))
    topics = world.root / "admin/topics/traffic.cameras.yaml"
    topics.write_text(topics.read_text("utf-8").replace("key_from: camera_id", "key_from: camera"), "utf-8")
    world.released()
    file.write_bytes(before)
    topics.write_text(topics.read_text("utf-8").replace("key_from: camera", "key_from: camera_id"), "utf-8")
    lock = world.lock.read_bytes()
    code, out, err = world.release("--yes")
    assert code is ExitCode.CONTRACT, out
    assert "step check is refused: traffic.cameras-value, declared as before its newest version: compatible no" in err
    assert world.lock.read_bytes() == lock


def test_a_dry_run_shows_steps_plan_and_entry_and_writes_nothing(changed: World) -> None:
    changed.rehearsed()
    lock, changelog = changed.lock.read_bytes(), changed.changelog.read_bytes()
    code, out, err = changed.release("--dry-run")
    assert code == 0
    assert "Plan: 0 to create, 2 to change, 0 refused" in out
    assert "Changelog: 2 new entries in locks/schemas.changelog.md\n" in out
    assert f"{SUBJECT}, a new version\n" in out
    assert "  changelog  to do    locks/schemas.changelog.md, 2 new entries\n" in out
    assert err == "Dry run: everything was checked, nothing was written.\n"
    assert max(map(len, out.splitlines())) <= 80
    assert (changed.lock.read_bytes(), changed.changelog.read_bytes()) == (lock, changelog)
    assert changed.registry.versions(SUBJECT) == (1,)
    assert changed.files.pending() == ()


def test_a_dry_run_ends_as_the_release_would(changed: World) -> None:
    code, document = changed.document("--dry-run")
    assert code is ExitCode.REFUSED
    assert states(document)["rehearsal"] == "stale"
    assert "not rehearsed" in document["entries"][0]["text"]
    assert not document["released"]


def test_a_schema_that_changed_after_its_rehearsal_is_stale(changed: World) -> None:
    changed.rehearsed()
    changed.camera(lambda fields: fields.append({**NOTE, "name": "other"}))
    code, _, err = changed.release("--yes")
    assert code is ExitCode.REFUSED
    assert "rehearsed at 2026-05-01T10:00:00Z: its schema is another one than was rehearsed" in err
    assert changed.registry.versions(SUBJECT) == (1,)


def test_a_version_that_somebody_registered_since_is_named(changed: World) -> None:
    changed.rehearsed()
    kept = changed.files.certificates()
    changed.camera(lambda fields: fields.append({**NOTE, "name": "theirs"}))
    assert changed.run("apply", "--yes")[0] == 0
    changed.camera(lambda fields: fields.pop())
    assert changed.files.certificates() == kept
    code, document = changed.document("--yes")
    assert code is not ExitCode.OK
    assert any("version 2 is in play, and was not" in fact for fact in step(document, "rehearsal")["facts"])


def test_the_result_of_another_machine_counts_when_it_is_given(changed: World) -> None:
    file = changed.root / "rehearsal.json"
    file.write_text(json.dumps({"met": True, "certificates": certificates_json(changed.certificates())}), "utf-8")
    assert changed.release("--yes")[0] is ExitCode.REFUSED
    code, _, err = changed.release("--yes", "--rehearsal", str(file))
    assert code == 0, err
    assert f"avroad: {SUBJECT} 2 " in changed.changelog.read_text("utf-8")


@pytest.mark.parametrize("text", ["", "{}", "[1", '{"certificates": [{}]}', None])
def test_a_file_that_is_no_rehearsal_is_refused_before_anything(changed: World, text: str | None) -> None:
    file = changed.root / "rehearsal.json"
    if text is not None:
        file.write_text(text, "utf-8")
    code, out, err = changed.release("--rehearsal", str(file))
    assert (code, out) == (ExitCode.USAGE, "")
    assert "rehearsal.json" in err


def test_a_break_is_refused_by_check_rehearsal_and_plan(world: World) -> None:
    world.released()
    world.camera(lambda fields: fields.append(REQUIRED))
    world.rehearsed(met=False)
    code, document = world.document("--yes")
    assert code is ExitCode.CONTRACT
    assert [item["step"] for item in document["steps"] if item["state"] == "refused"] == ["check", "rehearsal", "plan"]
    assert step(document, "check")["command"] == "avroad schema check --against registry -e local"
    assert world.registry.versions(SUBJECT) == (1,)
    assert (
        "safe no, same meaning yes; READER_FIELD_MISSING_DEFAULT_VALUE at $.lens (and 1 more)."
        in (world.release("--yes")[2])
    )


def test_a_break_that_is_meant_is_released_with_its_reason(world: World) -> None:
    world.released()
    world.camera(lambda fields: fields.append(REQUIRED))
    meant = [word for name in (SUBJECT, OTHER) for word in ("--allow-breaking", f"{name}=nobody reads it yet")]
    code, _, err = world.release("--yes", *meant)
    assert code is ExitCode.REFUSED, "a break is rehearsed too"
    assert "step rehearsal is stale" in err
    world.rehearsed(met=False)
    code, out, err = world.release("--yes", *meant)
    assert code == 0, err
    assert "not met at 2026-05-01T10:00:00Z; allowed to break" in _flat(out)
    text = world.changelog.read_text("utf-8")
    assert "- breaks, and was allowed to by ada: nobody reads it yet\n" in text
    assert "BACKWARD_TRANSITIVE NOT met" in text


def test_a_rehearsal_that_missed_the_mode_stops_what_the_engine_lets_pass(changed: World) -> None:
    changed.rehearsed(met=False)
    code, document = changed.document("--yes")
    assert code is ExitCode.CONTRACT
    assert [item["step"] for item in document["steps"] if item["blocks"]] == ["rehearsal"]


def test_a_refused_release_sets_a_level_again_that_a_killed_apply_left_at_none(changed: World) -> None:
    level = changed.registry.own_level(SUBJECT)
    changed.registry.set_level(SUBJECT, Level.NONE)
    for arguments in ((), ("--yes", "--dry-run")):
        code, _, err = changed.release(*arguments)
        assert (code, changed.registry.own_level(SUBJECT)) == (ExitCode.REFUSED, Level.NONE)
        assert "they take any schema. Run: avroad apply -e local" in err
        assert "nothing was released: step rehearsal is missing" in err.replace("stale", "missing")
    lock = changed.lock.read_bytes()
    code, _, err = changed.release("--yes")
    assert (code, changed.registry.own_level(SUBJECT)) == (ExitCode.REFUSED, level)
    assert (changed.registry.versions(SUBJECT), changed.lock.read_bytes()) == ((1,), lock)


def test_errors_of_lint_stop_it(changed: World) -> None:
    changed.camera(lambda fields: fields[-1].update(alises=["remark"]))
    changed.rehearsed()
    code, document = changed.document("--yes")
    assert changed.run("schema", "lint")[0] is ExitCode.CONTRACT
    assert code is ExitCode.CONTRACT
    assert step(document, "lint")["state"] == "refused"
    assert step(document, "lint")["command"] == "avroad schema lint"


def test_generated_classes_of_other_schemas_stop_it(changed: World) -> None:
    """Programs that send them would fail on their first event once the lock has the new version."""
    assert changed.run("schema", "types")[0] is ExitCode.OK
    changed.camera(lambda fields: fields.append({**NOTE, "name": "remark"}))
    changed.rehearsed()
    code, out, err = changed.release("--yes")
    assert code is ExitCode.CONTRACT
    assert "schemas/traffic.py was generated from other schemas" in out
    assert err.endswith("Run: avroad schema types\n")
    assert changed.registry.versions(SUBJECT) == (1,)
    assert changed.run("schema", "types")[0] is ExitCode.OK
    assert changed.release("--yes")[0] is ExitCode.OK
    assert changed.registry.versions(SUBJECT) == (1, 2)


def test_a_module_that_somebody_wrote_is_no_generated_one(changed: World) -> None:
    (changed.root / "schemas" / "traffic.py").write_text('"""Our own."""\n', "utf-8")
    changed.rehearsed()
    assert changed.release("--yes")[0] is ExitCode.OK


def test_it_asks_as_apply_does(changed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    changed.rehearsed()
    code, _, err = changed.release()
    assert (code, "is --yes missing?" in err) == (ExitCode.REFUSED, True)
    terminal(monkeypatch, "n")
    assert changed.release()[0] is ExitCode.REFUSED
    assert changed.registry.versions(SUBJECT) == (1,)
    assert changed.files.pending() == ()
    terminal(monkeypatch, "y")
    assert changed.release()[0] == 0
    assert changed.registry.versions(SUBJECT) == (1, 2)


def test_a_run_that_was_killed_before_its_entry_writes_it_the_next_time(
    changed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed.rehearsed()

    def die(*_: object, **__: object) -> None:
        raise SystemExit(137)  # neither an error nor anything that is handled on the way

    with monkeypatch.context() as patch:
        patch.setattr(release_module, "with_entries", die)
        assert changed.release("--yes")[0] == 137
    assert read_lock(changed.lock).subjects[SUBJECT].version == 2
    assert f"avroad: {SUBJECT} 2 " not in changed.changelog.read_text("utf-8")
    code, document = changed.document("--dry-run")
    assert code == 0
    assert [(item["subject"], item["version"]) for item in document["entries"]] == [(OTHER, 2), (SUBJECT, 2)]
    code, _, err = changed.release()
    assert code == 0, "nothing but a file is written, so nobody is asked"
    assert f"released {SUBJECT}, version 2" in err
    text = changed.changelog.read_text("utf-8")
    assert text.count(f"avroad: {SUBJECT} 2 ") == 1
    assert "BACKWARD_TRANSITIVE met, played against version 1" in _flat(text)
    assert changed.release()[2] == "Nothing to release.\n"


def test_a_run_that_was_killed_after_its_entry_does_not_write_it_twice(
    changed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed.rehearsed()
    with monkeypatch.context() as patch:
        patch.setattr(ReleaseFiles, "set_pending", _only_setting(ReleaseFiles.set_pending))
        assert changed.release("--yes")[0] == 137
    text = changed.changelog.read_text("utf-8")
    assert text.count(f"avroad: {SUBJECT} 2 ") == 1
    assert changed.files.pending()
    assert changed.release()[0] == 0
    assert changed.changelog.read_text("utf-8") == text


def _only_setting(real: Callable[[ReleaseFiles, Sequence[Entry]], None]) -> Callable[..., None]:
    def set_pending(self: ReleaseFiles, entries: Sequence[Entry]) -> None:
        if not entries:
            raise SystemExit(137)
        real(self, entries)

    return set_pending


def test_an_apply_that_stops_half_way_writes_what_it_did_and_the_next_one_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.released()
    world.camera(lambda fields: fields.append(NOTE))
    world.rehearsed()
    real = world.registry.register

    def register(subject: str, *rest: Any) -> Any:
        if subject == SUBJECT:
            raise RegistryUnavailable("gone")
        return real(subject, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(world.registry, "register", register)
        assert world.release("--yes")[0] is ExitCode.FAILURE
    text = world.changelog.read_text("utf-8")
    assert (f"avroad: {OTHER} 2 " in text, f"avroad: {SUBJECT} 2 " in text) == (True, False)
    code, _, err = world.release("--yes")
    assert code == 0, err
    text = world.changelog.read_text("utf-8")
    assert [text.count(f"avroad: {name} 2 ") for name in (OTHER, SUBJECT)] == [1, 1]


def test_an_apply_that_did_nothing_leaves_nothing_to_be_written(changed: World) -> None:
    changed.rehearsed()
    topic = next(iter((changed.root / "admin/topics").glob("traffic.events.yaml")))
    topic.write_text(topic.read_text("utf-8").replace("retention.ms: 604800000", "retention.ms: 704800000"), "utf-8")
    changed.cluster.fail_on = "traffic.events"
    assert changed.release("--yes")[0] is BrokerError.exit_code
    assert changed.files.pending() == ()
    assert f"avroad: {SUBJECT} 2 " not in changed.changelog.read_text("utf-8")


def test_what_people_wrote_into_the_changelog_is_kept(changed: World) -> None:
    theirs = changed.changelog.read_text("utf-8").replace("- first version\n", "- first version\n\n> Ask Bea.\n", 1)
    changed.changelog.write_text(theirs, "utf-8")
    changed.rehearsed()
    assert changed.release("--yes")[0] == 0
    text = changed.changelog.read_text("utf-8")
    start = theirs.index("<!-- avroad")
    assert text.startswith(theirs[:start])
    assert text.endswith(theirs[start:])


def test_a_changelog_nobody_can_read_stops_it_before_anything(changed: World) -> None:
    changed.rehearsed()
    changed.changelog.write_bytes(b"\xff\xfe")
    code, _, err = changed.release("--yes")
    assert code is ExitCode.USAGE
    assert "schemas.changelog.md" in err
    assert changed.registry.versions(SUBJECT) == (1,)
    assert changed.changelog.read_bytes() == b"\xff\xfe"


def test_a_changelog_that_cannot_be_written_is_said_and_written_the_next_time(
    changed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed.rehearsed()

    def full(path: Path, _text: str) -> None:
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(release_module, "replace_text", full)
        code, _, err = changed.release("--yes")
    assert code is ExitCode.FAILURE
    assert "Everything is applied; only the changelog is not written." in err
    assert "No space left" in err
    assert changed.release()[0] == 0
    assert f"avroad: {SUBJECT} 2 " in changed.changelog.read_text("utf-8")


def test_one_release_at_a_time(changed: World) -> None:
    changed.rehearsed()
    with changed.files.alone():
        code, _, err = changed.release("--yes")
    assert code is ExitCode.REFUSED
    assert "another release to environment local runs on this machine" in err
    assert changed.registry.versions(SUBJECT) == (1,)


def test_kept_results_nobody_can_read_are_said_and_replaced_by_the_next_rehearsal(changed: World) -> None:
    changed.rehearsed()
    kept = next((changed.root / ".avroad/local").glob("rehearsed.json"))
    kept.write_text("{", "utf-8")
    code, _, err = changed.release("--yes")
    assert (code, "rehearsed.json" in err) == (ExitCode.USAGE, True)
    changed.rehearsed()
    assert changed.release("--yes")[0] == 0


def test_entries_to_write_that_nobody_can_read_are_not_dropped_in_silence(changed: World) -> None:
    changed.rehearsed()
    (changed.root / ".avroad/local/release.pending.json").write_text('{"entries": [{}]}', "utf-8")
    code, _, err = changed.release("--yes")
    assert code is ExitCode.USAGE
    assert "Delete the file to go on without them." in err


def test_the_document_of_a_release_holds_what_was_registered(changed: World) -> None:
    changed.rehearsed()
    code, document = changed.document("--yes")
    assert code == 0
    assert document["released"]
    assert set(states(document).values()) == {"ok"}
    assert document["changelog"] == str(changed.changelog)
    ids = {item["subject"]: (item["version"], item["id"]) for item in document["entries"]}
    assert ids[SUBJECT] == (2, changed.registry.version(SUBJECT).id)
    assert all(item["text"] in changed.changelog.read_text("utf-8") for item in document["entries"])


@pytest.mark.parametrize(("pin", "what"), [("9", "version 9"), ('"git:v9"', "git:v9")])
def test_a_rehearsal_names_the_program_whose_pin_is_nowhere(world: World, pin: str, what: str) -> None:
    world.released()
    world.camera(lambda fields: fields.append(NOTE))
    (world.root / "admin/applications/gate.yaml").write_text(
        "application: gate\ndescription: d\nowner: o\n"
        f"reads: [{{topic: traffic.events, type: traffic.SpeedCamera, versions: [{pin}]}}]\n",
        "utf-8",
    )
    code, _, err = world.run("evolve", "rehearse", "--dry-run")
    assert code is ExitCode.USAGE
    assert err.startswith(f"error: admin/applications/gate.yaml: {what} of {SUBJECT}, which gate is pinned to, cannot")
    assert "Correct the pin" in err


def test_a_break_that_the_lock_allows_is_known_to_the_check_against_the_registry(world: World) -> None:
    world.released()
    world.camera(lambda fields: fields.append(REQUIRED))
    meant = [word for name in (SUBJECT, OTHER) for word in ("--allow-breaking", f"{name}=nobody reads it yet")]
    world.rehearsed(met=False)
    assert world.release("--yes", *meant)[0] == 0
    code, out, _ = world.run("schema", "check", "--against", "registry")
    assert code == 0
    assert f"ok {SUBJECT} (BACKWARD_TRANSITIVE, same)" in out
    assert "note: version 2 was allowed to break by ada on " in out
    world.camera(lambda fields: fields.append(REQUIRED | {"name": "mount"}))
    assert world.run("schema", "check", "--against", "registry")[0] is ExitCode.CONTRACT, "the next break is another"
    world.camera(lambda fields: fields.pop())
    world.lock.unlink()
    assert world.run("schema", "check", "--against", "registry")[0] is ExitCode.CONTRACT


def test_a_plan_names_the_pinned_programs_that_fail_on_what_it_registers(world: World) -> None:
    world.camera(lambda fields: fields.append(REQUIRED | {"type": "int", "default": 0}))
    world.released()
    (world.root / "admin/applications/gate.yaml").write_text(
        "application: gate\ndescription: d\nowner: team-gate\n"
        "reads: [{topic: traffic.events, type: traffic.SpeedCamera, versions: [1, repository]}]\n",
        "utf-8",
    )
    assert "gate" not in world.run("plan")[1]
    world.camera(lambda fields: fields[-1].update(type="long"))
    said = f"{SUBJECT}: gate (team-gate), pinned to version 1, fails on new data"
    code, out, _ = world.run("plan")
    assert code == 0
    assert said in _flat(out.partition("Warnings")[2])
    assert f"::warning title=plan::{said}" in world.run("plan", "--output", "github")[1]
    code, out, _ = world.run("apply", "--yes")
    assert code == 0
    assert said in _flat(out)
