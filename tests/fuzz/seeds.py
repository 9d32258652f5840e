"""What is fuzzed: schemas that together have every type, every logical type, every promotion and recursion.

Each has readers: projections, which must accept and refuse exactly what the writer's own schema does, and evolved
ones, which must do what the slow oracle does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemas.traffic as generated
from avroad.contracts import load_catalog
from avroad.schema import to_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """One writer's schema as JSON, readers that drop fields, and readers that change more.

    types: generated classes that the writer's own data is read as.
    """

    name: str
    writer: Any
    projections: tuple[Any, ...] = ()
    evolved: tuple[Any, ...] = ()
    types: Mapping[str, type] = field(default_factory=dict)


def record(name: str, *fields: Any, **more: Any) -> dict[str, Any]:
    """A record; each field is (name, type) or (name, type, default)."""
    listed = [{"name": f[0], "type": f[1], **({"default": f[2]} if len(f) > 2 else {})} for f in fields]
    return {"type": "record", "name": name, "fields": listed, **more}


def enum(name: str, count: int, **more: Any) -> dict[str, Any]:
    """An enum of the symbols S0, S1, ..."""
    return {"type": "enum", "name": name, "symbols": [f"S{i}" for i in range(count)], **more}


def fixed(name: str, size: int, **more: Any) -> dict[str, Any]:
    return {"type": "fixed", "name": name, "size": size, **more}


def logical(base: str, name: str, **more: Any) -> dict[str, Any]:
    return {"type": base, "logicalType": name, **more}


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def mapping(values: Any) -> dict[str, Any]:
    return {"type": "map", "values": values}


def _dropped(node: Any) -> tuple[Any, ...]:
    """Return the record without any field, and with every second one."""
    return {**node, "fields": []}, {**node, "fields": node["fields"][1::2]}


def _numbers() -> Seed:
    kinds = ("boolean", "int", "long", "float", "double", "null")
    node = record("t.Numbers", *((f"f_{kind}", kind) for kind in kinds))
    wide = {"int": "double", "long": "float", "float": "double"}
    evolved = record("t.Numbers", *((f"f_{kind}", wide.get(kind, kind)) for kind in reversed(kinds)), ("new", "int", 7))
    return Seed(name="numbers", writer=node, projections=_dropped(node), evolved=(evolved,))


def _texts() -> Seed:
    node = record("t.Texts", ("s", "string"), ("b", "bytes"), ("u", "string"), ("f", fixed("t.F", 5)))
    swapped = record("t.Texts", ("s", "bytes"), ("b", "string"), ("extra", "bytes", "\u00ff"))
    return Seed(name="texts", writer=node, projections=({**node, "fields": []},), evolved=(swapped,))


TIMES = (
    ("int", "date"), ("int", "time-millis"), ("long", "time-micros"), ("long", "timestamp-millis"),
    ("long", "timestamp-micros"), ("long", "timestamp-nanos"), ("long", "local-timestamp-millis"),
    ("long", "local-timestamp-micros"), ("long", "local-timestamp-nanos"),
)  # fmt: skip


def _times() -> Seed:
    node = record("t.Times", *((f"f{i}", logical(*pair)) for i, pair in enumerate(TIMES)))
    raw = record("t.Times", *((f"f{i}", base) for i, (base, _) in enumerate(TIMES)))
    return Seed(name="times", writer=node, projections=_dropped(node), evolved=(raw,))


def _exact() -> Seed:
    node = record(
        "t.Exact",
        ("d", logical("bytes", "decimal", precision=9, scale=2)),
        ("e", logical("bytes", "decimal", precision=38)),
        ("f", fixed("t.Dec", 6, logicalType="decimal", precision=9, scale=4)),
        ("u", logical("string", "uuid")),
        ("v", fixed("t.Uuid", 16, logicalType="uuid")),
        ("w", fixed("t.Dur", 12, logicalType="duration")),
        ("x", logical("string", "never-heard-of")),
    )
    narrow = record("t.Exact", ("d", logical("bytes", "decimal", precision=3, scale=2)))
    return Seed(name="exact", writer=node, projections=_dropped(node), evolved=(narrow,))


def _unions() -> Seed:
    place = record("t.P", ("road", "string"))
    point = record("t.Q", ("x", "float"), ("y", "float"))
    node = record(
        "t.Unions",
        ("a", ["null", "int"]),
        ("b", ["int", "null", "string", "double"]),
        ("c", ["null", place, point]),
        ("d", [enum("t.E", 3), fixed("t.X", 2), array("int"), mapping("t.P"), "bytes", "boolean"]),
        ("e", ["null", logical("long", "timestamp-micros"), logical("int", "date")]),
    )
    evolved = record(
        "t.Unions",
        ("b", ["string", "double", "null"]),
        ("a", ["long", "null"]),
        ("c", [record("t.Q", ("y", "double")), record("t.P", ("road", "bytes"), ("n", "int", 3)), "null"]),
    )
    only = record("t.Unions", ("a", "int"), ("c", ["null", record("t.P")]))
    return Seed(name="unions", writer=node, projections=_dropped(node)[:1], evolved=(evolved, only))


def _many_branches() -> Seed:
    branches: list[Any] = ["null", *(record(f"t.B{i}", ("v", "int")) for i in range(80))]
    node = record("t.Many", ("pick", branches), ("after", "string"))
    return Seed(name="many-branches", writer=node, projections=({**node, "fields": []},))


def _enums() -> Seed:
    node = record("t.Enums", ("a", enum("t.Small", 3)), ("b", enum("t.Big", 300)), ("c", enum("t.Edge", 64)))
    fewer = record(
        "t.Enums", ("a", enum("t.Small", 2, default="S1")), ("b", enum("t.Big", 100)), ("c", enum("t.Edge", 65))
    )
    return Seed(name="enums", writer=node, projections=_dropped(node), evolved=(fewer,))


def _collections() -> Seed:
    node = record(
        "t.Collections",
        ("tags", array("string")),
        ("counts", mapping("long")),
        ("grid", array(array("double"))),
        ("deep", mapping(array(mapping("boolean")))),
        ("rows", array(record("t.Row", ("k", "int"), ("v", ["null", "string"])))),
        ("end", "int"),
    )
    rows = array(record("t.Row", ("v", ["null", "bytes"]), ("n", mapping("int"), {"a": 1})))
    evolved = record("t.Collections", ("rows", rows), ("counts", mapping("double")), ("tags", array("bytes")))
    return Seed(name="collections", writer=node, projections=_dropped(node), evolved=(evolved,))


def _zero_width() -> Seed:
    empty = record("t.Empty")
    node = record(
        "t.Zero",
        ("nulls", array("null")),
        ("empties", array(empty)),
        ("fixed", array(fixed("t.Z", 0))),
        ("keyed", mapping("null")),
        ("one", "t.Empty"),
        ("end", "boolean"),
    )
    return Seed(name="zero-width", writer=node, projections=_dropped(node)[:1])


def _nested() -> Seed:
    inner: Any = record("t.N0", ("v", "double"), ("s", "string"))
    for level in range(1, 7):
        inner = record(f"t.N{level}", ("before", "int"), ("inner", inner), ("after", ["null", "string"]))
    return Seed(name="nested", writer=inner, projections=_dropped(inner))


def _aliases() -> Seed:
    node = record("old.Event", ("id", "string"), ("speed", "int"), ("kind", enum("old.Kind", 4)), namespace="old")
    reader = {
        "type": "record", "name": "Event", "namespace": "new", "aliases": ["old.Event"],
        "fields": [
            {"name": "speed_kmh", "type": "long", "aliases": ["speed"]},
            {"name": "kind", "type": {"type": "enum", "name": "Sort", "aliases": ["old.Kind"], "symbols": ["S1", "S0"],
                                      "default": "S0"}},
            {"name": "place", "type": record("Place", ("x", "double", 1), ("tags", array("string"), ["a"])),
             "default": {}},
        ],
    }  # fmt: skip
    return Seed(name="aliases", writer=node, evolved=(reader,))


def _recursive() -> tuple[Seed, ...]:
    chain = record("t.Link", ("v", "int"), ("next", ["null", "t.Link"]))
    tree = record("t.Tree", ("name", "string"), ("children", array("t.Tree")))
    keyed = record("t.Dir", ("entries", mapping("t.Dir")), ("size", "long"))
    mutual = record("t.A", ("b", ["null", record("t.B", ("a", array("t.A")), ("n", "int"))]), ("n", "int"))
    wide = record("t.Link", ("next", ["null", "t.Link"]), ("v", "double"), ("new", "string", "x"))
    empty = {**chain, "fields": []}
    return (
        Seed(name="linked-list", writer=chain, projections=(empty,), evolved=(wide,)),
        Seed(name="tree", writer=tree, projections=({**tree, "fields": [tree["fields"][0]]},)),
        Seed(name="map-recursion", writer=keyed, projections=({**keyed, "fields": []},)),
        Seed(name="mutual-recursion", writer=mutual, projections=({**mutual, "fields": []},)),
    )


def _event() -> Seed:
    """The event of the benchmarks' shape: what most topics look like."""
    place = record("t.Place", ("road", "string"), ("lat", "double"), ("lon", "double"))
    fields = (
        ("id", logical("string", "uuid")), ("kind", enum("t.Kind", 5, default="S0")),
        ("at", logical("long", "timestamp-micros")), ("speed", ["null", "int"]), ("ok", "boolean"),
        ("tags", array("string")), ("place", place), ("note", ["null", "string"]),
    )  # fmt: skip
    node = record("t.Event", *fields)
    newer = record(
        "t.Event",
        ("lane", ["null", "int"], None),
        ("kind", enum("t.Kind", 3, default="S2")),
        ("place", record("t.Place", ("lat", "double"), ("country", "string", "GB"))),
        ("speed", ["null", "double"]),
    )
    return Seed(name="event", writer=node, projections=_dropped(node), evolved=(newer,))


def _alone() -> tuple[Seed, ...]:
    """Values that stand alone: no record around them hides a mistake at the first or last byte."""
    return (
        Seed(name="long-alone", writer="long", evolved=("double",)),
        Seed(name="string-alone", writer="string", evolved=("bytes",)),
        Seed(name="bytes-alone", writer="bytes", evolved=("string",)),
        Seed(name="union-alone", writer=["null", "boolean", "long"], evolved=(["null", "long"], "long")),
        Seed(name="map-alone", writer=mapping("string"), evolved=(mapping(["bytes", "null"]),)),
        Seed(name="array-alone", writer=array(logical("long", "timestamp-millis")), evolved=(array("double"),)),
        Seed(name="double-alone", writer="double", evolved=(["null", "double"],)),
        Seed(name="instant-alone", writer=logical("long", "timestamp-micros"), evolved=("long",)),
    )


def _contracts() -> tuple[Seed, ...]:
    """The events of this repository, as plain data and as their generated classes."""
    catalog = load_catalog(Path(__file__).resolve().parents[2])
    members = (getattr(generated, name) for name in generated.__all__)
    types = {member.__avro_fullname__: member for member in members if hasattr(member, "__avro_fullname__")}
    seeds = []
    for name in sorted(name for name in catalog.types if catalog.topics_of(name)):
        node: Any = to_json(catalog.type(name).schema)
        seeds.append(Seed(name=name, writer=node, projections=_dropped(node)[:1]))
        seeds.append(Seed(name=f"{name}-typed", writer=node, types=types))
    return tuple(seeds)


SEEDS: tuple[Seed, ...] = (
    _numbers(), _texts(), _times(), _exact(), _unions(), _many_branches(), _enums(), _collections(), _zero_width(),
    _nested(), _aliases(), *_recursive(), _event(), *_alone(),
    *_contracts(),
)  # fmt: skip
