"""The client's messages as records: copied whole, whatever stands in them."""

from __future__ import annotations

from typing import Final

from confluent_kafka import Message

from avroad.model import Headers, Record

__all__ = ["UNREADABLE_HEADERS", "to_record"]

UNREADABLE_HEADERS: Final = "avroad.unreadable_headers"
"""Stands in place of headers that the client cannot read."""


def to_record(message: Message) -> Record:
    """Return a message as a record, bytes untouched."""
    kind, timestamp_ms = message.timestamp()
    return Record(
        topic=message.topic() or "",
        partition=message.partition() or 0,
        offset=message.offset() or 0,
        key=message.key(),
        value=message.value(),
        headers=_headers(message),
        timestamp_ms=timestamp_ms if kind else None,
        leader_epoch=message.leader_epoch(),
    )


def _headers(message: Message) -> Headers:
    """Return the headers, or one that says why there are none: a record with hostile headers must not end the run.

    Kafka's header names are UTF-8, but no broker checks that, and the binding cannot hand over other ones.
    """
    try:
        return tuple((item[0], _bytes(item[1])) for item in message.headers() or ())
    except (UnicodeDecodeError, SystemError):
        return ((UNREADABLE_HEADERS, b"a header name is not UTF-8"),)


def _bytes(value: bytes | str | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value
