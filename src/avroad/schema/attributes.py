"""Attributes of schema objects: which ones the specification defines, and how messages name their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from avroad.schema.json import Json
from avroad.schema.logical import Logical

__all__ = ["kind_of", "props_of", "shown"]

_RESERVED: Final[Mapping[str, frozenset[str]]] = {
    "record": frozenset({"type", "name", "namespace", "doc", "aliases", "fields"}),
    "enum": frozenset({"type", "name", "namespace", "doc", "aliases", "symbols", "default"}),
    "fixed": frozenset({"type", "name", "namespace", "doc", "aliases", "size"}),
    "array": frozenset({"type", "items"}),
    "map": frozenset({"type", "values"}),
    "primitive": frozenset({"type"}),
    "field": frozenset({"name", "type", "doc", "default", "order", "aliases"}),
}


def props_of(value: dict[str, Json], kind: str, logical: Logical | None = None) -> dict[str, Json]:
    """Return the attributes that the specification does not define for this kind of object.

    A logical type that was not read stays an attribute, with its own attributes.
    """
    reserved = _RESERVED[kind]
    if logical is not None:
        reserved |= {"logicalType", "precision", "scale"} if logical.name == "decimal" else {"logicalType"}
    return {key: item for key, item in value.items() if key not in reserved}


def kind_of(value: Json) -> str:
    """Return what a JSON value is, for messages."""
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "an object"}
    return names.get(type(value), "null")


def shown(value: Json) -> str:
    """Return a JSON value for messages, cut where it is long."""
    return "nothing" if value is None else repr(value)[:80] if isinstance(value, str | int | float) else kind_of(value)
