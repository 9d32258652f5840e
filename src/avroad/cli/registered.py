"""Which versions and ids subjects have: from a registry that answers, else from the lock and what git knows of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from avroad.contracts import read_lock
from avroad.errors import ConfigError, GitError, LockError, SchemaNotFound, SchemaSyntaxError, render
from avroad.git import file_changes, open_repository

if TYPE_CHECKING:
    from avroad.project import Project

__all__ = ["Registered", "Registration", "from_lock", "from_registry"]

_MAX_LOCK_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One registered version of one subject. fingerprint: of its meaning, "" when the text is no schema."""

    version: int
    id: int
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What is registered, by subject, ascending. source: where this was read, for people; notes: why not elsewhere.

    past: whether git told what a lock said before.
    """

    source: str
    subjects: dict[str, tuple[Registration, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    past: bool = False


def from_registry(project: Project, subjects: Iterable[str]) -> Registered:
    """Return every version the registry has of some subjects.

    Raises ConfigError where it is not known who to ask, RegistryError, RegistryUnavailable.
    """
    from avroad.model import SchemaText  # noqa: PLC0415  # only who asks the registry pays for it
    from avroad.registry.resolve import Resolver  # noqa: PLC0415
    from avroad.schema import fingerprint  # noqa: PLC0415

    client = project.registry()
    found: dict[str, tuple[Registration, ...]] = {}
    notes: list[str] = []
    try:
        resolver = Resolver(client)
        for subject in subjects:
            versions = []
            for number in client.versions(subject):
                registered = client.version(subject, number)
                content = SchemaText(text=registered.text, references=registered.references)
                try:
                    meaning = fingerprint(resolver.parsed(content, f"{subject} version {number}"))
                except (SchemaSyntaxError, SchemaNotFound) as error:
                    meaning = ""
                    notes.append(render(error))
                versions.append(Registration(version=number, id=registered.id, fingerprint=meaning))
            found[subject] = tuple(versions)
        return Registered(source=f"the registry {client.name}", subjects=found, notes=tuple(notes))
    finally:
        client.close()


def from_lock(project: Project) -> Registered:
    """Return what the environment's lock says, and what it said at every commit when it is in git.

    Never raises for a lock or a history that is not there or cannot be read: a note says so.
    """
    environment = project.environment
    found: dict[str, dict[int, Registration]] = {}
    committed = _committed(project)
    for text in committed:
        _take(text, found)
    notes: tuple[str, ...] = ()
    try:
        for subject, entry in read_lock(environment.lock).subjects.items():
            registration = Registration(version=entry.version, id=entry.id, fingerprint=entry.fingerprint)
            found.setdefault(subject, {})[entry.version] = registration
    except LockError as error:
        notes = (f"the lock of {environment.name}: {error.message}",)
    subjects = {subject: tuple(by[number] for number in sorted(by)) for subject, by in found.items()}
    return Registered(
        source=f"the lock of {environment.name}", subjects=subjects, notes=notes, past=bool(committed)
    )  # fmt: skip


def _committed(project: Project) -> list[bytes]:
    """Return every state of the lock in git, oldest first; nothing when it is not there."""
    lock = project.environment.lock
    if not lock.resolve().is_relative_to(project.root.resolve()):
        return []
    folder = lock.resolve().relative_to(project.root.resolve()).parent.as_posix()
    try:
        repository = open_repository(project.root)
        changes = file_changes(
            repository, repository.commit("HEAD"), folder, suffix=lock.name, max_bytes=_MAX_LOCK_BYTES
        )  # fmt: skip
    except (ConfigError, GitError):
        return []
    return [content for change in changes for path, content in change.files.items() if path == lock.name and content]


def _take(text: bytes, found: dict[str, dict[int, Registration]]) -> None:
    """Add what an old lock says; whatever it is that is none adds nothing, for nobody can mend it any more."""
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return
    subjects = value.get("subjects") if isinstance(value, dict) else None
    for subject, entry in subjects.items() if isinstance(subjects, dict) else ():
        if isinstance(entry, dict):
            version, id_, mark = entry.get("version"), entry.get("id"), entry.get("fingerprint")
            if type(version) is int and type(id_) is int and isinstance(mark, str):
                found.setdefault(subject, {})[version] = Registration(version=version, id=id_, fingerprint=mark)
