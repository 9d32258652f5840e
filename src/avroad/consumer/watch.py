"""What a running consumer looks after now and then: topics made again, partitions added, partitions at a standstill."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from avroad.consumer.assignment import Assignment, Lane
from avroad.consumer.settings import RunnerSettings
from avroad.errors import BrokerError, TopicRecreated
from avroad.ports.broker import RecordSource, TopicPartition
from avroad.ports.clock import Clock

__all__ = ["Watch"]

_LOG = logging.getLogger("avroad.consumer")
_PATIENCE: Final = 5
"""Looks a partition may stand still for: longer than the largest fetch may take before the client gives it up."""


@dataclass(slots=True)
class _Still:
    """A partition at one position. end: behind which there was something to read when it was first seen so, or None."""

    expected: int
    end: int | None = None
    looks: int = 0


class Watch:
    """Looks every `watch_interval_s`, in the thread of the loop. An outage ends a look within seconds, nothing else."""

    def __init__(self, *, source: RecordSource, settings: RunnerSettings, assignment: Assignment, clock: Clock) -> None:
        self._source = source
        self._settings = settings
        self._assignment = assignment
        self._clock = clock
        self._next = 0.0
        self._still: dict[TopicPartition, _Still] = {}

    def maybe(self) -> None:
        """Look when it is time. Raises TopicRecreated."""
        if self._clock.monotonic() >= self._next:
            self.now()

    def now(self) -> None:
        """Look. The first time is before the first record: it says which topics these are. Raises TopicRecreated."""
        try:
            partitions = self._source.look(self._settings.topics)
            if not self._settings.group:
                self._add(partitions)
            self._restart_still()
        except TopicRecreated:
            raise
        except BrokerError as error:
            _LOG.warning("cannot look after the topics now: %s", error)
        self._next = self._clock.monotonic() + self._settings.watch_interval_s

    def _add(self, partitions: Mapping[str, int]) -> None:
        """Read added partitions, which nobody assigns to a reader without a group, from their beginning."""
        lanes = self._assignment.lanes
        for topic, count in partitions.items():
            read = sum(1 for key in lanes if key[0] == topic)
            if count <= read:
                continue
            # The client has to know a partition itself: one that its own metadata does not show is an error to it.
            new = {(topic, number): 0 for number in range(read, self._source.partitions(topic))}
            for key, offset in new.items():
                _LOG.info("%s partition %d was added: from its beginning", *key)
                self._assignment.begin(key, offset, commit=False)
            if new:
                self._source.assign(new)

    def _restart_still(self) -> None:
        """Fetch partitions anew that do not move although their ends do.

        Moving ends and the same position for several looks, with nothing of it held back here: it is the client that
        stopped fetching. Where only aborted transactions are written, this fetches them again for nothing.
        """
        lanes = self._assignment.lanes
        still = [key for key, lane in lanes.items() if self._stands(key, lane)]
        self._still = {key: state for key, state in self._still.items() if key in lanes}
        ends = self._source.ends(still) if still else {}
        for key, end in ends.items():
            state = self._still[key]
            if end <= state.expected:
                state.end, state.looks = None, 0
            elif state.end is None:
                state.end = end
            else:
                state.looks += 1
                if state.looks >= _PATIENCE and end > state.end:
                    self._restart(key, state, end)

    def _stands(self, key: TopicPartition, lane: Lane) -> bool:
        """Whether a partition is where the last look saw it, and nothing here held it back since."""
        held, lane.held = lane.held, bool(lane.queue)
        state = self._still.get(key)
        if state is None or held or lane.queue or state.expected != lane.expected:
            self._still[key] = _Still(lane.expected)
            return False
        return True

    def _restart(self, key: TopicPartition, state: _Still, end: int) -> None:
        _LOG.warning(
            "%s partition %d stands still at offset %d while its end moved from %s to %d: fetching it anew",
            *key, state.expected, state.end, end,
        )  # fmt: skip
        self._assignment.restart(key)
        del self._still[key]
