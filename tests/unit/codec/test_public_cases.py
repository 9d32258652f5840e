"""Public faults of other Avro implementations, each named for its issue, with what avroad does instead."""

from __future__ import annotations

import builtins
import os
import time
from typing import Any

import pytest

from avroad.codec import decoder_for, encoder_for
from avroad.errors import AvroadError, DecodeError, SchemaSyntaxError
from avroad.schema import Limits, parse
from tests.unit.codec.support import OPEN, decode, encode, logical, record, refused

INTS: Any = {"type": "array", "items": "int"}
NULLS: Any = {"type": "array", "items": "null"}
BY_KEY: Any = {"type": "map", "values": "int"}
USER = record(("name", "string"), ("age", "long"), ("friend", ["null", "t.User"], None), name="t.User")
MAX_SECONDS = 0.05 * 4
"""Four times the bound of one payload, of CPU time: what a busy core takes longer, and the clock's own grain."""


@pytest.mark.parametrize(
    "size", ["feffffff0f", "808080808020", "feffffffffffffffff01"], ids=["2GiB", "512GiB", "2**63"]
)
@pytest.mark.parametrize("node", ["bytes", "string", INTS, BY_KEY], ids=["bytes", "string", "array", "map"])
def test_cve_2023_39410_avro_3819_a_length_prefix_reserves_no_memory(node: Any, size: str) -> None:
    """Java until 1.11.3 made room for what a length promised."""
    started = time.process_time()
    refused(node, size)
    refused(node, size + "00" * 16)
    assert time.process_time() - started < MAX_SECONDS


@pytest.mark.parametrize(
    "word",
    [
        "java.lang.Runtime",
        "__import__('os').system('false')",
        '");raise SystemExit(7)#',
        "'''+exec('1/0')+'''",
        "{0.__class__}",
        "a\nimport os\n",
        "\\x27;quit()",
    ],
)
def test_cve_2024_47561_no_word_of_a_schema_is_run(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Java until 1.11.3 loaded the classes that a schema named. Here names only ever are text."""

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("a schema ran code")

    monkeypatch.setattr(builtins, "eval", never)
    monkeypatch.setattr(os, "system", never)
    node: Any = {
        "type": "record", "name": word.replace(".", "_") or "R", "doc": word, "java-class": word, word: word,
        "fields": [
            {"name": word, "type": {"type": "string", "java-class": word, "java-key-class": word}, "doc": word},
            {"name": "e", "type": {"type": "enum", "name": "E", "symbols": [word, "B"], "default": word}},
            {"name": "u", "type": ["null", "string"], "default": None, "aliases": [word + "x"]},
        ],
    }  # fmt: skip
    with pytest.raises(SchemaSyntaxError):
        parse(node)  # strictly: such names are no names
    schema = parse(node, strict=False)
    datum = {word: "v", "e": word, "u": None}
    body = encoder_for(schema).encode(datum)
    assert decoder_for(schema).decode(body) == datum
    other = parse({**node, "fields": node["fields"][::-1]}, strict=False)
    assert decoder_for(schema, other).decode(body) == datum


@pytest.mark.parametrize("count", ["8084af5f", "feffffffffffffff7f", "c29a0c"], ids=["10**8", "2**62", "100001"])
@pytest.mark.parametrize(
    "items", ["null", record(name="t.E"), {"type": "fixed", "name": "t.Z", "size": 0}], ids=["null", "empty", "fixed-0"]
)
def test_avro_4241_avro_4300_items_of_no_bytes_are_bounded(items: Any, count: str) -> None:
    """PRs 3865 and 3927. Without the opt-in such a schema is refused; with it the budget of items holds."""
    node = {"type": "array", "items": items}
    with pytest.raises(SchemaSyntaxError, match="at least one byte"):
        decoder_for(parse(node))
    started = time.process_time()
    assert "items" in refused(node, count + "00").reason
    assert "items" in refused(record(("f", node), name="t.O"), count + "00", record(name="t.O")).reason
    assert time.process_time() - started < MAX_SECONDS


def test_avro_4241_the_budget_is_over_all_collections_of_a_datum() -> None:
    node = {"type": "array", "items": NULLS}
    assert "items" in refused(node, "06" + "e0a71200" * 3 + "00").reason  # three times 149,488
    assert "items" in refused(node, "04" + "c09a0c00" + "00" + "00").reason  # 2 and 100,000
    assert decode(node, "0402000200" + "00") == [[None], [None]]


@pytest.mark.parametrize(
    ("node", "wire"),
    [
        pytest.param("bytes", "fcffffff0f", id="bytes-length"),
        pytest.param("string", "fcffffff0f", id="string-length"),
        pytest.param(INTS, "fcffffff0f0202", id="array-count"),
        pytest.param(BY_KEY, "fcffffff0f026102", id="map-count"),
        pytest.param({"type": "enum", "name": "t.E", "symbols": ["A"]}, "01", id="3876-negative-enum"),
        pytest.param(["null", "int"], "01", id="3876-negative-union"),
        pytest.param("long", "80" * 10 + "01", id="3862-varint-of-11-bytes"),
        pytest.param("long", "ff" * 9 + "02", id="3862-tenth-byte-beyond-64-bits"),
        pytest.param("long", "ff" * 9 + "7f", id="3862-tenth-byte-full"),
    ],
)
def test_avro_4296_avro_4293_lengths_counts_and_positions_are_compared_with_what_is_there(node: Any, wire: str) -> None:
    """Python PRs 3861, 3926, 3876; C PRs 3836, 3858; Ruby PRs 3862, 3944: the same bounds, read and skipped."""
    read, skipped = refused(node, wire), refused(record(("f", node), name="t.O"), wire, record(name="t.O"))
    assert (read.reason, read.offset) == (skipped.reason, skipped.offset)
    assert (read.path, skipped.path) == ("$", "$.f")


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_avro_4303_avro_4329_the_length_of_the_input_is_always_known(kind: Any) -> None:
    """Streams of unknown length escape such bounds; payloads are bytes, and nothing else is taken."""
    decoder = decoder_for(parse(INTS))
    assert decoder.decode(kind(b"\4\2\4\0")) == [1, 2]
    with pytest.raises(DecodeError, match="of 5 bytes"):
        decoder_for(parse("bytes")).decode(kind(b"\x0aab"))
    for other in (iter(b"\4\2\4\0"), "0402", None, 4, [4, 2, 4, 0]):
        with pytest.raises(DecodeError, match="expected bytes"):
            decoder.decode(other)


@pytest.mark.parametrize(
    ("node", "wire", "value"),
    [
        (INTS, "03040204" + "00", [1, 2]),
        (INTS, "010202" + "010204" + "00", [1, 2]),
        (INTS, "0302020400", None),
        (INTS, "0306020400", None),
        (INTS, "03fdffffff0f020400", None),
        (INTS, "ffffffffffffffffff01020200", None),
        (BY_KEY, "0106026102" + "00", {"a": 1}),
        (BY_KEY, "01040261" + "02" + "00", None),
    ],
    ids=["right", "two-blocks", "short", "long", "negative-size", "INT64_MIN", "map-right", "map-short"],
)
def test_cpp_1779_avro_4228_pg_lake_550_a_block_is_as_long_as_it_says(node: Any, wire: str, value: Any) -> None:
    """A wrong block size was a heap overflow in C++ and stale data in pg_lake; a right one was not read at all."""
    if value is None:
        refused(node, wire)
        refused(record(("f", node), name="t.O"), wire, record(name="t.O"))
    else:
        assert decode(node, wire) == value
        assert decode(record(("f", node), name="t.O"), wire, record(name="t.O")) == {}


def test_clickhouse_102853_mutually_recursive_types_do_not_kill_the_process() -> None:
    node = record(("b", record(("a", "t.A"), name="t.B")), name="t.A")
    with pytest.raises(SchemaSyntaxError, match="no type inside itself"):
        decoder_for(parse(node))
    assert "levels" in refused(node, "").reason
    ends = record(("b", ["null", record(("a", ["null", "t.A"]), name="t.B")]), name="t.A")
    assert decode(ends, "020200") == {"b": {"a": {"b": None}}}


@pytest.mark.parametrize("levels", [33, 150, 190])
def test_clickhouse_102417_the_depth_of_a_schema_is_bounded(levels: int) -> None:
    node: Any = "int"
    for i in range(levels):
        node = record(("f", node), name=f"t.L{i}") if i % 2 else {"type": "array", "items": node}
    with pytest.raises(SchemaSyntaxError, match="levels"):
        decoder_for(parse(node))


def test_clickhouse_115437_116156_rows_of_no_bytes_are_one_row() -> None:
    """An empty record takes no byte: one message is one record, and any byte behind it is too many."""
    assert decode(record(("a", "null"), ("b", record(name="t.E"))), "") == {"a": None, "b": {}}
    assert "1 byte after" in refused(record(("a", "null")), "00").reason


def test_fastavro_66_no_input_costs_more_than_its_length() -> None:
    """A file of 2 MB that was no Avro cost an hour: one varint over all of it."""
    for byte in (0x80, 0xFF, 0xAA):
        body = bytes([byte]) * 2_000_000
        for node in ("long", "bytes", INTS, BY_KEY, ["null", "int"], logical("bytes", "decimal", precision=9)):
            started = time.process_time()
            refused(node, body)
            assert time.process_time() - started < MAX_SECONDS


def test_fastavro_362_a_long_read_of_many_records_stays_alive() -> None:
    """SIGSEGV after many records in one process: here 20,000 records of growing strings come and go."""
    node = record(("id", "string"), ("by", BY_KEY), ("tags", {"type": "array", "items": "string"}))
    encoder, decoder = encoder_for(parse(node)), decoder_for(parse(node))
    for i in range(20_000):
        datum = {"id": f"{i:x}" * (i % 7), "by": {str(i): i, "k": -i}, "tags": [str(i)] * (i % 3)}
        assert decoder.decode(encoder.encode(datum)) == datum


def test_fastavro_608_a_named_type_is_used_again_by_its_name() -> None:
    """Also across schemas of one process: no parse leaves names behind for the next."""
    team = record(("name", "string"), name="n.Team")
    node = record(("id", "string"), ("team1", team), ("team2", "n.Team"), name="n.Match")
    datum = {"id": "123", "team1": {"name": "A"}, "team2": {"name": "B"}}
    for _ in range(2):
        assert decode(node, encode(node, datum)) == datum
    changed = record(("name", "int"), name="n.Team")
    again = record(("id", "string"), ("team1", changed), ("team2", "n.Team"), name="n.Match")
    assert decode(again, "06313233" + "0204")["team2"] == {"name": 2}


def test_fastavro_765_773_a_record_with_an_optional_one_of_itself() -> None:
    datum = {"name": "juan", "age": 20, "friend": {"name": "john", "age": 20, "friend": None}}
    assert decode(USER, encode(USER, datum)) == datum
    with pytest.raises(SchemaSyntaxError, match="no type inside itself"):
        encoder_for(parse(USER))


def test_fastavro_814_defaults_are_of_their_logical_type() -> None:
    reader = record(
        ("day", logical("int", "date"), 1),
        ("cost", ["null", logical("bytes", "decimal", precision=4, scale=2)], "\u0001"),
        ("at", logical("long", "timestamp-micros"), 0),
    )
    read = decode(record(), "", reader)
    assert [type(read[name]).__name__ for name in ("day", "cost", "at")] == ["date", "Decimal", "datetime"]


def test_fastavro_869_888_a_records_default_keeps_the_defaults_of_its_fields() -> None:
    inner = record(("n", "int", 3), ("deeper", record(("s", "string", "x"), ("b", "bytes", "\u00ff"), name="t.D"), {}))
    reader = record(("in", {**inner, "name": "t.In"}, {}), ("list", {"type": "array", "items": "t.In"}, [{"n": 5}]))
    whole = {"n": 3, "deeper": {"s": "x", "b": b"\xff"}}
    assert decode(record(), "", reader) == {"in": whole, "list": [{**whole, "n": 5}]}


def test_integrations_core_21632_bytes_behind_a_datum_are_an_error() -> None:
    """They hid wrong schemas in production for as long as nobody looked."""
    old, new = record(("a", "int"), ("b", "string")), record(("a", "int"))
    body = encode(old, {"a": 1, "b": "text"})
    assert "bytes after the datum" in refused(new, body).reason
    assert decode(old, body, new) == {"a": 1}


def test_avro_4247_no_codec_of_container_files_is_reachable_through_a_payload() -> None:
    """A payload that is a container file, bombs included, is refused at its first bytes."""
    with pytest.raises(AvroadError):
        decoder_for(parse(USER), limits=Limits(recursion=True)).decode(b"Obj\x01" + b"\x00" * 64)
    assert OPEN.recursion
