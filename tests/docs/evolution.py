"""Writes what docs/evolution.md quotes: python -m tests.docs.evolution [--check].

Each change is made to a copy of our contracts in a git repository of its own, and the commands run in this process.
Cluster and registry are doubles in this process, too; the registry decides as a real one does.
"""

from __future__ import annotations

import argparse
import difflib
import io
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from unittest.mock import patch

from avroad.cli.context import Context
from avroad.cli.main import run
from avroad.contracts import load_catalog
from avroad.contracts.layout import layout
from avroad.registry import MemoryRegistry
from tests.cli.git_world import git
from tests.docs.reading import startup_lines, three_readers
from tests.unit.admin.fakes import FakeCluster

__all__ = ["PAGE", "blocks", "rewritten", "settled"]

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "evolution.md"
JAM: Final = "traffic.TrafficJam"
SUBJECT: Final = "traffic.events-traffic.TrafficJam"
_QUOTE: Final = re.compile(r"(<!-- output: ([\w-]+) -->\n```\w+\n).*?(```\n)", re.DOTALL)
_OWN: Final = re.compile(r"\b[0-9a-f]{10}\b(?= (?:of |\())|\b\d+(?= subjects\b)")
"""What any new subject of the reader's own changes: the number of subjects, and the commit that holds them all."""
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_PROGRAMS: Final = ("monitor", "stats19", "synthetic")
"""Those of this repository: what a reader of the page declares besides changes none of its output."""
_LANES: Final[dict[str, Any]] = {
    "name": "lanes_blocked", "type": ["null", "int"], "doc": "Blocked lanes, null when unknown.",
}  # fmt: skip
_MICROS: Final[dict[str, Any]] = {"type": "long", "logicalType": "timestamp-micros"}


class Story:
    """A copy of the project, and what a person at its prompt sees."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cluster, self.registry = FakeCluster(cluster_id="roads-1"), MemoryRegistry(name="http://registry:8081")
        for folder in ("schemas", "admin/topics", "admin/environments"):
            shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        shutil.copy(ROOT / "admin" / "exceptions.yaml", root / "admin")
        (root / "admin" / "applications").mkdir()
        for program in _PROGRAMS:
            shutil.copy(ROOT / "admin" / "applications" / f"{program}.yaml", root / "admin" / "applications")
        self.start = {path.name: path.read_text("utf-8") for path in (root / "schemas").glob("*.avsc")}
        git(root, "init", "-q", "-b", "main")
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", "What is in production")
        git(root, "switch", "-q", "-c", "change")

    def edit(self, change: Callable[[list[dict[str, Any]]], None]) -> str:
        """Change the fields of the jam as they were at the start; return the difference."""
        file = f"{JAM}.avsc"
        value = json.loads(self.start[file])
        change(value["fields"])
        text = layout(value, file=file)
        (self.root / "schemas" / file).write_text(text, "utf-8")
        lines = difflib.unified_diff(
            self.start[file].splitlines(), text.splitlines(), f"a/schemas/{file}", f"b/schemas/{file}", "", "", 1, ""
        )
        return "\n".join(line for line in lines if not line.startswith("@@"))

    def type(self, *commands: str) -> str:
        """Return commands with what they print, notes for people included, and exit codes other than 0."""
        return "\n\n".join("\n".join(self._one(command)) for command in commands)

    def _one(self, command: str) -> Iterator[str]:
        yield f"$ avroad {command}"
        screen = io.StringIO()
        with (
            redirect_stdout(screen),
            redirect_stderr(screen),
            patch.object(Context, "project", lambda _: self._wired()),
        ):
            code = int(run(shlex.split(command.replace("\\\n", ""))))
        shown = screen.getvalue().strip("\n")
        if command.startswith("apply"):  # shows the plan once more
            shown = f"...\n{shown[shown.index('Plan: ') :]}"
        yield shown
        if code:
            yield f"(exit code {code})"

    def _wired(self) -> SimpleNamespace:
        environment = SimpleNamespace(
            name="local", cluster_id="", replication_factor=1, min_insync_replicas=1,
            lock=self.root / "schemas.lock.json",
        )  # fmt: skip
        return SimpleNamespace(
            root=self.root, catalog=load_catalog(self.root), environment=environment,
            registry=lambda: self.registry, cluster_admin=lambda: self.cluster,
        )  # fmt: skip

    def record(self) -> str:
        """Return what the lock keeps of an allowed break, its time replaced by a fixed one."""
        entry = json.loads((self.root / "schemas.lock.json").read_text("utf-8"))["subjects"][SUBJECT]
        entry["fingerprint"] = entry["fingerprint"][:8] + "..."
        return _TIME.sub("2026-05-04T07:30:00Z", json.dumps({SUBJECT: entry}, indent=2, ensure_ascii=False))


def blocks() -> dict[str, str]:
    """Return every quoted block by name, made anew."""
    with _project() as story:
        story.type("apply --yes")
        return {**_safe(story), **_unsafe(story), **_silent(story)}


def rewritten(page: str, fresh: Mapping[str, str]) -> str:
    """Return the page with its blocks replaced. Raises KeyError for one that nobody makes."""
    return _QUOTE.sub(lambda found: f"{found[1]}{fresh[found[2]]}\n{found[3]}", page)


def settled(page: str) -> str:
    """Return the page without what differs as soon as one more type is declared; the rest is to be as it is."""
    return _OWN.sub("?", page)


def _safe(story: Story) -> dict[str, str]:
    edit = story.edit(lambda fields: fields.append({**_LANES, "default": None}))
    return {
        "safe-edit": edit,
        "safe": story.type("schema check", f"schema diff before.avsc {JAM}", "plan"),
    }


def _unsafe(story: Story) -> dict[str, str]:
    edit = story.edit(lambda fields: fields.append(_LANES))
    found = {
        "unsafe-edit": edit,
        "unsafe-check": story.type("schema check"),
        "unsafe-plan": story.type("plan"),
    }
    allow = f'--allow-breaking \\\n    {SUBJECT}="no consumer reads jams yet"'
    found["allowed"] = story.type(f"plan --out plan.json {allow}", "apply --yes plan.json")
    found["record"] = story.record()
    return found


def _silent(story: Story) -> dict[str, str]:
    def shift(fields: list[dict[str, Any]], **more: Any) -> None:
        field = next(field for field in fields if field["name"] == "observed_at")
        field["type"] = {**_MICROS, **more}

    # The story goes on from what was in production, as if the break had not been made.
    story.registry, story.cluster = MemoryRegistry(name="http://registry:8081"), FakeCluster(cluster_id="roads-1")
    (story.root / "schemas.lock.json").unlink()
    (story.root / "schemas" / f"{JAM}.avsc").write_text(story.start[f"{JAM}.avsc"], "utf-8")
    story.type("apply --yes")
    old = load_catalog(story.root).types[JAM].schema
    found = {"silent-edit": story.edit(shift), "silent-plan": story.type("plan")}
    shifted = load_catalog(story.root)
    found["startup"] = startup_lines(shifted, story.registry)
    found["cured-edit"] = story.edit(lambda fields: shift(fields, **{"avroad.converts": ["timestamp-millis"]}))
    found["cured"] = story.type("schema check", "plan")
    converting = load_catalog(story.root).types[JAM].schema
    found["readers"] = three_readers(old, shifted.types[JAM].schema, converting)
    return found


@contextmanager
def _project() -> Iterator[Story]:
    here = Path.cwd()
    settings = {"COLUMNS": "80", "NO_COLOR": "1", "LOGNAME": "ada", "USER": "ada"}
    with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, settings):
        root = Path(folder).resolve()
        try:
            story = Story(root)
            (root / "before.avsc").write_text(story.start[f"{JAM}.avsc"], "utf-8")
            os.chdir(root)
            yield story
        finally:
            os.chdir(here)


def main() -> int:
    """Write the page again, or say that it is stale."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page is stale")
    check = parser.parse_args().check
    page = PAGE.read_text("utf-8")
    fresh = rewritten(page, blocks())
    if check and fresh != page:
        sys.stderr.writelines(difflib.unified_diff(page.splitlines(True), fresh.splitlines(True), "page", "now"))
        return 1
    if not check:
        PAGE.write_text(fresh, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
