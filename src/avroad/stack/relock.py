"""Write the artifact lock again, after changing a version here: `python -m avroad.stack.relock [--check]`."""

from __future__ import annotations

import argparse
import importlib
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from avroad.stack.artifacts import Artifact, ArtifactLock, dump_artifact_lock, lock_path
from avroad.stack.disk import write_atomically
from avroad.stack.fetch import sha256_of

__all__ = ["KAFKA_VERSION", "REGISTRY_VERSION", "main"]

KAFKA_VERSION = "4.3.1"
REGISTRY_VERSION = "3.3.3"
_SCALA_VERSION = "2.13"
_LOGGING = ("org.slf4j", "slf4j-simple", "1.7.36")  # must match the slf4j-api that Kafka asks for
_RUN_TIME = {None, "", "compile", "runtime"}
_PARALLEL = 6


def main(arguments: Sequence[str] | None = None) -> int:
    """Resolve Kafka's run-time tree, download everything once, and write coordinates, sizes and SHA-256.

    With `--check` nothing is written; returns 1 when the committed lock would change.
    """
    parser = argparse.ArgumentParser(prog="python -m avroad.stack.relock", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when the lock would change")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="avroad-relock-") as scratch:
        text = dump_artifact_lock(_resolve(Path(scratch)))
    path = lock_path()
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if text == before:
        sys.stderr.write(f"{path.name} is up to date\n")
        return 0
    if options.check:
        sys.stderr.write(f"{path.name} would change: run python -m avroad.stack.relock\n")
        return 1
    write_atomically(path, text)
    sys.stderr.write(f"{path.name} written\n")
    return 0


def _resolve(scratch: Path) -> ArtifactLock:
    maven: Any = importlib.import_module("jgo.maven")
    context = maven.MavenContext(repo_cache=scratch)
    root = context.create_dependency(f"org.apache.kafka:kafka_{_SCALA_VERSION}:{KAFKA_VERSION}")
    inputs, transitive = context.resolver.resolve([root])
    coordinates = [
        (item.groupId, item.artifactId, item.version, item.classifier, item.type)
        for item in [*inputs, *transitive]
        if item.scope in _RUN_TIME and not item.optional
    ]
    coordinates.append((*_LOGGING, "", "jar"))
    archive = ("io.apicurio", "apicurio-registry-app", REGISTRY_VERSION, "all", "tar.gz")
    with ThreadPoolExecutor(_PARALLEL) as pool:
        located = list(pool.map(lambda coordinate: _locate(context, coordinate), [*coordinates, archive]))
    return ArtifactLock(
        kafka_version=KAFKA_VERSION,
        registry_version=REGISTRY_VERSION,
        broker=tuple(sorted(located[:-1], key=lambda artifact: (artifact.group, artifact.name))),
        registry=located[-1],
    )


def _locate(context: Any, coordinate: tuple[str, str, str, str, str]) -> Artifact:  # noqa: ANN401 -- jgo is untyped
    group, name, version, classifier, packaging = coordinate
    artifact = context.project(group, name).at_version(version).artifact(classifier=classifier, packaging=packaging)
    path = Path(artifact.resolve())
    return Artifact(
        group=group,
        name=name,
        version=version,
        classifier=classifier,
        packaging=packaging,
        sha256=sha256_of(path),
        size_bytes=path.stat().st_size,
        unpacked_bytes=_unpacked_bytes(path) if packaging == "tar.gz" else 0,
    )


def _unpacked_bytes(path: Path) -> int:
    with tarfile.open(path) as archive:
        return sum(member.size for member in archive)


if __name__ == "__main__":
    raise SystemExit(main())
