"""What happens in the city at one moment: crashes, jams and cameras, as the model changes them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from producers.city_map import CameraSite, Road
from schemas.traffic import AccidentCause, AccidentKind, Cause, CollisionKind, Severity, Status, Trend

__all__ = ["Camera", "Crash", "Dice", "Jam", "Situation"]

Item = TypeVar("Item")


class Dice:
    """Chance that repeats: only the two calls whose results Python keeps the same from version to version.

    Source: Python documentation of `random`, Notes on Reproducibility.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def between(self, low: float, high: float) -> float:
        """Return a number from `low` up to `high`."""
        return low + (high - low) * self._random.random()

    def happens(self, probability: float) -> bool:
        """Return true with the given probability."""
        return self._random.random() < probability

    def pick(self, items: Sequence[Item]) -> Item:
        """Return one of the items."""
        return items[int(self._random.random() * len(items))]

    def uuid(self) -> UUID:
        """Return a random UUID."""
        return UUID(int=self._random.getrandbits(128), version=4)

    def tag(self) -> str:
        """Return twelve hexadecimal digits."""
        return f"{self._random.getrandbits(48):012x}"


@dataclass(slots=True, kw_only=True)
class Situation:
    """Anything that has versions. at_m: place on the road, in metres from its beginning."""

    id: str
    road: Road
    at_m: float
    created_at: datetime
    observed_at: datetime
    event_id: UUID
    version: int = 1
    status: Status = Status.ACTIVE

    def renew(self, observed_at: datetime, event_id: UUID, *, ended: bool = False) -> None:
        """Become the next version of this situation, the last one when `ended`."""
        self.version += 1
        self.observed_at = max(observed_at, self.observed_at)
        self.event_id = event_id
        self.status = Status.ENDED if ended else Status.UPDATED


@dataclass(slots=True, kw_only=True)
class Crash(Situation):
    """An accident; injured is None until somebody has counted."""

    kind: AccidentKind
    collision: CollisionKind
    causes: tuple[AccidentCause, ...]
    vehicles: int
    severity: Severity
    lanes_closed: int
    clears_at_s: float
    injured: int | None = None
    cause: Cause | None = None

    @property
    def cleared(self) -> bool:
        """Whether the road is free again."""
        return self.status is Status.ENDED


@dataclass(slots=True, kw_only=True)
class Jam(Situation):
    """A queue; at_m is its head, length_m reaches upstream from there. turns_at_s: when a jam without a crash eases."""

    length_m: float
    speed_kmh: float
    turns_at_s: float
    trend: Trend = Trend.BUILDING_UP
    crash: Crash | None = None
    brought_crash: bool = False


@dataclass(slots=True, kw_only=True)
class Camera(Situation):
    """A speed camera at work; a MOBILE one is a new situation at each place."""

    site: CameraSite
    limit_kmh: int
