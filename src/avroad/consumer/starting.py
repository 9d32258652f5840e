"""Where a group that has read nothing yet begins; the client's own reset is switched off because it loses silently."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from avroad.consumer.settings import Start
from avroad.errors import BrokerError
from avroad.ports.broker import RecordSource, TopicPartition

__all__ = ["initialise_group", "positions"]


def positions(
    source: RecordSource, partitions: Sequence[TopicPartition], start: Start | datetime
) -> dict[TopicPartition, int]:
    """Return the offset at which each partition begins under a start policy."""
    if isinstance(start, datetime):
        return source.offsets_at(int(start.timestamp() * 1000), partitions)
    side = 0 if start is Start.BEGINNING else 1
    return {key: source.watermarks(key)[side] for key in partitions}


def initialise_group(source: RecordSource, topics: Sequence[str], start: Start | datetime) -> dict[TopicPartition, int]:
    """Give the group an offset on every partition of each topic it has none on at all; return those offsets.

    They are committed before joining, so that `latest` means the moment the group was first started, also after a
    crash before the first record. The broker refuses this while the group has members (one of them began at the same
    time, or reads other topics); the offsets returned are then used and committed at assignment.
    """
    starts: dict[TopicPartition, int] = {}
    for topic in topics:
        keys = [(topic, number) for number in range(source.partitions(topic))]
        if all(offset is None for offset in source.committed(keys).values()):
            starts.update(positions(source, keys, start))
    if starts:
        try:
            source.commit({key: (offset, None) for key, offset in starts.items()}, wait=True)
        except BrokerError:
            return starts
    return starts
