"""A deadline that holds: a timer shuts the sockets an attempt uses, whatever the server sends or does not send.

A timeout of the HTTP library counts per socket read, so one byte now and then keeps a call alive for ever.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Final, Self

__all__ = ["Deadline", "connect"]

_CURRENT: ContextVar[Deadline | None] = ContextVar("avroad_registry_deadline", default=None)
_LEAST_S: Final = 0.001
"""A socket timeout of 0 would mean "do not block"."""


class Deadline:
    """The end of one attempt; while entered, it is the current one of its thread.

    When the time is over every watched socket is shut, which ends name resolution waits, handshakes, headers and
    bodies alike. A half-received answer can then look complete: ask `over` before looking at anything else.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._done = False
        self._fired = False
        self._timer = threading.Timer(max(seconds, 0), self._fire)
        self._timer.daemon = True
        self._token: Token[Deadline | None] | None = None

    @property
    def over(self) -> bool:
        """Whether the time is over, that is whether sockets may have been shut."""
        return self._fired or self.remaining_s() <= 0

    def remaining_s(self) -> float:
        """Return the seconds left; negative when the time is over."""
        return self._ends - time.monotonic()

    def watch(self, used: socket.socket) -> None:
        """Let the deadline shut `used`. A duplicate is kept: the original may be wrapped or closed meanwhile."""
        with self._lock:
            if self._done:
                return
            own = used.dup()
            self._sockets.append(own)
            if self._fired:
                _shut(own)

    def _fire(self) -> None:
        with self._lock:
            self._fired = True
            for own in self._sockets:
                _shut(own)

    def __enter__(self) -> Self:
        self._token = _CURRENT.set(self)
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._token is not None:
            _CURRENT.reset(self._token)
        with self._lock:
            self._done = True
            for own in self._sockets:
                own.close()
            self._sockets.clear()

    @staticmethod
    def current() -> Deadline | None:
        """Return the deadline this thread is inside of."""
        return _CURRENT.get()


def connect(host: str, port: int, options: Sequence[tuple[int, int, int | bytes]] = ()) -> socket.socket:
    """Return a connected socket that the current deadline watches; resolving and connecting end with it too.

    Raises OSError: TimeoutError, gaierror, ConnectionRefusedError and the like.
    """
    deadline = Deadline.current()
    remaining_s = deadline.remaining_s if deadline is not None else lambda: 30.0
    failure: OSError | None = None
    for family, kind, protocol, _, address in _resolve(host, port, remaining_s()):
        opened = socket.socket(family, kind, protocol)
        try:
            if deadline is not None:
                deadline.watch(opened)
            for option in options:
                opened.setsockopt(*option)
            opened.settimeout(max(remaining_s(), _LEAST_S))
            opened.connect(address)
        except OSError as error:
            opened.close()
            failure = error
        except BaseException:
            opened.close()
            raise
        else:
            return opened
    raise failure if failure is not None else OSError("the name has no address")


_Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, "tuple[str, int] | tuple[str, int, int, int]"]


def _resolve(host: str, port: int, timeout_s: float) -> list[_Address]:
    """Resolve in a thread that is left alone when it takes too long: the system's resolver takes no timeout."""
    answers: queue.SimpleQueue[list[_Address] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))  # type: ignore[arg-type]
        except OSError as error:
            answers.put(error)
        except UnicodeError:
            answers.put(socket.gaierror("not a host name"))

    threading.Thread(target=ask, daemon=True, name="resolve").start()
    try:
        answer = answers.get(timeout=max(timeout_s, _LEAST_S))
    except queue.Empty:
        raise TimeoutError("resolving the name took too long") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _shut(own: socket.socket) -> None:
    with suppress(OSError):  # not connected yet, or closed by the other side
        own.shutdown(socket.SHUT_RDWR)
