"""Declarations that only Java takes, of schemas that others registered: after their use, and a second time.

Java's parser completes a name once the whole schema is read, and takes a second declaration that its `equals` does not
tell from the first: documentation, aliases and the default symbol of an enum may differ.
Source: apache/avro, lang/java, `ParseContext.java` and `Schema.java`, release 1.12.2.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from avroad.schema.json import NO_DEFAULT, Json, NoDefault
from avroad.schema.named import Enum, Field, Fixed, Named, Record
from avroad.schema.nodes import Array, Map, Primitive, Schema, Union

__all__ = ["Awaited", "declares_again", "settle"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Awaited(Schema):
    """Stands for a type that is not complete where its name is used.

    name: the full name; otherwise: a name to take where none is called so; path, word: the place and what it says.
    """

    name: str
    otherwise: str
    path: str
    word: str


def declares_again(first: Named, second: Named) -> bool:
    """Say whether Java finds a declaration equal to an earlier one of the same name.

    A name that was not complete where it was used equals nothing, not even itself: not in a record inside itself.
    """
    if type(first) is not type(second) or not _alike(first.props, second.props):
        return False
    if isinstance(first, Enum) and isinstance(second, Enum):
        return first.symbols == second.symbols
    if isinstance(first, Fixed) and isinstance(second, Fixed):
        return first.size == second.size and first.logical == second.logical
    assert isinstance(first, Record)  # the last kind there is
    assert isinstance(second, Record)
    return len(first.fields) == len(second.fields) and all(map(_same_field, first.fields, second.fields))


def settle(root: Schema, names: Mapping[str, Named], whole: Iterable[Named]) -> tuple[Schema, tuple[Awaited, ...]]:
    """Put the types in their names' places; return the schema, and the names that nothing is called by.

    whole: types in which no name is awaited. Records keep their identity, all else that holds an awaited name is new.
    """
    walk = _Settling(names, whole)
    return walk.of(root), tuple(walk.unknown)


class _Settling:
    """One pass; each record is completed once, which also ends recursion."""

    def __init__(self, names: Mapping[str, Named], whole: Iterable[Named]) -> None:
        self._names = names
        self._done = {id(node) for node in whole}
        self.unknown: list[Awaited] = []

    def of(self, node: Schema) -> Schema:
        if isinstance(node, Awaited):
            found = self._names.get(node.name) or self._names.get(node.otherwise)
            if found is None:
                self.unknown.append(node)
            return found or node
        if isinstance(node, Array):
            items = self.of(node.items)
            return node if items is node.items else replace(node, items=items)
        if isinstance(node, Map):
            values = self.of(node.values)
            return node if values is node.values else replace(node, values=values)
        if isinstance(node, Union):
            branches = tuple(map(self.of, node.branches))
            same = all(one is two for one, two in zip(branches, node.branches, strict=True))
            return node if same else replace(node, branches=branches)
        if isinstance(node, Record) and id(node) not in self._done:
            self._done.add(id(node))
            # A frozen node is completed late, as in the parser: its fields may point back at it.
            object.__setattr__(node, "fields", tuple(map(self._field, node.fields)))
        return node

    def _field(self, field: Field) -> Field:
        kind = self.of(field.type)
        return field if kind is field.type else replace(field, type=kind)


def _same_field(one: Field, two: Field) -> bool:
    same = one.name == two.name and one.order == two.order and _alike(one.props, two.props)
    return same and _alike(one.default, two.default) and _same_type(one.type, two.type)


def _same_type(one: Schema, two: Schema) -> bool:
    """A named type is what its name says, since each name has one meaning in a schema."""
    if isinstance(one, Named) and isinstance(two, Named):
        return one.name == two.name
    if type(one) is not type(two) or not _alike(one.props, two.props):
        return False
    if isinstance(one, Primitive) and isinstance(two, Primitive):
        return one.name == two.name and one.logical == two.logical
    if isinstance(one, Array) and isinstance(two, Array):
        return _same_type(one.items, two.items)
    if isinstance(one, Map) and isinstance(two, Map):
        return _same_type(one.values, two.values)
    if isinstance(one, Union) and isinstance(two, Union):
        return len(one.branches) == len(two.branches) and all(map(_same_type, one.branches, two.branches))
    return False


def _alike(one: Mapping[str, Json] | Json | NoDefault, two: Mapping[str, Json] | Json | NoDefault) -> bool:
    """1, 1.0 and true are not alike."""
    if one is NO_DEFAULT or two is NO_DEFAULT:
        return one is two
    return json.dumps(one, sort_keys=True) == json.dumps(two, sort_keys=True)
