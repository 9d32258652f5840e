"""Values without parts as JSON and back, in two forms: Avro's own encoding and one for people.

Source: Avro specification 1.12, JSON Encoding. Numbers JSON does not have are "NaN", "Infinity" and "-Infinity" in
both, as Java's encoder writes them; a float is the shortest number that is the same 32-bit float, as in Java too.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NoReturn
from uuid import UUID

from avroad.codec import Duration
from avroad.codec.logical import python_type, reader_of, writer_of
from avroad.errors import EncodeError
from avroad.schema import Fixed, Json, Logical, Primitive

__all__ = ["avro_leaf", "json_kinds", "plain_leaf", "read_avro_leaf", "read_plain_leaf"]

_NO_NUMBERS: Final[Mapping[str, float]] = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_UUID: Final = reader_of(Logical(name="uuid"), "string")
_FLOAT_DIGITS: Final = range(6, 10)
_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "null": frozenset({"null"}),
    "boolean": frozenset({"boolean"}),
    "int": frozenset({"int"}),
    "long": frozenset({"int"}),
    "float": frozenset({"float", "string"}),
    "double": frozenset({"float", "string"}),
}


def avro_leaf(schema: Primitive | Fixed, datum: Any) -> Json:  # noqa: ANN401 - any datum
    """Return a value in Avro's JSON encoding: of a logical type the base type's value, bytes as U+0000..U+00FF."""
    base = _base(schema)
    if schema.logical is not None:
        datum = writer_of(schema.logical, base, schema.size if isinstance(schema, Fixed) else 0)(datum)
    if isinstance(datum, bytes):
        return datum.decode("latin-1")
    return _number(datum, base) if isinstance(datum, float) else datum


def read_avro_leaf(schema: Primitive | Fixed, value: Json, path: str) -> Any:  # noqa: ANN401 - any datum
    """Return the datum of a value in Avro's JSON encoding. Raises EncodeError."""
    base = _base(schema)
    datum = _read_base(base, value, path, hexadecimal=False)
    if schema.logical is None:
        return datum
    try:
        return reader_of(schema.logical, base)(datum)
    except (ArithmeticError, ValueError, TypeError):
        _refuse(path, f"{base} that is a {schema.logical.name}", "another value")


def plain_leaf(schema: Primitive | Fixed, datum: Any) -> Json:  # noqa: ANN401 - any datum
    """Return a value for people: times in ISO 8601, UTC with Z; decimals and UUIDs as text, bytes in hexadecimal."""
    if isinstance(datum, bytes):
        return datum.hex()
    if isinstance(datum, float):
        return _number(datum, _base(schema))
    if isinstance(datum, datetime):
        return datum.isoformat().replace("+00:00", "Z")
    if isinstance(datum, date | time):
        return datum.isoformat()
    if isinstance(datum, Decimal):
        return f"{datum:f}"
    if isinstance(datum, Duration):
        return datum._asdict()
    return str(datum) if isinstance(datum, UUID) else datum


def read_plain_leaf(schema: Primitive | Fixed, value: Json, path: str) -> Any:  # noqa: ANN401 - any datum
    """Return the datum of a value for people. Raises EncodeError."""
    if schema.logical is None or python_type(schema.logical) is int:
        return _read_base(_base(schema), value, path, hexadecimal=True)
    kind = python_type(schema.logical)
    try:
        return _PARSERS[kind](value)
    except (InvalidOperation, ValueError, TypeError, KeyError):
        _refuse(path, _SPELLINGS[kind], "another value" if isinstance(value, str) else _kind(value))


def json_kinds(schema: Primitive | Fixed) -> frozenset[str]:
    """Return which kinds of JSON the plain form of a leaf may be; floats are text when JSON has no such number."""
    if isinstance(schema, Fixed) or (schema.logical is not None and python_type(schema.logical) is not int):
        duration = schema.logical is not None and schema.logical.name == "duration"
        return frozenset({"object" if duration else "string"})
    return _KINDS.get(schema.name, frozenset({"string"}))


def _base(schema: Primitive | Fixed) -> str:
    return "fixed" if isinstance(schema, Fixed) else schema.name


def _number(datum: float, base: str) -> Json:
    if not math.isfinite(datum):
        return "NaN" if math.isnan(datum) else "Infinity" if datum > 0 else "-Infinity"
    if base != "float":
        return datum
    (single,) = struct.unpack("<f", struct.pack("<f", datum))
    return next((short for d in _FLOAT_DIGITS if _single(short := float(f"{single:.{d}g}")) == single), float(single))


def _single(number: float) -> float | None:
    try:
        return float(struct.unpack("<f", struct.pack("<f", number))[0])
    except OverflowError:
        return None


def _read_base(base: str, value: Json, path: str, *, hexadecimal: bool) -> Any:  # noqa: ANN401 - any datum
    if base in {"int", "long"} and type(value) is int:
        return value
    if base in {"float", "double"}:
        if isinstance(value, str) and value in _NO_NUMBERS:
            return _NO_NUMBERS[value]
        if type(value) in {int, float}:
            try:
                return float(value)  # type: ignore[arg-type]  # one of the two types above
            except OverflowError:
                _refuse(path, f"a number that {base} can hold", "a larger one")
    if base in {"bytes", "fixed"} and isinstance(value, str):
        try:
            return bytes.fromhex(value) if hexadecimal else value.encode("latin-1")
        except ValueError:
            _refuse(path, "pairs of hexadecimal digits" if hexadecimal else "characters up to U+00FF", "others")
    if (base, type(value)) not in {("null", type(None)), ("boolean", bool), ("string", str)}:
        _refuse(path, base, _kind(value))
    return value


def _instant(value: Json) -> datetime:
    return datetime.fromisoformat(_text(value))


def _decimal(value: Json) -> Decimal:
    return Decimal(value) if type(value) is int else Decimal(_text(value))


def _duration(value: Json) -> Duration:
    if not isinstance(value, dict) or set(value) != set(Duration._fields):
        raise ValueError
    return Duration(**value)  # type: ignore[arg-type]  # the encoder checks the numbers


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


_PARSERS: Final[Mapping[type, Callable[[Json], object]]] = {
    datetime: _instant,
    date: lambda value: date.fromisoformat(_text(value)),
    time: lambda value: time.fromisoformat(_text(value)),
    UUID: lambda value: _UUID(_text(value)),
    Decimal: _decimal,
    Duration: _duration,
}
_SPELLINGS: Final[Mapping[type, str]] = {
    datetime: "a time such as 2026-05-01T12:00:00Z",
    date: "a date such as 2026-05-01",
    time: "a time of day such as 12:00:00",
    UUID: "a UUID in its 36-character form",
    Decimal: "a decimal as text, such as 12.30",
    Duration: "an object with months, days and milliseconds",
}


def _kind(value: Json) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "an object"}
    return names.get(type(value), "null")


def _refuse(path: str, expected: str, found: str) -> NoReturn:
    raise EncodeError("", path=path, expected=expected, found=found)
