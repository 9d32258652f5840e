"""Logical types: from the number, string or bytes of the base type to the Python value, and back, exactly.

Nothing is rounded, cut or shifted in either direction: a value that does not fit raises ValueError, OverflowError
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

from avroad.schema import Logical

__all__ = ["Duration", "python_type", "reader_of", "writer_of"]

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LOCAL_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - local timestamps have no zone by definition
_EPOCH_DAY: Final = 719_163
_DAY_MS: Final = 86_400_000
_DAY_US: Final = 86_400_000_000
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_DECIMALS: Final = Context(prec=10_000, traps=[Inexact, InvalidOperation, Overflow])
_UINT32: Final = 1 << 32


class Duration(NamedTuple):
    """An Avro duration: three numbers of 0..2**32-1 that are not convertible into each other."""

    months: int
    days: int
    milliseconds: int


_TYPES: Final[Mapping[str, type]] = {
    "decimal": Decimal,
    "uuid": UUID,
    "date": date,
    "time-millis": time,
    "time-micros": time,
    "timestamp-millis": datetime,
    "timestamp-micros": datetime,
    "timestamp-nanos": int,
    "local-timestamp-millis": datetime,
    "local-timestamp-micros": datetime,
    "local-timestamp-nanos": int,
    "duration": Duration,
}


def python_type(logical: Logical) -> type:
    """Return the Python type of a logical type's values.

    Nanoseconds stay int because no standard type holds them: a datetime would lose digits.
    """
    return _TYPES[logical.name]


def reader_of(logical: Logical, base: str) -> Callable[[Any], object]:
    """Return the function from the base type's value; base: primitive name or `fixed`."""
    if logical.name == "decimal":
        return _decimal_reader(logical)
    if logical.name == "uuid":
        return _uuid_from_bytes if base == "fixed" else _uuid_from_text
    return _READERS[logical.name]


def writer_of(logical: Logical, base: str, size: int = 0) -> Callable[[Any], Any]:
    """Return the function to the base type's value; size: of a fixed, in bytes."""
    if logical.name == "decimal":
        return _decimal_writer(logical, size if base == "fixed" else 0)
    if logical.name == "uuid":
        return _uuid_to_bytes if base == "fixed" else _uuid_to_text
    return _WRITERS[logical.name]


def _decimal_reader(logical: Logical) -> Callable[[bytes], object]:
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
        if value.adjusted() > logical.precision:
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


def _uuid_from_bytes(data: bytes) -> UUID:
    return UUID(bytes=data)


def _uuid_to_text(value: UUID) -> str:
    if type(value) is not UUID:
        raise TypeError("expected a UUID")
    return str(value)


def _uuid_to_bytes(value: UUID) -> bytes:
    if type(value) is not UUID:
        raise TypeError("expected a UUID")
    return value.bytes


def _date_from(days: int) -> date:
    return date.fromordinal(_EPOCH_DAY + days)


def _date_to(value: date) -> int:
    if type(value) is not date:
        raise TypeError("expected a date")
    return value.toordinal() - _EPOCH_DAY


def _time_from_ms(number: int) -> time:
    if not 0 <= number < _DAY_MS:
        raise ValueError("a time of day outside the day")
    seconds, ms = divmod(number, 1000)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60, ms * 1000)


def _time_from_us(number: int) -> time:
    if not 0 <= number < _DAY_US:
        raise ValueError("a time of day outside the day")
    seconds, us = divmod(number, 1_000_000)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60, us)


def _time_to_us(value: time) -> int:
    if type(value) is not time or value.tzinfo is not None:
        raise TypeError("expected a time without zone")
    return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond


def _to_ms(micros: int) -> int:
    number, rest = divmod(micros, 1000)
    if rest:
        raise ValueError("digits below the millisecond")
    return number


def _time_to_ms(value: time) -> int:
    return _to_ms(_time_to_us(value))


def _micros(delta: timedelta) -> int:
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def _instant_from_us(number: int) -> datetime:
    return EPOCH + timedelta(0, 0, number)


def _instant_from_ms(number: int) -> datetime:
    return EPOCH + timedelta(0, 0, number * 1000)


def _instant_to_us(value: datetime) -> int:
    if type(value) is not datetime or value.utcoffset() is None:
        raise TypeError("expected a datetime with a zone")
    return _micros(value - EPOCH)


def _instant_to_ms(value: datetime) -> int:
    return _to_ms(_instant_to_us(value))


def _local_from_us(number: int) -> datetime:
    return LOCAL_EPOCH + timedelta(0, 0, number)


def _local_from_ms(number: int) -> datetime:
    return LOCAL_EPOCH + timedelta(0, 0, number * 1000)


def _local_to_us(value: datetime) -> int:
    if type(value) is not datetime or value.tzinfo is not None:
        raise TypeError("expected a datetime without a zone")
    return _micros(value - LOCAL_EPOCH)


def _local_to_ms(value: datetime) -> int:
    return _to_ms(_local_to_us(value))


def _number(value: int) -> int:
    if type(value) is not int:
        raise TypeError("expected an int of nanoseconds")
    return value


def _duration_from(data: bytes) -> Duration:
    return Duration(*(int.from_bytes(data[i : i + 4], "little") for i in (0, 4, 8)))


def _duration_to(value: Duration) -> bytes:
    if type(value) is not Duration or any(type(n) is not int or not 0 <= n < _UINT32 for n in value):
        raise ValueError("expected a Duration of three numbers from 0 to 2**32-1")
    return b"".join(n.to_bytes(4, "little") for n in value)


_READERS: Final[Mapping[str, Callable[[Any], object]]] = {
    "date": _date_from,
    "time-millis": _time_from_ms,
    "time-micros": _time_from_us,
    "timestamp-millis": _instant_from_ms,
    "timestamp-micros": _instant_from_us,
    "timestamp-nanos": _number,
    "local-timestamp-millis": _local_from_ms,
    "local-timestamp-micros": _local_from_us,
    "local-timestamp-nanos": _number,
    "duration": _duration_from,
}
_WRITERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "date": _date_to,
    "time-millis": _time_to_ms,
    "time-micros": _time_to_us,
    "timestamp-millis": _instant_to_ms,
    "timestamp-micros": _instant_to_us,
    "timestamp-nanos": _number,
    "local-timestamp-millis": _local_to_ms,
    "local-timestamp-micros": _local_to_us,
    "local-timestamp-nanos": _number,
    "duration": _duration_to,
}
