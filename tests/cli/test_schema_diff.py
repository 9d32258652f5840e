"""`avroad schema diff`: files and types, text and JSON, and what is no schema."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from avroad.cli.main import run
from avroad.errors import ExitCode

ROOT = Path(__file__).resolve().parents[2]


def diff(*arguments: str) -> int:
    return run(["schema", "diff", "--root", str(ROOT), *arguments])


def test_a_file_with_references_against_its_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    value = json.loads((ROOT / "schemas" / "traffic.Accident.avsc").read_text("utf-8"))
    removed = value["fields"].pop()["name"]
    file = tmp_path / "new.avsc"
    file.write_text(json.dumps(value), "utf-8")
    assert diff("traffic.Accident", str(file)) == ExitCode.OK
    said = capsys.readouterr()
    assert f" $.{removed}\n" in said.out
    assert max(map(len, said.out.splitlines())) <= 80
    assert diff("traffic.Accident", str(file), "--output", "json") == ExitCode.OK
    assert [change["path"] for change in json.loads(capsys.readouterr().out)["changes"]] == [f"$.{removed}"]


def test_layout_is_no_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new.avsc"
    file.write_text(json.dumps(json.loads((ROOT / "schemas" / "traffic.Source.avsc").read_text("utf-8"))), "utf-8")
    assert diff("traffic.Source", str(file)) == ExitCode.OK
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "no change\n")


@pytest.mark.parametrize(
    ("given", "code", "word"),
    [
        ("traffic.Accidnet", ExitCode.CONTRACT, "traffic.Accident"),
        ("nowhere.avsc", ExitCode.USAGE, "nowhere.avsc"),
        ("{tmp}/broken.avsc", ExitCode.CONTRACT, "not JSON"),
        ("{tmp}/none.avsc", ExitCode.CONTRACT, "Traffc"),
    ],
)
def test_what_is_no_schema_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: str, code: ExitCode, word: str
) -> None:  # fmt: skip
    (tmp_path / "broken.avsc").write_text("{", "utf-8")
    (tmp_path / "none.avsc").write_text('{"type": "array", "items": "Traffc"}', "utf-8")
    assert diff("traffic.Source", given.format(tmp=tmp_path)) == code
    said = capsys.readouterr().err
    assert word in said
    assert "Traceback" not in said
