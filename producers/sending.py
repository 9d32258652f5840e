"""From a stream of events to a topic: pace, backpressure, one outcome per send, rate and totals on the screen."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TextIO

from avroad.errors import EncodeError, Overloaded
from avroad.model import Delivery, Outcome
from producers.display import Display

__all__ = ["Ledger", "Pace", "Sender", "Sending", "send_all"]

_NAP_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """An event on its way. topics: every topic it goes to. origin: where it was read, for messages."""

    event: object
    event_id: str
    type_name: str
    topics: tuple[str, ...]
    origin: str = ""


class Target(Protocol):
    """What sends: avroad's publisher."""

    def send(self, event: object, *, topic: str = "") -> Future[Delivery]:
        """Queue one event; the future resolves exactly once and never raises."""
        ...


class Ledger:
    """A file of JSON lines, one per send, written when its outcome is known; safe from several threads."""

    def __init__(self, path: Path | None) -> None:
        self._file: TextIO | None = None
        self._lock = threading.Lock()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Line by line: what a killed producer knew must be in the file.
            self._file = path.open("w", encoding="utf-8", newline="\n", buffering=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, sending: Sending, topic: str, delivery: Delivery) -> None:
        """Write one line: who, where, and how it ended."""
        if self._file is None:
            return
        line = json.dumps(
            {
                "event_id": sending.event_id,
                "type": sending.type_name,
                "topic": topic,
                "partition": delivery.partition,
                "offset": delivery.offset,
                "outcome": delivery.outcome.value,
                "reason": delivery.reason,
            }
        )
        with self._lock:
            self._file.write(f"{line}\n")


class Pace:
    """Lets `rate` events per second pass; 0 lets everything pass. A stall is not caught up in one burst."""

    def __init__(
        self,
        rate: float,
        *,
        now: Callable[[], float] = time.monotonic,
        nap: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap_s = 1.0 / rate if rate else 0.0
        self._now = now
        self._nap = nap
        self._due = now()

    def wait(self, stop: threading.Event) -> None:
        """Return when the next event may go, or when `stop` is set."""
        if not self._gap_s:
            return
        self._due = max(self._due + self._gap_s, self._now() - 1.0)
        while not stop.is_set() and (left := self._due - self._now()) > 0:
            self._nap(min(left, _NAP_S))


class Sender:
    """Sends and counts. outcomes and types count sends, sent counts events, one of which may go to two topics."""

    def __init__(self, target: Target, ledger: Ledger, stop: threading.Event) -> None:
        self._target = target
        self._ledger = ledger
        self._stop = stop
        self._lock = threading.Lock()
        self.sent = 0
        self.types: Counter[str] = Counter()
        self.outcomes: Counter[Outcome] = Counter()
        self.reason = ""

    def send(self, sending: Sending) -> None:
        """Queue an event for each of its topics, waiting for room until told to stop.

        Raises Overloaded when told to stop while the queue is full, EncodeError, and BrokerError after a failure
        that ends the publisher.
        """
        for topic in sending.topics:
            future = self._queue(sending, topic)
            future.add_done_callback(partial(self._resolved, sending, topic))
        self.sent += 1
        self.types[sending.type_name] += 1

    def _queue(self, sending: Sending, topic: str) -> Future[Delivery]:
        while True:
            try:
                return self._target.send(sending.event, topic=topic)
            except Overloaded:
                if self._stop.is_set():
                    raise

    def _resolved(self, sending: Sending, topic: str, future: Future[Delivery]) -> None:
        """Runs in the publisher's thread."""
        delivery = future.result()
        self._ledger.write(sending, topic, delivery)
        with self._lock:
            self.outcomes[delivery.outcome] += 1
            if delivery.outcome is not Outcome.ACKED and not self.reason:
                self.reason = delivery.reason


def send_all(
    sendings: Iterable[Sending],
    sender: Sender,
    *,
    pace: Pace,
    stop: threading.Event,
    display: Display,
    ends_at: float | None = None,
    on_refused: Callable[[Sending, EncodeError], None] | None = None,
) -> None:
    """Send events at their pace until they run out, `stop` is set or the monotonic time `ends_at` has come.

    on_refused: told each event that does not fit its schema; without it the first one raises EncodeError.
    """
    for sending in sendings:
        pace.wait(stop)
        if stop.is_set() or (ends_at is not None and time.monotonic() >= ends_at):
            return
        try:
            sender.send(sending)
        except EncodeError as error:
            if on_refused is None:
                raise
            on_refused(sending, error)
        except Overloaded:
            return  # told to stop while waiting for room: this event was not taken
        display.show(sender.sent, sender.outcomes)
