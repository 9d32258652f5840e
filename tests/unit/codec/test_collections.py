"""Arrays, maps, fixed, enums and recursive records: blocks, budgets, duplicates, depth."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from avroad.codec import decoder_for
from avroad.codec.runtime import MAX_DEPTH, MAX_ITEMS
from avroad.errors import SchemaSyntaxError
from avroad.schema import parse
from tests.unit.codec.support import decode, encode, not_written, record, refused

INTS: Any = {"type": "array", "items": "int"}
COUNTS: Any = {"type": "map", "values": "int"}
LIST: Any = {
    "type": "record",
    "name": "t.L",
    "fields": [{"name": "v", "type": "int"}, {"name": "next", "type": ["null", "t.L"]}],
}


@pytest.mark.parametrize(
    ("wire", "items"),
    [
        ("00", []),
        ("04020400", [1, 2]),
        ("0202020400", [1, 2]),
        ("0304020400", [1, 2]),
        ("038400", None),
    ],
)
def test_blocks_with_and_without_a_size(wire: str, items: list[int] | None) -> None:
    if items is None:
        assert "shorter form" in refused(INTS, wire).reason
    else:
        assert decode(INTS, wire) == items


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        ("0306020400", "another size"),
        ("0302020400", "another size"),
        ("0301020400", "block size of an array is negative"),
        ("ffffffffffffffffff010000", "items in one datum"),
        ("feffffffffffffffff01", "items in one datum"),
        ("0402", "end inside an int"),
        ("040204", "end inside the item count"),
    ],
)
def test_blocks_that_lie_are_refused(wire: str, reason: str) -> None:
    assert reason in refused(INTS, wire).reason
    skipped = refused(record(("a", INTS)), wire, record())
    assert reason in skipped.reason
    assert skipped.path.startswith("$.a")


def test_a_datum_has_a_budget_of_items_in_all_collections_together() -> None:
    full = [0] * MAX_ITEMS
    assert decode(INTS, encode(INTS, full)) == full
    assert "items in one datum" in not_written(INTS, [*full, 0]).expected
    nested: Any = {"type": "array", "items": {"type": "array", "items": "boolean"}}
    half = [[True] * 50_000] * 2
    assert "items in one datum" in not_written(nested, half).expected
    body = b"\x04" + (b"\xa0\x8d\x06" + b"\1" * 50_000 + b"\0") * 2 + b"\0"
    assert "items in one datum" in refused(nested, body).reason


@pytest.mark.parametrize("items", ["null", record(name="t.E"), {"type": "fixed", "name": "t.F", "size": 0}])
def test_items_without_bytes_are_refused_unless_allowed_and_then_counted(items: Any) -> None:
    node: Any = {"type": "array", "items": items}
    with pytest.raises(SchemaSyntaxError, match="at least one byte"):
        decoder_for(parse(node))
    assert len(decode(node, "0600")) == 3
    assert "items in one datum" in refused(node, "8084af5f00").reason
    assert "items in one datum" in refused(record(("a", node)), "8084af5f00", record()).reason


def test_a_map_refuses_a_key_twice_also_across_blocks_and_when_skipped() -> None:
    assert decode(COUNTS, "0402610202620400") == {"a": 1, "b": 2}
    for wire in ("0402610202610400", "020261020202610400"):
        error = refused(COUNTS, wire)
        assert "one key twice" in error.reason
        assert "a map" in error.reason
        assert "one key twice" in refused(record(("m", COUNTS)), wire, record()).reason


def test_a_map_takes_dicts_and_read_only_views_with_text_keys() -> None:
    assert encode(COUNTS, MappingProxyType({"a": 1})) == encode(COUNTS, {"a": 1})
    assert not_written(COUNTS, {1: 1}).expected == "keys of type str"
    assert not_written(COUNTS, [("a", 1)]).expected == "a dict"
    assert not_written(record(("m", COUNTS)), {"m": {"k": "x"}}).path == "$.m['k']"


def test_an_array_takes_lists_and_tuples_only() -> None:
    assert encode(INTS, (1, 2)) == encode(INTS, [1, 2])
    for other in ("ab", {1, 2}, range(2), None):
        assert not_written(INTS, other).expected == "a list or a tuple"


def test_fixed_has_its_size() -> None:
    node: Any = {"type": "fixed", "name": "t.F", "size": 3}
    assert encode(node, b"abc") == b"abc"
    assert decode(node, b"abc") == b"abc"
    assert not_written(node, b"ab").found == "2 bytes"
    assert not_written(node, "abc").found == "str"
    assert refused(node, b"ab").offset == 0


@pytest.mark.parametrize("count", [1, 3, 64, 65, 200])
def test_enum_positions_are_exact(count: int) -> None:
    node: Any = {"type": "enum", "name": "t.E", "symbols": [f"S{i}" for i in range(count)]}
    for symbol in ("S0", f"S{count - 1}"):
        assert decode(node, encode(node, symbol)) == symbol
    for wire in ("01", "05", encode("int", count).hex(), "ffffffffffffffffff01"):
        assert "enum" in refused(node, wire).reason


def test_a_wrong_symbol_gets_a_suggestion_not_an_echo() -> None:
    node: Any = {"type": "enum", "name": "t.E", "symbols": ["CLEAR", "SLOW", "CLOSED"]}
    error = not_written(node, "CLOSD")
    assert error.hint == 'Did you mean "CLOSED"?'
    assert "CLOSD" not in str(error)
    assert not_written(node, 1).found == "int"
    assert not_written(node, ["SLOW"]).found == "list"


def _chain(levels: int) -> dict[str, Any] | None:
    datum: dict[str, Any] | None = None
    for i in range(levels):
        datum = {"v": i, "next": datum}
    return datum


def test_recursion_is_opt_in_and_counted() -> None:
    with pytest.raises(SchemaSyntaxError, match="no type inside itself"):
        decoder_for(parse(LIST))
    deepest = _chain(MAX_DEPTH)
    assert decode(LIST, encode(LIST, deepest)) == deepest
    assert "levels of types inside themselves" in not_written(LIST, _chain(MAX_DEPTH + 1)).expected
    error = refused(LIST, b"\0\2" * 5_000)
    assert "levels of types inside themselves" in error.reason
    assert error.offset == 2 * MAX_DEPTH


def test_a_record_that_cannot_end_and_recursion_through_collections_are_bounded() -> None:
    endless: Any = {"type": "record", "name": "t.N", "fields": [{"name": "n", "type": "t.N"}]}
    assert "levels" in refused(endless, b"").reason
    tree: Any = {"type": "record", "name": "t.T", "fields": [{"name": "c", "type": {"type": "array", "items": "t.T"}}]}
    datum: dict[str, Any] = {"c": []}
    for _ in range(MAX_DEPTH - 1):
        datum = {"c": [datum]}
    assert decode(tree, encode(tree, datum)) == datum
    assert "levels" in refused(tree, b"\2" * 5_000).reason
    assert "levels" in refused(record(("t", tree)), b"\2" * 5_000, record()).reason


def test_types_that_contain_each_other() -> None:
    node = record(("b", ["null", record(("a", ["null", "t.A"]), name="t.B")]), name="t.A")
    datum: dict[str, Any] = {"b": None}
    for _ in range(20):
        datum = {"b": {"a": datum}}
    assert decode(node, encode(node, datum)) == datum


def test_deep_nesting_of_collections_compiles_and_reads() -> None:
    node: Any = "int"
    datum: Any = 7
    for _ in range(30):
        node, datum = {"type": "array", "items": node}, [datum]
    assert decode(node, encode(node, datum)) == datum
