"""Reader defaults: decoded from their JSON form by schema, once, and never shared when they can change."""

from __future__ import annotations

import dataclasses
from typing import Any

from avroad.codec.classes import attributes, members
from avroad.codec.logical import reader_of
from avroad.codec.source import Source
from avroad.codec.unions import Types, branches_of
from avroad.schema import (
    NO_DEFAULT,
    Array,
    Enum,
    Fixed,
    Json,
    Logical,
    Map,
    Primitive,
    Record,
    Schema,
    Union,
    default_branch,
)

__all__ = ["default_value", "fresh_expression"]


def default_value(schema: Schema, value: Json, types: Types) -> Any:  # noqa: ANN401 - any datum
    """Return the datum that a default stands for, as decoding its binary form would give it.

    The default must be valid (`avroad.schema.default_problem`). Raises ValueError or OverflowError when its logical
    type cannot hold it.
    """
    if isinstance(schema, Union):
        branch = default_branch(schema, value)
        assert branch is not None  # a valid default has one
        datum = default_value(schema.branches[branch], value, types)
        shape = branches_of(schema, types)[branch]
        return (shape.name, datum) if shape.tagged else datum
    if isinstance(schema, Record):
        return _record(schema, value, types)
    if isinstance(schema, Array):
        assert isinstance(value, list)
        items = [default_value(schema.items, item, types) for item in value]
        return tuple(items) if types else items
    if isinstance(schema, Map):
        assert isinstance(value, dict)
        return {key: default_value(schema.values, item, types) for key, item in value.items()}
    if isinstance(schema, Enum):
        assert isinstance(value, str)
        cls = types.get(schema.name)
        return value if cls is None else members(cls, schema.name, schema.symbols)[value]
    assert isinstance(schema, Primitive | Fixed)
    return _leaf("fixed" if isinstance(schema, Fixed) else schema.name, schema.logical, value)


def _leaf(base: str, logical: Logical | None, value: Json) -> object:
    datum: object = value
    if base in {"bytes", "fixed"}:
        assert isinstance(value, str)
        datum = value.encode("latin-1")
    elif base in {"float", "double"}:
        assert isinstance(value, int | float)
        datum = float(value)
    return datum if logical is None else reader_of(logical, base)(datum)


def _record(schema: Record, value: Json, types: Types) -> object:
    assert isinstance(value, dict)
    names = tuple(field.name for field in schema.fields)
    data: dict[str, object] = {}
    for field in schema.fields:
        given = value.get(field.name, field.default)
        assert given is not NO_DEFAULT  # a valid default has every field
        data[field.name] = default_value(field.type, given, types)
    cls = types.get(schema.name)
    if cls is None:
        return data
    return cls(**dict(zip(attributes(cls, schema.name, names), data.values(), strict=True)))


def fresh_expression(source: Source, value: object) -> str:
    """Return an expression for a default: a constant where nothing in it can change, else one that builds it anew."""
    if value is None or value is True or value is False:
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(fresh_expression(source, item) for item in value)}]"
    if isinstance(value, dict):
        entries = (f"{key!r}: {fresh_expression(source, item)}" for key, item in value.items())
        return f"{{{', '.join(entries)}}}"
    if isinstance(value, tuple) and type(value) is tuple:
        return f"({''.join(f'{fresh_expression(source, item)}, ' for item in value)})"
    if _can_change(value):
        return f"{source.constant(_rebuild)}({source.constant(value)})"
    return source.constant(value)


def _can_change(value: object) -> bool:
    """Say whether a value holds a dict somewhere: the only container in typed data that is not frozen."""
    if isinstance(value, list | dict):
        return True
    if isinstance(value, tuple):
        return any(_can_change(item) for item in value)
    return any(_can_change(getattr(value, name)) for name in _field_names(value))


def _rebuild(value: Any) -> Any:  # noqa: ANN401 - any datum
    """Return a copy that shares nothing that can change."""
    if isinstance(value, dict):
        return {key: _rebuild(item) for key, item in value.items()}
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(_rebuild(item) for item in value)
    names = _field_names(value)
    return type(value)(**{name: _rebuild(getattr(value, name)) for name in names}) if names else value


def _field_names(value: object) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(value)) if dataclasses.is_dataclass(value) else ()
