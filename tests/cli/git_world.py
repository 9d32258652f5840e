"""A temporary project in a git repository of its own, whatever git's settings on this machine are."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from avroad.contracts import LockedSubject, SchemaLock, load_catalog, write_lock

TOPIC = """topic: zoo.births
description: Every birth.
owner: keepers
subjects: topic-record
values: [{values}]
compatibility: {level}
partitions: 3
"""
GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "A Keeper",
    "GIT_AUTHOR_EMAIL": "keeper@example.org", "GIT_COMMITTER_NAME": "A Keeper",
    "GIT_COMMITTER_EMAIL": "keeper@example.org", "GIT_AUTHOR_DATE": "2026-03-01T12:00:00Z",
    "GIT_COMMITTER_DATE": "2026-03-01T12:00:00Z",
}  # fmt: skip


def field(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


def record(name: str, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "namespace": "zoo", "fields": list(fields), **more}


ENVIRONMENT = """environment: local
description: Here.
replication_factor: 1
min_insync_replicas: 1
kafka: {bootstrap.servers: 127.0.0.1:1}
registry: {url: http://127.0.0.1:1, max.retries: 0, timeout: 1}
lock: admin/locks/local.json
"""


BIRTH = (field("animal", "string"), field("number", "int"))


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env={**os.environ, **GIT}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


class GitProject:
    """A project folder; every `commit` is one version of it."""

    def __init__(self, root: Path, *, repository: bool = True) -> None:
        self.root = root
        (root / "schemas").mkdir(parents=True)
        (root / "admin" / "topics").mkdir(parents=True)
        if repository:
            git(root, "init", "--quiet", "--initial-branch=main")
        self.topic()

    def topic(self, level: str = "BACKWARD_TRANSITIVE", values: str = "zoo.Birth") -> None:
        (self.root / "admin" / "topics" / "zoo.births.yaml").write_text(TOPIC.format(level=level, values=values))

    def schema(self, value: Any) -> None:
        path = self.root / "schemas" / f"{value['namespace']}.{value['name']}.avsc"
        path.write_text(json.dumps(value, indent=1) + "\n", "utf-8")

    def birth(self, *fields: dict[str, Any], **more: Any) -> None:
        self.schema(record("Birth", *(fields or BIRTH), **more))

    def application(self, name: str, uses: str) -> None:
        folder = self.root / "admin" / "applications"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.yaml").write_text(f"application: {name}\ndescription: d\nowner: keepers\n{uses}\n")

    def environment(self) -> None:
        """Declare an environment whose lock is in git and whose registry nobody answers for."""
        folder = self.root / "admin" / "environments"
        folder.mkdir(exist_ok=True)
        (folder / "local.yaml").write_text(ENVIRONMENT)

    def lock(self, **subjects: LockedSubject) -> None:
        """Write the lock; a subject's name is given with __ for a dot and _ for a dash."""
        named = {name.replace("__", ".").replace("_", "-"): entry for name, entry in subjects.items()}
        lock = SchemaLock(environment="local", registry="http://127.0.0.1:1", cluster_id="c", subjects=named)
        write_lock(self.root / "admin" / "locks" / "local.json", lock)

    def fingerprint(self, name: str = "zoo.Birth") -> str:
        return load_catalog(self.root).type(name).fingerprint

    def remove(self, name: str) -> None:
        (self.root / "schemas" / f"{name}.avsc").unlink()

    def commit(self, message: str = "Change") -> str:
        git(self.root, "add", "--all")
        git(self.root, "commit", "--quiet", "--allow-empty", "--message", message)
        return git(self.root, "rev-parse", "HEAD")[:10]
