"""Halves of surrogate pairs: found wherever they stand, refused in what we write, tolerated in what others wrote."""

from __future__ import annotations

import json

import pytest

from avroad.errors import SchemaSyntaxError
from avroad.schema import fingerprint, not_utf8, parse

HALF = "\ud800"


def record(**changes: object) -> str:
    field = {"name": "a", "type": "string", **{key: value for key, value in changes.items() if key != "record_doc"}}
    return json.dumps({"type": "record", "name": "n.R", "doc": changes.get("record_doc", ""), "fields": [field]})


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("text", None),
        ("\U0001f600", None),
        (None, None),
        ({"a": [1, True, 2.5, {"b": "x"}]}, None),
        (HALF, "$"),
        ({"a": [0, {"b": f"x{HALF}"}]}, "$.a[1].b"),
        ({"a": {HALF: 1}}, "$.a"),
        ([["\udfff"], HALF], "$[0][0]"),
    ],
)
def test_the_first_one_is_found_by_its_path(value: object, path: str | None) -> None:
    assert not_utf8(value) == path


def test_depth_costs_no_recursion() -> None:
    value: object = HALF
    for _ in range(5_000):
        value = [value]
    assert not_utf8(value) == "$" + "[0]" * 5_000


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (record(default=HALF), "$.fields[0].default"),
        (record(doc=HALF), "$.fields[0].doc"),
        (record(record_doc=HALF), "$.doc"),
        (record(note={"x": HALF}), "$.fields[0].note.x"),
    ],
)
def test_our_own_schemas_must_be_writable(text: str, path: str) -> None:
    with pytest.raises(SchemaSyntaxError) as caught:
        parse(text)
    (problem,) = caught.value.problems
    assert (problem.path, problem.found) == (path, "half of a surrogate pair")
    # What somebody else registered is only read, and has a fingerprint all the same.
    assert fingerprint(parse(text, strict=False))


def test_a_whole_pair_is_one_character() -> None:
    assert "\U0001f600" in repr(parse(record(default="\U0001f600", doc="\U0001f600")))
