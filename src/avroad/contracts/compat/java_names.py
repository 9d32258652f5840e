"""The names Java's reader gives a writer's types and fields: it renames them by the reader's aliases, all at once.

Not type by type: an alias counts for every type of that name, wherever it is used, and a field's alias only for the
record that bears the reader's full name by then. Both are applied twice over, unless the schemas are equal before.
Source: apache/avro, lang/java, `Schema.applyAliases`, called by `FastReaderBuilder` and again by `Resolver`, 1.12.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

from avroad.contracts.compat.alike import same_default
from avroad.schema import Array, Enum, Field, Fixed, Map, Named, Primitive, Record, Schema, Union, children

__all__ = ["JavaNames", "has_aliases"]

_TIMES: Final = 2


class JavaNames:
    """The renaming for one reader and one writer.

    claims: whether one of the reader's types has the name of another one as an alias, or two have one alias, so that a
    type that did not change may be renamed.
    """

    def __init__(self, reader: Schema, writer: Schema, *, renames: bool) -> None:
        """Raise RecursionError for schemas nested too deeply to walk.

        renames: whether the reader has any alias; without one every name stays.
        """
        self._whole = reader, writer
        self._types: dict[str, str] = {}
        self._fields: dict[str, dict[str, str]] = {}
        self._names: set[str] = set()
        self._records: dict[str, Record] = {}
        self._renames = renames
        self.claims = False
        if renames:
            self._collect(reader)
            self.claims = self.claims or bool(self._types.keys() & self._names)

    @cached_property
    def _times(self) -> int:
        """How often the aliases are applied; only where one of them is a name as well does it make a difference."""
        if self.claims or any(self._live(record) for record in self._records.values()):
            return self._needed(*self._whole)
        return 1 if self._renames else 0

    def type_name(self, writer: Named) -> str:
        """Return the full name a type of the writer has for Java."""
        return self._type_name(writer.name, self._times)

    def field_names(self, writer: Record) -> Sequence[str]:
        """Return the names a record's fields have for Java, in the writer's order."""
        return self._field_names(writer, self._times)

    def clash(self) -> str:
        """Return the name that two fields of a record, or two branches of a union, have for Java; "" where none has.

        Java's reader then raises before it reads anything.
        """
        for node in _with_names(self._whole[1]):
            if isinstance(node, Record):
                if node.name in self._fields or node.name in self._types:
                    for times in range(1, self._times + 1):
                        if twice := _twice(self._field_names(node, times)):
                            return twice
            elif any(isinstance(branch, Named) and branch.name in self._types for branch in node.branches):
                named = [branch.name for branch in node.branches if isinstance(branch, Named)]
                for times in range(1, self._times + 1):
                    if twice := _twice([self._type_name(name, times) for name in named]):
                        return twice
        return ""

    def _collect(self, node: Schema) -> None:
        """Gather aliases in Java's order: of several types or fields with one alias the last gets it."""
        if isinstance(node, Named):
            self._names.add(node.name)
            for alias in node.aliases:
                self.claims = self.claims or self._types.get(alias, node.name) != node.name
                self._types[alias] = node.name
        if isinstance(node, Record):
            if node.name not in self._records:
                self._records[node.name] = node
                self._collect_fields(node)
        else:
            for part in children(node):
                if not isinstance(part, Primitive):
                    self._collect(part)

    def _collect_fields(self, record: Record) -> None:
        for field in record.fields:
            for alias in field.aliases:
                self._fields.setdefault(record.name, {})[alias] = field.name
            if not isinstance(field.type, Primitive):
                self._collect(field.type)
        if record.name in self._fields:
            for alias in record.aliases:
                self._fields[alias] = self._fields[record.name]

    def _live(self, record: Record) -> bool:
        aliases = self._fields.get(record.name)
        return aliases is not None and any(field.name in aliases for field in record.fields)

    def _type_name(self, name: str, times: int) -> str:
        for _ in range(times):
            name = self._types.get(name, name)
        return name

    def _field_names(self, writer: Record, times: int) -> Sequence[str]:
        name, names = writer.name, [field.name for field in writer.fields]
        for _ in range(times):
            name = self._types.get(name, name)
            aliases = self._fields.get(name)
            if aliases is not None:
                names = [aliases.get(field, field) for field in names]
        return names

    def _needed(self, reader: Schema, writer: Schema) -> int:
        """Return how often the aliases are applied: not any more once the writer equals the reader."""
        return next((times for times in range(_TIMES) if self._equal(reader, writer, times, set())), _TIMES)

    def _equal(self, one: Schema, two: Schema, times: int, seen: set[tuple[int, int]]) -> bool:
        """Say whether Java finds the reader's `one` equal to the renamed `two`; aliases and words are not compared."""
        if type(one) is not type(two) or one.props != two.props:
            return False
        if isinstance(one, Named):
            assert isinstance(two, Named)
            if one.name != self._type_name(two.name, times):
                return False
        if isinstance(one, Record):
            assert isinstance(two, Record)
            if (id(one), id(two)) in seen:
                return True
            seen.add((id(one), id(two)))
            names = self._field_names(two, times)
            return len(one.fields) == len(two.fields) and all(
                field.name == name and _same_field(field, other) and self._equal(field.type, other.type, times, seen)
                for field, other, name in zip(one.fields, two.fields, names, strict=True)
            )
        parts, others = children(one), children(two)
        return _same_leaf(one, two) and len(parts) == len(others) and all(
            self._equal(part, other, times, seen) for part, other in zip(parts, others, strict=True)
        )  # fmt: skip


def has_aliases(schema: Schema) -> bool:
    """Say whether any type or field has an alias; most schemas have none, and this is asked of every reader."""
    seen: set[int] = set()
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Primitive):
            continue
        if isinstance(node, Union):
            waiting += node.branches
        elif isinstance(node, Named):
            if node.aliases:
                return True
            if isinstance(node, Record) and id(node) not in seen:
                seen.add(id(node))
                if any(field.aliases for field in node.fields):
                    return True
                waiting += [field.type for field in node.fields if type(field.type) is not Primitive]
        else:
            waiting += children(node)
    return False


def _twice(names: Sequence[str]) -> str:
    """Return a name that is there more than once, "" where none is."""
    if len(set(names)) == len(names):
        return ""
    return next(name for name in names if names.count(name) > 1)


def _same_field(one: Field, two: Field) -> bool:
    return same_default(one, two) and one.order == two.order and one.props == two.props


def _same_leaf(one: Schema, two: Schema) -> bool:
    if isinstance(one, Primitive) and isinstance(two, Primitive):
        return (one.name, one.logical) == (two.name, two.logical)
    if isinstance(one, Enum) and isinstance(two, Enum):
        return one.symbols == two.symbols
    if isinstance(one, Fixed) and isinstance(two, Fixed):
        return (one.size, one.logical) == (two.size, two.logical)
    return isinstance(one, Array | Map | Union)


def _with_names(schema: Schema) -> Iterator[Record | Union]:
    """Yield every record, once, and every union."""
    seen: set[int] = set()
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Record):
            if id(node) in seen:
                continue
            seen.add(id(node))
            yield node
            waiting += [field.type for field in node.fields if not isinstance(field.type, Primitive)]
        elif isinstance(node, Union):
            yield node
            waiting += [branch for branch in node.branches if not isinstance(branch, Primitive)]
        elif isinstance(node, Array | Map):
            waiting += children(node)
