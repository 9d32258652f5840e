"""Encoder source of values without parts: numbers, text, bytes, and runs of fixed width."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from avroad.codec import runtime
from avroad.codec.logical import EPOCH, LOCAL_EPOCH, writer_of
from avroad.codec.plan import FixedBytes, Node, Scalar
from avroad.codec.source import Source

__all__ = ["Pieces", "Scalars", "is_run_part"]

Pieces = list[str]
"""Expressions of bytes, in the order in which they are written."""

_WIDTHS: Final[Mapping[str, str]] = {"double": "d", "float": "f", "boolean": "?"}
_EIGHT_BYTES: Final = (1 << 42, 1 << 56)
"""Codes whose varint four look-ups build: 1970-01-26 to 3111 in microseconds."""


def is_run_part(node: Node) -> bool:
    """Say whether neighbours of this kind are packed in one call."""
    return isinstance(node, Scalar) and node.wire in _WIDTHS


class Scalars:
    """Emits checks into `source`; each method returns the pieces of `var`, `lead` folded into the first.

    sure: locals whose exact type a union's choice of branch has just tested.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.sure: set[str] = set()
        self._scalars: Mapping[str, Callable[[Scalar, str, bytes], Pieces]] = {
            "null": self._null,
            "boolean": self._one_run,
            "int": self._number,
            "long": self._number,
            "float": self._one_run,
            "double": self._one_run,
            "bytes": self._bytes,
            "string": self._string,
        }

    def scalar(self, node: Node, var: str, lead: bytes) -> Pieces:
        """Write a primitive."""
        assert isinstance(node, Scalar)
        return self._scalars[node.wire](node, var, lead)

    def fixed(self, node: Node, var: str, lead: bytes) -> Pieces:
        """Write a fixed."""
        assert isinstance(node, FixedBytes)
        source = self._source
        if node.logical is not None:
            convert = source.constant(writer_of(node.logical, "fixed", node.size))
            var, given = source.fresh("r"), var
            source.line(f"{var} = {convert}({given})")
        else:
            source.line(f"if type({var}) is not bytes or len({var}) != {node.size}: raise Refused")
        return self._led(lead, [var])

    def run(self, run: list[tuple[Node, str]]) -> Pieces:
        """Write neighbours of fixed width with one call."""
        if not run:
            return []
        wrong = []
        formats = []
        for node, var in run:
            assert isinstance(node, Scalar)
            formats.append(_WIDTHS[node.wire])
            if node.wire == "boolean":
                wrong.append(f"({var} is not True and {var} is not False)")
            elif var not in self.sure:
                wrong.append(f"type({var}) is not float")
        if wrong:
            self._source.line(f"if {' or '.join(wrong)}: raise Refused")
        pack = self._source.constant(struct.Struct("<" + "".join(formats)).pack)
        return [f"{pack}({', '.join(var for _, var in run)})"]

    def _led(self, lead: bytes, pieces: Pieces) -> Pieces:
        return [self._source.constant(lead), *pieces] if lead else pieces

    def _exact(self, var: str, kind: str) -> None:
        if var not in self.sure:
            self._source.line(f"if type({var}) is not {kind}: raise Refused")

    def _one_run(self, node: Scalar, var: str, lead: bytes) -> Pieces:
        if node.wire != "boolean":
            return self._led(lead, self.run([(node, var)]))
        self._source.line(f"if {var} is not True and {var} is not False: raise Refused")
        yes, no = self._source.constant(lead + b"\1"), self._source.constant(lead + b"\0")
        return [f"({yes} if {var} else {no})"]

    def _null(self, _node: Scalar, var: str, lead: bytes) -> Pieces:
        self._source.line(f"if {var} is not None: raise Refused")
        return self._led(lead, [])

    def _number(self, node: Scalar, var: str, lead: bytes) -> Pieces:
        source = self._source
        code = source.fresh("z")
        logical = node.logical.name if node.logical is not None else ""
        if logical in {"timestamp-micros", "local-timestamp-micros"}:
            return self._micros(logical, var, lead)
        if node.logical is not None:
            var, given = source.fresh("w"), var
            source.line(f"{var} = {source.constant(writer_of(node.logical, node.wire))}({given})")
        else:
            self._exact(var, "int")
        bits = 31 if node.wire == "int" else 63
        source.line(f"{code} = ({var} << 1) ^ ({var} >> {bits})")
        general = source.constant(runtime.write_int_code if node.wire == "int" else runtime.write_code)
        rest = f"{source.constant(lead)} + {general}({code})" if lead else f"{general}({code})"
        table = source.constant(runtime.ended_after(lead))
        return [f"({table}[{code}] if {code} < {runtime.SHORT_CODES} else {rest})"]

    def _micros(self, logical: str, var: str, lead: bytes) -> Pieces:
        """A naive value fails in the subtraction; `timestamp()` would be a float."""
        source = self._source
        code, delta, out = source.fresh("z"), source.fresh("t"), source.fresh("u")
        epoch = source.constant(EPOCH if logical == "timestamp-micros" else LOCAL_EPOCH)
        source.line(f"if type({var}) is not {source.constant(datetime)}: raise Refused")
        source.line(f"{delta} = {var} - {epoch}")
        number = f"({delta}.days * 86400 + {delta}.seconds) * 1000000 + {delta}.microseconds"
        source.line(f"{code} = {number}; {code} = ({code} << 1) ^ ({code} >> 63)")
        on, end = source.constant(runtime.CONTINUED), source.constant(runtime.ENDED)
        mask = runtime.SHORT_CODES - 1
        parts = [
            f"{on}[{code} & {mask}]",
            f"{on}[{code} >> 14 & {mask}]",
            f"{on}[{code} >> 28 & {mask}]",
            f"{end}[{code} >> 42]",
        ]
        low, high = _EIGHT_BYTES
        source.line(f"if {low} <= {code} < {high}: {out} = {' + '.join(parts)}")
        source.line(f"else: {out} = {source.constant(runtime.write_code)}({code})")
        return self._led(lead, [out])

    def size(self, count: str, lead: bytes) -> str:
        """Return the piece for a length or count in the local `count`."""
        source = self._source
        table, general = source.constant(runtime.sizes_after(lead)), source.constant(runtime.write_size)
        rest = f"{source.constant(lead)} + {general}({count})" if lead else f"{general}({count})"
        return f"({table}[{count}] if {count} < {runtime.SHORT_SIZES} else {rest})"

    def text(self, var: str, lead: bytes) -> Pieces:
        """Write a string, such as a map's key; a lone surrogate fails in `encode`."""
        source = self._source
        data, count = source.fresh("r"), source.fresh("q")
        self._exact(var, "str")
        source.line(f"{data} = {var}.encode(); {count} = len({data})")
        return [self.size(count, lead), data]

    def _string(self, node: Scalar, var: str, lead: bytes) -> Pieces:
        if node.logical is not None:
            var, given = self._source.fresh("w"), var
            self._source.line(f"{var} = {self._source.constant(writer_of(node.logical, node.wire))}({given})")
        return self.text(var, lead)

    def _bytes(self, node: Scalar, var: str, lead: bytes) -> Pieces:
        source = self._source
        count = source.fresh("q")
        if node.logical is not None:
            var, given = source.fresh("r"), var
            source.line(f"{var} = {source.constant(writer_of(node.logical, node.wire))}({given})")
        else:
            self._exact(var, "bytes")
        source.line(f"{count} = len({var})")
        return [self.size(count, lead), var]
