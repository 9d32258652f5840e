"""Encoder source: one straight-line function per plan that reads each field once and joins the pieces at the end.

Every emitter checks its value and returns expressions for its bytes, in order; `lead` is what goes before them
(a union's branch number) and is folded into the first piece where a table can hold it.
Names in every generated function: `v` the datum, `n` items still allowed, `d` levels still allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from avroad.codec import runtime
from avroad.codec.budget import Costs, is_container
from avroad.codec.classes import attributes, members, plain_identifiers
from avroad.codec.encode_scalars import Pieces, Scalars, is_run_part
from avroad.codec.explain_encode import explain_encode
from avroad.codec.plain import plain_dict, plain_map
from avroad.codec.plan import Branches, Chosen, Entries, Fields, FixedBytes, Items, Node, Scalar, Symbols
from avroad.codec.source import Source
from avroad.codec.unions import Types, arms

__all__ = ["encoder_source"]

_END: Final = b"\0"
_EXACT: Final = frozenset({int, float, str, bytes})
"""Types whose test for a union's branch is the test their emitter would make."""


def encoder_source(root: Node, types: Types) -> Source:
    """Return the source whose function `encode(v, P=b"")` returns P and the datum's bytes, or raises EncodeError.

    root: of a plan with one schema for writer and reader. Raises StaleTypes for a class that does not match.
    """
    emitter = _Emitter(root, types)
    source = emitter.source
    with source.block("def encode(v, P=b''):"):
        with source.block("try:"):
            source.line(f"n = {runtime.MAX_ITEMS}; d = {runtime.MAX_DEPTH}")
            source.line(f"return {emitter.joined(['P', *emitter.pieces(root, 'v')])}")
        with source.block("except Exception as error:"):
            source.line("raise explain(v, error) from None")
    source.finish()
    source.space["explain"] = partial(explain_encode, root, types)
    return source


class _Emitter:
    """Emits code that turns the local `var` into pieces."""

    def __init__(self, root: Node, types: Types) -> None:
        self.source = Source()
        self.source.space["J"] = b"".join
        self._types = types
        self._scalars = Scalars(self.source)
        self._costs = Costs(root)

    def pieces(self, node: Node, var: str, lead: bytes = b"") -> Pieces:
        """Check `var` and return its pieces."""
        if is_container(node) and (id(node) in self._costs.outlined or self.source.crowded):
            return self._call(node, var, lead)
        return self._inline(node, var, lead)

    def joined(self, pieces: Pieces) -> str:
        """Return one expression for all pieces."""
        if len(pieces) <= 2:  # noqa: PLR2004 - one addition is cheaper than a join
            return " + ".join(pieces) or "b''"
        return f"J(({', '.join(pieces)}))"

    def _call(self, node: Node, var: str, lead: bytes) -> Pieces:
        name = self.source.function(id(node), "v, n, d", partial(self._function, node))
        out = self.source.fresh("u")
        self.source.line(f"{out}, n = {name}({var}, n, d)")
        return self._scalars.led(lead, [out])

    def _function(self, node: Node) -> None:
        if id(node) in self._costs.recursive:
            self.source.line(f"d -= 1; n -= {self._costs.items(node)}")
            self.source.line("if d < 0 or n < 0: raise Refused")
        self.source.line(f"return {self.joined(self._inline(node, 'v', b''))}, n")

    def _inline(self, node: Node, var: str, lead: bytes) -> Pieces:
        match node:
            case Scalar():
                return self._scalars.scalar(node, var, lead)
            case FixedBytes():
                return self._scalars.fixed(node, var, lead)
            case Symbols():
                return self._symbols(node, var, lead)
            case Items():
                return self._items(node, var, lead)
            case Entries():
                return self._entries(node, var, lead)
            case Branches():
                return self._branches(node, var, lead)
            case Chosen():
                return self.pieces(node.node, var, lead)
            case _:
                assert isinstance(node, Fields)  # with one schema, nothing is unreadable
                return self._fields(node, var, lead)

    def _symbols(self, node: Symbols, var: str, lead: bytes) -> Pieces:
        cls = self._types.get(node.name)
        known = members(cls, node.name, node.written) if cls is not None else {}
        table = {known.get(s, s): lead + runtime.write_long(i) for i, s in enumerate(node.written)}
        return [f"{self.source.constant(table)}[{var}]"]

    def _items(self, node: Items, var: str, lead: bytes) -> Pieces:
        source, item = self.source, node.item
        source.line(f"if type({var}) is not list and type({var}) is not tuple: raise Refused")
        if isinstance(item, Scalar) and item.wire in {"float", "double"} and not item.finite:
            return self._collection(var, lead, item, lambda out: self._add(out, self._scalars.block(item, var)))

        def loop(out: str) -> None:
            value = source.fresh("v")
            with source.block(f"for {value} in {var}:"):
                self._add(out, self.pieces(item, value))

        return self._collection(var, lead, item, loop)

    def _entries(self, node: Entries, var: str, lead: bytes) -> Pieces:
        source = self.source
        source.line(f"if type({var}) is not dict: {var} = {source.constant(plain_map)}({var})")

        def loop(out: str) -> None:
            key, value = source.fresh("k"), source.fresh("v")
            with source.block(f"for {key}, {value} in {var}.items():"):
                self._add(out, [*self._scalars.text(key, b""), *self.pieces(node.value, value)])

        return self._collection(var, lead, node.value, loop)

    def _collection(self, var: str, lead: bytes, item: Node, loop: Callable[[str], None]) -> Pieces:
        """One block with all items, then the end; or only the end."""
        source = self.source
        out, end = source.fresh("a"), source.constant(_END)
        with source.block(f"if {var}:"):
            count = self._scalars.size(f"len({var})", lead)
            source.line(f"n -= len({var}) * {self._costs.items(item)}")
            source.line("if n < 0: raise Refused")
            source.line(f"{out} = [{count}]")
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

    def _branches(self, node: Branches, var: str, lead: bytes) -> Pieces:
        source = self.source
        out = source.fresh("u")
        word = "if"
        for shape, condition, named in arms(node.union, self._types, source, var):
            value = source.fresh("v") if named else var
            if not named and shape.cls is None and shape.kind in _EXACT:
                self._scalars.sure.add(value)
            with source.block(f"{word} {condition}:"):
                if named:
                    source.line(f"{value} = {var}[1]")
                number = lead + runtime.write_long(shape.index)
                pieces = self._branch(node.branches[shape.index], value, number, shared=named)
                source.line(f"{out} = {self.joined(pieces)}")
            word = "elif"
        source.line("else: raise Refused" if node.branches else "raise Refused")
        return [out]

    def _branch(self, branch: Node, var: str, number: bytes, *, shared: bool) -> Pieces:
        """Write the value of a branch; shared: in a function, because other code writes the same branch."""
        node = branch.node if isinstance(branch, Chosen) else branch
        if isinstance(node, Scalar) and node.wire == "null":
            return [self.source.constant(number)]
        if shared and is_container(node):
            return self._call(node, var, number)
        return self.pieces(node, var, number)

    def _fields(self, node: Fields, var: str, lead: bytes) -> Pieces:
        values = self._read_fields(node, var)
        pieces: Pieces = []
        run: list[tuple[Scalar, str]] = []
        for step, value in zip(node.steps, values, strict=True):
            if isinstance(step.node, Scalar) and is_run_part(step.node):
                run.append((step.node, value))
                continue
            pieces += self._scalars.run(run)
            run = []
            pieces += self.pieces(step.node, value)
        return self._scalars.led(lead, pieces + self._scalars.run(run))

    def _read_fields(self, node: Fields, var: str) -> list[str]:
        """Read each field once into a local: of the generated class by attribute, of a dict by name."""
        source = self.source
        names = tuple(step.name for step in node.steps)
        values = [source.fresh("v") for _ in names]
        cls = self._types.get(node.name)
        if cls is None:
            self._read_dict(var, names, values)
            return values
        attrs = attributes(cls, node.name, names)
        plain = plain_identifiers(attrs)
        with source.block(f"if type({var}) is {source.constant(cls, 'C')}:"):
            for value, attr in zip(values, attrs, strict=True):
                source.line(f"{value} = {var}.{attr}" if plain else f"{value} = getattr({var}, {attr!r})")
        with source.block("else:"):
            self._read_dict(var, names, values)
        return values

    def _read_dict(self, var: str, names: tuple[str, ...], values: list[str]) -> None:
        """A subclass is read as the dict it holds: a `defaultdict` would fill in what is missing."""
        source = self.source
        source.line(f"if type({var}) is not dict: {var} = {source.constant(plain_dict)}({var})")
        source.line(f"if len({var}) != {len(names)}: raise Refused")
        for value, name in zip(values, names, strict=True):
            source.line(f"{value} = {var}[{name!r}]")
