"""What a rolling upgrade did to its events, as values: step by step, by pair of versions, and by id."""

from __future__ import annotations

from dataclasses import dataclass

from avroad.contracts.compat.order import Order
from avroad.evolve.example import Example
from avroad.evolve.ids import Tally
from avroad.evolve.switches import Switch

__all__ = ["Counts", "Phase", "Reading", "Rolling", "Upgrade"]


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
class Phase:
    """From one switch to the next. switch: with which it began, None before the first; sent: events sent in it."""

    switch: Switch | None
    sent: int
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What consumers of one version made of the events of another."""

    writer: str
    reader: str
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """One order as it was played. advised: whether it is the one that is advised, or one of them."""

    order: Order
    advised: bool
    old: str
    new: str
    phases: tuple[Phase, ...]
    readings: tuple[Reading, ...]
    ids: Tally
    seconds: float

    @property
    def total(self) -> Counts:
        """All deliveries."""
        return sum((phase.counts for phase in self.phases), Counts())

    @property
    def sound(self) -> bool:
        """Whether nothing was lost, duplicated, dead-lettered, left unread or misread."""
        return self.ids.sound and not self.total.misread


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolling:
    """The rolling upgrades of one subject. unplayed: why there are none, "" when there are."""

    upgrades: tuple[Upgrade, ...] = ()
    unplayed: str = ""

    @property
    def sound(self) -> bool:
        """Whether every advised order hurt nobody; the others only show what would have happened."""
        return all(upgrade.sound for upgrade in self.upgrades if upgrade.advised)
