"""Schemas without their logical types: how to read the numbers, strings and bytes themselves."""

from __future__ import annotations

from dataclasses import replace

from avroad.schema.named import Fixed, Named, Record
from avroad.schema.nodes import Array, Map, Primitive, Schema, Union

__all__ = ["without_logical"]


def without_logical(schema: Schema) -> Schema:
    """Return the schema with every logical type taken off; the same bytes are data of both.

    Names, aliases, defaults and recursion stay as they are: a default is the base type's JSON anyway.
    """
    return _Stripped().of(schema)


class _Stripped:
    """One pass; each named type is rebuilt once, which also ends recursion."""

    def __init__(self) -> None:
        self._named: dict[int, Named] = {}

    def of(self, schema: Schema) -> Schema:
        if isinstance(schema, Primitive):
            return schema if schema.logical is None else replace(schema, logical=None)
        if isinstance(schema, Array):
            return replace(schema, items=self.of(schema.items))
        if isinstance(schema, Map):
            return replace(schema, values=self.of(schema.values))
        if isinstance(schema, Union):
            return replace(schema, branches=tuple(self.of(branch) for branch in schema.branches))
        assert isinstance(schema, Named)  # the last kind there is
        known = self._named.get(id(schema))
        if known is None:
            known = self._named[id(schema)] = self._rebuilt(schema)
        return known

    def _rebuilt(self, schema: Named) -> Named:
        if isinstance(schema, Fixed):
            return replace(schema, logical=None)
        if not isinstance(schema, Record):
            return schema
        record = self._named[id(schema)] = replace(schema, fields=())
        fields = tuple(replace(field, type=self.of(field.type)) for field in schema.fields)
        # The one place where a frozen node is completed late: its fields may point back at it.
        object.__setattr__(record, "fields", fields)
        return record
