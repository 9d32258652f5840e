"""Why bytes were refused, where, and in which byte: found from the line of generated code that failed.

Every line knows which values it reads and their path; its function's local variables hold the position and the
indexes. Those values are read once more, slowly and apart from the generated code. Nothing before them is read
again, so that a refusal at the end of a large payload costs no second reading.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from math import isfinite
from typing import Any, Final, NoReturn

from avroad.codec.leniency import Accept
from avroad.codec.logical import reader_of
from avroad.codec.plan import MAP_KEY, Branches, Entries, FixedBytes, Items, Node, Scalar, Symbols
from avroad.codec.runtime import MAX_INT, MIN_INT
from avroad.codec.source import Mark
from avroad.errors import DecodeError

__all__ = ["explain_decode", "in_bytes"]

_GOES_ON: Final = 0x80
_NUMBERS: Final = {"float": struct.Struct("<f"), "double": struct.Struct("<d")}
_NAMES: Final = {"int": "an int", "string": "a string", "bytes": "bytes"}


def explain_decode(
    marks: Sequence[Mark], accept: frozenset[Accept], data: object, start: int, cause: Exception
) -> Exception:
    """Return the typed error for bytes that generated code refused with `cause`.

    A lack of memory says nothing about the bytes and stays what it is.
    """
    if isinstance(cause, MemoryError):
        return cause
    if not isinstance(data, bytes | bytearray | memoryview):
        return DecodeError(f"expected bytes, found {type(data).__name__}", offset=0)
    if not 0 <= start <= len(data):
        return DecodeError(f"the start {start} is outside the {in_bytes(len(data))}", offset=0)
    path, mark, names = _place(marks, cause)
    if mark.reason:
        return DecodeError(mark.reason, offset=names[mark.at], path=path)
    value = _Value(bytes(data), names["i"], path, accept)
    try:
        for part, node in mark.nodes:
            value.path = path + part.format_map(names)
            value.read(node)
        if not mark.nodes and value.at != len(data):
            value.fail(f"{in_bytes(len(data) - value.at)} after the datum")
    except DecodeError as error:
        return error.with_traceback(None)
    return DecodeError(f"refused ({type(cause).__name__})", offset=value.at, path=path)


def _place(marks: Sequence[Mark], cause: Exception) -> tuple[str, Mark, dict[str, Any]]:
    """Return the path, the failing line's mark and its function's local variables."""
    trace = cause.__traceback__
    assert trace is not None  # it was raised
    space, path, mark, names = trace.tb_frame.f_globals, "$", Mark(), trace.tb_frame.f_locals
    while trace is not None:
        if trace.tb_frame.f_globals is space:
            mark, names = marks[trace.tb_lineno - 1], trace.tb_frame.f_locals
            path += mark.path.format_map(names)
        trace = trace.tb_next
    return path, mark, names


class _Value:
    """Single values at a position; containers are read up to their first part."""

    def __init__(self, data: bytes, at: int, path: str, accept: frozenset[Accept]) -> None:
        self.at = at
        self.path = path
        self._data = data
        self._accept = accept

    def fail(self, reason: str, at: int | None = None) -> NoReturn:
        raise DecodeError(reason, offset=self.at if at is None else at, path=self.path)

    def read(self, node: Node) -> None:
        start = self.at
        match node:
            case Scalar():
                self._scalar(node)
            case FixedBytes(size=size):
                self._convert(node, "fixed", self._take(size, "a fixed"), start)
            case Symbols(read=read):
                index = self._long("an enum")
                if not 0 <= index < len(read):
                    self.fail(f"an enum has {len(read)} symbols, found position {index}", start)
                if read[index] is None:
                    self.fail(f"the reader has no symbol {node.written[index]} and no default symbol", start)
            case Branches(branches=branches):
                index = self._long("a union's branch")
                if not 0 <= index < len(branches):
                    self.fail(f"a union has {len(branches)} branches, found branch {index}", start)
            case Items() | Entries():
                what = "an array" if isinstance(node, Items) else "a map"
                if self._long(f"the item count of {what}") < 0 and self._long(f"the block size of {what}") < 0:
                    self.fail(f"the block size of {what} is negative", start)

    def _scalar(self, node: Scalar) -> None:
        start = self.at
        what = "a map's key" if node is MAP_KEY else _NAMES.get(node.wire, f"a {node.wire}")
        value: object = None
        match node.wire:
            case "boolean":
                if self._take(1, what)[0] > 1:
                    self.fail("a boolean is neither 0 nor 1", start)
            case "float" | "double":
                data = self._take(_NUMBERS[node.wire].size, what)
                if node.finite and not isfinite(_NUMBERS[node.wire].unpack(data)[0]):
                    self.fail(f"{what} is NaN or infinite, and the reader's type is finite", start)
            case "int" | "long":
                number = value = self._long(what)
                if node.wire == "int" and not MIN_INT <= number <= MAX_INT:
                    self.fail("an int does not fit 32 bits", start)
            case "bytes" | "string":
                value = data = self._counted(what)
                if "string" in {node.wire, node.read}:
                    text = self._text("a string" if node.wire == "bytes" else what, data)
                    value = text if node.read == "string" else data
        self._convert(node, node.read, value, start)

    def _convert(self, node: Scalar | FixedBytes, base: str, value: object, start: int) -> None:
        if node.logical is None:
            return
        try:
            reader_of(node.logical, base, node.written)(value)
        except (ArithmeticError, ValueError, TypeError):
            self.fail(f"no value of logical type {node.logical.name}", start)

    def _take(self, size: int, what: str) -> bytes:
        left = len(self._data) - self.at
        if size > left:
            self.fail(f"{what} of {in_bytes(size)}, but {left} {'is' if left == 1 else 'are'} left")
        self.at += size
        return self._data[self.at - size : self.at]

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

    def _long(self, what: str) -> int:
        start, code, shift = self.at, 0, 0
        while True:
            if self.at == len(self._data):
                self.fail(f"the bytes end inside {what}")
            byte = self._data[self.at]
            code |= (byte & 0x7F) << shift
            shift += 7
            self.at += 1
            if byte < _GOES_ON:
                break
            if shift > 63:  # noqa: PLR2004 - ten bytes hold 64 bits
                self.fail(f"{what} is a varint of more than 10 bytes", start)
        if code >> 64:
            self.fail(f"{what} is a varint of more than 64 bits", start)
        if byte == 0 and self.at - start > 1 and Accept.OVERLONG_VARINT not in self._accept:
            self.fail(f"{what} is a varint that has a shorter form", start)
        return (code >> 1) ^ -(code & 1)


def in_bytes(number: int) -> str:
    """Return a size as an error says it."""
    return "1 byte" if number == 1 else f"{number} bytes"
