"""Poison on its way to the dead-letter topic: a source offset is released only after the acknowledgement."""

from __future__ import annotations

import itertools
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from avroad.codec.dead_letter import Failure, Poison, dead_letter
from avroad.consumer.backoff import Backoff
from avroad.consumer.watermarks import Ticket
from avroad.errors import BrokerError
from avroad.model import Delivery, Outcome, OutgoingRecord, Record
from avroad.ports.broker import RecordSink, TopicPartition
from avroad.ports.clock import Clock

__all__ = ["DeadLetters", "Released"]

_LOG = logging.getLogger("avroad.consumer")
_MAX_IN_FLIGHT = 500
_DRAIN_POLL_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A record whose dead letter is in the log."""

    ticket: Ticket
    record: Record
    poison: Poison


@dataclass(slots=True)
class _Letter:
    ticket: Ticket
    record: Record
    poison: Poison
    outgoing: OutgoingRecord
    attempts: int = 0
    retry_at: float | None = None
    why: str = ""


class DeadLetters:
    """Sends dead letters and repeats until each is acknowledged. One thread; results arrive in `pump`."""

    def __init__(self, *, sink: RecordSink, topics: Mapping[str, str], clock: Clock, backoff: Backoff) -> None:
        self._sink = sink
        self._topics = topics
        self._clock = clock
        self._backoff = backoff
        self._letters: dict[int, _Letter] = {}
        self._numbers = itertools.count()
        self._results: deque[tuple[int, Delivery]] = deque()
        self._partitions: dict[str, int] = {}
        self._count: Counter[TopicPartition] = Counter()
        self._fatal = ""

    def open(self) -> None:
        """Look every dead-letter topic up, so that a missing one is known before the first poison record."""
        for topic in sorted(set(self._topics.values())):
            self._partitions[topic] = self._sink.partitions(topic)

    def takes(self, topic: str) -> bool:
        """Whether the topic has a dead-letter topic."""
        return topic in self._topics

    def send(self, ticket: Ticket, record: Record, failure: Failure) -> None:
        """Take over a poison record."""
        topic = self._topics[record.topic]
        partition = record.partition if record.partition < self._partitions.get(topic, 0) else None
        outgoing = dead_letter(record, failure, topic, partition)
        number = next(self._numbers)
        self._letters[number] = _Letter(ticket=ticket, record=record, poison=failure.poison, outgoing=outgoing)
        self._count[ticket[0]] += 1
        self._produce(number)

    def pump(self, valid: Callable[[Ticket], bool]) -> list[Released]:
        """Serve results, repeat what is due, forget letters of partitions given away; return what was acknowledged.

        Raises BrokerError when the client failed for good, after what was acknowledged before has been returned.
        """
        released = self._serve(valid)
        if self._fatal and not released:
            raise BrokerError(f"dead letters cannot be sent any more: {self._fatal}")
        return released

    def _serve(self, valid: Callable[[Ticket], bool]) -> list[Released]:
        if not self._letters:
            return []
        self._sink.poll(0)
        released: list[Released] = []
        while self._results:
            number, delivery = self._results.popleft()
            letter = self._letters.get(number)
            if letter is None:
                continue
            if delivery.outcome is Outcome.ACKED:
                self._remove(number)
                released.append(Released(ticket=letter.ticket, record=letter.record, poison=letter.poison))
            elif delivery.outcome is Outcome.FATAL:
                self._fatal = delivery.reason
                letter.why = f"dead letter not acknowledged: {delivery.reason}"
            else:
                self._retry_later(letter, delivery.reason)
        now = self._clock.monotonic()
        for number, letter in list(self._letters.items()):
            if not valid(letter.ticket):
                self._remove(number)  # its new owner meets the record again
            elif letter.retry_at is not None and letter.retry_at <= now:
                self._produce(number)
        return released

    def blocked(self, partition: TopicPartition) -> bool:
        """Whether the partition has to wait: a letter of it failed, or too many are on their way."""
        count = self._count[partition] if self._count else 0
        if not count:
            return False
        return count >= _MAX_IN_FLIGHT or any(
            letter.retry_at is not None for letter in self._letters.values() if letter.ticket[0] == partition
        )

    def on_way(self, partition: TopicPartition) -> bool:
        """Whether letters of the partition are not acknowledged yet."""
        return partition in self._count

    def settle(self, valid: Callable[[Ticket], bool], timeout_s: float) -> list[Released]:
        """Serve until nothing is left, nothing can be sent any more or the time is over; return what was acknowledged.

        Never raises: this is how partitions are given away and how a run ends.
        """
        deadline = time.monotonic() + timeout_s
        released = self._serve(valid)
        while self._letters and not self._fatal and (left := deadline - time.monotonic()) > 0:
            self._sink.poll(min(_DRAIN_POLL_S, left))
            released += self._serve(valid)
        return released

    def waiting(self) -> list[tuple[Record, str]]:
        """Return records whose letter is not acknowledged, with the reason."""
        return [(letter.record, letter.why or "dead letter not acknowledged") for letter in self._letters.values()]

    def close(self, timeout_s: float) -> bool:
        """Give up on what is on its way and free the sink; sources of these letters stay uncommitted."""
        return self._sink.close(timeout_s)

    def __len__(self) -> int:
        return len(self._letters)

    def __bool__(self) -> bool:
        return True

    def _remove(self, number: int) -> None:
        partition = self._letters.pop(number).ticket[0]
        self._count[partition] -= 1
        if not self._count[partition]:
            del self._count[partition]

    def _produce(self, number: int) -> None:
        letter = self._letters[number]
        letter.attempts += 1
        letter.retry_at = None
        taken = self._sink.produce(letter.outgoing, lambda delivery: self._results.append((number, delivery)))
        if not taken:
            self._retry_later(letter, "the send queue is full")

    def _retry_later(self, letter: _Letter, reason: str) -> None:
        delay = self._backoff.delay(letter.attempts)
        letter.retry_at = self._clock.monotonic() + delay
        letter.why = f"dead letter not acknowledged: {reason}"
        record = letter.record
        _LOG.warning(
            "dead letter of %s partition %d offset %d not acknowledged (%s), again in %.1f s",
            record.topic, record.partition, record.offset, reason, delay,
        )  # fmt: skip
