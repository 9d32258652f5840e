"""Rolling upgrades in words and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from avroad.evolve.counts import Counts, Kept
from avroad.evolve.example import Example
from avroad.evolve.switches import MEMBERS
from avroad.evolve.upgrade import Phase, Rolling, Upgrade

__all__ = ["ROLLING_LEGEND", "rolling_json", "rolling_text", "rows_of", "words_of"]

ROLLING_LEGEND: Final = (
    "delivered again: when partitions change hands, which at-least-once allows; the log holds such an event once. "
    "Consumers of a rolling upgrade go on (policy warn) where the default would stop them"
)
_HEADS: Final = ("step", "sent", "handled", "dead-lettered", "misread")
_LABEL: Final = 15


def rolling_text(rolling: Rolling) -> Iterator[tuple[str, bool]]:
    """Yield lines, each with whether it may be wrapped; those that may not keep to 80 columns."""
    if rolling.unplayed:
        yield f"  rolling upgrade: not played, {rolling.unplayed}", True
    for upgrade in rolling.upgrades:
        yield f"  rolling upgrade of {MEMBERS} producers and {MEMBERS} consumers", True
        title, *sentences = words_of(upgrade, rolling)
        yield f"    {title}", True
        rows = rows_of(upgrade)
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for first, *numbers in rows:
            cells = [text.rjust(width) for text, width in zip(numbers, widths[1:], strict=True)]
            yield "    " + "  ".join([first.ljust(widths[0]), *cells]), False
        yield from ((f"    {sentence}", True) for sentence in sentences)


def words_of(upgrade: Upgrade, rolling: Rolling) -> list[str]:
    """Return which order was played and what for; then, by id, what became of the events, and the first one hurt."""
    return [_title(upgrade, rolling), *_ids(upgrade)]


def _title(upgrade: Upgrade, rolling: Rolling) -> str:
    both = all(each.advised for each in rolling.upgrades)
    if not any(each.advised for each in rolling.upgrades):
        why = "which is not advised: no order is safe"
    elif upgrade.advised:
        why = "one of the two that are advised" if both else "as advised"
    else:
        why = "the reverse: what would have happened"
    word = "sound" if upgrade.sound else "records are hurt"
    return f"{upgrade.order}, {why}: {word}"


def rows_of(upgrade: Upgrade) -> list[tuple[str, ...]]:
    """Return the table of the steps, its head first."""
    return [_HEADS, *((_step(phase, upgrade), *_numbers(phase)) for phase in upgrade.phases)]


def _step(phase: Phase, upgrade: Upgrade) -> str:
    if phase.switch is None:
        return f"all on {_short(upgrade.old)}"
    return f"{phase.switch.side} {phase.switch.number} to {_short(upgrade.new)}"


def _numbers(phase: Phase) -> Iterator[str]:
    counts = phase.counts
    return (f"{number:,}" for number in (phase.sent, counts.handled, counts.dead_lettered, counts.misread))


def _ids(upgrade: Upgrade) -> Iterator[str]:
    ids, total = upgrade.ids, upgrade.total
    yield (
        f"by id: {ids.sent:,} sent, {ids.acked:,} acked, {ids.in_log:,} in the log, {ids.handled:,} handled, "
        f"{ids.dead_lettered:,} dead-lettered"
    )
    yield (
        f"lost {ids.lost:,}, unread {ids.unread:,}, duplicated in the log {ids.duplicated:,}, "
        f"misread {total.misread:,}; delivered again {ids.redelivered:,}"
    )
    pairs = (f"{_short(each.writer)} -> {_short(each.reader)}: {_counts(each.counts)}" for each in upgrade.readings)
    yield f"read: {'; '.join(pairs)}"
    for phase in upgrade.phases:
        if phase.counts.example is not None:
            yield f"first hurt, {_step(phase, upgrade)}: {_first(phase.counts.example)}"
            break
    yield from (line for kept in upgrade.kept for line in _kept(kept))


def _kept(kept: Kept) -> Iterator[str]:
    """Yield what pinned programs met: a warning, as `schema check` has it, since no order helps them."""
    pairs = [f"{_short(each.writer)} -> {_short(each.reader)}: {_counts(each.counts)}" for each in kept.readings]
    pairs += [f"{kept.unread:,} unread"] if kept.unread else []
    who = f"never switched, {', '.join(kept.programs)} on {_short(kept.version)}"
    yield f"{'warning: ' if kept.hurt else ''}{who}: {'; '.join(pairs)}"
    example = next((each.counts.example for each in kept.readings if each.counts.example), None)
    if example is not None:
        yield f"first hurt there: {_first(example)}"


def _first(example: Example) -> str:
    return f"{example.place}: {example.what} - at {example.path}"


def _counts(counts: Counts) -> str:
    words = (counts.handled, "handled"), (counts.dead_lettered, "dead-lettered"), (counts.misread, "of them misread")
    return ", ".join(f"{number:,} {word}" for number, word in words if number)


def rolling_json(rolling: Rolling | None) -> dict[str, Any] | None:
    """Return everything, for programs; None when none was asked for."""
    if rolling is None:
        return None
    return {
        "sound": rolling.sound,
        "not_played": rolling.unplayed or None,
        "upgrades": [_upgrade_json(upgrade) for upgrade in rolling.upgrades],
    }


def _upgrade_json(upgrade: Upgrade) -> dict[str, Any]:
    return {
        "order": upgrade.order.value,
        "advised": upgrade.advised,
        "sound": upgrade.sound,
        "from": upgrade.old,
        "to": upgrade.new,
        "seconds": round(upgrade.seconds, 3),
        "ids": asdict(upgrade.ids),
        "steps": [
            {
                "switched": None if phase.switch is None else f"{phase.switch.side} {phase.switch.number}",
                "sent": phase.sent,
                **_counts_json(phase.counts),
            }
            for phase in upgrade.phases
        ],
        "read": [
            {"writer": each.writer, "reader": each.reader, **_counts_json(each.counts)} for each in upgrade.readings
        ],
        "never_switched": [
            {
                "programs": list(kept.programs),
                "version": kept.version,
                "hurt": kept.hurt,
                "unread": kept.unread,
                "read": [{"writer": each.writer, **_counts_json(each.counts)} for each in kept.readings],
            }
            for kept in upgrade.kept
        ],
    }


def _counts_json(counts: Counts) -> dict[str, Any]:
    example = counts.example
    return {
        "handled": counts.handled,
        "dead_lettered": counts.dead_lettered,
        "misread": counts.misread,
        "example": None if example is None else {"record": example.place, "path": example.path, "what": example.what},
    }


def _short(label: str) -> str:
    label = label.partition(" ")[0]
    return label if len(label) <= _LABEL else f"{label[: _LABEL - 3]}..."
