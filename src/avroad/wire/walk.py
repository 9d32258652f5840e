"""A plain reading of one datum along its writer's schema: what lies at which byte, until something cannot be.

Written apart from the generated decoder and by plain recursion, for dumps and for finding where a datum ends. It
says where it had to stop, not why: reasons are the decoder's.
Source: Avro specification 1.12, Binary Encoding.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from avroad.codec.logical import reader_of
from avroad.codec.runtime import MAX_ITEMS, Refused, read_int, read_long
from avroad.schema import Array, Enum, Fixed, Map, Named, Primitive, Record, Schema, Union

__all__ = ["Seen", "Stopped", "end_of", "walk"]

_FLOATS: Final = {"float": struct.Struct("<f"), "double": struct.Struct("<d")}


class Seen(Protocol):
    """Called for everything that has been read, in the wire's order.

    start, end: the bytes; path: JSONPath-like, map entries by position; what: its meaning; value: what was read, of
    the logical type where there is one, NOTHING for what is no value.
    """

    def __call__(self, start: int, end: int, path: str, what: str, value: object) -> None:
        """Take note; may raise Stopped to end the reading."""


class Stopped(Exception):
    """The reading ended before the datum did.

    start: where what could not be read begins; end: where it ends, None when that is not known; path, what: as in
    Seen.
    """

    def __init__(self, start: int, path: str, what: str, end: int | None = None) -> None:
        super().__init__(start, path, what)
        self.start = start
        self.end = end
        self.path = path
        self.what = what


NOTHING: Final = object()


def end_of(schema: Schema, data: bytes, at: int) -> tuple[int, int]:
    """Return (end, items in arrays and maps) of the datum that begins at `at`. Raises Stopped as `walk` does."""
    reading = _whole(schema, data, at, lambda *_: None)
    return reading.at, MAX_ITEMS - reading.items_left


def walk(schema: Schema, data: bytes, at: int, seen: Seen | Callable[..., None]) -> int:
    """Read one datum, telling `seen` of everything, and return where it ends. Raises Stopped."""
    return _whole(schema, data, at, seen).at


def _whole(schema: Schema, data: bytes, at: int, seen: Seen | Callable[..., None]) -> _Reading:
    reading = _Reading(data, at, seen)
    try:
        reading.read(schema, "$")
    except RecursionError:
        raise Stopped(reading.at, "$", "nested too deeply") from None
    return reading


class _Reading:
    """The position, and how many items the collections may still have."""

    def __init__(self, data: bytes, at: int, seen: Seen | Callable[..., None]) -> None:
        self.at = at
        self._data = data
        self._seen = seen
        self.items_left = MAX_ITEMS

    def read(self, schema: Schema, path: str) -> None:
        if isinstance(schema, Primitive):
            self._primitive(schema, path)
        elif isinstance(schema, Record):
            if not schema.fields:
                self._seen(self.at, self.at, path, f"record {schema.name} without fields", NOTHING)
            for field in schema.fields:
                self.read(field.type, f"{path}.{field.name}")
        elif isinstance(schema, Union):
            self._union(schema, path)
        elif isinstance(schema, Array):
            for i in self._blocks(path, "array"):
                self.read(schema.items, f"{path}[{i}]")
        elif isinstance(schema, Map):
            self._map(schema, path)
        elif isinstance(schema, Enum):
            self._enum(schema, path)
        else:
            assert isinstance(schema, Fixed)  # the last kind there is
            self._fixed(schema, path)

    def _long(self, path: str, what: str, *, bits: int = 64, since: int | None = None) -> int:
        """Read a number without telling of it: what it means is known by the caller. since: where what began."""
        try:
            number, self.at = (read_int if bits == 32 else read_long)(self._data, self.at)  # noqa: PLR2004
        except (IndexError, Refused):
            raise Stopped(self.at if since is None else since, path, what) from None
        return number

    def _take(self, size: int, path: str, what: str) -> bytes:
        if not 0 <= size <= len(self._data) - self.at:
            raise Stopped(self.at, path, what)
        self.at += size
        return self._data[self.at - size : self.at]

    def _primitive(self, schema: Primitive, path: str) -> None:
        start, name = self.at, schema.name
        what = name if schema.logical is None else f"{name}, {schema.logical.name}"
        value: object = None
        if name in {"string", "bytes"}:
            self._counted(schema, path, what)
            return
        if name == "boolean":
            byte = self._take(1, path, what)[0]
            if byte > 1:
                raise Stopped(start, path, what)
            value = byte == 1
        elif name in _FLOATS:
            (value,) = _FLOATS[name].unpack(self._take(_FLOATS[name].size, path, what))
        elif name != "null":
            value = self._long(path, what, bits=32 if name == "int" else 64)
        self._seen(start, self.at, path, what, self._logical(schema, value, start, path, what))

    def _counted(self, schema: Primitive, path: str, what: str) -> None:
        start = self.at
        size = self._long(path, f"length of {what}")
        if size < 0 or size > len(self._data) - self.at:
            raise Stopped(start, path, f"{what}, length {size}")
        self._seen(start, self.at, path, f"{what}, {_bytes(size)}", NOTHING)
        start = self.at
        data: object = self._take(size, path, what)
        if schema.name == "string":
            data = self._text(start, path, what)
        value = self._logical(schema, data, start, path, what)
        if size or schema.logical is not None:
            self._seen(start, self.at, path, "", value)

    def _text(self, start: int, path: str, what: str) -> str:
        try:
            return str(self._data[start : self.at], "utf-8")
        except UnicodeDecodeError:
            raise Stopped(start, path, what, self.at) from None

    def _logical(self, schema: Primitive | Fixed, value: object, start: int, path: str, what: str) -> object:
        if schema.logical is None:
            return value
        base = "fixed" if isinstance(schema, Fixed) else schema.name
        try:
            return reader_of(schema.logical, base)(value)
        except (ArithmeticError, ValueError, TypeError):
            number = f", the number {value}" if isinstance(value, int) else ""
            raise Stopped(start, path, what + number, self.at) from None

    def _fixed(self, schema: Fixed, path: str) -> None:
        start = self.at
        what = f"fixed {schema.name}, {_bytes(schema.size)}"
        if schema.logical is not None:
            what = f"{what}, {schema.logical.name}"
        data = self._take(schema.size, path, what)
        self._seen(start, self.at, path, what, self._logical(schema, data, start, path, what))

    def _enum(self, schema: Enum, path: str) -> None:
        start = self.at
        index = self._long(path, f"enum {schema.name}")
        what = f"enum {schema.name}, symbol {index}"
        if not 0 <= index < len(schema.symbols):
            raise Stopped(start, path, what)
        self._seen(start, self.at, path, what, schema.symbols[index])

    def _union(self, schema: Union, path: str) -> None:
        start = self.at
        index = self._long(path, "branch of a union")
        if not 0 <= index < len(schema.branches):
            raise Stopped(start, path, f"union, branch {index}")
        branch = schema.branches[index]
        self._seen(start, self.at, path, f"union, branch {index}: {kind_name(branch)}", NOTHING)
        if not isinstance(branch, Primitive) or branch.name != "null":
            self.read(branch, path)

    def _map(self, schema: Map, path: str) -> None:
        text = Primitive(name="string")
        keys: set[str] = set()
        for i in self._blocks(path, "map"):
            start, place = self.at, f"{path}{{{i}}}"
            self._counted(text, place, "key")
            size, _ = read_long(self._data, start)
            key = str(self._data[self.at - size : self.at], "utf-8")
            if key in keys:
                raise Stopped(start, place, "key, again")
            keys.add(key)
            self.read(schema.values, place)

    def _blocks(self, path: str, kind: str) -> Iterator[int]:
        """Yield the number of each item, with the position at the item."""
        number = 0
        while True:
            start = self.at
            count = self._long(path, f"item count of {kind}")
            if count == 0:
                self._seen(start, self.at, path, f"end of {kind}", NOTHING)
                return
            stop = -1
            if count < 0:
                count = -count
                size = self._long(path, f"block size of {kind}", since=start)
                stop = self.at + size
                if size < 0:
                    raise Stopped(start, path, f"{kind}, block of {size} byte{'s' * (size != 1)}")
            self.items_left -= count
            what = f"{kind}, block of {count} item{'' if count == 1 else 's'}"
            if self.items_left < 0:
                raise Stopped(start, path, what)
            self._seen(start, self.at, path, what if stop < 0 else f"{what} in {_bytes(stop - self.at)}", NOTHING)
            for _ in range(count):
                yield number
                number += 1
            if stop not in {-1, self.at}:
                raise Stopped(start, path, f"{what} in another number of bytes")


def kind_name(schema: Schema) -> str:
    """Return how a person calls a schema: its name, with the kind where it is the person's own."""
    if isinstance(schema, Primitive):
        return schema.name
    kind = type(schema).__name__.lower()
    return f"{kind} {schema.name}" if isinstance(schema, Named) else kind


def _bytes(size: int) -> str:
    return f"{size} byte{'' if size == 1 else 's'}"
