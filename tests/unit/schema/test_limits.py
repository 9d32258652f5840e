"""Limits: schemas that would make small bytes expensive are refused, and refusing them is cheap."""

from __future__ import annotations

from typing import Any

import pytest

from avroad.errors import SchemaSyntaxError
from avroad.schema import Limits, check_limits, is_recursive, min_size, parse


def refused(schema: Any, limits: Limits | None = None) -> str:
    with pytest.raises(SchemaSyntaxError) as caught:
        check_limits(parse(schema), limits)
    return str(caught.value)


def node(type_: Any) -> dict[str, Any]:
    return {"type": "record", "name": "N", "fields": [{"name": "next", "type": type_}]}


def doubling(levels: int) -> dict[str, Any]:
    """A schema of a few hundred bytes whose written-out form has 2**levels nodes."""
    schema: dict[str, Any] = {"type": "record", "name": "R0", "fields": [{"name": "a", "type": "int"}]}
    for level in range(1, levels + 1):
        fields = [{"name": "a", "type": schema}, {"name": "b", "type": f"R{level - 1}"}]
        schema = {"type": "record", "name": f"R{level}", "fields": fields}
    return schema


def test_recursion_is_opt_in() -> None:
    assert "no type inside itself" in refused(node(["null", "N"]))
    check_limits(parse(node(["null", "N"])), Limits(recursion=True))
    assert is_recursive(parse(node(["null", "N"])))
    assert not is_recursive(parse(node("int")))


def test_a_record_may_say_that_it_contains_itself() -> None:
    allowed = {**node(["null", "N"]), "avroad.recursion": True}
    check_limits(parse(allowed))
    check_limits(parse({"type": "array", "items": allowed}))
    other = {**node(["null", {**allowed, "name": "M", "fields": [{"name": "n", "type": "N"}]}])}
    assert 'write "avroad.recursion": true beside the "fields" of N' in refused(other), "each type says it of itself"


@pytest.mark.parametrize("value", [False, 1, "true", None, [True]])
def test_the_attribute_for_recursion_is_true_or_absent(value: Any) -> None:
    schema = {**node(["null", "N"]), "avroad.recursion": value}
    with pytest.raises(SchemaSyntaxError, match=r"avroad\.recursion"):
        parse(schema)
    with pytest.raises(SchemaSyntaxError, match="no type inside itself"):
        check_limits(parse(schema, strict=False))


def test_a_type_used_twice_is_not_recursive() -> None:
    assert not is_recursive(parse(doubling(3)))


def test_the_written_out_size_is_bounded_without_writing_it_out() -> None:
    assert "at most 100000 nodes" in refused(doubling(28))
    check_limits(parse(doubling(10)))


@pytest.mark.parametrize(
    "items",
    ["null", {"type": "record", "name": "E", "fields": []}, {"type": "fixed", "name": "F", "size": 0}],
    ids=["null", "empty-record", "empty-fixed"],
)
def test_items_of_no_bytes_are_opt_in(items: Any) -> None:
    assert "items of at least one byte" in refused({"type": "array", "items": items})
    check_limits(parse({"type": "array", "items": items}), Limits(empty_items=True))


def test_other_bounds() -> None:
    fields = [{"name": f"f{i}", "type": "int"} for i in range(11)]
    assert "at most 10 fields" in refused({"type": "record", "name": "R", "fields": fields}, Limits(fields=10))
    wide = [{"type": "fixed", "name": f"F{i}", "size": 1} for i in range(257)]
    assert "at most 256 branches" in refused(wide)
    assert "at most 2 symbols" in refused({"type": "enum", "name": "E", "symbols": ["A", "B", "C"]}, Limits(symbols=2))
    assert "at most 1048576 bytes" in refused({"type": "fixed", "name": "F", "size": (1 << 20) + 1})
    decimal = {"type": "bytes", "logicalType": "decimal", "precision": 39}
    assert "precision of at most 38" in refused(decimal)
    deep: Any = "int"
    for _ in range(40):
        deep = {"type": "array", "items": deep}
    assert "at most 32 levels" in refused(deep)


@pytest.mark.parametrize(
    ("schema", "size_bytes"),
    [("null", 0), ("int", 1), ("float", 4), ("double", 8), (["null", "int"], 1), (doubling(2), 4),
     ({"type": "fixed", "name": "F", "size": 7}, 7), (node(["null", "N"]), 1), (node("N"), 0)],
)  # fmt: skip
def test_fewest_bytes(schema: Any, size_bytes: int) -> None:
    assert min_size(parse(schema)) == size_bytes
