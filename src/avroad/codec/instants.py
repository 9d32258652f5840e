"""Tables that turn varints into datetimes, pair of bytes by pair of bytes, and the numbers that have one.

A varint of 2n bytes is n pairs of 14 bits each, and a datetime is the sum of what its pairs stand for. Sums of
`timedelta` are exact and several times faster than shifting and dividing numbers beyond 30 bits.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final

__all__ = ["NOT_SHORT", "addends", "instant_numbers"]

_PAIRS: Final = 1 << 14
_TWO_BYTES: Final = 1 << 16
_GOES_ON: Final = 0x80


class _NotShort:
    """Stands where a pair has no meaning; whatever is added to it, the sum is it again."""

    def __add__(self, _other: object) -> _NotShort:
        return self

    __radd__ = __add__


NOT_SHORT: Final = _NotShort()


@cache
def addends(epoch: datetime, unit_us: int) -> tuple[list[Any], ...]:
    """Return one table per pair, first to last, by the pair as a little-endian number.

    unit_us: 1 for microseconds (four pairs), 1000 for milliseconds (three). Entries of the last table are datetimes,
    of the others timedeltas. NOT_SHORT stands for pairs that end too early or too late, for codes of negative
    numbers, and for years beyond 9999.
    """
    count = 4 if unit_us == 1 else 3
    tables: list[list[Any]] = [_low(unit_us, shift) for shift in range(0, 14 * (count - 1), 14)]
    last: list[Any] = [NOT_SHORT] * _TWO_BYTES
    step = timedelta(microseconds=unit_us << (14 * (count - 1) - 1))
    for n in range(_GOES_ON, min(_PAIRS, (datetime.max.replace(tzinfo=epoch.tzinfo) - epoch) // step + 1)):
        last[_pair(n, goes_on=False)] = epoch + n * step
    return (*tables, last)


def instant_numbers(unit_us: int) -> range:
    """Return the numbers of instants in the years 1 to 9999, which are those a datetime can hold without its offset.

    A datetime near either end of them and with an offset may be an instant outside; nobody could read it again.
    """
    epoch_day, day_us = date(1970, 1, 1).toordinal(), 86_400_000_000
    first, end = (date.min.toordinal() - epoch_day) * day_us, (date.max.toordinal() + 1 - epoch_day) * day_us
    return range(first // unit_us, end // unit_us)


@cache
def _low(unit_us: int, shift: int) -> list[Any]:
    """The lowest bit of the first pair is the sign."""
    table: list[Any] = [NOT_SHORT] * _TWO_BYTES
    for n in range(0, _PAIRS, 1 if shift else 2):
        table[_pair(n, goes_on=True)] = timedelta(microseconds=(n << shift >> 1) * unit_us)
    return table


def _pair(bits: int, *, goes_on: bool) -> int:
    """Return two bytes of a varint as a little-endian number."""
    return bits & 0x7F | 0x80 | (bits >> 7 | (0x80 if goes_on else 0)) << 8
