"""A bounded read: everything a topic holds at this moment, outside any group."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Final

from avroad.errors import BrokerUnavailable
from avroad.model import Record
from avroad.ports.broker import RecordSource

__all__ = ["read_to_end"]

_SILENCE_S: Final = 15.0
_POLL_S: Final = 0.2
_MAX_RECORDS: Final = 500


def read_to_end(source: RecordSource, topics: Sequence[str], *, silence_s: float = _SILENCE_S) -> Iterator[Record]:
    """Yield every record of the topics up to the ends seen at the start, in order per partition.

    source: without a group, read by nobody else; the caller closes it. Commits nothing.
    Raises BrokerUnavailable when the end is not reached and nothing comes for `silence_s` seconds.
    """
    ends: dict[tuple[str, int], int] = {}
    starts: dict[tuple[str, int], int] = {}
    for topic in topics:
        for number in range(source.partitions(topic)):
            first, end = source.watermarks((topic, number))
            if end > first:
                starts[topic, number], ends[topic, number] = first, end
    if starts:
        source.assign(starts)
    deadline = time.monotonic() + silence_s
    while ends:
        records = source.poll(_POLL_S, _MAX_RECORDS)
        if records:
            deadline = time.monotonic() + silence_s
        elif time.monotonic() > deadline:
            left = ", ".join(f"{topic}/{number}" for topic, number in sorted(ends))
            raise BrokerUnavailable(f"nothing came for {silence_s:g} s", expected="records up to the end", found=left)
        for record in records:
            key = (record.topic, record.partition)
            if key not in ends or record.offset >= ends[key]:
                continue
            yield record
            if record.offset == ends[key] - 1:
                del ends[key]
