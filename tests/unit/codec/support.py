"""What codec tests share: short schemas, the light event of the benchmarks, and calls that expect an error."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

import pytest

from avroad.codec import decoder_for, encoder_for
from avroad.errors import DecodeError, EncodeError
from avroad.schema import Limits, Schema, parse

OPEN = Limits(recursion=True, empty_items=True)


def calls(work: Callable[[], object]) -> int:
    """Return how many functions Python or C code called, by the profiler's own count: work without a clock."""
    counted = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return counted


class Kind(StrEnum):
    UNKNOWN = "UNKNOWN"
    JAM = "JAM"
    ACCIDENT = "ACCIDENT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    __avro_fullname__: ClassVar[str] = "t.Place"
    road: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A field called `class` on the wire is an attribute of another name."""

    __avro_fullname__: ClassVar[str] = "t.Event"
    __avro_names__: ClassVar[dict[str, str]] = {"class_": "class"}
    id: str
    kind: Kind
    at: datetime
    class_: int | None = None
    tags: tuple[str, ...] = ()
    place: Place


KIND: Any = {"type": "enum", "name": "t.Kind", "symbols": ["UNKNOWN", "JAM", "ACCIDENT"], "default": "UNKNOWN"}
PLACE: Any = {
    "type": "record",
    "name": "t.Place",
    "fields": [
        {"name": "road", "type": "string"},
        {"name": "lat", "type": "double"},
        {"name": "lon", "type": "double"},
    ],
}
EVENT: Any = {
    "type": "record",
    "name": "t.Event",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "kind", "type": KIND},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "class", "type": ["null", "int"], "default": None},
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
        {"name": "place", "type": PLACE},
    ],
}
TYPES: dict[str, type] = {"t.Event": Event, "t.Kind": Kind, "t.Place": Place}
AT = datetime(2026, 5, 1, 12, 0, 0, 250, UTC)


def event(**changes: Any) -> Event:
    known: dict[str, Any] = {"id": "é-1", "kind": Kind.JAM, "at": AT, "place": Place(road="A19", lat=53.9, lon=-1.1)}
    return Event(**{**known, **changes})


def record(*fields: Any, name: str = "t.R", **more: Any) -> dict[str, Any]:
    """A record schema; each field is (name, type) or (name, type, default)."""
    listed = [
        {"name": f[0], "type": f[1], **({"default": f[2]} if len(f) > 2 else {})} if isinstance(f, tuple) else f
        for f in fields
    ]
    return {"type": "record", "name": name, "fields": listed, **more}


def logical(base: str, name: str, **more: Any) -> dict[str, Any]:
    return {"type": base, "logicalType": name, **more}


def schema_of(node: Any, *, strict: bool = True) -> Schema:
    return parse(node, strict=strict)


def encode(node: Any, datum: Any, *, types: dict[str, type] | None = None) -> bytes:
    return encoder_for(parse(node), types=types, limits=OPEN).encode(datum)


def decode(writer: Any, body: bytes | str, reader: Any = None, *, types: dict[str, type] | None = None) -> Any:
    data = bytes.fromhex(body) if isinstance(body, str) else body
    wanted = None if reader is None else parse(reader)
    return decoder_for(parse(writer), wanted, types=types, limits=OPEN).decode(data)


def refused(writer: Any, body: bytes | str, reader: Any = None) -> DecodeError:
    """Decode, expect the typed error, and return it."""
    with pytest.raises(DecodeError) as caught:
        decode(writer, body, reader)
    assert not caught.value.reason.startswith("refused"), "the careful reading must agree and know why"
    return caught.value


def not_written(node: Any, datum: Any, *, types: dict[str, type] | None = None) -> EncodeError:
    """Encode, expect the typed error, and return it."""
    with pytest.raises(EncodeError) as caught:
        encode(node, datum, types=types)
    assert not caught.value.reason.startswith("refused"), "the careful look must agree and know why"
    return caught.value
