"""What a schema may cost: sizes that are refused before any code is made from a schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from avroad.errors import Problem, SchemaSyntaxError
from avroad.schema.named import Enum, Fixed, Named, Record
from avroad.schema.nodes import Array, Map, Primitive, Schema, Union

__all__ = ["RECURSION", "Limits", "check_limits", "min_size"]

RECURSION: Final = "avroad.recursion"
"""The attribute of a record, with the value true, that lets it contain itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Upper bounds. `recursion` and `empty_items` allow what can make small bytes expensive (AVRO-4241).

    A record whose schema says `"avroad.recursion": true` may contain itself under any limits.
    """

    depth: int = 32
    fields: int = 2_000
    branches: int = 256
    symbols: int = 10_000
    nodes: int = 100_000
    fixed_bytes: int = 1 << 20
    precision: int = 38
    recursion: bool = False
    empty_items: bool = False


def check_limits(schema: Schema, limits: Limits | None = None, *, file: str = "") -> None:
    """Raise SchemaSyntaxError naming each limit the schema exceeds.

    The number of nodes is that of the schema with every named type written out again at each use, the size of
    what a decoder may build for one datum; it is counted without expanding.
    """
    walk = _Walk(limits or Limits(), file)
    walk.visit(schema, "$", 0)
    if walk.problems:
        raise SchemaSyntaxError(problems=tuple(walk.problems))


def min_size(schema: Schema) -> int:
    """Return the fewest bytes a datum takes; a record inside itself counts as 0 there."""
    return _min_size(schema, {})


def _min_size(schema: Schema, known: dict[int, int]) -> int:
    """Each record is measured once, so that shared types cost nothing however often they are used."""
    if isinstance(schema, Primitive):
        return {"null": 0, "float": 4, "double": 8}.get(schema.name, 1)
    if isinstance(schema, Fixed):
        return schema.size
    if isinstance(schema, Record):
        if id(schema) not in known:
            known[id(schema)] = 0
            known[id(schema)] = sum(_min_size(field.type, known) for field in schema.fields)
        return known[id(schema)]
    return 1


class _Walk:
    """One pass; each named type is visited once and its expanded size remembered."""

    def __init__(self, limits: Limits, file: str) -> None:
        self._limits = limits
        self._file = file
        self._sizes: dict[int, tuple[int, int]] = {}
        self._open: set[int] = set()
        self.problems: list[Problem] = []

    def _say(self, path: str, expected: str, found: str, fix: str = "") -> None:
        self.problems.append(Problem(file=self._file, path=path, expected=expected, found=found, fix=fix))

    def visit(self, schema: Schema, path: str, depth: int) -> tuple[int, int]:
        """Return (nodes when expanded, levels below and including this one)."""
        if id(schema) in self._open:
            if not self._limits.recursion and not (isinstance(schema, Record) and schema.props.get(RECURSION) is True):
                fix = f'where it is wanted, write "{RECURSION}": true beside the "fields" of {_name(schema)}'
                self._say(path, "no type inside itself", _name(schema), fix)
            return 1, 1
        known = self._sizes.get(id(schema))
        if known is not None:
            self._totals(path, depth, known)
            return known
        if isinstance(schema, Array | Map):
            self._items(schema, path)
        self._own(schema, path)
        self._open.add(id(schema))
        nodes, levels = 1, 1
        for name, child in _parts(schema):
            below = self.visit(child, f"{path}{name}", depth + 1)
            nodes, levels = nodes + below[0], max(levels, below[1] + 1)
        self._open.discard(id(schema))
        self._sizes[id(schema)] = (nodes, levels)
        self._totals(path, depth, (nodes, levels))
        return nodes, levels

    def _totals(self, path: str, depth: int, size: tuple[int, int]) -> None:
        if depth == 0 and size[0] > self._limits.nodes:
            self._say(path, f"at most {self._limits.nodes} nodes when written out", str(size[0]))
        if depth == 0 and size[1] > self._limits.depth:
            self._say(path, f"at most {self._limits.depth} levels", str(size[1]))

    def _items(self, schema: Array | Map, path: str) -> None:
        if isinstance(schema, Array) and not self._limits.empty_items and min_size(schema.items) == 0:
            self._say(f"{path}[]", "items of at least one byte", "items that may take no byte")

    def _own(self, schema: Schema, path: str) -> None:
        if isinstance(schema, Record) and len(schema.fields) > self._limits.fields:
            self._say(path, f"at most {self._limits.fields} fields", str(len(schema.fields)))
        if isinstance(schema, Union) and len(schema.branches) > self._limits.branches:
            self._say(path, f"at most {self._limits.branches} branches", str(len(schema.branches)))
        if isinstance(schema, Enum) and len(schema.symbols) > self._limits.symbols:
            self._say(path, f"at most {self._limits.symbols} symbols", str(len(schema.symbols)))
        if isinstance(schema, Fixed) and schema.size > self._limits.fixed_bytes:
            self._say(path, f"at most {self._limits.fixed_bytes} bytes", str(schema.size))
        logical = schema.logical if isinstance(schema, Primitive | Fixed) else None
        if logical is not None and logical.precision > self._limits.precision:
            self._say(path, f"a decimal precision of at most {self._limits.precision}", str(logical.precision))


def _parts(schema: Schema) -> list[tuple[str, Schema]]:
    if isinstance(schema, Record):
        return [(f".{field.name}", field.type) for field in schema.fields]
    if isinstance(schema, Array):
        return [("[]", schema.items)]
    if isinstance(schema, Map):
        return [("{}", schema.values)]
    return [("", branch) for branch in schema.branches] if isinstance(schema, Union) else []


def _name(schema: Schema) -> str:
    return schema.name if isinstance(schema, Named) else type(schema).__name__.lower()
