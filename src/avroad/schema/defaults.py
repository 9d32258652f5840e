"""Defaults as they stand in JSON: are they of their field's type, and what is their one normal form."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from avroad.schema.java_numbers import NotFinite
from avroad.schema.json import NO_DEFAULT, Json
from avroad.schema.named import Enum, Field, Fixed, Record
from avroad.schema.nodes import Array, Map, Primitive, Schema, Union

__all__ = ["default_branch", "default_problem", "normal_default"]

_RANGES = {"int": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
_MAX_BYTE = 0xFF
_Known: TypeAlias = dict[tuple[int, int], int | None]
"""Branches found so far, by identity of union and value: without it, each level of nesting doubles the tries.

It lives for one call, in which no schema and no value that it names can go away.
"""


def default_problem(schema: Schema, value: Json, path: str) -> tuple[str, str, str] | None:
    """Return (path, expected, found) for the first place where `value` is no default of `schema`, else None.

    A union's default may be of any of its branches (Avro specification since 1.12; before, of the first only).
    """
    known: _Known = {}
    wrong = _problem(schema, value, path, known)
    if wrong is None:
        done: set[int] = set()
        for field in _filled_in(schema, value, known):
            if _unusable(field, set(), done, known):
                return path, f"a value for field {field.name}", "none, and the field's default cannot stand in"
    return wrong


def _problem(schema: Schema, value: Json, path: str, known: _Known) -> tuple[str, str, str] | None:
    """Compare the value with the type, without following the defaults of fields that it leaves out."""
    if isinstance(schema, Primitive):
        return _primitive_problem(schema.name, value, path)
    if isinstance(schema, Union):
        if _branch(schema, value, known) is not None:
            return None
        return path, "a default of one of the union's branches", _shown(value)
    if isinstance(schema, Enum):
        fits = isinstance(value, str) and value in schema.symbols
        return None if fits else (path, f"a symbol of {schema.name}", _shown(value))
    if isinstance(schema, Fixed):
        fits = isinstance(value, str) and len(value) == schema.size and all(ord(c) <= _MAX_BYTE for c in value)
        return None if fits else (path, f"a string of {schema.size} characters up to U+00FF", _shown(value))
    if isinstance(schema, Array):
        if not isinstance(value, list):
            return path, "a list", _shown(value)
        return _first(_problem(schema.items, item, f"{path}[{i}]", known) for i, item in enumerate(value))
    if isinstance(schema, Map):
        if not isinstance(value, dict):
            return path, "an object", _shown(value)
        return _first(_problem(schema.values, item, f"{path}.{key}", known) for key, item in value.items())
    assert isinstance(schema, Record)  # the last kind there is
    return _record_problem(schema, value, path, known)


def default_branch(union: Union, value: Json) -> int | None:
    """Return the number of the first branch of which `value` is a default, None when there is none."""
    return _branch(union, value, {})


def normal_default(schema: Schema, value: Json) -> Json:
    """Return `value` with numbers as the type has them, for comparing meanings; what is no default stays as it is."""
    return _normal(schema, value, {})


def _branch(union: Union, value: Json, known: _Known) -> int | None:
    key = id(union), id(value)
    if key not in known:
        fitting = (i for i, branch in enumerate(union.branches) if _problem(branch, value, "", known) is None)
        known[key] = next(fitting, None)
    return known[key]


def _normal(schema: Schema, value: Json, known: _Known) -> Json:
    if isinstance(schema, Primitive) and type(value) is int and _is_real(schema.name, value):
        return float(value)
    if isinstance(schema, Union):
        branch = _branch(schema, value, known)
        return value if branch is None else _normal(schema.branches[branch], value, known)
    if isinstance(schema, Array) and isinstance(value, list):
        return [_normal(schema.items, item, known) for item in value]
    if isinstance(schema, Map) and isinstance(value, dict):
        return {key: _normal(schema.values, item, known) for key, item in value.items()}
    if isinstance(schema, Record) and isinstance(value, dict):
        given = (field for field in schema.fields if field.name in value)
        return {field.name: _normal(field.type, value[field.name], known) for field in given}
    return value


def _primitive_problem(name: str, value: Json, path: str) -> tuple[str, str, str] | None:
    fits = False
    expected = f"a default of type {name}"
    if name == "null":
        fits = value is None
    elif name == "boolean":
        fits = isinstance(value, bool)
    elif name in _RANGES:
        low, high = _RANGES[name]
        fits = type(value) is int and low <= value <= high
    elif name in {"float", "double"}:
        fits = _is_real(name, value)
    elif name == "string":
        fits = isinstance(value, str)
    elif name == "bytes":
        fits = isinstance(value, str) and all(ord(c) <= _MAX_BYTE for c in value)
        expected = "a string of characters up to U+00FF"
    return None if fits else (path, expected, _shown(value))


def _is_real(name: str, value: Json) -> bool:
    """Say whether a number stands for a finite one of type float or double: JSON knows no other, but has no range.

    Of a foreign schema it may be another one, which Java took from text.
    """
    if isinstance(value, NotFinite):
        return name in {"float", "double"}
    if name not in {"float", "double"} or isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        struct.pack("<f" if name == "float" else "<d", value)
        return math.isfinite(value)
    except (OverflowError, struct.error):
        return False


def _record_problem(schema: Record, value: Json, path: str, known: _Known) -> tuple[str, str, str] | None:
    if not isinstance(value, dict):
        return path, f"an object with the fields of {schema.name}", _shown(value)
    names = {field.name for field in schema.fields}
    for key in value:
        if key not in names:
            return f"{path}.{key}", f"a field of {schema.name}", repr(key[:80])
    for field in schema.fields:
        if field.name in value:
            wrong = _problem(field.type, value[field.name], f"{path}.{field.name}", known)
        elif field.default is NO_DEFAULT:
            wrong = (path, f"a value for field {field.name}", "none, and the field has no default")
        else:
            wrong = None
        if wrong is not None:
            return wrong
    return None


def _unusable(field: Field, unfinished: set[int], done: set[int], known: _Known) -> bool:
    """Say whether a field's default is of another type or needs itself without end; each field is looked at once."""
    if id(field) in done or field.default is NO_DEFAULT:
        return False
    if id(field) in unfinished or _problem(field.type, field.default, "", known) is not None:
        return True
    unfinished.add(id(field))
    found = any(_unusable(other, unfinished, done, known) for other in _filled_in(field.type, field.default, known))
    unfinished.discard(id(field))
    done.add(id(field))
    return found


def _filled_in(schema: Schema, value: Json, known: _Known) -> Iterator[Field]:
    """Yield the fields that a default leaves out, so that their own defaults stand in."""
    if isinstance(schema, Union):
        branch = _branch(schema, value, known)
        if branch is not None:
            yield from _filled_in(schema.branches[branch], value, known)
    elif isinstance(schema, Array) and isinstance(value, list):
        for item in value:
            yield from _filled_in(schema.items, item, known)
    elif isinstance(schema, Map) and isinstance(value, dict):
        for item in value.values():
            yield from _filled_in(schema.values, item, known)
    elif isinstance(schema, Record) and isinstance(value, dict):
        for field in schema.fields:
            if field.name in value:
                yield from _filled_in(field.type, value[field.name], known)
            else:
                yield field


def _first(problems: Iterable[tuple[str, str, str] | None]) -> tuple[str, str, str] | None:
    return next((p for p in problems if p is not None), None)


def _shown(value: Json) -> str:
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return "null" if value is None else repr(value)[:60]
