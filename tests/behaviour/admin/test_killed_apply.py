"""`apply --allow-breaking` ended by a real signal before each of its steps: the next apply ends what it began."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from avroad.cli import apply as apply_module
from avroad.cli.main import run
from avroad.config.filelock import exclusive
from avroad.contracts.lock import AllowedBreak, read_lock
from avroad.contracts.pending import pending_path, read_pending
from avroad.errors import ExitCode
from avroad.model import Level
from avroad.project import Project
from avroad.testing.registry_double import RegistryDouble
from tests.behaviour.admin.killed import end_before
from tests.unit.admin.fakes import FakeCluster

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a process of Windows cannot send itself these signals")

ROOT = Path(__file__).resolve().parents[3]
SUBJECT = "road.events-value"
STEPS = [
    "keep_pending", "set_level", "register", "set_level", "write_lock", "keep_pending", "write_lock",
]  # fmt: skip
REGISTERED_BEFORE = 4
ENVIRONMENT = """\
environment: local
replication_factor: 1
min_insync_replicas: 1
lock: locks/schemas.lock.json
kafka: {{bootstrap.servers: "127.0.0.1:1"}}
registry: {{url: "{url}"}}
"""
TOPIC = """\
topic: road.events
description: A test.
owner: tests
subjects: topic
values: [road.Jam]
key: string
key_from: id
time_from: at
compatibility: BACKWARD_TRANSITIVE
partitions: 1
config: {cleanup.policy: delete, retention.ms: 604800000}
"""
FIELDS = (
    {"name": "id", "type": "string", "doc": "Its id."},
    {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "When."},
)
REQUIRED = {"name": "lanes", "type": "int", "doc": "How many."}


class World:
    """A project with a registry behind HTTP and a cluster in memory, and a break that is declared."""

    def __init__(self, root: Path, double: RegistryDouble, capture: pytest.CaptureFixture[str]) -> None:
        self.root, self.double, self.cluster, self.capture = root, double, FakeCluster(), capture
        for folder in ("schemas", "admin/topics", "admin/environments"):
            (root / folder).mkdir(parents=True)
        (root / "admin/environments/local.yaml").write_text(ENVIRONMENT.format(url=double.url), "utf-8")
        (root / "admin/topics/road.events.yaml").write_text(TOPIC, "utf-8")
        self.declare()

    @property
    def lock(self) -> Path:
        return self.root / "locks/schemas.lock.json"

    def declare(self, *more: dict[str, str]) -> None:
        schema = {"type": "record", "name": "Jam", "namespace": "road", "doc": "A jam.", "fields": [*FIELDS, *more]}
        (self.root / "schemas/road.Jam.avsc").write_text(json.dumps(schema), "utf-8")

    def run(self, *arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        output = self.capture.readouterr()
        return code, output.out, output.err

    def ended(self, number: int, step: int) -> subprocess.CompletedProcess[str]:
        """Run apply in a process that a signal ends before a step."""
        process = self.begin(number, step, "nobody reads it yet")
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def begin(self, number: int, step: int, reason: str) -> subprocess.Popen[str]:
        topics = self.root / "topics.json"
        topics.write_text(json.dumps(self.cluster.topics), "utf-8")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]), "LOGNAME": "ada"}
        command = [sys.executable, "-m", "tests.behaviour.admin.killed", str(topics), str(number), str(step), "apply"]
        return subprocess.Popen(
            [*command, "--yes", "--allow-breaking", f"{SUBJECT}={reason}"],
            cwd=self.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def records(self) -> tuple[AllowedBreak, ...]:
        return read_lock(self.lock).subjects[SUBJECT].breaking

    def versions(self) -> tuple[int, ...]:
        return self.double.registry.versions(SUBJECT)

    def level(self) -> Level | None:
        return self.double.registry.own_level(SUBJECT)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[World]:
    with RegistryDouble() as double:
        made = World(tmp_path, double, capsys)
        monkeypatch.setattr(Project, "cluster_admin", lambda _: made.cluster)
        monkeypatch.chdir(tmp_path)
        code, _, err = made.run("apply", "--yes")
        assert code == 0, err
        made.declare(REQUIRED)
        yield made


def test_the_steps_are_those_that_the_tests_below_end_before(world: World) -> None:
    done = world.ended(signal.SIGTERM, 0)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == STEPS
    assert not pending_path(world.lock).exists()


@pytest.mark.parametrize("step", range(1, len(STEPS) + 1))
def test_what_a_killed_apply_began_is_finished_by_the_next_one(world: World, step: int) -> None:
    assert world.ended(signal.SIGKILL, step).returncode == -signal.SIGKILL
    registered = step >= REGISTERED_BEFORE
    assert world.versions() == ((1, 2) if registered else (1,))
    assert (world.level() is Level.NONE) == (step in {3, 4}), "lowered in step 2, put back in step 4"
    code, out, err = world.run("plan")
    assert code == (ExitCode.OK if registered else ExitCode.CONTRACT), err
    assert ("an apply of ada was ended at" in " ".join(out.split())) == (step in {2, 3})
    assert world.run("check")[0] != ExitCode.OK
    code, _, err = world.run("apply", "--yes")
    assert code == (ExitCode.OK if registered else ExitCode.CONTRACT), err
    assert world.level() is Level.BACKWARD_TRANSITIVE
    assert [(item.version, item.reason, item.by) for item in world.records()] == (
        [(2, "nobody reads it yet", "ada")] if registered else []
    )
    if not registered:
        assert world.run("apply", "--yes", "--allow-breaking", f"{SUBJECT}=another reason")[0] == 0
        assert [item.reason for item in world.records()] == ["another reason"]
    assert read_pending(world.lock) == ()
    assert world.run("check")[0] == 0


def test_what_was_begun_and_given_up_is_forgotten(world: World) -> None:
    assert world.ended(signal.SIGKILL, 3).returncode == -signal.SIGKILL
    world.declare()
    code, out, _ = world.run("apply", "--yes")
    assert (code, world.level()) == (0, Level.BACKWARD_TRANSITIVE)
    assert "It is not registered" in " ".join(out.split())
    assert read_pending(world.lock) == ()
    assert world.records() == ()


def test_of_two_applies_at_once_one_reason_stands_and_the_other_hears_of_it(world: World) -> None:
    begun = {reason: world.begin(signal.SIGTERM, 0, reason) for reason in ("reason A", "reason B")}
    said = {reason: process.communicate(timeout=60) for reason, process in begun.items()}
    codes = {reason: process.returncode for reason, process in begun.items()}
    assert sorted(codes.values()) == [ExitCode.OK, ExitCode.REFUSED], said
    kept = next(reason for reason, code in codes.items() if code == ExitCode.OK)
    [record] = world.records()
    assert (record.version, record.reason) == (2, kept)
    code, _, err = world.run("apply", "--yes", "--allow-breaking", f"{SUBJECT}=reason C")
    assert code is ExitCode.REFUSED
    words = f"registered already, as version 2, which was allowed by ada on {record.at[:10]}: {kept}"
    assert words in " ".join(err.split())
    assert world.records() == (record,)


def test_an_apply_beside_another_one_waits_and_then_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply_module, "_WAIT_S", 0.2)
    with exclusive(world.root / ".avroad/local/apply.lock"):
        code, _, err = world.run("apply", "--yes", "--allow-breaking", f"{SUBJECT}=x")
        assert (code, world.versions()) == (ExitCode.REFUSED, (1,))
        assert "waiting for its end" in err
        assert "another apply to environment local runs on this machine" in err
        assert world.run("apply", "--dry-run", "--allow-breaking", f"{SUBJECT}=x")[0] == 0


def test_a_saved_plan_is_stale_once_the_lock_has_another_record(world: World) -> None:
    assert world.run("plan", "--out", "b.json", "--allow-breaking", f"{SUBJECT}=reason B")[0] == 0
    assert world.run("apply", "--yes", "--allow-breaking", f"{SUBJECT}=reason A")[0] == 0
    assert world.run("apply", "--yes", "b.json")[0] is ExitCode.REFUSED
    assert [item.reason for item in world.records()] == ["reason A"]


def test_a_level_left_at_none_is_set_again_although_the_saved_plan_is_stale(world: World) -> None:
    assert world.run("plan", "--out", "plan.json", "--allow-breaking", f"{SUBJECT}=x")[0] == 0
    assert world.ended(signal.SIGKILL, 3).returncode == -signal.SIGKILL
    code, _, err = world.run("apply", "plan.json")
    assert (code, world.level()) == (ExitCode.REFUSED, Level.NONE), "nobody agreed"
    code, _, err = world.run("apply", "--dry-run", "plan.json")
    assert (code, world.level()) == (ExitCode.REFUSED, Level.NONE)
    assert "they take any schema. Run: avroad apply -e local" in err
    assert "plan is stale" in err
    before = world.lock.read_bytes()
    code, _, err = world.run("apply", "--yes", "plan.json")
    assert (code, world.level()) == (ExitCode.REFUSED, Level.BACKWARD_TRANSITIVE)
    assert "a killed apply left the level of these at NONE" in err
    assert "plan is stale" in err
    assert (world.versions(), world.lock.read_bytes()) == ((1,), before), "nothing else was changed"


def test_a_plan_of_another_cluster_changes_nothing_and_names_what_would(world: World) -> None:
    assert world.run("plan", "--out", "plan.json", "--allow-breaking", f"{SUBJECT}=x")[0] == 0
    assert world.ended(signal.SIGKILL, 3).returncode == -signal.SIGKILL
    pending_path(world.lock).unlink()
    world.cluster.cluster_id = "cluster-2"
    code, _, err = world.run("apply", "--yes", "plan.json")
    assert (code, world.level()) == (ExitCode.REFUSED, Level.NONE)
    assert "the plan was made for another cluster" in err
    assert f"subject {SUBJECT}" in err
    assert "Run: avroad apply -e local" in err


@pytest.mark.parametrize("step", [3, 4, 5, 6])
def test_the_same_command_again_ends_what_was_begun_with_the_first_reason(world: World, step: int) -> None:
    assert world.ended(signal.SIGKILL, step).returncode == -signal.SIGKILL
    code, out, err = world.run("apply", "--yes", "--allow-breaking", f"{SUBJECT}=another reason")
    assert code == 0, err
    first = step >= REGISTERED_BEFORE
    assert [item.reason for item in world.records()] == ["nobody reads it yet" if first else "another reason"]
    assert ("the lock gets that reason, no other" in " ".join(out.split())) == first
    assert world.level() is Level.BACKWARD_TRANSITIVE
    assert read_pending(world.lock) == ()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("step", range(1, len(STEPS) + 1))
def test_a_signal_that_asks_leaves_nothing_half_done(
    world: World, number: int, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    with monkeypatch.context() as patch:
        end_before(number, step, patch.setattr)
        code, _, err = world.run("apply", "--yes", "--allow-breaking", f"{SUBJECT}=nobody reads it yet")
    assert code == ExitCode.INTERRUPTED, err
    assert world.level() is Level.BACKWARD_TRANSITIVE
    assert [(item.version, item.reason) for item in world.records()] == [(2, "nobody reads it yet")]
    assert read_pending(world.lock) == ()
    code, _, err = world.run("apply", "--yes")
    assert code == 0, err
    assert world.run("check")[0] == 0


def test_what_was_begun_survives_another_change_of_the_schema(world: World) -> None:
    assert world.ended(signal.SIGKILL, 4).returncode == -signal.SIGKILL
    world.declare(REQUIRED, {**REQUIRED, "name": "more"})
    assert world.run("apply", "--yes")[0] is ExitCode.CONTRACT
    assert world.level() is Level.BACKWARD_TRANSITIVE
    assert [item.reason for item in read_pending(world.lock)] == ["nobody reads it yet"]
    code, _, err = world.run("apply", "--yes", "--allow-breaking", f"{SUBJECT}=still nobody")
    assert code == 0, err
    assert [(item.version, item.reason) for item in world.records()] == [
        (2, "nobody reads it yet"),
        (3, "still nobody"),
    ]
    assert read_pending(world.lock) == ()


def test_a_plan_saved_before_what_was_begun_is_stale(world: World) -> None:
    assert world.ended(signal.SIGKILL, 5).returncode == -signal.SIGKILL
    kept = pending_path(world.lock).read_bytes()
    pending_path(world.lock).unlink()
    assert world.run("plan", "--out", "plan.json")[0] == 0
    pending_path(world.lock).write_bytes(kept)
    code, _, err = world.run("apply", "--yes", "plan.json")
    assert (code, "plan is stale" in err) == (ExitCode.REFUSED, True)
    assert pending_path(world.lock).read_bytes() == kept


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "expected JSON, found something else"),
        ("[1]", "format_version '1.0'"),
        ("{}", "format_version '1.0', found none"),
        ('{"format_version": "2.0", "begun": []}', "newer avroad"),
        ('{"format_version": "1.0", "begun": [{}]}', "expected the breaks that an apply has begun"),
        ('{"format_version": "1.0", "begun": [5]}', "expected the breaks that an apply has begun"),
        ("\x00", "expected JSON"),
    ],
)
def test_a_file_nobody_can_use_is_an_error_that_says_what_to_do(world: World, text: str, words: str) -> None:
    pending_path(world.lock).write_text(text, "utf-8")
    before = world.lock.read_bytes()
    for arguments in (
        ("plan",),
        ("check",),
        ("apply", "--yes"),
        ("apply", "--yes", "--allow-breaking", f"{SUBJECT}=x"),
    ):
        code, _, err = world.run(*arguments)
        assert (code, "Traceback" in err) == (ExitCode.REFUSED, False)
        assert words in " ".join(err.split())
        assert "delete it to go on without that reason" in " ".join(err.split())
    assert (world.versions(), world.lock.read_bytes()) == ((1,), before)


def test_what_was_begun_on_another_cluster_is_said_and_left(world: World) -> None:
    assert world.ended(signal.SIGKILL, 5).returncode == -signal.SIGKILL
    world.cluster.cluster_id = "cluster-2"
    kept = pending_path(world.lock).read_bytes()
    code, _, err = world.run("apply", "--yes")
    assert (code, "expected cluster cluster-2, found cluster-1" in err) == (ExitCode.REFUSED, True)
    assert "schemas.lock.json.pending" in err
    assert pending_path(world.lock).read_bytes() == kept


def test_a_break_whose_reason_cannot_be_kept_is_not_begun(world: World) -> None:
    pending_path(world.lock).mkdir()
    code, _, err = world.run("apply", "--yes", "--allow-breaking", f"{SUBJECT}=x")
    assert (code, "Traceback" in err) == (ExitCode.REFUSED, False)
    assert (world.versions(), world.level()) == ((1,), Level.BACKWARD_TRANSITIVE)
