"""How long ids that the registry does not know are waited for: all of them together, not each in turn."""

from __future__ import annotations

import math
from typing import Final

__all__ = ["SharedGrace"]

_SHARE: Final = 0.1
_LEAST_S: Final = 1.0
"""Less is not worth pausing a partition for."""


class SharedGrace:
    """One grace for all unknown ids, so that any number of garbage ids holds a consumer up like one of them.

    The first has `whole_s`, and those met meanwhile wait until its end. One met afterwards has a tenth of the time
    since that end, at most `whole_s`. An id that appears while it is waited for shows a replica that lags, not garbage:
    the next one has `whole_s` again.
    """

    def __init__(self, whole_s: float) -> None:
        self._whole_s = whole_s
        self._ends = -math.inf

    def until(self, now: float) -> float:
        """Return the end of the grace of an id that is missing since `now`; not after `now` when it has none."""
        if now >= self._ends:
            grace_s = min(self._whole_s, (now - self._ends) * _SHARE)
            if grace_s < min(self._whole_s, _LEAST_S):
                return now
            self._ends = now + grace_s
        return self._ends

    def appeared(self) -> None:
        """Take note that an id appeared that had been missing."""
        self._ends = -math.inf
