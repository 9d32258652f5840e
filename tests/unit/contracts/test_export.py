"""Registry exports: read with their references, and refused with the place of what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from avroad.contracts.export import read_export
from avroad.errors import AvroadError, ConfigError, SchemaSyntaxError
from avroad.schema import fingerprint, parse

MONEY = {"type": "record", "name": "shop.Money", "fields": [{"name": "cents", "type": "long"}]}
REFERENCE = {"name": "shop.Money", "subject": "money", "version": 1}


def read(**subjects: Any) -> Any:
    return read_export(json.dumps({"subjects": subjects}), "x.json")


def test_versions_are_in_order_with_references_inlined_and_deletions_marked() -> None:
    orders = [
        {"version": 3, "schema": {"type": "array", "items": "shop.Money"}, "references": [REFERENCE]},
        {"version": 1, "schema": "string", "deleted": True},
        {"version": 2, "schema": '{"type": "map", "values": "int"}'},
    ]
    found = read(money=[{"version": 1, "schema": MONEY, "deleted": True}], orders=orders)["orders"]
    assert [(v.name, v.deleted) for v in found] == [("1", True), ("2", False), ("3", False)]
    expected = parse(json.dumps({"type": "array", "items": MONEY}))
    assert fingerprint(found[2].schema) == fingerprint(expected)


@pytest.mark.parametrize(
    ("subjects", "said"),
    [
        ({"a": {}}, "expected a list of versions, found an object"),
        ({"a": [1]}, "expected an object"),
        ({"a": [{"version": True, "schema": "int"}]}, "expected a whole number"),
        ({"a": [{"version": 1}]}, 'expected the key "schema"'),
        ({"a": [{"version": 1, "schema": "int", "deleted": 0}]}, "expected true or false"),
        ({"a": [{"version": 1, "schema": "int"}] * 2}, "expected each version once"),
        ({"a": [{"version": 1, "schema": "int", "references": {}}]}, "expected a list"),
        ({"a": [{"version": 1, "schema": "int", "references": [REFERENCE]}]}, "a version that is in the export"),
        ({"money": [{"version": 1, "schema": MONEY, "references": [REFERENCE]}]}, "references without a circle"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(subjects: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(**subjects)
    assert said in str(caught.value)
    assert str(caught.value).startswith("x.json: ")
    assert "at $.subjects" in str(caught.value)


@pytest.mark.parametrize("text", ["", "[", "[]", "{}", "[" * 100_000, '{"subjects": null}'])
def test_what_is_no_export_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        read_export(text, "x.json")


@pytest.mark.parametrize("schema", ["strnig", {"type": "record"}, None, "[" * 5000, {"type": "array", "items": "x.Y"}])
def test_a_text_that_is_no_schema_is_refused(schema: Any) -> None:
    with pytest.raises(SchemaSyntaxError) as caught:
        read(a=[{"version": 1, "schema": schema}])
    assert isinstance(caught.value, AvroadError)
