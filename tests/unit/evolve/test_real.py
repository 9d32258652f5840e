"""Real records: the newest, by the version that wrote them, and whatever else lies in a topic passed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from avroad.codec import frame
from avroad.evolve.real import newest, real_data
from avroad.evolve.versions import InPlay
from avroad.model import Framing, Level, Record
from avroad.registry import MemoryRegistry
from avroad.wire import schema_header
from tests.unit.evolve.evolution import NEW, OLD, field, record, spec, version

JAM, OTHER = record(field("n", "int")), record(field("n", "int"), name="road.Other")


class Source:
    """Partitions of one topic, each a list of records; a record that is None is an offset without one."""

    def __init__(self, *partitions: list[Record | None]) -> None:
        self.stored = partitions
        self.positions: dict[tuple[str, int], int] = {}

    def partitions(self, topic: str) -> int:
        return len(self.stored)

    def watermarks(self, partition: tuple[str, int]) -> tuple[int, int]:
        return 0, len(self.stored[partition[1]])

    def assign(self, positions: Mapping[tuple[str, int], int]) -> None:
        self.positions = dict(positions)

    def poll(self, timeout_s: float, max_records: int) -> list[Record]:
        found = [record for (_, n), at in self.positions.items() for record in self.stored[n][at:] if record]
        self.positions = {}
        return found


def at(partition: int, offset: int, when: int, value: bytes | None = b"") -> Record:
    return Record(topic="road.jams", partition=partition, offset=offset, key=None, value=value, timestamp_ms=when)


def test_the_newest_of_all_partitions_are_taken_and_no_more_than_asked() -> None:
    one: list[Record | None] = [at(0, i, when=i * 10) for i in range(6)]
    two: list[Record | None] = [at(1, i, when=i * 10 + 5) for i in range(3)]
    source: Any = Source(one, two, [])
    found = newest(source, "road.jams", 4)
    assert [(record.partition, record.offset) for record in found] == [(1, 2), (0, 3), (0, 4), (0, 5)]
    assert newest(Source([]), "road.jams", 4) == []  # type: ignore[arg-type]  # only what is called


def test_records_go_to_the_version_that_wrote_them_and_others_are_passed_over() -> None:
    registry = MemoryRegistry(level=Level.NONE)
    ids = [registry.register("s", _text(each)).id for each in (JAM, OTHER)]
    play = InPlay(spec=spec(), versions=(version(OLD, JAM), version(NEW, record(field("n", "long")))))
    jam, other = (frame(schema_id, b"\x02") for schema_id in ids)
    records = [at(0, i, i, value) for i, value in enumerate((jam, other, None, b"", b"junk!", frame(99, b""), jam))]
    records += [at(0, 7, 7, frame(ids[0], b"")), at(0, 8, 8, frame(ids[0], b"\x02\x02"))]
    data, damaged = real_data(records, play, registry, Framing.ID)
    assert [(label, [datum.place for datum in found]) for label, found in data.items()] == [
        (OLD, ["road.jams/0@0", "road.jams/0@6"])
    ]
    assert all(datum.real for datum in data[OLD])
    assert damaged == ("road.jams/0@7", "road.jams/0@8")


def test_records_of_a_topic_with_headers_are_found_by_them() -> None:
    registry = MemoryRegistry(level=Level.NONE)
    made = registry.register("s", _text(JAM))
    play = InPlay(spec=spec(), versions=(version(OLD, JAM), version(NEW, record(field("n", "long")))))
    names: tuple[int | UUID, ...] = (made.id, registry.guid_of(made.id))
    records = [replace(at(0, i, i, b"\x02"), headers=(schema_header(name),)) for i, name in enumerate(names)]
    data, damaged = real_data([*records, at(0, 2, 2, frame(made.id, b"\x02"))], play, registry, Framing.HEADER)
    assert [(datum.place, datum.payload.body) for datum in data[OLD]] == [
        ("road.jams/0@0", b"\x02"),
        ("road.jams/0@1", b"\x02"),
    ]
    assert damaged == ()
    data, _ = real_data([*records, at(0, 2, 2, frame(made.id, b"\x02"))], play, registry, Framing.EITHER)
    assert len(data[OLD]) == 3


def _text(schema: Any) -> str:
    import json

    return json.dumps(schema)
