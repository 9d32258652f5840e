"""Encoder source of values without parts: numbers, text, bytes, and runs of fixed width.

Short strings are encoded, not looked up in a memo: measured on CPython 3.11, a hit saves nothing (`dict.get` costs
what `str.encode` and the length's table cost) and a column of unique strings loses 5 %.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isfinite
from typing import Final

from avroad.codec import runtime
from avroad.codec.instants import instant_numbers
from avroad.codec.logical import EPOCH, LOCAL_EPOCH, writer_of
from avroad.codec.plan import FixedBytes, Node, Scalar
from avroad.codec.source import Source
from avroad.codec.unions import PRIMITIVE_TYPES

__all__ = ["Pieces", "Scalars", "is_run_part"]

Pieces = list[str]
"""Expressions of bytes, in the order in which they are written."""

_FORMATS: Final[Mapping[str, str]] = {"double": "d", "float": "f", "boolean": "?"}
_INSTANTS: Final[Mapping[str, tuple[datetime, int]]] = {
    "timestamp-micros": (EPOCH, 1),
    "timestamp-millis": (EPOCH, 1000),
    "local-timestamp-micros": (LOCAL_EPOCH, 1),
    "local-timestamp-millis": (LOCAL_EPOCH, 1000),
}


def is_run_part(node: Node) -> bool:
    """Say whether neighbours of this kind are packed in one call."""
    return isinstance(node, Scalar) and node.wire in _FORMATS and not node.finite


class Scalars:
    """Emits checks into `source`; each method returns the pieces of `var`, `lead` folded into the first.

    sure: locals whose exact type a union's choice of branch has just tested.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.sure: set[str] = set()

    def scalar(self, node: Scalar, var: str, lead: bytes) -> Pieces:
        """Write a primitive."""
        source = self._source
        match node.wire:
            case "null":
                source.line(f"if {var} is not None: raise Refused")
                return self.led(lead, [])
            case "boolean":
                source.line(f"if {var} is not True and {var} is not False: raise Refused")
                yes, no = source.constant(lead + b"\1"), source.constant(lead + b"\0")
                return [f"({yes} if {var} else {no})"]
            case "float" | "double":
                if node.finite:
                    self._exact(var, "float")
                    source.line(f"if not {source.constant(isfinite)}({var}): raise Refused")
                return self.led(lead, self.run([(node, var)]))
        logical = node.logical.name if node.logical is not None else ""
        if logical in _INSTANTS:
            return self.led(lead, self._instant(logical, var))
        var = self._base_value(node, var)
        if node.wire == "string":
            return self.text(var, lead)
        if node.wire == "bytes":
            return [self.size(f"len({var})", lead), var]
        general = source.constant(runtime.write_int if node.wire == "int" else runtime.write_long)
        rest = f"{source.constant(lead)} + {general}({var})" if lead else f"{general}({var})"
        short = f"{-runtime.SHORT_NUMBERS} <= {var} < {runtime.SHORT_NUMBERS}"
        return [f"({source.constant(runtime.numbers_after(lead))}[{var}] if {short} else {rest})"]

    def fixed(self, node: FixedBytes, var: str, lead: bytes) -> Pieces:
        """Write a fixed."""
        if node.logical is None:
            self._source.line(f"if type({var}) is not bytes or len({var}) != {node.size}: raise Refused")
            return self.led(lead, [var])
        value = self._source.fresh("r")
        convert = self._source.constant(writer_of(node.logical, "fixed", node.size))
        self._source.line(f"{value} = {convert}({var})")
        return self.led(lead, [value])

    def run(self, run: Sequence[tuple[Scalar, str]]) -> Pieces:
        """Write neighbours of fixed width with one call."""
        if not run:
            return []
        if len(run) == 1 and run[0][0].wire == "boolean":
            return self.scalar(*run[0], b"")
        wrong = []
        for node, var in run:
            if node.wire == "boolean":
                wrong.append(f"({var} is not True and {var} is not False)")
            elif var not in self.sure:
                wrong.append(f"type({var}) is not float")
        if wrong:
            self._source.line(f"if {' or '.join(wrong)}: raise Refused")
        packed = struct.Struct("<" + "".join(_FORMATS[node.wire] for node, _ in run))
        return [f"{self._source.constant(packed.pack)}({', '.join(var for _, var in run)})"]

    def block(self, node: Scalar, var: str) -> Pieces:
        """Write all items of a list of floats or doubles with one call."""
        source = self._source
        source.line(f"if {{*map(type, {var})}} != {source.constant({float})}: raise Refused")
        return [f"{source.constant(struct.pack)}(f'<{{len({var})}}{_FORMATS[node.wire]}', *{var})"]

    def led(self, lead: bytes, pieces: Pieces) -> Pieces:
        """Return the pieces after `lead`."""
        return [self._source.constant(lead), *pieces] if lead else pieces

    def size(self, count: str, lead: bytes) -> str:
        """Return the piece for a length or count."""
        source = self._source
        name = source.fresh("q")
        source.line(f"{name} = {count}")
        rest = f"{source.constant(lead)} + {source.constant(runtime.write_long)}({name})"
        table = source.constant(runtime.sizes_after(lead))
        return f"({table}[{name}] if {name} < {runtime.SHORT_NUMBERS} else {rest})"

    def text(self, var: str, lead: bytes) -> Pieces:
        """Write a string, such as a map's key; a lone surrogate fails in `encode`."""
        data = self._source.fresh("r")
        self._exact(var, "str")
        self._source.line(f"{data} = {var}.encode()")
        return [self.size(f"len({data})", lead), data]

    def _exact(self, var: str, kind: str) -> None:
        if var not in self.sure:
            self._source.line(f"if type({var}) is not {kind}: raise Refused")

    def _base_value(self, node: Scalar, var: str) -> str:
        """Return the local of the base type's value, its type checked."""
        if node.logical is None:
            if node.wire != "string":  # text checks for itself
                self._exact(var, PRIMITIVE_TYPES[node.wire].__name__)
            return var
        value = self._source.fresh("w")
        self._source.line(f"{value} = {self._source.constant(writer_of(node.logical, node.wire))}({var})")
        self.sure.add(value)
        return value

    def _instant(self, logical: str, var: str) -> Pieces:
        """A naive value fails in the subtraction, `timestamp()` would be a float.

        The code of a number that is not negative is its double. Its usual eight (six for milliseconds) groups of
        seven bits are moved apart by halves, quarters and eighths; tables would cost a cache miss per look-up.
        """
        source = self._source
        epoch, unit_us = _INSTANTS[logical]
        delta, code, out = (source.fresh(letter) for letter in "tzu")
        source.line(f"if type({var}) is not {source.constant(datetime)}: raise Refused")
        source.line(f"{delta} = {var} - {source.constant(epoch)}")
        part = f"{delta}.microseconds"
        if unit_us > 1:
            part, rest = source.fresh("s"), source.fresh("q")
            source.line(f"{part}, {rest} = divmod({delta}.microseconds, {unit_us})")
            source.line(f"if {rest}: raise Refused")
        source.line(f"{code} = ({delta}.days * 86400 + {delta}.seconds) * {2_000_000 // unit_us} + {part} * 2")
        size = 8 if unit_us == 1 else 6
        with source.block(f"if {1 << 7 * (size - 1)} <= {code} < {1 << 7 * size}:"):
            source.line(f"{code} += ({code} >> 28) * 0xF0000000; {code} += ({code} & 0xFFFC0000FFFC000) * 3")
            spread = f"{code} + ({code} & 0x3F803F803F803F80) + {0x80808080808080 >> 8 * (8 - size)}"
            source.line(f"{out} = ({spread}).to_bytes({size}, 'little')")
        with source.block("else:"):
            if epoch.tzinfo is not None:  # an offset may lead out of the years that the decoder can read
                known = instant_numbers(unit_us)
                source.line(f"if not {2 * known.start} <= {code} < {2 * known.stop}: raise Refused")
            source.line(f"{out} = {source.constant(runtime.write_long)}({code} >> 1)")
        return [out]
