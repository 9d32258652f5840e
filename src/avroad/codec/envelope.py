"""CloudEvents attributes as Kafka headers (Kafka protocol binding 1.0, binary mode); the value stays untouched.

The value carries the registry's frame before the Avro body, which `ce_dataschema` makes explicit: it is the
registry's address of the writer schema.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from avroad.model import Headers

__all__ = ["CONTENT_TYPE", "CloudEvent", "event_headers", "merge_headers", "parse_event"]

CONTENT_TYPE: Final = "application/avro"
_SCHEMA_ID_HEADERS: Final = frozenset({"__key_schema_id", "__value_schema_id"})
_FAILURE_PREFIXES: Final = ("dlq.", "__connect.errors.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudEvent:
    """The attributes of one event. time: aware, or None; subject, data_schema: "" when absent."""

    id: str
    type: str
    source: str
    time: datetime | None = None
    subject: str = ""
    data_schema: str = ""


def event_headers(event: CloudEvent) -> Headers:
    """Return the headers of an event: `ce_` attributes in the binding's order, then the content type.

    Times are written as RFC 3339 in UTC with milliseconds.
    """
    headers: list[tuple[str, bytes | None]] = [
        ("ce_specversion", b"1.0"),
        ("ce_id", event.id.encode()),
        ("ce_type", event.type.encode()),
        ("ce_source", event.source.encode()),
    ]
    if event.time is not None:
        moment = event.time.astimezone(UTC).replace(tzinfo=None)
        headers.append(("ce_time", f"{moment.isoformat(timespec='milliseconds')}Z".encode()))
    if event.subject:
        headers.append(("ce_subject", event.subject.encode()))
    if event.data_schema:
        headers.append(("ce_dataschema", event.data_schema.encode()))
    headers.append(("content-type", CONTENT_TYPE.encode()))
    return tuple(headers)


def merge_headers(own: Headers, extra: Iterable[tuple[str, bytes | None]]) -> Headers:
    """Return `own` followed by `extra` for a newly encoded value.

    Of `extra`, names that `own` sets are replaced, not repeated; schema-id headers are dropped, because readers
    that honour them would decode the frame as data; headers of an earlier failure are dropped.
    """
    names = {name for name, _ in own}
    kept = tuple(
        (name, value)
        for name, value in extra
        if name not in names and name not in _SCHEMA_ID_HEADERS and not name.startswith(_FAILURE_PREFIXES)
    )
    return own + kept


def parse_event(headers: Headers) -> CloudEvent | None:
    """Return the event attributes, None when the headers carry no complete set.

    Of a repeated name the last one counts; a time that is not RFC 3339 is left out.
    """
    values = {name: value.decode("utf-8", "replace") for name, value in headers if value is not None}
    if not all(values.get(name) for name in ("ce_id", "ce_type", "ce_source")):
        return None
    try:
        time = datetime.fromisoformat(values["ce_time"]) if "ce_time" in values else None
    except ValueError:
        time = None
    return CloudEvent(
        id=values["ce_id"],
        type=values["ce_type"],
        source=values["ce_source"],
        time=time if time is None or time.tzinfo is not None else None,
        subject=values.get("ce_subject", ""),
        data_schema=values.get("ce_dataschema", ""),
    )
