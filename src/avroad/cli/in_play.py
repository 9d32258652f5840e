"""What a rehearsal plays: the candidates, the versions before them, and those that programs are pinned to."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from avroad.cli.against import baseline_of
from avroad.cli.baselines import revision
from avroad.cli.schema_folder import schema_files
from avroad.contracts.declared import SubjectSpec
from avroad.contracts.lock import read_lock
from avroad.contracts.schemas import parse_schemas
from avroad.contracts.subject_check import Baseline
from avroad.errors import ConfigError, ContractError, LockError, SchemaNotFound
from avroad.evolve.versions import InPlay, Programs, versions_in_play
from avroad.git import files_at, open_repository
from avroad.model import SchemaText
from avroad.ports import Registry
from avroad.registry.resolve import Resolver
from avroad.schema import MAX_TEXT_BYTES, Named, Schema

if TYPE_CHECKING:
    from avroad.cli.context import Context
    from avroad.project import Project

__all__ = ["Found", "Request", "find_plays"]

_FOLDER: Final = "schemas"
_SUFFIX: Final = ".avsc"
_ON_NO_TOPIC: Final = "no topic carries it, alone or inside another type"
_ON_A_TOPIC: Final = "Add it under values of a topic in admin/topics/."


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user asked for; see the command's options."""

    names: tuple[str, ...]
    against: str
    candidate: str
    every: bool
    sample: int
    seed: int
    rolling: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """against: what the candidates are held against, for people; notes: what is not played, and why."""

    against: str
    plays: tuple[InPlay, ...]
    notes: tuple[str, ...]


def find_plays(context: Context, project: Project, registry: Registry, request: Request) -> Found:
    """Return what is in play of every subject that a request asks for.

    Raises ContractError, ConfigError, GitError, RegistryError and their kin for what cannot be rehearsed.
    """
    return _Search(context, project, registry, request).run()


class _Search:
    def __init__(self, context: Context, project: Project, registry: Registry, request: Request) -> None:
        self._context, self._project, self._registry, self._request = context, project, registry, request
        self._root = context.folder()
        self._pinned: dict[str, Mapping[str, Named]] = {}

    def run(self) -> Found:
        """See `find_plays`."""
        catalog, request = self._project.catalog, self._request
        baseline = baseline_of(self._context, self._root, catalog, request.against)
        candidates = self._candidates()
        notes = [*baseline.notes]
        plays: list[InPlay] = []
        for spec in self._specs():
            if spec.type_name not in candidates:
                notes.append(f"{spec.subject} has no candidate: {request.candidate} has no {spec.type_name}")
                continue
            older = baseline.versions.get(spec.type_name if baseline.by_type else spec.subject, ())
            play = versions_in_play(
                spec, candidates[spec.type_name], older, Programs.of(catalog, spec),
                partial(self._pinned_by, spec),
                origins=("before" if baseline.by_type else "registered", request.candidate or "schemas/"),
            )  # fmt: skip
            if play.changed or request.every or request.names:
                plays.append(play)
        notes += [] if request.names else self._unplayed(baseline)
        return Found(against=baseline.name, plays=tuple(plays), notes=tuple(notes))

    def _candidates(self) -> Mapping[str, Named]:
        """Return what is rehearsed, by type. Raises ContractError when some of it is no schema."""
        wanted = self._request.candidate
        kind, _, what = wanted.partition(":")
        if not wanted:
            return {name: found.schema for name, found in self._project.catalog.types.items()}
        if kind == "git" and what:
            repository = open_repository(self._root)
            at = files_at(repository, repository.commit(what), _FOLDER, suffix=_SUFFIX, max_bytes=MAX_TEXT_BYTES)
            files = {name.removesuffix(_SUFFIX): (f"{what}:{_FOLDER}/{name}", text) for name, text in at.items()}
            if not files:
                raise ConfigError(
                    f"{wanted} cannot be rehearsed", expected=f"{_SUFFIX} files in {_FOLDER}/", found="none"
                )
        elif kind == "dir" and what:
            place, there = schema_files(Path(what), f"{wanted} cannot be rehearsed")
            files = {name: (str(place / f"{name}{_SUFFIX}"), text) for name, text in there.items()}
        else:
            raise ConfigError("--candidate cannot be used", expected="git:REV or dir:PATH", found=wanted[:80])
        found = parse_schemas(files)
        if found.problems:
            raise ContractError(f"{wanted} cannot be rehearsed:", problems=found.problems)
        return {name: each.schema for name, each in found.types.items()}

    def _unplayed(self, baseline: Baseline) -> Iterator[str]:
        """Yield, as sentences, what is no longer declared, and what no subject is of."""
        catalog, lock = self._project.catalog, self._project.environment.lock
        gone: set[str] = set()
        if baseline.by_type:
            gone = {*baseline.types} - {*catalog.types}
        else:
            try:
                locked = {*read_lock(lock).subjects} if lock.exists() else set()
                gone = locked - {spec.subject for spec in catalog.subjects}
            except LockError:
                pass  # what is wrong with it is not for a rehearsal to say
        for name in sorted(gone):
            yield f"{name} is not played: it is no longer declared. It stays registered, and its data on the topic"
        for name in sorted({*catalog.types} - {spec.type_name for spec in catalog.subjects}):
            yield f"{name} is not played: {_ON_NO_TOPIC}"

    def _specs(self) -> list[SubjectSpec]:
        """Return the subjects that were named, or all. Raises ConfigError for a name that is none."""
        specs, names = self._project.catalog.subjects, self._request.names
        known = {spec.subject for spec in specs} | {spec.type_name for spec in specs}
        for name in names:
            if name not in known:
                if name in self._project.catalog.types:
                    raise ConfigError(f"{name} has no subject to rehearse: {_ON_NO_TOPIC}", hint=_ON_A_TOPIC)
                close = difflib.get_close_matches(name, sorted(known), n=1)
                hint = f"Did you mean {close[0]}?" if close else "See: avroad subjects list"
                raise ConfigError(f'no subject or type "{name[:80]}" is declared', hint=hint)
        return [spec for spec in specs if not names or spec.subject in names or spec.type_name in names]

    def _pinned_by(self, spec: SubjectSpec, pin: str) -> Schema:
        """Return the same; a pin that names nothing is a mistake in the file of the program that has it."""
        try:
            return self._pin(spec, pin)
        except (ConfigError, SchemaNotFound) as error:
            catalog = self._project.catalog
            name = Programs.of(catalog, spec).pins[pin][0]
            what = pin if pin.startswith("git:") else f"version {pin}"
            raise ConfigError(
                f"{what} of {spec.subject}, which {name} is pinned to, cannot be rehearsed: {error.message or error}",
                file=catalog.applications[name].file,
                hint="Correct the pin: without that version a rehearsal would prove nothing about the program.",
            ) from error

    def _pin(self, spec: SubjectSpec, pin: str) -> Schema:
        """Return the schema a program is pinned to. Raises ConfigError, GitError, SchemaNotFound."""
        if pin.startswith("git:"):
            if pin not in self._pinned:
                self._pinned[pin] = revision(self._root, pin.removeprefix("git:")).types
            found = self._pinned[pin].get(spec.type_name)
            if found is None:
                raise ConfigError("a pinned version cannot be used", expected=spec.type_name, found=f"none in {pin}")
            return found
        registered = self._registry.version(spec.subject, int(pin))
        content = SchemaText(text=registered.text, references=registered.references)
        return Resolver(self._registry).parsed(content, f"{spec.subject} version {pin}")
