"""Types through the history of their files: every meaning each of them had, references as they were at that time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from avroad.contracts.compat.modes import Version
from avroad.contracts.references import Names, order, scan
from avroad.errors import SchemaSyntaxError
from avroad.schema import Json, Named, fingerprint, parse, read_json, to_json

__all__ = ["Timeline", "is_renamed", "same_but_name"]

_BOM: Final = b"\xef\xbb\xbf"
_UNREAD: Final = 20


@dataclass(slots=True)
class _File:
    """A file as it is now. references: full names it takes from other files; schema: None when it cannot be parsed."""

    value: Json
    names: Names
    schema: Named | None = None


@dataclass(slots=True)
class Timeline:
    """Grows step by step, oldest first; only what a step changes is parsed anew.

    notes: what could not be read, as sentences.
    """

    notes: list[str] = field(default_factory=list)
    _files: dict[str, _File] = field(default_factory=dict)
    _versions: dict[str, dict[str, Version]] = field(default_factory=dict)
    _left_out: int = 0

    def step(self, name: str, files: Mapping[str, bytes | None], *, day: str = "") -> None:
        """Take in what one commit changed.

        name, day: of the versions it makes; files: content by file name without suffix, None for one that went away.
        """
        before = self.types()
        for stem, content in files.items():
            self._put(name, stem, content)
        for stem in self._affected(files):
            self._parse(name, stem)
        now = self.types()
        new = [schema for full, schema in now.items() if full not in before]
        gone = [schema for full, schema in before.items() if full not in now]
        for schema in new:
            old = next((old for old in gone if is_renamed(old, schema)), None)
            if old is not None:
                self._versions[schema.name] = dict(self._versions[old.name])
        for full, schema in now.items():
            if before.get(full) is not schema:
                self._note_version(name, schema, day)

    def types(self) -> dict[str, Named]:
        """Return the types there are after the last step, by full name."""
        return {file.schema.name: file.schema for file in self._files.values() if file.schema is not None}

    def versions(self) -> dict[str, tuple[Version, ...]]:
        """Return every type's distinct meanings, oldest first, a type that went away or was renamed included.

        A meaning that came back stands where it came back.
        """
        return {name: tuple(versions.values()) for name, versions in self._versions.items()}

    def _put(self, name: str, stem: str, content: bytes | None) -> None:
        self._files.pop(stem, None)
        if content is None:
            return
        try:
            value = read_json(content.removeprefix(_BOM).decode(), file=stem)
            self._files[stem] = _File(value, scan(value))
        except (UnicodeDecodeError, SchemaSyntaxError, RecursionError):
            self._unread(name, stem)

    def _affected(self, changed: Iterable[str]) -> list[str]:
        """Return the files to parse: those that changed and all that refer to them, each after what it refers to."""
        references = {stem: self._references(file) for stem, file in self._files.items()}
        users: dict[str, list[str]] = {}
        for stem, targets in references.items():
            for target in targets:
                users.setdefault(target, []).append(stem)
        affected: set[str] = set()
        todo = list(changed)
        while todo:
            stem = todo.pop()
            if stem not in affected:
                affected.add(stem)
                todo += users.get(stem, ())
        for stem in affected & self._files.keys():
            self._files[stem].schema = None
        ordered, _ = order({stem: references[stem] for stem in references if stem in affected})
        return ordered

    def _references(self, file: _File) -> tuple[str, ...]:
        declared = file.names.declared
        used = {
            full if full in self._files else written
            for _, written, full in file.names.used
            if full not in declared and written not in declared
        }
        return tuple(sorted(used & self._files.keys()))

    def _parse(self, name: str, stem: str) -> None:
        file = self._files[stem]
        known = {ref: schema for ref in self._references(file) if (schema := self._files[ref].schema) is not None}
        try:
            parsed = parse(file.value, names=known, strict=False, file=stem)
        except (SchemaSyntaxError, RecursionError):
            self._unread(name, stem)
            return
        file.schema = parsed if isinstance(parsed, Named) else None

    def _note_version(self, name: str, schema: Named, day: str) -> None:
        versions = self._versions.setdefault(schema.name, {})
        meaning = fingerprint(schema)
        if meaning in versions and meaning == next(reversed(versions)):
            return  # words or layout
        versions.pop(meaning, None)
        versions[meaning] = Version(name=name, schema=schema, day=day)

    def _unread(self, name: str, stem: str) -> None:
        if len(self.notes) < _UNREAD:
            self.notes.append(f"{stem}.avsc of {name} is no schema that can be read: passed over")


def is_renamed(old: Named, new: Named) -> bool:
    """Return whether a type that came is, by its aliases, one that went."""
    return type(old) is type(new) and old.name in new.aliases


def same_but_name(old: Named, new: Named) -> bool:
    """Return whether two types differ in nothing but name, aliases and documentation."""
    return type(old) is type(new) and _nameless(old) == _nameless(new)


def _nameless(schema: Named) -> str:
    value = to_json(schema)
    assert isinstance(value, dict)  # a declaration
    return json.dumps({key: part for key, part in value.items() if key not in {"name", "aliases", "doc"}})
