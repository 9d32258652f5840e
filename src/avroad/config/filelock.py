"""One process at a time in a folder: a lock the operating system drops when its holder dies."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["LockBusy", "exclusive", "is_locked_by_java"]

_POLL_S = 0.1


class LockBusy(Exception):
    """Another process holds the lock and the time to wait is over; the caller words it for the user."""


@contextmanager
def exclusive(path: Path, *, wait_s: float = 0.0, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock file `path` during the block; it stays in place afterwards, empty.

    wait_s: how long to wait for another holder; on_wait: called once when waiting begins.
    Raises LockBusy when it is still held then. Not re-entrant, also not between threads of one process.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_s
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        while not _try_lock(handle):
            if time.monotonic() >= deadline:
                raise LockBusy(str(path))
            if on_wait:
                on_wait()
                on_wait = None
            threading.Event().wait(_POLL_S)
        try:
            yield
        finally:
            _unlock(handle)
    finally:
        os.close(handle)


def is_locked_by_java(path: Path) -> bool:
    """Return whether a Java process holds the file `path` locked, as a broker does with `.lock` while it runs."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _try_java_lock(handle)
    finally:
        os.close(handle)  # gives up the lock


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    _try_java_lock = _try_lock

    def _unlock(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _try_java_lock(handle: int) -> bool:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # POSIX locks and those of flock do not see each other
        except OSError:
            return False
        return True

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
