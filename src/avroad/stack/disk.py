"""Space on the disk: asked for before it is needed, named when it runs out."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from avroad.errors import StackError

__all__ = ["DiskFull", "human_size", "require_space", "space_errors_named", "write_atomically"]

_KILO = 1000
_NO_SPACE = {errno.ENOSPC, *([errno.EDQUOT] if hasattr(errno, "EDQUOT") else [])}


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
def space_errors_named(folder: Path, *, purpose: str) -> Iterator[None]:
    """Turn the system's "no space left" inside the block into DiskFull naming `folder`; let others pass."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        raise DiskFull(f"the disk became full while writing {purpose}", file=str(folder), hint=_hint()) from error


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
