"""Nodes back to JSON, and the fingerprint of all that a schema means."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection

from avroad.schema.defaults import normal_default
from avroad.schema.java_numbers import NotFinite
from avroad.schema.json import NO_DEFAULT, Json
from avroad.schema.logical import Logical
from avroad.schema.named import Enum, Field, Fixed, Named, Record
from avroad.schema.nodes import Array, Map, Primitive, Schema, Union

__all__ = ["fingerprint", "to_json"]


def to_json(schema: Schema, *, known: Collection[str] = ()) -> Json:
    """Return the schema as JSON, complete but for the types in `known` (full names), which are written by name.

    Every other named type is declared where it first occurs; documentation and unknown attributes are kept.
    """
    return _Writer(set(known), docs=True).write(schema)


def fingerprint(schema: Schema) -> str:
    """Return the SHA-256, in hexadecimal, of what the schema means.

    Two schemas have the same fingerprint when they differ in documentation, formatting, spelling of names or
    where referenced types are declared, and in nothing else: unlike the parsing canonical form it covers
    defaults, aliases, logical types, field order and unknown attributes.
    """
    value = _Writer(set(), docs=False).write(schema)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


class _Writer:
    """One walk over a schema; a named type is declared at its first occurrence only."""

    def __init__(self, known: set[str], *, docs: bool) -> None:
        self._known = known
        self._docs = docs
        self._space = ""  # which a name without a namespace would be read in

    def write(self, schema: Schema) -> Json:
        if isinstance(schema, Named):
            return self._named(schema)
        if isinstance(schema, Union):
            return [self.write(branch) for branch in schema.branches]
        if isinstance(schema, Array):
            return {"type": "array", "items": self.write(schema.items), **schema.props}
        if isinstance(schema, Map):
            return {"type": "map", "values": self.write(schema.values), **schema.props}
        assert isinstance(schema, Primitive)  # the last kind there is
        if schema.logical is None and not schema.props:
            return schema.name
        return {"type": schema.name, **_logical(schema.logical), **schema.props}

    def _named(self, schema: Named) -> Json:
        if schema.name in self._known:
            return schema.name
        self._known.add(schema.name)
        value: dict[str, Json] = {}
        if isinstance(schema, Record):
            value = {"type": "record", "name": schema.name}
        elif isinstance(schema, Enum):
            value = {"type": "enum", "name": schema.name}
        elif isinstance(schema, Fixed):
            value = {"type": "fixed", "name": schema.name}
        if self._docs and self._space and not schema.namespace:
            value["namespace"] = ""
        if schema.doc and self._docs:
            value["doc"] = schema.doc
        if schema.aliases:
            value["aliases"] = self._aliases(schema.aliases)
        if isinstance(schema, Record):
            outer, self._space = self._space, schema.namespace
            value["fields"] = [self._field(field) for field in schema.fields]
            self._space = outer
        elif isinstance(schema, Enum):
            value["symbols"] = list(schema.symbols)
            if schema.default is not None:
                value["default"] = schema.default
        elif isinstance(schema, Fixed):
            value["size"] = schema.size
            value.update(_logical(schema.logical))
        return {**value, **schema.props}

    def _aliases(self, aliases: tuple[str, ...]) -> list[Json]:
        return list(aliases if self._docs else sorted(aliases))

    def _field(self, field: Field) -> Json:
        value: dict[str, Json] = {"name": field.name, "type": self.write(field.type)}
        if field.doc and self._docs:
            value["doc"] = field.doc
        if field.default is not NO_DEFAULT:
            default = field.default if self._docs else normal_default(field.type, field.default)
            value["default"] = default.text if isinstance(default, NotFinite) else default
        if field.aliases:
            value["aliases"] = self._aliases(field.aliases)
        if field.order != "ascending":
            value["order"] = field.order
        return {**value, **field.props}


def _logical(logical: Logical | None) -> dict[str, Json]:
    if logical is None:
        return {}
    if logical.name == "decimal":
        return {"logicalType": "decimal", "precision": logical.precision, "scale": logical.scale}
    return {"logicalType": logical.name}
