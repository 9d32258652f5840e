"""`--isolated`: the rest of a command in a child process with limits of memory and processor time."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from types import FrameType
from typing import Any

import click

from avroad.errors import DecodeError

__all__ = ["isolated_option"]


def isolated_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command --isolated, with which a child does what the command does and this process only waits."""

    @wraps(command)
    def wrapper(*given: Any, isolated: bool, **options: Any) -> Any:  # noqa: ANN401  # the command's own
        return _in_child(command, *given, **options) if isolated else command(*given, **options)

    return click.option(
        "--isolated", is_flag=True,
        help="Read in a process of its own: at most 512 MiB and 10 s of processor time. For bytes of unknown origin.",
    )(wrapper)  # fmt: skip


def _in_child(command: Callable[..., Any], *given: Any, **options: Any) -> Any:  # noqa: ANN401  # the command's own
    """Fork, because the child then has this process's streams and options; a command has no threads yet."""
    from avroad.wire.isolated import Bounds, confine, ended_by  # noqa: PLC0415  # keeps help fast

    bounds = Bounds()
    if not hasattr(os, "fork"):
        confine(bounds)  # which says that this is not possible here
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        confine(bounds)
        try:
            return command(*given, **options)
        except MemoryError:
            raise DecodeError(f"the bytes take more than {bounds.memory_bytes >> 20} MiB to read", offset=0) from None
    status = _wait(child)
    if status < 0:
        raise DecodeError(f"the process that read the bytes {ended_by(status, bounds)}", offset=0)
    return status


def _wait(child: int) -> int:
    """Return the child's exit code, or minus the signal that ended it; Ctrl-C is the child's."""

    def forward(number: int, _frame: FrameType | None) -> None:
        os.kill(child, number)

    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, forward)
    try:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        if before is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, before)
