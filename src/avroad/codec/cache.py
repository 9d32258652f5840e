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

    The lock guards the entries and is never held during a build: who asks for an entry that is there, or for another
    one, does not wait for it.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, _V] = OrderedDict()
        self._building: dict[Hashable, threading.Event] = {}

    def get(self, key: Hashable, build: Callable[[], _V]) -> _V:
        """Return the entry, built by the first caller while others that want the same one wait.

        What `build` raises is not kept: the next caller tries again.
        """
        while True:
            with self._lock:
                if key in self._entries:
                    self._entries.move_to_end(key)
                    return self._entries[key]
                ended = self._building.get(key)
                if ended is None:
                    mine = self._building[key] = threading.Event()
                    break
            ended.wait()
        try:
            made = build()
            with self._lock:
                self._entries[key] = made
                while len(self._entries) > self._capacity:
                    self._entries.popitem(last=False)
        finally:
            with self._lock:
                del self._building[key]
            mine.set()
        return made

    def __len__(self) -> int:
        return len(self._entries)
