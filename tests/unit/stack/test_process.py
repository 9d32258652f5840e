"""Processes: recognised by pid and start time, stopped politely first, never somebody else's."""

from __future__ import annotations

import locale
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from avroad.stack.process import (
    ProcessId,
    child_environment,
    is_alive,
    listens,
    resident_bytes,
    start_detached,
    stop_all,
)

POLITE = "import threading; print('ready', flush=True); threading.Event().wait(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {POLITE}"
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no polite request to end")

Start = Callable[..., ProcessId]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[ProcessId] = []

    def run(program: str, *, settings: dict[str, str] | None = None, ready: str = "ready") -> ProcessId:
        log = tmp_path / "logs" / f"{len(started)}.log"
        process = start_detached([sys.executable, "-c", program], folder=tmp_path, log=log, settings=settings)
        started.append(process)
        wait_for(lambda: ready in log.read_text())
        return process

    yield run
    stop_all(started, grace_s=0)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)


def test_a_started_process_is_alive_and_has_memory(start: Start) -> None:
    process = start(POLITE)
    assert is_alive(process)
    assert resident_bytes(process) > 1_000_000


def test_stopping_asks_first_and_nobody_has_to_be_killed(start: Start) -> None:
    processes = [start(POLITE), start(POLITE)]
    assert stop_all(processes, grace_s=20) == ()
    assert not any(is_alive(process) for process in processes)
    assert resident_bytes(processes[0]) == 0


@posix
def test_who_does_not_listen_is_killed_and_named(start: Start) -> None:
    polite, stubborn = start(POLITE), start(STUBBORN)
    assert stop_all([polite, stubborn], grace_s=0.3) == (stubborn,)
    assert not is_alive(stubborn)


def test_without_grace_everything_is_killed_at_once(start: Start) -> None:
    process = start(STUBBORN)
    assert stop_all([process], grace_s=0) == (process,)
    assert not is_alive(process)


def test_a_reused_pid_is_neither_alive_nor_stopped(start: Start) -> None:
    process = start(POLITE)
    older = replace(process, started_at=process.started_at - 60)
    assert not is_alive(older)
    assert stop_all([older], grace_s=1) == ()
    assert is_alive(process)


def test_a_pid_that_does_not_exist_is_not_alive() -> None:
    gone = ProcessId(pid=2**22 + 1, started_at=0.0)
    assert not is_alive(gone)
    assert stop_all([gone], grace_s=1) == ()


@posix
def test_an_ended_child_that_nobody_collected_is_not_alive(tmp_path: Path) -> None:
    process = start_detached([sys.executable, "-c", "pass"], folder=tmp_path, log=tmp_path / "log")
    wait_for(lambda: psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE)
    assert not is_alive(process)
    stop_all([], grace_s=0)  # collects ended children on the way
    assert not psutil.pid_exists(process.pid)


PARENT = (
    "import subprocess, sys\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import threading; threading.Event().wait(60)'])\n"
    "print(child.pid, flush=True)\n"
    "input()\n"
    "child.wait()\n"
)


@posix
def test_an_ended_process_that_its_parent_never_collects_counts_as_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        process = ProcessId(pid=pid, started_at=psutil.Process(pid).create_time())
        assert stop_all([process], grace_s=20) == ()
        assert psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        parent.communicate(b"\n", timeout=30)


LEAVE = (
    "import sys; from pathlib import Path; from avroad.stack.process import start_detached; "
    "start_detached([sys.executable, '-c', 'pass'], folder=Path(), log=Path('ended')); "
    "print(start_detached([sys.executable, '-c', 'import threading; threading.Event().wait(60)'], "
    "folder=Path(), log=Path('log')).pid)"
)


def test_a_process_that_leaves_its_detached_ones_behind_ends_without_a_complaint(tmp_path: Path) -> None:
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", LEAVE]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    pid = int(done.stdout)
    process = ProcessId(pid=pid, started_at=psutil.Process(pid).create_time())
    try:
        assert done.stderr == ""
        assert is_alive(process)
    finally:
        stop_all([process], grace_s=0)


def test_only_the_process_that_holds_a_port_listens_on_it(start: Start) -> None:
    me = ProcessId(pid=os.getpid(), started_at=psutil.Process().create_time())
    other = start(POLITE)
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        assert listens(me, port)
        assert not listens(other, port)
    assert not listens(me, port)
    assert not listens(ProcessId(pid=2**22 + 1, started_at=0.0), port)


@posix
@pytest.mark.parametrize(("encoding", "locale_name"), [("ANSI_X3.4-1968", "C.UTF-8"), ("UTF-8", "as it was")])
def test_java_reads_file_names_as_utf_8_in_any_locale(
    monkeypatch: pytest.MonkeyPatch, encoding: str, locale_name: str
) -> None:
    monkeypatch.setattr(locale, "getencoding", lambda: encoding)
    monkeypatch.setenv("LC_ALL", "as it was")
    assert child_environment()["LC_ALL"] == locale_name


@posix
def test_a_detached_process_has_a_session_of_its_own(start: Start, tmp_path: Path) -> None:
    start("import os; print('sid', os.getsid(0) == os.getpid(), flush=True); " + POLITE)
    assert "sid True" in (tmp_path / "logs" / "0.log").read_text()


def test_settings_of_other_programs_do_not_reach_the_process(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARKUS_HTTP_PORT", "1")
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Dx")
    monkeypatch.setenv("KEPT", "yes")
    names = "('QUARKUS_HTTP_PORT', 'JAVA_TOOL_OPTIONS', 'KEPT', 'APICURIO_X')"
    start(f"import os; print([os.environ.get(name) for name in {names}], flush=True); " + POLITE,
          settings={"APICURIO_X": "ours"})  # fmt: skip
    assert "[None, None, 'yes', 'ours']" in (tmp_path / "logs" / "0.log").read_text()


def test_output_is_appended_to_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    program = "import sys; sys.stdout.write('out\\n'); sys.stdout.flush(); sys.stderr.write('err\\n')"
    process = start_detached([sys.executable, "-c", program], folder=tmp_path, log=log)
    wait_for(lambda: not is_alive(process))
    assert log.read_text().splitlines() == ["before", "out", "err"]


def test_an_executable_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nothing"):
        start_detached([str(tmp_path / "nothing")], folder=tmp_path, log=tmp_path / "log")
