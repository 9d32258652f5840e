"""What `avroad schema history` and `avroad schema show` say of a type beside its file: git, readers and writers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from avroad.contracts.type_history import Step, TypeHistory, type_history
from avroad.contracts.usage import TypeUse, readers_of, writers_of
from avroad.errors import ConfigError
from avroad.git import file_changes, open_repository
from avroad.schema import MAX_TEXT_BYTES

if TYPE_CHECKING:
    from avroad.contracts import Catalog

__all__ = ["commit_json", "commit_text", "history_of", "users_json", "users_text"]

_SUFFIX: Final = ".avsc"
_SHOWN: Final = 10


def history_of(root: Path, catalog: Catalog, name: str) -> tuple[TypeHistory, tuple[str, ...]]:
    """Return a type's history up to the commit that is checked out, and what to know about it.

    Without git or a commit there is the working tree alone, and a note. Raises UnknownEventType, GitError.
    """
    declared = {full: kind.schema for full, kind in catalog.types.items()}
    notes: list[str] = []
    steps: list[Step] = []
    try:
        repository = open_repository(root)
        changes = file_changes(
            repository, repository.commit("HEAD"), "schemas", suffix=_SUFFIX, max_bytes=MAX_TEXT_BYTES
        )
    except ConfigError as error:
        notes.append(f"no history: {error.message}")
    else:
        for change in changes:
            files = {path.removesuffix(_SUFFIX): text for path, text in change.files.items() if "/" not in path}
            steps.append(Step(id=change.commit.short, day=change.commit.day, files=files))
        if repository.shallow:
            notes.append("a shallow clone: older versions are not in it. Run: git fetch --unshallow")
    found = type_history(steps, name, declared)
    return found, (*notes, *found.notes)


def users_json(catalog: Catalog, name: str) -> dict[str, list[dict[str, Any]]]:
    """Return the declared readers and writers of a type as JSON."""
    return {
        "readers": [_use_json(use) for use in readers_of(catalog, name)],
        "writers": [_use_json(use) for use in writers_of(catalog, name)],
    }


def _use_json(found: TypeUse) -> dict[str, Any]:
    return {
        "application": found.application.name,
        "owner": found.application.owner,
        "topic": found.use.topic,
        "type": found.use.type_name,
        "versions": list(found.use.versions),
        "file": found.application.file,
    }


def users_text(users: list[dict[str, Any]]) -> str:
    """Return readers or writers as a part of a line: each program once, with versions that are pinned."""
    found: dict[str, tuple[str, list[str]]] = {}
    for use in users:
        versions = found.setdefault(use["application"], (use["owner"], []))[1]
        versions += [version for version in use["versions"] if version not in versions]
    words = []
    for name, (owner, versions) in list(found.items())[:_SHOWN]:
        pinned = [f"version {version}" if version.isdigit() else version for version in versions]
        pins = "" if versions == ["repository"] else f", {' and '.join(pinned)}"
        words.append(f"{name} ({owner}{pins})")
    if len(found) > _SHOWN:
        words.append(f"and {len(found) - _SHOWN:,} more")
    return ", ".join(words) or "nobody declared, so nobody known"


def commit_json(step: Step | None) -> dict[str, str] | None:
    """Return a commit as JSON."""
    return None if step is None else {"commit": step.id, "day": step.day}


def commit_text(step: dict[str, str] | None) -> str:
    """Return what `commit_json` gave as a part of a line."""
    return "none" if step is None else f"{step['commit']} of {step['day']}"
