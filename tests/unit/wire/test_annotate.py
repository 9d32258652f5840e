"""Annotated dumps: every byte explained, the end where the decoder refuses, nothing that steers a terminal."""

from __future__ import annotations

import unicodedata
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avroad.codec import encoder_for, frame
from avroad.errors import DecodeError, IncompatibleSchema
from avroad.schema import Limits, parse
from avroad.wire.annotate import Dump, annotate, frame_items, printable
from avroad.wire.annotate_text import dump_lines
from avroad.wire.frames import frame_of
from avroad.wire.single_object import single_object_prefix
from tests.property.codec.strategies import Options, data
from tests.unit.codec.support import EVENT, OPEN, TYPES, event, logical, record

BODY = encoder_for(parse(EVENT), types=TYPES).encode(event(id="é-1", tags=("a", "")))
PAYLOAD = frame(7, BODY)


def dump(node: Any, body: bytes | str, reader: Any = None, **more: Any) -> Dump:
    payload = bytes.fromhex(body) if isinstance(body, str) else body
    wanted = None if reader is None else parse(reader)
    return annotate(payload, parse(node), wanted, limits=OPEN, **more)


def seen(found: Dump) -> list[tuple[int, str, str, str]]:
    return [(item.offset, item.path, item.what, item.value) for item in found.items]


def test_the_whole_dump_of_a_framed_event() -> None:
    found = annotate(PAYLOAD, parse(EVENT), start=5, before=frame_items(PAYLOAD, 5))
    assert (
        "\n".join(dump_lines(found))
        == """\
offset  bytes                    field, type, value
     0  00                       registry frame
     1  00 00 00 07              schema id 7
     5  08                       $.id  string, 4 bytes
     6  c3 a9 2d 31              $.id  "é-1"
    10  02                       $.kind  enum t.Kind, symbol 1  "JAM"
    11  f4 c3 87 a0 8a b0 a8 06  $.at  long, timestamp-micros
                                   2026-05-01T12:00:00.000250Z
    19  00                       $.class  union, branch 0: null
    20  04                       $.tags  array, block of 2 items
    21  02                       $.tags[0]  string, 1 byte
    22  61                       $.tags[0]  "a"
    23  00                       $.tags[1]  string, 0 bytes
    24  00                       $.tags  end of array
    25  06                       $.place.road  string, 3 bytes
    26  41 31 39                 $.place.road  "A19"
    29  33 33 33 33 33 f3 4a 40  $.place.lat  double  53.9
    37  9a 99 99 99 99 99 f1 bf  $.place.lon  double  -1.1
45 bytes, read to the end"""
    )


def test_the_dump_of_a_poison_record_ends_at_the_byte_that_is_wrong() -> None:
    poison = PAYLOAD.replace(b"A19", b"A1\xff")
    found = annotate(poison, parse(EVENT), start=5, before=frame_items(poison, 5))
    assert "\n".join(dump_lines(found)).splitlines()[-8:] == [
        "    25  06                       $.place.road  string, 3 bytes",
        "    26  41 31 ff                 $.place.road  string  <- here",
        "",
        "wrong:  a string is not UTF-8",
        "where:  byte 28, $.place.road",
        "bytes:  17 of 45 from there on",
        "    28  ff 33 33 33 33 33 f3 4a 40 9a 99 99 99 99 99 f1  .33333.J@.......",
        "    44  bf                                               .",
    ]
    assert found.error is not None
    assert (found.error.reason, found.error.offset) == ("a string is not UTF-8", 28)
    assert found.wrong is not None
    assert (found.wrong.offset, found.wrong.size) == (26, 3)


@pytest.mark.parametrize(
    ("node", "body", "wrong", "reason"),
    [
        ("boolean", "02", (0, "boolean"), "neither 0 nor 1"),
        ("int", "8080808010", (0, "int"), "does not fit 32 bits"),
        ("int", "8000", (0, "int"), "shorter form"),
        ("long", "80", (0, "long"), "bytes end inside"),
        ("string", "01", (0, "string, length -1"), "negative"),
        ("string", "0661", (0, "string, length 3"), "but 1 is left"),
        ("double", "00", (0, "double"), "but 1 is left"),
        ({"type": "fixed", "name": "F", "size": 2}, "00", (0, "fixed F, 2 bytes"), "but 1 is left"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, "01", (0, "enum E, symbol -1"), "found position -1"),
        (["null", "int"], "04", (0, "union, branch 2"), "found branch 2"),
        ({"type": "array", "items": "int"}, "0202", (2, "item count of array"), "bytes end"),
        ({"type": "array", "items": "int"}, "01040200", (0, "array, block of 1 item in another"), "another size"),
        ({"type": "array", "items": "int"}, "0101", (0, "array, block of -1 bytes"), "negative"),
        ({"type": "array", "items": "null"}, "8089ae0f00", (0, "array, block of 16106048 items"), "100000 items"),
        ({"type": "map", "values": "int"}, "0402610002610000", (4, "key, again"), "one key twice"),
        (logical("long", "timestamp-millis"), "feffffffffffffffff01", (0, ", the number 922337"), "no value"),
        (logical("int", "time-millis"), "01", (0, "int, time-millis, the number -1"), "no value of logical type"),
        (logical("bytes", "decimal", precision=2, scale=0), "0427ff", (1, "bytes, decimal"), "no value of logical"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_the_last_thing_shown(node: Any, body: str, wrong: tuple[int, str], reason: str) -> None:
    found = dump(node, body)
    assert found.error is not None
    assert reason in found.error.reason
    assert found.wrong is not None
    assert found.wrong.offset == wrong[0]
    assert wrong[1] in found.wrong.what
    assert all(item.offset <= found.wrong.offset for item in found.items)


def test_bytes_too_many_are_wrong_after_everything_was_right() -> None:
    found = dump("int", "02ff")
    assert seen(found) == [(0, "$", "int", "1")]
    assert found.wrong is None
    assert found.error is not None
    assert list(dump_lines(found))[-1] == "     1  ff                                               ."


def test_bytes_that_only_the_reader_has_no_place_for() -> None:
    kinds = {"type": "enum", "name": "K", "symbols": ["A", "B"]}
    fewer = {"type": "enum", "name": "K", "symbols": ["A"]}
    found = dump(record(("n", "null"), ("k", kinds)), "02", record(("k", fewer)))
    assert found.error is not None
    assert "no symbol B" in found.error.reason
    assert found.wrong is not None
    assert (found.wrong.path, found.wrong.value) == ("$.k", '"B"')
    wide, narrow = record(("u", ["null", "string"])), record(("u", ["null", "int"]))
    found = dump(wide, "020661626300"[:10], narrow)
    assert found.wrong is not None
    assert (found.wrong.offset, found.wrong.what) == (1, "string, 3 bytes")
    assert seen(found) == [(0, "$.u", "union, branch 1: string", "")]
    assert dump(wide, "00", narrow).error is None
    with pytest.raises(IncompatibleSchema):
        dump("int", "02", "string")


def test_values_are_shown_as_what_they_mean() -> None:
    node = record(
        ("n", "null"), ("t", "boolean"), ("f", "float"), ("b", "bytes"), ("d", logical("int", "date")),
        ("m", {"type": "map", "values": "int"}), ("x", logical("bytes", "decimal", precision=4, scale=2)),
        ("u", {"type": "fixed", "name": "U", "size": 12, "logicalType": "duration"}),
        ("e", {"type": "record", "name": "Empty", "fields": []}), ("a", {"type": "array", "items": "long"}),
    )  # fmt: skip
    found = dump(node, "01 0000003f 04ffff 02 02026b0400 040102 010000000200000003000000 020200")
    assert found.error is None
    assert [item for item in seen(found) if item[3] or "Empty" in item[2]] == [
        (0, "$.n", "null", "null"),
        (0, "$.t", "boolean", "true"),
        (1, "$.f", "float", "0.5"),
        (8, "$.d", "int, date", "1970-01-02"),
        (11, "$.m{0}", "", '"k"'),
        (12, "$.m{0}", "int", "2"),
        (15, "$.x", "", "2.58"),
        (17, "$.u", "fixed t.U, 12 bytes, duration", "1 months, 2 days, 3 ms"),
        (29, "$.e", "record t.Empty without fields", ""),
        (30, "$.a[0]", "long", "1"),
    ]


def test_blocks_say_their_size_where_the_bytes_do() -> None:
    found = dump({"type": "array", "items": "int"}, "03040204" + "0206" + "00")
    assert seen(found) == [
        (0, "$", "array, block of 2 items in 2 bytes", ""),
        (2, "$[0]", "int", "1"),
        (3, "$[1]", "int", "2"),
        (4, "$", "array, block of 1 item", ""),
        (5, "$[2]", "int", "3"),
        (6, "$", "end of array", ""),
    ]


def test_frames_are_explained() -> None:
    guid = UUID(int=7)
    single = single_object_prefix(parse("int")) + b"\2"
    assert [item.what for item in frame_items(frame_of(guid), 17)] == [
        "registry frame with a GUID",
        "schema GUID 00000000-0000-0000-0000-000000000007",
    ]
    assert [item.what for item in frame_items(single, 10)] == ["single object", "schema fingerprint 8f5c393f1ad57572"]
    assert frame_items(b"\2", 0) == ()


def test_a_dump_is_bounded_in_items_and_in_every_value() -> None:
    many = encoder_for(parse({"type": "array", "items": "boolean"})).encode([True] * 99_990)
    found = dump(record(("a", {"type": "array", "items": "boolean"}), ("b", "string")), many + b"\0")
    assert not found.cut
    words: Any = {"type": "array", "items": "string"}
    found = dump(words, encoder_for(parse(words)).encode(["x"] * 60_000))
    assert found.cut
    assert len(found.items) == 100_000
    assert list(dump_lines(found))[-1] == "more than 100000 items: the rest is not shown"
    long = encoder_for(parse("string")).encode("y" * 1_000_000)
    text = list(dump_lines(dump("string", long)))
    assert len(text) < 12
    assert "... 999976 more" in "\n".join(text)
    deep: Any = {"type": "record", "name": "N", "fields": [{"name": "next", "type": ["null", "N"]}]}
    found = dump(deep, b"\2" * 5_000 + b"\0")
    assert found.error is not None
    assert "64 levels" in found.error.reason
    assert all(len(item.path) < 200 for item in found.items)


HOSTILE = "\x1b[2J\x07\x9b31m\u202e\u2028\x00\r\n\ud800"


def test_nothing_steers_the_terminal() -> None:
    """Values, and also names of a schema that somebody else registered."""
    node: Any = {"type": "record", "name": HOSTILE, "fields": [
        {"name": HOSTILE, "type": "string"},
        {"name": "e", "type": {"type": "enum", "name": f"{HOSTILE}E", "symbols": [HOSTILE]}},
        {"name": "z", "type": {"type": "record", "name": f"{HOSTILE}Z", "fields": []}},
    ]}  # fmt: skip
    text = HOSTILE[:-1].encode()
    body = bytes([2 * len(text)]) + text + b"\0"
    found = annotate(body, parse(node, strict=False), limits=Limits())
    assert found.error is None
    wrong = annotate(body[:-1] + b"\4", parse(node, strict=False), limits=Limits())
    for line in (*dump_lines(found), *dump_lines(wrong)):
        assert line.isprintable(), line


def test_text_is_cut_and_wrapped_by_columns() -> None:
    assert printable("a\nb") == "a\\nb"
    assert printable("x" * 500) == "x" * 160 + "..."
    wide = encoder_for(parse("string")).encode("日本語" * 40 + "e\u0301" * 10)
    lines = list(dump_lines(dump("string", wide)))
    assert max(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in lines) <= 90
    long_name: Any = {"type": "record", "name": "R", "fields": [{"name": "f" * 70, "type": "int"}]}
    lines = list(dump_lines(dump(long_name, "02")))
    assert max(map(len, lines)) <= 80
    assert "".join(line[33:].strip() for line in lines[1:-1]).startswith("$." + "f" * 70)


@settings(max_examples=300)
@given(data(Options()), st.data())
def test_the_dump_and_the_decoder_agree_on_any_bytes(pair: tuple[Any, Any], draw: st.DataObject) -> None:
    """Invariants: read to the end if and only if the decoder accepts; else it stops at or before the wrong byte."""
    node, datum = pair
    schema = parse(node)
    body = bytearray(encoder_for(schema, limits=OPEN).encode(datum))
    for _ in range(draw.draw(st.integers(0, 3))):
        at = draw.draw(st.integers(0, len(body)))
        kind = draw.draw(st.sampled_from(["cut", "flip", "insert"]))
        if kind == "cut":
            del body[at:]
        elif kind == "insert":
            body[at:at] = draw.draw(st.binary(min_size=1, max_size=3))
        elif at < len(body):
            body[at] ^= draw.draw(st.integers(1, 255))
    found = annotate(bytes(body), schema, limits=OPEN)
    assert "though the decoder can" not in (found.error.reason if found.error else "")
    if found.error is None:
        assert found.wrong is None
        assert sum(item.size for item in found.items) == len(body)
    elif found.wrong is None:
        assert "after the datum" in found.error.reason
        assert sum(item.size for item in found.items) == found.error.offset
    else:
        assert isinstance(found.error, DecodeError)
        # Of a counted value with a wrong meaning the decoder names the length, the dump what follows it.
        assert found.wrong.offset <= found.error.offset or found.wrong.path == found.error.path
        assert sum(item.size for item in found.items) == found.wrong.offset
    position = 0
    for item in found.items:
        assert item.offset == position, "no byte is left out"
        position += item.size
    assert all(line.isprintable() for line in dump_lines(found))
