"""`avroad schema types`: writes, compares, removes what is left over, and touches nobody's own files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from avroad.cli.main import run
from avroad.errors import ExitCode

ROOT = Path(__file__).resolve().parents[2]


def types(project: Path, *arguments: str) -> int:
    return run(["schema", "types", "--root", str(project), *arguments])


def test_a_module_is_written_once_and_then_left_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module = project / "schemas" / "traffic.py"
    assert types(project) == ExitCode.OK
    assert "schemas/traffic.py  written" in capsys.readouterr().err
    assert module.read_bytes() == (ROOT / "schemas" / "traffic.py").read_bytes()
    before = module.stat().st_mtime_ns
    assert types(project) == ExitCode.OK
    assert "up to date" in capsys.readouterr().err
    assert module.stat().st_mtime_ns == before
    assert sorted(path.name for path in module.parent.glob("*.part")) == []


def test_check_names_file_difference_and_command(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert types(project, "--check") == ExitCode.CONTRACT
    assert "schemas/traffic.py: expected the classes of the schemas, found no file" in capsys.readouterr().err
    assert types(project) == ExitCode.OK
    assert types(project, "--check") == ExitCode.OK
    assert "1 generated module matches the schemas" in capsys.readouterr().err
    avsc = project / "schemas" / "traffic.Cause.avsc"
    avsc.write_text(avsc.read_text("utf-8").replace('"ANIMALS_ON_ROAD", ', ""), "utf-8")
    assert types(project, "--check") == ExitCode.CONTRACT
    said = capsys.readouterr().err
    assert "Run: avroad schema types" in said
    assert "lines to remove" in said
    assert "CauseType" in said
    assert "Traceback" not in said


def test_check_writes_nothing(project: Path) -> None:
    assert types(project, "--check") == ExitCode.CONTRACT
    assert not (project / "schemas" / "traffic.py").exists()


def test_a_module_without_a_namespace_is_reported_then_removed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert types(project) == ExitCode.OK
    leftover, own = project / "schemas" / "rail.py", project / "schemas" / "mine.py"
    shutil.copy(project / "schemas" / "traffic.py", leftover)
    own.write_text('"""A person\'s file."""\n', "utf-8")
    assert types(project, "--check") == ExitCode.CONTRACT
    assert "schemas/rail.py: expected no module" in capsys.readouterr().err
    assert types(project) == ExitCode.OK
    assert not leftover.exists()
    assert own.exists()


def test_one_namespace(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert types(project, "--namespace", "traffic") == ExitCode.OK
    assert types(project, "--namespace", "trafic") == ExitCode.USAGE
    assert "a namespace of the schemas (traffic), found trafic" in capsys.readouterr().err


def test_outside_a_project_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["schema", "types"]) == ExitCode.USAGE
    assert "expected a folder with schemas/ and admin/" in capsys.readouterr().err


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "types", "--help"]) == ExitCode.OK
    assert "avroad schema types --check" in capsys.readouterr().out
