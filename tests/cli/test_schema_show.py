"""`avroad schema show`: one type, from declarations and lock alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from avroad.cli.main import run
from avroad.contracts import LockedSubject, SchemaLock, load_catalog, write_lock
from avroad.errors import ExitCode
from avroad.project import open_project

ROOT = Path(__file__).resolve().parents[2]


def show(project: Path, *arguments: str) -> int:
    return run(["schema", "show", "--root", str(project), *arguments])


def test_a_type_with_and_without_lock(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(project, "traffic.SpeedCamera", "--output", "json") == ExitCode.OK
    before = json.loads(capsys.readouterr().out)
    assert before["lock"] == "there is no schema lock"
    assert {item["state"] for item in before["subjects"]} == {"not locked"}
    first, *_ = before["subjects"]
    mark = load_catalog(project).type("traffic.SpeedCamera").fingerprint
    for fingerprint, state in ((mark, "same"), ("0" * 64, "differs")):
        entry = LockedSubject(version=3, id=17, fingerprint=fingerprint)
        lock = SchemaLock(
            environment="local", registry="http://127.0.0.1:1", cluster_id="c", subjects={first["subject"]: entry}
        )
        write_lock(open_project(project, "local").environment.lock, lock)
        assert show(project, "traffic.SpeedCamera", "--output", "json") == ExitCode.OK
        after = json.loads(capsys.readouterr().out)["subjects"][0]
        assert (after["version"], after["id"], after["state"]) == (3, 17, state)


def test_the_text_fits_80_columns(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("traffic.Accident", "traffic.Location"):
        assert show(project, name) == ExitCode.OK
        out = capsys.readouterr().out
        assert out.startswith(f"{name}\n")
        assert max(map(len, out.splitlines())) <= 80


def test_an_unknown_type_gets_the_nearest_name(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(project, "traffic.Acident") == ExitCode.USAGE
    assert "traffic.Accident" in capsys.readouterr().err


def test_without_an_environment_there_is_all_but_the_lock(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(project / "admin" / "environments")
    assert show(project, "traffic.Accident") == ExitCode.OK
    said = " ".join(capsys.readouterr().out.split())
    assert 'locked in local: there is no environment "local"' in said
    assert show(project, "traffic.Accident", "-e", "local") == ExitCode.USAGE, "asked for, it must be there"
