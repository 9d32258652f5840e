"""What a rolling upgrade did to its events, as values: step by step, by pair of versions, and by id."""

from __future__ import annotations

from dataclasses import dataclass

from avroad.contracts.compat.order import Order
from avroad.evolve.counts import Counts, Kept, Reading
from avroad.evolve.ids import Tally
from avroad.evolve.switches import Switch

__all__ = ["Phase", "Rolling", "Upgrade"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """From one switch to the next. switch: with which it began, None before the first; sent: events sent in it."""

    switch: Switch | None
    sent: int
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """One order as it was played. advised: whether it is the one that is advised, or one of them.

    kept: who was not switched; no order helps them, so that what they met decides nothing.
    """

    order: Order
    advised: bool
    old: str
    new: str
    phases: tuple[Phase, ...]
    readings: tuple[Reading, ...]
    ids: Tally
    seconds: float
    kept: tuple[Kept, ...] = ()

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
