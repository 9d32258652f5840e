"""Logical types: which ones exist, on which base types, with which attributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from avroad.schema.json import Json

__all__ = ["KNOWN_LOGICAL", "Logical", "read_logical"]

_BASES: Final[Mapping[str, tuple[str, ...]]] = {
    "decimal": ("bytes", "fixed"),
    "uuid": ("string", "fixed"),
    "date": ("int",),
    "time-millis": ("int",),
    "time-micros": ("long",),
    "timestamp-millis": ("long",),
    "timestamp-micros": ("long",),
    "timestamp-nanos": ("long",),
    "local-timestamp-millis": ("long",),
    "local-timestamp-micros": ("long",),
    "local-timestamp-nanos": ("long",),
    "duration": ("fixed",),
}
KNOWN_LOGICAL: Final = tuple(_BASES)
"""The names that the specification gives to logical types."""
_FIXED_SIZES: Final[Mapping[str, int]] = {"uuid": 16, "duration": 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Logical:
    """A valid logical type; precision and scale are 0 unless `name` is `decimal`."""

    name: str
    precision: int = 0
    scale: int = 0


def read_logical(base: str, attributes: Mapping[str, Json], *, size: int = 0) -> tuple[Logical | None, str, str]:
    """Return the logical type of a schema object and, when it is invalid, what was expected and found.

    base: primitive name or `fixed`; size: of a fixed, in bytes. A name the specification does not know is no
    error: (None, "", ""). Source: Avro specification 1.12, Logical Types ("implementations must ignore ...").
    """
    name = attributes.get("logicalType")
    if not isinstance(name, str) or name not in _BASES:
        return None, "", ""
    if base not in _BASES[name]:
        return None, f"{name} on {' or '.join(_BASES[name])}", base
    if base == "fixed" and name in _FIXED_SIZES and size != _FIXED_SIZES[name]:
        return None, f"{name} on a fixed of {_FIXED_SIZES[name]} bytes", f"{size} bytes"
    if name != "decimal":
        return Logical(name=name), "", ""
    return _read_decimal(base, attributes, size)


def _read_decimal(base: str, attributes: Mapping[str, Json], size: int) -> tuple[Logical | None, str, str]:
    precision, scale = attributes.get("precision"), attributes.get("scale", 0)
    if type(precision) is not int or precision < 1:
        return None, "a decimal precision of at least 1", _shown(precision)
    if type(scale) is not int or not 0 <= scale <= precision:
        return None, f"a decimal scale from 0 to {precision}", _shown(scale)
    if base == "fixed":
        room = len(str((1 << (8 * size - 1)) - 1)) - 1 if 0 < size <= 1024 else precision  # noqa: PLR2004
        if precision > room:
            return None, f"at most {room} digits in a fixed of {size} bytes", str(precision)
    return Logical(name="decimal", precision=precision, scale=scale), "", ""


def _shown(value: Json) -> str:
    return "nothing" if value is None else repr(value)[:40]
