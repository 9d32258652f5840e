"""What a rehearsal asks of an Avro library: framed payloads in, data or the reason why not out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from avroad.schema import Schema

__all__ = ["Implementation", "Read", "Strange", "Unread"]


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


Read = Callable[[Sequence[bytes]], list[Any]]
"""Framed payloads to one datum, Unread or Strange each."""


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
