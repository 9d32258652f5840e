"""What is accepted on request: numbers padded with zeros, and nothing else with them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from avroad.codec import Accept, decoder_for
from avroad.errors import DecodeError
from avroad.schema import parse
from avroad.wire.exact import Exact
from tests.unit.codec.support import OPEN, encode, logical, record, refused

PADDED = frozenset({Accept.OVERLONG_VARINT})
KIND = {"type": "enum", "name": "t.K", "symbols": ["A", "B"]}
INTS = {"type": "array", "items": "int"}
MICROS = logical("long", "timestamp-micros")
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def lenient(node: Any, body: bytes, reader: Any = None) -> Any:
    wanted = None if reader is None else parse(reader)
    return decoder_for(parse(node), wanted, limits=OPEN, accept=PADDED).decode(body)


def padded(number: int, size: int) -> bytes:
    """The varint of a number in exactly `size` bytes."""
    code = (number << 1) ^ (number >> 63)
    return bytes(code >> 7 * i & 0x7F | (0x80 if i < size - 1 else 0) for i in range(size))


def cases(size: int) -> list[tuple[Any, Any, bytes]]:
    """(node, datum, its bytes with every number in `size` bytes)."""
    one, zero = padded(1, size), padded(0, size)
    return [
        ("int", 1, one),
        ("long", -2, padded(-2, size)),
        ("string", "é", padded(2, size) + "é".encode()),
        ("string", "", zero),
        ("bytes", b"x", one + b"x"),
        (KIND, "B", one),
        (["null", "int"], None, zero),
        (["null", "int"], 1, one + one),
        (INTS, [], zero),
        (INTS, [1, 0], padded(2, size) + one + zero + zero),
        (INTS, [1, 0, 1], padded(-2, size) + padded(2 * size, size) + one + zero + one + one + zero),
        ({"type": "array", "items": "double"}, [0.0], one + bytes(8) + zero),
        ({"type": "map", "values": "int"}, {"k": 1}, one + one + b"k" + one + zero),
        (MICROS, datetime(1970, 1, 1, tzinfo=UTC), zero),
        (record(("a", "int"), ("s", "string"), ("b", "boolean")), {"a": 1, "s": "k", "b": True}, one + one + b"k\1"),
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 8, 9, 10])
def test_padded_numbers_are_read_and_skipped_only_on_request(size: int) -> None:
    for node, datum, body in cases(size):
        assert lenient(node, body) == datum
        outer = record(("x", node), ("last", "int"), name="t.O")
        assert lenient(outer, body + b"\2", record(("last", "int"), name="t.O")) == {"last": 1}
        if size > 1:
            assert "shorter form" in refused(node, body).reason


@pytest.mark.parametrize("size", [8, 9, 10])
def test_a_padded_instant_is_the_same_instant(size: int) -> None:
    body = encode(MICROS, AT)
    number = (int.from_bytes(bytes(b & 0x7F for b in body), "little") and int(AT.timestamp())) * 1_000_000
    assert lenient(MICROS, padded(number, size)) == AT
    assert lenient(record(("a", MICROS), ("b", MICROS)), padded(number, size) * 2) == {"a": AT, "b": AT}


@pytest.mark.parametrize(
    ("node", "wire", "reason", "offset"),
    [
        ("int", "8080808080808080808000", "more than 10 bytes", 0),
        ("long", "80808080808080808002", "more than 64 bits", 0),
        ("int", "808080808001", "32 bits", 0),
        ("int", "8080", "end inside an int", 2),
        ("string", "8180808000", "negative", 0),
        ("string", "86800061", "but 1 is left", 3),
        (KIND, "848000", "2 symbols, found position 2", 0),
        (["null", "int"], "848000", "2 branches, found branch 2", 0),
        (INTS, "81808000" + "8100" + "0200", "block size", 0),
        (INTS, "8180" + "00" + "8400" + "0200", "another size", 0),
        ("int", "800000", "1 byte after the datum", 2),
    ],
)
def test_everything_else_is_as_strict_as_before(node: Any, wire: str, reason: str, offset: int) -> None:
    with pytest.raises(DecodeError) as caught:
        lenient(node, bytes.fromhex(wire))
    assert not caught.value.reason.startswith("refused")
    assert (reason in caught.value.reason, caught.value.offset) == (True, offset), caught.value


def test_the_request_is_part_of_what_a_decoder_is_found_by() -> None:
    schema = parse("int")
    before = decoder_for(schema)
    assert decoder_for(schema, accept=PADDED) is decoder_for(schema, accept=[Accept.OVERLONG_VARINT])
    assert decoder_for(schema, accept=PADDED) is not before
    assert decoder_for(schema, accept=()) is before
    with pytest.raises(DecodeError):
        before.decode(b"\x80\0")


def test_marked_data_are_read_with_the_same_request() -> None:
    exact = Exact(parse(["int", "long"]), accept=PADDED)
    assert exact.decode(b"\x82\0\x82\0") == exact.decode(b"\2\2")
    assert exact.encode(exact.decode(b"\x82\0\x82\0")) == b"\2\2"
