"""Which processes are a stack's own: marked on their command line, at work in the stack's folder.

The mark is the truth and the state file a note: a note can be lost, damaged, or copied along with a checkout, and
then names no process, or another stack's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from avroad.stack.process import ProcessId
from avroad.stack.recipe import SERVICE_MARK, STACK_MARK
from avroad.stack.state import Home, Service

__all__ = ["Owned", "find_owned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """The running processes of one stack. known: those of the given services; strays: all others, with port 0."""

    known: tuple[Service, ...]
    strays: tuple[Service, ...]


def find_owned(home: Home, services: Sequence[Service]) -> Owned:
    """Return what runs of the stack in `home`, told apart by whether it is one of `services` (pid and start time)."""
    marked = list(_marked(home.path))
    known = tuple(item for item in services if any(item.process.is_same(found.process) for found in marked))
    strays = tuple(found for found in marked if not any(item.process.is_same(found.process) for item in known))
    return Owned(known=known, strays=strays)


def _marked(home: Path) -> list[Service]:
    found: list[Service] = []
    for process in psutil.process_iter(["cmdline"]):
        command: list[str] = process.info["cmdline"] or []
        said, name = _mark(command, STACK_MARK), _mark(command, SERVICE_MARK)
        if said is None or name is None:
            continue
        try:
            if _works_in(process, said, home):
                identity = ProcessId(pid=process.pid, started_at=process.create_time())
                found.append(Service(name=name, port=0, process=identity))
        except psutil.NoSuchProcess:
            continue
    return sorted(found, key=lambda service: service.name)


def _mark(command: Sequence[str], prefix: str) -> str | None:
    return next((word.removeprefix(prefix) for word in command if word.startswith(prefix)), None)


def _works_in(process: psutil.Process, said: str, home: Path) -> bool:
    """Return whether the process works in `home`: by its working folder, which follows a folder that is moved."""
    try:
        folder = process.cwd()
    except psutil.AccessDenied:  # another user's: its command line is all that can be read
        folder = said
    try:
        return home.samefile(folder)
    except OSError:  # one of them was deleted
        return folder == str(home)
