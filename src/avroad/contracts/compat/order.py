"""Who has to be upgraded first, from what each side can read of the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from avroad.contracts.compat.findings import PairReport
from avroad.contracts.topic_settings import Retention

__all__ = ["Order", "UpgradeAdvice", "cures", "holds", "upgrade_order"]

_FIXES: Final = 2


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
    *,
    backward: bool,
    forward: bool,
    retention: Retention,
    fixes: Sequence[str] = (),
    pinned: Sequence[str] = (),
    stateful: Sequence[str] = (),
) -> UpgradeAdvice:
    """Return the order that keeps every reader reading.

    backward: whether new readers read all old data there are; forward: whether old readers read new data.
    fixes: what would let new readers read all old data, as sentences; said where no order is safe. pinned: who goes on
    writing data that new readers cannot read; stateful: who keeps such data; no waiting ends either.
    """
    steps: tuple[str, ...]
    if backward and forward:
        return UpgradeAdvice(order=Order.ANY, steps=("Update producers and consumers in any order.",))
    if backward:
        steps = ("Update every consumer.", "Then update the producers: old consumers cannot read what they write.")
        return UpgradeAdvice(order=Order.CONSUMERS, steps=steps)
    if forward:
        if retention.forever:
            wait = "Rewrite the old data with the new schema: the topic keeps them for ever."
        else:
            wait = f"Wait until the old data have expired, or replay them. The topic keeps them {retention.words}."
        raise_pins = [f"Raise the pin of {names}: until then old data are written." for names in pinned]
        rebuild = [f"What {names} kept does not expire: build that state again from new data." for names in stateful]
        last = "Then update the consumers: they cannot read old data."
        steps = ("Update every producer.", *raise_pins, wait, *rebuild, last)
        return UpgradeAdvice(order=Order.PRODUCERS, steps=steps)
    more = f" And {len(fixes) - _FIXES} more." if len(fixes) > _FIXES else ""
    cure = f": {' '.join(fixes[:_FIXES])}{more}" if fixes else "."
    steps = (
        f"Undo the change if it is not meant, or make it compatible{cure}",
        "Otherwise declare a new topic, or a new type on this one, for the new schema.",
        "Let producers write both until every consumer reads the new one.",
        "Then retire the old one.",
    )
    return UpgradeAdvice(order=Order.MIGRATE, steps=steps)


def cures(reports: Iterable[PairReport]) -> tuple[str, ...]:
    """Return what the findings of these reports say to do, each once, in their order."""
    found = (cure for report in reports if not holds(report) for finding in report.told for cure in finding.cures)
    return tuple(dict.fromkeys(fix for fix in found if fix))


def holds(report: PairReport) -> bool:
    """Say whether all readers read all data as they were meant, which the registry's verdict alone does not say."""
    return report.safe and report.same_meaning
