"""What changed between two schemas: every edit has its place and its effect, and a breaking verdict its change."""

from __future__ import annotations

from typing import Any

import pytest

from avroad.contracts.compat.changes import Change, Difference, Effect, difference
from avroad.schema import Json, Schema, parse

COSMETIC, COMPATIBLE, BREAKING = Effect.COSMETIC, Effect.COMPATIBLE, Effect.BREAKING


def record(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": "a.R", "fields": list(fields), **more}


def changed(old: Any, new: Any) -> Difference:
    return difference(parse(old, strict=False), parse(new, strict=False))


def field(kind: Any = "int", **more: Any) -> dict[str, Any]:
    return record({"name": "f", "type": kind, **more})


E1 = {"type": "enum", "name": "E", "symbols": ["A"]}
OPTIONAL = {"name": "g", "type": ["null", "int"], "default": None}


@pytest.mark.parametrize(
    ("old", "new", "path", "effect", "breaks_new", "breaks_old"),
    [
        (field(), field(doc="d"), "$.f", COSMETIC, False, False),
        (field(), field(order="ignore"), "$.f", COSMETIC, False, False),
        (field(), field(pii="none"), "$.f", COSMETIC, False, False),
        (record(doc="a"), record(doc="b"), "$", COSMETIC, False, False),
        (record(), record(OPTIONAL), "$.g", COMPATIBLE, False, False),
        (record(OPTIONAL), record(), "$.g", COMPATIBLE, False, False),
        (record(), field(), "$.f", BREAKING, True, False),
        (field(), record(), "$.f", BREAKING, False, True),
        (field("int"), field("long"), "$.f", BREAKING, False, True),
        (field("int"), field("string"), "$.f", BREAKING, True, True),
        (field("int"), field(["null", "int"]), "$.f", BREAKING, False, True),
        (field(E1), field({**E1, "symbols": ["A", "B"]}), "$.f", BREAKING, False, True),
        (field(E1), field({**E1, "default": "A"}), "$.f", COMPATIBLE, False, False),
        (field(default=1), field(default=2), "$.f", COMPATIBLE, False, False),
        (field(["null", "int"]), field(["int", "null"]), "$.f", COMPATIBLE, False, False),
        (field({"type": "long", "logicalType": "timestamp-millis"}),
         field({"type": "long", "logicalType": "timestamp-micros"}), "$.f", BREAKING, True, True),
        (field({"type": "array", "items": "int"}), field({"type": "array", "items": "string"}), "$.f[]", BREAKING,
         True, True),
        (field({"type": "map", "values": "int"}), field({"type": "map", "values": "string"}), "$.f{}", BREAKING,
         True, True),
        (record({"name": "o", "type": "int"}), record({"name": "n", "type": "int", "aliases": ["o"]}), "$.n", BREAKING,
         False, True),
    ],
)  # fmt: skip
def test_one_edit_is_one_change_with_its_effect(  # noqa: PLR0917  # columns of a table
    old: Any, new: Any, path: str, effect: Effect, breaks_new: bool, breaks_old: bool
) -> None:
    changes = changed(old, new).changes
    assert {change.path for change in changes} == {path}
    assert max(changes, key=lambda change: list(Effect).index(change.effect)).effect is effect
    assert any(change.breaks_new for change in changes) is breaks_new
    assert any(change.breaks_old for change in changes) is breaks_old


def test_the_same_schema_has_no_change() -> None:
    assert changed(field(E1), field(E1)) == Difference(changes=(), backward=True, forward=True)


def test_below_a_union_the_change_is_at_the_field_and_once() -> None:
    def outer(kind: str) -> dict[str, Any]:
        inner = {"type": "record", "name": "P", "fields": [{"name": "x", "type": kind}]}
        return record({"name": "a", "type": ["null", inner]}, {"name": "b", "type": "a.P"})

    changes = changed(outer("int"), outer("string")).changes
    assert [(change.path, change.effect) for change in changes] == [("$.a<a.P>.x", BREAKING)]


def test_a_recursive_type_ends() -> None:
    def tree(kind: str) -> dict[str, Any]:
        return record({"name": "v", "type": kind}, {"name": "next", "type": ["null", "a.R"], "default": None})

    assert [change.path for change in changed(tree("int"), tree("string")).changes] == ["$.v"]


def test_a_long_default_that_differs_at_its_end_is_seen() -> None:
    found = changed(field("string", default="x" * 200 + "a"), field("string", default="x" * 200 + "b")).changes
    assert [type(change) for change in found] == [Change]
    assert len(found[0].what) < 200


@pytest.mark.parametrize("direction", [True, False])
def test_a_verdict_of_no_has_a_breaking_change(direction: bool) -> None:
    collide = record({"name": "a", "type": "int", "aliases": ["b"]})
    plain = record({"name": "a", "type": "int"}, {"name": "b", "type": "int"})
    found = changed(plain, collide) if direction else changed(collide, plain)
    assert (found.backward if direction else found.forward) is None
    assert any(change.effect is BREAKING for change in found.changes)


def test_a_declared_conversion_is_a_change_that_breaks_nothing_itself() -> None:
    def at(**more: Json) -> Schema:
        kind: Json = {"type": "long", **more}
        return parse({"type": "record", "name": "R", "fields": [{"name": "at", "type": kind}]})

    millis, micros = at(logicalType="timestamp-millis"), "timestamp-micros"
    converts: dict[str, Json] = {"logicalType": micros, "avroad.converts": ["timestamp-millis"]}
    by_word = {change.what.partition(" ")[0]: change for change in difference(millis, at(**converts)).changes}
    assert by_word["attribute"].effect is Effect.COMPATIBLE
    assert (by_word["logical"].breaks_new, by_word["logical"].breaks_old) == (False, True)
    [change] = difference(at(logicalType=micros), at(**converts)).changes
    assert change.effect is Effect.COMPATIBLE, "readers notice it: it is not cosmetic"


def test_rules_are_those_of_the_change_and_not_of_its_reverse() -> None:
    (added,) = changed(record(), field()).changes
    assert added.rules == ("READER_FIELD_MISSING_DEFAULT_VALUE",)
    (removed,) = changed(field(), record()).changes
    assert removed.rules == ("REMOVED_REQUIRED_FIELD", "READER_FIELD_MISSING_DEFAULT_VALUE")
