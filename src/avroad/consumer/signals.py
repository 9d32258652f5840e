"""What the steps of handling a record tell each other; none of these leaves the package."""

from __future__ import annotations

from dataclasses import dataclass

from avroad.codec.dead_letter import Poison
from avroad.errors import AvroadError

__all__ = ["Handled", "Later", "PoisonRecord", "Poisoned", "SchemaPending"]


class SchemaPending(AvroadError):
    """The schema of an id cannot be had now; ask again at `retry_at` (monotonic seconds)."""

    def __init__(self, retry_at: float, reason: str) -> None:
        super().__init__(reason)
        self.retry_at = retry_at


class PoisonRecord(AvroadError):
    """A record can never be decoded as it is. cause_class: dotted name of what was found first.

    passing: the registry may say otherwise about later records; without it the verdict holds for good.
    """

    def __init__(self, poison: Poison, reason: str, cause_class: str = "", *, passing: bool = False) -> None:
        super().__init__(reason)
        self.poison = poison
        self.cause_class = cause_class
        self.passing = passing

    def again(self) -> PoisonRecord:
        """Return an equal one to raise: a single object would keep the traceback, and the record, of every raise."""
        return PoisonRecord(self.poison, self.message, self.cause_class, passing=self.passing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """The handler returned."""

    type_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Not now: the record stays first in its partition until `at` (monotonic seconds)."""

    at: float
    why: str
    handler: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Poisoned:
    """Never: the record goes to the dead-letter topic."""

    poison: Poison
    error: str
    error_class: str
    stage: str
    trace: str = ""
