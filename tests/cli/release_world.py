"""This repository's declarations with a cluster and a registry in memory, for the tests of `evolve release`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from avroad.cli.context import Context
from avroad.cli.in_play import Request
from avroad.cli.main import run
from avroad.cli.rehearsal import Run
from avroad.cli.release_files import ReleaseFiles
from avroad.evolve.certificate import Certificate
from avroad.project import Project
from avroad.registry import MemoryRegistry
from tests.unit.admin.fakes import FakeCluster

ENVIRONMENT = """\
environment: local
description: In memory.
replication_factor: 1
min_insync_replicas: 1
lock: locks/schemas.lock.json
kafka:
  bootstrap.servers: 127.0.0.1:1
registry:
  url: http://127.0.0.1:1
"""
SUBJECT = "traffic.events-traffic.SpeedCamera"
NOTE = {"name": "note", "type": ["null", "string"], "default": None, "doc": "A note of whoever reports it."}
REQUIRED = {"name": "lens", "type": "string", "doc": "The camera's lens."}


class Registry(MemoryRegistry):
    """One that outlives the clients that commands close."""

    def close(self) -> None:
        """Keep everything."""


@dataclass
class World:
    """One project with everything in memory, and the last run's output."""

    root: Path
    capture: pytest.CaptureFixture[str]
    cluster: FakeCluster = field(default_factory=FakeCluster)
    registry: Registry = field(default_factory=lambda: Registry(name="memory:"))

    @property
    def lock(self) -> Path:
        return self.root / "locks/schemas.lock.json"

    @property
    def changelog(self) -> Path:
        return self.root / "locks/schemas.changelog.md"

    @property
    def files(self) -> ReleaseFiles:
        return ReleaseFiles(self.root, "local")

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command; return exit code, stdout, stderr."""
        code = run(arguments)
        output = self.capture.readouterr()
        return code, output.out, output.err

    def release(self, *arguments: str) -> tuple[int, str, str]:
        return self.run("evolve", "release", *arguments)

    def document(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        code, out, err = self.release("--output", "json", *arguments)
        assert out, err
        document: dict[str, Any] = json.loads(out)
        return code, document

    def camera(self, edit: Callable[[list[dict[str, Any]]], object]) -> None:
        """Change the fields of the camera's schema."""
        file = self.root / "schemas/traffic.SpeedCamera.avsc"
        schema = json.loads(file.read_text("utf-8"))
        edit(schema["fields"])
        file.write_text(json.dumps(schema, indent=2), "utf-8")

    def certificates(self, *, met: bool = True) -> tuple[Certificate, ...]:
        """Return what a rehearsal now would prove, were it to end like this."""
        return proven(self.root, met=met)

    def rehearsed(self, *, met: bool = True) -> None:
        self.files.keep(self.certificates(met=met))

    def released(self) -> None:
        """Release everything as it is declared."""
        self.rehearsed()
        code, out, err = self.release("--yes")
        assert code == 0, out + err


def proven(root: Path, *, met: bool = True) -> tuple[Certificate, ...]:
    """Return what a rehearsal of the project in `root` would prove now, were it to end like this."""
    request = Request(names=(), against="registry", candidate="", every=False, sample=0, seed=7)
    opened = Run(Context(root=root), request, lambda _: None)
    try:
        return tuple(
            Certificate(
                subject=play.spec.subject, mode=play.spec.level.value, candidate=play.candidate.id,
                played=tuple((version.label, version.id) for version in play.versions[:-1]), met=met,
                registry="compatible", order="consumers first",
                steps=("Update every consumer.", "Then update the producers."),
                at="2026-05-01T10:00:00Z", seed=7, libraries=(("avroad", "0.1"), ("fastavro", "1.12")),
            )
            for play in opened.plays
        )  # fmt: skip
    finally:
        opened.close()


def make_world(root: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> World:
    """Return a world in this copy of the declarations."""
    world = World(root=root, capture=capture)
    for file in (root / "admin/environments").iterdir():
        file.unlink()
    (root / "admin/environments/local.yaml").write_text(ENVIRONMENT, "utf-8")
    monkeypatch.setattr(Project, "cluster_admin", lambda _: world.cluster)
    monkeypatch.setattr(Project, "scratch_registry", lambda _: world.registry)
    monkeypatch.chdir(root)
    monkeypatch.setenv("LOGNAME", "ada")
    return world
