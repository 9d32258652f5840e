"""Valid bodies of a type, drawn straight as bytes: no encoder of ours, or of anybody, stands between.

Blocks are cut at random and some carry their size in bytes, as encoders of other languages write them.
"""

from __future__ import annotations

import random
import string
import struct
from datetime import UTC, datetime

from tests.oracle.spec_schema import Type

TEXTS = ["", "a", "A19", "é", "naïve", "道路", "🚗", "x" * 70, "\0", "2026-05-01T12:00:00Z"]
EDGES = [0, 1, -1, 63, 64, -64, -65, 8191, 8192, -8192, 2**31 - 1, -(2**31)]
WIDE = [2**31, 2**42, 2**53 + 1, 2**56, 2**63 - 1, -(2**63)]
FLOATS = [0.0, -0.0, 1.5, -1e30, float("inf"), float("-inf"), float("nan")]
SPANS = {"timestamp-millis": 10**3, "timestamp-micros": 10**6, "time-millis": 10**3, "time-micros": 10**6}
FIRST = int(datetime(1, 1, 1, tzinfo=UTC).timestamp())
LAST = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())


def varint(number: int) -> bytes:
    """Return the zigzag varint of a number."""
    code = number * 2 if number >= 0 else -number * 2 - 1
    out = bytearray()
    while code > 127:
        out.append(code % 128 + 128)
        code //= 128
    return bytes((*out, code))


class Bodies:
    """Draws bodies from one source of chance. foreign: cut arrays and maps into several blocks."""

    def __init__(self, rng: random.Random, *, foreign: bool = True) -> None:
        self._rng = rng
        self._foreign = foreign

    def body(self, type_: Type, depth: int = 0) -> bytes:
        """Return the bytes of one datum; recursive types end by themselves."""
        if type_.kind == "record":
            return b"".join(self.body(column.type, depth + 1) for column in type_.fields)
        if type_.kind == "union":
            return self._union(type_, depth)
        if type_.kind in {"array", "map"}:
            return self._blocks(type_, depth)
        if type_.kind == "enum":
            return varint(self._rng.randrange(len(type_.symbols)))
        return self._leaf(type_)

    def _union(self, type_: Type, depth: int) -> bytes:
        order = list(range(len(type_.branches)))
        index = self._rng.choice(order)
        if depth > 6:  # a leaf, or the branch least likely to go on
            simple = [i for i in order if type_.branches[i].kind not in {"record", "array", "map"}]
            index = next(iter(simple), index)
        return varint(index) + self.body(type_.branches[index], depth + 1)

    def _blocks(self, type_: Type, depth: int) -> bytes:
        assert type_.item is not None
        rng = self._rng
        left = 0 if depth > 6 else rng.choice((0, 1, 2, 3, rng.randrange(9)))
        keys = rng.sample(string.ascii_letters, left) if type_.kind == "map" else [""] * left
        out = b""
        while keys:
            count = rng.randrange(1, len(keys) + 1) if self._foreign else len(keys)
            items = [self._key(key) + self.body(type_.item, depth + 1) for key in keys[:count]]
            data = b"".join(items)
            if self._foreign and rng.random() < 0.4:
                out += varint(-count) + varint(len(data)) + data
            else:
                out += varint(count) + data
            keys = keys[count:]
        return out + b"\0"

    def _key(self, letter: str) -> bytes:
        return self._counted((letter + self._rng.choice(TEXTS)).encode()) if letter else b""

    def _counted(self, data: bytes) -> bytes:
        return varint(len(data)) + data

    def _leaf(self, type_: Type) -> bytes:
        rng = self._rng
        kind = type_.kind
        if kind in {"int", "long"}:
            return varint(self._number(type_))
        if kind == "boolean":
            return bytes([rng.randrange(2)])
        if kind in {"float", "double"}:
            value = rng.choice(FLOATS) if rng.random() < 0.3 else rng.uniform(-1e6, 1e6)
            return struct.pack("<f" if kind == "float" else "<d", value)
        if kind == "string":
            return self._counted(self._text(type_))
        if kind == "bytes":
            return self._counted(self._decimal(type_, 0) if type_.logical else rng.randbytes(rng.randrange(12)))
        if kind == "fixed":
            return self._decimal(type_, type_.size) if type_.logical == "decimal" else rng.randbytes(type_.size)
        return b""

    def _text(self, type_: Type) -> bytes:
        if type_.logical == "uuid":
            text = f"{self._rng.getrandbits(128):032x}"
            return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:])).encode()
        return self._rng.choice(TEXTS).encode()

    def _decimal(self, type_: Type, size: int) -> bytes:
        bound = 10**type_.precision
        number = self._rng.choice((0, 1, -1, bound - 1, 1 - bound, self._rng.randrange(-bound + 1, bound)))
        bits = (number if number >= 0 else ~number).bit_length() + 1
        return number.to_bytes(size or (bits + 7) // 8, "big", signed=True)

    def _number(self, type_: Type) -> int:
        rng = self._rng
        name = type_.logical.removeprefix("local-")
        if name == "date":
            return rng.randrange(FIRST // 86_400, LAST // 86_400)
        if name.startswith("time-"):
            return rng.randrange(86_400 * SPANS[name])
        if name in SPANS:
            unit = SPANS[name]
            return rng.choice((0, -1, 17, rng.randrange(FIRST, LAST) * unit + rng.randrange(unit)))
        if type_.kind == "long" and rng.random() < 0.4:
            return rng.choice(WIDE) if rng.random() < 0.5 else rng.randrange(-(2**63), 2**63)
        return rng.choice(EDGES) if rng.random() < 0.5 else rng.randrange(-300, 300)
