"""A decoder that is slow and obvious: plain recursion over the bytes, with schema resolution, from the specification.

It shares no code with `avroad.codec`. Every refusal carries a word for its rule, so that a library which is laxer can
be compared rule by rule (`tests/oracle/divergences.py`).
Source: Avro specification 1.12, Binary Encoding and Schema Resolution; limits from docs of `avroad.codec.runtime`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.oracle.spec_resolution import (
    PROMOTIONS,
    Refused,
    best_branch,
    check_meaning,
    cycle_heads,
    fits,
    looks_alike,
    same_name,
    sources_of,
    weight,
)
from tests.oracle.spec_schema import NOTHING, Type, read_schema, same_meaning

MAX_ITEMS = 100_000
MAX_DEPTH = 64


@dataclass(frozen=True)
class Picked:
    """A value of a union: which branch of the reader's union it is (its name, or its kind without one)."""

    name: str
    value: Any


@dataclass(frozen=True)
class Fixed12:
    """An Avro duration."""

    months: int
    days: int
    milliseconds: int


@dataclass
class Reading:
    """A datum, and the forms in its bytes that have another spelling: re-encoding gives other bytes only for them.

    charge: what a decoder may at most count for its items and records inside themselves, which are several where they
    stand for more than their bytes. Up to `MAX_ITEMS`, none may be refused for their number.
    """

    value: Any
    charge: int = 0
    spellings: set[str] = field(default_factory=set)


class Spec:
    """One pair of schemas. Raises Refused at once when no datum could keep its meaning."""

    def __init__(self, writer: Any, reader: Any = None, *, logical: bool = True) -> None:
        self.writer = read_schema(writer)
        same = reader is None or same_meaning(writer, reader)
        self.reader = self.writer if same else read_schema(reader)
        self.logical = logical
        if logical:
            check_meaning(self.writer, self.reader, set())
        self.heads = cycle_heads(self.writer)

    def read(self, body: bytes) -> Reading:
        """Return what all of `body` says. Raises Refused."""
        cursor = _Cursor(body, self.heads, logical=self.logical)
        value = cursor.read(self.writer, self.reader)
        if cursor.at != len(body):
            raise Refused("trailing")
        return Reading(value, cursor.charge, cursor.spellings)


class _Cursor:
    def __init__(self, body: bytes, heads: set[int], *, logical: bool) -> None:
        self.body = body
        self.at = 0
        self.items = self.charge = 0
        self.weights: dict[tuple[int, int], int] = {}
        self.depth = 0
        self.heads = heads
        self.logical = logical
        self.spellings: set[str] = set()

    def take(self, size: int) -> bytes:
        if size < 0:
            raise Refused("length")
        if size > len(self.body) - self.at:
            raise Refused("truncated")
        self.at += size
        return self.body[self.at - size : self.at]

    def long(self) -> int:
        """Variable-length zigzag: at most 64 bits, and no final byte that adds nothing."""
        groups: list[int] = []
        while True:
            byte = self.take(1)[0]
            groups.append(byte % 128)
            if byte < 128:
                break
            if len(groups) == 10:
                raise Refused("varint")
        code = sum(group << (7 * i) for i, group in enumerate(groups))
        if code >= 2**64 or (len(groups) > 1 and groups[-1] == 0):
            raise Refused("varint")
        return code // 2 if code % 2 == 0 else -(code // 2) - 1

    def text(self) -> str:
        try:
            return self.take(self.long()).decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("utf8") from None

    def read(self, writer: Type, reader: Type) -> Any:
        if writer.kind == "union":
            index = self.long()
            if not 0 <= index < len(writer.branches):
                raise Refused("branch")
            if writer is reader:
                return self.branch(writer.branches[index], reader, index)
            return self.read(writer.branches[index], reader)
        if reader.kind == "union":
            return self.branch(writer, reader, best_branch(writer, reader))
        if writer.kind in PROMOTIONS or writer.kind in {"null", "boolean", "double"}:
            return self.primitive(writer, reader)
        if writer.kind != reader.kind:
            raise Refused("type")
        if writer.name and not same_name(writer, reader):
            raise Refused("name")
        return getattr(self, writer.kind)(writer, reader)

    def branch(self, writer: Type, union: Type, index: int) -> Picked:
        chosen = union.branches[index]
        value = self.read(writer, chosen)
        if looks_alike(union, index):
            self.spellings.add("branch")
        return Picked(chosen.name or chosen.kind, value)

    def primitive(self, writer: Type, reader: Type) -> Any:
        if writer.kind != reader.kind and reader.kind not in PROMOTIONS.get(writer.kind, ()):
            raise Refused("type")
        value: Any = getattr(self, f"_{writer.kind}")()
        if reader.kind in {"float", "double"}:
            return float(value)
        if writer.kind == "string" and reader.kind == "bytes":
            value = value.encode()
        if writer.kind == "bytes" and reader.kind == "string":
            try:
                value = value.decode("utf-8")
            except UnicodeDecodeError:
                raise Refused("utf8") from None
        return self.meant(reader, value)

    def meant(self, reader: Type, value: Any) -> Any:
        if not (self.logical and reader.logical):
            return value
        result = of_logical(reader, value)
        if isinstance(value, str) and str(result) != value:
            self.spellings.add("uuid")
        if isinstance(value, bytes) and reader.kind == "bytes" and len(value) > _shortest(value):
            self.spellings.add("decimal")
        return result

    def _null(self) -> None:
        return None

    def _boolean(self) -> bool:
        byte = self.take(1)[0]
        if byte > 1:
            raise Refused("boolean")
        return byte == 1

    def _int(self) -> int:
        value = self.long()
        if not -(2**31) <= value < 2**31:
            raise Refused("int")
        return value

    def _long(self) -> int:
        return self.long()

    def _float(self) -> float:
        value: float = struct.unpack("<f", self.take(4))[0]
        if value != value:  # noqa: PLR0124 - the test for a NaN, whose payload need not survive
            self.spellings.add("nan")
        return value

    def _double(self) -> float:
        value: float = struct.unpack("<d", self.take(8))[0]
        return value

    def _bytes(self) -> bytes:
        return self.take(self.long())

    def _string(self) -> str:
        return self.text()

    def fixed(self, writer: Type, reader: Type) -> Any:
        if writer.size != reader.size:
            raise Refused("size")
        return self.meant(reader, self.take(writer.size))

    def enum(self, writer: Type, reader: Type) -> str:
        index = self.long()
        if not 0 <= index < len(writer.symbols):
            raise Refused("enum")
        symbol = writer.symbols[index]
        if symbol in reader.symbols:
            return symbol
        if reader.default is None:
            raise Refused("symbol")
        return reader.default

    def weight(self, writer: Type, reader: Type) -> int:
        pair = id(writer), id(reader)
        if pair not in self.weights:
            self.weights[pair] = weight(writer, reader, self.heads)
        return self.weights[pair]

    def blocks(self, weight_: int) -> Iterator[None]:
        first = True
        while True:
            count = self.long()
            if count == 0:
                return
            end = None
            if count < 0 or not first:
                self.spellings.add("blocks")
            if count < 0:
                size, count = self.long(), -count
                if size < 0:
                    raise Refused("block")
                end = self.at + size
            first = False
            self.items += count
            self.charge += count * weight_
            if self.items > MAX_ITEMS:
                raise Refused("items")
            for _ in range(count):
                yield
            if end is not None and end != self.at:
                raise Refused("block")

    def array(self, writer: Type, reader: Type) -> list[Any]:
        assert writer.item is not None
        assert reader.item is not None
        return [self.read(writer.item, reader.item) for _ in self.blocks(self.weight(writer.item, reader.item))]

    def map(self, writer: Type, reader: Type) -> dict[str, Any]:
        assert writer.item is not None
        assert reader.item is not None
        found: dict[str, Any] = {}
        for _ in self.blocks(self.weight(writer.item, reader.item)):
            key = self.text()
            if key in found:
                raise Refused("key")
            found[key] = self.read(writer.item, reader.item)
        return found

    def record(self, writer: Type, reader: Type) -> dict[str, Any]:
        deeper = id(writer) in self.heads
        self.depth += deeper
        self.charge += deeper and self.weight(writer, reader)
        if self.depth > MAX_DEPTH:
            raise Refused("depth")
        sources = sources_of(writer, reader)
        wanted = {source.name: column for column, source in sources if source is not None}
        for column, source in sources:
            if source is None and (column.default is NOTHING or not fits(column.type, column.default)):
                raise Refused("default")
        got: dict[str, Any] = {}
        for column in writer.fields:
            target = wanted.get(column.name)
            value = self.read(column.type, column.type if target is None else target.type)
            if target is not None:
                got[target.name] = value
        self.depth -= deeper
        return {
            column.name: got[column.name] if column.name in got else self.default(column.type, column.default)
            for column in reader.fields
        }

    def default(self, type_: Type, value: Any) -> Any:
        """Return the datum a default stands for."""
        if type_.kind == "union":
            index = next(i for i, branch in enumerate(type_.branches) if fits(branch, value))
            branch = type_.branches[index]
            return Picked(branch.name or branch.kind, self.default(branch, value))
        if type_.kind == "record":
            return {c.name: self.default(c.type, value.get(c.name, c.default)) for c in type_.fields}
        if type_.kind == "array":
            assert type_.item is not None
            return [self.default(type_.item, item) for item in value]
        if type_.kind == "map":
            assert type_.item is not None
            return {key: self.default(type_.item, item) for key, item in value.items()}
        if type_.kind in {"bytes", "fixed"}:
            value = value.encode("latin-1")
        if type_.kind in {"float", "double"}:
            value = float(value)
        return of_logical(type_, value) if self.logical and type_.logical else value


def of_logical(type_: Type, value: Any) -> Any:
    """Return the Python value of a logical type. Raises Refused where it has none."""
    name = type_.logical
    try:
        if name == "date":
            return date(1970, 1, 1) + timedelta(days=value)
        if name in {"time-millis", "time-micros"}:
            micros = value * 1000 if name == "time-millis" else value
            if not 0 <= micros < 86_400_000_000:
                raise Refused("logical")
            return (datetime(1, 1, 1) + timedelta(microseconds=micros)).time()  # noqa: DTZ001 - only its time of day
        if name.endswith(("-millis", "-micros")):
            start = datetime(1970, 1, 1, tzinfo=None if name.startswith("local") else UTC)
            return start + timedelta(microseconds=value * 1000 if name.endswith("millis") else value)
        if name == "uuid" and isinstance(value, str):
            plain = [len(part) for part in value.split("-")] == [8, 4, 4, 4, 12]
            if not plain or any(c not in "0123456789abcdefABCDEF-" for c in value):
                raise Refused("logical")
            return UUID(value)
    except OverflowError:
        raise Refused("logical") from None
    if name == "uuid":
        return UUID(bytes=value)
    if name == "duration":
        return Fixed12(*struct.unpack("<III", value))
    if name == "decimal":
        number = int.from_bytes(value, "big", signed=True)
        if not value or abs(number) >= 10**type_.precision:
            raise Refused("logical")
        return Decimal((int(number < 0), tuple(int(c) for c in str(abs(number))), -type_.scale))
    return value


def _shortest(value: bytes) -> int:
    """Return how many bytes a number in two's complement needs."""
    number = int.from_bytes(value, "big", signed=True)
    return ((number if number >= 0 else ~number).bit_length() + 8) // 8
