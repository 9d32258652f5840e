"""Unions in Python: which branch a value belongs to, by exact type or class, and which branches need their name.

Plain data cannot tell two records, or an enum and a string, apart: such branches of named types are taken and
given as `(full name, value)`. A generated class names its own branch, and `None`, numbers, text, bytes, times,
lists and dicts name theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType, NoneType

from avroad.codec.logical import python_type
from avroad.schema import Array, Enum, Fixed, Logical, Named, Primitive, Record, Schema, Union

__all__ = ["Branch", "Types", "branches_of", "kind_of", "select"]

Types = Mapping[str, type]
"""Generated classes by full name."""

_PRIMITIVE_TYPES: Mapping[str, type] = {
    "null": NoneType,
    "boolean": bool,
    "int": int,
    "long": int,
    "float": float,
    "double": float,
    "bytes": bytes,
    "string": str,
}

PLAIN_MAPS = (dict, MappingProxyType)
"""What is written as a map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """How values of one union branch look in Python.

    index: on the wire; name: full name, "" for unnamed types; cls: generated class or None; kind: type of plain
    values; ambiguous: plain values need the name, because another branch has values of the same type;
    test: "" or what else a value must fulfil to tell unnamed branches apart.
    """

    index: int
    name: str
    cls: type | None
    kind: type
    ambiguous: bool
    test: str

    @property
    def tagged(self) -> bool:
        """Whether reading gives (name, value)."""
        return self.ambiguous and self.cls is None


def kind_of(schema: Schema) -> type:
    """Return the Python type of a schema's plain values."""
    logical: Logical | None = getattr(schema, "logical", None)
    if logical is not None:
        return python_type(logical)
    if isinstance(schema, Primitive):
        return _PRIMITIVE_TYPES[schema.name]
    if isinstance(schema, Fixed):
        return bytes
    if isinstance(schema, Enum):
        return str
    return list if isinstance(schema, Array) else dict


def branches_of(union: Union, types: Types) -> tuple[Branch, ...]:
    """Return the branches in the wire's order, which is the order in which a value is tried."""
    kinds = [kind_of(branch) for branch in union.branches]
    found = []
    for i, schema in enumerate(union.branches):
        name = schema.name if isinstance(schema, Named) else ""
        found.append(
            Branch(
                index=i,
                name=name,
                cls=types.get(name) if isinstance(schema, Record | Enum) else None,
                kind=kinds[i],
                ambiguous=bool(name) and kinds.count(kinds[i]) > 1,
                test=_test(union, kinds, i),
            )
        )
    return tuple(found)


def _test(union: Union, kinds: list[type], i: int) -> str:
    """Among unnamed branches of one Python type the first that holds the value exactly takes it; of floats, double."""
    schema = union.branches[i]
    if kinds.count(kinds[i]) == 1 or not isinstance(schema, Primitive):
        return ""
    if schema.name == "int" and kinds[i] is int:
        return "int"
    if schema.name == "float" and any(isinstance(b, Primitive) and b.name == "double" for b in union.branches):
        return "never"
    return "millis" if schema.logical is not None and schema.logical.name == "time-millis" else ""


def select(union: Union, types: Types, value: object) -> tuple[int, object] | None:
    """Return (branch, value without its name) for a value of the union, None when no branch takes it."""
    branches = branches_of(union, types)
    if type(value) is tuple and len(value) == 2:  # noqa: PLR2004 - a pair
        for branch in branches:
            if branch.name and type(value[0]) is str and value[0] == branch.name:
                return branch.index, value[1]
    for branch in branches:
        if branch.cls is not None and type(value) is branch.cls:
            return branch.index, value
        if not branch.ambiguous and _takes(branch, value):
            return branch.index, value
    return None


def _takes(branch: Branch, value: object) -> bool:
    """Say whether a plain value has the branch's type; generated code makes the same test."""
    if branch.kind is list:
        return type(value) in {list, tuple}
    if branch.kind is dict:
        return isinstance(value, dict if branch.name else PLAIN_MAPS)
    if type(value) is not branch.kind:
        return False
    if branch.test == "int":
        return isinstance(value, int) and -0x80000000 <= value <= 0x7FFFFFFF  # noqa: PLR2004 - the range of an int
    if branch.test == "millis":
        return getattr(value, "microsecond", 0) % 1000 == 0
    return branch.test != "never"
