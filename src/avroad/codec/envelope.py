"""CloudEvents attributes as Kafka headers (Kafka protocol binding 1.0, binary mode); the value stays untouched.

The value carries the registry's frame before the Avro body, which `ce_dataschema` makes explicit: it is the
registry's address of the writer schema.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from avroad.model import Headers

__all__ = ["CONTENT_TYPE", "CloudEvent", "Envelope", "merge_headers", "parse_event"]

CONTENT_TYPE: Final = "application/avro"
_UTC_LENGTH: Final = len("+00:00")
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


class Envelope:
    """Writes the headers of one type's events; what all of them share is made once.

    type_name, source: `ce_type` and `ce_source`; data_schema: `ce_dataschema`, "" to leave it out.
    """

    def __init__(self, *, type_name: str, source: str, data_schema: str = "") -> None:
        self._version = ("ce_specversion", b"1.0")
        self._origin = (("ce_type", type_name.encode()), ("ce_source", source.encode()))
        schema = (("ce_dataschema", data_schema.encode()),) if data_schema else ()
        self._end = (*schema, ("content-type", CONTENT_TYPE.encode()))

    def headers(self, event_id: str, *, time: datetime | None = None, subject: bytes = b"") -> Headers:
        """Return the headers of an event: `ce_` attributes in the binding's order, then the content type.

        time: aware, written as RFC 3339 in UTC with milliseconds. subject: UTF-8, left out when empty.
        """
        middle: Headers = (("ce_subject", subject),) if subject else ()
        if time is not None:
            moment = time if time.tzinfo is UTC else time.astimezone(UTC)
            text = moment.isoformat("T", "milliseconds")[:-_UTC_LENGTH]
            middle = (("ce_time", f"{text}Z".encode()), *middle)
        return (self._version, ("ce_id", event_id.encode()), *self._origin, *middle, *self._end)


def merge_headers(own: Headers, extra: Headers) -> Headers:
    """Return `own` followed by `extra` for a newly encoded value.

    Of `extra`, names that `own` sets are replaced, not repeated; schema-id headers are dropped, because readers
    that honour them would decode the frame as data; headers of an earlier failure are dropped.
    """
    if not extra:
        return own
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
