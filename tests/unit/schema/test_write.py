"""Schemas back to JSON, and the full fingerprint: what counts as the same schema."""

from __future__ import annotations

from typing import Any

import pytest

from avroad.schema import Fixed, Record, fingerprint, parse, to_json

BASE: dict[str, Any] = {
    "type": "record",
    "name": "ns.R",
    "fields": [
        {"name": "a", "type": "int", "default": 1},
        {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"], "default": "A"}},
        {"name": "t", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "d", "type": "double", "default": 0.0},
    ],
}


def changed(**fields: Any) -> dict[str, Any]:
    """Return BASE with attributes of the record or, by field name, of a field replaced."""
    copy = {**BASE, "fields": [dict(f) for f in BASE["fields"]]}
    for name, change in fields.items():
        target = next((f for f in copy["fields"] if f["name"] == name), None)
        (copy if target is None else target).update({name: change} if target is None else change)
    return copy


@pytest.mark.parametrize(
    "same",
    [
        changed(doc="words"),
        changed(a={"doc": "words"}),
        changed(d={"default": 0}),
        changed(e={"type": {"type": "enum", "name": "ns.E", "doc": "x", "symbols": ["A", "B"], "default": "A"}}),
        {**BASE, "name": "R", "namespace": "ns"},
        changed(a={"order": "ascending"}),
    ],
    ids=["doc", "field-doc", "number-form", "spelt-out", "namespace", "default-order"],
)
def test_cosmetic_changes_keep_the_fingerprint(same: Any) -> None:
    assert fingerprint(parse(same)) == fingerprint(parse(BASE))


@pytest.mark.parametrize(
    "other",
    [
        changed(a={"default": 2}),
        changed(a={"aliases": ["old"]}),
        changed(aliases=["Old"]),
        changed(t={"type": {"type": "long", "logicalType": "timestamp-micros"}}),
        changed(t={"type": "long"}),
        changed(e={"type": {"type": "enum", "name": "E", "symbols": ["A", "B"], "default": "B"}}),
        changed(e={"type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}}),
        changed(a={"order": "descending"}),
        changed(owner="someone"),
        changed(name="ns.S"),
    ],
    ids=[
        "default",
        "field-alias",
        "alias",
        "unit",
        "logical",
        "enum-default",
        "no-enum-default",
        "order",
        "prop",
        "name",
    ],
)
def test_changes_of_meaning_change_the_fingerprint(other: Any) -> None:
    assert fingerprint(parse(other)) != fingerprint(parse(BASE))


def test_a_reference_means_the_same_as_the_type_written_out() -> None:
    place: Any = {"type": "record", "name": "ns.Place", "fields": [{"name": "lat", "type": "double"}]}
    inline: Any = {"type": "record", "name": "ns.Top", "fields": [{"name": "p", "type": place}]}
    by_name: Any = {"type": "record", "name": "ns.Top", "fields": [{"name": "p", "type": "ns.Place"}]}
    node = parse(place)
    assert isinstance(node, Record)
    referring = parse(by_name, names={"ns.Place": node})
    assert fingerprint(referring) == fingerprint(parse(inline))
    assert to_json(referring, known=["ns.Place"]) == by_name


def test_a_type_without_a_namespace_stays_so_inside_one_that_has_it() -> None:
    inner: Any = {"type": "fixed", "name": "Hash", "namespace": "", "size": 2}
    node = parse({"type": "record", "name": "ns.Top", "fields": [{"name": "h", "type": inner}]})
    again = parse(to_json(node))
    assert isinstance(again, Record)
    assert isinstance(again.fields[0].type, Fixed)
    assert again.fields[0].type.name == "Hash"
    assert fingerprint(again) == fingerprint(node)
