"""Files that a person names: only regular ones of a sensible size are read, so that nothing waits or grows for ever."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import Final

__all__ = ["FileRefused", "named_path", "read_bytes", "read_text"]

_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
# A pipe that took the file's place between our two looks would hold `open` until somebody writes to it.
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class FileRefused(Exception):  # every caller makes its own error of it
    """A file cannot be used. expected, found, fix: as in a Problem; error: why nothing could be opened at all."""

    def __init__(self, expected: str, found: str, fix: str = "", error: Exception | None = None) -> None:
        super().__init__(f"expected {expected}, found {found}")
        self.expected = expected
        self.found = found
        self.fix = fix
        self.error = error


def named_path(root: Path, name: str) -> Path:
    """Return the path that a setting names: absolute, relative ones below `root`, `~` as a shell reads it."""
    path = Path(name)
    with contextlib.suppress(RuntimeError):  # no such user: then it is the name of a file
        path = path.expanduser()
    return (root / path).absolute()


def read_text(path: Path, max_bytes: int) -> str:
    """Return the text of a UTF-8 file, without a byte order mark. Raises FileRefused."""
    try:
        return read_bytes(path, max_bytes).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused("UTF-8 text", "other bytes", "save the file as UTF-8") from None


def read_bytes(path: Path, max_bytes: int) -> bytes:
    """Return what a regular file holds. Raises FileRefused for any other kind, and for more than `max_bytes`."""
    try:
        _refuse_kind(path.stat())  # before opening: opening some devices already does something
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            _refuse_kind(os.fstat(file.fileno()))
            content = file.read(max_bytes + 1)
            size = max(len(content), os.fstat(file.fileno()).st_size)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        reason = error.strerror if isinstance(error, OSError) else None
        raise FileRefused("a readable file", reason or "none that can be opened", error=error) from None
    if len(content) > max_bytes:
        raise FileRefused(f"at most {max_bytes} bytes", str(size))
    return content


def _refuse_kind(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = next((name for test, name in _KINDS if test(found.st_mode)), "something else")
        raise FileRefused("a regular file", kind)
