"""Registries that misbehave on command, over one that does not."""

from __future__ import annotations

from collections import Counter
from typing import Any

from avroad.errors import AvroadError
from avroad.registry import MemoryRegistry


class Flaky:
    """Passes everything on to another registry, except while `failure` is set; counts requests by name."""

    def __init__(self, inner: MemoryRegistry, failure: AvroadError | None = None) -> None:
        self.inner = inner
        self.failure = failure
        self.asked: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if not callable(found) or name == "close":
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self.asked[name] += 1
            if self.failure is not None:
                raise self.failure
            return found(*args, **kwargs)

        return call
