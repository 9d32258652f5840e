"""What may be committed: per partition the offset behind the longest unbroken run of finished records.

Pure bookkeeping, one thread. Offsets may have gaps (compaction, transaction markers), so unbroken means: no record
that was started before is still unfinished. Each assignment of a partition has an epoch; what finishes under an old
epoch is ignored, because another member owns the partition by then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from avroad.ports.broker import TopicPartition

__all__ = ["Positions", "Ticket", "Watermarks"]

Ticket = tuple[TopicPartition, int, int]
"""Partition, assignment epoch, offset of a started record."""

Positions = Mapping[TopicPartition, tuple[int, int | None]]
"""Next offset to read and the leader epoch of the record before it."""


@dataclass(slots=True)
class _Partition:
    epoch: int
    first: int
    """Where the assignment began."""
    next: int
    """Where a commit would point now."""
    sent: int
    """The last position handed out for a commit."""
    acked: int
    """The last position the broker has acknowledged."""
    leader_epoch: int | None = None
    open: deque[tuple[int, int | None]] = field(default_factory=deque)
    finished: set[int] = field(default_factory=set)


class Watermarks:
    """Tracks started and finished records of the partitions owned now."""

    def __init__(self) -> None:
        self._owned: dict[TopicPartition, _Partition] = {}
        self._epochs = 0

    def assign(self, partition: TopicPartition, next_offset: int, *, commit: bool = False) -> None:
        """Own a partition from `next_offset` on. commit: that position is not committed yet and should be."""
        self._epochs += 1
        acked = -1 if commit else next_offset
        self._owned[partition] = _Partition(
            epoch=self._epochs, first=next_offset, next=next_offset, sent=acked, acked=acked
        )

    def drop(self, partition: TopicPartition) -> None:
        """Own a partition no longer; its open tickets become void."""
        self._owned.pop(partition, None)

    def start(self, partition: TopicPartition, offset: int, leader_epoch: int | None) -> Ticket:
        """Note that a record is in work. Offsets of a partition must rise."""
        state = self._owned[partition]
        state.open.append((offset, leader_epoch))
        return partition, state.epoch, offset

    def done(self, ticket: Ticket) -> bool:
        """Note that a record is finished; False when the ticket is void."""
        partition, epoch, offset = ticket
        state = self._owned.get(partition)
        if state is None or state.epoch != epoch:
            return False
        state.finished.add(offset)
        while state.open and state.open[0][0] in state.finished:
            first, leader_epoch = state.open.popleft()
            state.finished.discard(first)
            state.next, state.leader_epoch = first + 1, leader_epoch
        return True

    def valid(self, ticket: Ticket) -> bool:
        """Whether the partition is still owned under the ticket's epoch."""
        state = self._owned.get(ticket[0])
        return state is not None and state.epoch == ticket[1]

    def take(self, partition: TopicPartition | None = None) -> Positions:
        """Return positions not yet handed out (of one partition when given) and count them as handed out."""
        result: dict[TopicPartition, tuple[int, int | None]] = {}
        for key, state in self._owned.items():
            if state.next > state.sent and partition in (None, key):
                result[key] = (state.next, state.leader_epoch)
                state.sent = state.next
        return result

    def acknowledge(self, partition: TopicPartition, offset: int) -> None:
        """The broker has this position."""
        state = self._owned.get(partition)
        if state is not None:
            state.acked = max(state.acked, offset)

    def reject(self, partition: TopicPartition, offset: int) -> None:
        """The commit of this position failed: hand it out again, unless a later one is on its way or acknowledged."""
        state = self._owned.get(partition)
        if state is not None and state.sent == offset:
            state.sent = state.acked

    def repeat_unacknowledged(self) -> None:
        """Let positions that were handed out and not yet acknowledged be handed out again."""
        for state in self._owned.values():
            state.sent = state.acked

    def uncommitted(self) -> dict[TopicPartition, int]:
        """Return, per owned partition whose finished records are not all committed, the first offset concerned."""
        return {key: max(state.acked, state.first) for key, state in self._owned.items() if state.next > state.acked}

    def acknowledged(self) -> dict[TopicPartition, int]:
        """Return the positions the broker has acknowledged, or that were read from it at assignment."""
        return {key: state.acked for key, state in self._owned.items() if state.acked >= 0}

    def unfinished(self) -> dict[TopicPartition, int]:
        """Return, per owned partition with records in work, the offset of the oldest."""
        return {key: state.open[0][0] for key, state in self._owned.items() if state.open}
