"""Encoder source: one straight-line function per plan that reads each field once and joins the pieces at the end.

Every emitter checks its value and returns expressions for its bytes, in order; `lead` is what goes before them
(a union's branch number) and is folded into the first piece where a table can hold it.
Names in every generated function: `v` the datum, `n` items still allowed, `d` levels still allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from avroad.codec import runtime
from avroad.codec.classes import attributes, members, plain_identifiers
from avroad.codec.encode_scalars import Pieces, Scalars, is_run_part
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
    nodes,
)
from avroad.codec.source import Source, is_container, outlined
from avroad.codec.unions import PLAIN_MAPS, Branch, Types, branches_of

__all__ = ["encoder_source"]

_END: Final = b"\0"
_EXACT: Final = frozenset({int, float, str, bytes})
"""Types whose test for a union's branch is the test their emitter would make."""


def encoder_source(root: Node, types: Types, explain: Callable[[object, Exception], Exception]) -> Source:
    """Return the source whose function `encode(v, P=b"")` returns P and the datum's bytes.

    root: of a plan with one schema for writer and reader; explain: called with the datum and the exception when
    anything fails, returns what is raised.
    """
    emitter = _Emitter(root, types)
    source = emitter.source
    source.space["explain"] = explain
    with source.block("def encode(v, P=b''):"):
        with source.block("try:"):
            if any(is_container(node) for node in nodes(root)):
                source.line(f"n = {runtime.MAX_ITEMS}; d = {runtime.MAX_DEPTH}")
            source.line(f"return {emitter.joined(['P', *emitter.pieces(root, 'v')])}")
        with source.block("except Exception as error:"):
            source.line("raise explain(v, error) from None")
    emitter.finish()
    return source


class _Emitter:
    """Emits code that turns the local `var` into pieces."""

    def __init__(self, root: Node, types: Types) -> None:
        self.source = Source()
        self.source.space.update({"Refused": runtime.Refused, "J": b"".join})
        self.types = types
        self._scalars = Scalars(self.source)
        self._outlined, self._recursive = outlined(root)
        self._functions: dict[int, str] = {}
        self._pending: list[tuple[str, Node]] = []
        self._writers: Mapping[type[Node], Callable[[Node, str, bytes], Pieces]] = {
            Scalar: self._scalars.scalar,
            FixedBytes: self._scalars.fixed,
            Symbols: self._symbols,
            Items: self._items,
            Entries: self._entries,
            Branches: self._branches,
            Chosen: self._chosen,
            Fields: self._fields,
        }

    def pieces(self, node: Node, var: str, lead: bytes = b"") -> Pieces:
        """Check `var` and return its pieces."""
        if is_container(node) and (id(node) in self._outlined or self.source.crowded):
            return self._call(node, var, lead)
        return self._writers[type(node)](node, var, lead)

    def joined(self, pieces: Pieces) -> str:
        """Return one expression for all pieces."""
        if len(pieces) <= 2:  # noqa: PLR2004 - one addition is cheaper than a join
            return " + ".join(pieces) or "b''"
        return f"J(({', '.join(pieces)}))"

    def _led(self, lead: bytes, pieces: Pieces) -> Pieces:
        return [self.source.constant(lead), *pieces] if lead else pieces

    def _call(self, node: Node, var: str, lead: bytes) -> Pieces:
        if id(node) not in self._functions:
            self._functions[id(node)] = self.source.fresh("f")
            self._pending.append((self._functions[id(node)], node))
        out = self.source.fresh("u")
        self.source.line(f"{out}, n = {self._functions[id(node)]}({var}, n, d)")
        return self._led(lead, [out])

    def finish(self) -> None:
        """Emit the functions that the code so far calls, and those they call."""
        self.source.function_done()
        while self._pending:
            name, node = self._pending.pop()
            with self.source.block(f"def {name}(v, n, d):"):
                if id(node) in self._recursive:
                    self.source.line("d -= 1")
                    self.source.line("if d < 0: raise Refused")
                pieces = self._writers[type(node)](node, "v", b"")
                self.source.line(f"return {self.joined(pieces)}, n")
            self.source.function_done()

    def _chosen(self, node: Node, var: str, lead: bytes) -> Pieces:
        assert isinstance(node, Chosen)
        return self.pieces(node.node, var, lead)

    def _symbols(self, node: Node, var: str, lead: bytes) -> Pieces:
        """Keys are the members: they hash and compare as their strings, so that both spellings hit."""
        assert isinstance(node, Symbols)
        cls = self.types.get(node.name)
        known = members(cls, node.name, node.written) if cls is not None else {}
        table = {known.get(s, s): lead + runtime.write_long(i) for i, s in enumerate(node.written)}
        return [f"{self.source.constant(table)}[{var}]"]

    def _items(self, node: Node, var: str, lead: bytes) -> Pieces:
        assert isinstance(node, Items)
        source = self.source
        source.line(f"if type({var}) is not list and type({var}) is not tuple: raise Refused")

        def loop(out: str) -> None:
            item = source.fresh("v")
            with source.block(f"for {item} in {var}:"):
                self._add(out, self.pieces(node.item, item))

        return self._collection(var, lead, loop)

    def _entries(self, node: Node, var: str, lead: bytes) -> Pieces:
        assert isinstance(node, Entries)
        source = self.source
        source.line(f"if not isinstance({var}, {source.constant(PLAIN_MAPS)}): raise Refused")

        def loop(out: str) -> None:
            key, item = source.fresh("k"), source.fresh("v")
            with source.block(f"for {key}, {item} in {var}.items():"):
                self._add(out, [*self._scalars.text(key, b""), *self.pieces(node.value, item)])

        return self._collection(var, lead, loop)

    def _collection(self, var: str, lead: bytes, loop: Callable[[str], None]) -> Pieces:
        """One block with all items, then the end; or only the end."""
        source = self.source
        out, size, end = source.fresh("a"), source.fresh("q"), source.constant(_END)
        with source.block(f"if {var}:"):
            source.line(f"{size} = len({var}); n -= {size}")
            source.line("if n < 0: raise Refused")
            source.line(f"{out} = [{self._scalars.size(size, lead)}]")
            loop(out)
            source.line(f"{out}.append({end})")
            source.line(f"{out} = J({out})")
        source.line(f"else: {out} = {source.constant(lead + _END)}")
        return [out]

    def _add(self, out: str, pieces: Pieces) -> None:
        if len(pieces) == 1:
            self.source.line(f"{out}.append({pieces[0]})")
        elif pieces:
            self.source.line(f"{out} += ({', '.join(pieces)})")

    def _branches(self, node: Node, var: str, lead: bytes) -> Pieces:
        assert isinstance(node, Branches)
        source = self.source
        first = node.branches[0] if node.branches else None
        shapes = branches_of(first.union, self.types) if isinstance(first, Chosen) else ()
        out = source.fresh("u")
        tagged = [self._tag_arm(shape, var) for shape in shapes if shape.name]
        plain = [(shape, test, var, False) for shape in shapes if (test := self._test(shape, var))]
        plain.sort(key=lambda arm: arm[0].kind is not type(None))
        lists = any(shape.kind is list for shape in shapes)
        word = "if"
        for shape, test, inner, call in [*tagged, *plain] if lists else [*plain, *tagged]:
            branch = node.branches[shape.index]
            assert isinstance(branch, Chosen)
            number = lead + runtime.write_long(shape.index)
            if not call and shape.cls is None and shape.kind in _EXACT:
                self._scalars.sure.add(inner)
            with source.block(f"{word} {test}:"):
                if call and is_container(branch.node):
                    pieces = self._call(branch.node, inner, number)
                else:
                    value = source.fresh("v") if call else inner
                    if call:
                        source.line(f"{value} = {inner}")
                    pieces = [source.constant(number)] if _is_null(branch) else self.pieces(branch, value, number)
                source.line(f"{out} = {self.joined(pieces)}")
            word = "elif"
        source.line("else: raise Refused" if shapes else "raise Refused")
        return [out]

    def _tag_arm(self, shape: Branch, var: str) -> tuple[Branch, str, str, bool]:
        """A named branch is always taken as (full name, value); its code is shared, not repeated."""
        pair = f"type({var}) is tuple and len({var}) == 2 and type({var}[0]) is str"
        return shape, f"{pair} and {var}[0] == {shape.name!r}", f"{var}[1]", True

    def _test(self, shape: Branch, var: str) -> str:
        """Return the condition under which a value without a name belongs to the branch, "" for never."""
        tests = []
        if shape.cls is not None:
            tests.append(f"type({var}) is {self.source.constant(shape.cls, 'C')}")
        if not shape.ambiguous:
            tests.append(self._plain_test(shape, var))
        return " or ".join(test for test in tests if test)

    def _plain_test(self, shape: Branch, var: str) -> str:
        if shape.kind is type(None):
            return f"{var} is None"
        if shape.kind is list:
            return f"type({var}) is list or type({var}) is tuple"
        if shape.kind is dict:
            kinds = "dict" if shape.name else self.source.constant(PLAIN_MAPS)
            return f"isinstance({var}, {kinds})"
        exact = f"type({var}) is {self.source.constant(shape.kind)}"
        if shape.test == "int":
            return f"{exact} and -2147483648 <= {var} <= 2147483647"
        if shape.test == "millis":
            return f"{exact} and {var}.microsecond % 1000 == 0"
        return "" if shape.test == "never" else exact

    def _fields(self, node: Node, var: str, lead: bytes) -> Pieces:
        assert isinstance(node, Fields)
        values = self._read_fields(node, var)
        pieces: Pieces = []
        run: list[tuple[Node, str]] = []
        for step, value in zip(node.steps, values, strict=True):
            if is_run_part(step.node):
                run.append((step.node, value))
                continue
            pieces += self._scalars.run(run)
            run = []
            pieces += self.pieces(step.node, value)
        pieces += self._scalars.run(run)
        return self._led(lead, pieces)

    def _read_fields(self, node: Fields, var: str) -> list[str]:
        """Read each field once into a local: of the generated class by attribute, of a dict by name."""
        source = self.source
        names = tuple(step.name for step in node.steps)
        values = [source.fresh("v") for _ in names]
        cls = self.types.get(node.name)
        word = "if"
        if cls is not None:
            attrs = attributes(cls, node.name, names)
            plain = plain_identifiers(attrs)
            with source.block(f"if type({var}) is {source.constant(cls, 'C')}:"):
                for value, attr in zip(values, attrs, strict=True):
                    source.line(f"{value} = {var}.{attr}" if plain else f"{value} = getattr({var}, {attr!r})")
            word = "elif"
        with source.block(f"{word} isinstance({var}, dict) and len({var}) == {len(names)}:"):
            for value, name in zip(values, names, strict=True):
                source.line(f"{value} = {var}[{name!r}]")
        source.line("else: raise Refused")
        return values


def _is_null(node: Chosen) -> bool:
    return isinstance(node.node, Scalar) and node.node.wire == "null"
