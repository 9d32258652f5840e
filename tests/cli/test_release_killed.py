"""`avroad evolve release` killed with SIGKILL at every step: the next run ends with one registration and one entry."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from avroad.contracts.lock import read_lock
from avroad.model import Level
from avroad.testing.registry_double import RegistryDouble
from tests.unit.contracts.conftest import BIRTH, ContractProject, field

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL and no fork")

ROOT = Path(__file__).resolve().parents[2]
SUBJECT = "zoo.births-value"
KILLED = -9
HELD = ("_contents", "_ids", "_subjects")
ENVIRONMENT = """\
environment: local
description: A registry double, and a cluster in memory.
replication_factor: 1
min_insync_replicas: 1
lock: schemas.lock.json
kafka: {{bootstrap.servers: "127.0.0.1:1"}}
registry: {{url: "{url}"}}
"""


class Runs:
    """A project and the process that runs commands in it."""

    def __init__(self, root: Path, double: RegistryDouble) -> None:
        self.root, self.double, self.project = root, double, ContractProject(root)
        self.project.topic(dlq="false")
        (root / "admin/environments").mkdir()
        (root / "admin/environments/local.yaml").write_text(ENVIRONMENT.format(url=double.url), "utf-8")
        self.child = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.release_kills"], cwd=root, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env={"PYTHONPATH": str(ROOT), "PATH": "", "LOGNAME": "ada", "HOME": str(root)},
        )  # fmt: skip

    def run(self, *arguments: str, moment: int = 0) -> tuple[int, str]:
        """Run a command, killed at a moment; return its exit code, and which moment that was."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write(json.dumps([moment, *arguments]) + "\n")
        self.child.stdin.flush()
        answer, where = self.child.stdout.readline(), ""
        if moment and not answer.strip().lstrip("-").isdigit():
            where, answer = answer.strip(), self.child.stdout.readline()
        return int(answer), where

    def keep(self) -> None:
        """Remember files and registry as they are."""
        self.files = {path: path.read_bytes() for path in self.root.rglob("*") if path.is_file()}
        self.held = copy.deepcopy([vars(self.double.registry)[name] for name in HELD])

    def restore(self) -> None:
        """Make files and registry what they were."""
        for path in self.root.rglob("*"):
            if path.is_file() and path not in self.files:
                path.unlink()
        for path, content in self.files.items():
            path.write_bytes(content)
        vars(self.double.registry).update(zip(HELD, copy.deepcopy(self.held), strict=True))

    def assert_released_once(self, versions: int) -> None:
        registry = self.double.registry
        assert registry.versions(SUBJECT) == tuple(range(1, versions + 1))
        text = (self.root / "schemas.changelog.md").read_text("utf-8")
        marks = [line.split()[3] for line in text.splitlines() if line.startswith("<!-- avroad: ")]
        assert marks == [str(number) for number in range(versions, 0, -1)]
        locked = read_lock(self.root / "schemas.lock.json").subjects[SUBJECT]
        assert (locked.version, locked.id) == (versions, registry.version(SUBJECT).id)
        assert registry.level(SUBJECT) is Level.BACKWARD_TRANSITIVE
        assert not (self.root / ".avroad/local/release.pending.json").exists()


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    with RegistryDouble() as double:
        made = Runs(tmp_path, double)
        try:
            made.run("rehearsed")
            assert made.run("evolve", "release", "--yes")[0] == 0
            made.assert_released_once(1)
            yield made
        finally:
            made.child.kill()
            made.child.communicate(timeout=10)


@pytest.mark.parametrize("breaking", [False, True])
def test_wherever_it_was_killed_the_next_run_ends_with_one_registration_and_one_entry(
    runs: Runs, breaking: bool
) -> None:
    command = ["evolve", "release", "--yes"]
    command += ["--allow-breaking", f"{SUBJECT}=nobody reads births yet"] if breaking else []
    more = {} if breaking else {"default": None}
    runs.project.schema({**BIRTH, "fields": [*BIRTH["fields"], field("ring", ["null", "string"], **more)]})
    assert runs.run("rehearsed")[0] == 0
    runs.keep()
    moment, seen = 0, []
    code = KILLED
    while code == KILLED:
        moment += 1
        runs.restore()
        code, where = runs.run(*command, moment=moment)
        seen.append(where)
        if code == KILLED:
            missing = len(runs.double.registry.versions(SUBJECT)) == 1
            assert runs.run(*(command if missing else command[:3]))[0] == 0, where
        runs.assert_released_once(2)
    assert code == 0
    for step in (
        f"before POST /subjects/{SUBJECT}/versions", f"after POST /subjects/{SUBJECT}/versions",
        "os.rename /schemas.lock.json", "os.rename /schemas.changelog.md",
        "os.remove /.avroad/local/release.pending.json",
    ):  # fmt: skip
        assert step in seen, seen
