"""The floors that fail a run and the goals that are reported: ratios for the light event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bench.rounds import Table

__all__ = ["TARGETS", "Target", "Verdict", "judge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """How many times as fast `fast` is to be as `slow`, in one table. floor: less fails; goal: None when there is none.

    at_most: the ratio is a cost and must not be more than the floor.
    """

    title: str
    table: str
    fast: str
    slow: str
    floor: float
    goal: float | None = None
    at_most: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a target. value: the median ratio, with its lowest and highest round; None when not measured.

    cpu: the same by process CPU, which says what a busy machine hides from the wall clock; it decides nothing.
    """

    target: Target
    value: float | None = None
    low: float = 0.0
    high: float = 0.0
    cpu: float = 0.0

    @property
    def held(self) -> bool:
        """Whether the floor holds, or nothing was measured that could say otherwise."""
        return self.value is None or self._reaches(self.target.floor)

    @property
    def reached(self) -> bool:
        """Whether the goal was reached."""
        return self.value is not None and self.target.goal is not None and self._reaches(self.target.goal)

    def _reaches(self, bound: float) -> bool:
        assert self.value is not None
        return self.value <= bound if self.target.at_most else self.value >= bound


TARGETS: Final[tuple[Target, ...]] = (
    Target(
        title="encode, against AvroSerializer",
        table="encode light",
        fast="avroad, class",
        slow="AvroSerializer",
        floor=4.5,
        goal=6.0,
    ),
    Target(
        title="evolved decode, against AvroDeserializer",
        table="decode light",
        fast="avroad, class, evolved",
        slow="AvroDeserializer, evolved",
        floor=8.0,
        goal=10.0,
    ),
    Target(
        title="cost of evolution, against the same schema",
        table="decode light",
        fast="avroad, class",
        slow="avroad, class, evolved",
        floor=1.1,
        at_most=True,
    ),
    Target(
        title="typed produce, against raw with the same key",
        table="produce",
        fast="avroad codec",
        slow="raw",
        floor=0.25,
        goal=0.34,
    ),
    Target(
        title="typed produce, against SerializingProducer",
        table="produce",
        fast="avroad codec",
        slow="Confluent serdes",
        floor=4.0,
        goal=4.5,
    ),
    Target(
        title="typed evolved consume, against raw",
        table="consume",
        fast="avroad codec",
        slow="raw",
        floor=0.12,
        goal=0.15,
    ),
    Target(
        title="typed evolved consume, against DeserializingConsumer",
        table="consume",
        fast="avroad codec",
        slow="Confluent serdes",
        floor=7.0,
        goal=8.0,
    ),
    Target(
        title="end to end, against Confluent serdes",
        table="end to end",
        fast="avroad codec",
        slow="Confluent serdes",
        floor=5.0,
    ),
    Target(
        title="end to end, against hand-tuned fastavro",
        table="end to end",
        fast="avroad codec",
        slow="fastavro",
        floor=2.5,
    ),
    Target(
        title="median latency of batches, against single polls",
        table="latency",
        fast="poll(), one by one",
        slow="avroad, poll then drain",
        floor=1.2,
        at_most=True,
    ),
)


def judge(tables: Iterable[Table], targets: Sequence[Target] = TARGETS) -> tuple[Verdict, ...]:
    """Return one verdict per target, in their order."""
    known = {table.name: table for table in tables}
    return tuple(_verdict(known.get(target.table), target) for target in targets)


def _verdict(table: Table | None, target: Target) -> Verdict:
    if table is None or target.fast not in table or target.slow not in table:
        return Verdict(target=target)
    found = table.ratio(target.fast, target.slow)
    cpu = table.ratio(target.fast, target.slow, "cpu").median
    return Verdict(target=target, value=found.median, low=found.low, high=found.high, cpu=cpu)
