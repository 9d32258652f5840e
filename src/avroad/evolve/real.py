"""Real records for a rehearsal: the newest of a topic, read outside any group, by the version that wrote them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from avroad.codec import decoder_for
from avroad.errors import AvroadError, CodecError
from avroad.evolve.implementations import Payload
from avroad.evolve.judge import Datum
from avroad.evolve.versions import InPlay
from avroad.model import Framing, Record
from avroad.ports import RecordSource, Registry
from avroad.registry.resolve import schema_of
from avroad.schema import fingerprint
from avroad.wire import read_frame

__all__ = ["newest", "real_data", "written"]

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


def real_data(
    records: Sequence[Record], play: InPlay, registry: Registry, framing: Framing
) -> tuple[dict[str, list[Datum]], tuple[str, ...]]:
    """Return the records of one subject by the label of the version that wrote them, and the places of damaged ones.

    framing: the topic's. Passed over are records of other types, without a frame, or of a version that is not in play;
    damaged are those that the version they name cannot read itself: no change of it is to blame for them.
    """
    versions = {version.id: version for version in play.versions}
    decoders = {version.id: decoder_for(version.schema).decode for version in play.versions}
    data: dict[str, list[Datum]] = {}
    damaged: list[str] = []
    for record in records:
        found = written(record, registry, framing)
        if found is None or found[0] not in versions:
            continue
        meaning, payload = found
        place = f"{record.topic}/{record.partition}@{record.offset}"
        try:
            decoders[meaning](payload.body)
        except CodecError:
            damaged.append(place)
            continue
        data.setdefault(versions[meaning].label, []).append(Datum(payload=payload, place=place, real=True))
    return data, tuple(damaged)


def written(record: Record, registry: Registry, framing: Framing) -> tuple[str, Payload] | None:
    """Return the fingerprint of the schema that a record names, and its payload; None when it names none.

    Raises RegistryUnavailable and what else may be gone when it is asked again.
    """
    if record.value is None:
        return None
    try:
        frame = read_frame(record.value, record.headers, framing)
        meaning = fingerprint(schema_of(registry, frame.schema))
    except CodecError:
        return None
    except AvroadError as error:
        if error.retriable:
            raise
        return None
    return meaning, Payload(body=record.value[frame.start :], value=record.value, headers=record.headers)
