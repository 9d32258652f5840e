"""Named cases of what other Avro libraries get wrong, each with the right answer.

Rows measured on fastavro 1.13.1 and Apache avro 1.12.2, and public issues of several implementations.
"""

from __future__ import annotations

import math
import struct
import time
import tracemalloc
from collections import ChainMap, Counter, OrderedDict, UserDict, defaultdict
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from avroad.codec import decoder_for, encoder_for, frame
from avroad.errors import AvroadError, DecodeError, EncodeError, IncompatibleSchema, SchemaSyntaxError
from avroad.schema import Json, Limits, parse
from tests.unit.codec.support import OPEN, PLACE, Place, decode, encode, logical, not_written, record, refused

ROAD = {"type": "enum", "name": "t.Road", "symbols": ["CLEAR", "SLOW", "CLOSED"]}
INTS = {"type": "array", "items": "int"}
NULLS = {"type": "array", "items": "null"}
BY_KEY = {"type": "map", "values": "int"}
LINKED = record(("next", ["null", "t.R"]))
MAX_SECONDS = 0.05 * 4
"""Four times the bound of one payload, of CPU time: what a busy core takes longer, and the clock's own grain."""


@pytest.mark.parametrize(
    ("node", "wire"),
    [
        pytest.param("string", "ffffffffffffffffff01", id="string-length-INT64_MIN"),
        pytest.param("string", "80808080808080808001", id="string-length-2**62"),
        pytest.param("string", "01", id="string-length-minus-one"),
        pytest.param("bytes", "808080808020", id="bytes-length-2**39"),
        pytest.param("string", "0661", id="truncated-string"),
        pytest.param({"type": "fixed", "name": "t.F", "size": 4}, "616263", id="truncated-fixed"),
        pytest.param("float", "000000", id="truncated-float"),
        pytest.param("double", "00000000", id="half-a-double"),
        pytest.param("string", "0480ff", id="not-utf8"),
        pytest.param("string", "06eda080", id="surrogate"),
        pytest.param("string", "04c080", id="overlong-nul"),
        pytest.param("long", "80", id="truncated-varint"),
        pytest.param("long", "ffff", id="truncated-varint-two-bytes"),
        pytest.param("int", "0202", id="trailing-bytes"),
        pytest.param("int", "8080808010", id="int-beyond-32-bits"),
        pytest.param("boolean", "02", id="boolean-two"),
        pytest.param("boolean", "ff", id="boolean-255"),
        pytest.param("long", "80" * 10 + "01", id="varint-of-11-bytes"),
        pytest.param("long", "80" * 100 + "01", id="varint-of-101-bytes"),
        pytest.param("long", "8000", id="varint-not-minimal"),
        pytest.param(ROAD, "01", id="enum-index-minus-one"),
        pytest.param(ROAD, "05", id="enum-index-minus-three"),
        pytest.param(ROAD, "07", id="enum-index-minus-four"),
        pytest.param(ROAD, "06", id="enum-index-three"),
        pytest.param(ROAD, "c601", id="enum-index-99"),
        pytest.param(["null", "int"], "0102", id="union-index-minus-one"),
        pytest.param(["null", "int", "string"], "0502", id="union-index-minus-three"),
        pytest.param(INTS, "ffffffffffffffffff010000", id="array-count-INT64_MIN"),
        pytest.param(BY_KEY, "ffffffffffffffffff010000", id="map-count-INT64_MIN"),
        pytest.param(INTS, "0302020400", id="block-size-lies"),
        pytest.param(INTS, "0301020400", id="block-size-negative"),
        pytest.param(INTS, "0104020400", id="block-size-beyond-the-end"),
        pytest.param(BY_KEY, "0402610202610400", id="duplicate-map-key"),
        pytest.param(BY_KEY, "02026102020261040" + "0", id="duplicate-map-key-in-two-blocks"),
        pytest.param(NULLS, "8084af5f00", id="AVRO-4241-array-of-null"),
        pytest.param(
            {"type": "array", "items": record(name="t.E")}, "feffffffffffffffff01", id="array-of-empty-record"
        ),
        pytest.param(
            {"type": "array", "items": {"type": "fixed", "name": "t.Z", "size": 0}},
            "fcffffffffffffffff01",
            id="array-of-fixed-0",
        ),
        pytest.param(LINKED, "02" * 4_648, id="linked-list-that-kills-fastavro"),
        pytest.param(record(("next", "t.R")), "", id="record-that-cannot-end"),
        pytest.param(record(("c", {"type": "array", "items": "t.R"})), "02" * 4_000, id="recursion-through-an-array"),
        pytest.param(record(("c", {"type": "map", "values": "t.R"})), "020061" * 4_000, id="recursion-through-a-map"),
        pytest.param(
            logical("bytes", "decimal", precision=9, scale=2), "0a7fffffffff", id="decimal-beyond-its-precision"
        ),
        pytest.param(logical("long", "timestamp-millis"), "feffffffffffffffff01", id="timestamp-millis-max"),
        pytest.param(logical("int", "date"), "feffffff0f", id="date-max"),
        pytest.param(logical("int", "time-millis"), "01", id="time-millis-minus-one"),
        pytest.param(logical("int", "time-millis"), "80f0b252", id="time-millis-of-a-whole-day"),
    ],
)
def test_bytes_others_accept_or_die_of_are_refused_read_and_skipped(node: Any, wire: str) -> None:
    started = time.process_time()
    refused(node, wire)
    refused(record(("f", node), name="t.Outer"), wire, record(name="t.Outer"))
    assert time.process_time() - started < MAX_SECONDS


def test_an_overlong_varint_of_20_megabytes_is_refused_at_once() -> None:
    decoder = decoder_for(parse("long"))
    started = time.process_time()
    with pytest.raises(AvroadError, match="10 bytes"):
        decoder.decode(b"\x80" * 20_000_000)
    assert time.process_time() - started < MAX_SECONDS


@pytest.mark.parametrize("size_bytes", [64 << 10, 128 << 10, 256 << 10, 1 << 20])
@pytest.mark.parametrize("first", [0x7F, 0x80, 0x00, 0xFF], ids=["positive", "negative", "padded", "padded-negative"])
def test_a_huge_decimal_costs_no_quadratic_time(size_bytes: int, first: int) -> None:
    """Also one that only repeats its sign, which is a small number."""
    node = logical("bytes", "decimal", precision=38, scale=2)
    body = encode("bytes", bytes([first]) + (b"\x7f" if first in {0x7F, 0x80} else bytes([first])) * (size_bytes - 1))
    started = time.process_time()
    if first in {0x7F, 0x80}:
        assert "decimal" in refused(node, body).reason
    else:
        assert decode(node, body) == Decimal("0.00" if first == 0 else "-0.01")
    assert time.process_time() - started < MAX_SECONDS


@pytest.mark.parametrize("node", ["float", "double"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.0], ids=["nan", "infinity", "minus", "minus-zero"])
def test_what_ieee_numbers_can_be_is_read_and_written_as_it_is(node: Any, value: float) -> None:
    """Policy: a float may be anything its eight or four bytes can say; a field that must not says so in a type."""
    form = "<f" if node == "float" else "<d"
    body = struct.pack(form, value)
    assert struct.pack(form, decode(node, body)) == body
    assert encode(node, value) == body


def test_a_schema_that_doubles_at_each_level_is_refused_without_being_written_out() -> None:
    """2 KB of schema, one byte of body: depth 24 took others more than a minute, at compile time or per message."""
    node: Any = record(("a", "int"), name="t.D0")
    for level in range(1, 25):
        node = record(("a", node), ("b", f"t.D{level - 1}"), name=f"t.D{level}")
    schema = parse(node)
    started = time.process_time()
    with pytest.raises(SchemaSyntaxError, match="nodes when written out"):
        decoder_for(schema)
    with pytest.raises(SchemaSyntaxError, match="nodes when written out"):
        encoder_for(schema)
    assert time.process_time() - started < MAX_SECONDS


@pytest.mark.parametrize(
    ("node", "body"),
    [
        pytest.param(NULLS, "c09a0c00", id="100000-nulls-read"),
        pytest.param(NULLS, "feffffffffffffff7f", id="2**62-nulls"),
        pytest.param({"type": "array", "items": record(name="t.E")}, "c09a0c00", id="100000-empty-records-read"),
        pytest.param({"type": "array", "items": NULLS}, "04c09a0cc09a0c0000", id="budget-over-all-collections"),
        pytest.param("string", "808080808080808001", id="string-length-2**55"),
        pytest.param({"type": "map", "values": "null"}, "8080808010", id="map-count-2**31"),
        pytest.param(LINKED, "02" * 100_000, id="linked-list-of-100000"),
        pytest.param(logical("bytes", "decimal", precision=38), "8080808001" + "7f" * 1000, id="decimal-length-lies"),
    ],
)
def test_no_bomb_takes_more_than_64_mebibytes(node: Any, body: str) -> None:
    decoder = decoder_for(parse(node), limits=OPEN)
    skipping = decoder_for(parse(record(("f", node), name="t.O")), parse(record(name="t.O")), limits=OPEN)
    data = bytes.fromhex(body)
    with suppress(DecodeError):
        decoder.decode(data)
    tracemalloc.start()
    for reader in (decoder, skipping):
        with suppress(DecodeError):
            reader.decode(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 << 20


def test_a_default_list_or_map_is_never_shared_between_messages() -> None:
    reader = record(("tags", {"type": "array", "items": "string"}, ["a"]), ("by", BY_KEY, {"k": 1}))
    decoder = decoder_for(parse(record()), parse(reader))
    first = decoder.decode(b"")
    first["tags"].append("b")
    first["by"]["x"] = 2
    assert decoder.decode(b"") == {"tags": ["a"], "by": {"k": 1}}


@pytest.mark.parametrize("depth", [900, 2_000, 20_000])
def test_deep_data_of_a_recursive_record_is_refused_in_time(depth: int) -> None:
    datum: Any = None
    for _ in range(depth):
        datum = {"next": datum}
    started = time.process_time()
    assert "levels" in not_written(LINKED, datum).expected
    assert time.process_time() - started < MAX_SECONDS
    while datum is not None:
        datum = datum["next"]


def test_depth_64_is_read_and_65_is_not() -> None:
    """Recursion of Apache avro ends in a RecursionError at 200 levels, of fastavro in a dead process at 4,587."""
    assert decode(LINKED, "02" * 63 + "00")["next"] is not None
    assert "levels" in refused(LINKED, "02" * 64 + "00").reason


def test_the_same_short_name_in_another_namespace_is_the_same_type() -> None:
    """The specification compares names without namespace; another short name needs an alias."""
    there = record(("a", "int"), name="u.R")
    assert decode(record(("a", "int")), "02", there) == {"a": 1}


def test_the_same_bytes_never_give_two_readers_two_values() -> None:
    """A block size that lies is refused by the reader that skips the array as by the one that reads it."""
    writer = record(("x", INTS), ("y", "int"))
    body = bytes.fromhex("010402000a0e")
    reasons = {refused(writer, body).reason, refused(writer, body, record(("y", "int"))).reason}
    assert len(reasons) == 1


@pytest.mark.parametrize(
    ("node", "datum"),
    [
        pytest.param("int", 1.7, id="fraction-as-int"),
        pytest.param("int", True, id="bool-as-int"),
        pytest.param("boolean", "no", id="text-as-boolean"),
        pytest.param("int", 2**40, id="int-beyond-32-bits"),
        pytest.param("float", 1e300, id="float-overflow-to-infinity"),
        pytest.param(record(("a", ["null", "int"])), {}, id="missing-nullable-field"),
        pytest.param(record(("a", ["null", "int"], None)), {}, id="missing-field-with-default"),
        pytest.param(record(("a", "int")), {"a": 1, "b": 2}, id="extra-field"),
        pytest.param(
            logical("long", "timestamp-micros"), datetime.fromisoformat("2026-05-01T12:00"), id="naive-datetime"
        ),
        pytest.param(logical("long", "timestamp-millis"), 1_777_636_800, id="epoch-seconds-as-int"),
        pytest.param(logical("string", "uuid"), "not-a-uuid", id="bad-uuid"),
        pytest.param(logical("bytes", "decimal", precision=4, scale=2), 1.5, id="float-as-decimal"),
        pytest.param(logical("bytes", "decimal", precision=4, scale=2), Decimal("1.005"), id="decimal-rounded"),
        pytest.param(["int", "float", "string"], 2**40, id="integer-becomes-a-float"),
        pytest.param(
            [record(("a", "int"), name="t.A"), record(("a", "int"), name="t.B")], {"a": 1}, id="first-record-that-fits"
        ),
    ],
)
def test_data_others_write_silently_is_refused(node: Any, datum: Any) -> None:
    assert not_written(node, datum).path.startswith("$")


class Filling(dict[str, str]):
    """Claims to have whatever it is asked for."""

    def __missing__(self, key: str) -> str:
        return f"no {key}"


@pytest.mark.parametrize("types", [{}, {"t.Place": Place}], ids=["plain", "beside-a-class"])
@pytest.mark.parametrize("cls", [partial(defaultdict, str), Filling])
def test_a_dict_that_invents_missing_values_does_not_fill_in_a_field(cls: Any, types: dict[str, type]) -> None:
    for node in (PLACE, ["null", PLACE]):
        datum = cls({"road": "A19", "lat": 53.9, "lom": -1.1})
        error = not_written(node, datum, types=types)
        assert (error.expected, error.hint) == ("only fields of t.Place", 'Did you mean "lon"?')
        assert dict(datum) == {"road": "A19", "lat": 53.9, "lom": -1.1}


def test_a_counter_writes_what_it_holds_and_not_a_zero() -> None:
    node = record(("a", "long"))
    assert encode(node, Counter(a=3)) == encode(node, OrderedDict(a=3)) == encode(node, {"a": 3}) == b"\x06"
    assert not_written(node, Counter(b=3)).path == "$"
    assert not_written(record(("a", "long"), ("b", "long")), Counter(b=3)).path == "$.a"


def test_a_map_has_as_many_items_as_it_says() -> None:
    """A class of its own may say another length than it has items."""

    class Longer(dict[str, int]):
        def __len__(self) -> int:
            return 3

    assert encode(BY_KEY, Longer(k=1)) == encode(BY_KEY, {"k": 1})
    assert encode(record(("a", "long")), Longer(a=1)) == b"\x02"


@pytest.mark.parametrize("other", [UserDict({"a": 1}), ChainMap({"a": 1})])
def test_other_mappings_are_neither_records_nor_maps(other: Any) -> None:
    assert "a dict" in not_written(record(("a", "int")), other).expected
    assert not_written(BY_KEY, other).expected == "a dict"


def test_reader_defaults_have_their_types_and_inner_defaults() -> None:
    """fastavro #869, #814, PR #888."""
    inner = record(("n", "int", 3), name="t.In")
    reader = record(
        ("raw", "bytes", "\u0001"),
        ("at", logical("long", "timestamp-millis"), 0),
        ("cost", logical("bytes", "decimal", precision=4, scale=2), "\u0001"),
        ("in", inner, {}),
    )
    read = decode(record(), "", reader)
    assert read["raw"] == b"\1"
    assert read["at"].year == 1970
    assert read["cost"] == Decimal("0.01")
    assert read["in"] == {"n": 3}


def test_another_record_of_the_same_fields_is_not_read() -> None:
    with pytest.raises(IncompatibleSchema):
        decode(record(("a", "int"), name="t.Q"), "02", record(("a", "int"), name="t.R"))


def test_a_legal_message_of_five_bytes_is_decoded() -> None:
    schema = parse(record(name="t.E"))
    assert decoder_for(schema).decode(frame(1, b""), 5) == {}


def test_mutually_recursive_types_are_refused_and_bounded() -> None:
    """ClickHouse #102853."""
    node = record(("b", record(("a", "t.A"), name="t.B")), name="t.A")
    with pytest.raises(SchemaSyntaxError):
        decoder_for(parse(node))
    assert "levels" in refused(node, "").reason
    assert encoder_for(parse(node), limits=OPEN).schema is not None


def test_recursion_that_only_the_reader_schema_has() -> None:
    writer = record(("v", "int"))
    reader = record(("v", "int"), ("next", ["null", "t.R"], None))
    with pytest.raises(SchemaSyntaxError):
        decoder_for(parse(writer), parse(reader))
    assert decoder_for(parse(writer), parse(reader), limits=Limits(recursion=True)).decode(b"\2") == {
        "v": 1,
        "next": None,
    }


def test_records_inside_themselves_count_against_the_budget_to_the_last_item() -> None:
    """Each chain takes one item for its place in the array and one for each record of it that is inside another."""
    chain: Json = {"type": "array", "items": record(("next", ["null", "t.N"]), name="t.N")}
    schema = parse(chain)
    link: dict[str, Any] = {"next": None}
    pair = {"next": {"next": None}}
    encoder, decoder = encoder_for(schema, limits=OPEN), decoder_for(schema, limits=OPEN)

    def taken(data: list[Any]) -> bool:
        body = encode("long", len(data)) + b"".join(b"\0" if d is link else b"\2\0" for d in data) + b"\0"
        try:
            assert decoder.decode(body) == data
        except DecodeError:
            with pytest.raises(EncodeError):
                encoder.encode(data)
            return False
        assert encoder.encode(data) == body
        return True

    assert taken([link] * 50_000)
    assert not taken([link] * 50_001)
    assert taken([pair] * 33_333)
    assert taken([*[pair] * 33_332, link, link])
    assert not taken([*[pair] * 33_333, link])


@pytest.mark.parametrize("in_reader", [False, True], ids=["null-fields", "defaulted-fields"])
def test_fields_without_bytes_count_against_the_budget_of_a_datum(in_reader: bool) -> None:
    """4,000 bytes give eight million values and 150 MiB; the 100,000 items that are allowed would give 3.6 GiB."""
    narrow = record(("x", "int"), name="t.Row")
    nulls = record(("x", "int"), *((f"n{i}", "null") for i in range(1_990)), name="t.Row")
    defaults = record(("x", "int"), *((f"n{i}", ["null", "int"], None) for i in range(1_990)), name="t.Row")
    writer, reader = (narrow, defaults) if in_reader else (nulls, nulls)
    arrays = [parse({"type": "array", "items": node}) for node in (writer, reader)]
    body = encode("long", 4_000) + b"\2" * 4_000 + b"\0"
    with pytest.raises(DecodeError):
        decoder_for(*arrays).decode(body)
