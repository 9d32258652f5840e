"""Python names for Avro names: what is reserved gains a trailing underscore, the wire name is kept in a table."""

from __future__ import annotations

import keyword
from collections.abc import Collection, Iterable
from typing import Final

__all__ = ["class_name", "field_names", "member_names", "module_name"]

_FIELD_NAMES: Final = frozenset(
    {"bool", "bytes", "dict", "field", "float", "int", "schemas", "str", "tuple"}
    | {"ClassVar", "Decimal", "Duration", "Mapping", "MappingProxyType", "UTC", "UUID", "date", "datetime", "time"}
)
"""Names a generated class body uses by itself; a field called so would hide them."""

_CLASS_NAMES: Final = _FIELD_NAMES | {"AVRO_TYPES", "Final", "StrEnum", "dataclass", "type"}
"""Names a generated module uses by itself; a class called so would hide them."""

_MEMBER_NAMES: Final = frozenset(dir(str)) | {"mro", "name", "value"}
"""What a member of a StrEnum must not be called: it would replace a method of `str` or of the enum."""


def module_name(namespace: str) -> str:
    """Return the file stem of a namespace's module: dots become underscores; the null namespace is `unnamed`."""
    return _free(namespace.replace(".", "_") or "unnamed", ())


def class_name(short_name: str) -> str:
    """Return the class name of a named type: its name without namespace, unless Python or the module needs that."""
    return _free(short_name, _CLASS_NAMES)


def field_names(wire_names: Iterable[str], classes: Collection[str]) -> dict[str, str]:
    """Return the Python name per wire name, in order; no two are equal and none hides a name of the module.

    classes: the class names of the module.
    """
    return _distinct(wire_names, {*_FIELD_NAMES, *classes})


def member_names(symbols: Iterable[str]) -> dict[str, str]:
    """Return the enum member's name per symbol, in order; the symbol itself stays the member's value."""
    return _distinct(symbols, _MEMBER_NAMES)


def _distinct(wire_names: Iterable[str], reserved: Collection[str]) -> dict[str, str]:
    """Give every wire name its own Python name; a name that needs no change is never taken by one that does."""
    wire = list(wire_names)
    unchanged = {name for name in wire if _free(name, reserved) == name}
    taken = set(unchanged)
    names: dict[str, str] = {}
    for name in wire:
        python_name = name
        if name not in unchanged:
            python_name = _free(name, reserved)
            while python_name in taken:
                python_name += "_"
            taken.add(python_name)
        names[name] = python_name
    return names


def _free(name: str, reserved: Collection[str]) -> str:
    """Return `name`, changed when Python gives it a meaning: keywords, leading underscores (mangled in a class)."""
    bare = name.lstrip("_") or "field"
    if bare[0].isdigit():
        bare = f"n{bare}"
    if bare == name and not keyword.iskeyword(name) and name not in reserved:
        return name
    return f"{bare}_"
