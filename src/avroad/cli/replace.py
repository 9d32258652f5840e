"""Files replaced in one step, so that no reader ever sees half of one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

__all__ = ["replace_text"]


def replace_text(path: Path, text: str) -> None:
    """Write a file as UTF-8 with plain line ends; a link stays a link, and a file keeps its rights.

    Raises OSError; the old file is then untouched.
    """
    target = path.resolve()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_text(text, "utf-8", newline="\n")
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
