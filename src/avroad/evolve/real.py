"""Real records for a rehearsal: the newest of a topic, read outside any group, by the version that wrote them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from avroad.codec import schema_id_of
from avroad.errors import AvroadError, CodecError
from avroad.evolve.judge import Datum
from avroad.evolve.versions import InPlay
from avroad.model import Record
from avroad.ports import RecordSource, Registry
from avroad.registry.resolve import schema_of
from avroad.schema import fingerprint

__all__ = ["newest", "real_data"]

_SILENCE_S: Final = 10.0
_POLL_S: Final = 0.2
_MAX_RECORDS: Final = 500


def newest(source: RecordSource, topic: str, count: int) -> list[Record]:
    """Return at most `count` of the newest records of a topic; commits nothing, and changes nothing.

    source: without a group, read by nobody else; the caller closes it. Raises BrokerError, BrokerUnavailable.
    """
    ends: dict[tuple[str, int], int] = {}
    starts: dict[tuple[str, int], int] = {}
    for number in range(source.partitions(topic)):
        first, end = source.watermarks((topic, number))
        if end > first:
            starts[topic, number], ends[topic, number] = max(first, end - count), end
    if starts:
        source.assign(starts)
    found: list[Record] = []
    deadline = time.monotonic() + _SILENCE_S
    while ends and time.monotonic() < deadline:  # the last offset of a partition may be no record: then time ends it
        for record in source.poll(_POLL_S, _MAX_RECORDS):
            deadline = time.monotonic() + _SILENCE_S
            key = (record.topic, record.partition)
            if key in ends and record.offset < ends[key]:
                found.append(record)
                if record.offset == ends[key] - 1:
                    del ends[key]
    found.sort(key=lambda record: (record.timestamp_ms or 0, record.partition, record.offset))
    return found[-count:]


def real_data(records: Sequence[Record], play: InPlay, registry: Registry) -> tuple[dict[str, list[Datum]], int]:
    """Return the records of one subject by the label of the version that wrote them, and how many were passed over.

    Passed over are records of other types, without a frame, or of a version that is not in play.
    """
    labels = {version.id: version.label for version in play.versions}
    data: dict[str, list[Datum]] = {}
    passed = 0
    for record in records:
        label = _writer(record, registry, labels)
        if label is None or record.value is None:
            passed += 1
            continue
        place = f"{record.topic}/{record.partition}@{record.offset}"
        data.setdefault(label, []).append(Datum(payload=record.value, place=place, real=True))
    return data, passed


def _writer(record: Record, registry: Registry, labels: dict[str, str]) -> str | None:
    if record.value is None:
        return None
    try:
        return labels.get(fingerprint(schema_of(registry, schema_id_of(record.value))))
    except CodecError:
        return None
    except AvroadError as error:
        if error.retriable:
            raise
        return None
