"""Data of a schema that exercise a change: every branch, symbol, default and boundary, in few records.

Records are not a product of their fields: record k takes the k-th value of every field, so that there are as many
records as the field with the most values has, and each value of each field occurs.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from avroad.codec import Duration
from avroad.codec.unions import branches_of
from avroad.schema import Array, Enum, Fixed, Logical, Map, Primitive, Record, Schema, Union

__all__ = ["MAX_RECORDS", "samples"]

MAX_RECORDS: Final = 500
_ITEMS: Final = 16
_NOON = datetime(2026, 5, 1, 12, 0, 0, 123_000, tzinfo=UTC)
_PLAIN: Final[Mapping[str, tuple[Any, ...]]] = {
    "null": (None,),
    "boolean": (False, True),
    "int": (7, 0, -1, 2**31 - 1, -(2**31)),
    "long": (7, 0, -1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, -(2**63)),
    "float": (1.5, 0.0, -2.25, struct.unpack("<f", b"\xff\xff\x7f\x7f")[0]),
    "double": (1.5, 0.0, -2.25, 0.1, 1.7976931348623157e308),
    "string": ("text", "", "é 道路 🚗", "x" * 70),
    "bytes": (b"bytes", b"", b"\xff\xfe\x00"),
}
_INSTANTS: Final = (
    _NOON,
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
    datetime(2999, 12, 31, 23, 59, 59, tzinfo=UTC),
)
_FINE: Final = (*_INSTANTS, _NOON.replace(microsecond=123_456))
_TIMES: Final = (time(12, 30, 15, 123_000), time(), time(23, 59, 59, 999_000))
_NANOS: Final = (1_777_636_800_123_456_789, 0, -1)
_LOGICAL: Final[Mapping[str, tuple[Any, ...]]] = {
    "uuid": (UUID("5b0e5a5e-3a0c-4a57-9f0a-5d9c6a1b2c3d"), UUID(int=0)),
    "date": (date(2026, 5, 1), date(1970, 1, 1), date(1969, 12, 31), date(2999, 12, 31)),
    "time-millis": _TIMES,
    "time-micros": (*_TIMES, time(1, 2, 3, 123_456)),
    "timestamp-millis": _INSTANTS,
    "timestamp-micros": _FINE,
    "timestamp-nanos": _NANOS,
    "local-timestamp-millis": tuple(at.replace(tzinfo=None) for at in _INSTANTS),
    "local-timestamp-micros": tuple(at.replace(tzinfo=None) for at in _FINE),
    "local-timestamp-nanos": _NANOS,
    "duration": (Duration(1, 2, 3), Duration(0, 0, 0), Duration(2**32 - 1, 2**32 - 1, 2**32 - 1)),
}


def samples(schema: Schema, seed: int) -> list[Any]:
    """Return data of `schema` for its encoder, at most MAX_RECORDS; the same for the same schema and seed.

    Fields without a finite value, as in types that contain themselves, are left at their shortest form; a schema
    that has no finite datum at all has no samples.
    """
    return _Samples(random.Random(seed)).of(schema)[:MAX_RECORDS]  # noqa: S311  # chance, no secret


class _Samples:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._open: set[int] = set()
        self._known: dict[int, list[Any]] = {}

    def of(self, schema: Schema) -> list[Any]:
        """Return the values of a type, the simplest first."""
        logical: Logical | None = getattr(schema, "logical", None)
        if logical is not None:
            return self._logical(logical)
        if isinstance(schema, Primitive):
            return [*_PLAIN[schema.name], *self._chance(schema.name)]
        if isinstance(schema, Enum):
            return list(schema.symbols)
        if isinstance(schema, Fixed):
            return [bytes(schema.size), b"\xff" * schema.size, self._rng.randbytes(schema.size)]
        if isinstance(schema, Array):
            items = self.of(schema.items)
            return [items[:1], [], *self._portions(items)]
        if isinstance(schema, Map):
            values = self.of(schema.values)
            keys = ["", "é 道路", *(f"key{i}" for i in range(_ITEMS))]
            return [dict(zip(keys[2:], part, strict=False)) for part in (values[:1], [])] + [
                dict(zip(keys, part, strict=False)) for part in self._portions(values)
            ]
        if isinstance(schema, Union):
            return self._union(schema)
        assert isinstance(schema, Record)
        return self._record(schema)

    def _chance(self, name: str) -> list[Any]:
        """One value that nobody chose."""
        draws: Mapping[str, Callable[[], Any]] = {
            "int": lambda: self._rng.randrange(-(2**31), 2**31),
            "long": lambda: self._rng.randrange(-(2**63), 2**63),
            "double": lambda: self._rng.uniform(-1e6, 1e6),
            "string": lambda: f"{self._rng.getrandbits(64):x}",
            "bytes": lambda: self._rng.randbytes(12),
        }
        return [draws[name]()] if name in draws else []

    def _logical(self, logical: Logical) -> list[Any]:
        if logical.name != "decimal":
            return list(_LOGICAL[logical.name])
        most = 10**logical.precision - 1
        return [Decimal(number).scaleb(-logical.scale) for number in (min(1234, most), 0, -1, most, -most)]

    def _portions(self, items: list[Any]) -> list[list[Any]]:
        return [items[i : i + _ITEMS] for i in range(0, len(items), _ITEMS)]

    def _union(self, union: Union) -> list[Any]:
        found: list[Any] = []
        for shape, branch in zip(branches_of(union, {}), union.branches, strict=True):
            found += [(shape.name, value) if shape.ambiguous else value for value in self.of(branch)]
        return found

    def _record(self, record: Record) -> list[Any]:
        """Return the records of a type once made: types are used in many places, and this is not to multiply."""
        if id(record) in self._open:
            return []
        if id(record) not in self._known:
            self._open.add(id(record))
            columns = {field.name: self.of(field.type) for field in record.fields}
            self._open.discard(id(record))
            self._known[id(record)] = self._rows(columns)
        return self._known[id(record)]

    def _rows(self, columns: Mapping[str, list[Any]]) -> list[Any]:
        if not all(columns.values()):
            return []
        most = max((len(values) for values in columns.values()), default=0)
        shifts = {name: self._rng.randrange(len(values)) for name, values in columns.items()}
        simple = {name: values[0] for name, values in columns.items()}
        return [
            simple,
            *(
                {name: values[(row + shifts[name]) % len(values)] for name, values in columns.items()}
                for row in range(min(most, MAX_RECORDS))
            ),
        ]
