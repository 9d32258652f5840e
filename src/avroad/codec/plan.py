"""The plan of one (writer, reader) pair: every question of schema resolution answered before the first byte.

Nodes follow the writer's order on the wire and carry what the reader wants: a slot or nothing, a promotion, a
default, symbols, a union branch. The generators and the explainers walk the same nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from avroad.schema import NO_DEFAULT, Json, Logical, NoDefault, Schema, Union

__all__ = ["Conflict", "Node", "Plan", "parts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One place where data of the writer cannot be read.

    path: in the writer's data; partial: only some data fails (a branch, a symbol, an item that need not occur);
    meaning: the bytes could be read, but would silently mean something else (a logical type's unit, kind or scale),
    which registries do not see.
    """

    path: str
    expected: str
    found: str
    partial: bool
    meaning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """One wire value. Nodes compare by identity because types may be recursive."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scalar(Node):
    """A primitive. wire: the writer's type; read: the reader's after promotion.

    logical: the reader's; written: the writer's, None without one. finite: NaN and infinities are refused;
    promised: the writer refuses them as well.
    """

    wire: str
    read: str
    logical: Logical | None
    written: Logical | None = None
    finite: bool = False
    promised: bool = False


MAP_KEY: Final = Scalar(wire="string", read="string", logical=None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FixedBytes(Node):
    """Exactly `size` bytes of the reader's type `name`; logical, written: as in Scalar."""

    name: str
    size: int
    logical: Logical | None
    written: Logical | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Symbols(Node):
    """An enum of the reader's type `name`; by writer's position the reader's symbol, None where it has none."""

    name: str
    written: tuple[str, ...]
    read: tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Items(Node):
    """An array."""

    item: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entries(Node):
    """A map from string."""

    value: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Branches(Node):
    """A union of the writer; the position on the wire selects the node."""

    union: Union
    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chosen(Node):
    """A value that is branch `branch` of the reader's union."""

    node: Node
    union: Union
    branch: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """One field on the wire; slot: its position among the reader's fields, None when it is only skipped."""

    name: str
    node: Node
    slot: int | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slot:
    """One field of the reader; default and type stand in where the writer has no such field."""

    name: str
    type: Schema
    default: Json | NoDefault = NO_DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fields(Node):
    """A record of the reader's type `name`: steps in the writer's order, slots in the reader's.

    missing: reader fields without a value, each (name, why); any of them makes the record unreadable.
    """

    name: str
    written: str
    steps: tuple[Step, ...] = ()
    slots: tuple[Slot, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unreadable(Node):
    """Data that reaches this node cannot be read; meaning: it could, but would silently mean something else."""

    expected: str
    found: str
    meaning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """How to read data of `writer` as `reader`; with one schema for both, also how to write it.

    conflicts: everything that cannot be read, in the writer's order; empty when every datum can.
    """

    writer: Schema
    reader: Schema
    root: Node
    conflicts: tuple[Conflict, ...]


def parts(node: Node) -> tuple[tuple[str, Node], ...]:
    """Return the nodes directly below `node`, each with what it adds to a path."""
    match node:
        case Fields(steps=steps):
            return tuple((f".{step.name}", step.node) for step in steps)
        case Branches(branches=branches):
            return tuple(("", branch) for branch in branches)
        case Items(item=item):
            return (("[]", item),)
        case Entries(value=value):
            return (("{}", value),)
        case Chosen(node=chosen):
            return (("", chosen),)
        case _:
            return ()
