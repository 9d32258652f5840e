"""Telemetry as seen by the behaviour floor: one small protocol per event."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from avroad.model import Delivery, Record

__all__ = ["Hook", "OnConsumed", "OnDeadLetter", "OnDelivery"]


class Hook(Protocol):
    """Marker: an object that implements any of the event protocols below. Fast, thread-safe, must not raise."""


@runtime_checkable
class OnDelivery(Protocol):
    """Told the result of each send."""

    def on_delivery(self, delivery: Delivery, type_name: str) -> None:
        """`type_name`: full name of the event type."""


@runtime_checkable
class OnConsumed(Protocol):
    """Told each record whose handler returned."""

    def on_consumed(self, record: Record, type_name: str) -> None:
        """`type_name`: full name of the writer's type."""


@runtime_checkable
class OnDeadLetter(Protocol):
    """Told each record that the dead-letter topic has acknowledged."""

    def on_dead_letter(self, record: Record, reason: str) -> None:
        """`reason`: one of the closed list of dead-letter classes."""
