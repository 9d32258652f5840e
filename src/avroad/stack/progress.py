"""What a user sees while the stack is fetched and started: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO

from avroad.stack.disk import human_size

__all__ = ["Lines", "Quiet", "Reporter", "Transfers", "reporter_for"]


class Transfers(Protocol):
    """Several downloads at once; every method may be called from any thread."""

    def begin(self, name: str, size_bytes: int) -> Callable[[int], None]:
        """Show a new download; the returned function takes the bytes that just arrived."""
        ...

    def done(self, name: str, size_bytes: int) -> None:
        """Leave one line for a download that is complete and verified."""
        ...


class Reporter(Protocol):
    """Where the stack says what it does; never part of its results."""

    def say(self, text: str) -> None:
        """Show one line."""
        ...

    def transfers(self) -> AbstractContextManager[Transfers]:
        """Open the area in which downloads are shown."""
        ...


class Quiet:
    """Shows nothing: the reporter of library use."""

    def say(self, text: str) -> None:
        """Drop the line."""

    @contextmanager
    def transfers(self) -> Iterator[Transfers]:
        """Show no download."""
        yield self

    def begin(self, name: str, size_bytes: int) -> Callable[[int], None]:  # noqa: ARG002 -- the protocol's names
        """Show nothing."""
        return lambda _arrived_bytes: None

    def done(self, name: str, size_bytes: int) -> None:
        """Show nothing."""


class Lines(Quiet):
    """Plain lines for pipes and logs: one per finished download, none for its progress."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Write one line and flush it, so that a log shows it when it happens."""
        with self._lock:
            self._stream.write(f"{text}\n")
            self._stream.flush()

    def done(self, name: str, size_bytes: int) -> None:
        """Write the line of a finished download."""
        self.say(f"  fetched {name}  {human_size(size_bytes)}")


class _Bars(Lines):
    """Lines, and a bar for each download that is under way; only on a terminal."""

    @contextmanager
    def transfers(self) -> Iterator[Transfers]:
        from avroad.stack.bars import Bars  # noqa: PLC0415 -- rich is heavy and needed only for downloads

        with Bars(self._stream) as bars:
            yield bars


def reporter_for(stream: TextIO) -> Reporter:
    """Return bars when `stream` is a terminal, plain lines otherwise."""
    return _Bars(stream) if stream.isatty() else Lines(stream)
