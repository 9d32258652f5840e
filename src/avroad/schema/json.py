"""JSON as schemas use it: the value type, the mark of a missing default, and a strict reader."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import Enum
from typing import Final, TypeAlias

from avroad.errors import SchemaSyntaxError

__all__ = ["MAX_TEXT_BYTES", "NO_DEFAULT", "Json", "NoDefault", "copy_json", "read_json"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""Any JSON value."""

MAX_TEXT_BYTES: Final = 256 * 1024
"""Largest schema text that is parsed, in UTF-8 bytes."""

_MAX_INTEGER_BITS: Final = 14_000  # below the 4300 digits that Python reads and writes

_MAX_PATH: Final = 200


class NoDefault(Enum):
    """Type of NO_DEFAULT, so that `None` stays a default like any other."""

    NO_DEFAULT = "no default"


NO_DEFAULT: Final = NoDefault.NO_DEFAULT


def read_json(text: str, *, file: str = "") -> Json:
    """Return the JSON value of `text`.

    Raises SchemaSyntaxError for text over MAX_TEXT_BYTES, text that is not JSON, NaN and infinity,
    a key given twice, and nesting beyond what the interpreter reads.
    """
    size_bytes = len(text.encode("utf-8", "surrogatepass"))
    if size_bytes > MAX_TEXT_BYTES:
        raise SchemaSyntaxError(expected=f"at most {MAX_TEXT_BYTES} bytes of schema", found=str(size_bytes), file=file)
    try:
        value: Json = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise SchemaSyntaxError(f"not JSON: {error.msg}", path=where, file=file) from None
    except RecursionError:
        raise SchemaSyntaxError(
            expected="JSON of moderate depth", found="nesting too deep to read", file=file
        ) from None
    except ValueError as error:
        raise SchemaSyntaxError(str(error), file=file) from None
    return value


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


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value: dict[str, Json] = {}
    for key, item in pairs:
        if key in value:
            raise ValueError(f"expected each key once, found {key[:80]!r} twice in one object")
        value[key] = item
    return value


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"expected JSON numbers, found {name}")
