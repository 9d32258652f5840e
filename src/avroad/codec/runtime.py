"""What generated code calls: tables of short varints, general routines for long ones, and the decoder's limits.

Everything here raises plain ValueError, IndexError or OverflowError: generated code turns any exception into one
typed error, and the careful second reading in `explain` finds the reason, the byte and the path.
Source: Avro specification 1.12, Binary Encoding.
"""

from __future__ import annotations

from functools import cache
from typing import Final

__all__ = ["MAX_DEPTH", "MAX_ITEMS", "Refused", "read_long", "write_long"]

MAX_ITEMS: Final = 100_000
"""Items of all arrays and maps of one datum together (AVRO-4241, AVRO-4296)."""
MAX_DEPTH: Final = 64
"""How often a recursive type may contain itself in one datum."""

INT_CODES: Final = 1 << 32
LONG_CODES: Final = 1 << 64
SHORT_CODES: Final = 1 << 14
SHORT_SIZES: Final = 1 << 13
_CONTINUE: Final = 0x80
_SEVEN_BITS: Final = 0x7F
_LAST_SHIFT: Final = 70


class Refused(ValueError):
    """Raised by generated code and its routines; never leaves the codec."""


# Varints of the codes 0..16383: CONTINUED has two bytes that both go on, ENDED one or two bytes that end.
CONTINUED: Final = [bytes((n & _SEVEN_BITS | _CONTINUE, n >> 7 | _CONTINUE)) for n in range(SHORT_CODES)]
ENDED: Final = [
    bytes((n,)) if n < _CONTINUE else bytes((n & _SEVEN_BITS | _CONTINUE, n >> 7)) for n in range(SHORT_CODES)
]
SIZES: Final = ENDED[::2]
"""Length prefixes of 0..8191."""
SMALL: Final = tuple((n >> 1) ^ -(n & 1) for n in range(_CONTINUE))
"""Numbers of the one-byte codes."""
SHORT_LENGTHS: Final = [byte >> 1 if byte < _CONTINUE and not byte & 1 else LONG_CODES for byte in range(256)]
"""Lengths of the one-byte codes; for every other byte, negative lengths too, more than any payload has."""
TRUTH: Final = (False, True)


def write_code(code: int) -> bytes:
    """Return the varint of a zigzag code of at most 64 bits."""
    if code >= LONG_CODES:
        raise Refused
    parts = []
    while code >= SHORT_CODES:
        parts.append(CONTINUED[code & (SHORT_CODES - 1)])
        code >>= 14
    parts.append(ENDED[code])
    return b"".join(parts)


def write_int_code(code: int) -> bytes:
    """Return the varint of a zigzag code of at most 32 bits."""
    if code >= INT_CODES:
        raise Refused
    return write_code(code)


def write_long(number: int) -> bytes:
    """Return the zigzag varint of a 64-bit number."""
    return write_code((number << 1) ^ (number >> 63))


def write_size(size: int) -> bytes:
    """Return the length prefix of a non-negative size."""
    return write_code(size << 1)


def read_long(data: bytes, at: int) -> tuple[int, int]:
    """Return the long at `at` and the next position.

    Refuses more than 64 bits and every form but the shortest. Raises IndexError where the bytes end.
    """
    byte = data[at]
    code = byte & _SEVEN_BITS
    shift = 7
    while byte >= _CONTINUE:
        at += 1
        byte = data[at]
        code |= (byte & _SEVEN_BITS) << shift
        shift += 7
        if shift == _LAST_SHIFT and byte > 1:
            raise Refused
    if byte == 0 and shift > 7:  # noqa: PLR2004 - a second byte was read
        raise Refused
    return (code >> 1) ^ -(code & 1), at + 1


def read_int(data: bytes, at: int) -> tuple[int, int]:
    """Return the int at `at` and the next position; refuses what does not fit 32 bits."""
    number, at = read_long(data, at)
    if not -0x80000000 <= number <= 0x7FFFFFFF:  # noqa: PLR2004 - the range of an int
        raise Refused
    return number, at


def read_size(data: bytes, at: int) -> tuple[int, int]:
    """Return where the counted bytes at `at` start and stop; the caller compares the stop with the end."""
    size, at = read_long(data, at)
    if size < 0:
        raise Refused
    return at, at + size


def read_block(data: bytes, at: int) -> tuple[int, int, int]:
    """Return (items, position of the first item, position after the last or -1 when unsaid) of a block.

    A negative count is followed by the block's size in bytes, which the caller compares with what it read.
    """
    count, at = read_long(data, at)
    if count >= 0:
        return count, at, -1
    size, at = read_long(data, at)
    if size < 0:
        raise Refused
    return -count, at, at + size


@cache
def pairs_that_go_on() -> list[int]:
    """Return, for each two bytes read as a little-endian number, their 14 bits if both go on, else -1."""
    table = [-1] * 65536
    for n in range(SHORT_CODES):
        table[n & _SEVEN_BITS | _CONTINUE | (n >> 7 | _CONTINUE) << 8] = n
    return table


@cache
def pairs_that_end() -> list[int]:
    """Return, for each two bytes read as a little-endian number, their 14 bits if only the first goes on, else -1.

    A second byte of 0 is no ending: the varint would have a shorter form.
    """
    table = [-1] * 65536
    for n in range(_CONTINUE, SHORT_CODES):
        table[n & _SEVEN_BITS | _CONTINUE | (n >> 7) << 8] = n
    return table


@cache
def ended_after(prefix: bytes) -> list[bytes]:
    """Return ENDED with `prefix` before each entry; a union's branch and a short number in one look-up."""
    return [prefix + code for code in ENDED] if prefix else ENDED


@cache
def sizes_after(prefix: bytes) -> list[bytes]:
    """Return SIZES with `prefix` before each entry."""
    return [prefix + size for size in SIZES] if prefix else SIZES
