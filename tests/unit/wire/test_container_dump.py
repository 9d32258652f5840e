"""A look inside a container file: everything has its place, and the first thing that is wrong ends the look."""

from __future__ import annotations

import io
import json
from itertools import pairwise
from typing import Any

import fastavro
import pytest

from avroad.errors import FramingError, IncompatibleSchema
from avroad.schema import parse
from avroad.wire.container import Caps
from avroad.wire.container_dump import Part, container_parts, part_document, part_lines
from tests.unit.wire.test_container import PAIR, SYNC, block, header

TEXT = json.dumps(PAIR)


def parts_of(file: bytes, *arguments: Any, **more: Any) -> list[Part]:
    return list(container_parts(io.BytesIO(file), *arguments, **more))


def kinds(parts: list[Part]) -> str:
    return " ".join(part.kind for part in parts)


def test_every_byte_of_an_uncompressed_file_has_one_place() -> None:
    file = header(TEXT) + block(2, b"\2\2a\4\4bb") + block(1, b"\6\0")
    parts = parts_of(file)
    assert kinds(parts) == "mark header header sync block record record sync block record sync"
    outer = [part for part in parts if part.kind != "record"]
    starts = [0, 5, *(part.offset + part.size for part in outer[1:2]), len(header(TEXT)) - len(SYNC)]
    assert [part.offset for part in outer[:4]] == starts
    # Behind the first header comes the number of entries, behind the last one the end of the map: a byte each.
    assert [after.offset - before.offset - before.size for before, after in pairwise(outer)] == [1, 0, 1, 0, 0, 0, 0]
    assert outer[-1].offset + outer[-1].size == len(file)
    records = [part for part in parts if part.kind == "record"]
    assert [file[part.offset : part.offset + part.size] for part in records] == [b"\2\2a", b"\4\4bb", b"\6\0"]
    assert [part.text for part in records] == ["record 0", "record 1", "record 2"]


def test_records_of_a_compressed_block_are_placed_in_what_it_expands_to() -> None:
    file = io.BytesIO()
    fastavro.writer(file, fastavro.parse_schema(PAIR), [{"n": 1, "s": "a"}, {"n": 2, "s": "bb"}], codec="deflate")
    parts = parts_of(file.getvalue())
    records = [part for part in parts if part.kind == "record"]
    assert [(part.expanded, part.offset, part.size) for part in records] == [(True, 0, 3), (True, 3, 4)]
    assert [line.split()[0] for part in records for line in part_lines(part)] == ["+0", "+3"]


def test_the_first_wrong_record_ends_the_look_with_its_bytes() -> None:
    file = header(TEXT) + block(3, b"\2\2a" + b"\4\6\xff\xff\xff" + b"\6\0") + block(1, b"\6\0")
    *before, last = parts_of(file)
    assert kinds(before) == "mark header header sync block record"
    assert last.text == "record 1"
    assert file[last.offset :].startswith(b"\4\6\xff")
    assert last.dump is not None
    assert last.dump.error is not None
    assert (last.dump.error.path, last.dump.error.offset) == ("$.s", 2)
    lines = "\n".join(part_lines(last))
    assert "<- here" in lines
    assert "where:  byte 2, $.s" in lines


def test_a_record_is_wrong_when_the_reader_wanted_cannot_take_it() -> None:
    writer: Any = {"type": "record", "name": "t.P", "fields": [{"name": "n", "type": ["int", "string"]}]}
    reader: Any = {"type": "record", "name": "t.P", "fields": [{"name": "n", "type": "int"}]}
    file = header(json.dumps(writer)) + block(2, b"\0\2" + b"\2\2a")
    assert kinds(parts_of(file)) == "mark header header sync block record record sync"
    *_, last = parts_of(file, parse(reader))
    assert last.text == "record 1"
    assert last.dump is not None
    assert last.dump.error is not None
    with pytest.raises(IncompatibleSchema):
        parts_of(file, parse("string"))


def test_all_records_are_dumped_when_all_is_wanted() -> None:
    dumps = [part.dump for part in parts_of(header(TEXT) + block(2, b"\2\2a\4\4bb"), full=True) if part.dump]
    assert [[item.path for item in dump.items if item.value] for dump in dumps] == [["$.n", "$.s"]] * 2
    assert [dump.error for dump in dumps] == [None, None]


@pytest.mark.parametrize(
    ("file", "seen", "reason"),
    [
        (b"Obj\2", "", "no container file"),
        (header(TEXT)[:-1], "", "the file ends inside the file's mark"),
        (header(TEXT) + b"\2", "mark header header sync", "the file ends inside the size of a block"),
        (header() + block(1, b"\2", sync=bytes(16)), "mark header header sync", "does not end with the file's mark"),
        (header() + block(1, b"\2\4"), "mark header header sync block record", "another number of records"),
    ],
    ids=["mark", "header", "size", "sync", "count"],
)
def test_a_file_that_is_wrong_is_shown_up_to_there(file: bytes, seen: str, reason: str) -> None:
    shown: list[Part] = []
    with pytest.raises(FramingError, match=reason):
        shown.extend(container_parts(io.BytesIO(file)))  # keeps what came before the error
    assert kinds(shown) == seen


def test_the_caps_hold_and_name_the_way_out() -> None:
    file = header() + block(3, b"\2\4\6")
    assert kinds(parts_of(file, caps=Caps(items=6))).count("record") == 3
    with pytest.raises(FramingError, match="more than 2 records") as caught:
        parts_of(file, caps=Caps(items=2))
    assert "--max-items N" in caught.value.hint


def test_lines_are_never_wider_than_80_columns_and_cannot_steer_a_terminal() -> None:
    more: Any = {"k" * 200: b"\x1b[2J" * 100}
    file = header(TEXT, **more) + block(1, b"\2\2a")
    lines = [line for part in parts_of(file, full=True) for line in part_lines(part)]
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in "".join(lines)
    json.dumps([part_document(part) for part in parts_of(file, full=True)])
