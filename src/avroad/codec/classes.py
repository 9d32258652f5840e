"""Generated classes: their attributes by wire name, and the fastest way to build one.

A frozen dataclass's constructor costs about five times a plain one's. An unfrozen class with the same slots, filled
and then turned into the event's class, is as fast as plain; it is used only where both layouts really are the same.
"""

from __future__ import annotations

import dataclasses
import keyword
from collections.abc import Mapping
from enum import Enum as PythonEnum

from avroad.errors import StaleTypes

__all__ = ["attributes", "members", "twin_of"]


def attributes(cls: type, name: str, fields: tuple[str, ...]) -> tuple[str, ...]:
    """Return the attribute of each wire field, in the given order.

    Raises StaleTypes when the class is no dataclass or its fields are not exactly those of the record.
    """
    if not dataclasses.is_dataclass(cls):
        raise StaleTypes(expected=f"a dataclass for {name}", found=cls.__name__)
    wire_of: Mapping[str, str] = getattr(cls, "__avro_names__", {})
    by_wire = {wire_of.get(field.name, field.name): field.name for field in dataclasses.fields(cls)}
    if set(by_wire) != set(fields):
        odd = ", ".join(sorted(set(by_wire) ^ set(fields)))
        raise StaleTypes(
            expected=f"class {cls.__name__} with the fields of {name}",
            found=f"a difference in {odd}",
            hint="Generate the classes again: avroad schema types",
        )
    return tuple(by_wire[field] for field in fields)


def members(cls: type, name: str, symbols: tuple[str, ...]) -> dict[str, object]:
    """Return the enum member of each symbol. Raises StaleTypes for a symbol without one."""
    known = {member.value: member for member in cls} if issubclass(cls, PythonEnum) else {}
    lost = [symbol for symbol in symbols if symbol not in known]
    if lost:
        raise StaleTypes(
            expected=f"class {cls.__name__} with the symbols of {name}",
            found=f"none for {', '.join(lost)}",
            hint="Generate the classes again: avroad schema types",
        )
    return {symbol: known[symbol] for symbol in symbols}


def plain_identifiers(names: tuple[str, ...]) -> bool:
    """Say whether names may stand in code as attributes: ASCII identifiers that nothing mangles or normalises."""
    return all(n.isascii() and n.isidentifier() and not keyword.iskeyword(n) and not n.startswith("__") for n in names)


def twin_of(cls: type, names: tuple[str, ...]) -> type | None:
    """Return the unfrozen class of the same layout, or None when objects must be built by the constructor."""
    slots = cls.__dict__.get("__slots__")
    if cls.__bases__ != (object,) or hasattr(cls, "__post_init__") or isinstance(slots, str) or slots is None:
        return None
    if set(slots) != set(names) or not plain_identifiers(names) or _custom(cls):
        return None
    twin = type("Twin", (), {"__slots__": tuple(slots)})
    try:
        object.__setattr__(twin(), "__class__", cls)
    except TypeError:
        return None
    return twin


def _custom(cls: type) -> bool:
    return "__new__" in cls.__dict__ or "__del__" in cls.__dict__
