"""The upgrade's steps in their safe order, each with the pairs of writer and reader that prove it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from avroad.contracts.compat.order import Order, UpgradeAdvice

__all__ = ["Step", "steps_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the upgrade. pairs: the (writer, reader) that run together from then on; holds: None without any."""

    text: str
    pairs: tuple[tuple[str, str], ...]
    holds: bool | None


def steps_of(
    advice: UpgradeAdvice, old: Sequence[str], new: str, clean: Callable[[tuple[str, str]], bool]
) -> tuple[Step, ...]:
    """Return the steps of an advice with the pairs that prove each.

    old: the labels of all older versions; new: the candidate's; clean: whether a (writer, reader) is read as meant.
    """
    new_reads_old = [(each, new) for each in old]
    old_reads_new = [(new, each) for each in old]
    proofs: dict[Order, tuple[list[tuple[str, str]], ...]] = {
        Order.ANY: ([*new_reads_old, *old_reads_new, (new, new)],),
        Order.CONSUMERS: (new_reads_old, [(new, new)]),
        Order.PRODUCERS: (old_reads_new, [], [(new, new)]),
        Order.MIGRATE: ([], [], [(new, new)], []),
    }
    return tuple(
        Step(text=text, pairs=tuple(pairs), holds=all(map(clean, pairs)) if pairs else None)
        for text, pairs in zip(advice.steps, proofs[advice.order], strict=True)
    )
