"""The jars of Apache Avro Java: locked by SHA-256 in `tests/oracle/jars.lock.json`, fetched like the local stack's.

`python -m tests.oracle.jars` writes the lock again after the version here changed.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import tempfile
from pathlib import Path
from typing import Any

from avroad.config.filelock import exclusive
from avroad.stack.artifacts import Artifact
from avroad.stack.cache import cache_root
from avroad.stack.fetch import fetch, sha256_of
from avroad.stack.progress import Quiet

AVRO_VERSION = "1.12.2"
LOCK = Path(__file__).with_name("jars.lock.json")
_UNUSED = {"commons-compress", "commons-codec", "commons-io", "commons-lang3"}
"""Compression of container files, which no test of ours reads in Java."""
_LOGGING = ("org.slf4j", "slf4j-nop", "2.0.18")  # must match the slf4j-api that Avro asks for
_WAIT_S = 600.0


def class_path() -> list[Path]:
    """Return the verified jars, downloaded at the first call. Raises FetchError where they cannot be had."""
    text = LOCK.read_text("utf-8")
    artifacts = [Artifact(**entry) for entry in json.loads(text)]
    folder = cache_root().parent / "oracle" / f"avro-{AVRO_VERSION}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    with exclusive(folder / ".lock", wait_s=_WAIT_S, on_wait=lambda: None):
        missing = [a for a in artifacts if not _is_there(a, folder)]
        if missing:
            fetch(dict.fromkeys(missing, folder), reporter=Quiet(), staging=folder / "staging")
    return [folder / artifact.filename for artifact in artifacts]


def _is_there(artifact: Artifact, folder: Path) -> bool:
    path = folder / artifact.filename
    return path.exists() and sha256_of(path) == artifact.sha256


def relock() -> None:
    """Resolve Avro's run-time tree on Maven Central, download it once, and write coordinates, sizes and SHA-256."""
    maven: Any = importlib.import_module("jgo.maven")
    with tempfile.TemporaryDirectory(prefix="avroad-jars-") as scratch:
        context = maven.MavenContext(repo_cache=Path(scratch))
        root = context.create_dependency(f"org.apache.avro:avro:{AVRO_VERSION}")
        inputs, transitive = context.resolver.resolve([root])
        tree = [(item.groupId, item.artifactId, item.version) for item in (*inputs, *transitive)]
        wanted = sorted([item for item in tree if item[1] not in _UNUSED] + [_LOGGING])
        entries = []
        for group, name, version in wanted:
            path = Path(context.project(group, name).at_version(version).artifact().resolve())
            entry = {"group": group, "name": name, "version": version}
            entries.append({**entry, "sha256": sha256_of(path), "size_bytes": path.stat().st_size})
    LOCK.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    relock()
