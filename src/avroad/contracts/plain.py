"""Events as JSON-safe data: what every flat view and every JSON line shows."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Final
from uuid import UUID

from avroad.schema import Json

__all__ = ["plain"]


def plain(value: object) -> Json:
    """Return a datum, of generated classes or plain, as JSON data under its wire names.

    Times are ISO 8601, UTC ends in `Z`; UUIDs and decimals are text, bytes hexadecimal text, enums their symbol;
    numbers JSON does not have are text (`NaN`, `Infinity`, `-Infinity`). Anything unknown is its `str`.
    """
    kind = type(value)
    if kind in _AS_IT_IS:
        return value  # type: ignore[return-value]  # one of the exact types above
    write = _WRITERS.get(kind)
    if write is not None:
        return write(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if dataclasses.is_dataclass(kind):
        return {wire: plain(getattr(value, name)) for name, wire in _names(kind)}
    return str(value)


@lru_cache(maxsize=4096)
def _names(cls: type) -> tuple[tuple[str, str], ...]:
    """Return (Python name, wire name) of each field of a generated class."""
    wire_of: Mapping[str, str] = getattr(cls, "__avro_names__", {})
    return tuple((field.name, wire_of.get(field.name, field.name)) for field in dataclasses.fields(cls))


def _float(value: float) -> Json:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _datetime(value: datetime) -> Json:
    text = value.isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


_AS_IT_IS: Final = frozenset({type(None), bool, int, str})
_WRITERS: Final[Mapping[type, Callable[..., Json]]] = {
    float: _float,
    datetime: _datetime,
    date: date.isoformat,
    time: time.isoformat,
    UUID: str,
    Decimal: str,
    bytes: bytes.hex,
}
