"""Decoder source: one straight-line function per plan, fields in the writer's order, the object in the reader's.

Names in every generated function: `b` bytes, `i` position, `e` end, `n` items still allowed, `d` levels still
allowed, `c` items of a block; `x`, `y`, `z`, `w`, `j`, `k` are scratch. A value that is only skipped is checked like
one that is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from avroad.codec import runtime
from avroad.codec.budget import Costs, is_container
from avroad.codec.classes import attributes, members, twin_of
from avroad.codec.decode_scalars import Scalars, is_run_part
from avroad.codec.defaults import Defaults
from avroad.codec.explain_decode import explain_decode
from avroad.codec.leniency import Accept, varints_of
from avroad.codec.plan import (
    MAP_KEY,
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
from avroad.codec.source import Source
from avroad.codec.unions import Branch, Types, branches_of

__all__ = ["decoder_source"]

_ONE_BYTE_BRANCHES: Final = 64
_TRIED_IN_TURN: Final = 4
_TOO_MANY: Final = f"more than {runtime.MAX_ITEMS} items in one datum"
_TOO_DEEP: Final = f"more than {runtime.MAX_DEPTH} levels of types inside themselves"


def decoder_source(root: Node, types: Types, accept: frozenset[Accept] = frozenset()) -> Source:
    """Return the source whose function `decode(b, i=0)` returns the datum in `b[i:]`.

    It raises DecodeError for everything else. Raises IncompatibleSchema for a default no datum can hold, StaleTypes
    for a class that does not match.
    """
    emitter = _Emitter(root, types, accept)
    source = emitter.source
    with source.block("def decode(b, i=0):"):
        source.line("o = i")
        with source.block("try:"):
            source.line(f"if type(b) is not bytes: b = {source.constant(_as_bytes)}(b)")
            source.line(f"e = len(b); n = {runtime.MAX_ITEMS}; d = {runtime.MAX_DEPTH}")
            source.line("if i < 0: raise Refused")
            emitter.value(root, "v")
            source.line("if i != e: raise Refused")
            source.line("return v")
        with source.block("except Exception as error:"):
            source.line("raise explain(b, o, error) from None")
    source.finish()
    source.space["explain"] = partial(explain_decode, source.marks, accept)
    return source


def _as_bytes(data: object) -> bytes:
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError("expected bytes")
    return bytes(data)


class _Emitter:
    """Emits code that reads one node into a local, or past it."""

    def __init__(self, root: Node, types: Types, accept: frozenset[Accept]) -> None:
        self.source = Source()
        self._types = types
        self._varints = varints_of(accept)
        self._padded = Accept.OVERLONG_VARINT in accept
        self._scalars = Scalars(self.source, accept)
        self._defaults = Defaults(types)
        self._costs = Costs(root, self._defaults.size)
        self._shapes: dict[int, Sequence[Branch]] = {}

    def value(self, node: Node, target: str, part: str = "") -> None:
        """Read `node` into `target`; with "" as target only check it and go past. part: what it adds to the path."""
        with self.source.about([("", node)], part):
            if is_container(node) and (id(node) in self._costs.outlined or self.source.crowded):
                body = partial(self._function, node, "v" if target else "")
                name = self.source.function((id(node), bool(target)), "b, i, e, n, d", body)
                self.source.line(f"{target or 'x'}, i, n = {name}(b, i, e, n, d)")
            else:
                self._inline(node, target)

    def _function(self, node: Node, target: str) -> None:
        with self.source.about([("", node)]):
            if id(node) in self._costs.recursive:
                self.source.line(f"d -= 1; n -= {self._costs.items(node)}")
                self.source.refuse("d < 0", _TOO_DEEP)
                self.source.refuse("n < 0", _TOO_MANY)
            self._inline(node, target)
            self.source.line(f"return {target or None}, i, n")

    def _inline(self, node: Node, target: str) -> None:
        match node:
            case Scalar():
                self._scalars.scalar(node, target)
            case FixedBytes():
                self._scalars.fixed(node, target)
            case Symbols():
                self._symbols(node, target)
            case Items():
                self._items(node, target)
            case Entries():
                self._entries(node, target)
            case Branches():
                self._branches(node, target)
            case Chosen():
                self._chosen(node, target)
            case Fields():
                self._fields(node, target)
            case Unreadable():
                self.source.refuse("", f"the reader expects {node.expected}, the writer has {node.found}")

    def _chosen(self, node: Chosen, target: str) -> None:
        self.value(node.node, target)
        if id(node.union) not in self._shapes:
            self._shapes[id(node.union)] = branches_of(node.union, self._types)
        shape = self._shapes[id(node.union)][node.branch]
        if target and shape.tagged:
            self.source.line(f"{target} = ({shape.name!r}, {target})")

    def _symbols(self, node: Symbols, target: str) -> None:
        cls = self._types.get(node.name)
        read = [symbol for symbol in node.read if symbol is not None]
        known = members(cls, node.name, tuple(dict.fromkeys(read))) if cls is not None else {}
        table = {i: known.get(symbol, symbol) for i, symbol in enumerate(node.read) if symbol is not None}
        self._scalars.symbol(table, len(node.read), target)

    def _branches(self, node: Branches, target: str) -> None:
        short = len(node.branches) <= _ONE_BYTE_BRANCHES and not self._padded
        self.source.line("x = b[i]" if short else f"x, j = {self.source.constant(self._varints.read_long)}(b, i)")
        order = range(len(node.branches))
        arms = [(2 * k if short else k, node.branches[k]) for k in sorted(order, key=lambda k: _is_null(node, k))]
        self._arms(arms, target, "i += 1" if short else "i = j")

    def _arms(self, arms: list[tuple[int, Node]], target: str, go_on: str) -> None:
        """Branch on `x`: few alternatives in turn, many by halves."""
        source = self.source
        if len(arms) > 2 * _TRIED_IN_TURN:
            arms.sort(key=lambda arm: arm[0])
            half = len(arms) // 2
            with source.block(f"if x < {arms[half][0]}:"):
                self._arms(arms[:half], target, go_on)
            with source.block("else:"):
                self._arms(arms[half:], target, go_on)
            return
        word = "if"
        for number, branch in arms:
            with source.block(f"{word} x == {number}:"):
                source.line(go_on)
                self.value(branch, target)
            word = "elif"
        source.line("else: raise Refused" if arms else "raise Refused")

    def _items(self, node: Items, target: str) -> None:
        source, item = self.source, node.item
        if target:
            source.line(f"{target} = []")
        if isinstance(item, Scalar) and item.wire in {"float", "double"} and not item.finite:
            self._blocks(node, lambda at: self._scalars.block(item, target, at), item, whole=True)
        else:
            add, value = source.fresh("a"), source.fresh("v") if target else ""
            if target:
                source.line(f"{add} = {target}.append")

            def read(at: str) -> None:
                self.value(item, value, f"[{{{at}}}]")
                if target:
                    source.line(f"{add}({value})")

            self._blocks(node, read, item)
        if target and self._types:
            source.line(f"{target} = tuple({target})")

    def _entries(self, node: Entries, target: str) -> None:
        """Keys are payload: the path names an entry by its position."""
        source = self.source
        found, key = source.fresh("m"), source.fresh("k")
        value = source.fresh("v") if target else ""

        def read(at: str) -> None:
            with source.about([("", MAP_KEY)]):
                self._scalars.key(key, found)
            self.value(node.value, value, f"{{{{{{{at}}}}}}}")
            source.line(f"{found}[{key}] = {value or None}")

        source.line(f"{found} = {{}}")
        self._blocks(node, read, node.value)
        if target:
            source.line(f"{target} = {found}")

    def _blocks(self, node: Items | Entries, read: Callable[[str], None], item: Node, *, whole: bool = False) -> None:
        """Emit the loop over blocks; read: emits the items at the position in a local, one or `whole` blocks."""
        source = self.source
        head, first, at, stop = (source.fresh(letter) for letter in "htqs")
        kind = "an array" if isinstance(node, Items) else "a map"
        source.line(f"{first} = 0")
        with source.block("while True:"):
            source.line(f"{head} = i; c = b[i]")
            with source.block("if c == 0:"):
                source.line("i += 1")
                source.line("break")
            source.line(f"if c < 128 and not c & 1: c >>= 1; i += 1; {stop} = -1")
            source.line(f"else: c, i, {stop} = {source.constant(self._varints.read_block)}(b, i)")
            if self._padded:
                source.line("if c == 0: break")
            weight = self._costs.items(item)
            source.line(f"n -= c * {weight}" if weight > 1 else "n -= c")
            source.refuse("n < 0", _TOO_MANY, head)
            if whole:
                source.line(f"{at} = {first}")
                with source.about([("", item)], f"[{{{at}}}]"):
                    read(at)
                source.line(f"{first} += c")
            else:
                with source.block(f"for {at} in range({first}, {first} + c):"):
                    read(at)
                source.line(f"{first} = {at} + 1")
            source.refuse(f"{stop} >= 0 and i != {stop}", f"a block of {kind} says another size than it has", head)

    def _fields(self, node: Fields, target: str) -> None:
        if node.missing:
            name, why = node.missing[0]
            self.source.refuse("", f"no value for {name} of {node.name}: {why}")
            return
        values: dict[int, str] = {}
        run: list[tuple[Scalar | FixedBytes, str, str]] = []
        for step in node.steps:
            name = ""
            if target and step.slot is not None:
                name = values[step.slot] = self.source.fresh("v")
            part = f".{step.name}".replace("{", "{{").replace("}", "}}")
            wanted = _without_choice(step.node)
            if is_run_part(wanted):
                assert isinstance(wanted, Scalar | FixedBytes)
                run.append((wanted, name, part))
                continue
            self._run(run)
            self.value(step.node, name, part)
        self._run(run)
        if target:
            slots = enumerate(node.slots)
            filled = [values.get(i) or self._defaults.expression(self.source, slot) for i, slot in slots]
            self._build(node, target, filled)

    def _run(self, run: list[tuple[Scalar | FixedBytes, str, str]]) -> None:
        """Read neighbours of fixed width; a fault in them is found by reading them one by one."""
        if not run:
            return
        with self.source.about([(part, node) for node, _, part in run]):
            self._scalars.run([(node, name) for node, name, _ in run])
        run.clear()

    def _build(self, node: Fields, target: str, values: list[str]) -> None:
        source = self.source
        names = tuple(slot.name for slot in node.slots)
        cls = self._types.get(node.name)
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


def _is_null(node: Branches, position: int) -> bool:
    inner = _without_choice(node.branches[position])
    return isinstance(inner, Scalar) and inner.wire == "null"


def _without_choice(node: Node) -> Node:
    """A union chosen by the reader changes nothing about an unnamed value."""
    return node.node if isinstance(node, Chosen) and isinstance(node.node, Scalar) else node
