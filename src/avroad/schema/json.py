"""JSON as schemas use it: the value type, the mark of a missing default, and a strict reader."""

from __future__ import annotations

import json
from collections import Counter
from enum import Enum
from typing import Final, TypeAlias

from avroad.errors import SchemaSyntaxError
from avroad.schema.digits import whole_number

__all__ = ["MAX_TEXT_BYTES", "NO_DEFAULT", "Json", "NoDefault", "read_json"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""Any JSON value."""

MAX_TEXT_BYTES: Final = 256 * 1024
"""Largest schema text that is parsed, in UTF-8 bytes."""


class NoDefault(Enum):
    """Type of NO_DEFAULT, so that `None` stays a default like any other."""

    NO_DEFAULT = "no default"


NO_DEFAULT: Final = NoDefault.NO_DEFAULT


def read_json(text: str, *, file: str = "") -> Json:
    """Return the JSON value of `text`.

    Raises SchemaSyntaxError for text over MAX_TEXT_BYTES, text that is not JSON, NaN and infinity, whole numbers of
    more digits than any type holds, a key given twice, and nesting beyond what the interpreter reads.
    """
    size_bytes = len(text.encode("utf-8", "surrogatepass"))
    if size_bytes > MAX_TEXT_BYTES:
        raise SchemaSyntaxError(expected=f"at most {MAX_TEXT_BYTES} bytes of schema", found=str(size_bytes), file=file)
    try:
        value: Json = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_int=whole_number
        )
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


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        twice = next(key for key in counts if counts[key] > 1)
        raise ValueError(f"expected each key once, found {twice[:80]!r} twice in one object")
    return value


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"expected JSON numbers, found {name}")
