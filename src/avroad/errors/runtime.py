"""Errors of the cluster, of plans, and of running producers and consumers."""

from __future__ import annotations

from typing import ClassVar

from avroad.errors.base import AvroadError, ExitCode

__all__ = ["BrokerError", "BrokerUnavailable", "HandlerError", "Overloaded", "StackError"]


class BrokerError(AvroadError):
    """The Kafka cluster refused a request or the client failed for good."""


class BrokerUnavailable(BrokerError):
    """No broker answered in time; the hint says what to start or check."""

    retriable: ClassVar[bool] = True


class Overloaded(BrokerError):
    """The send queue stayed full until the deadline; the event was not taken."""

    retriable: ClassVar[bool] = True


class HandlerError(AvroadError):
    """A handler refused a record for good; the record goes to the dead-letter topic."""


class StackError(AvroadError):
    """The local stack could not be fetched, started, stopped or reset."""

    exit_code = ExitCode.FAILURE
