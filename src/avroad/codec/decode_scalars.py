"""Decoder source of values without parts: numbers, text, bytes, enum symbols, and runs of fixed width."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from avroad.codec import runtime
from avroad.codec.logical import EPOCH, LOCAL_EPOCH, reader_of
from avroad.codec.plan import FixedBytes, Node, Scalar
from avroad.codec.source import Source

__all__ = ["Scalars", "is_run_part"]

_MAX_RUN_BYTES: Final = 64
_ONE_BYTE_SYMBOLS: Final = 64
_WIDTHS: Final[Mapping[str, str]] = {"double": "d", "float": "f", "boolean": "B"}
_PADDING: Final[Mapping[str, str]] = {"double": "8x", "float": "4x"}
_INSTANTS: Final[Mapping[str, tuple[object, bool]]] = {
    "timestamp-micros": (EPOCH, True),
    "timestamp-millis": (EPOCH, False),
    "local-timestamp-micros": (LOCAL_EPOCH, True),
    "local-timestamp-millis": (LOCAL_EPOCH, False),
}


def is_run_part(node: Node) -> bool:
    """Say whether a value always has the same few bytes, so that neighbours are read in one call."""
    if isinstance(node, Scalar):
        return node.wire in _WIDTHS
    return isinstance(node, FixedBytes) and node.logical is None and node.size <= _MAX_RUN_BYTES


class Scalars:
    """Emits into `source`; a target of "" means: check and go past."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._scalars: Mapping[str, Callable[[Scalar, str], None]] = {
            "null": self._null,
            "boolean": self._one_run,
            "int": self._number,
            "long": self._number,
            "float": self._one_run,
            "double": self._one_run,
            "bytes": self._bytes,
            "string": self._bytes,
        }

    def scalar(self, node: Node, target: str) -> None:
        """Read a primitive."""
        assert isinstance(node, Scalar)
        self._scalars[node.wire](node, target)

    def fixed(self, node: Node, target: str) -> None:
        """Read a fixed."""
        assert isinstance(node, FixedBytes)
        line = self._source.line
        line(f"j = i + {node.size}")
        line("if j > e: raise Refused")
        if node.logical is not None:
            convert = self._source.constant(reader_of(node.logical, "fixed"))
            line(f"{target or 'x'} = {convert}(b[i:j])")
        elif target:
            line(f"{target} = b[i:j]")
        line("i = j")

    def symbol(self, table: Mapping[int, object], count: int, target: str) -> None:
        """Read an enum: by raw byte where all positions have one, so that every other byte fails."""
        line = self._source.line
        if count <= _ONE_BYTE_SYMBOLS:
            by_byte = self._source.constant({2 * i: symbol for i, symbol in table.items()})
            line(f"{target or 'x'} = {by_byte}[b[i]]; i += 1")
        else:
            line(f"x, i = {self._source.constant(runtime.read_int)}(b, i)")
            line(f"{target or 'x'} = {self._source.constant(dict(table))}[x]")

    def run(self, run: list[tuple[Node, str]]) -> None:
        """Read neighbours of fixed width with one call."""
        if not run:
            return
        source = self._source
        formats, names, after = [], [], []
        for node, target in run:
            if isinstance(node, FixedBytes):
                formats.append(f"{node.size}s" if target else f"{node.size}x")
                names.extend([target] if target else [])
                continue
            assert isinstance(node, Scalar)
            formats.append(_WIDTHS[node.wire] if target or node.wire == "boolean" else _PADDING[node.wire])
            if node.wire == "boolean":
                names.append(source.fresh("x"))
                truth = f"{source.constant(runtime.TRUTH)}[{names[-1]}]"
                after.append(f"{target or 'x'} = {truth}")
            elif target:
                names.append(target)
        packed = struct.Struct("<" + "".join(formats))
        unpack = source.constant(packed.unpack_from)
        if len(run) == 1 and after:
            source.line(f"{names[0]} = b[i]")
        else:
            source.line(f"{''.join(f'{name}, ' for name in names) + '= ' if names else ''}{unpack}(b, i)")
        source.line(f"i += {packed.size}")
        for text in after:
            source.line(text)

    def _one_run(self, node: Scalar, target: str) -> None:
        self.run([(node, target)])

    def _null(self, _node: Scalar, target: str) -> None:
        if target:
            self._source.line(f"{target} = None")

    def _number(self, node: Scalar, target: str) -> None:
        logical = node.logical.name if node.logical is not None else ""
        if logical in _INSTANTS:
            self._instant(node, target, *_INSTANTS[logical])
            return
        source = self._source
        general = source.constant(runtime.read_int if node.wire == "int" else runtime.read_long)
        source.line("x = b[i]")
        name = target or "x"
        source.line(f"if x < 128: {name} = {source.constant(runtime.SMALL)}[x]; i += 1")
        source.line(f"else: {name}, i = {general}(b, i)")
        self._converted(node, target)

    def _converted(self, node: Scalar, target: str) -> None:
        source = self._source
        if node.logical is not None:
            convert = source.constant(reader_of(node.logical, node.read))
            source.line(f"{target or 'x'} = {convert}({target or 'x'})")
        elif node.read in {"float", "double"} and target:
            source.line(f"{target} = {source.constant(float)}({target})")

    def _instant(self, node: Scalar, target: str, epoch: object, micros: bool) -> None:  # noqa: FBT001 - a table row
        """Six or eight bytes at once, in the form that cannot take a neighbour for part of the number."""
        source = self._source
        on, end = source.constant(runtime.pairs_that_go_on()), source.constant(runtime.pairs_that_end())
        count = 4 if micros else 3
        unpack = source.constant(struct.Struct(f"<{count}H").unpack_from)
        general = source.constant(runtime.read_int if node.wire == "int" else runtime.read_long)
        names = ["x", "j", "k", "y"][:count]
        code = " | ".join([f"{on}[{name}] << {14 * i}" for i, name in enumerate(names[:-1])])
        code += f" | {end}[{names[-1]}] << {14 * (count - 1)}"
        source.line("z = -1")
        if node.wire == "long":
            with source.block(f"if i + {2 * count} <= e:"):
                source.line(f"{', '.join(names)} = {unpack}(b, i)")
                source.line(f"z = {code}")
        source.line(f"if z >= 0: i += {2 * count}; z = (z >> 1) ^ -(z & 1)")
        source.line(f"else: z, i = {general}(b, i)")
        amount = "z" if micros else "z * 1000"
        name = target or "x"
        source.line(f"{name} = {source.constant(epoch)} + {source.constant(timedelta)}(0, 0, {amount})")

    def text(self, target: str) -> None:
        """Read a string, such as a map's key."""
        self._counted()
        self._source.line(f"{target or 'x'} = str(b[k:j], 'utf-8'); i = j")

    def _counted(self) -> None:
        """Set `k` and `j` to where counted bytes start and stop."""
        source = self._source
        source.line(f"k = i + 1; j = k + {source.constant(runtime.SHORT_LENGTHS)}[b[i]]")
        with source.block("if j > e:"):
            source.line(f"k, j = {source.constant(runtime.read_size)}(b, i)")
            source.line("if j > e: raise Refused")

    def _bytes(self, node: Scalar, target: str) -> None:
        source = self._source
        if node.wire == "string" and node.read == "string":
            self.text(target)
        else:
            self._counted()
            if node.wire == "string":
                source.line("str(b[k:j], 'utf-8')")
            read = "str(b[k:j], 'utf-8')" if node.read == "string" else "b[k:j]"
            source.line(f"{target or 'x'} = {read}; i = j")
        if node.logical is not None:
            self._converted(node, target)
