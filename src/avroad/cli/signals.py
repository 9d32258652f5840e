"""How programs hear that they are to stop: by a signal, or because their reader went away."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from avroad.cli.streams import silence

__all__ = ["held_back", "interruptible", "reader_gone", "stopping"]


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """Yield an event that the first Ctrl-C or SIGTERM sets; a second one raises KeyboardInterrupt.

    Handlers are put back on leaving. Ask `is_set()` in the main thread and never wait on the event there: a signal
    that arrives inside `wait` would need the lock that this very thread holds. Outside the main thread Python
    allows no handlers; the event is then set by nobody else.
    """
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    # SIGBREAK is Windows' Ctrl-Break: what a parent process can send there.
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C, SIGTERM or a closed terminal end the block by KeyboardInterrupt, so that it can clean up.

    Further ones are ignored while it does (in `except` and `finally`): they would break that off. A signal that
    this process was started to ignore (`nohup`) stays ignored. Outside the main thread nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    heard = [number for number in numbers if before[number] is not signal.SIG_IGN]

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        if not _cleaning_up():
            raise KeyboardInterrupt

    for number in heard:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])


@contextmanager
def held_back() -> Iterator[None]:
    """Let no signal that would end this process break off the block; one that came is delivered at its end.

    The block must end by itself, soon. When it ends by an error, that error stands and the signal is dropped:
    the error ends the command as well, and says more. Outside the main thread nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    heard = [number for number in numbers if before[number] is not signal.SIG_IGN]
    came: list[int] = []

    def keep(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    for number in heard:
        signal.signal(number, keep)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])
    if came:
        signal.raise_signal(came[0])


def _cleaning_up() -> bool:
    """Return whether the code that called is handling an interruption, or an error that came up meanwhile."""
    error = sys.exc_info()[1]
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


@contextmanager
def reader_gone() -> Iterator[None]:
    """Leave the block quietly when the reader of stdout went away (`| head`): that is how such a pipe ends.

    Stdout then leads nowhere, or its flush at exit would complain again. Without this, click exits with 1.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
