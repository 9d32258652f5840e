"""Decoder source of values without parts: numbers, text, bytes, enum symbols, and runs of fixed width.

Every emitter leaves `i` at the start of its value until nothing of it can fail any more: a failure is explained by
reading that value again.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Final

from avroad.codec import runtime
from avroad.codec.instants import NOT_SHORT, addends
from avroad.codec.leniency import Accept, varints_of
from avroad.codec.logical import EPOCH, EPOCH_DAY, LOCAL_EPOCH, reader_of
from avroad.codec.plan import FixedBytes, Node, Scalar
from avroad.codec.source import Source

__all__ = ["Scalars", "is_run_part"]

_MAX_RUN_BYTES: Final = 64
_ONE_BYTE_SYMBOLS: Final = 64
_FORMATS: Final[Mapping[str, tuple[str, str]]] = {"double": ("d", "8x"), "float": ("f", "4x"), "boolean": ("B", "B")}
_INSTANTS: Final = {
    "timestamp-micros": (EPOCH, 1),
    "timestamp-millis": (EPOCH, 1000),
    "local-timestamp-micros": (LOCAL_EPOCH, 1),
    "local-timestamp-millis": (LOCAL_EPOCH, 1000),
}


def is_run_part(node: Node) -> bool:
    """Say whether a value always has the same few bytes, so that neighbours are read in one call."""
    if isinstance(node, Scalar):
        return node.wire in _FORMATS and not node.finite
    return isinstance(node, FixedBytes) and node.logical is None and node.size <= _MAX_RUN_BYTES


class Scalars:
    """Emits into `source`; a target of "" means: check and go past."""

    def __init__(self, source: Source, accept: frozenset[Accept]) -> None:
        self._source = source
        self._varints = varints_of(accept)
        self._padded = Accept.OVERLONG_VARINT in accept

    def scalar(self, node: Scalar, target: str) -> None:
        """Read a primitive."""
        match node.wire:
            case "null":
                self._source.line(f"{target or 'x'} = None")
            case "int" | "long":
                self._number(node, target or "x")
            case "bytes" | "string":
                self._counted()
                check = node.wire == "string" and node.read == "bytes"
                if check:
                    self._source.line("b[k:j].decode()")
                read = "b[k:j].decode()" if node.read == "string" else "b[k:j]"
                self._source.line(f"{target or 'x'} = {self._converted(node, node.read, read)}")
                self._source.line("i = j")
            case _ if node.finite:
                self._finite(node, target or "x")
            case _:
                self.run([(node, target)])

    def fixed(self, node: FixedBytes, target: str) -> None:
        """Read a fixed."""
        line = self._source.line
        line(f"j = i + {node.size}")
        line("if j > e: raise Refused")
        line(f"{target or 'x'} = {self._converted(node, 'fixed', 'b[i:j]')}")
        line("i = j")

    def symbol(self, table: Mapping[int, object], count: int, target: str) -> None:
        """Read an enum: by raw byte where all positions have one, so that every other byte fails."""
        line = self._source.line
        if count <= _ONE_BYTE_SYMBOLS and not self._padded:
            by_byte = self._source.constant({2 * i: symbol for i, symbol in table.items()})
            line(f"{target or 'x'} = {by_byte}[b[i]]; i += 1")
        else:
            line(f"x, j = {self._source.constant(self._varints.read_int)}(b, i)")
            line(f"{target or 'x'} = {self._source.constant(dict(table))}[x]; i = j")

    def key(self, target: str, seen: str) -> None:
        """Read a map's key that is not in the local `seen` yet."""
        self._counted()
        self._source.line(f"{target} = b[k:j].decode()")
        self._source.refuse(f"{target} in {seen}", "a map has one key twice")
        self._source.line("i = j")

    def run(self, run: list[tuple[Scalar | FixedBytes, str]]) -> None:
        """Read neighbours of fixed width with one call."""
        source = self._source
        formats, names, after = [], [], []
        for node, target in run:
            if isinstance(node, FixedBytes):
                formats.append(f"{node.size}s" if target else f"{node.size}x")
                names.extend([target] if target else [])
                continue
            wanted, skipped = _FORMATS[node.wire]
            formats.append(wanted if target else skipped)
            if node.wire == "boolean":
                names.append("b[i]" if len(run) == 1 else source.fresh("x"))
                after.append(f"{target or 'x'} = {source.constant(runtime.TRUTH)}[{names[-1]}]")
            elif target:
                names.append(target)
        packed = struct.Struct("<" + "".join(formats))
        if len(run) > 1 or not after:
            unpack = source.constant(packed.unpack_from)
            source.line(f"{''.join(f'{name}, ' for name in names) + '= ' if names else ''}{unpack}(b, i)")
        for text in after:
            source.line(text)
        source.line(f"i += {packed.size}")

    def _finite(self, node: Scalar, target: str) -> None:
        source = self._source
        packed = struct.Struct("<" + _FORMATS[node.wire][0])
        source.line(f"{target}, = {source.constant(packed.unpack_from)}(b, i)")
        source.line(f"if not {source.constant(isfinite)}({target}): raise Refused")
        source.line(f"i += {packed.size}")

    def block(self, node: Scalar, out: str, position: str) -> None:
        """Read all `c` items of a block of floats or doubles in one call.

        out: the local of the list, "" to go past; position: the local of the first item's position in the array.
        """
        kind = _FORMATS[node.wire][0]
        size = struct.calcsize(kind)
        source = self._source
        source.line(f"j = i + {size} * c")
        with source.block("if j > e:"):
            source.line(f"x = (e - i) // {size}; {position} += x; i += x * {size}")
            source.line("raise Refused")
        if out:
            source.line(f"{out} += {source.constant(struct.unpack_from)}(f'<{{c}}{kind}', b, i)")
        source.line("i = j")

    def _number(self, node: Scalar, target: str) -> None:
        logical = node.logical.name if node.logical is not None else ""
        if logical in _INSTANTS and node.wire == "long" and node.written in {None, node.logical}:
            self._instant(target, *_INSTANTS[logical])
            return
        source = self._source
        general = source.constant(self._varints.read_int if node.wire == "int" else self._varints.read_long)
        numbers = source.constant(runtime.NUMBERS)
        read = self._converted(node, node.read, target)
        name, after = (target, "i") if read == target else ("z", "j")
        source.line("x = b[i]")
        source.line(f"if x < 128: {name} = {numbers}[x]; {after} = i + 1")
        source.line(f"elif 0 < (y := b[i + 1]) < 128: {name} = {numbers}[x - 128 + (y << 7)]; {after} = i + 2")
        source.line(f"else: {name}, {after} = {general}(b, i)")
        if read != target:
            source.line(f"{target} = {self._converted(node, node.read, 'z')}; i = j")

    def _converted(self, node: Scalar | FixedBytes, base: str, value: str) -> str:
        if node.logical is not None and node.logical.name == "date":
            return f"{self._source.constant(date.fromordinal)}({value} + {EPOCH_DAY})"
        if node.logical is not None:
            return f"{self._source.constant(reader_of(node.logical, base, node.written))}({value})"
        promoted = isinstance(node, Scalar) and node.wire != node.read and node.read in {"float", "double"}
        return f"{self._source.constant(float)}({value})" if promoted else value

    def _instant(self, target: str, epoch: datetime, unit_us: int) -> None:
        """Six or eight bytes at once, in the form that cannot take a neighbour for part of the number."""
        source = self._source
        tables = [source.constant(table) for table in addends(epoch, unit_us)]
        pairs = ["x", "y", "z", "w"][: len(tables)]
        size = 2 * len(tables)
        total = target
        for table, pair in zip(tables[1:], pairs[1:], strict=True):
            total = f"{table}[{pair}] + ({total})"
        unpack, none = source.constant(struct.Struct(f"<{len(tables)}H").unpack_from), source.constant(NOT_SHORT)
        with source.block(f"if i + {size} <= e:"):
            source.line(f"{', '.join(pairs)} = {unpack}(b, i); {target} = {tables[0]}[x]")
            source.line(f"if {target} is not {none}: {target} = {total}")
        source.line(f"else: {target} = {none}")
        source.line(f"if {target} is not {none}: i += {size}")
        with source.block("else:"):
            source.line(f"z, j = {source.constant(self._varints.read_long)}(b, i)")
            delta = f"{source.constant(timedelta)}(0, 0, z * {unit_us})"
            source.line(f"{target} = {source.constant(epoch)} + {delta}; i = j")

    def _counted(self) -> None:
        """Set `k` and `j` to where counted bytes start and stop."""
        source = self._source
        source.line(f"k = i + 1; j = k + {source.constant(runtime.SHORT_LENGTHS)}[b[i]]")
        with source.block("if j > e:"):
            source.line(f"k, j = {source.constant(self._varints.read_size)}(b, i)")
            source.line("if j > e: raise Refused")
