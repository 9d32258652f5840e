"""Errors about bytes and data: what an encoder refuses and what a decoder finds."""

from __future__ import annotations

from typing import ClassVar

from avroad.errors.base import AvroadError, ExitCode

__all__ = ["CodecError", "DecodeError", "EncodeError", "FramingError"]


class CodecError(AvroadError):
    """A datum could not be encoded or a payload not decoded; never carries payload bytes.

    index: of the item in a call for many, also the first part of `path`; None in a call for one.
    """

    index: int | None = None
    exit_code: ClassVar[ExitCode] = ExitCode.CONTRACT

    def __init__(self, reason: str, *, path: str = "$", expected: str = "", found: str = "", hint: str = "") -> None:
        super().__init__(reason, path=path, expected=expected, found=found, hint=hint)
        self.reason = reason


class EncodeError(CodecError):
    """The datum does not fit the writer schema; nothing was written."""


class DecodeError(CodecError):
    """The bytes are not a datum of the writer schema, or resolution fails for this datum.

    reason: a stable sentence without payload bytes; offset: byte position inside the given bytes;
    path: JSONPath-like place of the field being read.
    """

    def __init__(self, reason: str, *, offset: int, path: str = "$") -> None:
        super().__init__(reason, path=path)
        self.message = f"{reason}, byte {offset}"
        self.offset = offset


class FramingError(DecodeError):
    """The payload does not start with a schema frame avroad can read."""
