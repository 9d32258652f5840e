"""The three standard streams: there even when the caller closed them, and quiet once nobody takes what they say."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TextIO

__all__ = ["fill_missing", "mute"]


def fill_missing() -> None:
    """Open what the caller closed (`>&-`, `2>&-`, `<&-`) on the null device.

    Python has None there. And the next file or socket that is opened would get the free number: whatever a library
    writes to descriptor 2 would then go to a broker. In ascending order each stream gets its own number back.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  # open until we end


def mute(stream: TextIO) -> None:
    """Lead a stream nowhere: its reader went away or its disk is full, and its flush at exit would complain again."""
    with contextlib.suppress(OSError, ValueError):  # no descriptor behind it: nothing will be flushed
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
