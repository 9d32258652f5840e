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
from typing import Protocol, Self

from avroad.cli.output import say
from avroad.errors import EncodeError, Overloaded
from avroad.model import Delivery, Outcome
from producers.display import Display, named, totals
from producers.outputs import OutputFile, WriteFailed

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
    """A file of JSON lines, one per send, written when its outcome is known; safe from several threads.

    A file that cannot be written any more is no reason to lose what is on its way: writing never raises, `failed`
    says that it is time to stop, and leaving the block raises WriteFailed with what is not in the file.
    """

    def __init__(self, path: Path | None) -> None:
        self._file = OutputFile(path)
        self._lock = threading.Lock()
        self._failure: WriteFailed | None = None
        self._missing: list[tuple[str, Outcome]] = []

    @property
    def failed(self) -> bool:
        """Whether an outcome could not be written."""
        return self._failure is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)
        if self._failure is None:
            return
        outcomes = Counter(outcome for _, outcome in self._missing)
        ids = named([event_id for event_id, _ in self._missing])
        failure = WriteFailed(
            f"{self._failure.message}; sending was stopped, and the outcomes of {len(self._missing):,} sends "
            f"({totals(outcomes)}) are not in it: {ids}",
            file=self._failure.file,
        )
        if kind is None:
            raise failure
        say(f"{failure}")  # the error on its way out is the one that ended the run

    def write(self, sending: Sending, topic: str, delivery: Delivery) -> None:
        """Write one line: who, where, and how it ended."""
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
            if self._failure is None:
                try:
                    self._file.write(line)
                except WriteFailed as error:
                    self._failure = error
            if self._failure is not None:
                self._missing.append((sending.event_id, delivery.outcome))


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

    def wait(self, over: Callable[[], bool]) -> None:
        """Return when the next event may go, or when sending is over."""
        if not self._gap_s:
            return
        self._due = max(self._due + self._gap_s, self._now() - 1.0)
        while not over() and (left := self._due - self._now()) > 0:
            self._nap(min(left, _NAP_S))


class Sender:
    """Sends and counts. outcomes count sends; sent and types count events, one of which may go to two topics.

    again: counts sends of events that another topic has already.
    over: asked whether to wait any longer when the queue is full.
    """

    def __init__(self, target: Target, ledger: Ledger, over: Callable[[], bool]) -> None:
        self._target = target
        self._ledger = ledger
        self._over = over
        self._lock = threading.Lock()
        self.sent = self.again = 0
        self.types: Counter[str] = Counter()
        self.outcomes: Counter[Outcome] = Counter()
        self.reason = ""

    def send(self, sending: Sending) -> None:
        """Queue an event for each of its topics, waiting for room until sending is over.

        Raises Overloaded when that happens before any topic has it, EncodeError, and BrokerError after a failure
        that ends the publisher.
        """
        for number, topic in enumerate(sending.topics):
            try:
                future = self._queue(sending, topic)
            except Overloaded as error:
                if not number:
                    raise
                # Half of it is on its way, so the rest needs an outcome too: it never left, hence it is in no log.
                future = Future()
                future.set_result(Delivery(outcome=Outcome.REJECTED, topic=topic, reason=str(error)))
            self.again += number > 0
            future.add_done_callback(partial(self._resolved, sending, topic))
        self.sent += 1
        self.types[sending.type_name] += 1

    def _queue(self, sending: Sending, topic: str) -> Future[Delivery]:
        while True:
            try:
                return self._target.send(sending.event, topic=topic)
            except Overloaded:
                if self._over():
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
    over: Callable[[], bool],
    display: Display,
    on_refused: Callable[[Sending, EncodeError], None] | None = None,
) -> None:
    """Send events at their pace until they run out or `over` says that it is time to end.

    on_refused: told each event that does not fit its schema; without it the first one raises EncodeError.
    """
    for sending in sendings:
        pace.wait(over)
        if over():
            return
        try:
            sender.send(sending)
        except EncodeError as error:
            if on_refused is None:
                raise
            on_refused(sending, error)
        except Overloaded:
            return  # over while waiting for room: this event was not taken
        display.show(sender.sent, sender.outcomes)
