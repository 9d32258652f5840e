"""The careful second reading: walks a refused payload along its plan and says what is wrong, where, and in which byte.

Written apart from the generated code and by plain recursion; it makes the same checks in the wire's order. It runs
only after the generated decoder has refused, so its cost does not matter beyond its bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NoReturn

from avroad.codec.logical import reader_of
from avroad.codec.plan import (
    Branches,
    Chosen,
    Entries,
    Fields,
    FixedBytes,
    Items,
    Node,
    Scalar,
    Symbols,
    Unreadable,
)
from avroad.codec.runtime import MAX_DEPTH, MAX_ITEMS
from avroad.codec.source import outlined
from avroad.errors import DecodeError

__all__ = ["explain_decode"]

_WIDTHS: Final[Mapping[str, int]] = {"float": 4, "double": 8}
_CONTINUE: Final = 0x80


def explain_decode(root: Node, data: object, start: int, cause: Exception) -> DecodeError:
    """Return the typed error for bytes that a decoder of the plan `root` refused with `cause`."""
    if not isinstance(data, bytes | bytearray | memoryview):
        return DecodeError(f"expected bytes, found {type(data).__name__}", offset=0)
    payload = bytes(data)
    if not 0 <= start <= len(payload):
        return DecodeError(f"the start {start} is outside the {len(payload)} bytes", offset=0)
    walk = _Walk(payload, start, outlined(root)[1])
    try:
        walk.node(root)
        if walk.at != len(payload):
            walk.fail(f"{len(payload) - walk.at} bytes after the datum")
    except DecodeError as error:
        return error.with_traceback(None)
    except RecursionError:
        return DecodeError("nested too deeply", offset=walk.at)
    return DecodeError(f"refused ({type(cause).__name__})", offset=start)


class _Walk:
    """One reading: the position, the path to it, and what is left of the budgets."""

    def __init__(self, data: bytes, at: int, recursive: frozenset[int]) -> None:
        self.data = data
        self.at = at
        self._path = ["$"]
        self._items_left = MAX_ITEMS
        self._levels_left = MAX_DEPTH
        self._recursive = recursive
        self._kinds: Mapping[type[Node], Callable[[Node], None]] = {
            Scalar: self._scalar,
            FixedBytes: self._fixed,
            Symbols: self._symbols,
            Items: self._items,
            Entries: self._entries,
            Branches: self._branches,
            Chosen: self._chosen,
            Fields: self._fields,
            Unreadable: self._unreadable,
        }

    def fail(self, reason: str, at: int | None = None) -> NoReturn:
        raise DecodeError(reason, offset=self.at if at is None else at, path="".join(self._path))

    def node(self, node: Node) -> None:
        self._kinds[type(node)](node)

    def _below(self, part: str, node: Node) -> None:
        self._path.append(part)
        self.node(node)
        self._path.pop()

    def _take(self, size: int, what: str) -> bytes:
        if size > len(self.data) - self.at:
            self.fail(f"{what} of {size} bytes, but {len(self.data) - self.at} are left")
        self.at += size
        return self.data[self.at - size : self.at]

    def _long(self, what: str) -> int:
        start, code, shift = self.at, 0, 0
        while True:
            if self.at == len(self.data):
                self.fail(f"the bytes end inside {what}")
            byte = self.data[self.at]
            code |= (byte & 0x7F) << shift
            shift += 7
            self.at += 1
            if byte < _CONTINUE:
                break
            if shift > 63:  # noqa: PLR2004 - ten bytes hold 64 bits
                self.fail(f"{what} is a varint of more than 10 bytes", start)
        if code >> 64:
            self.fail(f"{what} is a varint of more than 64 bits", start)
        if byte == 0 and self.at - start > 1:
            self.fail(f"{what} is a varint that has a shorter form", start)
        return (code >> 1) ^ -(code & 1)

    def _counted(self, what: str) -> bytes:
        start = self.at
        size = self._long(f"the length of {what}")
        if size < 0:
            self.fail(f"the length of {what} is negative", start)
        return self._take(size, what)

    def _text(self, what: str, data: bytes) -> str:
        try:
            return str(data, "utf-8")
        except UnicodeDecodeError as error:
            self.fail(f"{what} is not UTF-8", self.at - len(data) + error.start)

    def _scalar(self, node: Node) -> None:
        assert isinstance(node, Scalar)
        start = self.at
        value: object = None
        if node.wire == "boolean":
            if self._take(1, "a boolean")[0] > 1:
                self.fail("a boolean is neither 0 nor 1", start)
        elif node.wire in _WIDTHS:
            self._take(_WIDTHS[node.wire], f"a {node.wire}")
        elif node.wire in {"int", "long"}:
            number = value = self._long(f"a {node.wire}" if node.wire == "long" else "an int")
            if node.wire == "int" and not -0x80000000 <= number <= 0x7FFFFFFF:  # noqa: PLR2004 - the range of an int
                self.fail("an int does not fit 32 bits", start)
        elif node.wire != "null":
            value = data = self._counted("a string" if node.wire == "string" else "bytes")
            if "string" in {node.wire, node.read}:
                value = self._text("a string", data)
            if node.read == "bytes":
                value = data
        if node.logical is not None:
            self._convert(reader_of(node.logical, node.read), node.logical.name, value, start)

    def _convert(self, convert: Callable[[object], object], name: str, value: object, start: int) -> None:
        try:
            convert(value)
        except (ArithmeticError, ValueError, TypeError):
            self.fail(f"no value of logical type {name}", start)

    def _fixed(self, node: Node) -> None:
        assert isinstance(node, FixedBytes)
        start = self.at
        data = self._take(node.size, "a fixed")
        if node.logical is not None:
            self._convert(reader_of(node.logical, "fixed"), node.logical.name, data, start)

    def _symbols(self, node: Node) -> None:
        assert isinstance(node, Symbols)
        start = self.at
        index = self._long("an enum")
        if not 0 <= index < len(node.read):
            self.fail(f"an enum has {len(node.read)} symbols, found position {index}", start)
        if node.read[index] is None:
            self.fail(f"the reader has no symbol {node.written[index]} and no default symbol", start)

    def _branches(self, node: Node) -> None:
        assert isinstance(node, Branches)
        start = self.at
        index = self._long("a union's branch")
        if not 0 <= index < len(node.branches):
            self.fail(f"a union has {len(node.branches)} branches, found branch {index}", start)
        self.node(node.branches[index])

    def _chosen(self, node: Node) -> None:
        assert isinstance(node, Chosen)
        self.node(node.node)

    def _unreadable(self, node: Node) -> None:
        assert isinstance(node, Unreadable)
        self.fail(f"the reader expects {node.expected}, the writer has {node.found}")

    def _fields(self, node: Node) -> None:
        assert isinstance(node, Fields)
        self._levels_left -= id(node) in self._recursive
        if self._levels_left < 0:
            self.fail(f"more than {MAX_DEPTH} levels of types inside themselves")
        for name, why in node.missing:
            self.fail(f"no value for {name} of {node.name}: {why}")
        for step in node.steps:
            self._below(f".{step.name}", step.node)
        self._levels_left += id(node) in self._recursive

    def _items(self, node: Node) -> None:
        assert isinstance(node, Items)
        for position, _ in enumerate(self._blocks("an array")):
            self._below(f"[{position}]", node.item)

    def _entries(self, node: Node) -> None:
        """Keys are payload: the path names an entry by its position."""
        assert isinstance(node, Entries)
        keys: set[str] = set()
        for _ in self._blocks("a map"):
            start = self.at
            key = self._text("a map's key", self._counted("a map's key"))
            if key in keys:
                self.fail("a map has one key twice", start)
            self._below(f"{{{len(keys)}}}", node.value)
            keys.add(key)

    def _blocks(self, what: str) -> Iterator[None]:
        """Yield once per item, with the position at the item."""
        while True:
            start = self.at
            count = self._long(f"the item count of {what}")
            if count == 0:
                return
            stop = -1
            if count < 0:
                size = self._long(f"the block size of {what}")
                if size < 0:
                    self.fail(f"the block size of {what} is negative", start)
                count, stop = -count, self.at + size
            self._items_left -= count
            if self._items_left < 0:
                self.fail(f"more than {MAX_ITEMS} items in one datum", start)
            for _ in range(count):
                before = self.at
                yield
                if self.at == before:
                    break  # an item without bytes: the others of its block are the same
            if stop not in {-1, self.at}:
                self.fail(f"a block of {what} says another size than it has", start)
