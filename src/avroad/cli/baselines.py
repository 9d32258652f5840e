"""What `avroad schema check` compares with, read from where it is: git, a folder, a registry, an export."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from avroad.cli.output import say
from avroad.cli.schema_folder import schema_files
from avroad.config.files import FileRefused, read_text
from avroad.contracts.compat.modes import Version
from avroad.contracts.subject_check import Baseline
from avroad.contracts.timeline import Timeline
from avroad.errors import ConfigError
from avroad.git import Commit, Repository, file_changes, open_repository, short_name
from avroad.schema import MAX_TEXT_BYTES, fingerprint

if TYPE_CHECKING:
    from avroad.contracts import Catalog
    from avroad.project import Project

__all__ = ["export", "folder", "main_branch", "registry", "revision"]

_SCHEMAS: Final = "schemas"
_SUFFIX: Final = ".avsc"
_MAX_EXPORT_BYTES: Final = 256 * 1024 * 1024
_PROGRESS_EVERY: Final = 50


def main_branch(root: Path, catalog: Catalog) -> Baseline:
    """Return where this checkout left the main branch, with all its history. Raises ConfigError, GitError.

    On the main branch itself nothing was left: what is committed there and not pushed yet counts as well, for it may
    have been applied. Only what is still declared so is no version before: it is what the push will change.
    """
    repository = open_repository(root)
    branch = repository.main_branch()
    base = repository.merge_base(branch)
    pushed = _history(
        repository, base, f"git: {base.short} of {base.day}, where this checkout left {short_name(branch)}"
    )
    head = repository.commit("HEAD")
    if head == base or not repository.is_on(branch):
        return pushed
    ahead = _history(
        repository, head, f"git: {head.short} of {head.day}, the main branch here, ahead of {short_name(branch)}"
    )
    versions = {name: _before(found, pushed.versions.get(name, ()), catalog) for name, found in ahead.versions.items()}
    return dataclasses.replace(
        ahead,
        versions={name: found for name, found in versions.items() if found},
        types={**pushed.types, **ahead.types},
    )


def _before(ahead: tuple[Version, ...], pushed: tuple[Version, ...], catalog: Catalog) -> tuple[Version, ...]:
    """Leave the newest version out when it is the declared one and was not pushed yet."""
    newest = ahead[-1]
    declared = catalog.types.get(getattr(newest.schema, "name", ""))
    unpushed = newest.name not in {version.name for version in pushed}
    return ahead[:-1] if unpushed and declared and declared.fingerprint == fingerprint(newest.schema) else ahead


def revision(root: Path, name: str) -> Baseline:
    """Return a revision with all its history. Raises ConfigError, GitError."""
    repository = open_repository(root)
    commit = repository.commit(name)
    return _history(repository, commit, f"git: {name}, {commit.short} of {commit.day}")


def _history(repository: Repository, until: Commit, name: str) -> Baseline:
    timeline = Timeline()
    changes = file_changes(repository, until, _SCHEMAS, suffix=_SUFFIX, max_bytes=MAX_TEXT_BYTES)
    for change in changes:
        files = {path.removesuffix(_SUFFIX): content for path, content in change.files.items() if "/" not in path}
        timeline.step(f"{change.commit.short} ({change.commit.day})", files, day=change.commit.day)
    notes = list(timeline.notes)
    if not timeline.types():
        notes.append(f"{until.short} has no schemas: everything is new")
    if repository.shallow:
        oldest = changes[0].commit if changes else until
        notes.append(f"a shallow clone: versions older than {oldest.short} ({oldest.day}) were not compared")
    return Baseline(
        name=name, versions=timeline.versions(), by_type=True, types=timeline.types(), notes=tuple(notes)
    )  # fmt: skip


def folder(path: Path) -> Baseline:
    """Return the schemas of a folder, or of `schemas/` in it, as the one version before. Raises ConfigError."""
    _, files = schema_files(path, "nothing to compare with")
    timeline = Timeline()
    timeline.step(f"{path}", files)
    if not timeline.types():
        raise ConfigError(
            "nothing to compare with", expected="schemas that can be read", found="none that can", file=str(path)
        )
    return Baseline(
        name=f"the folder {path}", versions=timeline.versions(), by_type=True, types=timeline.types(),
        notes=tuple(timeline.notes),
    )  # fmt: skip


def registry(project: Project, catalog: Catalog) -> Baseline:
    """Return all registered versions of every declared subject. Raises RegistryError, RegistryUnavailable."""
    from avroad.model import SchemaText  # noqa: PLC0415  # only this baseline needs the client
    from avroad.registry.resolve import Resolver  # noqa: PLC0415

    client = project.registry()
    found: dict[str, tuple[Version, ...]] = {}
    try:
        resolver = Resolver(client)
        for done, spec in enumerate(catalog.subjects):
            versions: list[Version] = []
            for number in client.versions(spec.subject):
                registered = client.version(spec.subject, number)
                content = SchemaText(text=registered.text, references=registered.references)
                schema = resolver.parsed(content, f"{spec.subject} version {number}")
                versions.append(Version(name=str(number), schema=schema))
            if versions:
                found[spec.subject] = tuple(versions)
            if (done + 1) % _PROGRESS_EVERY == 0 and sys.stderr.isatty():
                say(f"{done + 1} of {len(catalog.subjects)} subjects read")
        name = client.name
    finally:
        client.close()
    return Baseline(name=f"the registry {name}", versions=found, by_type=False)


def export(path: Path, catalog: Catalog) -> Baseline:
    """Return what a registry export holds. Raises ConfigError, SchemaSyntaxError."""
    from avroad.contracts.export import read_export  # noqa: PLC0415  # only this baseline needs it

    try:
        text = read_text(path, _MAX_EXPORT_BYTES)
    except FileRefused as refused:
        raise ConfigError("--against cannot be used", expected=refused.expected, found=refused.found,
                          file=str(path)) from None  # fmt: skip
    versions = read_export(text, str(path))
    if not versions:
        raise ConfigError("nothing to compare with", expected="subjects", found="an export of none", file=str(path))
    others = len(versions.keys() - {spec.subject for spec in catalog.subjects})
    word = "subject" if others == 1 else "subjects"
    notes = (f"{others} {word} of the export are not declared here and were not compared",) if others else ()
    return Baseline(name=f"the export {path}", versions=versions, by_type=False, notes=notes)
