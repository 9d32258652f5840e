"""`avroad stack`: what each command prints where, and its exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from avroad.cli import stack as module
from avroad.cli.main import run
from avroad.contracts.lock import SchemaLock, read_lock, write_lock
from avroad.contracts.pending import PendingBreak, keep_pending, pending_path
from avroad.evolve.changelog import changelog_path
from avroad.stack import Stack

Make = Callable[..., Stack]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    for name in ("schemas", "admin"):
        (folder / name).mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def avroad(project: Path, make_stack: Make, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a stack command; the stack is ended after the test by its own handle."""
    make_stack()

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(["stack", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def start(avroad: Run) -> str:
    code, out, _ = avroad("up", "--port", "0", "--registry-port", "0", "--output", "json")
    assert code == 0
    servers: str = json.loads(out)["bootstrap_servers"]
    return servers


def test_up_prints_the_addresses_on_stdout_and_the_rest_on_stderr(avroad: Run, project: Path) -> None:
    code, out, err = avroad("up", "--port", "0", "--registry-port", "0")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("bootstrap servers  127.0.0.1:")
    assert lines[1].endswith("/apis/ccompat/v7")
    assert "starting broker-1, registry\n  Apache Kafka 4.3.1, Apicurio Registry 3.3.3" in err
    assert max(len(line) for line in err.splitlines()) <= 80
    assert "up in " in err
    assert (project / ".avroad" / "stack" / "endpoints.json").exists()


def test_up_when_it_is_up_says_so(avroad: Run) -> None:
    servers = start(avroad)
    code, out, err = avroad("up")
    assert code == 0
    assert err == "already up\n"
    assert servers in out


def test_up_as_json_is_one_document(avroad: Run) -> None:
    _, out, _ = avroad("up", "--port", "0", "--registry-port", "0", "--output", "json")
    document = json.loads(out)
    assert document["format_version"] == "1.0"
    assert document["started"] == ["broker-1", "registry"]
    assert document["took_s"] > 0


@pytest.mark.parametrize("arguments", [["--brokers", "2"], ["--port", "70000"], ["--port", "x"], ["--nothing"]])
def test_wrong_options_are_usage_errors(avroad: Run, arguments: list[str]) -> None:
    assert avroad("up", *arguments)[0] == 64


def test_other_options_while_running_are_refused_with_one_line(avroad: Run) -> None:
    start(avroad)
    code, out, err = avroad("up", "--port", "1")
    assert (code, out) == (1, "")
    assert err.startswith("error: the stack is already running with other options")
    assert "Traceback" not in err


def test_status_shows_every_service_and_succeeds_only_when_all_answer(avroad: Run, make_stack: Make) -> None:
    servers = start(avroad)
    code, out, err = avroad("status")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split() == ["SERVICE", "PID", "PORT", "STATE", "UPTIME", "MEMORY", "VERSION"]
    assert "broker-1" in out
    assert "4.3.1" in out
    assert servers in out
    make_stack().stop("registry", force=True)
    code, out, _ = avroad("status")
    assert code == 1
    assert next(line for line in out.splitlines() if line.startswith("registry ")).split()[3] == "ended"


def test_status_as_json_names_units(avroad: Run) -> None:
    start(avroad)
    code, out, _ = avroad("status", "--output", "json")
    document = json.loads(out)
    assert code == 0
    assert document["format_version"] == "1.0"
    assert document["running"] is document["healthy"] is True
    assert document["data_bytes"] > 0
    assert {"name", "pid", "port", "version", "running", "healthy", "recorded", "uptime_s", "rss_bytes"} == set(
        document["services"][0]
    )


def test_status_of_a_stack_that_is_down_exits_1(avroad: Run) -> None:
    code, out, err = avroad("status")
    assert (code, out) == (1, "")
    assert "avroad stack up" in err
    code, out, _ = avroad("status", "--output", "json")
    assert code == 1
    assert json.loads(out)["running"] is False


def test_down_names_what_it_stopped(avroad: Run) -> None:
    start(avroad)
    code, out, err = avroad("down")
    assert (code, out) == (0, "")
    assert err.splitlines()[-1].startswith("stopped ")
    assert avroad("down") == (0, "", "nothing was running\n")


def test_logs_show_all_services_or_one(avroad: Run) -> None:
    start(avroad)
    code, out, _ = avroad("logs")
    assert code == 0
    assert any(line.startswith("broker-1 | broker 1 listens on ") for line in out.splitlines())
    code, out, _ = avroad("logs", "broker-1", "-n", "1")
    assert code == 0
    assert out.startswith("broker 1 listens on ")


def test_logs_of_an_unknown_service_name_the_known_ones(avroad: Run) -> None:
    start(avroad)
    code, _, err = avroad("logs", "broker-2")
    assert code == 1
    assert "expected broker-1, registry, found broker-2" in err


def test_logs_before_the_first_start_say_what_to_do(avroad: Run) -> None:
    assert avroad("logs") == (0, "", "nothing was logged yet. Run: avroad stack up\n")


def test_following_ends_when_the_stack_is_down(avroad: Run, make_stack: Make) -> None:
    start(avroad)
    make_stack().down()
    code, out, _ = avroad("logs", "broker-1", "-f")
    assert code == 0
    assert "listens on" in out


def test_reset_without_a_terminal_needs_yes(avroad: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start(avroad)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    code, _, err = avroad("reset")
    assert code == 4
    assert "Add --yes" in err
    assert (project / ".avroad" / "stack" / "data").exists()
    cluster_id = json.loads(avroad("status", "--output", "json")[1])["cluster_id"]
    begun = PendingBreak(
        cluster_id=cluster_id, subject="s", fingerprint="f", old_version=1, level="BACKWARD", reason="r", by="", at="",
        breaks=(),
    )  # fmt: skip
    locks = {name: project / f".avroad/{name}/schemas.lock.json" for name in ("local", "other", "broken")}
    for name, path in locks.items():
        lock = SchemaLock(environment=name, registry="", cluster_id=cluster_id if name == "local" else "another")
        write_lock(path, lock)
        changelog_path(path).write_text("# Contract changelog\n", "utf-8")
    keep_pending(locks["local"], [begun])
    locks["broken"].write_text("{", "utf-8")
    committed = project / "admin/schemas.lock.json"
    write_lock(committed, read_lock(locks["local"]))
    code, _, err = avroad("reset", "--yes")
    assert code == 0
    assert "deleted its data" in err
    assert [name for name, path in locks.items() if path.exists()] == ["other", "broken"]
    assert [name for name, path in locks.items() if changelog_path(path).exists()] == ["other", "broken"]
    assert not pending_path(locks["local"]).exists()
    assert committed.exists(), "what git may keep is no business of the stack"
    assert not (project / ".avroad" / "stack" / "data").exists()
    assert avroad("reset", "--yes")[2].endswith("deleted the stack's data\n")


@pytest.mark.parametrize(("answer", "code"), [(True, 0), (False, 4)])
def test_reset_on_a_terminal_asks(
    avroad: Run, project: Path, monkeypatch: pytest.MonkeyPatch, *, answer: bool, code: int
) -> None:
    start(avroad)
    asked: list[str] = []

    def confirm(question: str, **_options: object) -> bool:
        asked.append(question)
        return answer

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(click, "confirm", confirm)
    assert avroad("reset")[0] == code
    assert str(project) in asked[0]
    assert (project / ".avroad" / "stack" / "data").exists() is not answer


def test_without_the_extra_the_line_that_installs_it_is_shown(avroad: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "avroad.stack", None)
    code, _, err = avroad("status")
    assert code == 1
    assert 'pip install "avroad[stack]"' in err


@pytest.mark.parametrize("command", ["up", "down", "status", "logs", "reset"])
def test_every_help_has_examples(avroad: Run, command: str) -> None:
    code, out, _ = avroad(command, "--help")
    assert code == 0
    assert f"avroad stack {command}" in out.partition("Examples:")[2]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0s"), (59, "59s"), (185, "3m 5s"), (7640, "2h 7m"), (273_600, "3d 4h")]
)
def test_durations_read_as_people_write_them(seconds: float, text: str) -> None:
    assert module._duration(seconds) == text
