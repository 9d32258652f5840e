"""When offsets are committed, and what becomes of a commit that failed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Final

from avroad.consumer.watermarks import Watermarks
from avroad.errors import BrokerError
from avroad.ports.broker import RecordSource, TopicPartition
from avroad.ports.clock import Clock

__all__ = ["Commits"]

_LOG = logging.getLogger("avroad.consumer")
_LATE_CLOSE_S: Final = 5.0


class Commits:
    """Commits watermarks: without waiting while running, waiting at a revocation and at the end."""

    def __init__(
        self, *, source: RecordSource, watermarks: Watermarks, clock: Clock, interval_s: float, records: int
    ) -> None:
        self._source = source
        self._watermarks = watermarks
        self._clock = clock
        self._interval_s = interval_s
        self._records = records
        self._finished = 0
        self._last = clock.monotonic()

    def finished(self) -> None:
        """Count one finished record."""
        self._finished += 1

    def maybe(self) -> None:
        """Commit without waiting when the interval is over or enough records are finished."""
        now = self._clock.monotonic()
        if self._finished < self._records and now - self._last < self._interval_s:
            return
        self._finished, self._last = 0, now
        positions = self._watermarks.take()
        if positions:
            self._source.commit(positions, wait=False)

    def result(self, offsets: Mapping[TopicPartition, int], error: BrokerError | None) -> None:
        """Take in the result of a commit; a failed one is repeated at the next interval while the partition is ours."""
        for partition, offset in offsets.items():
            if error is None:
                self._watermarks.acknowledge(partition, offset)
            else:
                self._watermarks.reject(partition, offset)
        if error is not None:
            _LOG.warning("a commit failed and will be repeated: %s", error)

    def revoked(self, partition: TopicPartition) -> None:
        """Commit a partition that is being taken away, waiting; a failure means redelivery to its next owner."""
        positions = self._watermarks.take(partition)
        if not positions:
            return
        try:
            self._source.commit(positions, wait=True)
        except BrokerError as error:
            _LOG.warning("the last commit of %s partition %d failed: %s", *partition, error)
        else:
            self._watermarks.acknowledge(partition, positions[partition][0])

    def final(self, timeout_s: float) -> bool:
        """Commit everything, waiting at most `timeout_s`; False when the client did not come back in time.

        The client's own commit waits for a coordinator that is down, or for a group that waits for somebody who went
        without a word, so it runs in a thread that may be left. That thread then closes the source when the commit has
        come back: a client that nobody closes keeps its place in the group, and keeps the process from ending.
        """
        # What was handed out without an answer yet is committed again: a repeated commit changes nothing.
        self._watermarks.repeat_unacknowledged()
        positions = self._watermarks.take()
        if not positions:
            return True
        failed: list[BrokerError] = []
        turn = threading.Lock()
        back = late = False

        def commit() -> None:
            nonlocal back
            try:
                self._source.commit(positions, wait=True)
            except BrokerError as error:
                failed.append(error)
            with turn:
                back = True
            if late:
                self._source.close(_LATE_CLOSE_S)

        thread = threading.Thread(target=commit, name="avroad-final-commit", daemon=True)
        thread.start()
        thread.join(timeout_s)
        with turn:
            late = not back
        if late:
            return False
        if failed:
            _LOG.warning("the final commit failed: %s", failed[0])
            return True
        for partition, (offset, _) in positions.items():
            self._watermarks.acknowledge(partition, offset)
        return True
