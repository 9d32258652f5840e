"""Defaults that leave fields out: the fields' own defaults stand in, so they must be usable, and end."""

from __future__ import annotations

from typing import Any

import pytest

from avroad.codec import decoder_for
from avroad.errors import IncompatibleSchema, SchemaSyntaxError
from avroad.schema import (
    Array,
    Limits,
    Record,
    Union,
    default_branch,
    default_problem,
    fingerprint,
    normal_default,
    parse,
)

OPEN = Limits(recursion=True)
EMPTY: Any = {"type": "record", "name": "t.R", "fields": []}
ENDLESS: Any = {"type": "record", "name": "t.R", "fields": [{"name": "up", "type": "t.R", "default": {}}]}
IN_A_UNION: Any = {
    "type": "record", "name": "t.R", "fields": [{"name": "up", "type": ["t.R", "null"], "default": {}}],
}  # fmt: skip
IN_AN_ARRAY: Any = {
    "type": "record", "name": "t.R",
    "fields": [{"name": "up", "type": {"type": "array", "items": "t.R"}, "default": [{}]}],
}  # fmt: skip
IN_A_MAP: Any = {
    "type": "record", "name": "t.R",
    "fields": [{"name": "up", "type": {"type": "map", "values": "t.R"}, "default": {"a": {}}}],
}  # fmt: skip
WRONG_INSIDE: Any = {
    "type": "record", "name": "t.R",
    "fields": [
        {"name": "in", "default": {}, "type": {
            "type": "record", "name": "t.In", "fields": [{"name": "n", "type": "bytes", "default": 5}],
        }},
    ],
}  # fmt: skip


@pytest.mark.parametrize("node", [ENDLESS, IN_A_UNION, IN_AN_ARRAY, IN_A_MAP], ids=["record", "union", "array", "map"])
def test_a_default_that_needs_itself_without_end_is_refused_by_a_typed_error(node: Any) -> None:
    with pytest.raises(SchemaSyntaxError, match="value for field up"):
        parse(node)
    with pytest.raises(IncompatibleSchema):
        decoder_for(parse(EMPTY), parse(node, strict=False), limits=OPEN)


def test_a_left_out_field_whose_own_default_is_of_another_type_is_refused() -> None:
    with pytest.raises(IncompatibleSchema):
        decoder_for(parse(EMPTY), parse(WRONG_INSIDE, strict=False))


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({**ENDLESS, "fields": [{"name": "up", "type": ["null", "t.R"], "default": None}]}, {"up": None}),
        ({**ENDLESS, "fields": [{"name": "up", "type": ["t.R", "null"], "default": None}]}, {"up": None}),
        ({**IN_AN_ARRAY, "fields": [{**IN_AN_ARRAY["fields"][0], "default": []}]}, {"up": []}),
        (
            {**ENDLESS, "fields": [{"name": "up", "type": ["null", "t.R"], "default": {"up": {"up": None}}}]},
            {"up": {"up": {"up": None}}},
        ),
    ],
    ids=["null-first", "null-last", "empty-array", "three-levels"],
)
def test_a_recursive_default_that_ends_is_read(node: Any, value: Any) -> None:
    assert decoder_for(parse(EMPTY), parse(node), limits=OPEN).decode(b"") == value


def test_many_types_used_twice_each_are_checked_in_linear_time() -> None:
    """Each level leaves out two fields of the level below: written out, 2**40 of them."""
    node: Any = {"type": "record", "name": "t.D0", "fields": [{"name": "n", "type": "int", "default": 1}]}
    for level in range(1, 41):
        fields = [
            {"name": "a", "type": node, "default": {}},
            {"name": "b", "type": f"t.D{level - 1}", "default": {}},
        ]
        node = {"type": "record", "name": f"t.D{level}", "fields": fields}
    schema = parse(node)
    assert isinstance(schema, Record)
    assert default_problem(schema, {}, "$") is None
    assert default_problem(Array(items=schema), [{}, 1], "$") is not None


def test_the_branches_of_a_deep_default_are_tried_once_each() -> None:
    """Two records fit at every level but for the innermost value: tried anew at each, 2**60 times."""
    inner: Any = {"type": "record", "name": "t.S", "fields": [{"name": "f", "type": ["int", "t.R", "t.S"]}]}
    outer: Any = {"type": "record", "name": "t.R", "fields": [{"name": "f", "type": ["int", "t.R", inner]}]}
    bad: Any = "bad"
    good: Any = 1
    for _ in range(60):
        bad, good = {"f": bad}, {"f": good}
    fields = [{"name": "x", "type": ["null", outer], "default": bad}]
    node: Any = {"type": "record", "name": "t.O", "fields": fields}
    with pytest.raises(SchemaSyntaxError, match="a default of one of the union's branches"):
        parse(node)
    lenient = parse(node, strict=False)
    assert isinstance(lenient, Record)
    union = lenient.fields[0].type
    assert isinstance(union, Union)
    assert default_branch(union, bad) is None
    assert default_branch(union, good) == 1
    assert normal_default(union, bad) == bad
    assert normal_default(union, good) == good
    assert len(fingerprint(lenient)) == 64
    with pytest.raises(IncompatibleSchema):
        decoder_for(parse(EMPTY | {"name": "t.O"}), lenient, limits=OPEN)


@pytest.mark.parametrize(
    ("type_", "default"),
    [("double", 10**400), ("float", 10**400), ("float", 1e300), ("float", -(10**39)), ("double", float("inf"))],
)
def test_a_number_that_its_type_cannot_hold_is_no_default(type_: str, default: Any) -> None:
    node: Any = {"type": "record", "name": "t.R", "fields": [{"name": "x", "type": type_, "default": default}]}
    with pytest.raises(SchemaSyntaxError, match=f"a default of type {type_}"):
        parse(node)
    lenient = parse(node, strict=False)
    assert len(fingerprint(lenient)) == 64
    with pytest.raises(IncompatibleSchema):
        decoder_for(parse(EMPTY), lenient)


@pytest.mark.parametrize(
    ("type_", "default"), [("float", 3.4028234663852886e38), ("double", 10**300), ("float", 1e-60)]
)
def test_the_largest_and_smallest_numbers_of_a_type_are_defaults(type_: str, default: Any) -> None:
    node: Any = {"type": "record", "name": "t.R", "fields": [{"name": "x", "type": type_, "default": default}]}
    assert len(fingerprint(parse(node))) == 64
