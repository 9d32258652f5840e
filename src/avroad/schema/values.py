"""Schemas given as Python values: copied, and refused where JSON has no such value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from avroad.errors import SchemaSyntaxError
from avroad.schema.json import MAX_TEXT_BYTES, Json

__all__ = ["copy_json"]

_MAX_INTEGER_BITS: Final = 14_000  # below the 4300 digits that Python reads and writes
_MAX_PATH: Final = 200


def copy_json(value: Json, *, file: str = "") -> Json:
    """Return a copy of a JSON value that was made in Python, so that later changes of one do not reach the other.

    Raises SchemaSyntaxError for what JSON does not have (keys that are no strings, other types), for integers
    longer than JSON text may have them, and for more values than text of MAX_TEXT_BYTES holds, as in a list
    that holds itself.
    """
    root: list[Json] = [value]
    waiting: list[tuple[list[Json] | dict[str, Json], str]] = [(root, "")]
    count = 0
    while waiting:
        # What is in here is a copy already; what is in it is not yet.
        holder, path = waiting.pop()
        count += len(holder)
        if count > MAX_TEXT_BYTES:
            raise SchemaSyntaxError(expected=f"at most {MAX_TEXT_BYTES} values in a schema", found="more", file=file)
        if isinstance(holder, list):
            for i, item in enumerate(holder):
                holder[i] = _copy(item, _inside(path, f"[{i}]") if path else "$", file, waiting)
        else:
            for key, item in holder.items():
                holder[key] = _copy(item, _inside(path, f".{key}"), file, waiting)
    return root[0]


def _copy(item: Json, path: str, file: str, waiting: list[tuple[list[Json] | dict[str, Json], str]]) -> Json:
    """Return one level of a copy, and note what is to be copied inside it."""
    if isinstance(item, list):
        items = list(item)
        waiting.append((items, path))
        return items
    if isinstance(item, dict):
        keys: Iterable[object] = item
        for key in keys:
            if not isinstance(key, str):
                found = f"one of type {type(key).__name__}"
                raise SchemaSyntaxError(path=path, expected="keys that are strings", found=found, file=file)
        members = dict(item)
        waiting.append((members, path))
        return members
    if item is not None and not isinstance(item, str | int | float):
        raise SchemaSyntaxError(path=path, expected="a JSON value", found=type(item).__name__, file=file)
    if isinstance(item, int) and item.bit_length() > _MAX_INTEGER_BITS:
        expected = f"a number of at most {_MAX_INTEGER_BITS} bits"
        raise SchemaSyntaxError(path=path, expected=expected, found=str(item.bit_length()), file=file)
    return item


def _inside(path: str, part: str) -> str:
    """Far down, the place is told by what is around it: whole paths of a deep value would be large in sum."""
    return path if len(path) > _MAX_PATH else path + part
