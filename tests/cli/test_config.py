"""`avroad config show`: data on stdout, secrets masked, exit codes."""

from __future__ import annotations

import json
import shlex
from itertools import pairwise
from pathlib import Path

import pytest

from avroad.cli.main import run

TEXT = """\
environment: local
replication_factor: 1
min_insync_replicas: 1
kafka:
  bootstrap.servers: 127.0.0.1:9092
  security.protocol: SASL_PLAINTEXT
  sasl.mechanism: SCRAM-SHA-512
  sasl.username: u
  sasl.password: ${PW}
registry:
  url: http://127.0.0.1:8081
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "schemas").mkdir()
    folder = tmp_path / "admin" / "environments"
    folder.mkdir(parents=True)
    (folder / "local.yaml").write_text(TEXT)
    monkeypatch.setenv("PW", "canary")
    return tmp_path


def test_text_shows_values_and_masks_secrets(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "show", "--root", str(root)]) == 0
    out, err = capsys.readouterr()
    lines = [line.split() for line in out.splitlines()]
    assert lines[0] == ["environment", "local"]
    assert lines[2] == ["SETTING", "VALUE"]
    assert ["kafka.sasl.password", "***"] in lines
    assert ["kafka.sasl.username", "u"] in lines
    assert ["description", "-"] in lines
    assert "canary" not in out + err
    assert err == ""


def test_origin_says_who_gave_a_value(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "show", "--origin", "--root", str(root), "-X", "linger.ms=5"]) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    pairs = {line.split()[0]: (line.split()[1], below) for line, below in pairwise(lines) if line.startswith("kafka.")}
    assert pairs["kafka.linger.ms"] == ("5", "  from flag -X linger.ms")
    assert pairs["kafka.bootstrap.servers"] == ("127.0.0.1:9092", "  from admin/environments/local.yaml:5")


def test_json_is_versioned_and_masks_too(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "show", "--output", "json", "--root", str(root)]) == 0
    out = capsys.readouterr().out
    document = json.loads(out)
    assert document["format_version"] == "1.0"
    assert document["environment"] == "local"
    assert document["settings"]["kafka.sasl.password"] == {
        "value": "***",
        "origin": "admin/environments/local.yaml:9",
        "secret": True,
    }
    assert "canary" not in out


def test_problems_go_to_stderr_with_exit_64(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PW")
    assert run(["config", "show", "--root", str(root), "-X", "group.id=g"]) == 64
    out, err = capsys.readouterr()
    lines = [line.split(maxsplit=1) for line in out.splitlines()]
    assert ["kafka.sasl.password", "missing: set PW"] in lines
    assert ["kafka.sasl.username", "u"] in lines
    assert ["kafka.group.id", "unusable: see its problem"] in lines
    assert 'the environment "local" has 2 problems:' in err
    assert "environment variable PW" in err


def test_what_is_missing_is_shown_beside_all_that_is_set(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PW")
    file = root / "admin/environments/local.yaml"
    file.write_text(f"cluster_id: ${{A}}-${{B}}\n{TEXT.replace('  url: http://127.0.0.1:8081', '  max.retries: 1')}")
    arguments = ["config", "show", "--root", str(root), "-X", "sasl.pasword=canary"]
    assert run([*arguments, "--output", "json"]) == 64
    out, err = capsys.readouterr()
    settings = json.loads(out)["settings"]
    assert {name: item["problem"] for name, item in settings.items() if "problem" in item} == {
        "cluster_id": "missing: set A, B",
        "kafka.sasl.password": "missing: set PW",
        "kafka.sasl.pasword": "unusable: see its problem",
        "registry.url": "missing: no source gives it",
    }
    assert settings["kafka.sasl.password"]["value"] is None
    assert settings["kafka.sasl.mechanism"]["origin"] == "admin/environments/local.yaml:8"
    assert "has 5 problems:" in err
    assert run([*arguments, "--origin"]) == 64
    said = capsys.readouterr()
    assert "canary" not in out + err + said.out + said.err


def test_an_unknown_environment(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "show", "-e", "lokal", "--root", str(root)]) == 64
    assert 'Did you mean "local"?' in capsys.readouterr().err


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "show", "--help"]) == 0
    assert "avroad config show -e docker --origin" in capsys.readouterr().out


def test_every_example_with_an_environment_can_be_run_as_it_stands(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parents[2])
    for command in (["config", "show"], ["schema", "show"], ["schema", "history"]):
        run([*command, "--help"])
        lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line.lstrip().startswith("avroad ")]
        named = [line for line in lines if " -e " in line]
        assert named
        for line in named:
            extra = ["--offline"] if command[1] == "history" else []
            assert run([*shlex.split(line)[1:], *extra]) == 0, capsys.readouterr().err
