"""Schema nodes without a name: primitives, arrays, maps, unions.

Nodes compare and hash by identity because schemas may be recursive; compare meanings with `fingerprint`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from avroad.schema.json import Json
from avroad.schema.logical import Logical

__all__ = ["Array", "Map", "Primitive", "Schema", "Union"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schema:
    """Any schema node.

    props: attributes the Avro specification does not define, as written; out_of_order: of what was parsed as a whole,
    the names that are used before they are declared, or declared twice, which only Java's parser takes.
    """

    props: Mapping[str, Json] = field(default_factory=dict)
    out_of_order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Primitive(Schema):
    """One of null, boolean, int, long, float, double, bytes, string."""

    name: str
    logical: Logical | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Array(Schema):
    """An array of `items`."""

    items: Schema


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Map(Schema):
    """A map from string to `values`."""

    values: Schema


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Union(Schema):
    """A union; the branch number on the wire is the position in `branches`."""

    branches: tuple[Schema, ...]
