"""Decoder source: one straight-line function per plan, fields in the writer's order, the object in the reader's.

Names in every generated function: `b` bytes, `i` position, `e` end, `n` items still allowed, `d` levels still
allowed; `x`, `j`, `k` are scratch. A value that is only skipped is checked like one that is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from avroad.codec import runtime
from avroad.codec.classes import attributes, members, twin_of
from avroad.codec.decode_scalars import Scalars, is_run_part
from avroad.codec.defaults import default_value, fresh_expression
from avroad.codec.plan import (
    Branches,
    Chosen,
    Entries,
    Fields,
    FixedBytes,
    Items,
    Node,
    Scalar,
    Slot,
    Step,
    Symbols,
    Unreadable,
    nodes,
)
from avroad.codec.source import Source, is_container, outlined
from avroad.codec.unions import Types, branches_of
from avroad.errors import IncompatibleSchema
from avroad.schema import NO_DEFAULT

__all__ = ["decoder_source"]

_ONE_BYTE_BRANCHES: Final = 64


def decoder_source(root: Node, types: Types, explain: Callable[[bytes, int, Exception], Exception]) -> Source:
    """Return the source whose function `decode(b, i=0)` returns the datum in `b[i:]`.

    explain: called with the bytes, the start and the exception when anything fails; returns what is raised.
    """
    emitter = _Emitter(root, types)
    source = emitter.source
    source.space["explain"] = explain
    counted = any(is_container(node) for node in nodes(root))
    with source.block("def decode(b, i=0):"):
        source.line("o = i")
        with source.block("try:"):
            source.line(f"if type(b) is not bytes: b = {source.constant(_as_bytes)}(b)")
            source.line("e = len(b)")
            source.line("if i < 0: raise Refused")
            if counted:
                source.line(f"n = {runtime.MAX_ITEMS}; d = {runtime.MAX_DEPTH}")
            emitter.value(root, "v")
            source.line("if i != e: raise Refused")
            source.line("return v")
        with source.block("except Exception as error:"):
            source.line("raise explain(b, o, error) from None")
    emitter.finish()
    return source


def _as_bytes(data: object) -> bytes:
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError("expected bytes")
    return bytes(data)


class _Emitter:
    """Emits code that reads one node into a local, or past it."""

    def __init__(self, root: Node, types: Types) -> None:
        self.source = Source()
        self.source.space["Refused"] = runtime.Refused
        self.types = types
        self.scalars = Scalars(self.source)
        self._outlined, self._recursive = outlined(root)
        self._functions: dict[tuple[int, bool], str] = {}
        self._pending: list[tuple[str, Node, bool]] = []
        self._readers: Mapping[type[Node], Callable[[Node, str], None]] = {
            Scalar: self.scalars.scalar,
            FixedBytes: self.scalars.fixed,
            Symbols: self._symbols,
            Items: self._items,
            Entries: self._entries,
            Branches: self._branches,
            Chosen: self._chosen,
            Fields: self._fields,
            Unreadable: self._unreadable,
        }

    def value(self, node: Node, target: str) -> None:
        """Read `node` into `target`; with "" as target only check it and go past."""
        if is_container(node) and (id(node) in self._outlined or self.source.crowded):
            self._call(node, target)
        else:
            self._readers[type(node)](node, target)

    def _call(self, node: Node, target: str) -> None:
        key = (id(node), bool(target))
        if key not in self._functions:
            self._functions[key] = self.source.fresh("f")
            self._pending.append((self._functions[key], node, bool(target)))
        self.source.line(f"{target or 'x'}, i, n = {self._functions[key]}(b, i, e, n, d)")

    def finish(self) -> None:
        """Emit the functions that the code so far calls, and those they call."""
        self.source.function_done()
        while self._pending:
            name, node, wanted = self._pending.pop()
            with self.source.block(f"def {name}(b, i, e, n, d):"):
                if id(node) in self._recursive:
                    self.source.line("d -= 1")
                    self.source.line("if d < 0: raise Refused")
                if not wanted:
                    self.source.line("v = None")
                self._readers[type(node)](node, "v" if wanted else "")
                self.source.line("return v, i, n")
            self.source.function_done()

    def _unreadable(self, _node: Node, _target: str) -> None:
        self.source.line("raise Refused")

    def _chosen(self, node: Node, target: str) -> None:
        assert isinstance(node, Chosen)
        self.value(node.node, target)
        shape = branches_of(node.union, self.types)[node.branch]
        if target and shape.tagged:
            self.source.line(f"{target} = ({shape.name!r}, {target})")

    def _symbols(self, node: Node, target: str) -> None:
        assert isinstance(node, Symbols)
        cls = self.types.get(node.name)
        read = [symbol for symbol in node.read if symbol is not None]
        known = members(cls, node.name, tuple(dict.fromkeys(read))) if cls is not None else {}
        table = {i: known.get(symbol, symbol) for i, symbol in enumerate(node.read) if symbol is not None}
        self.scalars.symbol(table, len(node.read), target)

    def _branches(self, node: Node, target: str) -> None:
        assert isinstance(node, Branches)
        source = self.source
        if len(node.branches) <= _ONE_BYTE_BRANCHES:
            source.line("x = b[i]; i += 1")
            step = 2
        else:
            source.line(f"x, i = {source.constant(runtime.read_long)}(b, i)")
            step = 1
        order = sorted(range(len(node.branches)), key=lambda k: _is_null(node.branches[k]))
        word = "if"
        for k in order:
            with source.block(f"{word} x == {k * step}:"):
                branch = node.branches[k]
                if target and _is_null(branch):
                    source.line(f"{target} = None")
                else:
                    self.value(branch, target)
            word = "elif"
        source.line("else: raise Refused" if order else "raise Refused")

    def _items(self, node: Node, target: str) -> None:
        assert isinstance(node, Items)
        out, item = self.source.fresh("a"), self.source.fresh("v") if target else ""

        def body() -> None:
            self.value(node.item, item)
            if target:
                self.source.line(f"{out}({item})")

        if target:
            self.source.line(f"{target} = []; {out} = {target}.append")
        self._blocks(body)
        if target and self.types:
            self.source.line(f"{target} = tuple({target})")

    def _entries(self, node: Node, target: str) -> None:
        assert isinstance(node, Entries)
        source = self.source
        out, total, key = source.fresh("m"), source.fresh("t"), source.fresh("k")
        item = source.fresh("v") if target else ""

        def body() -> None:
            self.scalars.text(key)
            self.value(node.value, item)
            source.line(f"{out}[{key}] = {item or None}")

        source.line(f"{out} = {{}}; {total} = 0")
        self._blocks(body, count=f"{total} += c", after=f"if len({out}) != {total}: raise Refused")
        if target:
            source.line(f"{target} = {out}")

    def _blocks(self, body: Callable[[], None], *, count: str = "", after: str = "") -> None:
        """Emit the loop over blocks; `count` runs once per block with `c` items, `after` at its end."""
        source = self.source
        stop = source.fresh("s")
        with source.block("while True:"):
            source.line("c = b[i]; i += 1")
            source.line("if c == 0: break")
            source.line(f"if c < 128 and not c & 1: c >>= 1; {stop} = -1")
            source.line(f"else: c, i, {stop} = {source.constant(runtime.read_block)}(b, i - 1)")
            source.line("n -= c")
            source.line("if n < 0: raise Refused")
            if count:
                source.line(count)
            with source.block("for _ in range(c):"):
                body()
            source.line(f"if {stop} >= 0 and i != {stop}: raise Refused")
            if after:
                source.line(after)

    def _fields(self, node: Node, target: str) -> None:
        assert isinstance(node, Fields)
        if node.missing:
            self._unreadable(node, target)
            return
        values: dict[int, str] = {}
        run: list[tuple[Node, str]] = []
        for step in node.steps:
            name = ""
            if target and step.slot is not None:
                name = values[step.slot] = self.source.fresh("v")
            wanted = _without_choice(step)
            if is_run_part(wanted):
                run.append((wanted, name))
                continue
            self.scalars.run(run)
            run = []
            self.value(step.node, name)
        self.scalars.run(run)
        if target:
            for i, slot in enumerate(node.slots):
                if i not in values:
                    values[i] = self._default(node, slot)
            self._build(node, target, [values[i] for i in range(len(node.slots))])

    def _default(self, node: Fields, slot: Slot) -> str:
        assert slot.default is not NO_DEFAULT  # the resolver listed it as missing otherwise
        try:
            value = default_value(slot.type, slot.default, self.types)
        except (ArithmeticError, ValueError):
            raise IncompatibleSchema(
                path=f"$.{slot.name}",
                expected=f"a default that {slot.name} of {node.name} can hold",
                found="one outside its logical type",
            ) from None
        return fresh_expression(self.source, value)

    def _build(self, node: Fields, target: str, values: list[str]) -> None:
        source = self.source
        names = tuple(slot.name for slot in node.slots)
        cls = self.types.get(node.name)
        if cls is None:
            entries = ", ".join(f"{name!r}: {value}" for name, value in zip(names, values, strict=True))
            source.line(f"{target} = {{{entries}}}")
            return
        attrs = attributes(cls, node.name, names)
        twin = twin_of(cls, attrs)
        made = source.constant(cls, "C")
        if twin is None:
            entries = ", ".join(f"{attr!r}: {value}" for attr, value in zip(attrs, values, strict=True))
            source.line(f"{target} = {made}(**{{{entries}}})")
            return
        source.line(f"{target} = {source.constant(twin, 'T')}()")
        for attr, value in zip(attrs, values, strict=True):
            source.line(f"{target}.{attr} = {value}")
        source.line(f"{target}.__class__ = {made}")


def _is_null(node: Node) -> bool:
    inner = node.node if isinstance(node, Chosen) else node
    return isinstance(inner, Scalar) and inner.wire == "null"


def _without_choice(step: Step) -> Node:
    """A union chosen by the reader changes nothing about an unnamed value."""
    node = step.node
    return node.node if isinstance(node, Chosen) and isinstance(node.node, Scalar) else node
