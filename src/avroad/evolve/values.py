"""Values of different libraries compared by what they say: is what was read what was meant, and where is it not."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from avroad.codec import Duration

__all__ = ["Difference", "difference", "place_of", "shown"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_US: Final = timedelta(microseconds=1)
_LONGEST: Final = 60
_ROUNDED: Final = 2**-23
_NUMBER: Final = re.compile(r"(?<=[\[{])[0-9]+(?=[\]}])")
_BRANCH: Final = re.compile(r"<[^<>]*>")

Difference = tuple[str, Any, Any]
"""(path, what was meant, what was read)."""


def difference(
    meant: Any,  # noqa: ANN401  # data
    read: Any,  # noqa: ANN401  # data
    fields: AbstractSet[str],
    path: str = "$",
    *,
    ignored: AbstractSet[str] = frozenset(),
) -> Difference | None:
    """Return the first place where a datum as read is not the datum that was meant, None when there is none.

    fields: the names of all record fields there are; entries of maps go by their number, because keys are data.
    ignored: places where any value will do, as `place_of` names them.
    Each library has its own form for logical types and unions: an instant may be a datetime or a number, a branch
    may be named or not. They are the same here while they say the same.
    """
    meant, read = _unwrapped(meant), _unwrapped(read)
    if isinstance(meant, Mapping) and isinstance(read, Mapping):
        for number, key in enumerate((*meant, *(key for key in read if key not in meant))):
            place = f"{path}.{key}" if key in fields else f"{path}{{{number}}}"
            if key not in meant or key not in read:
                return place, meant.get(key, "nothing"), read.get(key, "nothing")
            found = difference(meant[key], read[key], fields, place, ignored=ignored)
            if found is not None:
                return found
        return None
    if isinstance(meant, list) and isinstance(read, list):
        if len(meant) != len(read):
            return path, f"{len(meant)} items", f"{len(read)} items"
        for i, (a, b) in enumerate(zip(meant, read, strict=True)):
            found = difference(a, b, fields, f"{path}[{i}]", ignored=ignored)
            if found is not None:
                return found
        return None
    same = _same(meant, read) or (bool(ignored) and place_of(path) in ignored)
    return None if same else (path, meant, read)


def place_of(path: str) -> str:
    """Return the place in a type that a path in a datum, or in a finding, belongs to: `$.stops[].at`."""
    return _NUMBER.sub("", _BRANCH.sub("", path))


def shown(value: Any) -> str:  # noqa: ANN401  # any datum
    """Return a value in a few characters."""
    text = str(value) if isinstance(value, (Decimal, UUID, date, time)) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _unwrapped(value: Any) -> Any:  # noqa: ANN401  # any datum
    """Return a union's value without the name of its branch."""
    named = type(value) is tuple and len(value) == 2 and isinstance(value[0], str)  # noqa: PLR2004  # a pair
    return value[1] if named else value


def _same(meant: Any, read: Any) -> bool:  # noqa: ANN401  # any datum
    if isinstance(meant, bool) or isinstance(read, bool) or meant is None or read is None:
        return meant is read
    if isinstance(meant, int | float) and isinstance(read, int | float):
        rounded = isinstance(meant, float) or isinstance(read, float)
        return _close(meant, read) if rounded else meant == read
    if type(meant) is type(read):
        return bool(meant == read)
    one, two = _forms(meant), _forms(read)
    return bool(one & two)


def _close(meant: float, read: float) -> bool:
    """Compare numbers of which one is a float, as far as the narrowest float goes: promotion may round."""
    return math.isclose(meant, read, rel_tol=_ROUNDED) or (math.isnan(meant) and math.isnan(read))


def _forms(value: Any) -> set[object]:  # noqa: ANN401  # any datum
    """Return everything that says the same as a value in some library."""
    forms: set[object] = {value} if value.__hash__ else set()
    if isinstance(value, datetime):
        at = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        micros = (at - _EPOCH) // _US
        forms |= {micros * 1_000, micros} | ({micros // 1_000} if micros % 1_000 == 0 else set())
    elif isinstance(value, date):
        forms.add(value.toordinal() - _EPOCH.toordinal())
    elif isinstance(value, time):
        micros = ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
        forms |= {micros} | ({micros // 1_000} if micros % 1_000 == 0 else set())
    elif isinstance(value, Duration):
        forms.add(b"".join(number.to_bytes(4, "little") for number in value))
    elif isinstance(value, UUID):
        forms |= {str(value), value.bytes}
    elif isinstance(value, Decimal):
        forms.add(("unscaled", int(value.scaleb(-int(value.as_tuple().exponent)))))
    elif isinstance(value, str):
        forms.add(value.encode())
    elif isinstance(value, bytes) and value:
        forms.add(("unscaled", int.from_bytes(value, "big", signed=True)))
    return forms
