"""Data made from a schema alone: the least a type allows, and one with everything filled in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from avroad.schema import Array, Enum, Fixed, Map, Primitive, Record, Schema, Union

LOGICAL: dict[str, Callable[[int], Any]] = {
    "uuid": lambda seed: UUID(int=seed + 1),
    "timestamp-millis": lambda seed: datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC) + timedelta(seconds=seed),
    "date": lambda seed: date(2026, 1, 2) + timedelta(days=seed),
}
PLAIN: dict[str, Callable[[int], Any]] = {
    "null": lambda _: None,
    "boolean": lambda seed: seed % 2 == 0,
    "int": lambda seed: seed - 3,
    "long": lambda seed: seed * 1_000_003 - 3,
    "double": lambda seed: seed / 4 - 1.5,
    "string": lambda seed: f"text {seed} é ☃",
}


def sample(schema: Schema, *, full: bool, seed: int = 0) -> Any:
    """Return a datum of `schema`; full: every nullable set, every list and map with two entries."""
    if isinstance(schema, Record):
        return {field.name: sample(field.type, full=full, seed=seed + i) for i, field in enumerate(schema.fields)}
    if isinstance(schema, Enum):
        return schema.symbols[seed % len(schema.symbols)]
    if isinstance(schema, Array):
        return [sample(schema.items, full=full, seed=seed + i) for i in range(2 if full else 0)]
    if isinstance(schema, Map):
        return {f"key{i}": sample(schema.values, full=full, seed=seed + i) for i in range(2 if full else 0)}
    if isinstance(schema, Union):
        return sample(schema.branches[-1 if full else 0], full=full, seed=seed)
    if isinstance(schema, Fixed):
        return bytes([seed % 256]) * schema.size
    assert isinstance(schema, Primitive)
    if schema.logical is not None:
        return LOGICAL[schema.logical.name](seed)
    return PLAIN[schema.name](seed)
