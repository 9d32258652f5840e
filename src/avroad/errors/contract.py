"""Errors about what the repository declares: schemas, topics, subjects."""

from __future__ import annotations

from avroad.errors.base import AvroadError, ExitCode

__all__ = ["ContractError", "IncompatibleSchema", "SchemaSyntaxError", "StaleTypes", "UnknownEventType"]


class ContractError(AvroadError):
    """The declarations under `schemas/` or `admin/` break a rule."""

    exit_code = ExitCode.CONTRACT


class SchemaSyntaxError(ContractError):
    """A text is not a valid Avro schema, or it exceeds a compile-time limit."""


class IncompatibleSchema(ContractError):
    """Data of the writer schema cannot be read, or would silently mean something else, with the reader schema."""


class UnknownEventType(ContractError):
    """No declaration in the catalog has this type, topic or subject."""


class StaleTypes(ContractError):
    """A generated class no longer matches the schema it was generated from."""
