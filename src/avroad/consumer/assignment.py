"""The partitions owned now: where each starts, what is buffered of it, and how it is given away."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from avroad.consumer.backoff import Backoff
from avroad.consumer.commits import Commits
from avroad.consumer.watermarks import Ticket, Watermarks
from avroad.errors import BrokerError, BrokerUnavailable, TopicRecreated
from avroad.model import Record
from avroad.ports.broker import RecordSource, TopicPartition

__all__ = ["Assignment", "Lane"]

_LOG = logging.getLogger("avroad.consumer")
_START_ATTEMPTS: Final = 5
_T = TypeVar("_T")


@dataclass(slots=True)
class Lane:
    """One owned partition: records fetched and not finished, first one first, and its retry state.

    expected: the lowest offset not yet fetched. retry_at: no record is tried before (monotonic seconds).
    attempts, first_failed: of the first record's failed handler calls. held: paused at some time since it was reset.
    """

    partition: TopicPartition
    expected: int
    queue: deque[tuple[Record, Ticket]] = field(default_factory=deque)
    retry_at: float = 0.0
    attempts: int = 0
    first_failed: datetime | None = None
    why: str = ""
    held: bool = False


class Assignment:
    """Implements `ports.RebalanceListener`; its callbacks run inside the source's poll and close, in their thread.

    starts: where partitions without a committed offset begin; others of them are new and begin at their beginning.
    before_revoke: called with partitions about to go, to finish what can be finished.
    """

    def __init__(
        self,
        *,
        source: RecordSource,
        watermarks: Watermarks,
        commits: Commits,
        backoff: Backoff,
        before_revoke: Callable[[Sequence[TopicPartition]], None],
    ) -> None:
        self._source = source
        self._watermarks = watermarks
        self._commits = commits
        self._backoff = backoff
        self._before_revoke = before_revoke
        self.starts: dict[TopicPartition, int] = {}
        self.lanes: dict[TopicPartition, Lane] = {}
        self._paused: set[TopicPartition] = set()

    def assigned(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Take partitions over at the group's committed offsets.

        Raises BrokerUnavailable after bounded attempts, TopicRecreated for offsets or partitions of another topic than
        the one seen first.
        """
        self._look(sorted({topic for topic, _ in partitions}))
        committed = self._patiently(partial(self._source.committed, partitions))
        positions: dict[TopicPartition, int] = {}
        for key in partitions:
            offset = committed.get(key)
            known = offset is not None
            if offset is None:
                offset = self.starts.get(key)
            if offset is None:
                _LOG.info("%s partition %d is new to the group: from its beginning", *key)
                offset = self._patiently(partial(self._source.watermarks, key))[0]
            positions[key] = offset
            self.begin(key, offset, commit=not known)
        return positions

    def begin(self, partition: TopicPartition, offset: int, *, commit: bool) -> None:
        """Own a partition from an offset on."""
        self._watermarks.assign(partition, offset, commit=commit)
        self.lanes[partition] = Lane(partition=partition, expected=offset)

    def revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Finish what is on its way, commit, let go."""
        self._before_revoke(partitions)
        for key in partitions:
            self._commits.revoked(key)
        self._forget(partitions)

    def lost(self, partitions: Sequence[TopicPartition]) -> None:
        """Let go without a commit: another member may own the partitions already."""
        _LOG.warning("lost %d partitions; their unfinished records go to other members", len(partitions))
        self._forget(partitions)

    def committed(self, offsets: Mapping[TopicPartition, int], error: BrokerError | None) -> None:
        """Pass on the result of a commit."""
        self._commits.result(offsets, error)

    def take(self, records: Iterable[Record]) -> None:
        """Queue fetched records; those of partitions given away meanwhile, or seen before, are dropped."""
        for record in records:
            lane = self.lanes.get((record.topic, record.partition))
            if lane is None or record.offset < lane.expected:
                continue
            lane.expected = record.offset + 1
            ticket = self._watermarks.start(lane.partition, record.offset, record.leader_epoch)
            lane.queue.append((record, ticket))

    def last(self, partition: TopicPartition) -> None:
        """Put a partition behind the others in the order of turns."""
        self.lanes[partition] = self.lanes.pop(partition)

    def hold(self, wanted: set[TopicPartition]) -> None:
        """Pause exactly these owned partitions; resume only what was paused here."""
        for key in wanted:
            self.lanes[key].held = True
        resume = self._paused - wanted
        pause = wanted - self._paused
        if resume:
            self._source.resume(sorted(resume))
        if pause:
            self._source.pause(sorted(pause))
        self._paused = wanted

    def restart(self, partition: TopicPartition) -> None:
        """Fetch a partition that is not paused here anew from its next record on, whatever the client holds of it."""
        self._source.seek(partition, self.lanes[partition].expected)
        self._source.resume([partition])

    def disown(self, topic: str) -> None:
        """Commit nothing of a topic any more."""
        self._forget([key for key in self.lanes if key[0] == topic])

    def _forget(self, partitions: Sequence[TopicPartition]) -> None:
        # A pause survives in the client until the partition comes back, which would then never be read.
        paused = [key for key in partitions if key in self._paused]
        if paused:
            self._source.resume(paused)
            self._paused -= set(paused)
        for key in partitions:
            self._watermarks.drop(key)
            self.lanes.pop(key, None)

    def _look(self, topics: Sequence[str]) -> None:
        try:
            self._source.look(topics)
        except TopicRecreated:
            raise
        except BrokerError as error:
            _LOG.warning("cannot tell whether the topics are still the same: %s", error)

    def _patiently(self, call: Callable[[], _T]) -> _T:
        """Repeat a question to the brokers a few times: giving up inside a rebalance ends the run."""
        for attempt in range(1, _START_ATTEMPTS):
            try:
                return call()
            except BrokerUnavailable as error:
                _LOG.warning("taking partitions over: %s", error)
                threading.Event().wait(min(1.0, self._backoff.delay(attempt)))
        return call()
