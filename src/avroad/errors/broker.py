"""Errors of the Kafka cluster and of sending to it."""

from __future__ import annotations

from typing import ClassVar

from avroad.errors.base import AvroadError

__all__ = ["BrokerError", "BrokerUnavailable", "Overloaded", "TopicRecreated"]


class BrokerError(AvroadError):
    """The Kafka cluster refused a request or the client failed for good."""


class BrokerUnavailable(BrokerError):
    """No broker answered in time; the hint says what to start or check."""

    retriable: ClassVar[bool] = True


class Overloaded(BrokerError):
    """The send queue stayed full until the deadline; the event was not taken."""

    retriable: ClassVar[bool] = True


class TopicRecreated(BrokerError):
    """A topic was deleted and made again under its name: offsets of the old one would skip records of the new one."""

    def __init__(self, topic: str, message: str, *, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.topic = topic
