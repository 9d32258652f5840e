"""The layout of schema files changes blanks, escapes and the order of keys, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avroad.contracts.layout import layout
from avroad.errors import SchemaSyntaxError

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
KEYS = st.sampled_from(["type", "name", "doc", "fields", "default", "symbols", "items", "x"]) | st.text(max_size=5)
VALUES = st.recursive(SCALARS, lambda part: st.lists(part) | st.dictionaries(KEYS, part), max_leaves=30)


@given(VALUES)
def test_any_json_reads_back_the_same_and_a_second_time_changes_nothing(value: Any) -> None:
    text = layout(value)
    assert json.dumps(json.loads(text), sort_keys=True) == json.dumps(value, sort_keys=True)
    assert layout(json.loads(text)) == text
    text.encode()


def test_keys_of_types_and_fields_have_an_order_and_data_keep_theirs() -> None:
    field = {"x": {"b": 1, "a": 2}, "default": {"name": 1, "doc": 2, "a": 3}, "doc": "d", "type": "int", "name": "f"}
    text = layout({"fields": [field], "doc": "d", "name": "R", "type": "record"})
    assert json.dumps(json.loads(text)) == json.dumps(
        {
            "type": "record",
            "name": "R",
            "doc": "d",
            "fields": [
                {"name": "f", "type": "int", "doc": "d", "default": {"name": 1, "doc": 2, "a": 3}, "x": field["x"]}
            ],
        }
    )


def test_no_line_is_wider_than_120_columns_where_it_can_be_broken() -> None:
    symbols = [f"SYMBOL_{i}" for i in range(200)]
    text = layout({"type": "enum", "name": "E", "symbols": symbols})
    assert max(map(len, text.splitlines())) <= 120
    assert len(text.splitlines()) <= 30


def test_what_cannot_be_written_back_is_refused() -> None:
    with pytest.raises(SchemaSyntaxError):
        layout({"type": "int", "x": float("inf")})


def test_half_a_pair_is_escaped() -> None:
    assert layout({"type": "int", "x": "\ud800"}).encode().count(b"\\ud800") == 1
