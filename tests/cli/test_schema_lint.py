"""`avroad schema lint` and `avroad schema fmt`: our contracts pass, and what is wrong is named, mended or left."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from avroad.cli.main import run
from avroad.errors import ExitCode
from avroad.schema import canonical_form, parse

ROOT = Path(__file__).resolve().parents[2]
STATUS = "schemas/traffic.Status.avsc"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in ("schemas", "admin"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", ".*"))
    return tmp_path


def schema(command: str, project: Path, *arguments: str) -> int:
    return run(["schema", command, "--root", str(project), *arguments])


def without(project: Path, file: str, *keys: str) -> None:
    path = project / file
    value = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({key: item for key, item in value.items() if key not in keys}), "utf-8")


def test_our_contracts_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert schema("lint", ROOT, "--strict") == ExitCode.OK
    assert schema("fmt", ROOT, "--check") == ExitCode.OK
    assert capsys.readouterr().out == ""


def test_warnings_fail_only_when_strict(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    without(project, STATUS, "doc")
    assert schema("lint", project) == ExitCode.OK
    out = capsys.readouterr().out
    assert out.splitlines()[:2] == [STATUS, "  warning ENUM_WITHOUT_DOC at $"]
    assert all(len(line) <= 80 for line in out.splitlines())
    assert schema("lint", project, "--strict") == ExitCode.CONTRACT


def test_an_error_fails_in_every_form(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / STATUS
    path.write_text(path.read_text("utf-8").replace('"default"', '"defualt"'), "utf-8")
    assert schema("lint", project, "--output", "json") == ExitCode.CONTRACT
    said = json.loads(capsys.readouterr().out)
    assert said["counts"]["error"] == 1
    assert {f["rule"] for f in said["findings"]} == {"ATTRIBUTE_MISSPELLED", "ENUM_WITHOUT_DEFAULT"}
    assert schema("lint", project, "--output", "github") == ExitCode.CONTRACT
    assert f"::error file={STATUS},title=ATTRIBUTE_MISSPELLED::" in capsys.readouterr().out


def test_what_an_annotation_carries_is_escaped(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / STATUS
    value = json.loads(path.read_text("utf-8"))
    value["symbols"].append("A%0A::error::\nB\r")
    (project / "schemas" / "a,b: 1%.avsc").write_text(json.dumps(value), "utf-8")
    path.write_text(json.dumps(value), "utf-8")
    assert schema("lint", project, "--output", "github") == ExitCode.CONTRACT
    lines = capsys.readouterr().out.removesuffix("\n").split("\n")
    assert all(line.startswith(("::error file=", "::warning file=", "::notice ")) for line in lines)
    assert any("A%250A::error::%0AB%0D" in line for line in lines)
    assert any("file=schemas/a%2Cb%3A 1%25.avsc," in line for line in lines)


def test_fix_adds_what_is_safe_and_the_bytes_stay_the_same(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = canonical_form(parse((project / STATUS).read_text("utf-8")))
    original = (project / STATUS).read_text("utf-8")
    without(project, STATUS, "default")
    assert schema("lint", project, "--fix", "--strict") == ExitCode.OK
    assert f"{STATUS}  mended: ENUM_WITHOUT_DEFAULT" in capsys.readouterr().err
    assert (project / STATUS).read_text("utf-8") == original
    assert canonical_form(parse((project / STATUS).read_text("utf-8"))) == before


def test_fix_invents_no_documentation_and_leaves_files_that_it_cannot_mend(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    without(project, STATUS, "doc")
    text = (project / STATUS).read_bytes()
    assert schema("lint", project, "--fix") == ExitCode.OK
    assert capsys.readouterr().err.startswith("nothing to mend: no finding has a safe edit\n")
    assert (project / STATUS).read_bytes() == text


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '{"type": "record"}', "\ufeff\x00"])
def test_a_file_that_is_no_schema_is_a_finding(
    project: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:  # fmt: skip
    (project / "schemas" / "traffic.Odd.avsc").write_text(text, "utf-8")
    assert schema("lint", project, "--fix") == ExitCode.CONTRACT
    said = capsys.readouterr()
    assert "SCHEMA_INVALID" in said.out
    assert "Traceback" not in said.err


def test_fmt_lays_out_and_then_has_nothing_to_do(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / STATUS
    wanted = path.read_bytes()
    value = json.loads(wanted)
    path.write_text(json.dumps(dict(reversed(value.items())), indent=7), "utf-8")
    assert schema("fmt", project, "--check") == ExitCode.CONTRACT
    assert capsys.readouterr().out == f"{STATUS}\n"
    assert path.read_bytes() != wanted
    assert schema("fmt", project) == ExitCode.OK
    assert path.read_bytes() == wanted
    assert schema("fmt", project, "--check") == ExitCode.OK
    assert list(path.parent.glob("*.part")) == []


@pytest.mark.skipif(os.name == "nt", reason="links need a right on Windows")
def test_fmt_through_a_link_keeps_it_and_writes_nothing_outside(
    project: Path, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path, outside = project / STATUS, tmp_path_factory.mktemp("other") / "theirs.avsc"
    wanted = path.read_bytes()
    inside = project / "shared.avsc"
    other = json.dumps(json.loads(wanted)).encode()
    for target in (inside, outside):
        path.unlink()
        target.write_bytes(other)
        path.symlink_to(target)
        code = schema("fmt", project)
        assert path.is_symlink()
        err = capsys.readouterr().err
        if target is inside:
            assert (code, target.read_bytes()) == (ExitCode.OK, wanted)
        else:
            assert (code, target.read_bytes()) == (ExitCode.CONTRACT, other)
            assert f"{STATUS}: expected a file of this project, found a link out of it" in err
    without(project, STATUS, "default")  # which --fix would add
    before = outside.read_bytes()
    assert schema("lint", project, "--fix") == ExitCode.CONTRACT
    assert outside.read_bytes() == before
    assert "a link out of it" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_name_that_steers_terminals_is_shown_escaped(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "schemas" / "traffic.\x1b[31mOdd.avsc").write_text('{"type":"int"}', "utf-8")
    for arguments in (("fmt", "--check"), ("fmt",), ("lint",), ("check", "--against", f"dir:{project}")):
        schema(arguments[0], project, *arguments[1:])
        said = capsys.readouterr()
        assert "\x1b" not in said.out + said.err
        assert "traffic.\\x1b[31mOdd.avsc" in said.out + said.err, arguments


def test_fmt_lays_out_the_others_when_one_is_broken(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "schemas" / "traffic.Odd.avsc").write_text("{", "utf-8")
    path = project / STATUS
    wanted = path.read_bytes()
    path.write_bytes(wanted.replace(b"\n", b"\r\n"))
    assert schema("fmt", project) == ExitCode.CONTRACT
    assert path.read_bytes() == wanted
    assert "traffic.Odd.avsc" in capsys.readouterr().err


def exceptions(project: Path, until: str = "2999-01-01", path: str = "$") -> None:
    (project / "admin" / "exceptions.yaml").write_text(
        f"- rule: ENUM_WITHOUT_DOC\n  type: traffic.Status\n  path: {path}\n  reason: old\n  until: '{until}'\n",
        "utf-8",
    )


def test_an_accepted_finding_is_not_shown_unless_asked_for(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    without(project, STATUS, "doc")
    exceptions(project)
    assert schema("lint", project, "--strict") == ExitCode.OK
    assert schema("lint", project, "--strict", "--no-ignores") == ExitCode.CONTRACT
    assert "ENUM_WITHOUT_DOC" in capsys.readouterr().out


def test_an_exception_ends_and_one_without_finding_is_reported(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exceptions(project)
    assert schema("lint", project, "--strict") == ExitCode.CONTRACT
    assert "EXCEPTION_UNUSED" in capsys.readouterr().out
    without(project, STATUS, "doc")
    exceptions(project, until="2001-01-01")
    assert schema("lint", project) == ExitCode.CONTRACT
    assert {"EXCEPTION_EXPIRED", "ENUM_WITHOUT_DOC"} <= set(capsys.readouterr().out.split())


@pytest.mark.parametrize("old", [None, "", "# Kept.\n[]\n"])
def test_what_is_there_can_be_accepted_at_once(project: Path, old: str | None) -> None:
    without(project, STATUS, "doc", "default")
    path = project / "admin" / "exceptions.yaml"
    path.unlink(missing_ok=True)
    if old is not None:
        path.write_text(old, "utf-8")
    assert schema("lint", project, "--write-ignores", "--strict") == ExitCode.OK
    assert schema("lint", project, "--strict") == ExitCode.OK
    assert path.read_text("utf-8").count("reason: existing") == 2
    assert old is None or path.read_text("utf-8").startswith(old.replace("[]\n", ""))
    assert schema("lint", project, "--write-ignores", "--no-ignores") == ExitCode.USAGE


def test_what_the_parser_says_stands_at_its_field(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / "schemas" / "traffic.Location.avsc"
    value = json.loads(path.read_text("utf-8"))
    value["fields"].append({"name": "lanes", "type": "int", "doc": "How many.", "default": "x"})
    path.write_text(json.dumps(value), "utf-8")
    assert schema("lint", project, "--output", "json") == ExitCode.CONTRACT
    [found] = [f for f in json.loads(capsys.readouterr().out)["findings"] if f["rule"] == "DEFAULT_INVALID"]
    assert (found["field_path"], found["path"]) == ("$.lanes", f"$.fields[{len(value['fields']) - 1}].default")


def test_fix_leaves_a_file_with_errors_and_says_so(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    value = json.loads((project / STATUS).read_text("utf-8"))
    del value["default"]
    value["symbols"].append(value["symbols"][0])
    text = json.dumps(value)
    (project / STATUS).write_text(text, "utf-8")
    assert schema("lint", project, "--fix") == ExitCode.CONTRACT
    said = capsys.readouterr().err
    assert f"{STATUS}  left as it is: mend its errors first" in said
    assert "no finding has a safe edit" not in said
    assert (project / STATUS).read_text("utf-8") == text


def test_fix_leaves_a_file_whose_old_data_would_be_read_differently(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """fastavro resolves nothing between equal schemas, and takes the first branch that fits between others."""
    fields: list[dict[str, object]] = [
        {"name": "note", "type": ["null", "string"], "doc": "d"},
        {"name": "numbers", "type": {"type": "map", "values": ["double", "long"]}, "doc": "d"},
    ]
    value = {"type": "record", "name": "Odd", "namespace": "traffic", "doc": "d", "fields": fields}
    path = project / "schemas" / "traffic.Odd.avsc"
    path.write_text(json.dumps(value), "utf-8")
    schema("lint", project, "--fix")
    assert json.loads(path.read_text("utf-8")) == value
    assert "traffic.Odd.avsc  left as it is: libraries would read the data differently" in capsys.readouterr().err
    fields[1]["type"] = {"type": "map", "values": "long"}
    path.write_text(json.dumps(value), "utf-8")
    schema("lint", project, "--fix")
    assert json.loads(path.read_text("utf-8"))["fields"][0]["default"] is None
