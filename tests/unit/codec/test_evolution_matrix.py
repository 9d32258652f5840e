"""Evolution as Apache Avro's and fastavro's own suites exercise it, in full: each pair of types in each position.

The suites try some pairs in some positions; here every primitive meets every other alone, in a record, an array, a
map, a writer's union and a reader's union, with the verdict and value of one table.
"""

from __future__ import annotations

from typing import Any

import pytest

from avroad.codec import decoder_for, encoder_for
from avroad.errors import DecodeError, IncompatibleSchema
from avroad.schema import parse
from tests.unit.codec.support import OPEN, decode, encode, record

VALUES: dict[str, Any] = {
    "null": None, "boolean": True, "int": 42, "long": 2**33, "float": 1.5, "double": 2.25,
    "bytes": b"42", "string": "G\u00f6ran",
}  # fmt: skip
READS = {
    ("int", "long"): 42, ("int", "float"): 42.0, ("int", "double"): 42.0, ("long", "float"): float(2**33),
    ("long", "double"): float(2**33), ("float", "double"): 1.5, ("string", "bytes"): "G\u00f6ran".encode(),
    ("bytes", "string"): "42",
}  # fmt: skip
"""Everything but the same type: the promotions, with what they give."""
PAIRS = [(w, r) for w in VALUES for r in VALUES]


def wrapped(position: str, writer: Any, reader: Any, value: Any) -> tuple[Any, Any, Any, Any]:
    """Return (writer, reader, datum, how to find the value again)."""
    if position == "record":
        return record(("f", writer)), record(("f", reader)), {"f": value}, lambda datum: datum["f"]
    if position == "array":
        arrays = [{"type": "array", "items": node} for node in (writer, reader)]
        return arrays[0], arrays[1], [value], lambda datum: datum[0]
    if position == "map":
        maps = [{"type": "map", "values": node} for node in (writer, reader)]
        return maps[0], maps[1], {"k": value}, lambda datum: datum["k"]
    if position == "writer-union":
        return [writer], reader, value, lambda datum: datum
    if position == "reader-union":
        other = next(name for name in ("boolean", "null", "string") if name not in {writer, reader})
        return writer, [other, reader], value, lambda datum: datum
    return writer, reader, value, lambda datum: datum


@pytest.mark.parametrize("position", ["alone", "record", "array", "map", "writer-union", "reader-union"])
@pytest.mark.parametrize(("writer", "reader"), PAIRS, ids=lambda name: name)
def test_each_primitive_meets_each_other(writer: str, reader: str, position: str) -> None:
    nodes = wrapped(position, writer, reader, VALUES[writer])
    body = encoder_for(parse(nodes[0]), limits=OPEN).encode(nodes[2])
    if writer == reader or (writer, reader) in READS:
        value = nodes[3](decoder_for(parse(nodes[0]), parse(nodes[1]), limits=OPEN).decode(body))
        expected = VALUES[writer] if writer == reader else READS[writer, reader]
        assert value == expected
        assert type(value) is type(expected)
    else:
        with pytest.raises((IncompatibleSchema, DecodeError)):
            decoder_for(parse(nodes[0]), parse(nodes[1]), limits=OPEN).decode(body)


@pytest.mark.parametrize("reader", ["int", "long", "float", "double"])
@pytest.mark.parametrize("branch", ["int", "long", "float", "double"])
def test_a_union_of_numbers_is_read_as_one_of_them_where_the_written_branch_fits(branch: str, reader: str) -> None:
    """`["int", "long", "float", "double"]` to one number: the branch on the wire decides, datum by datum."""
    union = ["int", "long", "float", "double"]
    body = bytes([2 * union.index(branch)]) + encode(branch, VALUES[branch])
    if branch == reader or (branch, reader) in READS:
        expected = VALUES[branch] if branch == reader else READS[branch, reader]
        value = decode(union, body, reader)
        assert (value, type(value)) == (expected, type(expected))
    else:
        with pytest.raises(DecodeError):
            decode(union, body, reader)


@pytest.mark.parametrize(
    ("writer", "reader", "wire", "value"),
    [
        pytest.param("long", ["float", "long"], "54", 42, id="the-same-type-before-a-promotion"),
        pytest.param("long", ["float", "double"], "54", 42.0, id="the-first-promotion"),
        pytest.param("int", ["string", "double", "float"], "54", 42.0, id="the-first-promotion-of-those-that-fit"),
        pytest.param(["null", "int"], ["int", "null"], "0254", 42, id="branches-in-another-order"),
        pytest.param(["int"], ["double"], "0054", 42.0, id="union-of-one-to-union-of-one"),
        pytest.param(["int", "string"], ["string", "boolean"], "02046162", "ab", id="only-the-written-branch-matters"),
        pytest.param("string", ["null", "bytes"], "0261", b"a", id="text-into-a-union-with-bytes"),
        pytest.param({"type": "array", "items": ["string", "int"]}, {"type": "array", "items": ["string", "boolean"]},
                     "02000261" + "00", ["a"], id="items-of-a-union-that-fit"),
    ],
)  # fmt: skip
def test_unions_meet_unions(writer: Any, reader: Any, wire: str, value: Any) -> None:
    read = decode(writer, wire, reader)
    assert (read, type(read)) == (value, type(value))


A: Any = record(("a", "int"))
IN: Any = record(("x", "int"), name="n.In")
ENUM: Any = {"type": "enum", "name": "n.E", "symbols": ["A", "B", "C"]}


@pytest.mark.parametrize(
    ("reader", "wire", "value"),
    [
        pytest.param({**ENUM, "symbols": ["A", "B", "C", "D"]}, "04", "C", id="more-symbols"),
        pytest.param({**ENUM, "symbols": ["C", "A", "B"]}, "04", "C", id="another-order"),
        pytest.param({**ENUM, "symbols": ["A", "B"]}, "02", "B", id="fewer-symbols-known-one"),
        pytest.param({**ENUM, "symbols": ["A", "B"]}, "04", None, id="fewer-symbols-unknown-one"),
        pytest.param({**ENUM, "symbols": ["A", "B"], "default": "B"}, "04", "B", id="fewer-symbols-default"),
        pytest.param({**ENUM, "symbols": ["X"], "default": "X"}, "00", "X", id="no-symbol-in-common-default"),
        pytest.param({**ENUM, "symbols": ["X"]}, "00", None, id="no-symbol-in-common"),
        pytest.param({**ENUM, "name": "n.New", "aliases": ["E"]}, "02", "B", id="alias-in-the-same-namespace"),
        pytest.param({**ENUM, "name": "o.New", "aliases": ["n.E"]}, "02", "B", id="alias-in-another-namespace"),
        pytest.param({**ENUM, "name": "o.New", "aliases": ["E"]}, "02", None, id="alias-that-names-another-type"),
        pytest.param({**ENUM, "name": "n.New"}, "02", None, id="another-name"),
        pytest.param({**ENUM, "name": "o.E"}, "02", "B", id="another-namespace"),
    ],
)
def test_enums_evolve(reader: Any, wire: str, value: Any) -> None:
    pairs: list[tuple[Any, Any]] = [(ENUM, reader), (record(("f", ENUM)), record(("f", reader)))]
    for writer, wanted in pairs:
        if value is None:
            with pytest.raises((IncompatibleSchema, DecodeError)):
                decode(writer, wire, wanted)
        else:
            read = decode(writer, wire, wanted)
            assert (read["f"] if isinstance(read, dict) else read) == value


@pytest.mark.parametrize("kind", ["record", "enum", "fixed"])
@pytest.mark.parametrize(
    ("name", "aliases", "reads"),
    [
        ("n.T", [], True),
        ("o.T", [], True),
        ("n.New", [], False),
        ("n.New", ["T"], True),
        ("n.New", ["n.T"], True),
        ("o.New", ["n.T"], True),
        ("o.New", ["T"], False),
        ("n.New", ["Other", "T"], True),
        ("n.New", "T", True),
    ],
)
def test_named_types_are_found_by_short_name_or_full_alias(kind: str, name: str, aliases: Any, reads: bool) -> None:
    """An alias as bare text, not a list, is what some registries hold: the lenient parser takes it."""
    own: Any = {"record": {"fields": []}, "enum": {"symbols": ["A"]}, "fixed": {"size": 1}}
    parts: dict[str, Any] = own[kind]
    writer = {"type": kind, "name": "n.T", **parts}
    reader = {"type": kind, "name": name, "aliases": aliases, **parts}
    body = b"" if kind == "record" else b"\0"
    unions: list[tuple[Any, Any]] = [(writer, reader), (writer, ["null", reader])]
    for write, read in unions:
        schemas = parse(write), parse(read, strict=False)
        if reads:
            decoder_for(*schemas, limits=OPEN).decode(body)
        else:
            with pytest.raises((IncompatibleSchema, DecodeError)):
                decoder_for(*schemas, limits=OPEN).decode(body)


@pytest.mark.parametrize(
    ("writer", "reader", "datum", "value"),
    [
        pytest.param(record(("a", "int")), record(), {"a": 1}, {}, id="field-dropped"),
        pytest.param(A, record(("b", "int", 5), ("a", "int")), {"a": 1}, {"b": 5, "a": 1}, id="added"),
        pytest.param(A, record(("b", ["null", "int"], None)), {"a": 1}, {"b": None}, id="null-default"),
        pytest.param(A, record(("b", ["null", "int"])), {"a": 1}, None, id="nullable-without-default"),
        pytest.param(record(("a", "int")), record(("b", "int")), {"a": 1}, None, id="no-default"),
        pytest.param(
            record(("a", "int"), ("b", "string")), record(("b", "string"), ("a", "long")), {"a": 1, "b": "x"},
            {"b": "x", "a": 1}, id="reordered-and-promoted",
        ),
        pytest.param(
            record(("a", "int")), record({"name": "z", "type": "long", "aliases": ["y", "a"]}), {"a": 1}, {"z": 1},
            id="renamed-with-alias",
        ),
        pytest.param(
            record(("a", "int", 9)), record(("b", "int", 3)), {"a": 1}, {"b": 3}, id="the-writers-default-is-nothing",
        ),
        pytest.param(
            record(("in", record(("x", "int"), ("y", "int"), name="n.In"))),
            record(("in", record(("y", "long"), ("z", "string", "d"), name="m.In"))),
            {"in": {"x": 1, "y": 2}}, {"in": {"y": 2, "z": "d"}}, id="inside",
        ),
        pytest.param(
            record(("in", IN)), record(("in", ["null", IN])),
            {"in": {"x": 1}}, {"in": {"x": 1}}, id="became-nullable",
        ),
        pytest.param(
            record(("in", ["null", IN])), record(("in", IN)),
            {"in": {"x": 1}}, {"in": {"x": 1}}, id="no-longer-nullable",
        ),
        pytest.param(
            record(("a", {"type": "array", "items": IN})),
            record(("a", {"type": "array", "items": record(("x", "int"), ("l", ["null", "int"], None), name="n.In")})),
            {"a": [{"x": 1}]}, {"a": [{"x": 1, "l": None}]}, id="records-in-arrays",
        ),
    ],
)  # fmt: skip
def test_records_evolve(writer: Any, reader: Any, datum: Any, value: Any) -> None:
    body = encode(writer, datum)
    if value is None:
        with pytest.raises(IncompatibleSchema):
            decode(writer, body, reader)
    else:
        read = decode(writer, body, reader)
        assert read == value
        assert list(read) == list(value), "fields stand in the reader's order"


@pytest.mark.parametrize(
    ("writer", "reader"),
    [
        ({"type": "fixed", "name": "n.F", "size": 4}, {"type": "fixed", "name": "n.F", "size": 8}),
        ({"type": "fixed", "name": "n.F", "size": 4}, "bytes"),
        ("bytes", {"type": "fixed", "name": "n.F", "size": 4}),
        ("string", {"type": "fixed", "name": "n.F", "size": 4}),
        (ENUM, "string"),
        ("string", ENUM),
        ("int", ENUM),
        ({"type": "array", "items": "int"}, {"type": "map", "values": "int"}),
        ({"type": "map", "values": "int"}, {"type": "array", "items": "int"}),
        ({"type": "array", "items": "int"}, "int"),
        ("int", record(("a", "int"))),
        (record(("a", "int")), "int"),
        (record(("a", "int")), {"type": "map", "values": "int"}),
        ("int", []),
        ("int", ["null", "string"]),
    ],
)
def test_kinds_never_stand_in_for_each_other(writer: Any, reader: Any) -> None:
    with pytest.raises(IncompatibleSchema):
        decoder_for(parse(writer, strict=False), parse(reader, strict=False), limits=OPEN)
