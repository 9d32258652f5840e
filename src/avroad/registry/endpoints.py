"""Several addresses of one registry in the order of their health, each with a circuit breaker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from typing import Final

__all__ = ["FAILURES_TO_OPEN", "Endpoint", "Endpoints"]

FAILURES_TO_OPEN: Final = 5
_FIRST_COOLDOWN_S: Final = 1.0
_LONGEST_COOLDOWN_S: Final = 30.0


class Endpoint:
    """One address and what is known of its health; changed by Endpoints only, under its lock."""

    def __init__(self, url: str, position: int) -> None:
        self.url = url
        self.position = position
        self.failures = 0
        self.open_until = 0.0
        self.cooldown_s = 0.0
        self.probing = False


class Endpoints:
    """Chooses the address for the next attempt. Thread-safe.

    Fewest failures in a row first, then the order given. After FAILURES_TO_OPEN failures in a row an address is
    left alone for a cooldown that doubles up to 30 s; then one single attempt probes it.
    """

    def __init__(self, urls: Collection[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._endpoints = [Endpoint(url, position) for position, url in enumerate(urls)]

    def choose(self, tried: Collection[str]) -> tuple[Endpoint, int] | None:
        """Return the best address not in `tried` and how many could be tried; None when all wait for a probe.

        Whoever gets an address must report its outcome.
        """
        with self._lock:
            usable = [item for item in self._endpoints if item.url not in tried and self._admits(item)]
            if not usable:
                return None
            best = min(usable, key=lambda item: (item.failures, item.position))
            best.probing = best.failures >= FAILURES_TO_OPEN
            return best, len(usable)

    def report(self, endpoint: Endpoint, *, healthy: bool) -> None:
        """Note the outcome of an attempt: any usable answer, also a refusal of the request, is healthy."""
        with self._lock:
            endpoint.probing = False
            if healthy:
                endpoint.failures, endpoint.cooldown_s = 0, 0.0
                return
            endpoint.failures += 1
            if endpoint.failures >= FAILURES_TO_OPEN:
                endpoint.cooldown_s = min(max(2 * endpoint.cooldown_s, _FIRST_COOLDOWN_S), _LONGEST_COOLDOWN_S)
                endpoint.open_until = self._clock() + endpoint.cooldown_s

    def wait_s(self) -> float:
        """Return the seconds until some address may be probed."""
        with self._lock:
            return max(0.0, min(item.open_until for item in self._endpoints) - self._clock())

    def _admits(self, item: Endpoint) -> bool:
        return item.failures < FAILURES_TO_OPEN or (not item.probing and self._clock() >= item.open_until)
