"""Whether two types are the same in everything a comparison looks at: most of a new version is, and needs no walk."""

from __future__ import annotations

from avroad.codec.finite import is_finite
from avroad.schema import NO_DEFAULT, Array, Enum, Field, Fixed, Map, Primitive, Record, Schema, Union

__all__ = ["Alike", "same_default"]


class Alike:
    """One memory for many questions; a pair of types is compared once. One thread."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bool] = {}

    def __call__(self, one: Schema, two: Schema) -> bool:
        """Say whether both are alike; types with aliases never are, since an alias may collide with a field."""
        if type(one) is not type(two):
            return False
        if isinstance(one, Primitive):
            assert isinstance(two, Primitive)
            return one.name == two.name and one.logical == two.logical and is_finite(one) is is_finite(two)
        key = (id(one), id(two))
        known = self._known.get(key)
        if known is None:
            self._known[key] = True  # a type inside itself is alike unless something else in it is not
            known = self._known[key] = self._compare(one, two)
        return known

    def _compare(self, one: Schema, two: Schema) -> bool:
        if isinstance(one, Union):
            assert isinstance(two, Union)
            return len(one.branches) == len(two.branches) and all(map(self, one.branches, two.branches))
        if isinstance(one, Array):
            assert isinstance(two, Array)
            return self(one.items, two.items)
        if isinstance(one, Map):
            assert isinstance(two, Map)
            return self(one.values, two.values)
        if isinstance(one, Enum):
            assert isinstance(two, Enum)
            return _same_name(one, two) and one.symbols == two.symbols and one.default == two.default
        if isinstance(one, Fixed):
            assert isinstance(two, Fixed)
            return _same_name(one, two) and one.size == two.size and one.logical == two.logical
        assert isinstance(one, Record)  # the last kind there is
        assert isinstance(two, Record)
        return (
            _same_name(one, two)
            and len(one.fields) == len(two.fields)
            and all(map(self._fields, one.fields, two.fields))
        )

    def _fields(self, one: Field, two: Field) -> bool:
        return (
            one.name == two.name
            and not one.aliases
            and not two.aliases
            and same_default(one, two)
            and self(one.type, two.type)
        )


def same_default(one: Field, two: Field) -> bool:
    """Say whether two defaults are written alike; 1, 1.0 and true are not."""
    if one.default is NO_DEFAULT or two.default is NO_DEFAULT:
        return one.default is two.default
    return one.default == two.default and repr(one.default) == repr(two.default)


def _same_name(one: Enum | Fixed | Record, two: Enum | Fixed | Record) -> bool:
    return one.name == two.name and not one.aliases and not two.aliases
