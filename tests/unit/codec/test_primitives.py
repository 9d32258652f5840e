"""Bytes of each primitive, both ways, and everything near them that must be refused."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest

from avroad.codec import decoder_for
from avroad.errors import DecodeError
from avroad.schema import parse
from tests.unit.codec.support import decode, encode, not_written, record, refused

WIRE: list[tuple[Any, Any, str]] = [
    ("null", None, ""),
    ("boolean", True, "01"),
    ("boolean", False, "00"),
    ("int", 0, "00"),
    ("int", -1, "01"),
    ("int", 63, "7e"),
    ("int", 64, "8001"),
    ("int", -64, "7f"),
    ("int", -65, "8101"),
    ("int", 2**31 - 1, "feffffff0f"),
    ("int", -(2**31), "ffffffff0f"),
    ("long", 8191, "fe7f"),
    ("long", 8192, "808001"),
    ("long", 2**63 - 1, "feffffffffffffffff01"),
    ("long", -(2**63), "ffffffffffffffffff01"),
    ("float", 0.5, "0000003f"),
    ("double", -2.25, "00000000000002c0"),
    ("bytes", b"", "00"),
    ("bytes", b"\x00\xff", "0400ff"),
    ("string", "", "00"),
    ("string", "é", "04c3a9"),
]


@pytest.mark.parametrize(("node", "datum", "wire"), WIRE)
def test_a_value_has_one_form(node: str, datum: Any, wire: str) -> None:
    assert encode(node, datum).hex() == wire
    read = decode(node, wire)
    assert read == datum
    assert type(read) is type(datum)


@pytest.mark.parametrize("size", [63, 64, 8191, 8192, 70_000])
def test_lengths_on_both_sides_of_each_table(size: int) -> None:
    for node, datum in (("string", "x" * size), ("bytes", b"x" * size)):
        assert decode(node, encode(node, datum)) == datum


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_infinity_and_nan_are_values(number: float) -> None:
    for node in ("float", "double"):
        read = decode(node, encode(node, number))
        assert struct.pack("<d", read) == struct.pack("<d", number)


@pytest.mark.parametrize(
    ("node", "datum", "expected"),
    [
        ("null", 0, "NoneType"),
        ("boolean", 1, "bool"),
        ("boolean", "no", "bool"),
        ("int", True, "int"),
        ("int", 1.0, "int"),
        ("int", "1", "int"),
        ("int", 2**31, "32 bits"),
        ("int", -(2**31) - 1, "32 bits"),
        ("int", 2**70, "32 bits"),
        ("long", 2**63, "64 bits"),
        ("long", -(2**63) - 1, "64 bits"),
        ("long", True, "int"),
        ("float", 1, "float"),
        ("float", 1e300, "32-bit float"),
        ("double", 1, "float"),
        ("double", True, "float"),
        ("double", None, "float"),
        ("bytes", "x", "bytes"),
        ("bytes", bytearray(b"x"), "bytes"),
        ("string", b"x", "str"),
        ("string", None, "str"),
        ("string", "\ud800", "UTF-8"),
    ],
)
def test_what_is_not_of_the_type_is_not_written(node: str, datum: Any, expected: str) -> None:
    assert expected in not_written(node, datum).expected
    error = not_written(record(("a", {"type": "array", "items": node})), {"a": [datum]})
    assert error.path == "$.a[0]"


@pytest.mark.parametrize(
    ("node", "wire", "reason", "offset"),
    [
        ("boolean", "02", "neither 0 nor 1", 0),
        ("boolean", "ff", "neither 0 nor 1", 0),
        ("boolean", "", "but 0 are left", 0),
        ("int", "80", "end inside an int", 1),
        ("int", "8000", "shorter form", 0),
        ("int", "808000", "shorter form", 0),
        ("long", "ffffffffffffffff8000", "shorter form", 0),
        ("string", "80808000", "shorter form", 0),
        ("int", "8080808010", "32 bits", 0),  # 2147483648
        ("int", "8180808010", "32 bits", 0),  # -2147483649
        ("long", "feffffffffffffffff03", "64 bits", 0),
        ("long", "8080808080808080808001", "10 bytes", 0),
        ("long", "8180808080808080808000", "10 bytes", 0),
        ("long", "ffff", "end inside a long", 2),
        ("float", "000000", "but 3 are left", 0),
        ("double", "00000000000000", "but 7 are left", 0),
        ("string", "01", "negative", 0),
        ("string", "03", "negative", 0),
        ("string", "0461", "but 1 is left", 1),
        ("string", "02ff", "not UTF-8", 1),
        ("string", "06eda080", "not UTF-8", 1),
        ("string", "04c080", "not UTF-8", 1),
        ("string", "fcffffffffffffffff01", "are left", 10),
        ("bytes", "ffffffffffffffffff01", "negative", 0),
        ("bytes", "8000", "shorter form", 0),
        ("null", "00", "1 byte after the datum", 0),
        ("int", "0200", "1 byte after the datum", 1),
    ],
)
def test_bytes_that_are_no_value_are_refused(node: str, wire: str, reason: str, offset: int) -> None:
    error = refused(node, wire)
    assert reason in error.reason
    assert (error.offset, error.path) == (offset, "$")


@pytest.mark.parametrize("datum", [1, 0, "no", None, 1.0, []])
def test_a_boolean_beside_numbers_is_checked_like_one_alone(datum: Any) -> None:
    """Neighbours of fixed width are packed in one call, which takes any object for a boolean."""
    node = record(("a", "double"), ("b", "boolean"), ("c", "boolean"), ("d", "float"))
    good = {"a": 1.5, "b": True, "c": False, "d": 0.5}
    assert decode(node, encode(node, good)) == good
    for name in ("b", "c"):
        error = not_written(node, {**good, name: datum})
        assert (error.path, error.expected) == (f"$.{name}", "bool")


def test_an_error_names_the_field_and_the_byte_but_not_the_payload() -> None:
    node = record(("a", "int"), ("b", record(("c", {"type": "array", "items": "string"}), name="t.B")))
    error = refused(node, "020606616263067365637265")
    assert error.path == "$.b.c[2]"
    assert error.offset == 11
    assert "sec" not in str(error)
    assert "abc" not in str(error)


@pytest.mark.parametrize("payload", [None, "text", 5, [1]])
def test_what_is_no_bytes_is_refused_with_the_same_error(payload: Any) -> None:
    with pytest.raises(DecodeError, match="expected bytes"):
        decoder_for(parse("int")).decode(payload)


@pytest.mark.parametrize("offset", [-1, 3, 10**20])
def test_an_offset_outside_the_bytes_is_refused(offset: int) -> None:
    decoder = decoder_for(parse("int"))
    assert decoder.decode(b"xx\x02", 2) == 1
    with pytest.raises(DecodeError):
        decoder.decode(b"xx", offset)


def test_an_offset_from_the_end_reads_no_bytes_twice() -> None:
    """From -1 on, the last byte is a length, the text follows at the start, and the last byte is a number too."""
    decoder = decoder_for(parse(record(("s", "string"), ("n", "int"))))
    assert decoder.decode(b"\2a\2") == {"s": "a", "n": 1}
    with pytest.raises(DecodeError, match="start -1 is outside"):
        decoder.decode(b"a\2", -1)


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_other_byte_containers_are_copied(kind: Any) -> None:
    node = record(("a", "bytes"))
    read = decode(node, kind(b"\x04ab"))
    assert read == {"a": b"ab"}
    assert type(read["a"]) is bytes
