"""`avroad codec`: what a user types, and exactly what comes back."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fastavro
import pytest

from avroad.cli.context import Context
from avroad.cli.main import run
from avroad.codec import frame
from avroad.codec.runtime import write_long
from avroad.errors import ExitCode
from avroad.registry import MemoryRegistry
from avroad.schema import parse
from avroad.wire.frames import frame_of
from avroad.wire.single_object import single_object_prefix

ROOT = Path(__file__).resolve().parents[2]
PLACE: Any = {"type": "record", "name": "road.Place", "fields": [
    {"name": "name", "type": "string"}, {"name": "lat", "type": ["null", "double"], "default": None},
]}  # fmt: skip
JAM: Any = {"type": "record", "name": "road.Jam", "fields": [
    {"name": "id", "type": "string"},
    {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    {"name": "kind", "type": {"type": "enum", "name": "road.Kind", "symbols": ["SLOW", "STOPPED"]}},
    {"name": "lanes", "type": {"type": "array", "items": "int"}},
    {"name": "place", "type": "road.Place"},
]}  # fmt: skip
INLINE: Any = {**JAM, "fields": [*JAM["fields"][:-1], {"name": "place", "type": PLACE}]}
TOPIC = """\
topic: road.jams
description: Jams.
owner: team-roads
values: [road.Jam]
key: string
key_from: id
time_from: at
compatibility: BACKWARD
partitions: 1
"""
BODY = bytes.fromhex("046a31" + "02" + "02" + "04020400" + "06413139" + "02000000000000f03f")
JSON = """\
{
  "id": "j1",
  "at": "1970-01-01T00:00:00.001000Z",
  "kind": "STOPPED",
  "lanes": [
    1,
    2
  ],
  "place": {
    "name": "A19",
    "lat": 1.0
  }
}
"""
DUMP = """\
offset  bytes                    field, type, value
     0  00                       registry frame
     1  00 00 00 01              schema id 1
     5  04                       $.id  string, 2 bytes
     6  6a 31                    $.id  "j1"
     8  02                       $.at  long, timestamp-millis
                                   1970-01-01T00:00:00.001000Z
     9  02                       $.kind  enum road.Kind, symbol 1  "STOPPED"
    10  04                       $.lanes  array, block of 2 items
    11  02                       $.lanes[0]  int  1
    12  04                       $.lanes[1]  int  2
    13  00                       $.lanes  end of array
    14  06                       $.place.name  string, 3 bytes
    15  41 31 39                 $.place.name  "A19"
    18  02                       $.place.lat  union, branch 1: double
    19  00 00 00 00 00 00 f0 3f  $.place.lat  double  1.0
27 bytes, read to the end
"""


@dataclass
class World:
    """A project with two types, a registry that has the jam under id 1, and a way to run commands in it."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch
    registry: MemoryRegistry

    def run(self, *arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        self.patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        code = run(["codec", *arguments])
        output = self.capture.readouterr()
        return code, output.out, output.err

    def file(self, name: str, content: bytes | Any) -> str:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        (self.folder / name).write_bytes(data)
        return name


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> World:
    for folder in ("schemas", "admin/topics"):
        (tmp_path / folder).mkdir(parents=True)
    for node in (PLACE, JAM):
        (tmp_path / "schemas" / f"{node['name']}.avsc").write_text(json.dumps(node))
    (tmp_path / "admin" / "topics" / "road.jams.yaml").write_text(TOPIC)
    registry = MemoryRegistry()
    registry.register("jams", json.dumps(INLINE))
    monkeypatch.setattr(Context, "project", lambda _self: SimpleNamespace(registry=lambda: registry))
    monkeypatch.chdir(tmp_path)
    return World(tmp_path, capsys, monkeypatch, registry)


def test_a_framed_record_is_decoded_through_the_registry(world: World) -> None:
    payload = frame(1, BODY)
    assert world.run("decode", world.file("record.bin", payload)) == (0, JSON, "")
    assert world.run("decode", stdin=payload) == (0, JSON, "")
    assert world.run("decode", "-", stdin=payload) == (0, JSON, "")
    assert world.run("decode", "--hex", payload.hex(" ")) == (0, JSON, "")
    assert world.run("decode", "--hex", "-", stdin=f" {payload.hex()}\n".encode()) == (0, JSON, "")


def test_a_bare_body_is_decoded_with_the_schema_that_is_named(world: World) -> None:
    assert world.run("decode", "--id", "1", stdin=BODY) == (0, JSON, "")
    assert world.run("decode", "--guid", str(world.registry.guid_of(1)), stdin=BODY) == (0, JSON, "")
    assert world.run("decode", "--writer", "road.Jam", stdin=BODY) == (0, JSON, "")
    assert world.run("decode", "--writer", world.file("jam.avsc", INLINE), stdin=BODY) == (0, JSON, "")
    assert world.run("decode", "--writer", "schemas/road.Jam.avsc", stdin=BODY) == (0, JSON, "")


def test_other_frames(world: World) -> None:
    guid = world.registry.guid_of(1)
    assert world.run("decode", "--form", "guid", stdin=frame_of(guid) + BODY) == (0, JSON, "")
    assert world.run("decode", "--form", "guid", stdin=frame(1, BODY)) == (0, JSON, "")
    code, out, err = world.run("decode", stdin=frame_of(guid) + BODY)
    assert (code, out) == (3, "")
    assert "GUID (magic byte 1), which is not enabled" in err
    single = single_object_prefix(parse(INLINE)) + BODY
    assert world.run("decode", stdin=single) == (0, JSON, "")
    assert world.run("decode", "--form", "single", "--writer", "road.Jam", stdin=single) == (0, JSON, "")
    code, _, err = world.run("decode", "--form", "single", "--writer", "road.Place", stdin=single)
    assert code == 3
    assert "no schema with the fingerprint" in err


def test_the_frame_is_passed_over_when_the_schema_is_named(world: World) -> None:
    assert world.run("decode", "--writer", "road.Jam", "--form", "id", stdin=frame(99, BODY)) == (0, JSON, "")
    code, out, err = world.run("decode", "--id", "1", "--form", "id", stdin=frame(99, BODY))
    assert (code, out) == (0, JSON)
    assert err == "note: the frame names schema id 99, read with 1 as asked\n"


def test_the_reader_s_view_and_avro_s_json(world: World) -> None:
    reader = {"type": "record", "name": "road.Jam", "fields": [
        {"name": "lanes", "type": {"type": "array", "items": ["null", "long"]}},
        {"name": "note", "type": ["null", "string"], "default": None},
    ]}  # fmt: skip
    reader_file = world.file("reader.avsc", reader)
    code, out, _ = world.run("decode", "--id", "1", "--reader", reader_file, "--avro-json", stdin=BODY)
    assert code == 0
    assert json.loads(out) == {"lanes": [{"long": 1}, {"long": 2}], "note": None}
    assert '"note": null' in out
    code, _, err = world.run("decode", "--id", "1", "--reader", "road.Place", stdin=BODY)
    assert code == 3
    assert "cannot be read" in err


@pytest.mark.parametrize("avro", [(), ("--avro-json",)])
def test_what_decode_prints_encode_takes(world: World, avro: tuple[str, ...]) -> None:
    _, text, _ = world.run("decode", "--id", "1", *avro, stdin=BODY)
    assert world.run("encode", "--id", "1", *avro, stdin=text.encode()) == (0, frame(1, BODY).hex() + "\n", "")
    assert world.run("encode", "--writer", "road.Jam", *avro, stdin=text.encode()) == (0, BODY.hex() + "\n", "")
    assert world.run("encode", "--id", "1", "--form", "bare", *avro, stdin=text.encode())[1] == BODY.hex() + "\n"
    code, out, _ = world.run("encode", "--writer", "road.Jam", "--form", "single", *avro, stdin=text.encode())
    assert (code, out) == (0, (single_object_prefix(parse(INLINE)) + BODY).hex() + "\n")
    file = world.file("event.json", text.encode())
    assert world.run("encode", file, "--id", "1", *avro, "--out", "record.bin") == (0, "", "")
    assert (world.folder / "record.bin").read_bytes() == frame(1, BODY)


def test_bytes_go_through_pipes_when_asked_for(world: World) -> None:
    program = [sys.executable, "-m", "avroad", "codec"]
    where = ["--root", str(world.folder), "--writer", "road.Jam"]
    made = subprocess.run(
        [*program, "encode", *where, "--out", "-"], input=JSON.encode(), capture_output=True, check=True
    )
    assert made.stdout == BODY
    read = subprocess.run([*program, "decode", *where], input=made.stdout, capture_output=True, check=True)
    assert read.stdout == JSON.encode()
    container = [*where, "--form", "container", "--out", "-"]
    line = json.dumps(json.loads(JSON)).encode()
    made = subprocess.run([*program, "encode", *container], input=line, capture_output=True, check=True)
    assert len(list(fastavro.reader(io.BytesIO(made.stdout)))) == 1


def test_container_files_both_ways(world: World) -> None:
    rows = [{"name": f"p{i}", "lat": None if i % 2 else i / 4} for i in range(500)]
    lines = "\n\n".join(json.dumps(row) for row in rows)
    where = ("--writer", "road.Place", "--form", "container", "--out", "places.avro")
    assert world.run("encode", *where, stdin=lines.encode()) == (0, "", "500 records\n")
    with (world.folder / "places.avro").open("rb") as file:
        assert list(fastavro.reader(file)) == rows
    code, out, _ = world.run("decode", "places.avro")
    assert code == 0
    assert [json.loads(line) for line in out.splitlines()] == rows
    data = (world.folder / "places.avro").read_bytes()
    assert world.run("decode", "--avro-json", stdin=data)[1].splitlines()[2] == '{"name":"p2","lat":{"double":0.5}}'
    narrow = world.file("n.avsc", {"type": "record", "name": "Place", "fields": [{"name": "name", "type": "string"}]})
    assert (
        world.run("decode", "--form", "container", "--reader", narrow, stdin=data)[1].splitlines()[0] == '{"name":"p0"}'
    )
    code, out, err = world.run("decode", stdin=data[:-3])
    assert code == 3
    assert "the file ends inside the mark after a block" in err


def test_a_container_file_is_inspected_up_to_its_first_error(world: World) -> None:
    where = ("--writer", "road.Place", "--form", "container", "--out", "places.avro")
    assert world.run("encode", *where, stdin=b'{"name": "a", "lat": null}\n{"name": "b", "lat": 0.5}')[0] == 0
    code, out, _ = world.run("inspect", "places.avro")
    assert code == 0
    assert "block 0  records 2, bytes " in out
    assert out.splitlines()[-1] == "read to the end"
    assert all(len(line) <= 80 for line in out.splitlines())
    code, out, _ = world.run("inspect", "places.avro", "--full", "--output", "json")
    documents = [json.loads(line) for line in out.splitlines()]
    assert [item["dump"]["error"] for item in documents if item["kind"] == "record"] == [None, None]
    data = (world.folder / "places.avro").read_bytes()
    code, out, err = world.run("inspect", stdin=data[:-3])
    assert (code, err) == (3, "")
    assert "wrong:  the file ends inside the mark after a block" in out
    code, out, _ = world.run("inspect", "--output", "json", stdin=data[:-3])
    assert json.loads(out.splitlines()[-1])["error"]["offset"] == len(data) - 16


def test_the_cap_of_a_container_file_can_be_moved(world: World) -> None:
    where = ("--writer", "road.Place", "--form", "container", "--out", "places.avro")
    assert world.run("encode", *where, stdin=b'{"name": "a", "lat": null}\n' * 3)[0] == 0
    for command in ("decode", "inspect"):
        assert world.run(command, "places.avro", "--max-items", "3")[0] == 0
        code, out, err = world.run(command, "places.avro", "--max-items", "2")
        assert code == 3
        assert "more than 2 records and items" in out + err
        assert "--max-items N" in out + err


def test_a_container_that_cannot_be_written_leaves_nothing_behind(world: World) -> None:
    (world.folder / "places.avro").write_bytes(b"old")
    where = ("--writer", "road.Place", "--form", "container", "--out", "places.avro")
    code, _, err = world.run("encode", *where, stdin=b'{"name": "a", "lat": null}\n{"name": 1}\n')
    assert code == 3
    assert err == "error: line 2: expected string, found a number - at $.name\n"
    assert (world.folder / "places.avro").read_bytes() == b"old"
    assert sorted(path.name for path in world.folder.iterdir()) == ["admin", "places.avro", "schemas"]


def test_a_container_is_written_to_what_out_is_and_replaces_regular_files_alone(world: World) -> None:
    row = {"name": "a", "lat": None}

    def made(out: str) -> tuple[int, str, str]:
        where = ("--writer", "road.Place", "--form", "container", "--out", out)
        return world.run("encode", *where, stdin=json.dumps(row).encode())

    os.mkfifo("pipe")
    reading = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert made("pipe") == (0, "", "1 record\n")
        assert list(fastavro.reader(io.BytesIO(os.read(reading, 1 << 16)))) == [row]
    finally:
        os.close(reading)
    assert Path("pipe").is_fifo()
    world.file("kept.avro", b"old")
    Path("kept.avro").chmod(0o600)
    Path("there").mkdir()
    for link, target in (("link", "kept.avro"), ("new", "there/new.avro")):
        Path(link).symlink_to(target)
        assert made(link)[0] == 0
        assert str(Path(link).readlink()) == target
        assert list(fastavro.reader(io.BytesIO((world.folder / target).read_bytes()))) == [row]
    assert stat.S_IMODE(Path("kept.avro").stat().st_mode) == 0o600
    Path("full").symlink_to("/dev/full")
    code, _, err = made("full")
    assert (code, "No space left on device" in err) == (1, True)
    assert str(Path("full").readlink()) == "/dev/full"


def test_inspect_shows_everything_of_a_good_record(world: World) -> None:
    assert world.run("inspect", stdin=frame(1, BODY)) == (0, DUMP, "")


def test_inspect_ends_at_the_first_wrong_byte_of_a_poison_record(world: World) -> None:
    code, out, err = world.run("inspect", stdin=frame(1, BODY.replace(b"A19", b"A\xff9"))[:-2])
    assert (code, err) == (3, "")
    assert (
        out
        == DUMP[: DUMP.index("    15")]
        + """\
    15  41 ff 39                 $.place.name  string  <- here

wrong:  a string is not UTF-8
where:  byte 16, $.place.name
bytes:  9 of 25 from there on
    16  ff 39 02 00 00 00 00 00 00                       .9.......
"""
    )


def test_inspect_of_a_frame_that_is_none(world: World) -> None:
    """The poison of the demonstration: an id that no registry gives out."""
    expected = """\
offset  bytes                    field, type, value

wrong:  the schema id is negative
where:  byte 1, $
bytes:  5 of 6 from there on
     1  ff ff ff ff 7f                                   .....
note:   A bare body? Say who wrote it: --id, --guid or --writer.
"""
    assert world.run("inspect", "--hex", "00ffffffff7f") == (3, expected, "")
    code, out, _ = world.run("inspect", stdin=b"")
    assert code == 3
    assert "bytes:  0 of 0 from there on" in out


def test_inspect_as_json(world: World) -> None:
    code, out, _ = world.run("inspect", "--output", "json", stdin=frame(1, BODY[:-2]))
    assert code == 3
    found = json.loads(out)
    assert found["size"] == 25
    assert found["items"][2] == {
        "offset": 5, "size": 1, "hex": "04", "path": "$.id", "what": "string, 2 bytes", "value": "",
    }  # fmt: skip
    assert found["error"] == {"reason": "a double of 8 bytes, but 6 are left", "offset": 19, "path": "$.place.lat"}
    assert found["wrong"]["what"] == "double"
    assert not found["cut"]


def test_inspect_judges_as_the_reader_does_and_helps_with_a_forgotten_frame(world: World) -> None:
    fewer = {"type": "record", "name": "road.Jam", "fields": [
        {"name": "kind", "type": {"type": "enum", "name": "road.Kind", "symbols": ["SLOW"]}},
    ]}  # fmt: skip
    code, out, _ = world.run("inspect", "--reader", world.file("r.avsc", fewer), stdin=frame(1, BODY))
    assert code == 3
    assert '$.kind enum road.Kind, symbol 1 "STOPPED" <- here' in " ".join(out.split())
    assert "wrong:  the reader has no symbol STOPPED and no default symbol" in out
    code, out, _ = world.run("inspect", "--id", "1", stdin=frame(1, BODY))
    assert code == 3
    assert out.splitlines()[-1] == "note:   A registry frame (schema id 1) begins like this: try --form id."
    code, _, err = world.run("decode", "--id", "1", stdin=frame(1, BODY))
    assert code == 3
    assert "try --form id." in err


def test_inspect_is_plain_text_of_80_columns(world: World) -> None:
    world.patch.setenv("FORCE_COLOR", "1")
    node = {"type": "record", "name": "r." + "N" * 60, "fields": [
        {"name": "f" * 50, "type": {"type": "fixed", "name": "F" * 70, "size": 3}}, {"name": "s", "type": "string"},
    ]}  # fmt: skip
    text = "\x1b]0;owned\x07\x9b2J".encode() + b"x" * 300
    size = write_long(len(text))
    code, out, _ = world.run("inspect", "--writer", world.file("n.avsc", node), stdin=b"abc" + size + text)
    assert code == 0
    assert all(len(line) <= 80 for line in out.splitlines())
    assert all(line.isprintable() for line in out.splitlines())


def test_decode_prints_nothing_a_terminal_obeys(world: World) -> None:
    text = "\x1b[2J\x9b\u202e\x7f".encode()
    code, out, _ = world.run("decode", "--writer", world.file("s.avsc", "string"), stdin=bytes([2 * len(text)]) + text)
    assert code == 0
    assert out == '"\\u001b[2J\\u009b\\u202e\\u007f"\n'


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "says"),
    [
        (["decode"], b"", ExitCode.CONTRACT, "at least 5 bytes, byte 0"),
        (["decode"], b"{}{}{}", ExitCode.CONTRACT, "A bare body? Say who wrote it"),
        (["decode"], b"\0\0\0\0\x09", ExitCode.FAILURE, "Schema 9 not found"),
        (["decode", "--id", "9"], b"", ExitCode.FAILURE, "Schema 9 not found"),
        (["decode", "--guid", "zz"], b"", ExitCode.USAGE, "a UUID in its 36-character form"),
        (["decode", "--form", "bare"], b"\2", ExitCode.USAGE, "one of"),
        (["decode", "--id", "1", "--writer", "road.Jam"], b"", ExitCode.USAGE, "found --id and --writer"),
        (["decode", "--writer", "road.Jams"], b"", ExitCode.USAGE, "found road.Jams. Did you mean"),
        (["decode", "--hex", "0g"], b"", ExitCode.USAGE, "pairs of hexadecimal digits"),
        (["decode", "--hex", "00", "x.bin"], b"", ExitCode.USAGE, "FILE or --hex, found both"),
        (["decode", "nowhere.bin"], b"", ExitCode.USAGE, "expected a file, found no such file"),
        (["decode", "--id", "1"], b"\2", ExitCode.CONTRACT, "To see where: avroad codec inspect"),
        (["decode", "--id", "-1"], b"", ExitCode.USAGE, "0<=x<=2147483647"),
        (["decode", "--form", "frame"], b"", ExitCode.USAGE, "Invalid value for '--form'"),
        (["encode"], b"{}", ExitCode.USAGE, "nothing says what to write"),
        (["encode", "--id", "1"], b"{", ExitCode.CONTRACT, "not JSON"),
        (["encode", "--id", "1"], b"{}", ExitCode.CONTRACT, "a value for every field"),
        (["encode", "--writer", "road.Jam", "--form", "id"], b"{}", ExitCode.USAGE, "--id N with the form id"),
        (["encode", "--id", "1", "--form", "container"], b"{}", ExitCode.USAGE, "--out FILE"),
        (["encode", "--id", "1", "--form", "guid"], b"{}", ExitCode.USAGE, "Invalid value"),
        (["pairs", "nowhere.jsonl"], b"", ExitCode.USAGE, "no such file"),
    ],
)  # fmt: skip
def test_mistakes_are_answered(world: World, arguments: list[str], stdin: bytes, code: ExitCode, says: str) -> None:
    found, out, err = world.run(*arguments, stdin=stdin)
    assert (found, out) == (code, "")
    assert says in err
    assert "Traceback" not in err


def test_json_that_does_not_fit_is_a_mistake_of_the_data(world: World) -> None:
    code, _, err = world.run("encode", "--id", "1", stdin=JSON.replace("STOPPED", "STOPED").encode())
    assert code == 3
    assert err == 'error: expected a symbol of road.Kind, found another string - at $.kind. Did you mean "STOPPED"?\n'


def test_a_schema_file_that_is_none_is_named(world: World) -> None:
    code, _, err = world.run("decode", "--writer", world.file("bad.avsc", {"type": "strnig"}), stdin=b"")
    assert code == 3
    assert 'bad.avsc $.type: expected a type name, found "strnig": did you mean "string"?' in err


def test_outside_a_project_files_are_enough(world: World, tmp_path_factory: pytest.TempPathFactory) -> None:
    world.patch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert world.run("decode", "--writer", str(world.folder / world.file("jam.avsc", INLINE)), stdin=BODY) == (
        0,
        JSON,
        "",
    )
    code, _, err = world.run("decode", "--writer", "road.Jam", stdin=BODY)
    assert code == 64
    assert "an .avsc file" in err
    assert "not an avroad project" in err
    assert "--root DIR" in err


def test_a_payload_beyond_any_record_is_refused_not_read(world: World) -> None:
    from avroad.cli import codec_input

    world.patch.setattr(codec_input, "_MAX_BYTES", 10)
    code, _, err = world.run("decode", "--id", "1", stdin=BODY)
    assert code == 64
    assert "at most 10 bytes" in err


def test_a_terminal_is_nothing_to_read_from(world: World) -> None:
    world.patch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    assert run(["codec", "decode"]) == ExitCode.USAGE
    assert "FILE, --hex or a pipe, found a terminal" in world.capture.readouterr().err


def test_pairs_answers_each_line_in_order(world: World) -> None:
    lines = [
        {"id": 1, "writer": "int", "reader": "long", "hex": "0a"},
        {"id": 2, "writer": "int", "reader": "int", "hex": "0aff"},
        {"id": 3, "writer": {"type": "int", "logicalType": "date"}, "reader": "int", "hex": "0a"},
    ]
    text = "\n".join(map(json.dumps, lines)) + "\nnonsense\n"
    expected = (
        '{"id":1,"hex":"0a","json":5,"error":null}\n'
        '{"id":2,"hex":null,"json":null,"error":{"reason":"1 byte after the datum","offset":1,"path":"$"}}\n'
        '{"id":3,"hex":"0a","json":5,"error":null}\n'
        '{"id":null,"hex":null,"json":null,"error":{"reason":"the line is not JSON","offset":null,"path":""}}\n'
    )
    for arguments in ((), ("--raw",), ("-",), (world.file("cases.jsonl", text.encode()),)):
        assert world.run("pairs", *arguments, stdin=text.encode()) == (0, expected, "")
    assert world.run("pairs", stdin=b"\xff\n")[1].startswith('{"id":null')


def test_help_says_what_the_forms_are(world: World) -> None:
    code, out, _ = world.run("--help")
    assert code == 0
    for form in ("bare", "id", "guid", "single", "container"):
        assert f"  {form:<9}" in out
    assert all(len(line) <= 80 for line in out.splitlines())


@pytest.mark.skipif(os.name == "nt", reason="the examples are for a POSIX shell")
def test_the_examples_of_the_help_run_as_typed_in_this_project(world: World) -> None:
    for name in ("schemas", "admin"):
        (world.folder / "project").mkdir(exist_ok=True)
        (world.folder / "project" / name).symlink_to(ROOT / name)
    lines = []
    for command in ((), ("decode",), ("encode",), ("inspect",), ("pairs",)):
        _, help_text, _ = world.run(*command, "--help")
        assert all(len(line) <= 80 for line in help_text.splitlines())
        _, _, examples = help_text.partition("\n  Examples")
        lines += examples.split("\n\n")[0].splitlines()[1:]
    assert len(lines) > 20
    (world.folder / "bin").mkdir()
    (world.folder / "bin" / "avroad").write_text(f'#!/bin/sh\nexec {sys.executable} -m avroad "$@"\n')
    (world.folder / "bin" / "avroad").chmod(0o755)
    environment = {**os.environ, "PATH": f"{world.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-euc", "\n".join(lines)], cwd=world.folder / "project", env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "1 record\n" * 2)


def test_inspect_shows_all_bytes_when_asked_and_breaks_lines_between_words(world: World) -> None:
    text = b"x" * 300
    payload = write_long(len(text)) + text
    writer = world.file("s.avsc", "string")
    _, short, _ = world.run("inspect", "--writer", writer, stdin=payload)
    assert "... 276 more" in short
    _, whole, _ = world.run("inspect", "--writer", writer, "--full", stdin=payload)
    assert whole.count("78") >= len(text)
    assert " more" not in whole
    _, document, _ = world.run("inspect", "--writer", writer, "--full", "--output", "json", stdin=payload)
    assert json.loads(document)["items"][1]["hex"] == text.hex()
    code, broken, _ = world.run("inspect", "--writer", writer, "--full", stdin=payload + text)
    assert code == 3
    assert broken.count("78") >= 2 * len(text)
    words = b"nobody " * 20
    _, out, _ = world.run("inspect", "--writer", writer, stdin=write_long(len(words)) + words)
    assert out.count("nobody") == 20


def test_ten_thousand_pairs_in_one_process_and_none_of_them_ends_it(world: World) -> None:
    deep = {"type": "record", "name": "N", "fields": [{"name": "n", "type": ["null", "N"]}]}
    hostile = [
        "[" * 5_000,
        json.dumps({"writer": deep, "reader": deep, "hex": "02" * 5_000}),
        json.dumps({"writer": {"type": "array", "items": "null"}, "reader": "int", "hex": "00"}),
        json.dumps({"writer": {"type": "array", "items": "null"}, "reader": {"type": "array", "items": "null"},
                    "hex": "feffffffffffffffff01"}),
        json.dumps({"writer": "bytes", "reader": "bytes", "hex": "feffffffffffffffff01"}),
        "\x00",
    ]  # fmt: skip
    good = [json.dumps({"id": i, "writer": INLINE, "reader": INLINE, "hex": BODY.hex()}) for i in range(4)]
    lines = [hostile[i % len(hostile)] if i % 5 == 0 else good[i % 4] for i in range(10_000)]
    code, out, err = world.run("pairs", stdin="\n".join(lines).encode())
    assert (code, err) == (0, "")
    found = [json.loads(line) for line in out.splitlines()]
    assert len(found) == 10_000
    assert all((item["error"] is None) == bool(i % 5) for i, item in enumerate(found))
    assert all(item["hex"] == BODY.hex() for i, item in enumerate(found) if i % 5)


def test_pairs_answers_before_the_next_case_comes() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "avroad", "codec", "pairs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps({"id": number, "writer": "int", "reader": "int", "hex": "0a"}) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def test_padded_numbers_are_decoded_only_when_asked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    schema = tmp_path / "s.avsc"
    schema.write_text('"long"', "utf-8")
    arguments = ["codec", "decode", "--writer", str(schema), "--hex", "828000"]
    assert run(arguments) == ExitCode.CONTRACT
    assert "shorter form" in capsys.readouterr().err
    assert run([*arguments, "--accept", "overlong-varint"]) == ExitCode.OK
    assert capsys.readouterr().out == "1\n"
    assert run([*arguments, "--accept", "trailing-bytes"]) == ExitCode.USAGE
    assert "overlong-varint" in capsys.readouterr().err
    archive = tmp_path / "a.avro"
    with archive.open("wb") as stream:
        fastavro.writer(stream, "long", [1])
    assert run(["codec", "decode", str(archive), "--accept", "overlong-varint"]) == ExitCode.USAGE
    assert "container files are read strictly" in capsys.readouterr().err
