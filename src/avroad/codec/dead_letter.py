"""Dead letters: the original record verbatim, and headers that say what was wrong with it and where it lay.

Two sets are written: our own under `dlq.`, and the ones of Kafka Connect under `__connect.errors.` that existing
tools read. The number of original headers is recorded, so that a replay restores them exactly, whatever they were.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from avroad.model import Headers, OutgoingRecord, Record

__all__ = ["DeadLetter", "Failure", "Poison", "dead_letter", "parse_dead_letter"]

_MAX_ERROR_BYTES: Final = 1024
_MAX_TRACE_BYTES: Final = 8192
_MAX_DIGITS: Final = 19
_CONNECT: Final = "__connect.errors."


class Poison(StrEnum):
    """Why a record can never be handled as it is; an outage is none of these."""

    MALFORMED = "malformed"
    SCHEMA_REJECTED = "schema_rejected"
    SCHEMA_UNKNOWN = "schema_unknown"
    CONTRACT = "contract"
    HANDLER_PERMANENT = "handler_permanent"
    HANDLER_EXHAUSTED = "handler_exhausted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What went wrong. error: text without payload bytes; error_class: dotted name of the exception.

    stage: what was being done (`decode`, `handle`); attempts: how often it was tried; trace: "" when of no use.
    """

    poison: Poison
    error: str
    error_class: str = ""
    stage: str = "decode"
    group: str = ""
    app_version: str = ""
    attempts: int = 1
    first_failed: datetime
    last_failed: datetime
    trace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A dead letter read back. source_*: where the record lay; original: the record's own headers, verbatim.

    sha256 is of the value as it was, "" for a null value.
    """

    poison: str
    error: str
    error_class: str
    group: str
    attempts: int
    source_topic: str
    source_partition: int
    source_offset: int
    first_failed: str
    last_failed: str
    sha256: str
    original: Headers


def dead_letter(record: Record, failure: Failure, topic: str, partition: int | None) -> OutgoingRecord:
    """Return the record for the dead-letter topic: key, value, headers and time as they were, failure headers behind.

    partition: where to put it; the source's own number keeps the order per key.
    """
    ours = {
        "dlq.topic": record.topic,
        "dlq.partition": str(record.partition),
        "dlq.offset": str(record.offset),
        "dlq.leader_epoch": "" if record.leader_epoch is None else str(record.leader_epoch),
        "dlq.class": str(failure.poison),
        "dlq.reason": failure.error_class,
        "dlq.error": _cut(failure.error, _MAX_ERROR_BYTES),
        "dlq.stage": failure.stage,
        "dlq.group": failure.group,
        "dlq.app_version": failure.app_version,
        "dlq.attempts": str(failure.attempts),
        "dlq.first_failure": _time(failure.first_failed),
        "dlq.last_failure": _time(failure.last_failed),
        "dlq.value_sha256": "" if record.value is None else hashlib.sha256(record.value).hexdigest(),
        "dlq.original_headers": str(len(record.headers)),
    }
    added = [(name, text.encode()) for name, text in ours.items() if text]
    # Kafka Connect keeps existing error headers, so that the first failure stays visible; so do we.
    if not any(name.startswith(_CONNECT) for name, _ in record.headers):
        added += _connect_headers(record, failure)
    return OutgoingRecord(
        topic=topic,
        partition=partition,
        key=record.key,
        value=record.value,
        headers=record.headers + tuple(added),
        timestamp_ms=record.timestamp_ms,
    )


def parse_dead_letter(headers: Headers) -> DeadLetter | None:
    """Return what the headers of a record in a dead-letter topic say, None when they are not ours.

    Of a repeated name the last one counts: earlier ones belong to the original record.
    """
    values = {name: (value or b"").decode("utf-8", "replace") for name, value in headers}
    try:
        original = headers[: _number(values["dlq.original_headers"])]
        if len(original) == len(headers):
            return None  # our own headers stand behind them
        return DeadLetter(
            poison=values["dlq.class"],
            error=values.get("dlq.error", ""),
            error_class=values.get("dlq.reason", ""),
            group=values.get("dlq.group", ""),
            attempts=_number(values.get("dlq.attempts", "1")),
            source_topic=values["dlq.topic"],
            source_partition=_number(values["dlq.partition"]),
            source_offset=_number(values["dlq.offset"]),
            first_failed=values.get("dlq.first_failure", ""),
            last_failed=values.get("dlq.last_failure", ""),
            sha256=values.get("dlq.value_sha256", ""),
            original=original,
        )
    except (KeyError, ValueError):
        return None


def _number(text: str) -> int:
    """Return a number as we write it. Raises ValueError: a sign, a foreign digit or too many of them are not ours."""
    if not text.isascii() or not text.isdecimal() or len(text) > _MAX_DIGITS:
        raise ValueError(text[:_MAX_DIGITS])
    return int(text)


def _connect_headers(record: Record, failure: Failure) -> list[tuple[str, bytes]]:
    text = {
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "connector.name": failure.group,
        "task.id": str(record.partition),
        "stage": failure.stage.upper(),
        "class.name": "avroad",
        "exception.class.name": failure.error_class,
        "exception.message": _cut(failure.error, _MAX_ERROR_BYTES),
        "exception.stacktrace": _cut(failure.trace, _MAX_TRACE_BYTES),
    }
    return [(f"{_CONNECT}{name}", value.encode()) for name, value in text.items() if value]


def _cut(text: str, max_bytes: int) -> str:
    return text.encode()[:max_bytes].decode("utf-8", "ignore")


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
