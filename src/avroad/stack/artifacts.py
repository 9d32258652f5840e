"""The committed list of everything the local stack downloads: coordinates, sizes and SHA-256, no host."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from avroad.errors import StackError

__all__ = ["Artifact", "ArtifactLock", "dump_artifact_lock", "load_artifact_lock", "lock_path"]

_FORMAT_VERSION = "1.0"
_FILE = "artifacts.lock.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One file of a Maven repository.

    sha256: lower-case hex of the whole file; size_bytes: its exact length.
    unpacked_bytes: space the unpacked content needs, 0 for a file that is used as it is.
    """

    group: str
    name: str
    version: str
    classifier: str = ""
    packaging: str = "jar"
    sha256: str
    size_bytes: int
    unpacked_bytes: int = 0

    @property
    def filename(self) -> str:
        """The file's name in every Maven repository."""
        suffix = f"-{self.classifier}" if self.classifier else ""
        return f"{self.name}-{self.version}{suffix}.{self.packaging}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactLock:
    """What one release of the local stack consists of.

    broker: the class path of a Kafka broker; registry: the registry's archive.
    """

    kafka_version: str
    registry_version: str
    broker: tuple[Artifact, ...]
    registry: Artifact

    @property
    def broker_folder(self) -> str:
        """Cache folder of the class path; another set of jars gets another folder."""
        return f"kafka-{self.kafka_version}-{_digest(self.broker)}"

    @property
    def registry_folder(self) -> str:
        """Cache folder of the unpacked registry; another archive gets another folder."""
        return f"registry-{self.registry_version}-{_digest((self.registry,))}"


def lock_path() -> Path:
    """Return where the committed lock stands in this installation."""
    return Path(str(resources.files("avroad.stack").joinpath(_FILE)))


def load_artifact_lock(path: Path | None = None) -> ArtifactLock:
    """Read the lock at `path`, by default the committed one.

    Raises StackError when it is missing or not a lock of this format.
    """
    source = path or lock_path()
    try:
        document = json.loads(source.read_text(encoding="utf-8"))
        if document["format_version"] != _FORMAT_VERSION:
            raise StackError(
                "the artifact lock has another format",
                expected=f"format_version {_FORMAT_VERSION}",
                found=str(document["format_version"]),
                file=str(source),
            )
        return ArtifactLock(
            kafka_version=document["kafka_version"],
            registry_version=document["registry_version"],
            broker=tuple(Artifact(**entry) for entry in document["broker"]),
            registry=Artifact(**document["registry"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StackError(
            f"the artifact lock cannot be read ({type(error).__name__})",
            file=str(source),
            hint="Reinstall avroad, or write it again with: python -m avroad.stack.relock",
        ) from error


def dump_artifact_lock(lock: ArtifactLock) -> str:
    """Return the text of the lock file: stable order, one artifact a block, newline at the end."""
    document = {
        "format_version": _FORMAT_VERSION,
        "kafka_version": lock.kafka_version,
        "registry_version": lock.registry_version,
        "broker": [_entry(artifact) for artifact in sorted(lock.broker, key=lambda item: (item.group, item.name))],
        "registry": _entry(lock.registry),
    }
    return json.dumps(document, indent=1) + "\n"


def _entry(artifact: Artifact) -> dict[str, str | int]:
    entry: dict[str, str | int] = {"group": artifact.group, "name": artifact.name, "version": artifact.version}
    if artifact.classifier:
        entry["classifier"] = artifact.classifier
    if artifact.packaging != "jar":
        entry["packaging"] = artifact.packaging
    entry["sha256"] = artifact.sha256
    entry["size_bytes"] = artifact.size_bytes
    if artifact.unpacked_bytes:
        entry["unpacked_bytes"] = artifact.unpacked_bytes
    return entry


def _digest(artifacts: tuple[Artifact, ...]) -> str:
    joined = "\n".join(sorted(f"{artifact.filename} {artifact.sha256}" for artifact in artifacts))
    return hashlib.sha256(joined.encode()).hexdigest()[:12]
