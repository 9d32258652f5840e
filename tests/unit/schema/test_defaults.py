"""Defaults that leave fields out: the fields' own defaults stand in, so they must be usable, and end."""

from __future__ import annotations

from typing import Any

import pytest

from avroad.codec import decoder_for
from avroad.errors import IncompatibleSchema, SchemaSyntaxError
from avroad.schema import Array, Limits, Record, default_problem, parse

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
