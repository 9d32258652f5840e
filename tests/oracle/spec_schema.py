"""Schemas as the slow oracle sees them: one plain class, read from JSON by the letter of the specification.

Written apart from `avroad.schema` on purpose: a mistake must be made twice to go unseen.
Source: Avro specification 1.12, Schema Declaration, Names, Aliases, Logical Types.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
NAMED = ("record", "enum", "fixed")
BASES = {
    "date": ["int"], "time-millis": ["int"], "time-micros": ["long"],
    "timestamp-millis": ["long"], "timestamp-micros": ["long"], "timestamp-nanos": ["long"],
    "local-timestamp-millis": ["long"], "local-timestamp-micros": ["long"], "local-timestamp-nanos": ["long"],
    "uuid": ["string", "fixed"], "decimal": ["bytes", "fixed"], "duration": ["fixed"],
}  # fmt: skip
NOTHING = object()
"""A field without a default; null is a default like any other."""


@dataclass(eq=False)
class Type:
    """Any type. Types may contain themselves, so they compare by identity."""

    kind: str
    name: str = ""
    aliases: list[str] = field(default_factory=list)
    fields: list[Column] = field(default_factory=list)
    symbols: list[str] = field(default_factory=list)
    default: str | None = None
    size: int = 0
    item: Type | None = None
    branches: list[Type] = field(default_factory=list)
    logical: str = ""
    precision: int = 0
    scale: int = 0

    @property
    def short(self) -> str:
        return self.name.split(".")[-1]


@dataclass(eq=False)
class Column:
    """A field of a record."""

    name: str
    type: Type
    aliases: list[str]
    default: Any = NOTHING


def read_schema(source: Any) -> Type:
    """Return the type that JSON (a value, or text that is no bare primitive) declares."""
    if isinstance(source, str) and source not in PRIMITIVES:
        source = json.loads(source)
    return _read(source, "", {})


def same_meaning(a: Any, b: Any) -> bool:
    """Say whether two schemas are written alike, documentation aside."""
    return bool(_bare(a) == _bare(b))


def _bare(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _bare(value) for key, value in node.items() if key != "doc"}
    return [_bare(value) for value in node] if isinstance(node, list) else node


def _read(node: Any, space: str, known: dict[str, Type]) -> Type:
    if isinstance(node, list):
        return Type("union", branches=[_read(branch, space, known) for branch in node])
    if isinstance(node, str):
        return Type(node) if node in PRIMITIVES else known[_full(node, space)]
    kind = node["type"]
    if kind == "error":
        kind = "record"
    if kind in NAMED:
        return _named(kind, node, space, known)
    if kind == "array":
        return Type("array", item=_read(node["items"], space, known))
    if kind == "map":
        return Type("map", item=_read(node["values"], space, known))
    if kind in PRIMITIVES:
        return _with_logical(Type(kind), node)
    return _read(kind, space, known)


def _full(name: str, space: str) -> str:
    return name if "." in name or not space else f"{space}.{name}"


def _named(kind: str, node: Any, space: str, known: dict[str, Type]) -> Type:
    name = _full(node["name"], node.get("namespace", space))
    inner = name.rpartition(".")[0]
    aliases = node.get("aliases", [])
    aliases = [aliases] if isinstance(aliases, str) else aliases
    made = known[name] = Type(kind, name=name, aliases=[_full(alias, inner) for alias in aliases])
    if kind == "enum":
        made.symbols, made.default = node["symbols"], node.get("default")
    elif kind == "fixed":
        made.size = node["size"]
        _with_logical(made, node)
    else:
        for column in node["fields"]:
            names = column.get("aliases", [])
            type_ = _read(column["type"], inner, known)
            made.fields.append(Column(column["name"], type_, names, column.get("default", NOTHING)))
    return made


def _with_logical(made: Type, node: Any) -> Type:
    """An invalid logical type is ignored, as the specification demands."""
    name = node.get("logicalType")
    if made.kind not in BASES.get(name, []):
        return made
    if made.kind == "fixed" and name in {"uuid", "duration"} and made.size != {"uuid": 16, "duration": 12}[name]:
        return made
    if name == "decimal":
        precision, scale = node.get("precision"), node.get("scale", 0)
        if type(precision) is not int or type(scale) is not int or precision < 1 or not 0 <= scale <= precision:
            return made
        if made.kind == "fixed" and 10**precision - 1 > 2 ** (8 * made.size - 1) - 1:
            return made
        made.precision, made.scale = precision, scale
    made.logical = name
    return made
