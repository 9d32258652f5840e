"""Registry exports: subjects with their versions in one JSON file, for checks without a registry.

The format is `{"subjects": {NAME: [{"version", "schema", "references", "deleted"}]}}`. schema: a JSON value or its
text; references: `[{"name", "subject", "version"}]`, optional; deleted: optional, true for a soft-deleted version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from avroad.contracts.compat.modes import Version
from avroad.errors import ConfigError, SchemaSyntaxError
from avroad.schema import Named, Schema, named_types, parse

__all__ = ["read_export"]

_MAX_DEPTH: Final = 32
_Key = tuple[str, int]


def read_export(text: str, file: str) -> dict[str, tuple[Version, ...]]:
    """Return the versions of every subject, oldest first, references inlined, deleted ones marked.

    file: as messages name it. Raises ConfigError for what is no such export, SchemaSyntaxError for a text in it that
    is no schema.
    """
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ConfigError("this is no export", expected="JSON", found=str(error)[:200], file=file) from None
    return _Export(value, file).versions()


class _Export:
    def __init__(self, value: object, file: str) -> None:
        self._file = file
        self._entries: dict[_Key, dict[str, Any]] = {}
        self._named: dict[_Key, dict[str, Named]] = {}
        subjects = self._member(value, "$", "subjects", dict)
        self._subjects = list(subjects)
        for subject, versions in subjects.items():
            place = f"$.subjects['{subject[:80]}']"
            if not isinstance(versions, list):
                raise self._wrong(place, "a list of versions", versions)
            for i, entry in enumerate(versions):
                number = self._member(entry, f"{place}[{i}]", "version", int)
                if (subject, number) in self._entries:
                    raise self._wrong(f"{place}[{i}].version", "each version once", number)
                self._entries[(subject, number)] = entry

    def versions(self) -> dict[str, tuple[Version, ...]]:
        found: dict[str, list[Version]] = {subject: [] for subject in self._subjects}
        for subject, number in sorted(self._entries):
            deleted = self._entries[(subject, number)].get("deleted", False)
            if not isinstance(deleted, bool):
                raise self._wrong(f"{_shown((subject, number))}.deleted", "true or false", deleted)
            schema = self._schema((subject, number), ())
            found[subject].append(Version(name=str(number), schema=schema, deleted=deleted))
        return {subject: tuple(versions) for subject, versions in found.items()}

    def _schema(self, key: _Key, chain: tuple[_Key, ...]) -> Schema:
        if key in chain or len(chain) >= _MAX_DEPTH:
            raise self._wrong(_shown(key), f"references without a circle, at most {_MAX_DEPTH} deep", key[0])
        entry, place = self._entries[key], _shown(key)
        references = [] if entry.get("references") is None else entry["references"]
        if not isinstance(references, list):
            raise self._wrong(f"{place}.references", "a list", references)
        names: dict[str, Named] = {}
        for i, reference in enumerate(references):
            where = f"{place}.references[{i}]"
            target = (self._member(reference, where, "subject", str), self._member(reference, where, "version", int))
            if target not in self._entries:
                raise self._wrong(where, "a version that is in the export", _shown(target))
            if target not in self._named:
                self._named[target] = named_types(self._schema(target, (*chain, key)))
            names.update(self._named[target])
        if "schema" not in entry:
            raise self._wrong(place, 'the key "schema"', entry)
        try:
            return parse(_value(entry["schema"]), names=names, strict=False, file=f"{self._file} {place}")
        except RecursionError:
            raise SchemaSyntaxError(
                expected="a schema of moderate depth", found="nesting too deep", path=place
            ) from None

    def _member(self, value: object, place: str, key: str, kind: type) -> Any:  # noqa: ANN401  # a JSON value
        if not isinstance(value, Mapping):
            raise self._wrong(place, "an object", value)
        found = value.get(key)
        if not isinstance(found, kind) or isinstance(found, bool):
            words = {dict: "an object", int: "a whole number", str: "text"}
            raise self._wrong(f"{place}.{key}", words[kind], found)
        return found

    def _wrong(self, place: str, expected: str, found: object) -> ConfigError:
        kinds = {dict: "an object", list: "a list", type(None): "nothing"}
        what = kinds.get(type(found), str(found)[:80])
        return ConfigError("this is no export", expected=expected, found=what, path=place, file=self._file)


def _value(given: Any) -> Any:  # noqa: ANN401  # a JSON value
    """A schema given as text is JSON; a bare word is the name of a type."""
    if isinstance(given, str) and not given.lstrip().startswith(("{", "[", '"')):
        return json.dumps(given)
    return given


def _shown(key: _Key) -> str:
    return f"$.subjects['{key[0][:80]}'] version {key[1]}"
