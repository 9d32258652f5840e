"""Declared conversions between units and scales: `"avroad.converts"` beside a reader's logical type.

The reader's schema is the place because it is reviewed, registered and seen by every check, where an argument would
be one program's secret.
"""

from __future__ import annotations

from typing import Final

from avroad.codec.logical import convertible
from avroad.schema import Fixed, Logical, Primitive

__all__ = ["CONVERTS", "conversion_word", "is_declared", "narrowed"]

CONVERTS: Final = "avroad.converts"
"""The attribute; its value lists what the reader's type also reads, as `conversion_word` names it."""
_UNITS: Final = ("millis", "micros", "nanos")


def is_declared(reader: Primitive | Fixed, written: Logical) -> bool:
    """Say whether the reader's type declares that it converts `written`, and that can be done."""
    declared = reader.props.get(CONVERTS)
    if reader.logical is None or not isinstance(declared, list) or conversion_word(written) not in declared:
        return False
    return convertible(written, reader.logical)


def conversion_word(logical: Logical) -> str:
    """Return what a declaration calls a logical type, such as `timestamp-millis` or `decimal scale 2`."""
    return f"decimal scale {logical.scale}" if logical.name == "decimal" else logical.name


def narrowed(written: Logical | None, read: Logical | None) -> tuple[str, str] | None:
    """Return (expected, found) where only some values of the writer's logical type are values of the reader's."""
    if written is None or read is None:
        return None
    if written.name != read.name:
        finer = _UNITS.index(written.name.rpartition("-")[2]) > _UNITS.index(read.name.rpartition("-")[2])
        return (f"whole {read.name}", written.name) if finer else None
    if written.scale > read.scale:
        return f"decimals of at most {read.scale} digits after the point", f"scale {written.scale}"
    if written.precision - written.scale > read.precision - read.scale:
        return f"decimals of at most {read.precision} digits", f"precision {written.precision}"
    return None
