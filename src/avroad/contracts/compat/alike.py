"""Whether two types are the same in everything a comparison looks at: most of a new version is, and needs no walk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from avroad.codec.finite import is_finite
from avroad.schema import NO_DEFAULT, Array, Enum, Field, Fixed, Map, Named, Primitive, Record, Schema, Union

__all__ = ["Alike", "same_default"]

_TAKES_TOO: Final[Mapping[str, frozenset[str]]] = {
    "string": frozenset({"bytes"}),
    "bytes": frozenset({"string"}),
    "long": frozenset({"float", "double"}),
}
"""Per primitive those that take its values too, and change them."""
_A_PAIR: Final = 2


class Alike:
    """One memory for many questions; a pair of records is compared once. One thread."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bool] = {}
        self._open: dict[tuple[int, int], int] = {}  # pairs that are being compared, by their depth
        self._supposed: list[tuple[int, int]] = []  # pairs that are alike if an open one is
        self._lowest = 0  # depth of the outermost open pair that an answer rests on

    def __call__(self, one: Schema, two: Schema) -> bool:
        """Say whether both are alike.

        Types with aliases never are, since an alias may collide with a field, nor unions with branches that libraries
        mix up.
        """
        if type(one) is not type(two):
            return False
        if isinstance(one, Primitive):
            assert isinstance(two, Primitive)
            return one.name == two.name and one.logical == two.logical and is_finite(one) is is_finite(two)
        if not isinstance(one, Record):
            return self._compare(one, two)
        assert isinstance(two, Record)
        key = (id(one), id(two))
        known = self._known.get(key)
        if known is None:
            return self._records(key, one, two)
        if key in self._open:
            self._lowest = min(self._lowest, self._open[key])
        return known

    def _records(self, key: tuple[int, int], one: Record, two: Record) -> bool:
        """A record in itself is alike unless something else in it is not; then what was built on that goes, too."""
        depth, first, outer = len(self._open), len(self._supposed), self._lowest
        self._open[key] = self._lowest = depth
        self._known[key] = True
        alike = self._known[key] = (
            _same_name(one, two)
            and len(one.fields) == len(two.fields)
            and all(map(self._fields, one.fields, two.fields))
        )
        del self._open[key]
        if not alike:
            for other in self._supposed[first:]:
                self._known.pop(other, None)
        if not alike or self._lowest == depth:
            del self._supposed[first:]
        else:
            self._supposed.append(key)
        self._lowest = min(outer, self._lowest)
        return alike

    def _compare(self, one: Schema, two: Schema) -> bool:
        if isinstance(one, Union):
            assert isinstance(two, Union)
            same = len(one.branches) == len(two.branches) and all(map(self, one.branches, two.branches))
            return same and _told_apart(one)
        if isinstance(one, Array):
            assert isinstance(two, Array)
            return self(one.items, two.items)
        if isinstance(one, Map):
            assert isinstance(two, Map)
            return self(one.values, two.values)
        if isinstance(one, Enum):
            assert isinstance(two, Enum)
            return _same_name(one, two) and one.symbols == two.symbols and one.default == two.default
        assert isinstance(one, Fixed)  # the last kind there is
        assert isinstance(two, Fixed)
        return _same_name(one, two) and one.size == two.size and one.logical == two.logical

    def _fields(self, one: Field, two: Field) -> bool:
        return (
            one.name == two.name
            and not one.aliases
            and not two.aliases
            and same_default(one, two)
            and self(one.type, two.type)
        )


def _told_apart(union: Union) -> bool:
    """Say whether a library that takes the first branch that fits takes the right one for every branch."""
    first = union.branches[0] if union.branches else None
    if len(union.branches) <= _A_PAIR and isinstance(first, Primitive) and first.name == "null":
        return True  # as most unions are
    names: set[str] = set()
    for branch in union.branches:
        if isinstance(branch, Named):
            if branch.short_name in names:
                return False
            names.add(branch.short_name)
        elif isinstance(branch, Primitive):
            if names & _TAKES_TOO.get(branch.name, frozenset()):
                return False
            names.add(branch.name)
    return True


def same_default(one: Field, two: Field) -> bool:
    """Say whether two defaults are written alike; 1, 1.0 and true are not."""
    if one.default is NO_DEFAULT or two.default is NO_DEFAULT:
        return one.default is two.default
    return one.default == two.default and repr(one.default) == repr(two.default)


def _same_name(one: Enum | Fixed | Record, two: Enum | Fixed | Record) -> bool:
    return one.name == two.name and not one.aliases and not two.aliases
