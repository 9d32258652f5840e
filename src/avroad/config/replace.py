"""Files replaced in one step, so that no reader ever sees half of one, and none is half there after a crash."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

__all__ = ["leads_outside", "replace_text"]


def replace_text(path: Path, text: str) -> None:
    """Write a file as UTF-8 with plain line ends, down to the disk; a link stays a link, and a file keeps its rights.

    A device or a pipe, such as /dev/stdout, is written to: to replace it would harm everybody who uses it. Raises
    OSError; an old file is then untouched.
    """
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        return
    target = path.resolve()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def leads_outside(path: Path, root: Path) -> bool:
    """Return whether a file of the project folder `root` is a link to a place outside it, where nothing is written."""
    homes = (root.resolve(), path.parent.resolve())  # a whole folder may stand elsewhere
    return path.is_symlink() and not any(path.resolve().is_relative_to(home) for home in homes)
