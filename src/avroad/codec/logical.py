"""Logical types: from the number, string or bytes of the base type to the Python value, and back, exactly.

Nothing is rounded, cut or shifted in either direction: a value that does not fit raises ValueError, ArithmeticError
or TypeError, which the codec turns into its typed error.
Source: Avro specification 1.12, Logical Types.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import Any, Final, NamedTuple
from uuid import UUID

from avroad.codec.instants import instant_numbers
from avroad.schema import Logical

__all__ = ["Duration", "convertible", "python_type", "reader_of", "writer_of"]

Convert = Callable[[Any], Any]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LOCAL_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - local timestamps have no zone by definition
_US: Final = timedelta(microseconds=1)
_DAY_US: Final = 86_400_000_000
EPOCH_DAY: Final = 719_163
_LONGS: Final = range(-(1 << 63), 1 << 63)
_NANOSECONDS: Final[Mapping[str, int]] = {"millis": 1_000_000, "micros": 1_000, "nanos": 1}
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_DECIMALS: Final = Context(prec=10_000, traps=[Inexact, InvalidOperation, Overflow])
_UINT32: Final = 1 << 32


class Duration(NamedTuple):
    """An Avro duration: three numbers of 0..2**32-1 that are not convertible into each other."""

    months: int
    days: int
    milliseconds: int


class _Kind(NamedTuple):
    """One logical type: the type of its values, and the functions from and to the base type's value."""

    type: type
    read: Convert
    write: Convert


def python_type(logical: Logical) -> type:
    """Return the Python type of a logical type's values.

    Nanoseconds stay int because no standard type holds them: a datetime would lose digits.
    """
    return _kind(logical, "").type


def reader_of(logical: Logical, base: str, written: Logical | None = None) -> Convert:
    """Return the function from the base type's value; base: primitive name or `fixed`.

    written: the writer's logical type; values of another unit or scale are converted (see `convertible`).
    """
    if written is None or (written.name, written.scale) == (logical.name, logical.scale):
        return _kind(logical, base).read
    return _converter(written, logical)


def writer_of(logical: Logical, base: str, size: int = 0) -> Convert:
    """Return the function to the base type's value; size: of a fixed, in bytes."""
    return _kind(logical, base, size).write


def convertible(written: Logical, read: Logical) -> bool:
    """Say whether every value of `written` that `read` can hold has exactly one counterpart there.

    True for times of one kind in different units, and for decimals of different scales.
    """
    kind, _, unit = written.name.rpartition("-")
    other, _, other_unit = read.name.rpartition("-")
    if not kind and not other:
        return written.name == read.name == "decimal"
    return kind == other and unit in _NANOSECONDS and other_unit in _NANOSECONDS


def _kind(logical: Logical, base: str, size: int = 0) -> _Kind:
    if logical.name == "decimal":
        return _Kind(Decimal, _decimal_reader(logical), _decimal_writer(logical, size if base == "fixed" else 0))
    if logical.name == "uuid":
        return _UUID_FIXED if base == "fixed" else _UUID_TEXT
    return _KINDS[logical.name]


def _converter(written: Logical, read: Logical) -> Convert:
    """Digits that the reader's unit or scale cannot hold are refused, and so is what no long can hold."""
    if written.name == "decimal":
        to_number, refit, from_number = _decimal_reader(written), _decimal_writer(read, 0), _decimal_reader(read)
        return lambda data: from_number(refit(to_number(data)))
    step = _NANOSECONDS[written.name.rpartition("-")[2]]
    unit = _NANOSECONDS[read.name.rpartition("-")[2]]
    finish = _KINDS[read.name].read

    def convert(number: int) -> object:
        converted, lost = divmod(number * step, unit)
        if lost or converted not in _LONGS:
            raise ValueError(f"digits that {read.name} cannot hold")
        return finish(converted)

    return convert


def _decimal_reader(logical: Logical) -> Callable[[bytes], Decimal]:
    bound = 10**logical.precision
    scale = -logical.scale
    longest = bound.bit_length() // 8 + 2  # bytes of the largest number and one byte that repeats its sign
    context = _DECIMALS

    def read(data: bytes) -> Decimal:
        size = len(data)
        if size > longest and data[: size - longest + 1].strip(b"\0" if data[0] == 0 else b"\xff"):
            raise ValueError("more digits than the precision allows")
        number = int.from_bytes(data[-longest:], "big", signed=True)  # what was cut only repeats the sign
        if not size or not -bound < number < bound:
            raise ValueError("more digits than the precision allows")
        return Decimal(number).scaleb(scale, context)

    return read


def _decimal_writer(logical: Logical, size: int) -> Callable[[Decimal], bytes]:
    bound = 10**logical.precision
    scale = logical.scale
    context = _DECIMALS

    def write(value: Decimal) -> bytes:
        if type(value) is not Decimal or not value.is_finite():
            raise ValueError("expected a finite Decimal")
        if value and value.adjusted() > logical.precision:
            raise ValueError(f"more than {logical.precision} digits")
        scaled = value.scaleb(scale, context)
        number = int(scaled)
        if number != scaled:
            raise ValueError(f"more than {scale} digits after the point")
        if not -bound < number < bound:
            raise ValueError(f"more than {logical.precision} digits")
        bits = (number if number >= 0 else ~number).bit_length() + 1
        return number.to_bytes(size or (bits + 7) // 8, "big", signed=True)

    return write


def _uuid_from_text(text: str) -> UUID:
    if _UUID.fullmatch(text) is None:
        raise ValueError("no UUID in its 36-character form")
    return UUID(int=int(text.replace("-", ""), 16))


def _uuid(write: Callable[[UUID], Any]) -> Convert:
    def checked(value: UUID) -> object:
        if type(value) is not UUID:
            raise TypeError("expected a UUID")
        return write(value)

    return checked


def _date_to(value: date) -> int:
    if type(value) is not date:
        raise TypeError("expected a date")
    return value.toordinal() - EPOCH_DAY


def _units(micros: int, unit_us: int) -> int:
    number, rest = divmod(micros, unit_us)
    if rest:
        raise ValueError("digits below the millisecond")
    return number


def _times(unit_us: int) -> _Kind:
    day, one_second = _DAY_US // unit_us, 1_000_000 // unit_us

    def read(number: int) -> time:
        if not 0 <= number < day:
            raise ValueError("a time of day outside the day")
        seconds, part = divmod(number, one_second)
        minutes = seconds // 60
        return time(minutes // 60, minutes % 60, seconds % 60, part * unit_us)  # two thirds of what a datetime costs

    def write(value: time) -> int:
        if type(value) is not time or value.tzinfo is not None:
            raise TypeError("expected a time without zone")
        seconds = (value.hour * 60 + value.minute) * 60 + value.second
        return _units(seconds * 1_000_000 + value.microsecond, unit_us)

    return _Kind(time, read, write)


def _instants(epoch: datetime, unit_us: int) -> _Kind:
    naive = epoch.tzinfo is None
    known = instant_numbers(unit_us)

    def read(number: int) -> datetime:
        return epoch + timedelta(0, 0, number * unit_us)

    def write(value: datetime) -> int:
        if type(value) is not datetime or (value.utcoffset() is None) is not naive:
            raise TypeError(f"expected a datetime {'without' if naive else 'with'} a zone")
        number = _units((value - epoch) // _US, unit_us)
        if number not in known:
            raise ValueError("an instant outside the years 1 to 9999 in UTC")
        return number

    return _Kind(datetime, read, write)


def _number(value: int) -> int:
    if type(value) is not int:
        raise TypeError("expected an int of nanoseconds")
    return value


def _duration_to(value: Duration) -> bytes:
    if type(value) is not Duration or any(type(n) is not int or not 0 <= n < _UINT32 for n in value):
        raise ValueError("expected a Duration of three numbers from 0 to 2**32-1")
    return b"".join(n.to_bytes(4, "little") for n in value)


_UUID_TEXT: Final = _Kind(UUID, _uuid_from_text, _uuid(str))
_UUID_FIXED: Final = _Kind(UUID, lambda data: UUID(bytes=data), _uuid(lambda value: value.bytes))
_KINDS: Final[Mapping[str, _Kind]] = {
    "date": _Kind(date, lambda days: date.fromordinal(EPOCH_DAY + days), _date_to),
    "time-millis": _times(1000),
    "time-micros": _times(1),
    "timestamp-millis": _instants(EPOCH, 1000),
    "timestamp-micros": _instants(EPOCH, 1),
    "timestamp-nanos": _Kind(int, _number, _number),
    "local-timestamp-millis": _instants(LOCAL_EPOCH, 1000),
    "local-timestamp-micros": _instants(LOCAL_EPOCH, 1),
    "local-timestamp-nanos": _Kind(int, _number, _number),
    "duration": _Kind(
        Duration, lambda data: Duration(*(int.from_bytes(data[i : i + 4], "little") for i in (0, 4, 8))), _duration_to
    ),
}
