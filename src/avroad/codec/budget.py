"""What nodes cost: which get their own function, which may contain themselves, what one item takes of the budget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from avroad.codec.plan import (
    Branches,
    Chosen,
    Entries,
    Fields,
    FixedBytes,
    Items,
    Node,
    Scalar,
    Slot,
    Unreadable,
    parts,
)

__all__ = ["Costs", "is_container"]

_INLINE_COST: Final = 24
_RECORD: Final = 4
_VALUES_PER_ITEM: Final = 8
_VALUES_PER_BYTE: Final = _RECORD + 1


class Costs:
    """One measurement of everything below `root`; default_size: how many values a slot's default is built of.

    outlined: ids of nodes that need their own function. Large parts used in several places get one each, so that
    code grows with the schema, not with the schema written out. recursive: ids of those that may contain themselves.
    """

    def __init__(self, root: Node, default_size: Callable[[Slot], int] = lambda _slot: 0) -> None:
        self._default_size = default_size
        self._uses: dict[int, int] = {}
        self._code: dict[int, int] = {}
        self._unpaid: dict[int, int] = {}
        self._open: set[int] = set()
        self._inside_itself: set[int] = set()
        self._visit(root)
        shared = {i for i, n in self._uses.items() if n > 1 and self._code[i] > _INLINE_COST}
        self.recursive = frozenset(self._inside_itself)
        self.outlined = self.recursive | shared

    def items(self, node: Node) -> int:
        """Return how many items of the budget one value of `node` takes.

        Records, nulls and defaults cost time and memory but may take no byte, so that without a weight a few bytes
        could stand for millions of values. Bytes bound what comes with them: each pays for some values, as each item
        does.
        """
        return max(1, -(-self._values(node) // _VALUES_PER_ITEM))

    def _values(self, node: Node) -> int:
        """Return how many values one of `node` is built of, beyond what its bytes pay for; negative when they pay more.

        The most there can be: of a union the worst branch. Records inside themselves take items of their own, so a
        part that is one adds nothing; the items of an array or map are counted when they come.
        """
        key = id(node)
        if key not in self._unpaid:
            below = [0 if id(child) in self.recursive else self._values(child) for child in _same_item(node)]
            match node:
                case Fields(steps=steps, slots=slots, missing=missing):
                    filled = {step.slot for step in steps}
                    unfilled = () if missing else (slot for i, slot in enumerate(slots) if i not in filled)
                    values = _RECORD + sum(below) + sum(map(self._default_size, unfilled))
                case Branches() | Chosen():
                    values = max(below, default=0) - _VALUES_PER_BYTE * isinstance(node, Branches)
                case _:
                    values = 1 - _VALUES_PER_BYTE * _fewest_bytes(node)
            self._unpaid[key] = values
        return self._unpaid[key]

    def _visit(self, node: Node) -> None:
        key = id(node)
        self._uses[key] = self._uses.get(key, 0) + 1
        if key in self._open:
            self._inside_itself.add(key)
        if key in self._code:
            return
        below = [child for _, child in parts(node)]
        self._code[key] = 1
        self._open.add(key)
        for child in below:
            self._visit(child)
        self._open.discard(key)
        self._code[key] = 1 + sum(self._code[id(child)] for child in below)


def _same_item(node: Node) -> tuple[Node, ...]:
    return () if isinstance(node, Items | Entries) else tuple(child for _, child in parts(node))


def _fewest_bytes(node: Node) -> int:
    """Of a node without parts in the same item: an array or a map has its end."""
    match node:
        case Scalar(wire="null") | Unreadable():
            return 0
        case FixedBytes(size=size):
            return size
        case Scalar(wire="float"):
            return 4
        case Scalar(wire="double"):
            return 8
        case _:
            return 1


def is_container(node: Node) -> bool:
    """Say whether a node has parts that could be nested without end."""
    return isinstance(node, Fields | Items | Entries | Branches)
