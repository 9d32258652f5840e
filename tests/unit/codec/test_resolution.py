"""Reading one schema's data with another: promotions, names, aliases, defaults, enum defaults, logical types."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from avroad.codec import Conflict, decoder_for, resolve
from avroad.errors import IncompatibleSchema, SchemaSyntaxError
from avroad.schema import Limits, parse
from tests.unit.codec.support import decode, encode, logical, record, refused

TYPES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
SAMPLES: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "int": 7,
    "long": 2**40,
    "float": 0.5,
    "double": 0.1,
    "bytes": b"ab",
    "string": "cd",
}
PROMOTED: dict[tuple[str, str], Any] = {
    ("int", "long"): 7,
    ("int", "float"): 7.0,
    ("int", "double"): 7.0,
    ("long", "float"): float(2**40),
    ("long", "double"): float(2**40),
    ("float", "double"): 0.5,
    ("string", "bytes"): b"cd",
    ("bytes", "string"): "ab",
}


def conflicts(writer: Any, reader: Any) -> tuple[Conflict, ...]:
    return resolve(parse(writer), parse(reader)).conflicts


@pytest.mark.parametrize("writer", TYPES)
@pytest.mark.parametrize("reader", TYPES)
def test_the_promotion_matrix(writer: str, reader: str) -> None:
    body = encode(writer, SAMPLES[writer])
    if writer == reader or (writer, reader) in PROMOTED:
        read = decode(writer, body, reader)
        expected = SAMPLES[writer] if writer == reader else PROMOTED[writer, reader]
        assert read == expected
        assert type(read) is type(expected)
        assert conflicts(writer, reader) == ()
        return
    assert conflicts(writer, reader) == (Conflict(path="$", expected=reader, found=writer, partial=False),)
    with pytest.raises(IncompatibleSchema, match="cannot be read"):
        decode(writer, body, reader)


def test_promoted_bytes_must_be_text_and_text_stays_checked() -> None:
    assert "not UTF-8" in refused("bytes", "02ff", "string").reason
    assert "not UTF-8" in refused("string", "02ff", "bytes").reason


def test_promotions_reach_into_arrays_maps_and_unions() -> None:
    for wrap, datum in (
        (lambda t: {"type": "array", "items": t}, [7]),
        (lambda t: {"type": "map", "values": t}, {"k": 7}),
        (lambda t: ["null", t], 7),
    ):
        writer, reader = record(("a", wrap("int"))), record(("a", wrap("double")))
        read = decode(writer, encode(writer, {"a": datum}), reader)
        assert read == {"a": datum}
        assert "7.0" in repr(read)


def test_fields_are_dropped_reordered_and_filled_from_defaults() -> None:
    writer = record(("a", "int"), ("gone", {"type": "array", "items": "string"}), ("b", "string"))
    reader = record(("new", "long", 5), ("b", "string"), ("a", "int"), ("opt", ["null", "int"], None))
    body = encode(writer, {"a": 1, "gone": ["x", "y"], "b": "z"})
    read = decode(writer, body, reader)
    assert read == {"new": 5, "b": "z", "a": 1, "opt": None}
    assert list(read) == ["new", "b", "a", "opt"], "the reader's order"


def test_a_reader_field_without_value_makes_the_record_unreadable() -> None:
    writer, reader = record(("a", "int"), name="t.I"), record(("a", "int"), ("b", "int"), name="t.I")
    (conflict,) = conflicts(writer, reader)
    assert (conflict.path, conflict.partial) == ("$.b", False)
    with pytest.raises(IncompatibleSchema, match=r"\$\.b"):
        decode(writer, "02", reader)
    inside = record(("x", ["null", writer]))
    (conflict,) = conflicts(inside, record(("x", ["null", reader])))
    assert (conflict.path, conflict.partial) == ("$.x.b", True)
    assert decode(inside, "00", record(("x", ["null", reader]))) == {"x": None}
    assert "no value for b" in refused(inside, "0202", record(("x", ["null", reader]))).reason


@pytest.mark.parametrize(
    ("node", "default", "expected"),
    [
        ("null", None, None),
        ("boolean", True, True),
        ("int", 5, 5),
        ("double", 1, 1.0),
        ("bytes", "\u00ff\u0001", b"\xff\x01"),
        ("string", "é", "é"),
        ({"type": "fixed", "name": "t.F", "size": 2}, "\u0000\u00ff", b"\0\xff"),
        ({"type": "enum", "name": "t.E", "symbols": ["A", "B"]}, "B", "B"),
        (logical("long", "timestamp-millis"), 0, datetime(1970, 1, 1, tzinfo=UTC)),
        (logical("int", "date"), 1, date(1970, 1, 2)),
        (logical("bytes", "decimal", precision=4, scale=2), "\u0001", Decimal("0.01")),
        ({"type": "array", "items": "bytes"}, ["\u0001"], [b"\x01"]),
        ({"type": "map", "values": "float"}, {"k": 1}, {"k": 1.0}),
        (record(("p", "int", 1), ("q", "bytes", "\u0002"), name="t.N"), {"p": 9}, {"p": 9, "q": b"\x02"}),
        (["null", "int"], None, None),
        (["int", "null"], None, None),
    ],
)
def test_a_default_is_what_its_bytes_would_decode_to(node: Any, default: Any, expected: Any) -> None:
    reader = record(("d", node, default))
    read = decode(record(), "", reader)["d"]
    assert read == expected
    assert type(read) is type(expected)
    assert decode(reader, encode(reader, {"d": read})) == {"d": read}


def test_defaults_that_can_change_are_never_shared() -> None:
    node = {"type": "array", "items": {"type": "map", "values": "int"}}
    decoder = decoder_for(parse(record()), parse(record(("d", node, [{"a": 1}]))))
    first = decoder.decode(b"")
    first["d"][0]["b"] = 2
    first["d"].append({})
    assert decoder.decode(b"") == {"d": [{"a": 1}]}


def test_a_default_its_logical_type_cannot_hold_is_refused_when_the_decoder_is_built() -> None:
    reader = record(("d", logical("int", "date"), 2**31 - 1))
    with pytest.raises(IncompatibleSchema, match="outside its logical type"):
        decode(record(), "", reader)


def test_a_bad_default_of_a_lenient_schema_counts_as_none() -> None:
    reader = parse(record(("d", "int", "text")), strict=False)
    with pytest.raises(IncompatibleSchema, match="not of the field's type"):
        decoder_for(parse(record()), reader)
    assert decoder_for(parse(record(("d", "int"))), reader).decode(b"\4") == {"d": 2}


def test_field_aliases_are_the_readers() -> None:
    writer = record(("old", "int"))
    reader = record({"name": "new", "type": "int", "aliases": ["old"]})
    assert decode(writer, "04", reader) == {"new": 2}
    with pytest.raises(IncompatibleSchema):
        decode(record(("new", "int")), "04", record(("old", "int")))


@pytest.mark.parametrize(
    ("writer", "reader"),
    [
        (record(("a", "int"), ("b", "int")), record({"name": "a", "type": "int", "aliases": ["b"]})),
        (
            record(("b", "int")),
            record({"name": "x", "type": "int", "aliases": ["b"]}, {"name": "y", "type": "int", "aliases": ["b"]}),
        ),
        (record(("b", "int")), record({"name": "a", "type": "int", "aliases": ["b"]}, ("b", "int", 0))),
    ],
    ids=["name-and-alias", "one-field-claimed-twice", "alias-of-a-live-field"],
)
def test_ambiguous_aliases_are_refused_not_guessed(writer: Any, reader: Any) -> None:
    assert conflicts(writer, reader)
    with pytest.raises(IncompatibleSchema, match="several"):
        decode(writer, "0204"[: 2 * len(writer["fields"])], reader)


def test_fields_that_name_each_other_are_read_by_name() -> None:
    swapped = record({"name": "a", "type": "int", "aliases": ["b"]}, {"name": "b", "type": "int", "aliases": ["a"]})
    assert decode(record(("a", "int"), ("b", "int")), "0204", swapped) == {"a": 1, "b": 2}
    other = record({"name": "a", "type": "string", "aliases": ["b"]}, {"name": "b", "type": "int", "aliases": ["a"]})
    with pytest.raises(IncompatibleSchema):
        decode(record(("a", "int"), ("b", "string")), "020261", other)


def test_a_schema_read_with_its_own_text_is_never_ambiguous() -> None:
    node = record({"name": "a", "type": "int", "aliases": ["b"]}, ("b", "int"))
    assert decode(node, "0204", node) == {"a": 1, "b": 2}


ENUM = {"type": "enum", "name": "a.N", "symbols": ["A", "B"]}
FIXED = {"type": "fixed", "name": "a.N", "size": 1}
NAMED = [(record(("x", "int"), name="a.N"), "02", {"x": 1}), (ENUM, "02", "B"), (FIXED, "61", b"a")]


@pytest.mark.parametrize(("node", "wire", "datum"), NAMED, ids=["record", "enum", "fixed"])
@pytest.mark.parametrize(
    ("change", "readable"),
    [
        ({"name": "b.N"}, True),
        ({"name": "a.M"}, False),
        ({"name": "a.M", "aliases": ["N"]}, True),
        ({"name": "a.M", "aliases": ["a.N"]}, True),
        ({"name": "b.M", "aliases": ["a.N"]}, True),
        ({"name": "b.M", "aliases": ["N"]}, False),
    ],
)
@pytest.mark.parametrize("wrap", ["plain", "nullable", "array"])
def test_types_match_by_unqualified_name_or_alias(
    node: Any, wire: str, datum: Any, *, change: dict[str, Any], readable: bool, wrap: str
) -> None:
    reader: Any = {**node, **change}
    writer, full, expected = node, wire, datum
    if wrap == "nullable":
        reader = ["null", reader]
    elif wrap == "array":
        writer, reader = {"type": "array", "items": node}, {"type": "array", "items": reader}
        full, expected = f"02{wire}00", [datum]
    if readable:
        assert decode(writer, full, reader) == expected
        return
    assert conflicts(writer, reader)
    if wrap == "array":
        assert "the writer has" in refused(writer, full, reader).reason
        assert decode(writer, "00", reader) == []
    else:
        with pytest.raises(IncompatibleSchema):
            decode(writer, full, reader)


def test_fixed_sizes_must_agree() -> None:
    with pytest.raises(IncompatibleSchema, match="2 bytes"):
        decode(FIXED, "61", {**FIXED, "size": 2})


def test_an_unknown_symbol_becomes_the_readers_default_or_an_error_for_that_datum() -> None:
    writer = {"type": "enum", "name": "t.E", "symbols": ["A", "NEW"]}
    open_reader = {"type": "enum", "name": "t.E", "symbols": ["UNKNOWN", "A"], "default": "UNKNOWN"}
    closed = {"type": "enum", "name": "t.E", "symbols": ["A"]}
    assert decode(writer, "02", open_reader) == "UNKNOWN"
    assert decode(writer, "00", closed) == "A"
    assert conflicts(writer, open_reader) == ()
    (conflict,) = conflicts(writer, closed)
    assert (conflict.found, conflict.partial) == ("NEW", True)
    assert "no symbol NEW" in refused(writer, "02", closed).reason


def test_the_enum_default_is_the_readers_and_never_the_writers() -> None:
    """A writer's default says nothing to others, even where the reader knows it as a symbol."""
    writer = {"type": "enum", "name": "t.E", "symbols": ["A", "B", "NEW"], "default": "B"}
    reader = {"type": "enum", "name": "t.E", "symbols": ["B", "A"], "default": "A"}
    assert [decode(writer, wire, reader) for wire in ("00", "02", "04")] == ["A", "B", "A"]
    without = {"type": "enum", "name": "t.E", "symbols": ["B", "A"]}
    assert [conflict.found for conflict in conflicts(writer, without)] == ["NEW"]
    assert "no default symbol" in refused(writer, "04", without).reason


TIMES = ("timestamp-millis", "timestamp-micros", "timestamp-nanos", "local-timestamp-micros", "time-micros")


@pytest.mark.parametrize("writer", TIMES)
@pytest.mark.parametrize("reader", TIMES)
def test_another_unit_or_kind_is_refused_when_the_decoder_is_built(writer: str, reader: str) -> None:
    old, new = record(("t", ["null", logical("long", writer)])), record(("t", ["null", logical("long", reader)]))
    if writer == reader:
        assert conflicts(old, new) == ()
        return
    (conflict,) = conflicts(old, new)
    assert conflict == Conflict(path="$.t", expected=reader, found=writer, partial=False, meaning=True)
    with pytest.raises(IncompatibleSchema, match=writer):
        decode(old, "00", new)


def test_another_kind_on_another_base_is_refused_too() -> None:
    for writer, reader in (
        (logical("int", "date"), logical("long", "timestamp-millis")),
        (logical("int", "time-millis"), logical("long", "time-micros")),
    ):
        with pytest.raises(IncompatibleSchema):
            decode(writer, "00", reader)


def test_decimals_need_the_same_scale_and_may_lose_precision_only_per_datum() -> None:
    money = logical("bytes", "decimal", precision=6, scale=2)
    with pytest.raises(IncompatibleSchema, match="scale 4"):
        decode(money, "0201", {**money, "scale": 4})
    narrow = {**money, "precision": 3}
    (conflict,) = conflicts(money, narrow)
    assert conflict.partial
    assert decode(money, encode(money, Decimal("9.99")), narrow) == Decimal("9.99")
    assert "decimal" in refused(money, encode(money, Decimal("10.00")), narrow).reason
    assert conflicts(narrow, money) == ()


def test_a_logical_type_added_or_removed_is_the_readers_view_of_the_base_type() -> None:
    day = logical("int", "date")
    assert decode(day, "02", "int") == 1
    assert decode(day, "02", "long") == 1
    assert decode("int", "02", day) == date(1970, 1, 2)
    assert decode("int", "02", logical("long", "timestamp-millis")) == datetime(1970, 1, 1, 0, 0, 0, 1000, UTC)
    assert decode(day, "02", "double") == 1.0


def test_every_conflict_is_listed_once_with_its_path() -> None:
    shared = record(("v", "string"), name="t.S")
    changed = record(("v", "int"), name="t.S")
    writer = record(("a", shared), ("b", "t.S"), ("c", {"type": "map", "values": "boolean"}), ("d", "int"))
    reader = record(("a", changed), ("b", "t.S"), ("c", {"type": "map", "values": "int"}), ("d", "bytes"))
    found = [(c.path, c.expected, c.found, c.partial) for c in conflicts(writer, reader)]
    assert found == [
        ("$.a.v", "int", "string", False),
        ("$.c{}", "int", "boolean", True),
        ("$.d", "bytes", "int", False),
    ]
    with pytest.raises(IncompatibleSchema) as caught:
        decode(writer, "", reader)
    assert [problem.path for problem in caught.value.problems] == ["$.a.v", "$.d"]


def test_recursive_types_resolve_once() -> None:
    writer = record(("v", "int"), ("next", ["null", "t.R"]))
    reader = record(("v", "double"), ("next", ["null", "t.R"]), ("extra", "int", 3))
    body = encode(writer, {"v": 1, "next": {"v": 2, "next": None}})
    assert decode(writer, body, reader) == {"v": 1.0, "next": {"v": 2.0, "next": None, "extra": 3}, "extra": 3}


def test_what_is_skipped_is_checked_like_what_is_read() -> None:
    skipped: list[tuple[Any, str]] = [
        ("string", "0461"),
        ("string", "01"),
        ("string", "02ff"),
        ({"type": "enum", "name": "t.E", "symbols": ["A"]}, "02"),
        ("double", "00000000"),
        ("boolean", "02"),
        ("int", "8080808010"),
        (["null", "int"], "04"),
        ({"type": "fixed", "name": "t.F", "size": 2}, "61"),
    ]
    for node, wire in skipped:
        writer = record(("keep", "int"), ("drop", node))
        error = refused(writer, "02" + wire, record(("keep", "int")))
        assert error.path == "$.drop"
        assert error.reason == refused(writer, "02" + wire).reason


def test_a_chain_of_types_too_deep_to_walk_is_a_typed_error() -> None:
    node: Any = [record(name="t.R0")]
    node += [record(("f", f"t.R{i}"), name=f"t.R{i + 1}") for i in range(3_000)]
    schema = parse(node)
    with pytest.raises(SchemaSyntaxError):
        decoder_for(schema, limits=Limits(depth=10_000))
