"""The child's half of measuring a framework in its own process and environment: JSON lines on stdin and stdout.

Needs the standard library and fastavro only, so that any framework's environment can run it.
"""

from __future__ import annotations

import copy
import importlib.metadata
import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import fastavro

from bench.shapes import LIGHT, digest

__all__ = ["PARTITIONS", "Clock", "Light", "serve"]

FRAME_SIZE: Final = 5
PARTITIONS: Final = 4


class Light:
    """The light event, encoded and decoded as in `bench.peers`: fastavro with a reused buffer behind the frame."""

    def __init__(self, frame: bytes, count: int) -> None:
        self.events = LIGHT.events(count)
        self._frame = frame
        both: Any = copy.deepcopy((LIGHT.writer, LIGHT.reader))
        self._writer, self._reader = map(fastavro.parse_schema, both)
        self._buffer = io.BytesIO()

    def encode(self, event: Any) -> bytes:
        """Return the framed payload of an event."""
        buffer = self._buffer
        buffer.seek(0)
        buffer.truncate()
        buffer.write(self._frame)
        fastavro.schemaless_writer(buffer, self._writer, event)
        return buffer.getvalue()

    def decode(self, payload: bytes) -> Any:
        """Return the evolved event of a framed payload."""
        source = io.BytesIO(payload)
        source.seek(FRAME_SIZE)
        return fastavro.schemaless_reader(source, self._writer, self._reader)


@dataclass(slots=True)
class Clock:
    """Both clocks of one run, and what it has read when that is to be checked."""

    keep: bool = False
    seen: list[Any] = field(default_factory=list)
    started: tuple[float, float] = (0.0, 0.0)
    ended: tuple[float, float] = (0.0, 0.0)

    def start(self) -> None:
        """Begin."""
        self.started = (time.perf_counter(), time.process_time())

    def stop(self) -> None:
        """End."""
        self.ended = (time.perf_counter(), time.process_time())

    def answer(self, events: int) -> dict[str, Any]:
        """Return the run as its parent wants it."""
        wall_s, cpu_s = (end - start for end, start in zip(self.ended, self.started, strict=True))
        found = {"events": events, "wall_s": wall_s, "cpu_s": cpu_s}
        return {**found, "digest": digest(self.seen)} if self.keep else found


class Runs(Protocol):
    """What a framework does. Each call returns for how many events its clock ran."""

    def produce(self, topic: str, count: int, clock: Clock) -> int:
        """Send events and wait until they are acknowledged."""
        ...

    def consume(self, topic: str, count: int, clock: Clock) -> int:
        """Read events."""
        ...


def serve(distributions: tuple[str, ...], make: Callable[[str, Light], Runs]) -> None:
    """Answer one request per line until stdin ends; arguments: bootstrap servers, frame as hex, number of events."""
    servers, frame, count = sys.argv[1:]
    with _only_answers_on_stdout() as say:
        runs = make(servers, Light(bytes.fromhex(frame), int(count)))
        say({name: importlib.metadata.version(name) for name in distributions})
        for line in sys.stdin:
            request = json.loads(line)
            clock = Clock(keep=request["keep"])
            call = runs.produce if request["do"] == "produce" else runs.consume
            say(clock.answer(call(request["topic"], request["count"], clock)))


@contextmanager
def _only_answers_on_stdout() -> Iterator[Callable[[dict[str, Any]], None]]:
    """Keep what a framework prints out of the answers."""
    answers, sys.stdout = sys.stdout, sys.stderr

    def say(value: dict[str, Any]) -> None:
        answers.write(f"{json.dumps(value)}\n")
        answers.flush()

    try:
        yield say
    finally:
        sys.stdout = answers
