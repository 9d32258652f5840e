"""Counts, rates and lag of a reading program."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Final

from avroad.ports import TopicPartition

__all__ = ["Totals"]

_WINDOW_S: Final = 5.0
_STEP_S: Final = 0.25


class Totals:
    """What was read so far. `add` belongs to the reading thread; everything else may be read from any thread."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._began = now()
        self._steps: deque[tuple[float, int]] = deque([(self._began, 0)], maxlen=int(_WINDOW_S / _STEP_S) + 1)
        self._ends: dict[TopicPartition, int] = {}
        self._ends_at = float("-inf")
        self.events = 0
        self.poison = 0
        self.types: Counter[str] = Counter()
        self.offsets: dict[TopicPartition, int] = {}

    def add(
        self, key: TopicPartition, offset: int, event_type: str, lags: Callable[[], Mapping[TopicPartition, int]]
    ) -> int | None:
        """Count one record and return how many lie behind it in its partition, None when nobody knows.

        lags: records not finished per partition, this one included; asked a few times a second, because ends move
        while records are read and asking for each would cost more than reading it.
        """
        now = self._now()
        self.offsets[key] = offset
        if now - self._ends_at >= _STEP_S:
            self._ends_at = now
            for other, lag in lags().items():
                # A partition without a record so far has no position; its lag alone says where it ends.
                self._ends[other] = lag + (offset if other == key else self.offsets.get(other, -1) + 1)
        if event_type:
            self.events += 1
            self.types[event_type] += 1
        else:
            self.poison += 1
        if now - self._steps[-1][0] >= _STEP_S:
            self._steps.append((now, self.events + self.poison))
        return self.lag(key)

    def lag(self, key: TopicPartition) -> int | None:
        """Return how many records lie behind the last one read of a partition."""
        end = self._ends.get(key)
        return None if end is None else max(0, end - self.offsets.get(key, -1) - 1)

    def total_lag(self) -> int:
        """Return the records behind in all partitions."""
        return sum(self.lag(key) or 0 for key in list(self._ends))

    def rate(self) -> float:
        """Return records per second over the last seconds."""
        now, first = self._now(), self._steps[0]
        if now - self._steps[-1][0] > _WINDOW_S:
            return 0.0
        return (self.events + self.poison - first[1]) / max(now - first[0], _STEP_S)

    def mean_rate(self) -> float:
        """Return records per second since the beginning."""
        return (self.events + self.poison) / max(self._now() - self._began, 1e-9)
