"""Python source under construction: lines, fresh names and the constants they refer to.

No text of a schema becomes code. Names of fields, types and symbols enter as `repr()` of a string or as constants
of the namespace; the one exception are attribute names of generated classes, and only when they are plain ASCII
identifiers (see `classes.attributes`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType
from typing import Any

from avroad.codec.plan import Branches, Entries, Fields, Items, Node, parts

__all__ = ["Source", "outlined"]

_MAX_INDENT = 12
_INLINE_COST = 24


class Source:
    """One module of generated functions. Constants are shared by identity; fresh names never repeat."""

    def __init__(self) -> None:
        self.space: dict[str, Any] = {}
        self._lines: list[str] = []
        self._indent = 0
        self._count = 0
        self._constants: dict[int, str] = {}
        self._done: list[str] = []

    def fresh(self, letter: str) -> str:
        """Return a new local name."""
        self._count += 1
        return f"{letter}{self._count}"

    def constant(self, value: object, hint: str = "K") -> str:
        """Return the global name of a constant."""
        name = self._constants.get(id(value))
        if name is None:
            name = self.fresh(f"{hint}_")
            self._constants[id(value)] = name
            self.space[name] = value  # kept here, so that its id stays its own
        return name

    def line(self, text: str) -> None:
        """Add one line at the current depth."""
        self._lines.append(f"{' ' * self._indent}{text}")

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Add a compound statement; what is added inside is its body."""
        self.line(head)
        self._indent += 1
        before = len(self._lines)
        yield
        if len(self._lines) == before:
            self.line("pass")
        self._indent -= 1

    @property
    def crowded(self) -> bool:
        """Whether the next container must get its own function (CPython allows 20 nested blocks)."""
        return self._indent > _MAX_INDENT

    def function_done(self) -> None:
        """Close the function whose lines were just added."""
        self._done.extend(self._lines)
        self._lines.clear()

    @property
    def text(self) -> str:
        """The whole module."""
        return "\n".join((*self._done, *self._lines, ""))

    def build(self, entry: str) -> Any:  # noqa: ANN401 - a function of the caller's own shape
        """Compile and return one function of the module."""
        code: CodeType = compile(self.text, "<avroad codec>", "exec")
        exec(code, self.space)  # noqa: S102 - our own text; see the module's first paragraph
        return self.space[entry]


@lru_cache(maxsize=256)
def outlined(root: Node) -> tuple[frozenset[int], frozenset[int]]:
    """Return the ids of nodes that need their own function, and those of them that may contain themselves.

    Large parts used in several places get one function each, so that code grows with the schema, not with the
    size of the schema written out. Kept, because every refusal asks again.
    """
    uses: dict[int, int] = {}
    cost: dict[int, int] = {}
    recursive: set[int] = set()
    open_nodes: set[int] = set()

    def visit(node: Node) -> int:
        uses[id(node)] = uses.get(id(node), 0) + 1
        if id(node) in open_nodes:
            recursive.add(id(node))
            return 1
        if id(node) not in cost:
            open_nodes.add(id(node))
            cost[id(node)] = 1 + sum(visit(child) for child in parts(node))
            open_nodes.discard(id(node))
        return cost[id(node)]

    visit(root)
    shared = {i for i, n in uses.items() if n > 1 and cost[i] > _INLINE_COST}
    return frozenset(recursive | shared), frozenset(recursive)


def is_container(node: Node) -> bool:
    """Say whether a node has parts that could be nested without end."""
    return isinstance(node, Fields | Items | Entries | Branches)
