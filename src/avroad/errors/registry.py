"""Errors of the schema registry: one name per documented code, one class per way to react."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

from avroad.errors.base import AvroadError

__all__ = ["RegistryCode", "RegistryDenied", "RegistryError", "RegistryUnavailable", "SchemaNotFound"]


class RegistryCode(IntEnum):
    """The `error_code` values of the registry's REST interface that avroad knows by name."""

    SUBJECT_NOT_FOUND = 40401
    VERSION_NOT_FOUND = 40402
    SCHEMA_NOT_FOUND = 40403
    SUBJECT_SOFT_DELETED = 40404
    SUBJECT_NOT_SOFT_DELETED = 40405
    VERSION_SOFT_DELETED = 40406
    VERSION_NOT_SOFT_DELETED = 40407
    SUBJECT_LEVEL_NOT_SET = 40408
    SUBJECT_MODE_NOT_SET = 40409
    ASSOCIATION_NOT_FOUND = 40410
    INCOMPATIBLE = 409
    INCOMPATIBLE_SCHEMA = 40901
    TOO_MANY_ASSOCIATIONS = 40902
    ASSOCIATION_FOR_SUBJECT_EXISTS = 40903
    ASSOCIATION_FOR_RESOURCE_EXISTS = 40904
    STRONG_ASSOCIATION_EXISTS = 40905
    NO_ACTIVE_VERSION = 40907
    ASSOCIATION_FROZEN = 40908
    INVALID_SCHEMA = 42201
    INVALID_VERSION = 42202
    INVALID_LEVEL = 42203
    INVALID_MODE = 42204
    NOT_PERMITTED = 42205
    REFERENCE_EXISTS = 42206
    ID_MISMATCH = 42207
    INVALID_SUBJECT = 42208
    SCHEMA_TOO_LARGE = 42209
    INVALID_RULESET = 42210
    CONTEXT_NOT_EMPTY = 42211
    INVALID_ASSOCIATION = 42212
    ASSOCIATION_BATCH_LIMIT = 42213
    STORE_ERROR = 50001
    STORE_TIMEOUT = 50002
    FORWARDING_FAILED = 50003
    LEADER_UNKNOWN = 50004
    JSON_PARSE_ERROR = 50005


class RegistryError(AvroadError):
    """The registry refused a request or answered something that cannot be used.

    code: the named code, or None when the answer carried none that is known; status: HTTP status, 0 without one.
    """

    def __init__(
        self,
        message: str,
        *,
        code: RegistryCode | None = None,
        status: int = 0,
        expected: str = "",
        found: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message, expected=expected, found=found, hint=hint)
        self.code = code
        self.status = status


class RegistryUnavailable(RegistryError):
    """The registry did not answer usefully in time: refused, timeout, 429, 5xx or not JSON. An outage, never poison."""

    retriable: ClassVar[bool] = True


class RegistryDenied(RegistryError):
    """The registry answered 401 or 403: credentials are missing, wrong or too weak."""


class SchemaNotFound(RegistryError):
    """The registry answered that this id, subject or version does not exist (404xx)."""
