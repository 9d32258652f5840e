"""A bounded cache that builds each entry once, however many threads ask for it at the same time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["SingleFlight"]

_V = TypeVar("_V")


class SingleFlight(Generic[_V]):
    """Entries by key, the least recently used dropped beyond `capacity`.

    One lock guards builds too: building is pure Python, which threads cannot do at the same time anyway.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lock = threading.RLock()
        self._entries: OrderedDict[Hashable, _V] = OrderedDict()

    def get(self, key: Hashable, build: Callable[[], _V]) -> _V:
        """Return the entry, built by the first caller while the others wait. What `build` raises is not kept."""
        with self._lock:
            if key not in self._entries:
                self._entries[key] = build()
                while len(self._entries) > self._capacity:
                    self._entries.popitem(last=False)
            self._entries.move_to_end(key)
            return self._entries[key]

    def __len__(self) -> int:
        return len(self._entries)
