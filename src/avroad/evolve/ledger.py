"""What members of a rolling upgrade tell of each event, from their threads, and waiting for it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from avroad.evolve.implementations import Unread

__all__ = ["Ledger", "Meeting", "Stopped"]

_LOOK_S: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One delivery. phase: in which it was; reader: the consumer's version; got: the value, or Unread."""

    event_id: str
    phase: int
    reader: str
    got: Any


class Stopped(Exception):  # no error: somebody else gives the reason
    """The play is to end before its end."""


class Ledger:
    """Everything that happened, by id. Thread-safe.

    sent: (phase, writer's version, number of the datum) by id; meetings: in the order in which they were told.
    """

    def __init__(self, abort: threading.Event) -> None:
        self.phase = 0
        self.sent: dict[str, tuple[int, str, int]] = {}
        self.delivered: dict[str, None] = {}
        self.meetings: list[Meeting] = []
        self._abort = abort
        self._error: BaseException | None = None
        self._changed = threading.Condition()
        self._open: set[str] = set()
        self._met: set[str] = set()
        self._sends: Counter[int] = Counter()
        self._acks: Counter[int] = Counter()
        self._consumers: Counter[int] = Counter()

    def beside(self) -> Ledger:
        """Return a ledger for somebody who reads the same events and takes no part: it knows what is sent, too."""
        made = Ledger(self._abort)
        made.sent = self.sent
        return made

    @property
    def handled_ids(self) -> list[str]:
        """The ids of every call of a handler."""
        return [each.event_id for each in self.meetings if not isinstance(each.got, Unread)]

    @property
    def broken_off(self) -> bool:
        """Whether the play is to end before its end."""
        return self._abort.is_set() or self._error is not None

    @property
    def unmet(self) -> int:
        """How many of the events in the log nobody met."""
        with self._changed:
            return len(self.delivered.keys() - self._met)

    def count(self, producer: int) -> int:
        """Return the next number of a producer's place."""
        with self._changed:
            self._sends[producer] += 1
            return self._sends[producer]

    def sending(self, event_id: str, writer: str, datum: int) -> None:
        """Note an event that is about to be sent."""
        with self._changed:
            self.sent[event_id] = (self.phase, writer, datum)

    def acked(self, event_id: str) -> None:
        """Note that the log has an event."""
        with self._changed:
            self.delivered[event_id] = None
            self._acks[int(event_id.partition("-")[0])] += 1
            if event_id not in self._met:
                self._open.add(event_id)
            self._changed.notify_all()

    def met(self, event_id: str, consumer: int, reader: str, got: object) -> None:
        """Note a delivery to a consumer, which handled or refused it."""
        with self._changed:
            self.meetings.append(Meeting(event_id=event_id, phase=self.phase, reader=reader, got=got))
            self._met.add(event_id)
            self._open.discard(event_id)
            self._consumers[consumer] += 1
            self._changed.notify_all()

    def fail(self, error: BaseException) -> None:
        """End the play: a member did."""
        with self._changed:
            self._error = self._error or error
            self._changed.notify_all()

    def next_phase(self) -> None:
        """Begin the next phase."""
        with self._changed:
            self.phase += 1

    def wait_acked(self, producers: tuple[int, ...], more: int, timeout_s: float) -> bool:
        """Wait until each producer has so many more events in the log; False when the time was over. See `_wait`."""
        with self._changed:
            goal = {number: self._acks[number] + more for number in producers}
        return self._wait(lambda: all(self._acks[number] >= least for number, least in goal.items()), timeout_s)

    def entered(self, consumer: int) -> None:
        """Note that a consumer begins anew."""
        with self._changed:
            self._consumers[consumer] = 0

    def settle(self, consumers: tuple[int, ...], timeout_s: float) -> None:
        """Wait until each consumer has met an event since it entered, also when the play is to end."""
        with self._changed:
            self._changed.wait_for(lambda: all(self._consumers[number] for number in consumers), timeout_s)

    def wait_met(self, consumers: tuple[int, ...], timeout_s: float) -> bool:
        """Wait until each consumer has met one more event; False when the time was over. See `_wait`."""
        with self._changed:
            before = {number: self._consumers[number] for number in consumers}
        return self._wait(lambda: all(self._consumers[number] > n for number, n in before.items()), timeout_s)

    def wait_finished(self, timeout_s: float) -> bool:
        """Wait until all that is in the log by now was handled or refused; False when the time was over. See `_wait`.

        Events that were waited for in vain are not waited for again.
        """
        with self._changed:
            pending = set(self._open)
        done = self._wait(lambda: not pending & self._open, timeout_s)
        with self._changed:
            self._open -= pending
        return done

    def _wait(self, done: Callable[[], bool], timeout_s: float) -> bool:
        """Raises Stopped when the play is aborted, and what ended a member."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while True:
                if self._error is not None:
                    raise self._error
                if self._abort.is_set():
                    raise Stopped
                if done():
                    return True
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(_LOOK_S, left))
