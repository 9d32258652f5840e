"""The events that are measured: schemas of writer and reader, and the same data in every run.

Data is plain here, and this module needs nothing but the standard library: frameworks measured in their own process
and environment read it too.
"""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

__all__ = ["LIGHT", "SHAPES", "Shape", "digest"]

_SEED: Final = 7
_START: Final = datetime(2026, 5, 1, tzinfo=UTC)
_KINDS: Final = ("UNKNOWN", "LOW", "HIGH")

Node = Any
"""Avro schema JSON, or one event as plain data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One kind of event. writer, reader: schema JSON; the reader's differs as schemas do after a year.

    make: one event as plain data, records of unions as (full name, data). recursive: the type holds itself.
    share: how many of the events asked for are measured; large ones need fewer.
    """

    name: str
    title: str
    writer: Mapping[str, Node]
    reader: Mapping[str, Node]
    make: Callable[[random.Random], dict[str, Node]]
    recursive: bool = False
    share: float = 1.0

    def events(self, count: int) -> list[dict[str, Node]]:
        """Return `count` events, the same in every run."""
        rng = random.Random(_SEED)
        return [self.make(rng) for _ in range(count)]


def digest(events: Iterable[object]) -> str:
    """Return a hash of flat events in any order; plain data and objects of generated classes have the same."""
    texts = []
    for event in events:
        names = sorted(event if isinstance(event, Mapping) else getattr(type(event), "__slots__", ()))
        values = [event[name] if isinstance(event, Mapping) else getattr(event, name) for name in names]
        # Members of enums are text that is shown in another way.
        texts.append(repr([(n, str(v) if isinstance(v, str) else v) for n, v in zip(names, values, strict=True)]))
    return hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest()


def _record(name: str, *fields: Node) -> dict[str, Node]:
    """Return a record; each field is (name, type) or (name, type, default), or whole already."""
    keys = ("name", "type", "default")
    whole = [field if isinstance(field, dict) else dict(zip(keys, field, strict=False)) for field in fields]
    return {"type": "record", "name": f"bench.{name}", "fields": whole}


def _logical(base: str, name: str, **more: int) -> dict[str, Node]:
    return {"type": base, "logicalType": name, **more}


_MICROS: Final = _logical("long", "timestamp-micros")
_MILLIS: Final = _logical("long", "timestamp-millis")
_KIND: Final = {"type": "enum", "name": "bench.Kind", "symbols": list(_KINDS), "default": "UNKNOWN"}
_LIGHT: Final[tuple[Node, ...]] = (
    ("id", "string"),
    ("kind", _KIND),
    ("severity", "bench.Kind"),
    ("observed_at", _MICROS),
    ("road", "string"),
    ("region", "string"),
    ("latitude", "double"),
    ("longitude", "double"),
    ("speed_kmh", ["null", "int"]),
    ("confirmed", "boolean"),
)
# One field renamed, one widened inside its union, one dropped, one new.
_LIGHT_READER: Final[tuple[Node, ...]] = (
    *_LIGHT[:4],
    {"name": "road_name", "type": "string", "aliases": ["road"]},
    *_LIGHT[5:8],
    ("speed_kmh", ["null", "long"]),
    ("lanes", "int", 2),
)


def _light(rng: random.Random) -> dict[str, Node]:
    return {
        "id": f"evt-{rng.getrandbits(128):032x}",
        "kind": rng.choice(_KINDS),
        "severity": rng.choice(_KINDS),
        "observed_at": _START + timedelta(microseconds=rng.randrange(10**12)),
        "road": f"A{rng.randrange(60)}",
        "region": f"region-{rng.randrange(20)}",
        "latitude": rng.uniform(49, 55),
        "longitude": rng.uniform(-3, 2),
        "speed_kmh": rng.choice([None, rng.randrange(130)]),
        "confirmed": bool(rng.getrandbits(1)),
    }


def _heavy(rng: random.Random) -> dict[str, Node]:
    source = {"feed": f"feed-{rng.randrange(8)}", "sequence": rng.randrange(10**6), "trust": rng.random()}
    tags = [f"tag-{rng.randrange(30)}" for _ in range(rng.randrange(4))]
    return {**_light(rng), "source": source, "tags": tags}


def _node(rng: random.Random, depth: int) -> dict[str, Node]:
    children = [_node(rng, depth - 1) for _ in range(rng.randrange(1, 4))] if depth else []
    return {"label": f"node-{rng.randrange(100)}", "weight": rng.randrange(5000), "children": children}


def _union(rng: random.Random) -> dict[str, Node]:
    opened = ("bench.Opened", {"road": f"A{rng.randrange(60)}", "lanes": rng.randrange(1, 5)})
    moved = ("bench.Moved", {"latitude": rng.uniform(49, 55), "longitude": rng.uniform(-3, 2), "length_m": 250})
    closed = ("bench.Closed", {"reason": f"reason-{rng.randrange(9)}"})
    at = _START + timedelta(microseconds=rng.randrange(10**12))
    return {"id": f"evt-{rng.getrandbits(64):016x}", "sent_at": at, "body": rng.choice([opened, moved, closed])}


def _array(rng: random.Random) -> dict[str, Node]:
    points = [
        {
            "latitude": rng.uniform(49, 55),
            "longitude": rng.uniform(-3, 2),
            "heading": float(rng.randrange(360)),
            "speed_kmh": rng.randrange(130),
        }
        for _ in range(20)
    ]
    return {"vehicle": f"veh-{rng.getrandbits(40):010x}", "points": points}


def _payment(rng: random.Random) -> dict[str, Node]:
    return {
        "id": uuid.UUID(int=rng.getrandbits(128), version=4),
        "account": uuid.UUID(int=rng.getrandbits(128), version=4),
        "amount": Decimal(rng.randrange(-(10**9), 10**9)).scaleb(-2),
        "rate": Decimal(rng.randrange(10**6)).scaleb(-6),
        "booked_on": date(2026, 1, 1) + timedelta(days=rng.randrange(365)),
        "at": _START + timedelta(milliseconds=rng.randrange(10**9)),
        "items": rng.randrange(40),
    }


_SOURCE: Final[tuple[Node, ...]] = (("feed", "string"), ("sequence", "long"), ("trust", "double"))
_TAGS: Final = ("tags", {"type": "array", "items": "string"})
_CHILDREN: Final = ("children", {"type": "array", "items": "bench.Node"})
_BRANCHES: Final[tuple[Node, ...]] = (
    _record("Opened", ("road", "string"), ("lanes", "int")),
    _record("Moved", ("latitude", "double"), ("longitude", "double"), ("length_m", "int")),
    _record("Closed", ("reason", "string")),
)
_WIDER: Final = _record("Moved", ("latitude", "double"), ("longitude", "double"), ("length_m", "long"))
_POINT: Final[tuple[Node, ...]] = (("latitude", "double"), ("longitude", "double"))
_UUID: Final = _logical("string", "uuid")
_PAYMENT: Final[tuple[Node, ...]] = (
    ("id", _UUID),
    ("account", _UUID),
    ("amount", _logical("bytes", "decimal", precision=12, scale=2)),
    ("rate", _logical("bytes", "decimal", precision=9, scale=6)),
    ("booked_on", _logical("int", "date")),
    ("at", _MILLIS),
)

LIGHT: Final = Shape(
    name="light",
    title="light: 10 flat fields",
    writer=_record("Event", *_LIGHT),
    reader=_record("Event", *_LIGHT_READER),
    make=_light,
)
"""The event the targets are about, and the one that goes through Kafka."""

SHAPES: Final[tuple[Shape, ...]] = (
    LIGHT,
    Shape(
        name="heavy",
        title="heavy: light, a nested record and a string array",
        writer=_record("Event", *_LIGHT, ("source", _record("Source", *_SOURCE)), _TAGS),
        reader=_record("Event", *_LIGHT_READER, ("source", _record("Source", *_SOURCE, ("via", "string", ""))), _TAGS),
        make=_heavy,
    ),
    Shape(
        name="tree",
        title="tree: a record inside itself, 15 nodes on average",
        writer=_record("Node", ("label", "string"), ("weight", "int"), _CHILDREN),
        reader=_record("Node", ("label", "string"), ("weight", "long"), _CHILDREN, ("colour", "string", "none")),
        make=lambda rng: _node(rng, 3),
        recursive=True,
        share=0.25,
    ),
    Shape(
        name="union",
        title="union: one of three records",
        writer=_record("Message", ("id", "string"), ("sent_at", _MICROS), ("body", list(_BRANCHES))),
        reader=_record(
            "Message",
            ("id", "string"),
            ("sent_at", _MICROS),
            ("body", [_BRANCHES[0], _WIDER, _BRANCHES[2]]),
            ("channel", "string", "main"),
        ),
        make=_union,
    ),
    Shape(
        name="array",
        title="array: 20 records of 4 fields",
        writer=_record(
            "Track",
            ("vehicle", "string"),
            ("points", {
                "type": "array",
                "items": _record("Point", *_POINT, ("heading", "double"), ("speed_kmh", "int")),
            }),
        ),
        reader=_record(
            "Track",
            ("vehicle", "string"),
            ("points", {
                "type": "array",
                "items": _record("Point", *_POINT, ("speed_kmh", "long"), ("quality", "int", 0)),
            }),
        ),
        make=_array,
        share=0.9,
    ),
    Shape(
        name="payment",
        title="payment: two uuids, two decimals, a date and a time",
        writer=_record("Payment", *_PAYMENT, ("items", "int")),
        reader=_record("Payment", *_PAYMENT, ("items", "long"), ("note", "string", "")),
        make=_payment,
    ),
)  # fmt: skip
"""What the codecs are measured on."""
