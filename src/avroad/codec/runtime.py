"""What generated code calls: tables of short varints, general routines for long ones, and the decoder's limits.

Everything here raises plain ValueError, IndexError or OverflowError: generated code turns any exception into one
typed error, and a careful second look finds the reason, the byte and the path.
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

SHORT_CODES: Final = 1 << 14
SHORT_NUMBERS: Final = 1 << 13
MIN_INT, MAX_INT = -(1 << 31), (1 << 31) - 1
MIN_LONG, MAX_LONG = -(1 << 63), (1 << 63) - 1
_BEYOND_ANY_PAYLOAD: Final = 1 << 64
_GOES_ON: Final = 0x80
_SEVEN_BITS: Final = 0x7F
_FOURTEEN_BITS: Final = SHORT_CODES - 1
_TWENTY_EIGHT_BITS: Final = (1 << 28) - 1


class Refused(ValueError):
    """Raised by generated code and its routines; never leaves the codec."""


# Varints of the codes 0..16383: GOING_ON has two bytes that both go on, ENDED one or two bytes that end.
_GOING_ON: Final = [bytes((n & _SEVEN_BITS | _GOES_ON, n >> 7 | _GOES_ON)) for n in range(SHORT_CODES)]
_ENDED: Final = [
    bytes((n,)) if n < _GOES_ON else bytes((n & _SEVEN_BITS | _GOES_ON, n >> 7)) for n in range(SHORT_CODES)
]
NUMBERS: Final = [(n >> 1) ^ -(n & 1) for n in range(SHORT_CODES)]
"""The number of each short code."""
SHORT_LENGTHS: Final = [n >> 1 if n < _GOES_ON and not n & 1 else _BEYOND_ANY_PAYLOAD for n in range(256)]
"""Lengths of the one-byte codes; for every other byte, negative lengths too, more than any payload has."""
TRUTH: Final = (False, True)
_PLACES: Final = [[(n & _SEVEN_BITS) << 7 * k for n in range(256)] for k in range(9)] + [[0, 1 << 63]]
"""The bits of each byte by its place in a varint: the tenth byte has one bit and ends."""


@cache
def numbers_after(prefix: bytes) -> list[bytes]:
    """Return `prefix` and the varint of each number from -8192 to 8191, at the number as index (from the end for -1).

    A union's branch and a short number in one look-up.
    """
    return [prefix + code for code in (*_ENDED[::2], *reversed(_ENDED[1::2]))]


@cache
def sizes_after(prefix: bytes) -> list[bytes]:
    """Return `prefix` and the length prefix of each size from 0 to 8191."""
    return [prefix + code for code in _ENDED[::2]]


def write_long(number: int) -> bytes:
    """Return the zigzag varint of a 64-bit number; refuses larger ones. Halves of 28 bits are small for Python."""
    code = (number << 1) ^ (number >> 63)
    if code < SHORT_CODES:
        return _ENDED[code]
    low, high = code & _TWENTY_EIGHT_BITS, code >> 28
    if high == 0:
        return _GOING_ON[low & _FOURTEEN_BITS] + _ENDED[low >> 14]
    if high < SHORT_CODES:
        return _GOING_ON[low & _FOURTEEN_BITS] + _GOING_ON[low >> 14] + _ENDED[high]
    if not MIN_LONG <= number <= MAX_LONG:
        raise Refused
    middle, high = high & _TWENTY_EIGHT_BITS, high >> 28
    parts = [_GOING_ON[low & _FOURTEEN_BITS], _GOING_ON[low >> 14]]
    if high == 0:
        parts += (_GOING_ON[middle & _FOURTEEN_BITS], _ENDED[middle >> 14])
    else:
        parts += (_GOING_ON[middle & _FOURTEEN_BITS], _GOING_ON[middle >> 14], _ENDED[high])
    return b"".join(parts)


def write_int(number: int) -> bytes:
    """Return the zigzag varint of a 32-bit number; refuses larger ones."""
    if not MIN_INT <= number <= MAX_INT:
        raise Refused
    return write_long(number)


def read_long(data: bytes, at: int) -> tuple[int, int]:
    """Return the long at `at` and the next position.

    Refuses more than 64 bits and every form but the shortest. Raises IndexError where the bytes end, and for an
    eleventh byte.
    """
    code = byte = 0
    place = _PLACES[0]
    for place in _PLACES:
        byte = data[at]
        at += 1
        code += place[byte]
        if byte < _GOES_ON:
            break
    if byte == 0 and place is not _PLACES[0]:
        raise Refused
    return (code >> 1) ^ -(code & 1), at


def read_int(data: bytes, at: int) -> tuple[int, int]:
    """Return the int at `at` and the next position; refuses what does not fit 32 bits."""
    number, at = read_long(data, at)
    if not MIN_INT <= number <= MAX_INT:
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
