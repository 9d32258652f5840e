"""Rules about the fields of one pair of records: renames, aliases, units."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from avroad.contracts.compat.alike import same_default
from avroad.contracts.compat.findings import Finding, Patch, unseen
from avroad.contracts.compat.meaning_defaults import default_findings
from avroad.contracts.compat.places import Place
from avroad.contracts.rule import Severity
from avroad.schema import NO_DEFAULT, Field, Record, Schema, Union, fingerprint

__all__ = ["alias_field_patch", "field_findings", "likely_rename", "sources_of"]

_UNITS: Final = frozenset(
    {"s", "ms", "us", "ns", "min", "h", "days", "m", "km", "cm", "mm", "mi", "ft", "kmh", "kph", "mph", "mps", "kn"}
    | {"deg", "rad", "pct", "percent", "bytes", "kb", "mb", "kib", "mib", "celsius", "fahrenheit", "kelvin"}
    | {"kg", "g", "t", "lb", "eur", "usd", "gbp", "cents"}
)
"""Suffixes that are read as a unit."""
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ALIKE: Final = 0.7
_MANY: Final = 64
_NAMES_KEPT: Final = 4096
_SHARED_WORDS: Final = 0.5
_MIN_STEM: Final = 3


def sources_of(reader: Record, writer: Record) -> list[Field | None]:
    """Return, per reader field, the writer field that feeds it: by name, else by the first alias that is written."""
    written = {field.name: field for field in writer.fields}
    return [
        written.get(field.name) or next((written[alias] for alias in field.aliases if alias in written), None)
        if field.aliases
        else written.get(field.name)
        for field in reader.fields
    ]


def field_findings(reader: Record, writer: Record, sources: Sequence[Field | None], place: Place) -> list[Finding]:
    """Return the findings about two records' fields, in the reader's order, removed fields last.

    sources: what feeds the reader's fields.
    """
    found = _alias_collisions(reader, writer, place) if any(field.aliases for field in reader.fields) else []
    used = {source.name for source in sources if source is not None}
    gone = [field for field in writer.fields if field.name not in used]
    for i, (field, source) in enumerate(zip(reader.fields, sources, strict=True)):
        if source is not None and field.name == source.name and same_default(field, source):
            continue
        here = place.field(reader, i)
        if source is not None:
            found += _unit(field, source, here)
        elif field.default is not NO_DEFAULT and (renamed := likely_rename(field, gone)) is not None:
            gone.remove(renamed)
            found.append(_renamed(reader, field, renamed, here))
        found += default_findings(field, source, here)
    found += [_removed(field, writer, place) for field in gone if field.default is NO_DEFAULT]
    return found


def likely_rename(field: Field, gone: list[Field]) -> Field | None:
    """Return the writer's field that `field` looks like a new name of: the same type and a similar name.

    Where more than `_MANY` are gone nobody renamed them by hand: only other spellings of the name are found then.
    """
    if len(gone) > _MANY:
        spelt = _joined(field.name)
        alike = [old for old in gone if _joined(old.name) == spelt]
    else:
        alike = [old for old in gone if _similar(old.name, field.name)]
    if not alike:
        return None
    kind = _type_key(field.type)
    return next((old for old in alike if _type_key(old.type) == kind), None)


def alias_field_patch(reader: Record, field: Field, alias: str) -> Patch:
    """Return the edit that gives a field one more alias."""
    path = f"/fields/{reader.fields.index(field)}/aliases"
    if field.aliases:
        return Patch(type=reader.name, operations=({"op": "add", "path": f"{path}/-", "value": alias},))
    return Patch(type=reader.name, operations=({"op": "add", "path": path, "value": [alias]},))


def _type_key(schema: Schema) -> str:
    """A field that became nullable keeps its type for this purpose."""
    if isinstance(schema, Union):
        others = [branch for branch in schema.branches if getattr(branch, "name", "") != "null"]
        if len(others) == 1:
            return fingerprint(others[0])
    return fingerprint(schema)


@lru_cache(maxsize=_NAMES_KEPT)
def _words(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(name))


@lru_cache(maxsize=_NAMES_KEPT)
def _joined(name: str) -> str:
    return "".join(_words(name))


def _similar(old: str, new: str) -> bool:
    before, now = _words(old), _words(new)
    one, two = "".join(before), "".join(now)
    if one == two:
        return True
    short, long = sorted((one, two), key=len)
    if len(short) >= _MIN_STEM and (long.startswith(short) or long.endswith(short)):
        return True
    shared = len(set(before) & set(now)) / max(1, len(set(before) | set(now)))
    return shared >= _SHARED_WORDS or difflib.SequenceMatcher(None, one, two).ratio() >= _ALIKE


def _unit_of(name: str) -> str:
    words = _words(name)
    return words[-1] if len(words) > 1 and words[-1] in _UNITS else ""


def _renamed(reader: Record, field: Field, old: Field, here: Place) -> Finding:
    before, now = _unit_of(old.name), _unit_of(field.name)
    converts = bool(before and now and before != now)
    return unseen(
        "RENAME_WITHOUT_ALIAS",
        here,
        severity=Severity.ERROR,
        message=f"{old.name} is gone and {field.name}, of the same type, has a default: was it renamed?",
        data=f"every record written before: {field.name} is read as its default, whatever {old.name} was",
        fix=f"Keep {old.name} beside {field.name}: their units differ, {before} and {now}."
        if converts
        else f'Add the alias "{old.name}" to field {field.name}.',
        patch=None if converts else alias_field_patch(reader, field, old.name),
        unsafe=False,
        changes_meaning=True,
    )


def _unit(field: Field, source: Field, here: Place) -> list[Finding]:
    before, now = _unit_of(source.name), _unit_of(field.name)
    if field.name == source.name or not before or not now or before == now:
        return []
    return [
        unseen(
            "UNIT_CHANGED",
            here,
            severity=Severity.ERROR,
            message=f"{source.name} is read as {field.name}: the number stays, the unit does not",
            data=f"every record written in {before}",
            fix=f"Remove the alias {source.name}; add {field.name} as a new field and fill both while readers change.",
            unsafe=True,
            changes_meaning=True,
        )
    ]


def _removed(field: Field, writer: Record, place: Place) -> Finding:
    return unseen(
        "REMOVED_REQUIRED_FIELD",
        place,
        severity=Severity.INFO,
        path=f"{place.path}.{field.name}",
        message=f"field {field.name} of {writer.name} has no default and is not read any more",
        data="new data without the field, in readers that still have it",
        fix="Update every reader before producers leave the field out.",
        unsafe=False,
    )


def _alias_collisions(reader: Record, writer: Record, place: Place) -> list[Finding]:
    written = {field.name: field for field in writer.fields}
    hits = [[n for n in dict.fromkeys((f.name, *f.aliases)) if n in written] for f in reader.fields]
    claims = Counter(name for names in hits for name in names)
    found = []
    for i, (field, names) in enumerate(zip(reader.fields, hits, strict=True)):
        disputed = [name for name in names if claims[name] > 1]
        if len(names) < 2 and not disputed:  # noqa: PLR2004 - one source
            continue
        swap = len(names) > 1 and all(_swapped(field, name, reader) for name in names if name != field.name)
        alike = swap and len({_type_key(written[name].type) for name in names}) == 1
        several = f"several written fields feed {field.name}: {', '.join(names)}"
        found.append(
            unseen(
                "ALIAS_COLLISION",
                place.field(reader, i),
                severity=Severity.ERROR,
                message=several if len(names) > 1 else f"several fields claim {disputed[0]}, {field.name} among them",
                data="every record: fields are read by name, not swapped" if alike else "every record: readers fail",
                fix=f"Remove the alias {next((n for n in names if n != field.name), disputed[0] if disputed else '')} "
                f"from field {field.name}, or the field it names.",
                unsafe=not alike,
                changes_meaning=True,
            )
        )
    return found


def _swapped(field: Field, other: str, reader: Record) -> bool:
    return any(f.name == other and field.name in f.aliases for f in reader.fields)
