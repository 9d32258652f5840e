"""What a rehearsal asks of an Avro library: records' payloads in, data or the reason why not out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from avroad.model import Headers
from avroad.schema import Schema

__all__ = ["Implementation", "Payload", "Read", "Strange", "Unread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A record's value as it lies in the topic, with the headers that came along. body: the value without its frame."""

    body: bytes
    value: bytes
    headers: Headers = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Why a payload was not read. kind: the failure's class; text: its words, which may quote data; path: or ""."""

    kind: str
    text: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strange:
    """What was read where the reader's type has no such value. reason: without data; path: where it stands."""

    reason: str
    path: str


Read = Callable[[Sequence[Payload]], list[Any]]
"""Payloads to one datum, Unread or Strange each."""


class Implementation(Protocol):
    """One library. name: for a column; detail: its version; converts: whether it does declared conversions."""

    name: str
    detail: str
    converts: bool

    def bind(self, writer: Schema, reader: Schema) -> Read:
        """Return what reads data of `writer` as `reader`; schemas it refuses give Unread for each payload."""
        ...

    def close(self) -> None:
        """Release what it holds."""
        ...
