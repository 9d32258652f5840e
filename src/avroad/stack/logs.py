"""The services' logs: their last lines, lines as they come, and what a failure in them means."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from avroad.errors import StackError
from avroad.stack.cache import cache_root
from avroad.stack.disk import DiskFull
from avroad.stack.java import JavaTooOld
from avroad.stack.ports import PortTaken

__all__ = ["Crashed", "DamagedData", "diagnose", "follow", "last_lines"]

_BLOCK_BYTES = 65_536
_POLL_S = 0.2
_SHOWN = 12
_WIDTH = 300
_NOISE = ("at ", "... ", "WARNING: ")  # frames of stack traces, and what the JVM says about its libraries
_CACHE = "<cache>"  # stands for the folder in the table of signs
_RESET = "Run `avroad stack reset` to delete this stack's data, then `avroad stack up`."


class Crashed(StackError):
    """A broker or the registry ended, or did not become ready in time."""


class DamagedData(StackError):
    """The data folder is incomplete or does not belong to this stack."""


def last_lines(path: Path, count: int, *, since_bytes: int = 0) -> list[str]:
    """Return up to `count` last lines of a log, oldest first; [] without a file.

    since_bytes: ignore what was written before this position (an earlier start).
    """
    try:
        with path.open("rb") as stream:
            end = stream.seek(0, 2)
            text = b""
            while end > since_bytes and text.count(b"\n") <= count:
                start = max(since_bytes, end - _BLOCK_BYTES)
                stream.seek(start)
                text = stream.read(end - start) + text
                end = start
    except FileNotFoundError:
        return []
    return text.decode("utf-8", errors="replace").splitlines()[-count:] if count > 0 else []


def follow(logs: Mapping[str, Path], *, going_on: Callable[[], bool]) -> Iterator[tuple[str, str]]:
    """Give (name, line) for each line appended to any of the logs after this call, until `going_on` says no.

    A log that is made anew is read from its beginning. Lines of one log keep their order.
    """
    return _new_lines([_Tail(name, path) for name, path in logs.items()], going_on)


def _new_lines(tails: list[_Tail], going_on: Callable[[], bool]) -> Iterator[tuple[str, str]]:
    pause = threading.Event()
    while True:
        last_round = not going_on()
        new = [(tail.name, line) for tail in tails for line in tail.new_lines()]
        yield from new
        if not new:
            if last_round:
                return
            pause.wait(_POLL_S)


class _Tail:
    """Remembers how far one log was read."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path
        self._position = path.stat().st_size if path.exists() else 0
        self._rest = b""

    def new_lines(self) -> list[str]:
        size = self._path.stat().st_size if self._path.exists() else 0
        if size < self._position:
            self._position, self._rest = 0, b""
        if size == self._position:
            return []
        with self._path.open("rb") as stream:
            stream.seek(self._position)
            arrived = stream.read(size - self._position)
        self._position = size
        *lines, self._rest = (self._rest + arrived).split(b"\n")
        return [line.decode("utf-8", errors="replace").rstrip("\r") for line in lines]


def diagnose(service: str, lines: list[str], *, reason: str, log: Path, disk_full: bool = False) -> StackError:
    """Return the error that fits the last lines of a service that failed.

    reason: what was seen from outside ("ended with exit code 1"); disk_full: seen from outside too, because on a
    full disk the log itself may be missing. The last lines are always shown, without the frames of stack traces.
    """
    text = "\n".join(lines)
    if disk_full:
        text = f"{text}\nNo space left on device"
    kind, advice = next(
        ((kind, advice) for kind, advice, signs in _SIGNS if any(sign in text for sign in signs)),
        (Crashed, f"The whole log: {log}"),
    )
    told = [line for line in lines if line.strip() and not line.lstrip().startswith(_NOISE)]
    shown = "\n".join(f"  | {line[:_WIDTH]}" for line in told[-_SHOWN:]) or "  | (the log is empty)"
    advice = advice.replace(_CACHE, str(cache_root()))
    return kind(f"{service} {reason}", hint=f"{advice}\nIts last log lines:\n{shown}")


_SIGNS: tuple[tuple[type[StackError], str, tuple[str, ...]], ...] = (
    (
        DiskFull,
        "The disk is full. Free some space; `avroad stack reset` deletes this stack's data.",
        ("No space left on device", "There is not enough space on the disk"),
    ),
    (
        PortTaken,
        "A port was taken meanwhile. Run the command again, or choose others with --port and --registry-port.",
        ("Address already in use", "in use by another process", "BindException"),
    ),
    (
        Crashed,
        f"A file in the cache seems to be damaged. Delete the folder {_CACHE} and run the command again.",
        ("ClassFormatError", "ClassNotFoundException", "NoClassDefFoundError", "ZipException", "Error opening zip"),
    ),
    (
        Crashed,
        "Another broker works on this data. Does it run in a container, or as another user? End it there.",
        ("Failed to acquire lock on file .lock",),
    ),
    (JavaTooOld, 'The Java in use is too old. Run: pip install "avroad[stack]"', ("UnsupportedClassVersionError",)),
    (
        DamagedData,
        f"The data folder is damaged. {_RESET}",
        (
            "meta.properties",
            "Inconsistent cluster",
            "InconsistentClusterId",
            "File corrupted",
            "MVStoreException",
            "is not in the form of topic-partition",
            "stored node id",
            "FileQuorumStateStore",
            "Malformed line in checkpoint file",
            "CorruptRecordException",
        ),
    ),
)
