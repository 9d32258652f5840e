"""Ports on loopback: which are free, and who holds one that is not."""

from __future__ import annotations

import random
import shlex
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from avroad.errors import StackError
from avroad.stack.recipe import STACK_MARK

__all__ = ["PortTaken", "free_ports", "is_free", "require_free"]

_HOST = "127.0.0.1"
# Below the range that systems give to outgoing connections: nothing takes such a port between our check and its use.
_LOWEST, _HIGHEST = 20_000, 32_000
_CONNECT_TIMEOUT_S = 0.5


class PortTaken(StackError):
    """Something else listens on a port the stack was asked to use."""


def is_free(port: int) -> bool:
    """Return whether a server could listen on 127.0.0.1:`port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(_CONNECT_TIMEOUT_S)
        if probe.connect_ex((_HOST, port)) == 0:
            return False
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if sys.platform == "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:  # as the JVM does, so that connections of a stack that just stopped do not count
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


def free_ports(count: int, *, besides: Sequence[int] = ()) -> tuple[int, ...]:
    """Return `count` different ports that are free now, none of `besides`; at random, so that callers differ."""
    chosen: list[int] = []
    candidates = random.SystemRandom().sample(range(_LOWEST, _HIGHEST), 200)
    for port in candidates:
        if len(chosen) == count:
            break
        if port not in besides and is_free(port):
            chosen.append(port)
    if len(chosen) < count:
        raise StackError(f"no {count} free ports between {_LOWEST} and {_HIGHEST} on {_HOST}")
    return tuple(chosen)


def require_free(port: int, *, used_by: str, option: str) -> None:
    """Raise PortTaken when `port` is not free.

    used_by: what of the stack wanted it; option: the flag that chooses another one, "" when none does.
    """
    if is_free(port):
        return
    holder, stack = _holder(port)
    ending = f"Run `avroad stack down --root {shlex.quote(str(stack.parents[1]))}`" if stack else "End that program"
    raise PortTaken(
        f"port {port} is needed for {used_by} but is in use by {holder}",
        hint=f"{ending}, or choose another port with {option}." if option else "Run the command again.",
    )


def _holder(port: int) -> tuple[str, Path | None]:
    """Return who listens on `port`, as far as this system tells an ordinary user, and its home if it is a stack."""
    import psutil  # noqa: PLC0415 -- an extra; needed only for this message

    unknown = "another program"
    try:
        listening = [
            connection
            for connection in psutil.net_connections(kind="tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr[1] == port
        ]
        if not listening or listening[0].pid is None:
            return unknown, None
        process = psutil.Process(listening[0].pid)
        marker = next((word for word in process.cmdline() if word.startswith(STACK_MARK)), "")
        name = f"{process.name()} (pid {process.pid})"
    except (psutil.Error, OSError):
        return unknown, None
    if not marker:
        return name, None
    home = Path(marker.removeprefix(STACK_MARK))
    in_project = home.parts[-2:] == (".avroad", "stack")
    return f"{name}, the avroad stack of {home}", home if in_project else None
