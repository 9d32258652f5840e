"""The policy of a float or double that is always a number: `"avroad.finite": true` beside its type.

Without it NaN and the infinities are values like others, as Avro has them.
"""

from __future__ import annotations

from typing import Final

from avroad.schema import Primitive, Schema

__all__ = ["FINITE", "is_finite"]

FINITE: Final = "avroad.finite"
"""The attribute; true is the only value that says anything."""


def is_finite(schema: Schema) -> bool:
    """Say whether a type is a float or double that refuses NaN and infinities."""
    return isinstance(schema, Primitive) and schema.name in {"float", "double"} and schema.props.get(FINITE) is True
