"""Waiting times between attempts."""

from __future__ import annotations

import random
from collections.abc import Callable

__all__ = ["Backoff"]


class Backoff:
    """Exponential growth with full jitter between `base_s` and `cap_s`, so that many waiters do not return together."""

    def __init__(self, base_s: float, cap_s: float, uniform: Callable[[float, float], float] = random.uniform) -> None:
        self.base_s = base_s
        self.cap_s = cap_s
        self._uniform = uniform

    def delay(self, attempt: int) -> float:
        """Return the seconds to wait after failed attempt number `attempt`, counted from 1."""
        ceiling = min(self.cap_s, self.base_s * 2.0 ** min(attempt, 30))
        return self._uniform(self.base_s, ceiling)
