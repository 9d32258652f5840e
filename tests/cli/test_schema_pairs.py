"""`avroad schema pairs`: every line gets its answer, in order, whatever it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from avroad.cli.main import run
from avroad.cli.schema_pairs import _none


def answers(tmp_path: Path, capsys: pytest.CaptureFixture[str], *lines: str) -> list[dict[str, Any]]:
    file = tmp_path / "pairs.jsonl"
    file.write_bytes(b"\n".join(line.encode("utf-8", "surrogateescape") for line in lines))
    assert run(["schema", "pairs", str(file)]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_schemas_as_values_as_text_and_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answers(
        tmp_path,
        capsys,
        '{"id": 1, "reader": "long", "writer": "int"}',
        '{"id": "b", "reader": {"type": "long"}, "writer": "{\\"type\\": \\"int\\"}"}',
        '{"id": null, "reader": "\\"int\\"", "writer": "string"}',
    )
    assert [(line["id"], line["compatible"]) for line in found] == [(1, True), ("b", True), (None, False)]
    finding = found[2]["findings"][0]
    assert (finding["type"], finding["path"]) == ("TYPE_MISMATCH", "/")
    assert finding["message"] == "reader type: INT not compatible with writer type: STRING"
    assert finding["rule"]
    assert finding["fix"]


def test_where_java_raises_there_is_no_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reader = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int", "aliases": ["b"]}]}
    writer = {"type": "record", "name": "R", "fields": [{"name": n, "type": "int"} for n in "ab"]}
    found = answers(tmp_path, capsys, json.dumps({"id": 1, "reader": reader, "writer": writer}))
    assert found[0]["compatible"] is None
    assert "matches several fields" in found[0]["error"]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("garbage", "not JSON"),
        ("[1]", "expected an object"),
        ('{"id": 1, "reader": "int"}', "expected an object"),
        ('{"id": 1, "reader": "strnig", "writer": "int"}', "did you mean"),
        ('{"id": 1, "reader": {"type": "record"}, "writer": "int"}', "name"),
        ('{"id": 1, "reader": null, "writer": "int"}', "reader"),
        ("[" * 100_000, "nested too deeply"),
        ("\udcff\udcfe", "not JSON"),
        (f'{{"id": 1, "reader": "int", "writer": {"9" * 5_000}}}', "at most 4000 digits"),
        ('{"id": 1, "reader": {"type": "enum", "name": "E", "symbols": ["\\ud800"]}, "writer": "int"}', ""),
    ],
)
def test_a_line_that_is_no_pair_has_an_answer_and_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, word: str
) -> None:
    found = answers(tmp_path, capsys, line, '{"id": 2, "reader": "int", "writer": "int"}')
    assert len(found) == 2
    assert word in (found[0]["error"] or "")
    assert found[1]["compatible"] is True


@pytest.mark.parametrize("command", ["schema", "codec"])
def test_a_blank_line_has_no_answer_and_help_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    file = tmp_path / "lines"
    file.write_text('\n{"id": 1}\n \t\f\r\n\n\u00a0\n{"id": 2}', "utf-8")
    assert run([command, "pairs", str(file)]) == 0
    ids = [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()]
    assert ids == [1, None, 2], "an incomplete line keeps its id, and a no-break space is no blank"
    run([command, "pairs", "--help"])
    assert "only a blank line gets none" in " ".join(capsys.readouterr().out.split())


def test_an_id_that_json_cannot_hold_is_null(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in ("NaN", "1e999", '{"a": [-Infinity]}'):
        found = answers(tmp_path, capsys, f'{{"id": {number}, "reader": "int", "writer": "int"}}')
        assert found[0]["id"] is None
        assert found[0]["compatible"] is True


def test_a_missing_file_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "pairs", "nowhere.jsonl"]) == 64
    assert "nowhere.jsonl" in capsys.readouterr().err


def test_help_names_every_key_of_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    run(["schema", "pairs", "--help"])
    said = capsys.readouterr().out
    assert all(f'"{key}"' in said for key in _none(None, ""))
