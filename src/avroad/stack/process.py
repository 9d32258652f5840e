"""Processes of ours: started detached, recognised by pid and start time, stopped only when both agree."""

from __future__ import annotations

import atexit
import locale
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

__all__ = ["ProcessId", "is_alive", "resident_bytes", "start_detached", "stop_all"]

# The start time is computed from the boot time, which moves a little when the clock is set.
_TOLERANCE_S = 2.0
_KILL_WAIT_S = 10.0
_POLL_S = 0.02
_VISIBLE_WAIT_S = 1.0
# Settings of another program or of the user's own Java must not change what ours do.
_DROPPED = ("QUARKUS_", "APICURIO_", "KAFKA_", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH")

if sys.platform == "win32":
    _CREATION_FLAGS = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
else:
    _CREATION_FLAGS = 0

# Children of this very process, to be collected when they end; other processes of ours find them by ProcessId.
_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessId:
    """A process beyond doubt: pids are reused, a pid with its start time is not.

    started_at: seconds since the epoch.
    """

    pid: int
    started_at: float

    def is_same(self, other: ProcessId) -> bool:
        """Return whether both are one process, though its start was computed at different times."""
        return self.pid == other.pid and abs(self.started_at - other.started_at) <= _TOLERANCE_S


def start_detached(
    command: Sequence[str], *, folder: Path, log: Path, settings: Mapping[str, str] | None = None
) -> ProcessId:
    """Start a process that outlives this one and gets no Ctrl-C of this terminal; output is appended to `log`.

    Raises OSError when the executable cannot be run.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        handle = subprocess.Popen(  # noqa: S603 -- our own command line, no shell
            command,
            cwd=folder,
            env=child_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # ignored on Windows, where the flags do it
            creationflags=_CREATION_FLAGS,
        )
    _children.append(handle)
    _wait_for_command_line(handle.pid)
    return ProcessId(pid=handle.pid, started_at=_start_time(handle.pid))


def _wait_for_command_line(pid: int) -> None:
    """Wait the moment in which Linux shows a program that just began without its command line, our mark included."""
    deadline = time.monotonic() + _VISIBLE_WAIT_S
    try:
        while not psutil.Process(pid).cmdline() and time.monotonic() < deadline:
            time.sleep(_POLL_S / 10)
    except psutil.Error:
        return  # it has ended, which its starter will notice


def child_environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment without what would change a service, plus the service's own `settings`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)}
    if locale.getencoding().upper().replace("-", "") != "UTF8":
        environment["LC_ALL"] = "C.UTF-8"  # Java reads file names by it; in the C locale it loses all but ASCII
    return {**environment, **(settings or {})}


def reap() -> None:
    """Collect ended children of this very process, which otherwise stay as entries of the process table."""
    _children[:] = [handle for handle in _children if handle.poll() is None]


@atexit.register
def _let_go() -> None:
    """Give up the children that outlive this process, as they are meant to; the system collects them then."""
    reap()
    for handle in _children:
        handle.returncode = 0  # nobody will wait for it: to Popen it is done with


def is_alive(process: ProcessId) -> bool:
    """Return whether exactly this process still runs; an ended one that nobody reaped does not."""
    return _find(process) is not None


def resident_bytes(process: ProcessId) -> int:
    """Return the memory the process holds, 0 when it has ended."""
    found = _find(process)
    try:
        return int(found.memory_info().rss) if found else 0
    except psutil.Error:
        return 0


def stop_all(processes: Sequence[ProcessId], *, grace_s: float) -> tuple[ProcessId, ...]:
    """Ask all of them to end, wait up to `grace_s`, then kill; returns those that had to be killed.

    With a grace of 0 nothing is asked. A pid that now belongs to another process is left alone.
    On Windows there is no asking: they are ended at once.
    """
    found = [process for process in processes if is_alive(process)]
    stubborn = found
    if grace_s > 0:
        for process in found:
            _signal(process, force=False)
        stubborn = _await_end(found, grace_s)
    for process in stubborn:
        _signal(process, force=True)
    _await_end(stubborn, _KILL_WAIT_S)
    return tuple(stubborn)


def _await_end(processes: Sequence[ProcessId], timeout_s: float) -> list[ProcessId]:
    """Return those that still run after the time; an ended one counts as ended, also when nobody collects it.

    In a container whose first process collects no orphans an ended process stays in the table for ever.
    """
    deadline = time.monotonic() + timeout_s
    left = [process for process in processes if is_alive(process)]
    while left and time.monotonic() < deadline:
        threading.Event().wait(_POLL_S)
        left = [process for process in left if is_alive(process)]
    reap()
    return left


def listens(process: ProcessId, port: int) -> bool:
    """Return whether exactly this process holds `port`; True where the system does not tell."""
    found = _find(process)
    try:
        connections = found.net_connections(kind="tcp") if found else []
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False
    return any(item.status == psutil.CONN_LISTEN and item.laddr and item.laddr[1] == port for item in connections)


def _signal(process: ProcessId, *, force: bool) -> None:
    handle = _find(process)
    if handle is None:
        return
    try:
        if force:
            handle.kill()
        else:
            handle.terminate()
    except psutil.Error:  # gone, or not ours to signal: the caller looks again at what is left
        return


def _find(process: ProcessId) -> psutil.Process | None:
    try:
        found = psutil.Process(process.pid)
        if not process.is_same(ProcessId(pid=found.pid, started_at=found.create_time())):
            return None
        # With other threads still on their way out an ended process holds its ports and locks a moment longer.
        if found.status() == psutil.STATUS_ZOMBIE and found.num_threads() <= 1:
            return None
    except psutil.Error:
        return None
    return found


def _start_time(pid: int) -> float:
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:  # ended already; no process will ever match
        return 0.0
