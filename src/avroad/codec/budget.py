"""What nodes cost: which get their own function, which may contain themselves, what one item takes of the budget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from avroad.codec.plan import Branches, Entries, Fields, FixedBytes, Items, Node, Scalar, Slot, parts

__all__ = ["Costs", "is_container"]

_INLINE_COST: Final = 24
_RECORD: Final = 4
_FREE_VALUES_PER_ITEM: Final = 8


class Costs:
    """One measurement of everything below `root`; default_size: how many values a slot's default is built of.

    outlined: ids of nodes that need their own function. Large parts used in several places get one each, so that
    code grows with the schema, not with the schema written out. recursive: ids of those that may contain themselves.
    """

    def __init__(self, root: Node, default_size: Callable[[Slot], int] = lambda _slot: 0) -> None:
        self._default_size = default_size
        self._uses: dict[int, int] = {}
        self._code: dict[int, int] = {}
        self._free: dict[int, int] = {}
        self._open: set[int] = set()
        self._inside_itself: set[int] = set()
        self._visit(root)
        shared = {i for i, n in self._uses.items() if n > 1 and self._code[i] > _INLINE_COST}
        self.recursive = frozenset(self._inside_itself)
        self.outlined = self.recursive | shared

    def items(self, node: Node) -> int:
        """Return how many items of the budget one value of `node` takes.

        Records, nulls and defaults cost time and memory but may take no byte, so that without a weight a few bytes
        could stand for millions of values. What takes bytes is bounded by them.
        """
        return max(1, -(-self._free[id(node)] // _FREE_VALUES_PER_ITEM))

    def _visit(self, node: Node) -> None:
        key = id(node)
        self._uses[key] = self._uses.get(key, 0) + 1
        if key in self._open:
            self._inside_itself.add(key)
        if key in self._code:
            return
        below = [child for _, child in parts(node)]
        self._code[key], self._free[key] = 1, 0
        self._open.add(key)
        for child in below:
            self._visit(child)
        self._open.discard(key)
        self._code[key] = 1 + sum(self._code[id(child)] for child in below)
        free = [self._free[id(child)] for child in below]
        match node:
            case Fields():
                filled = {step.slot for step in node.steps}
                unfilled = () if node.missing else (s for i, s in enumerate(node.slots) if i not in filled)
                self._free[key] = _RECORD + sum(free) + sum(map(self._default_size, unfilled))
            case Items() | Entries() | Scalar(wire="null") | FixedBytes(size=0):
                self._free[key] = 1
            case _:
                self._free[key] = max(free, default=0)


def is_container(node: Node) -> bool:
    """Say whether a node has parts that could be nested without end."""
    return isinstance(node, Fields | Items | Entries | Branches)
