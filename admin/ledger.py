"""Did anything get lost or doubled? Compares ids of what was sent, what lies in the log, and what was handled."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from avroad.errors import AvroadError

__all__ = ["EventKey", "Figures", "compare", "read_lines"]

EventKey = tuple[str, str]
"""Topic and event id: one event may be sent to two topics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the comparison found; every number counts ids, none is a counter of a program under test.

    lost: acked but not in the log. unread: in the log but never handled. doubled: in the log more than once.
    redelivered: handled more than once, which at-least-once allows after a kill. unknown: in the log or handled,
    but never sent.
    """

    produced: int
    acked: int
    in_log: int
    consumed: int
    lost: int
    unread: int
    doubled: int
    redelivered: int
    unknown: int

    @property
    def sound(self) -> bool:
        """Whether nothing was lost, left unread, doubled in the log or made up, and every send was acknowledged."""
        return not (self.lost or self.unread or self.doubled or self.unknown) and self.produced == self.acked


def compare(
    *, sent: Iterable[EventKey], acked: Iterable[EventKey], log: Sequence[EventKey], handled: Sequence[EventKey]
) -> Figures:
    """Compare by id. `log`: what an independent read of the topics found; `handled`: every delivery to a handler."""
    sent_ids, acked_ids = set(sent), set(acked)
    in_log, deliveries = Counter(log), Counter(handled)
    return Figures(
        produced=len(sent_ids),
        acked=len(acked_ids),
        in_log=len(in_log),
        consumed=len(deliveries),
        lost=len(acked_ids - in_log.keys()),
        unread=len(in_log.keys() - deliveries.keys()),
        doubled=sum(count - 1 for count in in_log.values()),
        redelivered=sum(count - 1 for count in deliveries.values()),
        unknown=len((in_log.keys() | deliveries.keys()) - sent_ids),
    )


def read_lines(path: Path) -> list[dict[str, object]]:
    """Return the JSON objects of a JSON-lines file; a last line cut short by a kill, in any byte, is left out.

    Raises AvroadError naming the line when one above it is no JSON object: the file is then no proof of anything.
    """
    if not path.exists():
        return []
    complete, _, _ = path.read_bytes().rpartition(b"\n")
    lines: list[dict[str, object]] = []
    for number, line in enumerate(complete.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise AvroadError("expected one JSON object per line", file=f"{path}:{number}")
        lines.append(value)
    return lines
