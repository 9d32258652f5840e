"""Data that keep their unions' branches: what was read is written again byte for byte."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from avroad.codec import decoder_for, encoder_for
from avroad.errors import DecodeError, EncodeError, IncompatibleSchema, SchemaSyntaxError
from avroad.schema import Limits, Record, Union, parse
from avroad.wire.exact import Exact
from tests.property.codec.strategies import Options, data
from tests.unit.codec.support import OPEN, logical, record

NUMBERS = ["int", "long", "float", "double"]


def exact(schema: Any, writer: Any = None) -> Exact:
    return Exact(parse(schema), None if writer is None else parse(writer), limits=OPEN)


@pytest.mark.parametrize("body", ["000a", "020a", "0400000040", "060000000000000040"])
def test_numbers_keep_the_type_they_were_written_with(body: str) -> None:
    """The plain codec writes 5 as the first branch that holds it, and floats as doubles."""
    codec = exact(NUMBERS)
    payload = bytes.fromhex(body)
    datum = codec.decode(payload)
    assert codec.encode(datum) == payload
    union = codec.schema
    assert isinstance(union, Union)
    branch, value = codec.unmark(union, datum)
    assert branch == payload[0] // 2
    assert codec.mark(union, branch, value) == datum


@pytest.mark.parametrize(
    ("union", "body"),
    [
        ([logical("int", "time-millis"), logical("long", "time-micros")], "02d00f"),
        (["null", logical("long", "timestamp-millis"), "string", logical("int", "date")], "0202"),
        ([{"type": "array", "items": NUMBERS}, "long", "int"], "00" + "04" + "0202" + "0004" + "00"),
        ([{"type": "map", "values": NUMBERS}, "float", "double"], "00" + "02" + "0261" + "0202" + "00"),
        (["int", record(("u", NUMBERS), name="A"), record(("u", NUMBERS), name="B"), "long"], "04" + "0202"),
    ],
)
def test_other_unions_too(union: Any, body: str) -> None:
    codec = exact(union)
    payload = bytes.fromhex(body)
    assert codec.encode(codec.decode(payload)) == payload


def test_defaults_of_the_reader_are_in_the_branch_the_specification_says() -> None:
    writer = record(("a", "int"))
    reader = record(
        ("a", NUMBERS),
        ("b", ["float", "double"], 1.5),
        ("c", record(("x", ["long", "int"], 3), ("y", {"type": "array", "items": NUMBERS}, [1, 2.5]), name="C"), {}),
        ("d", {"type": "map", "values": ["null", "long"]}, {"k": None}),
    )
    codec = exact(reader, writer)
    written = codec.encode(codec.decode(b"\2"))
    assert written.hex() == "0002" + "00" + "0000c03f" + "0006" + "040002" + "04" + "00002040" + "00" + "02026b0000"


def test_recursive_unions() -> None:
    node = {
        "type": "record",
        "name": "N",
        "fields": [{"name": "v", "type": NUMBERS}, {"name": "n", "type": ["null", "N"]}],
    }
    codec = exact(node)
    payload = bytes.fromhex("0202" + "02" + "0004" + "02" + "060000000000000040" + "00")
    assert codec.encode(codec.decode(payload)) == payload


@pytest.mark.parametrize(
    ("dropped", "body"),
    [
        (["null", "string"], "00"),
        (NUMBERS, "020a"),
        (record(("x", ["null", "string"]), ("y", NUMBERS, 1), name="D"), "00" + "020a"),
        ({"type": "array", "items": ["null", "string"]}, "04" + "00" + "020261" + "00"),
        ({"type": "map", "values": record(("x", NUMBERS), name="D")}, "02" + "0261" + "020a" + "00"),
        (["null", {"type": "array", "items": NUMBERS}], "02" + "02" + "0004" + "00"),
    ],
)
def test_unions_in_fields_the_reader_drops_are_skipped(dropped: Any, body: str) -> None:
    writer, reader = record(("f", dropped), ("g", ["int", "long"])), record(("g", ["int", "long"]))
    codec = exact(reader, writer)
    payload = bytes.fromhex(body + "0204")
    datum = codec.decode(payload)
    assert codec.encode(datum) == b"\2\4"
    assert isinstance(codec.schema, Record)
    union = codec.schema.fields[0].type
    assert isinstance(union, Union)
    plain = decoder_for(parse(writer), parse(reader), limits=OPEN).decode(payload)
    assert codec.unmark(union, datum["g"]) == (1, plain["g"])


def test_what_needs_no_marks_has_none() -> None:
    union = ["null", "int", "string", record(name="t.A"), record(name="t.B"), {"type": "array", "items": "int"}]
    codec = exact(union)
    assert [codec.decode(bytes.fromhex(body)) for body in ("00", "020a", "040261", "06", "08", "0a00")] == [
        None, 5, "a", ("t.A", {}), ("t.B", {}), [],
    ]  # fmt: skip


def test_errors_are_the_decoder_s_and_the_encoder_s_with_paths_of_the_schema() -> None:
    codec = exact(record(("u", NUMBERS)))
    with pytest.raises(DecodeError, match="found branch 4"):
        codec.decode(b"\x08")
    datum = codec.decode(b"\0\2")
    (mark, inner) = datum["u"]
    with pytest.raises(EncodeError) as caught:
        codec.encode({"u": (mark, dict.fromkeys(inner, "x"))})
    assert caught.value.path == "$.u"
    with pytest.raises(IncompatibleSchema):
        exact("int", "string")
    with pytest.raises(SchemaSyntaxError):
        Exact(parse({"type": "array", "items": "null"}), limits=Limits())


@settings(max_examples=200)
@given(data(Options()))
def test_any_bytes_that_were_written_are_written_again(pair: tuple[Any, Any]) -> None:
    node, datum = pair
    body = encoder_for(parse(node), limits=OPEN).encode(datum)
    codec = exact(node)
    assert codec.encode(codec.decode(body)) == body
