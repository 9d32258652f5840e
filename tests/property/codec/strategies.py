"""Schemas and data that fit them, drawn together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from avroad.codec import Duration

Draw = Callable[[st.SearchStrategy[Any]], Any]
Values = Callable[[Draw], Any]
Drawn = tuple[Any, Values]
"""A schema as JSON, and a function that draws plain data of it (nested strategies are slow to compare)."""

INTS = st.integers(-(2**31), 2**31 - 1) | st.integers(-70, 70)
LONGS = st.integers(-(2**63), 2**63 - 1) | st.integers(-70, 70) | INTS
TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
NAMES = st.text("abcdefgXYZ_", min_size=1, max_size=6)
ZONES = st.sampled_from([UTC, *(timezone(timedelta(minutes=m)) for m in (345, 840, -660, -720))])


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What may be drawn.

    spec_only: logical types fastavro does not know; wide_unions: more than nullable; mixed_unions: wide unions with
    logical types, where fastavro 1.13 converts a value before it knows the branch; with both integers and floats,
    where it writes an int as a float; and with arrays, where it writes empty bytes as an empty array.
    """

    spec_only: bool = True
    wide_unions: bool = True
    mixed_unions: bool = True
    logical: bool = True


def _whole_ms(value: Any) -> Any:
    return value.replace(microsecond=value.microsecond // 1000 * 1000)


def _decimals(precision: int, scale: int) -> st.SearchStrategy[Decimal]:
    """Without -2**(8k-1), which Python's libraries write with a byte too many."""
    bound = 10**precision - 1
    odd = {-(2 ** (8 * k - 1)) for k in range(1, 20)}
    numbers = st.integers(-bound, bound).filter(lambda n: n not in odd)
    return numbers.map(lambda n: Decimal((int(n < 0), tuple(map(int, str(abs(n)))), -scale)))


FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
DAY = timedelta(days=1)


def is_instant(value: datetime) -> bool:
    """Say whether the instant is in the years 1 to 9999 in UTC, which is what the codec writes."""
    return FIRST <= value <= LAST


_BARE_FIRST, _BARE_LAST = FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None)
EDGES = st.datetimes(max_value=_BARE_FIRST + DAY, timezones=ZONES) | st.datetimes(_BARE_LAST - DAY, timezones=ZONES)
ANY_DATETIMES = st.datetimes(timezones=ZONES) | EDGES
INSTANTS = ANY_DATETIMES.filter(is_instant)
PRIMITIVES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    ("null", st.none()),
    ("boolean", st.booleans()),
    ("int", INTS),
    ("long", LONGS),
    ("float", st.floats(width=32, allow_nan=False)),
    ("double", st.floats(allow_nan=False)),
    ("bytes", st.binary(max_size=20)),
    ("string", TEXT),
]
LOGICAL: list[tuple[Any, st.SearchStrategy[Any]]] = [
    ({"type": "int", "logicalType": "date"}, st.dates()),
    ({"type": "int", "logicalType": "time-millis"}, st.times().map(_whole_ms)),
    ({"type": "long", "logicalType": "time-micros"}, st.times()),
    ({"type": "long", "logicalType": "timestamp-millis"}, INSTANTS.map(_whole_ms)),
    ({"type": "long", "logicalType": "timestamp-micros"}, INSTANTS),
    ({"type": "long", "logicalType": "local-timestamp-millis"}, st.datetimes().map(_whole_ms)),
    ({"type": "long", "logicalType": "local-timestamp-micros"}, st.datetimes()),
    ({"type": "string", "logicalType": "uuid"}, st.uuids()),
    ({"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 3}, _decimals(10, 3)),
    ({"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 0}, _decimals(38, 0)),
]
SPEC_ONLY: list[tuple[Any, st.SearchStrategy[Any]]] = [
    ({"type": "long", "logicalType": "timestamp-nanos"}, LONGS),
    ({"type": "long", "logicalType": "local-timestamp-nanos"}, LONGS),
]


class _Drawing:
    def __init__(self, draw: Draw, options: Options) -> None:
        self._draw = draw
        self._options = options
        self._count = 0

    def _name(self) -> str:
        self._count += 1
        space = self._draw(st.sampled_from(["a.", "a.b."]))
        return f"{space}T{self._count}"

    def schema(self, depth: int) -> Drawn:
        makers: list[Callable[[int], Drawn]] = [self._enum, self._fixed]
        makers.extend([self._primitive] * 4)
        if self._options.logical:
            makers.extend([self._logical] * 2)
        if depth > 0:
            makers.extend([self.record, self._array, self._map, self._union, self._union])
        return makers[self._draw(st.integers(0, len(makers) - 1))](depth)

    def _leaf(self, choices: list[tuple[Any, st.SearchStrategy[Any]]]) -> Drawn:
        node, values = choices[self._draw(st.integers(0, len(choices) - 1))]
        return node, lambda draw: draw(values)

    def _primitive(self, _depth: int) -> Drawn:
        return self._leaf(PRIMITIVES)

    def _logical(self, _depth: int) -> Drawn:
        return self._leaf([*LOGICAL, *(SPEC_ONLY if self._options.spec_only else [])])

    def _enum(self, _depth: int) -> Drawn:
        symbols = [f"S{i}" for i in range(self._draw(st.sampled_from([1, 2, 3, 70])))]
        node = {"type": "enum", "name": self._name(), "symbols": symbols}
        return node, lambda draw: draw(st.sampled_from(symbols))

    def _fixed(self, _depth: int) -> Drawn:
        size = self._draw(st.integers(1, 80))
        plain: tuple[Any, st.SearchStrategy[Any]] = ({"size": size}, st.binary(min_size=size, max_size=size))
        decimal = ({"size": 6, "logicalType": "decimal", "precision": 9, "scale": 2}, _decimals(9, 2))
        numbers = st.integers(0, 2**32 - 1)
        rare = [
            ({"size": 16, "logicalType": "uuid"}, st.uuids()),
            ({"size": 12, "logicalType": "duration"}, st.builds(Duration, numbers, numbers, numbers)),
        ]
        choices = [plain, *([decimal] if self._options.logical else []), *(rare if self._options.spec_only else [])]
        node, values = self._leaf(choices)
        return {"type": "fixed", "name": self._name(), **node}, values

    def _array(self, depth: int) -> Drawn:
        items, values = self.schema(depth - 1)
        return {"type": "array", "items": items}, lambda draw: [values(draw) for _ in range(draw(st.integers(0, 4)))]

    def _map(self, depth: int) -> Drawn:
        node, values = self.schema(depth - 1)
        keys = st.lists(TEXT, unique=True, max_size=3)
        return {"type": "map", "values": node}, lambda draw: {key: values(draw) for key in draw(keys)}

    def record(self, depth: int) -> Drawn:
        """A record of up to four fields."""
        names = self._draw(st.lists(NAMES, unique=True, max_size=4))
        full = self._name()
        fields = {name: self.schema(depth - 1) for name in names}
        node = {"type": "record", "name": full, "fields": [{"name": n, "type": t} for n, (t, _) in fields.items()]}
        return node, lambda draw: {name: values(draw) for name, (_, values) in fields.items()}

    def _union(self, depth: int) -> Drawn:
        if not self._options.wide_unions or self._draw(st.booleans()):
            inner, values = self.schema(0)
            if inner == "null":
                return ["null"], values
            return ["null", inner], lambda draw: None if draw(st.booleans()) else values(draw)
        outside = self._options
        if not outside.mixed_unions:
            self._options = replace(outside, logical=False, spec_only=False)
        branches: dict[str, Drawn] = {"string": self._leaf([("string", TEXT)])} if self._draw(st.booleans()) else {}
        for _ in range(self._draw(st.integers(1, 5))):
            node, values = self.schema(depth - 1)
            if not isinstance(node, list):
                branches.setdefault(_key(node), (node, values))
        self._options = outside
        if not outside.mixed_unions:
            unlike = {"float", "double", "array"} if branches.keys() & {"int", "long"} else {"array"}
            branches = {key: branch for key, branch in branches.items() if key not in unlike}
        if not branches:
            branches["string"] = self._leaf([("string", TEXT)])
        return [node for node, _ in branches.values()], _union_values(branches)


def _key(node: Any) -> str:
    if isinstance(node, str):
        return node
    kind = str(node["type"])
    return str(node["name"]) if kind in {"record", "enum", "fixed"} else kind


def _union_values(branches: dict[str, Drawn]) -> Values:
    """Named branches whose plain data looks like another's travel as (name, value)."""
    kinds = [_kind(node) for node, _ in branches.values()]
    choices: list[tuple[str, Values]] = []
    for (key, (node, values)), kind in zip(branches.items(), kinds, strict=True):
        named = not isinstance(node, str) and node["type"] in {"record", "enum", "fixed"}
        if kind == "float" and key == "float" and "double" in branches:
            continue
        choices.append((key if named and kinds.count(kind) > 1 else "", values))

    def value(draw: Draw) -> Any:
        tag, values = choices[draw(st.integers(0, len(choices) - 1))]
        return (tag, values(draw)) if tag else values(draw)

    return value


def _kind(node: Any) -> str:
    if isinstance(node, str):
        return {"long": "int", "double": "float"}.get(node, node)
    logical = node.get("logicalType", "")
    if logical.endswith("nanos"):
        return "int"
    if "timestamp" in logical:
        return "datetime"
    if "time" in logical:
        return "time"
    if logical:
        return str(logical)
    kind = str(node["type"])
    return {"enum": "string", "fixed": "bytes", "map": "record"}.get(kind, kind)


@st.composite
def data(draw: Draw, options: Options | None = None, depth: int = 3) -> tuple[Any, Any]:
    """A record schema as JSON and one datum of it."""
    node, values = _Drawing(draw, options or Options()).record(depth)
    return node, values(draw)
