"""The rounds of a running consumer: fetch, handle for a slice of time, follow dead letters, commit."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from avroad.codec.dead_letter import Failure
from avroad.consumer.assignment import Assignment, Lane
from avroad.consumer.backoff import Backoff
from avroad.consumer.commits import Commits
from avroad.consumer.deadletters import DeadLetters, Released
from avroad.consumer.handling import Handling
from avroad.consumer.report import Left
from avroad.consumer.settings import RunnerSettings
from avroad.consumer.signals import Handled, Later, Poisoned
from avroad.consumer.watermarks import Ticket, Watermarks
from avroad.errors import HandlerError
from avroad.model import Record
from avroad.ports.broker import RecordSource, TopicPartition
from avroad.ports.clock import Clock
from avroad.ports.hooks import Hook, OnConsumed, OnDeadLetter

__all__ = ["Work"]

_REVOKE_WAIT_S = 5.0


class Work:
    """Owns everything between the source and the handler; one thread. Without a group nothing is committed."""

    def __init__(
        self,
        *,
        source: RecordSource,
        settings: RunnerSettings,
        handling: Handling,
        letters: DeadLetters | None,
        clock: Clock,
        hooks: Sequence[Hook],
        on_poison: Callable[[Record, Failure], None] | None,
    ) -> None:
        self._source = source
        self._settings = settings
        self._handling = handling
        self._letters = letters
        self._clock = clock
        self._consumed = [hook for hook in hooks if isinstance(hook, OnConsumed)]
        self._lettered = [hook for hook in hooks if isinstance(hook, OnDeadLetter)]
        self._on_poison = on_poison
        self._watermarks = Watermarks()
        self._commits = Commits(
            source=source,
            watermarks=self._watermarks,
            clock=clock,
            interval_s=settings.commit_interval_s,
            records=settings.commit_records,
        )
        self.assignment = Assignment(
            source=source,
            watermarks=self._watermarks,
            commits=self._commits,
            backoff=Backoff(settings.retry_base_s, settings.retry_cap_s),
            before_revoke=self._settle_before_revoke,
        )
        self._recent: deque[bool] = deque(maxlen=settings.dead_letter_window)
        self.handled = self.poisoned = self.retried = 0
        self._finished = False

    def round(self, stop: threading.Event) -> None:
        """Do one round; ends within the poll time plus the slice plus one handler call."""
        self.assignment.take(self._source.poll(self._poll_s(), self._settings.max_records))
        self._handle_ready(stop)
        self._follow_letters()
        now = self._clock.monotonic()
        lanes = self.assignment.lanes.items()
        # A partition with something left is paused: polling must go on, or the group takes the member for dead.
        self.assignment.hold({key for key, lane in lanes if lane.queue or self._blocked(lane, now)})
        if self._settings.group:
            self._commits.maybe()

    def finish(self, timeout_s: float) -> bool:
        """Wait for dead letters on their way, then commit; False when the client did not come back in time."""
        if not self._settings.group:
            return True
        deadline = time.monotonic() + timeout_s
        self._settle(timeout_s / 2)
        self._finished = True
        return self._commits.final(max(0.0, deadline - time.monotonic()))

    def committed(self) -> dict[TopicPartition, int]:
        """Return the positions the broker has."""
        return self._watermarks.acknowledged() if self._settings.group else {}

    def left(self) -> tuple[Left, ...]:
        """Return what could not be finished: records being retried or waiting, dead letters, commits."""
        found: dict[TopicPartition, tuple[int, str]] = {}
        if self._settings.group:
            for key, offset in self._watermarks.uncommitted().items():
                found[key] = (offset, "handled, but the commit was not acknowledged")
            for record, why in self._letters.waiting() if self._letters is not None else ():
                key = (record.topic, record.partition)
                found[key] = (min(record.offset, found.get(key, (record.offset, ""))[0]), why)
        for key, lane in self.assignment.lanes.items():
            if lane.queue and lane.why:
                offset = lane.queue[0][0].offset
                found[key] = (min(offset, found.get(key, (offset, ""))[0]), lane.why)
        return tuple(
            Left(topic=key[0], partition=key[1], offset=offset, why=why) for key, (offset, why) in sorted(found.items())
        )

    def _poll_s(self) -> float:
        """Do not wait for new records while fetched ones can be worked on."""
        now = self._clock.monotonic()
        ready = any(lane.queue and not self._blocked(lane, now) for lane in self.assignment.lanes.values())
        return 0.0 if ready else self._settings.poll_s

    def _blocked(self, lane: Lane, now: float) -> bool:
        return lane.retry_at > now or (self._letters is not None and self._letters.blocked(lane.partition))

    def _handle_ready(self, stop: threading.Event) -> None:
        deadline = time.monotonic() + self._settings.slice_s
        for lane in list(self.assignment.lanes.values()):
            while lane.queue and not stop.is_set():
                if self._blocked(lane, self._clock.monotonic()):
                    break
                self._step(lane)
                if time.monotonic() >= deadline:
                    # The lanes behind get their turn first next time.
                    self.assignment.last(lane.partition)
                    return

    def _step(self, lane: Lane) -> None:
        """Try the first record of a partition once."""
        record, ticket = lane.queue[0]
        result = self._handling.attempt(record, lane.attempts)
        if isinstance(result, Later):
            lane.retry_at, lane.why = result.at, result.why
            if result.handler:
                lane.attempts += 1
                lane.first_failed = lane.first_failed or self._clock.now()
                self.retried += 1
            return
        if isinstance(result, Poisoned):
            self._poison(lane, record, ticket, result)
        lane.queue.popleft()
        lane.attempts, lane.first_failed, lane.retry_at, lane.why = 0, None, 0.0, ""
        if isinstance(result, Handled):
            self.handled += 1
            self._recent.append(False)
            self._done(ticket)
            for hook in self._consumed:
                hook.on_consumed(record, result.type_name)

    def _poison(self, lane: Lane, record: Record, ticket: Ticket, found: Poisoned) -> None:
        now = self._clock.now()
        failure = Failure(
            poison=found.poison,
            error=found.error,
            error_class=found.error_class,
            stage=found.stage,
            trace=found.trace,
            group=self._settings.group,
            app_version=self._settings.app_version,
            attempts=lane.attempts + 1,
            first_failed=lane.first_failed or now,
            last_failed=now,
        )
        if self._settings.group:
            self._check_share(record, failure)
        if self._on_poison is not None:
            self._on_poison(record, failure)
        self.poisoned += 1
        if self._letters is not None:
            self._letters.send(ticket, record, failure)
        else:
            self._done(ticket)

    def _check_share(self, record: Record, failure: Failure) -> None:
        """Stop the run before this record when it has nowhere to go, or when poison has become the rule."""
        place = f"{record.topic} partition {record.partition} offset {record.offset}"
        if self._letters is None or not self._letters.takes(record.topic):
            raise HandlerError(
                f"{place} cannot be handled ({failure.poison}: {failure.error}) and its topic has no dead-letter topic",
                hint="Declare `dlq: true` for it, or read without a group.",
            )
        self._recent.append(True)
        bad = sum(self._recent)
        if len(self._recent) == self._recent.maxlen and bad > self._settings.dead_letter_share * len(self._recent):
            raise HandlerError(
                f"{bad} of the last {len(self._recent)} records were poison, the last at {place} "
                f"({failure.poison}: {failure.error})",
                hint="Stopped, so that a wrong deployment does not empty the topic into its dead-letter topic.",
            )

    def _done(self, ticket: Ticket) -> None:
        self._watermarks.done(ticket)
        self._commits.finished()

    def _follow_letters(self) -> None:
        if self._letters is not None:
            self._release(self._letters.pump(self._watermarks.valid))

    def _settle(self, timeout_s: float) -> None:
        if self._letters is not None:
            self._release(self._letters.settle(self._watermarks.valid, timeout_s))

    def _settle_before_revoke(self, partitions: Sequence[TopicPartition]) -> None:
        # Leaving the group gives everything away too: what was not settled in time by then is left.
        if self._finished or self._letters is None:
            return
        if any(self._letters.on_way(key) for key in partitions):
            self._settle(_REVOKE_WAIT_S)

    def _release(self, released: Sequence[Released]) -> None:
        for letter in released:
            self._done(letter.ticket)
            for hook in self._lettered:
                hook.on_dead_letter(letter.record, str(letter.poison))
