"""Named cases of what other Avro libraries get wrong, each with the right answer.

Rows measured on fastavro 1.13.1 and Apache avro 1.12.2, and public issues of several implementations.
"""

from __future__ import annotations

import time
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from avroad.codec import decoder_for, encoder_for, frame
from avroad.errors import AvroadError, IncompatibleSchema, SchemaSyntaxError
from avroad.schema import Limits, parse
from tests.unit.codec.support import OPEN, decode, encode, logical, not_written, record, refused

ROAD = {"type": "enum", "name": "t.Road", "symbols": ["CLEAR", "SLOW", "CLOSED"]}
INTS = {"type": "array", "items": "int"}
NULLS = {"type": "array", "items": "null"}
BY_KEY = {"type": "map", "values": "int"}
LINKED = record(("next", ["null", "t.R"]))
MAX_SECONDS = 0.05 * 10
"""Ten times the bound of one payload: shared machines stall."""


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
        pytest.param(ROAD, "06", id="enum-index-three"),
        pytest.param(["null", "int"], "0102", id="union-index-minus-one"),
        pytest.param(["null", "int", "string"], "0502", id="union-index-minus-three"),
        pytest.param(INTS, "ffffffffffffffffff010000", id="array-count-INT64_MIN"),
        pytest.param(BY_KEY, "ffffffffffffffffff010000", id="map-count-INT64_MIN"),
        pytest.param(INTS, "0302020400", id="block-size-lies"),
        pytest.param(INTS, "0301020400", id="block-size-negative"),
        pytest.param(BY_KEY, "0402610202610400", id="duplicate-map-key"),
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
        pytest.param(record(("next", "t.R")), "", id="AVRO-endless-record"),
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


def test_a_huge_decimal_costs_no_quadratic_time() -> None:
    node = logical("bytes", "decimal", precision=38, scale=2)
    started = time.process_time()
    assert "decimal" in refused(node, encode("bytes", b"\x7f" * (1 << 20))).reason
    assert time.process_time() - started < MAX_SECONDS


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


def test_a_long_recursive_datum_neither_crashes_nor_takes_seconds() -> None:
    datum: dict[str, Any] = {"next": None}
    for _ in range(20_000):
        datum = {"next": datum}
    started = time.process_time()
    assert "levels" in not_written(LINKED, datum).expected
    assert time.process_time() - started < MAX_SECONDS
    while datum["next"] is not None:
        datum = datum["next"]


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
