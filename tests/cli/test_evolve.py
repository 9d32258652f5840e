"""`avroad evolve rehearse` before it reaches a server: what it refuses, in one line with the next step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from avroad.cli.main import run
from avroad.errors import ExitCode
from tests.cli.git_world import git
from tests.unit.contracts.conftest import ContractProject

ENVIRONMENT = """\
environment: local
description: Nobody answers here.
replication_factor: 1
min_insync_replicas: 1
lock: schemas.lock.json
kafka: {bootstrap.servers: "127.0.0.1:1"}
registry: {url: "http://127.0.0.1:1"}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    project = ContractProject(tmp_path)
    (project.root / "admin/environments").mkdir()
    (project.root / "admin/environments/local.yaml").write_text(ENVIRONMENT, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(capture: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    code = run(["evolve", "rehearse", *options])
    out, err = capture.readouterr()
    assert out == ""
    assert "Traceback" not in err
    return code, err


@pytest.mark.usefixtures("folder")
def test_a_name_that_is_not_declared_gets_the_likely_one(capsys: pytest.CaptureFixture[str]) -> None:
    code, err = refused(capsys, "zoo.Brith", "--against", "dir:.")
    assert code is ExitCode.USAGE
    assert err == 'error: no subject or type "zoo.Brith" is declared. Did you mean zoo.Birth?\n'


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--candidate", "feature", "--candidate cannot be used: expected git:REV or dir:PATH, found feature"),
        ("--candidate", "registry", "--candidate cannot be used: expected git:REV or dir:PATH, found registry"),
        ("--candidate", "dir:nowhere", "expected a folder, found no folder nowhere"),
        ("--against", "git:", "--against cannot be used: expected git:REV, dir:PATH, registry or export:FILE"),
        ("--against", "registri", "found registri. Did you mean registry?"),
        ("--page", "nowhere/page.html", "the page cannot be written: expected a folder that is there, found nowhere"),
    ],
)  # fmt: skip
def test_what_names_no_schemas_is_a_usage_error(
    capsys: pytest.CaptureFixture[str], option: str, value: str, said: str
) -> None:
    options = {"--against": "dir:.", option: value}
    code, err = refused(capsys, *(part for pair in options.items() for part in pair))
    assert code is ExitCode.USAGE
    assert said in err


@pytest.mark.usefixtures("folder")
def test_a_dry_run_has_no_page_to_write(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    code, err = refused(capsys, "--against", "dir:.", "--dry-run", "--page", str(page))
    assert code is ExitCode.USAGE
    assert "--page shows what was played, and --dry-run plays nothing" in err
    assert not page.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "expected JSON, found text that is none"),
        ('{"type": "enum", "name": "zoo.Birth", "symbols": ["<b>"]}', "symbols[0]: expected letters, digits and _"),
        (" " * 300_000, "expected at most 262144 bytes"),
    ],
)
@pytest.mark.parametrize("kind", ["dir", "git"])
def test_a_candidate_is_held_to_what_declared_schemas_are_held_to(
    folder: Path, capsys: pytest.CaptureFixture[str], kind: str, text: str, said: str
) -> None:
    other = folder / "other"
    (other / "schemas").mkdir(parents=True)
    (other / "schemas/zoo.Birth.avsc").write_text(text, "utf-8")
    candidate = "dir:other"
    if kind == "git":
        file = folder / "schemas/zoo.Birth.avsc"
        declared = file.read_bytes()
        file.write_text(text, "utf-8")
        git(folder, "init", "--quiet")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", "a branch")
        file.write_bytes(declared)
        candidate = "git:HEAD"
    code, err = refused(capsys, "--against", "dir:.", "--candidate", candidate)
    assert code in {ExitCode.CONTRACT, ExitCode.USAGE}
    assert said in err
    assert "zoo.Birth.avsc" in err


def test_a_type_that_no_topic_carries_has_nothing_to_rehearse(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alone = {"type": "record", "name": "Alone", "namespace": "zoo", "fields": []}
    (folder / "schemas/zoo.Alone.avsc").write_text(json.dumps(alone), "utf-8")
    code, err = refused(capsys, "zoo.Alone", "--against", "dir:.")
    assert code is ExitCode.USAGE
    assert err.startswith("error: zoo.Alone has no subject to rehearse: no topic carries it, alone or inside another")


@pytest.mark.usefixtures("folder")
def test_a_registry_that_does_not_answer_ends_it_before_anything_is_made(capsys: pytest.CaptureFixture[str]) -> None:
    code, err = refused(capsys, "-X", "registry.max.retries=0")
    assert code is ExitCode.FAILURE
    assert err.startswith("error: ")
    assert err.count("\n") == 1
