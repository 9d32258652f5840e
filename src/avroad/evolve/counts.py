"""Deliveries of a rolling upgrade, counted: of a step, of a pair of versions, of programs that are never switched."""

from __future__ import annotations

from dataclasses import dataclass

from avroad.evolve.example import Example

__all__ = ["Counts", "Kept", "Reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Deliveries. handled: to a handler; misread: of these, as another value; dead_lettered: refused by the codec.

    example: the first that was refused or misread.
    """

    handled: int = 0
    dead_lettered: int = 0
    misread: int = 0
    example: Example | None = None

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            handled=self.handled + other.handled,
            dead_lettered=self.dead_lettered + other.dead_lettered,
            misread=self.misread + other.misread,
            example=self.example or other.example,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What consumers of one version made of the events of another."""

    writer: str
    reader: str
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What programs met that are pinned to a version, and so are never switched. unread: events they did not meet."""

    programs: tuple[str, ...]
    version: str
    readings: tuple[Reading, ...]
    unread: int

    @property
    def hurt(self) -> bool:
        """Whether anything was dead-lettered, misread or not read."""
        counts = [each.counts for each in self.readings]
        return bool(self.unread) or any(each.dead_lettered or each.misread for each in counts)
