"""The disk: space asked for before it is needed, and what it refuses named with the way out."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from avroad.errors import StackError

__all__ = ["DiskFull", "disk_errors_named", "human_size", "require_space", "write_atomically"]

_KILO = 1000
_NO_SPACE = {errno.ENOSPC, *([errno.EDQUOT] if hasattr(errno, "EDQUOT") else [])}
_NO_WRITING = {errno.EROFS, errno.EACCES, errno.EPERM}


class DiskFull(StackError):
    """The disk has no room for what the stack was about to write."""


def human_size(size_bytes: int) -> str:
    """Return a size as people write it: `812 bytes`, `44.0 MB` (1 MB = 1,000,000 bytes)."""
    if size_bytes < _KILO:
        return "1 byte" if size_bytes == 1 else f"{size_bytes} bytes"
    if size_bytes < _KILO**2:
        return f"{size_bytes / _KILO:.0f} kB"
    if size_bytes < _KILO**3:
        return f"{size_bytes / _KILO**2:.1f} MB"
    return f"{size_bytes / _KILO**3:.2f} GB"


def require_space(folder: Path, need_bytes: int, *, purpose: str) -> None:
    """Raise DiskFull when the file system of `folder` has less than `need_bytes` free.

    purpose: what the space is for, as the message says it ("the downloads").
    """
    existing = folder
    while not existing.exists() and existing.parent != existing:
        existing = existing.parent
    free = shutil.disk_usage(existing).free
    if free < need_bytes:
        raise DiskFull(
            f"the disk is too full for {purpose}",
            expected=f"{human_size(need_bytes)} free",
            found=f"{human_size(free)}",
            file=str(folder),
            hint=_hint(),
        )


@contextmanager
def disk_errors_named(folder: Path, *, purpose: str) -> Iterator[None]:
    """Turn the system's "no space left" and "may not write" inside the block into our errors; let others pass.

    A full disk becomes DiskFull naming `folder`, missing rights or a read-only disk a StackError naming the file.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise DiskFull(f"the disk became full while writing {purpose}", file=str(folder), hint=_hint()) from error
        if error.errno in _NO_WRITING:
            raise StackError(
                f"{purpose} cannot be written",
                expected="a folder that this user may write to",
                found=(error.strerror or type(error).__name__).lower(),
                file=str(error.filename or folder),
                hint="Choose others: AVROAD_STATE_DIR moves the stack's folder, AVROAD_CACHE_DIR the cache.",
            ) from error
        raise


def write_atomically(path: Path, text: str) -> None:
    """Write `text` so that a reader sees the old content or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _hint() -> str:
    return "Free some space; `avroad stack reset` deletes this project's stack data, AVROAD_CACHE_DIR moves the cache."
