"""Container files: read and written as fastavro does, and no lie of a file believed."""

from __future__ import annotations

import bz2
import io
import lzma
import re
import struct
import sys
import tomllib
import tracemalloc
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avroad.codec import decoder_for, encoder_for
from avroad.codec.runtime import write_long
from avroad.errors import ConfigError, DecodeError, EncodeError, FramingError, IncompatibleSchema, SchemaSyntaxError
from avroad.schema import Limits, parse
from avroad.wire.compression import compressor
from avroad.wire.container import Caps, ContainerReader, write_container
from tests.property.codec.strategies import Options, data
from tests.unit.codec.support import EVENT, TYPES, event

PAIR: Any = {"type": "record", "name": "t.P", "fields": [{"name": "n", "type": "int"}, {"name": "s", "type": "string"}]}
SYNC = b"0123456789abcdef"
ROWS = [{"n": i, "s": "x" * (i % 50)} for i in range(5_000)]


def counted(payload: bytes) -> bytes:
    return write_long(len(payload)) + payload


def header(schema: str = '"int"', codec: str | None = "null", **more: bytes) -> bytes:
    entries = {"avro.schema": schema.encode(), **({} if codec is None else {"avro.codec": codec.encode()}), **more}
    body = b"".join(counted(name.encode()) + counted(value) for name, value in entries.items())
    return b"Obj\x01" + write_long(len(entries)) + body + b"\0" + SYNC


def block(count: int, body: bytes, sync: bytes = SYNC, size: int | None = None) -> bytes:
    return write_long(count) + write_long(len(body) if size is None else size) + body + sync


def read(file: bytes, *arguments: Any, **more: Any) -> list[Any]:
    return list(ContainerReader(io.BytesIO(file), *arguments, **more))


def refused(file: bytes, **more: Any) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        read(file, **more)
    return caught.value


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_fastavro_reads_what_we_write_and_we_read_what_it_writes(codec: str) -> None:
    ours = io.BytesIO()
    assert write_container(ours, parse(PAIR), iter(ROWS), codec=codec, metadata={"by": b"us"}) == len(ROWS)
    ours.seek(0)
    theirs = fastavro.reader(ours)
    assert theirs.codec == codec
    assert theirs.metadata["by"] == "us"
    assert list(theirs) == ROWS
    assert read(ours.getvalue()) == ROWS
    file = io.BytesIO()
    fastavro.writer(file, fastavro.parse_schema(PAIR), ROWS, codec=codec, metadata={"by": "them"})
    file.seek(0)
    reader = ContainerReader(file)
    assert (reader.codec, reader.metadata["by"]) == (codec, b"them")
    assert list(reader) == ROWS


@settings(derandomize=True, max_examples=50)
@given(data(Options(spec_only=False, mixed_unions=False)), st.integers(0, 5))
def test_any_schema_survives(pair: tuple[Any, Any], times: int) -> None:
    node, datum = pair
    file = io.BytesIO()
    limits = Limits(empty_items=True)
    write_container(file, parse(node), [datum] * times, limits=limits, block_bytes=40)
    assert read(file.getvalue(), limits=limits) == [datum] * times
    file.seek(0)
    assert len(list(fastavro.reader(file))) == times


def test_datums_are_read_as_the_reader_wants_them_and_as_classes() -> None:
    file = io.BytesIO()
    write_container(file, parse(EVENT), [event(), event(tags=("a",))], types=TYPES)
    assert read(file.getvalue(), types=TYPES) == [event(), event(tags=("a",))]
    narrow: Any = {"type": "record", "name": "t.Event", "fields": [
        {"name": "class", "type": ["null", "long"]}, {"name": "new", "type": "int", "default": 3},
    ]}  # fmt: skip
    assert read(file.getvalue(), parse(narrow)) == [{"class": None, "new": 3}] * 2
    with pytest.raises(IncompatibleSchema):
        read(file.getvalue(), parse("int"))


def test_no_records_are_no_block() -> None:
    file = io.BytesIO()
    assert write_container(file, parse("int"), []) == 0
    assert read(file.getvalue()) == []
    assert read(header() + block(0, b"") + block(1, b"\2") + block(0, b"")) == [1]


def test_a_header_may_come_in_blocks_that_say_their_size() -> None:
    entry = counted(b"avro.schema") + counted(b'"int"')
    file = b"Obj\x01" + write_long(-1) + write_long(len(entry)) + entry + b"\0" + SYNC + block(1, b"\2")
    assert read(file) == [1]
    lying = b"Obj\x01" + write_long(-1) + write_long(len(entry) + 1) + entry + b"\0" + SYNC
    assert "another size" in refused(lying).reason


@pytest.mark.parametrize("cut", range(len(header() + block(3, b"\2\4\6"))))
def test_every_truncated_file_is_refused_or_ends_at_a_block(cut: int) -> None:
    whole = header() + block(3, b"\2\4\6")
    if cut == len(header()):
        assert read(whole[:cut]) == []
        return
    error = refused(whole[:cut])
    assert isinstance(error, FramingError)
    assert 0 <= error.offset <= cut


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (b"", "no container file"),
        (b"Obj\x02" + header()[4:], "no container file"),
        (b"obj\x01", "no container file"),
        (header() + block(1, b"\2", sync=b"0123456789abcdeF"), "does not end with the file's mark"),
        (header() + block(-1, b"\2"), "negative"),
        (header() + block(1, b"", size=-1), "negative"),
        (header() + block(2, b"\2"), "another number of records"),
        (header() + block(1, b"\2\4"), "another number of records"),
        (header() + block(0, b"\2"), "another number of records"),
        (header() + block(2**62, b"\2"), "another number of records"),
        (header() + block(1, b"\2", size=2**62), "a block of more than"),
        (header() + block(1, b"\2", size=1000), "ends inside a block"),
        (header() + b"\x80" * 10, "no whole number"),
        (header() + b"\x82\0", "no whole number"),
        (header(codec="zip\x1b[2J"), "the codec 'zip\\x1b[2J' is unknown"),
        (header(codec="snappy"), "needs cramjam, which is not installed: pip install cramjam"),
        (header(codec="zstandard"), "needs backports.zstd, which is not installed: pip install backports.zstd"),
        (header(codec="deflate") + block(1, b"\xff\xff"), "damaged"),
        (header(codec="deflate") + block(1, zlib.compress(b"\2")), "damaged"),
        (header(codec="deflate") + block(1, zlib.compress(b"\2")[2:-4] + b"x"), "bytes after a compressed block"),
        (header(codec="deflate") + block(1, zlib.compress(b"\2")[2:-5]), "is not whole"),
        (header(codec="bzip2") + block(1, bz2.compress(b"\2") + b"x"), "bytes after a compressed block"),
        (header(codec="xz") + block(1, lzma.compress(b"\2")[:-1]), "is not whole"),
        (b"Obj\x01\x00" + SYNC, "no avro.schema"),
        (b"Obj\x01\x02\x01", "is negative"),
        (b"Obj\x01" + write_long(2) + (counted(b"a") + counted(b"b")) * 2 + b"\0" + SYNC, "one name twice"),
        (b"Obj\x01\x02" + counted(b"\xff") + counted(b"") + b"\0" + SYNC, "not UTF-8"),
        (b"Obj\x01\x02" + write_long(2**40), "a header of more than"),
        (b"Obj\x01" + write_long(2**62) + counted(b"a") + counted(b"b"), "ends inside"),
    ],
)  # fmt: skip
def test_what_is_no_container_file_is_refused(file: bytes, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("cramjam", "compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    error = refused(file)
    assert says in error.reason
    assert isinstance(error, FramingError)


@pytest.mark.parametrize("text", ["", "{", '"strnig"', '{"type":"record","name":"R"}', "5", "\udcff"])
def test_a_schema_that_is_none_is_refused(text: str) -> None:
    file = b"Obj\x01\x02" + counted(b"avro.schema") + counted(text.encode("utf-8", "surrogateescape")) + b"\0" + SYNC
    with pytest.raises(SchemaSyntaxError, match=r"avro\.schema"):
        read(file)


def test_a_schema_beyond_the_limits_is_refused() -> None:
    tree = '{"type":"record","name":"T","fields":[{"name":"next","type":["null","T"]}]}'
    with pytest.raises(SchemaSyntaxError, match="no type inside itself"):
        read(header(tree))
    assert read(header(tree) + block(1, b"\2\0"), limits=Limits(recursion=True)) == [{"next": {"next": None}}]


def deflated(data: bytes) -> bytes:
    machine = zlib.compressobj(9, wbits=-15)
    return machine.compress(data) + machine.flush()


def test_a_bomb_is_refused_without_being_expanded() -> None:
    """Reliability 1.1: fastavro takes 2.07 GB for this megabyte."""
    machine = zlib.compressobj(9, wbits=-15)
    piece = machine.compress(bytes(1 << 20)) + machine.flush(zlib.Z_FULL_FLUSH)
    bomb = header(codec="deflate") + block(1 << 30, piece * 1024 + deflated(b""))
    assert len(bomb) < 1 << 21
    caps = Caps(expanded_bytes=1 << 22)
    tracemalloc.start()
    try:
        error = refused(bomb, caps=caps)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert error.reason == f"a block that expands to more than {1 << 22} bytes"
    assert peak < 4 * (1 << 22)


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_a_block_is_bounded_alone_and_all_of_them_together(codec: str) -> None:
    file = io.BytesIO()
    write_container(file, parse("string"), ["x" * 1000] * 10, codec=codec, block_bytes=1000)
    size = 1002
    assert len(read(file.getvalue(), caps=Caps(expanded_bytes=size, total_bytes=10 * size))) == 10
    assert "more than 1001 bytes" in refused(file.getvalue(), caps=Caps(expanded_bytes=size - 1)).reason
    reader = ContainerReader(io.BytesIO(file.getvalue()), caps=Caps(total_bytes=5 * size + 3))
    rows: list[Any] = []
    with pytest.raises(FramingError, match="more than 3 bytes"):
        rows.extend(iter(reader))


def test_a_header_is_bounded() -> None:
    assert "header of more than 100 bytes" in refused(header(more=bytes(200)), caps=Caps(metadata_bytes=100)).reason
    many = b"Obj\x01" + write_long(1 << 40) + b"".join(counted(b"%d" % i) + b"\0" for i in range(200))
    assert "header of more than 100 bytes" in refused(many, caps=Caps(metadata_bytes=100)).reason


def test_records_of_no_byte_are_bounded() -> None:
    """Five bytes that would be read for ever (AVRO-4241)."""
    assert len(read(header('"null"') + block(1000, b""))) == 1000
    assert "records that take no byte" in refused(header('"null"') + block(2**62, b"")).reason
    twice = header('"null"') + block(60_000, b"") * 2
    assert "more than 100000 records that take no byte" in refused(twice).reason


def test_records_and_their_items_are_bounded_however_well_they_are_compressed() -> None:
    """32 kB that were read for minutes."""
    bomb = header(codec="deflate") + block(1 << 25, deflated(bytes(1 << 25)))
    assert len(bomb) < 1 << 16
    assert refused(bomb).reason == "more than 10000000 records and items of arrays and maps in one file"
    rows = header() + block(10, bytes(10)) * 10
    assert len(read(rows, caps=Caps(items=100))) == 100
    assert "more than 99 records" in refused(rows, caps=Caps(items=99)).reason


def test_items_of_records_read_one_by_one_are_bounded_together() -> None:
    schema = '{"type":"array","items":"int"}'
    rows = header(schema) + block(5, (write_long(8) + bytes(9)) * 5)

    def one_by_one(caps: Caps) -> list[Any]:
        return list(ContainerReader(io.BytesIO(rows), decode=lambda source: decoder_for(source).decode, caps=caps))

    assert len(one_by_one(Caps(items=45))) == 5
    with pytest.raises(FramingError, match="more than 44 records and items"):
        one_by_one(Caps(items=44))


def test_a_datum_that_cannot_be_read_is_named_and_those_before_it_are_given() -> None:
    body = encoder_for(parse(PAIR)).encode
    rows = [body({"n": 1, "s": "a"}), body({"n": 2, "s": "b"}), b"\6\3x", body({"n": 4, "s": "d"})]
    given: list[Any] = []
    file = header(str(PAIR).replace("'", '"')) + block(1, rows[0]) + block(3, b"".join(rows[1:]))
    with pytest.raises(DecodeError) as caught:
        given.extend(ContainerReader(io.BytesIO(file)))
    assert [row["n"] for row in given] == [1, 2]
    assert caught.value.reason == "record 2: the length of a string is negative"
    assert caught.value.path == "$.s"
    assert file[caught.value.offset : caught.value.offset + 2] == b"\3x", "the position is the file's"


def test_a_position_inside_a_compressed_block_says_so() -> None:
    packed = deflated(b"\2\4\x80")
    error = refused(header(codec="deflate") + block(3, packed))
    assert (error.reason, error.offset) == ("record 2: the bytes end inside an int, in its expanded block", 3)


def test_each_record_has_limits_of_its_own() -> None:
    """More records, and more items, in one block than one datum may have."""
    many = [{"n": i % 7, "s": ""} for i in range(150_000)]
    file = io.BytesIO()
    write_container(file, parse(PAIR), many, block_bytes=1 << 24)
    assert read(file.getvalue()) == many
    lists = [list(range(40_000))] * 4
    file = io.BytesIO()
    write_container(file, parse({"type": "array", "items": "int"}), lists, block_bytes=1 << 24)
    assert read(file.getvalue()) == lists
    bomb = header('{"type":"array","items":"null"}') + block(1, write_long(10**8) + b"\0")
    assert "more than 100000 items" in refused(bomb, limits=Limits(empty_items=True)).reason


def test_records_beyond_the_count_are_not_taken_for_a_further_block_of_items() -> None:
    """A block is decoded as an array's; what follows its last record looks like one more item count and item."""
    assert "another number of records" in refused(header() + block(1, b"\2\2\4")).reason
    assert read(header() + block(3, b"\2\2\4")) == [1, 1, 2]


ONES = b"\2" * 40
HEADER_BYTES = len(header()) - len(b"Obj\x01\0") - len(SYNC)


@pytest.mark.parametrize(
    ("cap", "need", "file", "says"),
    [
        ("metadata_bytes", HEADER_BYTES, header() + block(1, b"\2"), "a header of more than"),
        ("block_bytes", 40, header() + block(40, ONES), "a block of more than"),
        ("expanded_bytes", 40, header() + block(40, ONES), "a block of more than"),
        *(
            ("expanded_bytes", 40, header(codec=codec) + block(40, compressor(codec)(ONES)), "expands to more than")
            for codec in ("deflate", "bzip2", "xz")
        ),
        ("total_bytes", 80, header() + block(40, ONES) * 2, "a block of more than 39 bytes"),
        ("items", 80, header() + block(40, ONES) * 2, "more than 79 records"),
        ("empty_records", 80, header('"null"') + block(40, b"") * 2, "that take no byte"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_cap_allows_what_it_says_and_not_one_more(cap: str, need: int, file: bytes, says: str) -> None:
    whole = read(file, caps=Caps(**{cap: need}))
    assert whole in ([1], [1] * 40, [1] * 80, [None] * 80)
    assert says in refused(file, caps=Caps(**{cap: need - 1})).reason


def test_snappy_is_read_where_its_library_is(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = b"\2\4"
    packed = b"\2" + raw[::-1]
    library = SimpleNamespace(snappy=SimpleNamespace(decompress_raw=lambda data: memoryview(data[:0:-1])))
    monkeypatch.setitem(sys.modules, "cramjam", library)
    good = packed + zlib.crc32(raw).to_bytes(4, "big")
    assert read(header(codec="snappy") + block(2, good)) == [1, 2]
    assert "checksum" in refused(header(codec="snappy") + block(2, packed + bytes(4))).reason
    huge = b"\xff\xff\xff\xff\x0f" + bytes(4)
    assert "expands to more than" in refused(header(codec="snappy") + block(2, huge)).reason
    monkeypatch.setitem(sys.modules, "cramjam", SimpleNamespace(snappy=SimpleNamespace(decompress_raw=struct.unpack)))
    assert "damaged" in refused(header(codec="snappy") + block(2, good)).reason


@pytest.mark.parametrize(("codec", "library"), [("snappy", "cramjam"), ("zstandard", "backports.zstd")])
def test_the_real_library_of_an_extra_reads_what_fastavro_wrote(codec: str, library: str) -> None:
    pytest.importorskip(library, reason=f"the extra {codec} is not installed")
    stream = io.BytesIO()
    fastavro.writer(stream, "long", [1, -1, 2**40], codec=codec)
    assert read(stream.getvalue()) == [1, -1, 2**40]


def test_each_extra_installs_what_the_refusal_asks_for() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]
    for codec in ("snappy", "zstandard"):
        (requirement,) = project["optional-dependencies"][codec]
        package = re.split(r"[<>=; ]", requirement)[0]
        with pytest.MonkeyPatch.context() as patch:
            for name in ("cramjam", "compression.zstd", "backports.zstd"):
                patch.setitem(sys.modules, name, None)
            assert refused(header(codec=codec)).reason.endswith(f"pip install {package}")


def test_zstandard_is_read_where_its_library_is(monkeypatch: pytest.MonkeyPatch) -> None:
    class Machine:
        eof, unused_data = True, b""

        def decompress(self, data: bytes, most: int) -> bytes:
            if data == b"bad":
                raise ValueError
            return data[::-1][:most]

    library = SimpleNamespace(ZstdDecompressor=Machine, ZstdError=ValueError)
    monkeypatch.setitem(sys.modules, "compression.zstd", None)
    monkeypatch.setitem(sys.modules, "backports.zstd", library)
    assert read(header(codec="zstandard") + block(2, b"\4\2")) == [1, 2]
    assert "damaged" in refused(header(codec="zstandard") + block(3, b"bad")).reason


def test_what_cannot_be_written_is_refused_in_advance() -> None:
    with pytest.raises(ConfigError, match="a codec of null, deflate, bzip2, xz"):
        write_container(io.BytesIO(), parse("int"), [1], codec="snappy")
    with pytest.raises(ConfigError, match="do not begin with avro"):
        write_container(io.BytesIO(), parse("int"), [1], metadata={"avro.x": b""})
    file = io.BytesIO()
    with pytest.raises(EncodeError):
        write_container(file, parse("int"), [1, 2, "x"], block_bytes=1)
    assert read(file.getvalue()) == [1, 2]


WHOLE = header(codec="deflate", by=b"us") + block(3, deflated(b"\2\4\6")) + block(1, deflated(b"\2"))


@settings(max_examples=500)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=3), st.booleans())
def test_a_mutated_file_gives_numbers_or_a_typed_error(at: int, change: bytes, insert: bool) -> None:
    mutant = WHOLE[:at] + change + WHOLE[at + (0 if insert else len(change)) :]
    try:
        rows = read(mutant)
    except (DecodeError, SchemaSyntaxError):
        return
    assert all(isinstance(row, int | str | bytes) or row is None for row in rows)


@given(st.binary(max_size=20))
def test_f10_any_bytes_are_no_container_file(payload: bytes) -> None:
    for file in (payload, b"Obj\x01" + payload):
        assert isinstance(refused(file), FramingError)
