"""How programs that run until they are told to stop hear it: by a signal, or because their reader went away."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from avroad.cli.streams import silence

__all__ = ["reader_gone", "stopping"]


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
def reader_gone() -> Iterator[None]:
    """Leave the block quietly when the reader of stdout went away (`| head`): that is how such a pipe ends.

    Stdout then leads nowhere, or its flush at exit would complain again. Without this, click exits with 1.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
