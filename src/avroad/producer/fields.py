"""Reading declared fields (key, time, id) out of an event, whether it is plain data or a generated class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from avroad.errors import EncodeError

__all__ = ["event_time", "field_reader", "key_bytes"]

_KEY_TYPES: Final = (str, bytes, int, UUID)


def field_reader(path: str, cls: type) -> Callable[[object], object]:
    """Return what reads the value at a dotted path of wire names out of events of `cls`; None when the path ends early.

    Made once for all events: a path of one name, which nearly all are, costs one look.
    """
    names = path.split(".")
    if len(names) > 1:
        return lambda event: _walk(event, names)
    if issubclass(cls, Mapping):
        return lambda event: event.get(path)  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue]
    attribute = _attribute(cls, path)
    return lambda event: getattr(event, attribute, None)


def key_bytes(value: object, path: str) -> bytes:
    """Return a key as UTF-8 text bytes; bytes stay. Raises EncodeError for null and for types without one spelling."""
    if type(value) is str and value:
        return value.encode()
    if isinstance(value, bool) or not isinstance(value, _KEY_TYPES) or value in ("", b""):
        found = "null" if value is None else "an empty value" if value in ("", b"") else type(value).__name__
        raise EncodeError("the record key", path=f"$.{path}", expected="text, bytes, int or uuid", found=found)
    return value if isinstance(value, bytes) else str(value).encode()


def event_time(value: object, path: str) -> datetime:
    """Return an aware time as it is. Raises EncodeError."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        found = "a time without zone" if isinstance(value, datetime) else type(value).__name__
        raise EncodeError("the event time", path=f"$.{path}", expected="an aware datetime", found=found)
    return value


def _walk(event: object, names: list[str]) -> object:
    value = event
    for name in names:
        if value is None:
            return None
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, _attribute(type(value), name), None)
    return value


def _attribute(cls: type, wire_name: str) -> str:
    """Return the Python name of a wire name; they differ for reserved words."""
    names: Mapping[str, str] = getattr(cls, "__avro_names__", {})
    if not names:
        return wire_name
    return next((python for python, wire in names.items() if wire == wire_name), wire_name)
