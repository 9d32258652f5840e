"""Processes of ours: started detached, recognised by pid and start time, stopped only when both agree."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

__all__ = ["ProcessId", "is_alive", "resident_bytes", "start_detached", "stop_all"]

# The start time is computed from the boot time, which moves a little when the clock is set.
_TOLERANCE_S = 2.0
_KILL_WAIT_S = 10.0
# Settings of another program or of the user's own Java must not change what ours do.
_DROPPED = ("QUARKUS_", "APICURIO_", "KAFKA_", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH")

if sys.platform == "win32":
    _CREATION_FLAGS = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
else:
    _CREATION_FLAGS = 0

# Kept so that a detached process is not reported as forgotten; other processes of ours find it by ProcessId.
_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessId:
    """A process beyond doubt: pids are reused, a pid with its start time is not.

    started_at: seconds since the epoch.
    """

    pid: int
    started_at: float


def start_detached(
    command: Sequence[str], *, folder: Path, log: Path, settings: Mapping[str, str] | None = None
) -> ProcessId:
    """Start a process that outlives this one and gets no Ctrl-C of this terminal; output is appended to `log`.

    Raises OSError when the executable cannot be run.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)}
    environment.update(settings or {})
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        handle = subprocess.Popen(  # noqa: S603 -- our own command line, no shell
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # ignored on Windows, where the flags do it
            creationflags=_CREATION_FLAGS,
        )
    _children.append(handle)
    return ProcessId(pid=handle.pid, started_at=_start_time(handle.pid))


def reap() -> None:
    """Collect ended children of this very process, which otherwise stay as entries of the process table."""
    _children[:] = [handle for handle in _children if handle.poll() is None]


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
    found = {process: handle for process in processes if (handle := _find(process)) is not None}
    stubborn = list(found.values())
    if grace_s > 0:
        for handle in stubborn:
            _signal(handle, force=False)
        _, stubborn = psutil.wait_procs(stubborn, timeout=grace_s)
    for handle in stubborn:
        _signal(handle, force=True)
    psutil.wait_procs(stubborn, timeout=_KILL_WAIT_S)
    reap()
    killed = {handle.pid for handle in stubborn}
    return tuple(process for process in found if process.pid in killed)


def _signal(handle: psutil.Process, *, force: bool) -> None:
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
        if abs(found.create_time() - process.started_at) > _TOLERANCE_S:
            return None
        return None if found.status() == psutil.STATUS_ZOMBIE else found
    except psutil.Error:
        return None


def _start_time(pid: int) -> float:
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:  # ended already; no process will ever match
        return 0.0
