"""Who has to be upgraded first, from what each side can read of the other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from avroad.contracts.compat.findings import PairReport

__all__ = ["Order", "UpgradeAdvice", "upgrade_order"]


class Order(StrEnum):
    """ANY, CONSUMERS first, PRODUCERS first, or MIGRATE: no order is safe, the change needs a new topic or subject."""

    ANY = "any order"
    CONSUMERS = "consumers first"
    PRODUCERS = "producers first"
    MIGRATE = "new topic or subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeAdvice:
    """The order, and what to do in it, one sentence a step."""

    order: Order
    steps: tuple[str, ...]


def upgrade_order(
    new_reads_old: PairReport, old_reads_new: PairReport, *, compacted: bool = False, retention_ms: int | None = None
) -> UpgradeAdvice:
    """Return the order that keeps every reader reading.

    compacted: whether the topic keeps its newest record per key for ever; retention_ms: how long records stay, None
    or negative for ever. Only what is safe for all readers counts, not the registry's verdict alone.
    """
    steps: tuple[str, ...]
    backward, forward = _holds(new_reads_old), _holds(old_reads_new)
    if backward and forward:
        return UpgradeAdvice(order=Order.ANY, steps=("Update producers and consumers in any order.",))
    if backward:
        steps = ("Update every consumer.", "Then update the producers: old consumers cannot read what they write.")
        return UpgradeAdvice(order=Order.CONSUMERS, steps=steps)
    stays = compacted or retention_ms is None or retention_ms < 0
    if forward and not stays:
        days = (retention_ms or 0) / 86_400_000
        steps = (
            "Update every producer.",
            f"Wait until the old data has expired ({days:.3g} days after the last old producer), or replay it.",
            "Then update the consumers: they cannot read old data.",
        )
        return UpgradeAdvice(order=Order.PRODUCERS, steps=steps)
    if forward:
        steps = (
            "Update every producer.",
            "Rewrite the old data with the new schema: the topic keeps it for ever.",
            "Then update the consumers: they cannot read old data.",
        )
        return UpgradeAdvice(order=Order.PRODUCERS, steps=steps)
    steps = (
        "Declare a new topic, or a new type on this one, for the new schema.",
        "Let producers write both until every consumer reads the new one.",
        "Then retire the old one.",
    )
    return UpgradeAdvice(order=Order.MIGRATE, steps=steps)


def _holds(report: PairReport) -> bool:
    return report.safe and report.same_meaning
