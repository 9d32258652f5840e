"""The versions that applications are pinned to, found in git, in what was compared with, or through the lock."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from avroad.contracts.compat.modes import Version
from avroad.contracts.timeline import Timeline
from avroad.errors import AvroadError, ConfigError, GitError, render
from avroad.git import files_at, open_repository
from avroad.schema import MAX_TEXT_BYTES, fingerprint

if TYPE_CHECKING:
    from avroad.cli.context import Context
    from avroad.cli.registered import Registered
    from avroad.contracts.declared import SubjectSpec
    from avroad.contracts.subject_check import Baseline
    from avroad.git import Commit, Repository
    from avroad.schema import Named

__all__ = ["Pins", "types_at"]

_SUFFIX: Final = ".avsc"


def types_at(repository: Repository, commit: Commit) -> tuple[dict[str, Named], tuple[str, ...]]:
    """Return the types `schemas/` held at a commit, and what could not be read, as sentences. Raises GitError."""
    timeline = Timeline()
    files = files_at(repository, commit, "schemas", suffix=_SUFFIX, max_bytes=MAX_TEXT_BYTES)
    timeline.step(commit.short, {name.removesuffix(_SUFFIX): content for name, content in files.items()})
    return timeline.types(), tuple(timeline.notes)


class Pins:
    """Finds each revision and the lock once, and only when an application is pinned to it."""

    def __init__(self, context: Context, baseline: Baseline) -> None:
        self._context = context
        self._baseline = baseline
        self._at = cache(self._read)
        self._locked = cache(self._lock)

    def find(self, spec: SubjectSpec, version: str) -> Version | str:
        """Return the version of a subject that a declaration names, or why it cannot be found."""
        if not version.isdigit():
            return self._revision(spec, version.removeprefix("git:"))
        past = self._baseline.versions
        if not self._baseline.by_type:
            found = next((item for item in past.get(spec.subject, ()) if item.name == version), None)
            return found or f"{self._baseline.name} has no such version of {spec.subject}"
        locked = self._locked()
        if isinstance(locked, str):
            return locked
        entries = locked.subjects.get(spec.subject, ())
        mark = next((entry.fingerprint for entry in entries if str(entry.version) == version), None)
        if mark is None:
            return f"{_why_unlocked(locked, spec.subject)}. Compare with --against registry, or pin git:REV"
        known = (item for versions in (past.get(spec.type_name, ()), *past.values()) for item in versions)
        found = next((item for item in known if fingerprint(item.schema) == mark), None)
        return found or f"no schema with its fingerprint in {self._baseline.name}"

    def _revision(self, spec: SubjectSpec, revision: str) -> Version | str:
        types = self._at(revision)
        if isinstance(types, str):
            return types
        found = types.get(spec.type_name)
        if found is None:
            return f"{spec.type_name} was not there, or was no schema"
        return Version(name=f"git:{revision}", schema=found)

    def _read(self, revision: str) -> dict[str, Named] | str:
        try:
            repository = open_repository(self._context.folder())
            return types_at(repository, repository.commit(revision))[0]
        except (ConfigError, GitError) as error:
            return error.message.rstrip(".")  # its hint is about the command, not about the pin

    def _lock(self) -> Registered | str:
        from avroad.cli.registered import from_lock  # noqa: PLC0415  # only for pinned numbers

        try:
            return from_lock(self._context.project())
        except AvroadError as error:
            return render(error)


def _why_unlocked(locked: Registered, subject: str) -> str:
    """Say why a lock does not tell what a version of a subject is."""
    if locked.past:
        return "".join(locked.notes) or f"neither {locked.source} nor git's history of it has it"
    if locked.notes:
        return f"{''.join(locked.notes)}, and none in git"
    there = ", ".join(str(entry.version) for entry in locked.subjects.get(subject, ()))
    has = f"version {there} alone" if there else "no version"
    return f"{locked.source} has {has} of {subject}, and git keeps no earlier state of that lock"
