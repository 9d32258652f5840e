"""What became of every event, by its id: lost, unread, duplicated, dead-lettered, delivered again. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Tally", "tally"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Counts of ids, none of them a counter of a program that was played.

    in_log: found in the topic by an independent read. handled: whose handler returned, at least once. dead_lettered:
    found in the dead-letter topic. untaken: neither acknowledged nor in the log. lost: acknowledged and not in the
    log. unread: in the log, and neither handled nor dead-lettered. duplicated: superfluous copies in the log. unknown:
    in a topic or handled, and never sent. redelivered: deliveries beyond the first, to a handler or to the dead-letter
    topic, which at-least-once allows when partitions change hands: the log holds such an event once.
    """

    sent: int
    acked: int
    in_log: int
    handled: int
    dead_lettered: int
    untaken: int
    lost: int
    unread: int
    duplicated: int
    unknown: int
    redelivered: int

    @property
    def sound(self) -> bool:
        """Whether every event lies in the log once, was handled, and is no dead letter.

        One whose acknowledgement was lost counts as any other while it lies there.
        """
        bad = self.lost or self.unread or self.duplicated or self.unknown or self.dead_lettered
        return not bad and self.sent == self.in_log == self.handled


def tally(
    *, sent: Iterable[str], acked: Iterable[str], log: Iterable[str], handled: Iterable[str], letters: Iterable[str]
) -> Tally:
    """Compare by id. log, letters: every record of the two topics; handled: every call of a handler that returned."""
    sent_ids, acked_ids = set(sent), set(acked)
    in_log, calls, dead = Counter(log), Counter(handled), Counter(letters)
    deliveries = calls + dead
    return Tally(
        sent=len(sent_ids),
        acked=len(acked_ids),
        in_log=len(in_log),
        handled=len(calls),
        dead_lettered=len(dead),
        untaken=len(sent_ids - acked_ids - in_log.keys()),
        lost=len(acked_ids - in_log.keys()),
        unread=len(in_log.keys() - deliveries.keys()),
        duplicated=sum(count - 1 for count in in_log.values()),
        unknown=len((in_log.keys() | deliveries.keys()) - sent_ids),
        redelivered=sum(count - 1 for count in deliveries.values()),
    )
