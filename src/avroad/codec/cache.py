"""A bounded cache that builds each entry once, however many threads ask for it at the same time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

__all__ = ["SingleFlight"]

_V = TypeVar("_V")


class SingleFlight(Generic[_V]):
    """Entries by key, the least recently used dropped beyond `capacity`. A failed build is not kept."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, Future[_V]] = OrderedDict()

    def get(self, key: Hashable, build: Callable[[], _V]) -> _V:
        """Return the entry, built by the first caller while the others wait. Raises what `build` raises."""
        with self._lock:
            entry = self._entries.get(key)
            mine = entry is None
            if entry is None:
                entry = self._entries[key] = Future()
                while len(self._entries) > self._capacity:
                    self._entries.popitem(last=False)
            else:
                self._entries.move_to_end(key)
        if not mine:
            return entry.result()
        try:
            entry.set_result(build())
        except BaseException as error:
            with self._lock:
                if self._entries.get(key) is entry:
                    del self._entries[key]
            entry.set_exception(error)
            raise
        return entry.result()

    def __len__(self) -> int:
        return len(self._entries)
