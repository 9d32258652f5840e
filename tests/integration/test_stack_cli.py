"""`avroad stack` as a user runs it: separate processes, real Kafka, and a Ctrl-C in the middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from avroad.stack import Stack

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project in a folder whose name a Java in this locale would not understand."""
    monkeypatch.setenv("LC_ALL", "C")
    folder = tmp_path / "Straßen und 道路"
    for name in ("schemas", "admin"):
        (folder / name).mkdir(parents=True)
    yield folder
    Stack(folder / ".avroad" / "stack").down()


def avroad(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "avroad", "stack", *arguments]
    return subprocess.run(
        command, cwd=project, capture_output=True, text=True, encoding="utf-8", timeout=240, check=False
    )


def jvms(project: Path) -> list[int]:
    marker = f"-Davroad.stack={project / '.avroad' / 'stack'}"
    return [process.pid for process in psutil.process_iter(["cmdline"]) if marker in (process.info["cmdline"] or [])]


def broken_off(project: Path, number: signal.Signals) -> tuple[int, str]:
    """Start the stack, end the command as soon as it has started something; return its exit code and stderr."""
    command = [sys.executable, "-m", "avroad", "stack", "up", "--port", "0", "--registry-port", "0"]
    with subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as up:
        deadline = time.monotonic() + 60
        while not jvms(project):
            assert time.monotonic() < deadline
            threading.Event().wait(0.02)
        os.kill(up.pid, number)
        _, err = up.communicate(timeout=60)
    return up.returncode, err


def test_three_brokers_outlive_the_command_that_started_them(project: Path) -> None:
    up = avroad(project, "up", "--brokers", "3", "--port", "0", "--registry-port", "0", "--output", "json")
    assert up.returncode == 0, up.stderr
    assert len(json.loads(up.stdout)["bootstrap_servers"].split(",")) == 3
    assert len(jvms(project)) == 4
    status = avroad(project, "status", "--output", "json")
    assert status.returncode == 0
    services = json.loads(status.stdout)["services"]
    assert [service["name"] for service in services] == ["broker-1", "broker-2", "broker-3", "registry"]
    assert all(service["healthy"] and service["rss_bytes"] > 50_000_000 for service in services)
    psutil.Process(services[1]["pid"]).kill()
    assert avroad(project, "status").returncode == 1
    again = avroad(project, "up", "--output", "json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["started"] == ["broker-2"]
    logs = avroad(project, "logs", "broker-2")
    assert "Kafka Server started" in logs.stdout
    assert avroad(project, "down").returncode == 0
    assert jvms(project) == []
    assert avroad(project, "reset", "--yes").returncode == 0
    assert not (project / ".avroad" / "stack" / "data").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="ends programs by POSIX signals")
def test_a_start_that_is_broken_off_leaves_no_process(project: Path) -> None:
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        code, err = broken_off(project, getattr(signal, name))
        assert code == 130
        assert err.splitlines()[-1] == "interrupted"
        assert "Traceback" not in err
        assert jvms(project) == []
        assert avroad(project, "status").returncode == 1
    broken_off(project, signal.SIGKILL)
    assert jvms(project) != []  # nobody was left to stop them
    assert avroad(project, "down").returncode == 0
    assert jvms(project) == []
    broken_off(project, signal.SIGKILL)
    assert avroad(project, "up", "--port", "0", "--registry-port", "0").returncode == 0  # and the next start is fine
