"""Unions in Python: which branch a value belongs to, by exact type or class, and which branches need their name.

Plain data cannot tell two records, or an enum and a string, apart: such branches of named types are taken and
given as `(full name, value)`. A generated class names its own branch, and `None`, numbers, text, bytes, times,
lists and dicts name theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Final

from avroad.codec.logical import python_type
from avroad.codec.plain import PLAIN_MAPS
from avroad.codec.source import Source
from avroad.schema import Array, Enum, Fixed, Logical, Named, Primitive, Record, Schema, Union

__all__ = ["Branch", "Types", "arms", "branches_of"]

Types = Mapping[str, type]
"""Generated classes by full name."""

PRIMITIVE_TYPES: Final[Mapping[str, type]] = {
    "null": NoneType,
    "boolean": bool,
    "int": int,
    "long": int,
    "float": float,
    "double": float,
    "bytes": bytes,
    "string": str,
}


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


def branches_of(union: Union, types: Types) -> tuple[Branch, ...]:
    """Return the branches in the wire's order, which is the order in which a value is tried."""
    kinds = [_kind_of(branch) for branch in union.branches]
    counts = Counter(kinds)
    found = []
    for i, schema in enumerate(union.branches):
        name = schema.name if isinstance(schema, Named) else ""
        found.append(
            Branch(
                index=i,
                name=name,
                cls=types.get(name) if isinstance(schema, Record | Enum) else None,
                kind=kinds[i],
                ambiguous=bool(name) and counts[kinds[i]] > 1,
                test=_test(union, i) if counts[kinds[i]] > 1 else "",
            )
        )
    return tuple(found)


def arms(union: Union, types: Types, source: Source, var: str) -> list[tuple[Branch, str, bool]]:
    """Return (branch, condition, named) in the order in which the value in the local `var` is tried.

    condition: code that says whether the value is the branch's; named: it is (full name, value), so that the value
    itself is `var[1]`.
    """
    shapes = branches_of(union, types)
    pair = f"type({var}) is tuple and len({var}) == 2 and type({var}[0]) is str and {var}[0] =="
    named = [(shape, f"{pair} {shape.name!r}", True) for shape in shapes if shape.name]
    plain = [(shape, test, False) for shape in shapes if (test := _condition(shape, source, var))]
    plain.sort(key=lambda arm: arm[0].kind is not NoneType)
    return [*named, *plain] if any(shape.kind is list for shape in shapes) else [*plain, *named]


def _kind_of(schema: Schema) -> type:
    """Return the Python type of a schema's plain values."""
    logical: Logical | None = getattr(schema, "logical", None)
    if logical is not None:
        return python_type(logical)
    if isinstance(schema, Primitive):
        return PRIMITIVE_TYPES[schema.name]
    if isinstance(schema, Fixed):
        return bytes
    if isinstance(schema, Enum):
        return str
    return list if isinstance(schema, Array) else dict


def _test(union: Union, i: int) -> str:
    """Among unnamed branches of one Python type the first that holds the value exactly takes it; of floats, double."""
    schema = union.branches[i]
    if not isinstance(schema, Primitive):
        return ""
    if schema.logical is not None:
        return "millis" if schema.logical.name == "time-millis" else ""
    if schema.name == "float" and any(isinstance(b, Primitive) and b.name == "double" for b in union.branches):
        return "never"
    return "int" if schema.name == "int" else ""


def _condition(shape: Branch, source: Source, var: str) -> str:
    """Return the condition under which a value without a name belongs to the branch, "" for never."""
    tests = []
    if shape.cls is not None:
        tests.append(f"type({var}) is {source.constant(shape.cls, 'C')}")
    if not shape.ambiguous:
        tests.append(_plain_condition(shape, source, var))
    return " or ".join(test for test in tests if test)


def _plain_condition(shape: Branch, source: Source, var: str) -> str:
    if shape.kind is NoneType:
        return f"{var} is None"
    if shape.kind is list:
        return f"type({var}) is list or type({var}) is tuple"
    if shape.kind is dict:
        return f"isinstance({var}, {'dict' if shape.name else source.constant(PLAIN_MAPS)})"
    exact = f"type({var}) is {source.constant(shape.kind)}"
    if shape.test == "int":
        return f"{exact} and -2147483648 <= {var} <= 2147483647"
    if shape.test == "millis":
        return f"{exact} and {var}.microsecond % 1000 == 0"
    return "" if shape.test == "never" else exact
