"""Schemas without logical types: the same bytes, read as numbers, strings and bytes."""

from __future__ import annotations

from typing import Any

import pytest

from avroad.schema import Array, Fixed, Map, Primitive, Record, Union, canonical_form, parse, to_json
from avroad.schema.raw import without_logical

DATE: Any = {"type": "int", "logicalType": "date"}


def test_every_logical_type_goes_and_nothing_else() -> None:
    node: Any = {
        "type": "record",
        "name": "n.R",
        "aliases": ["n.Old"],
        "doc": "d",
        "fields": [
            {"name": "a", "type": DATE, "default": 3, "aliases": ["b"]},
            {"name": "f", "type": {"type": "fixed", "name": "F", "size": 12, "logicalType": "duration"}},
            {"name": "l", "type": {"type": "array", "items": {"type": "map", "values": DATE}}},
            {"name": "u", "type": ["null", {"type": "string", "logicalType": "uuid"}, "F"]},
            {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A"], "default": "A"}},
        ],
    }
    schema = parse(node)
    raw = without_logical(schema)
    assert "logicalType" not in repr(to_json(raw))
    assert canonical_form(raw) == canonical_form(schema)
    assert isinstance(raw, Record)
    assert raw.aliases == ("n.Old",)
    assert raw.fields[0].default == 3
    assert raw.fields[0].aliases == ("b",)
    union = raw.fields[3].type
    assert isinstance(union, Union)
    assert union.branches[2] is raw.fields[1].type, "a type used twice stays one"
    assert isinstance(raw.fields[1].type, Fixed)
    assert isinstance(schema, Record)
    assert schema.fields[0].type is not raw.fields[0].type, "the given schema is not touched"


def test_recursion_stays() -> None:
    raw = without_logical(parse({"type": "record", "name": "R", "fields": [
        {"name": "at", "type": DATE}, {"name": "next", "type": ["null", "R"]},
    ]}))  # fmt: skip
    assert isinstance(raw, Record)
    inner = raw.fields[1].type
    assert isinstance(inner, Union)
    assert inner.branches[1] is raw


@pytest.mark.parametrize("node", ["int", DATE, {"type": "array", "items": DATE}, {"type": "map", "values": "int"}])
def test_unnamed_schemas(node: Any) -> None:
    raw = without_logical(parse(node))
    assert isinstance(raw, Primitive | Array | Map)
    assert canonical_form(raw) == canonical_form(parse(node))
