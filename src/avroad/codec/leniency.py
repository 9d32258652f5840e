"""What a decoder accepts beyond the specification when it is asked to, rule by rule; by default nothing."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from avroad.codec import runtime
from avroad.codec.runtime import Refused

__all__ = ["Accept", "Varints", "varints_of"]


class Accept(StrEnum):
    """One rule that may be loosened.

    OVERLONG_VARINT: a number, length, count or index may be padded with zeros, to at most ten bytes and 64 bits;
    some writers reserve five bytes for a length and fill it in later.
    """

    OVERLONG_VARINT = "overlong-varint"


class Varints(NamedTuple):
    """The general routines that generated code calls; see the ones of the same name in `runtime`."""

    read_long: Callable[[bytes, int], tuple[int, int]]
    read_int: Callable[[bytes, int], tuple[int, int]]
    read_size: Callable[[bytes, int], tuple[int, int]]
    read_block: Callable[[bytes, int], tuple[int, int, int]]


_STRICT = Varints(runtime.read_long, runtime.read_int, runtime.read_size, runtime.read_block)


def varints_of(accept: frozenset[Accept]) -> Varints:
    """Return the routines for a decoder that accepts this."""
    return _PADDED if Accept.OVERLONG_VARINT in accept else _STRICT


def _read_long(data: bytes, at: int) -> tuple[int, int]:
    """Return the long at `at`, read without its padding, and the next position."""
    start = at
    while data[at] >= 0x80:  # noqa: PLR2004 - goes on
        at += 1
        if at - start > 9:  # noqa: PLR2004 - ten bytes hold 64 bits
            raise Refused
    code = 0
    for byte in reversed(data[start : at + 1]):
        code = code << 7 | byte & 0x7F
    if code >> 64:
        raise Refused
    return (code >> 1) ^ -(code & 1), at + 1


def _read_int(data: bytes, at: int) -> tuple[int, int]:
    number, at = _read_long(data, at)
    if not runtime.MIN_INT <= number <= runtime.MAX_INT:
        raise Refused
    return number, at


def _read_size(data: bytes, at: int) -> tuple[int, int]:
    size, at = _read_long(data, at)
    if size < 0:
        raise Refused
    return at, at + size


def _read_block(data: bytes, at: int) -> tuple[int, int, int]:
    count, at = _read_long(data, at)
    if count >= 0:
        return count, at, -1
    size, at = _read_long(data, at)
    if size < 0:
        raise Refused
    return -count, at, at + size


_PADDED = Varints(_read_long, _read_int, _read_size, _read_block)
