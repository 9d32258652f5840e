"""Reader defaults: decoded from their JSON form by schema, once, and never shared when they can change."""

from __future__ import annotations

import dataclasses
from copy import deepcopy
from typing import Any

from avroad.codec.classes import attributes, members
from avroad.codec.logical import reader_of
from avroad.codec.plan import Slot
from avroad.codec.runtime import MAX_DEPTH, MAX_ITEMS
from avroad.codec.source import Source
from avroad.codec.unions import Types, branches_of
from avroad.errors import IncompatibleSchema
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

__all__ = ["Defaults"]


class Defaults:
    """The defaults of one plan's slots, as data of the reader's types. A slot's default must be valid by JSON type."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._known: dict[int, tuple[object, int]] = {}
        self._count = 0

    def size(self, slot: Slot) -> int:
        """Return how many values a slot's default is built of; 0 when it has none."""
        return 0 if slot.default is NO_DEFAULT else self._of(slot)[1]

    def expression(self, source: Source, slot: Slot) -> str:
        """Return the code of a slot's default: a constant where nothing in it can change, else one that copies it."""
        value = self._of(slot)[0]
        if value is None or value is True or value is False or value in ([], {}):
            return repr(value)
        constant = source.constant(value)
        return f"{source.constant(deepcopy)}({constant})" if _can_change(value) else constant

    def _of(self, slot: Slot) -> tuple[object, int]:
        """Raises IncompatibleSchema for what a logical type cannot hold, and for defaults without end."""
        if id(slot) not in self._known:
            assert slot.default is not NO_DEFAULT  # the resolver listed it as missing otherwise
            self._count = 0
            try:
                value = self._value(slot.type, slot.default, 0)
            except (ArithmeticError, ValueError) as error:
                found = str(error) if isinstance(error, _TooLargeError) else "one outside its logical type"
                expected = f"a default that {slot.name} can hold"
                raise IncompatibleSchema(path=f"$.{slot.name}", expected=expected, found=found) from None
            self._known[id(slot)] = value, self._count
        return self._known[id(slot)]

    def _value(self, schema: Schema, value: Json, depth: int) -> Any:  # noqa: ANN401 - any datum
        """Return what decoding the default's binary form would give."""
        self._count += 1
        if depth > MAX_DEPTH or self._count > MAX_ITEMS:
            raise _TooLargeError("one of too many values or levels")
        match schema:
            case Union():
                branch = default_branch(schema, value)
                assert branch is not None  # a valid default has one
                datum = self._value(schema.branches[branch], value, depth)
                shape = branches_of(schema, self._types)[branch]
                return (shape.name, datum) if shape.tagged else datum
            case Record():
                return self._record(schema, value, depth + 1)
            case Array():
                assert isinstance(value, list)
                items = [self._value(schema.items, item, depth) for item in value]
                return tuple(items) if self._types else items
            case Map():
                assert isinstance(value, dict)
                return {key: self._value(schema.values, item, depth) for key, item in value.items()}
            case Enum():
                assert isinstance(value, str)
                cls = self._types.get(schema.name)
                return value if cls is None else members(cls, schema.name, schema.symbols)[value]
            case _:
                assert isinstance(schema, Primitive | Fixed)
                return _leaf("fixed" if isinstance(schema, Fixed) else schema.name, schema.logical, value)

    def _record(self, schema: Record, value: Json, depth: int) -> object:
        assert isinstance(value, dict)
        data: dict[str, object] = {}
        for field in schema.fields:
            given = value.get(field.name, field.default)
            assert given is not NO_DEFAULT  # a valid default has every field
            data[field.name] = self._value(field.type, given, depth)
        cls = self._types.get(schema.name)
        if cls is None:
            return data
        return cls(**dict(zip(attributes(cls, schema.name, tuple(data)), data.values(), strict=True)))


class _TooLargeError(ValueError):
    """A default that stands for more than a datum may hold, such as a record that holds itself by default."""


def _leaf(base: str, logical: Logical | None, value: Json) -> object:
    datum: object = value
    if base in {"bytes", "fixed"}:
        assert isinstance(value, str)
        datum = value.encode("latin-1")
    elif base in {"float", "double"}:
        assert isinstance(value, int | float)
        datum = float(value)
    return datum if logical is None else reader_of(logical, base)(datum)


def _can_change(value: object) -> bool:
    """Say whether a value holds a list or dict somewhere: in typed data, dicts are all that is not frozen."""
    if isinstance(value, list | dict):
        return True
    if isinstance(value, tuple):
        return any(_can_change(item) for item in value)
    names = [field.name for field in dataclasses.fields(value)] if dataclasses.is_dataclass(value) else []
    return any(_can_change(getattr(value, name)) for name in names)
