"""What the monitor shows of one record: an event, or a record nobody can read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from avroad.codec import schema_id_of
from avroad.codec.dead_letter import Failure
from avroad.codec.envelope import parse_event
from avroad.consumer import Event
from avroad.contracts.plain import plain
from avroad.errors import FramingError
from avroad.model import Record
from consumers.summary import summary

__all__ = ["Seen", "seen_event", "seen_poison"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One record. lag: records behind it in its partition, None when unknown. poison: class of the failure, or "".

    key: text, or hexadecimal after 0x when the bytes are no UTF-8; None for a null key. content: one line for people.
    """

    event_id: str | None
    event_type: str
    topic: str
    partition: int
    offset: int
    key: str | None
    schema_id: int | None
    schema_version: int | None
    timestamp: datetime | None
    content: str
    value: object = None
    lag: int | None = None
    poison: str = ""

    @property
    def place(self) -> str:
        """Topic, partition and offset in the spelling of the tools: topic/partition@offset."""
        return f"{self.topic}/{self.partition}@{self.offset}"

    @property
    def schema(self) -> str:
        """The id that the record names, and its version within the subject."""
        if self.schema_id is None:
            return "no schema"
        if self.schema_version is None:  # nobody could read the record, so what its bytes name is only an id
            return f"id {self.schema_id}, version unknown"
        return f"id {self.schema_id} v{self.schema_version}"

    def as_json(self) -> dict[str, object]:
        """Return the JSON object of this record, values under their wire names."""
        time = self.timestamp.isoformat(timespec="milliseconds").replace("+00:00", "Z") if self.timestamp else None
        line: dict[str, object] = {
            "event_id": self.event_id,
            "event_type": self.event_type or None,
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
            "key": self.key,
            "schema_id": self.schema_id,
            "schema_version": self.schema_version,
            "timestamp": time,
            "value": plain(self.value),
        }
        if self.poison:
            line |= {"poison": self.poison, "error": self.content}
        return line


def seen_event(event: Event, lag: int | None) -> Seen:
    """Return what to show of an event. Its id is the field `event_id`, else the header `ce_id`."""
    record = event.record
    envelope = parse_event(record.headers)
    event_id = getattr(event.value, "event_id", None)
    if isinstance(event.value, dict):
        event_id = event.value.get("event_id")
    if event_id is None and envelope is not None:
        event_id = envelope.id
    return Seen(
        event_id=None if event_id is None else str(event_id),
        event_type=event.type_name,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=_text(record.key),
        schema_id=event.schema_id,
        schema_version=event.schema_version,
        timestamp=_time(record),
        content=summary(event.value),
        value=event.value,
        lag=lag,
    )


def seen_poison(record: Record, failure: Failure) -> Seen:
    """Return what to show of a record that cannot be read; its bytes are not shown."""
    envelope = parse_event(record.headers)
    return Seen(
        event_id=None if envelope is None else envelope.id,
        event_type="" if envelope is None else envelope.type,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=_text(record.key),
        schema_id=_schema_id(record),
        schema_version=None,
        timestamp=_time(record),
        content=failure.error,
        poison=failure.poison.value,
    )


def _schema_id(record: Record) -> int | None:
    """Return the id a value names, which may be wrong about it; None when it names none."""
    try:
        return schema_id_of(record.value or b"")
    except FramingError:
        return None


def _text(data: bytes | None) -> str | None:
    if data is None:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return f"0x{data.hex()}"


def _time(record: Record) -> datetime | None:
    if record.timestamp_ms is None:
        return None
    return datetime.fromtimestamp(record.timestamp_ms / 1000, UTC)
