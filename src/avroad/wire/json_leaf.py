"""Values without parts as JSON and back, in two forms: Avro's own encoding and one for people.

Source: Avro specification 1.12, JSON Encoding. Numbers JSON does not have are "NaN", "Infinity" and "-Infinity" in
both, as Java's encoder writes them; a float is the shortest number that is the same 32-bit float, as in Java too.
Text is read in the one spelling that is written here: Python's own parsers cut digits and fill in what is missing.
A whole number is read as a float only if it is one; any with a point or an exponent is the nearest float.
"""

from __future__ import annotations

import math
import re
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
_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
_TEXTS: Final[Mapping[type, re.Pattern[str]]] = {
    date: re.compile(_DATE),
    time: re.compile(_TIME),
    datetime: re.compile(rf"{_DATE}T{_TIME}(?:Z|[+-][0-9]{{2}}:[0-5][0-9])?"),
    Decimal: re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"),
    bytes: re.compile(r"(?:[0-9a-fA-F]{2})*"),
}
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
        if isinstance(value, int | float) and type(value) is not bool:
            return _float(base, value, path)
    if base in {"bytes", "fixed"} and isinstance(value, str):
        try:
            return bytes.fromhex(_text(value, bytes)) if hexadecimal else value.encode("latin-1")
        except ValueError:
            _refuse(path, "pairs of hexadecimal digits" if hexadecimal else "characters up to U+00FF", "others")
    if (base, type(value)) not in {("null", type(None)), ("boolean", bool), ("string", str)}:
        _refuse(path, base, _kind(value))
    return value


def _float(base: str, value: float, path: str) -> float:
    """Return a JSON number as a float; infinite is only one that is too large, for JSON has no such number."""
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        _refuse(path, f"a number that {base} can hold", "a larger one")
    if isinstance(value, int) and (number if base == "double" else _single(number)) != value:
        _refuse(path, f"a number that {base} can hold exactly", "one of more digits")
    return number


def _decimal(value: Json) -> Decimal:
    number = Decimal(value) if type(value) is int else Decimal(_text(value, Decimal))
    return number or Decimal(0)  # whatever the exponent of a zero


def _duration(value: Json) -> Duration:
    if not isinstance(value, dict) or set(value) != set(Duration._fields):
        raise ValueError
    return Duration(**value)  # type: ignore[arg-type]  # the encoder checks the numbers


def _text(value: Json, kind: type | None = None) -> str:
    """Return text, in the spelling of `kind` when given."""
    if not isinstance(value, str):
        raise TypeError
    if kind is not None and _TEXTS[kind].fullmatch(value) is None:
        raise ValueError
    return value


_PARSERS: Final[Mapping[type, Callable[[Json], object]]] = {
    datetime: lambda value: datetime.fromisoformat(_text(value, datetime)),
    date: lambda value: date.fromisoformat(_text(value, date)),
    time: lambda value: time.fromisoformat(_text(value, time)),
    UUID: lambda value: _UUID(_text(value)),
    Decimal: _decimal,
    Duration: _duration,
}
_SPELLINGS: Final[Mapping[type, str]] = {
    datetime: "a time such as 2026-05-01T12:00:00Z, with at most 6 digits after the point",
    date: "a date such as 2026-05-01",
    time: "a time of day such as 12:00:00, with at most 6 digits after the point",
    UUID: "a UUID in its 36-character form",
    Decimal: "a decimal as text, such as 12.30",
    Duration: "an object with months, days and milliseconds",
}


def _kind(value: Json) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "an object"}
    return names.get(type(value), "null")


def _refuse(path: str, expected: str, found: str) -> NoReturn:
    raise EncodeError("", path=path, expected=expected, found=found)
