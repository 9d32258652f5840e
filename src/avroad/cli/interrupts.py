"""Ctrl-C where nobody waits for it: a program that is just starting or ending exits with 130 and one line.

It imports next to nothing, because until it is imported Ctrl-C ends in a traceback.
"""

from __future__ import annotations

import os
import signal
from types import FrameType

__all__ = ["end_on_interrupt", "unwind_on_interrupt"]

_INTERRUPTED = 130  # ExitCode.INTERRUPTED


def end_on_interrupt() -> None:
    """Let Ctrl-C end this process on the spot, with exit code 130 and one line.

    For the top of a program, before its other imports, and for its very end: there is nothing to put in order then,
    and an exception raised into an import ends as a traceback, or is lost in a callback of the import system.
    Where Ctrl-C is ignored, as shells arrange it for what runs in the background, it stays ignored.
    """
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _end)


def unwind_on_interrupt() -> None:
    """Let Ctrl-C end this process with exit code 130 and one line, leaving blocks in order on the way."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _unwind)


def _end(_number: int, _frame: FrameType | None) -> None:
    _say()
    os._exit(_INTERRUPTED)


def _unwind(_number: int, _frame: FrameType | None) -> None:
    _say()
    raise SystemExit(_INTERRUPTED)


def _say() -> None:
    try:
        os.write(2, b"interrupted\n")  # past sys.stderr, which the signal may have found in the middle of a write
    except OSError:
        return
