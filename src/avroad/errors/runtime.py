"""Errors of handlers, of the local stack and of git."""

from __future__ import annotations

from avroad.errors.base import AvroadError, ExitCode

__all__ = ["GitError", "HandlerError", "StackError"]


class GitError(AvroadError):
    """Git failed, or did not end."""


class HandlerError(AvroadError):
    """A handler refused a record for good; the record goes to the dead-letter topic."""


class StackError(AvroadError):
    """The local stack could not be fetched, started, stopped or reset."""

    exit_code = ExitCode.FAILURE
