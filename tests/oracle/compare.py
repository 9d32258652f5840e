"""Values of our decoder against values of the slow oracle: equal in value, in Python type and in union branch."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from avroad.codec import Duration
from tests.oracle.spec import Fixed12, Picked

Excuse = Callable[[Any, Any], bool]
"""Says whether a part of another library's value may differ from the oracle's: (theirs, the oracle's)."""


def agree(ours: Any, spec: Any, *, ordered: bool = True, excuses: Sequence[Excuse] = ()) -> bool:
    """Say whether `ours`, plain data, is what the oracle read.

    Where ours names a union's branch, as (name, value), the name must be the oracle's; elsewhere the value must do.
    Another reading of the oracle names every branch. ordered: entries in the wire's order, fields in the reader's.
    """

    def same(ours: Any, spec: Any) -> bool:
        if isinstance(spec, Picked):
            if isinstance(ours, Picked):
                return ours.name == spec.name and same(ours.value, spec.value)
            if type(ours) is tuple and len(ours) == 2:
                return bool(ours[0] == spec.name) and same(ours[1], spec.value)
            return same(ours, spec.value)
        if type(ours) is type(spec) is dict:
            keys = list(ours) == list(spec) if ordered else ours.keys() == spec.keys()
            good = keys and all(same(ours[key], spec[key]) for key in spec)
        elif type(ours) is type(spec) is list:
            good = len(ours) == len(spec) and all(map(same, ours, spec))
        else:
            good = _leaf(ours, spec)
        return good or any(excuse(ours, spec) for excuse in excuses)

    return same(ours, spec)


def _leaf(ours: Any, spec: Any) -> bool:
    if isinstance(spec, Fixed12):
        return type(ours) is Duration and tuple(ours) == (spec.months, spec.days, spec.milliseconds)
    if type(ours) is not type(spec):
        return False
    if isinstance(spec, float):
        return struct.pack("<d", ours) == struct.pack("<d", spec)
    return bool(ours == spec) and str(ours) == str(spec)


def plain(value: Any) -> Any:
    """Return what a datum is without generated classes; plain data stays itself, so only typed data is walked."""
    if dataclasses.is_dataclass(value):
        names: dict[str, str] = getattr(value, "__avro_names__", {})
        fields = (field.name for field in dataclasses.fields(value))
        return {names.get(name, name): _part(getattr(value, name)) for name in fields}
    return value


def _part(value: Any) -> Any:
    if type(value) is tuple:
        return [_part(item) for item in value]
    if isinstance(value, StrEnum):
        return str(value.value)
    if isinstance(value, dict):
        return {key: _part(item) for key, item in value.items()}
    return plain(value)
