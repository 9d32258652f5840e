"""The edits that lead from one schema to another, found by walking both at once. No judgement is made here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from avroad.codec.conversions import CONVERTS
from avroad.codec.finite import FINITE
from avroad.contracts.compat.alike import same_default
from avroad.contracts.compat.places import shown
from avroad.schema import NO_DEFAULT, Array, Enum, Field, Fixed, Json, Logical, Map, Named, Primitive, Record, Schema
from avroad.schema import Union as UnionSchema

__all__ = ["RawChange", "raw_changes"]

_MAX_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class RawChange:
    """One edit. path, old_path: by new and by old names; whole: it concerns all that is below the path, too.

    breaks_nothing: what comparisons find at the path is never its doing.
    """

    path: str
    old_path: str
    what: str
    cosmetic: bool = False
    whole: bool = False
    breaks_nothing: bool = False


def raw_changes(old: Schema, new: Schema) -> Iterator[RawChange]:
    """Yield every edit from `old` to `new`, parents first; a pair of types is walked once."""
    yield from _Walk().schemas(old, new, "$", "$")


class _Walk:
    def __init__(self) -> None:
        self._seen: set[tuple[int, int]] = set()

    def schemas(self, old: Schema, new: Schema, path: str, was: str) -> Iterator[RawChange]:
        if isinstance(old, Named) or isinstance(new, Named):
            if (id(old), id(new)) in self._seen:
                return
            self._seen.add((id(old), id(new)))
        kind = isinstance(old, Primitive) and isinstance(new, Primitive) and old.name != new.name
        if type(old) is not type(new) or kind:
            yield RawChange(path=path, old_path=was, what=f"type {_type(old)} -> {_type(new)}", whole=True)
            return
        yield from _props(old, new, path, was)
        if isinstance(old, Named) and isinstance(new, Named):
            yield from self._named(old, new, path, was)
        if isinstance(old, Primitive) and isinstance(new, Primitive):
            yield from _value("logical type", _logical(old.logical), _logical(new.logical), path, was)
        elif isinstance(old, Array) and isinstance(new, Array):
            yield from self.schemas(old.items, new.items, f"{path}[]", f"{was}[]")
        elif isinstance(old, Map) and isinstance(new, Map):
            yield from self.schemas(old.values, new.values, f"{path}{{}}", f"{was}{{}}")
        elif isinstance(old, UnionSchema) and isinstance(new, UnionSchema):
            yield from self._unions(old, new, path, was)

    def _named(self, old: Named, new: Named, path: str, was: str) -> Iterator[RawChange]:
        yield from _value("name", old.name, new.name, path, was)
        yield from _value("aliases", _list(old.aliases), _list(new.aliases), path, was)
        yield from _doc(old.doc, new.doc, path, was)
        if isinstance(old, Enum) and isinstance(new, Enum):
            yield from _lists("symbol", old.symbols, new.symbols, path, was)
            yield from _value("default symbol", old.default or "none", new.default or "none", path, was)
        elif isinstance(old, Fixed) and isinstance(new, Fixed):
            yield from _value("size", str(old.size), str(new.size), path, was)
            yield from _value("logical type", _logical(old.logical), _logical(new.logical), path, was)
        elif isinstance(old, Record) and isinstance(new, Record):
            yield from self._fields(old, new, path, was)

    def _fields(self, old: Record, new: Record, path: str, was: str) -> Iterator[RawChange]:
        before = {field.name: field for field in old.fields}
        after = {field.name for field in new.fields}
        pairs = {field.name: _origin(field, before, after) for field in new.fields}
        taken = {origin.name for origin in pairs.values() if origin is not None}
        for field in new.fields:
            origin, place = pairs[field.name], f"{path}.{field.name}"
            if origin is None:
                what = f"field added, {_type(field.type)}, {_default(field)}"
                yield RawChange(path=place, old_path=place, what=what, whole=True)
            else:
                yield from self._field(origin, field, place, f"{was}.{origin.name}")
        for name, field in before.items():
            if name not in taken:
                what = f"field removed, {_type(field.type)}, {_default(field)}"
                yield RawChange(path=f"{path}.{name}", old_path=f"{was}.{name}", what=what, whole=True)
        kept_before = [name for name in before if name in taken]
        kept_after = [origin.name for origin in pairs.values() if origin is not None]
        if kept_before != kept_after:
            yield RawChange(path=path, old_path=was, what="order of fields")

    def _field(self, old: Field, new: Field, path: str, was: str) -> Iterator[RawChange]:
        if old.name != new.name:
            yield RawChange(path=path, old_path=was, what=f"renamed from {old.name}, kept as an alias")
        yield from self.schemas(old.type, new.type, path, was)
        if not same_default(old, new):
            yield RawChange(path=path, old_path=was, what=f"{_default(old)} -> {_default(new)}")
        told = [alias for alias in new.aliases if alias != old.name or old.name == new.name]
        yield from _value("aliases", _list(old.aliases), _list(told), path, was)
        yield from _doc(old.doc, new.doc, path, was)
        if old.order != new.order:
            what = f"sort order {old.order} -> {new.order}"
            yield RawChange(path=path, old_path=was, what=what, cosmetic=True)
        yield from _props(old, new, path, was)

    def _unions(self, old: UnionSchema, new: UnionSchema, path: str, was: str) -> Iterator[RawChange]:
        before = {shown(branch): branch for branch in old.branches}
        after = {shown(branch): branch for branch in new.branches}
        for name, branch in after.items():
            place = f"{path}<{name}>"
            if name in before:
                yield from self.schemas(before[name], branch, place, f"{was}<{name}>")
            else:
                yield RawChange(path=path, old_path=place, what=f"branch {name} added")
        for name in before:
            if name not in after:
                yield RawChange(path=path, old_path=f"{was}<{name}>", what=f"branch {name} removed")
        if [name for name in before if name in after] != [name for name in after if name in before]:
            yield RawChange(path=path, old_path=was, what="order of branches")


def _origin(field: Field, before: Mapping[str, Field], after: set[str]) -> Field | None:
    """Return the old field that feeds a new one: of the same name, else one that is gone and now an alias."""
    if field.name in before:
        return before[field.name]
    return next((before[alias] for alias in field.aliases if alias in before and alias not in after), None)


def _value(what: str, old: str, new: str, path: str, was: str) -> Iterator[RawChange]:
    if old != new:
        yield RawChange(path=path, old_path=was, what=f"{what} {old} -> {new}")


def _lists(what: str, old: Sequence[str], new: Sequence[str], path: str, was: str) -> Iterator[RawChange]:
    before, after = set(old), set(new)
    added = [item for item in new if item not in before]
    removed = [item for item in old if item not in after]
    if added:
        yield RawChange(path=path, old_path=was, what=f"{what} added: {', '.join(added)}")
    if removed:
        yield RawChange(path=path, old_path=was, what=f"{what} removed: {', '.join(removed)}")
    if [item for item in old if item in after] != [item for item in new if item in before]:
        yield RawChange(path=path, old_path=was, what=f"order of {what}s")


def _doc(old: str, new: str, path: str, was: str) -> Iterator[RawChange]:
    if old != new:
        what = "doc changed" if old and new else "doc added" if new else "doc removed"
        yield RawChange(path=path, old_path=was, what=what, cosmetic=True)


def _props(old: Schema, new: Schema, path: str, was: str) -> Iterator[RawChange]:
    for key in dict.fromkeys((*old.props, *new.props)):  # Avro ignores them, and avroad all but two
        values = [json.dumps(node.props[key], sort_keys=True) if key in node.props else "" for node in (old, new)]
        if values[0] != values[1]:
            what = f"attribute {key[:_MAX_SHOWN]}"
            yield RawChange(
                path=path, old_path=was, what=what, cosmetic=key not in {CONVERTS, FINITE}, breaks_nothing=True
            )


def _default(field: Field) -> str:
    return "no default" if field.default is NO_DEFAULT else f"default {_json(field.default)}"


def _json(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 3]}..."


def _list(items: Sequence[str]) -> str:
    return ", ".join(items) or "none"


def _logical(logical: Logical | None) -> str:
    if logical is None:
        return "none"
    return f"decimal({logical.precision}, {logical.scale})" if logical.name == "decimal" else logical.name


def _type(schema: Schema) -> str:
    if isinstance(schema, UnionSchema):
        return f"[{', '.join(map(_type, schema.branches))}]"
    if isinstance(schema, Primitive) and schema.logical is not None:
        return f"{schema.name} ({_logical(schema.logical)})"
    return shown(schema)
