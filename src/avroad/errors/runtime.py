"""Errors of handlers and of the local stack."""

from __future__ import annotations

from avroad.errors.base import AvroadError, ExitCode

__all__ = ["HandlerError", "StackError"]


class HandlerError(AvroadError):
    """A handler refused a record for good; the record goes to the dead-letter topic."""


class StackError(AvroadError):
    """The local stack could not be fetched, started, stopped or reset."""

    exit_code = ExitCode.FAILURE
