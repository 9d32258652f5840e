"""Interleaved rounds: every candidate once per round, in shuffled order, garbage collected before each.

Clocks of shared machines drift; two candidates are compared only within a round, and a ratio is the median over
rounds. Nothing else about the times means anything on another machine.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Candidate", "Sample", "Table", "measure", "stopwatch"]

_SEED: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One timing of one candidate: what it took for how many events, by the wall and by the process's CPU."""

    events: int
    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something to be measured. bases: the candidates its ratios are to; a base names itself."""

    name: str
    bases: tuple[str, ...]
    run: Callable[[], Sample]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """How many times as fast: the median over rounds, the lowest and the highest round, and the best times."""

    median: float
    low: float
    high: float
    best: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Microseconds per event of one candidate, one per round."""

    name: str
    bases: tuple[str, ...]
    wall_us: tuple[float, ...]
    cpu_us: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What one comparison found. clock: `cpu` or `wall`, the one that counts. skipped: who took no part, and why."""

    name: str
    title: str
    clock: str
    rounds: int
    rows: tuple[Times, ...]
    skipped: Mapping[str, str] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return any(row.name == name for row in self.rows)

    def row(self, name: str) -> Times:
        """Return the times of a candidate. Raises KeyError."""
        found = next((row for row in self.rows if row.name == name), None)
        if found is None:
            raise KeyError(f"no {name!r} in {self.name}")
        return found

    def times(self, name: str, clock: str = "") -> tuple[float, ...]:
        """Return a candidate's microseconds per event by a clock, the table's own by default."""
        row = self.row(name)
        return row.cpu_us if (clock or self.clock) == "cpu" else row.wall_us

    def ratio(self, fast: str, slow: str, clock: str = "") -> Ratio:
        """Return how many times as fast `fast` is as `slow`."""
        quick, late = self.times(fast, clock), self.times(slow, clock)
        ratios = sorted(b / a for a, b in zip(quick, late, strict=True))
        return Ratio(
            median=statistics.median(ratios), low=ratios[0], high=ratios[-1], best=min(late) / max(min(quick), 1e-9)
        )


def measure(
    name: str,
    title: str,
    candidates: Sequence[Candidate],
    *,
    clock: str,
    rounds: int,
    skipped: Mapping[str, str] | None = None,
) -> Table:
    """Run every candidate once per round, after one round that does not count, and return what it took."""
    rng = random.Random(_SEED)
    wall: dict[str, list[float]] = {candidate.name: [] for candidate in candidates}
    cpu: dict[str, list[float]] = {candidate.name: [] for candidate in candidates}
    # The events made beforehand would be walked by every collection, as no program has them lie around.
    gc.collect()
    gc.freeze()
    try:
        for number in range(rounds + 1):
            for candidate in rng.sample(candidates, len(candidates)):
                gc.collect()
                sample = candidate.run()
                if number:
                    wall[candidate.name].append(sample.wall_s / sample.events * 1e6)
                    cpu[candidate.name].append(sample.cpu_s / sample.events * 1e6)
    finally:
        gc.unfreeze()
    rows = tuple(
        Times(name=c.name, bases=c.bases, wall_us=tuple(wall[c.name]), cpu_us=tuple(cpu[c.name])) for c in candidates
    )
    return Table(name=name, title=title, clock=clock, rounds=rounds, rows=rows, skipped=dict(skipped or {}))


def stopwatch(events: int, work: Callable[[], object]) -> Sample:
    """Return what one call took."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return Sample(events=events, wall_s=time.perf_counter() - wall, cpu_s=time.process_time() - cpu)
