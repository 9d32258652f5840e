"""What a user sees while the stack is fetched and started: one moving line on a terminal, a few lines elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TextIO

from avroad.stack.disk import human_size

__all__ = ["Lines", "Quiet", "Reporter", "Transfers", "reporter_for"]

_REFRESH_S = 0.1
_STEP_PERCENT = 25  # of what pipes and logs are told


class Transfers(Protocol):
    """Several downloads at once; every method may be called from any thread."""

    def begin(self, name: str) -> Callable[[int], None]:
        """Count a download from nothing, also at its second try; the function takes the bytes that just arrived."""
        ...

    def done(self, name: str, size_bytes: int) -> None:
        """Count a download as complete and verified."""
        ...


class Reporter(Protocol):
    """Where the stack says what it does; never part of its results."""

    def say(self, text: str) -> None:
        """Show one line."""
        ...

    def transfers(self, files: int, size_bytes: int) -> AbstractContextManager[Transfers]:
        """Open the area in which the progress of so many downloads of this size together is shown."""
        ...


class Quiet:
    """Shows nothing: the reporter of library use."""

    def say(self, text: str) -> None:
        """Drop the line."""

    @contextmanager
    def transfers(self, files: int, size_bytes: int) -> Iterator[Transfers]:  # noqa: ARG002 -- the protocol's names
        """Show no download."""
        yield self

    def begin(self, name: str) -> Callable[[int], None]:  # noqa: ARG002 -- the protocol's names
        """Show nothing."""
        return lambda _arrived_bytes: None

    def done(self, name: str, size_bytes: int) -> None:
        """Show nothing."""


class Lines(Quiet):
    """Plain lines for pipes and logs; of downloads, one for each quarter that has arrived."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Write one line and flush it, so that a log shows it when it happens."""
        self._write(f"{text}\n")

    @contextmanager
    def transfers(self, files: int, size_bytes: int) -> Iterator[Transfers]:
        """Write how much has arrived at every quarter."""
        said = 0

        def show(text: str, percent: int) -> None:
            nonlocal said
            if percent // _STEP_PERCENT > said:
                said = percent // _STEP_PERCENT
                self.say(text)

        yield _Tally(files, size_bytes, show)

    def _write(self, text: str) -> None:
        with self._lock:
            self._stream.write(text)
            self._stream.flush()


class _Terminal(Lines):
    """Lines, and one that is written over and over while downloads are under way."""

    @contextmanager
    def transfers(self, files: int, size_bytes: int) -> Iterator[Transfers]:
        """Show how much has arrived, ten times a second; the last state stays."""
        shown, width, next_at = "", 0, 0.0

        def show(text: str, percent: int) -> None:
            nonlocal shown, width, next_at
            shown, width = text, max(width, len(text))
            if percent == 100 or time.monotonic() >= next_at:  # noqa: PLR2004 -- percent
                self._write(f"\r{text.ljust(width)}")
                next_at = time.monotonic() + _REFRESH_S

        tally = _Tally(files, size_bytes, show)
        try:
            yield tally
        finally:
            tally.end()
            if shown:
                self._write(f"\r{shown.ljust(width)}\n")


class _Tally:
    """What has arrived of all downloads together. show: is given the line and the percentage, under the lock."""

    def __init__(self, files: int, size_bytes: int, show: Callable[[str, int], None]) -> None:
        self._files = files
        self._size_bytes = size_bytes
        self._show = show
        self._arrived: dict[str, int] = {}
        self._complete = 0
        self._ended = False
        self._lock = threading.Lock()

    def begin(self, name: str) -> Callable[[int], None]:
        """Count a download from nothing."""
        with self._lock:
            self._arrived[name] = 0

        def arrived(count_bytes: int) -> None:
            with self._lock:
                self._arrived[name] += count_bytes
                self._tell()

        return arrived

    def done(self, name: str, size_bytes: int) -> None:
        """Count a download as complete, whatever was seen of it."""
        with self._lock:
            self._arrived[name] = size_bytes
            self._complete += 1
            self._tell()

    def end(self) -> None:
        """Show nothing any more: a thread may be left behind that still receives."""
        with self._lock:
            self._ended = True

    def _tell(self) -> None:
        if self._ended:
            return
        arrived = min(sum(self._arrived.values()), self._size_bytes)
        # What has arrived is not yet verified: only the last file makes it all.
        percent = 100 if self._complete == self._files else min(99, 100 * arrived // max(1, self._size_bytes))
        files = f"{self._complete} of {self._files} files" if self._files > 1 else "1 file"
        self._show(f"  {files}, {human_size(arrived)} of {human_size(self._size_bytes)}, {percent}%", percent)


def reporter_for(stream: TextIO) -> Reporter:
    """Return a line that moves when `stream` is a terminal, plain lines otherwise."""
    return _Terminal(stream) if stream.isatty() else Lines(stream)
