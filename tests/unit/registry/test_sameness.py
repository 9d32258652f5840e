"""What counts as the same schema under one id."""

from __future__ import annotations

import json

import pytest

from avroad.model import Reference, SchemaText
from avroad.registry.sameness import MARK, mark, same, unmark

BASE = {
    "type": "record",
    "name": "a.Jam",
    "aliases": ["a.Queue"],
    "fields": [
        {"name": "cars", "type": "int", "default": 1, "aliases": ["vehicles"]},
        {"name": "kind", "type": {"type": "enum", "name": "a.Kind", "symbols": ["A", "B"], "default": "A"}},
        {"name": "again", "type": ["null", "a.Kind"]},
        {"name": "places", "type": {"type": "array", "items": {"type": "map", "values": "b.Place"}}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    ],
}
AS_WRITTEN_BACK = {
    "type": "record",
    "name": "Jam",
    "namespace": "a",
    "doc": "Docs.",
    "fields": [
        {"name": "cars", "type": {"type": "int"}, "doc": "How many.", "default": 1, "aliases": ["vehicles"]},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"], "default": "A"}},
        {"name": "again", "type": ["null", "Kind"], "order": "ascending"},
        {"name": "places", "type": {"type": "array", "items": {"type": "map", "values": "b.Place"}}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    ],
    "aliases": ["Queue"],
}


def content(schema: object, *references: Reference) -> SchemaText:
    return SchemaText(text=json.dumps(schema), references=references)


def test_another_spelling_is_the_same() -> None:
    assert same(content(BASE), content(AS_WRITTEN_BACK))
    assert same(content(AS_WRITTEN_BACK), content(BASE))
    assert same(content("int"), content({"type": "int"}))


CHANGES = [
    ("cars", "name", "lanes"), ("cars", "type", "long"), ("cars", "default", 2), ("cars", "aliases", []),
    ("cars", "order", "ignore"), ("cars", "unit", "vehicles"),
    ("kind", "type", {"type": "enum", "name": "a.Kind", "symbols": ["B", "A"], "default": "A"}),
    ("kind", "type", {"type": "enum", "name": "a.Kind", "symbols": ["A", "B"], "default": "B"}),
    ("kind", "type", {"type": "enum", "name": "b.Kind", "symbols": ["A", "B"], "default": "A"}),
    ("again", "type", ["a.Kind", "null"]), ("places", "type", {"type": "array", "items": "b.Place"}),
    ("at", "type", "long"), ("at", "type", {"type": "long", "logicalType": "timestamp-micros"}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "key", "value"), CHANGES, ids=str)
def test_a_change_of_meaning_is_not_the_same(field: str, key: str, value: object) -> None:
    changed = json.loads(json.dumps(BASE))
    for item in changed["fields"]:
        if item["name"] == field:
            item[key] = value
            break
    assert not same(content(BASE), content(changed))
    one, other = mark(json.dumps(BASE)), mark(json.dumps(changed))
    assert one is not None
    assert other is not None
    assert json.loads(one)[MARK] != json.loads(other)[MARK]


def test_references_count_in_any_order() -> None:
    one, two = (Reference(name=name, subject=name, version=1) for name in "ab")
    assert same(content(BASE, one, two), content(AS_WRITTEN_BACK, two, one))
    assert not same(content(BASE, one), content(BASE))
    assert not same(content(BASE, one), content(BASE, Reference(name="a", subject="a", version=2)))


@pytest.mark.parametrize("text", ["{", "", "NaN", "[" * 5000])
def test_what_cannot_be_read_is_the_same_only_literally(text: str) -> None:
    assert same(SchemaText(text=text), SchemaText(text=text))
    assert not same(SchemaText(text=text), content("int"))


def test_a_mark_depends_on_the_meaning_only_and_can_be_taken_off() -> None:
    one, other = mark(json.dumps(BASE)), mark(json.dumps(AS_WRITTEN_BACK))
    assert one is not None
    assert other is not None
    assert json.loads(one)[MARK] == json.loads(other)[MARK]
    assert json.loads(unmark(one)) == BASE
    assert same(SchemaText(text=one), content(BASE))


def test_a_text_that_carries_no_mark_stays_as_it_is() -> None:
    assert mark('"int"') is None
    for text in (' {"type":  "int"}', f'"{MARK}', f'["{MARK}"]', '{"doc": "avroad.revision", "type": "int"}'):
        assert unmark(text) == text
