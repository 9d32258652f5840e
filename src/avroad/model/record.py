"""Values that travel: records read and written, and what became of a send."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Delivery", "Headers", "Outcome", "OutgoingRecord", "Record"]

Headers = tuple[tuple[str, bytes | None], ...]
"""Kafka headers in order; names may repeat, values may be null."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record as it lies in a partition, bytes untouched.

    timestamp_ms: milliseconds since 1970 UTC, or None when the broker gave none; leader_epoch may be None.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp_ms: int | None = None
    leader_epoch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingRecord:
    """One record on its way to a topic; the partitioner chooses when `partition` is None."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp_ms: int | None = None
    partition: int | None = None


class Outcome(StrEnum):
    """How a send ended. UNKNOWN may or may not be in the log; never send it again under another event id."""

    ACKED = "acked"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    FATAL = "fatal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The one result of one send: position when acked, the client's reason otherwise."""

    outcome: Outcome
    topic: str
    partition: int | None = None
    offset: int | None = None
    reason: str = ""
