"""Python source under construction: lines, the constants they refer to, and what each line is about.

No text of a schema becomes code. Names of fields, types and symbols enter as `repr()` of a string or as constants
of the namespace; the one exception are attribute names of generated classes, and only when they are plain ASCII
identifiers (see `classes.plain_identifiers`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from avroad.codec.plan import Node
from avroad.codec.runtime import Refused

__all__ = ["Mark", "Source"]

_MAX_INDENT: Final = 12


class Mark(NamedTuple):
    """What a line is about, so that its failure can be explained.

    path: of the value, from the function's own node; `{name}` stands for a local variable. nodes: what is read from
    position `i` on, each with what it adds to the path; none for lines around the value. reason: why the line
    refuses, "" when the bytes have to be looked at again. at: the local that holds the position of the fault.
    """

    path: str = ""
    nodes: tuple[tuple[str, Node], ...] = ()
    reason: str = ""
    at: str = "i"


class Source:
    """One module of generated functions. Constants are shared by identity; fresh names never repeat.

    marks: what each line is about, the first line's first.
    """

    def __init__(self) -> None:
        self.space: dict[str, Any] = {"Refused": Refused}
        self.marks: list[Mark] = []
        self._lines: list[str] = []
        self._mark = Mark()
        self._indent = 0
        self._count = 0
        self._constants: dict[int, str] = {}
        self._functions: dict[Hashable, str] = {}
        self._waiting: list[Callable[[], None]] = []

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
        self.marks.append(self._mark)

    def refuse(self, when: str, reason: str, at: str = "i") -> None:
        """Add a line that refuses for a known reason; when: a condition, "" for always."""
        before, self._mark = self._mark, self._mark._replace(reason=reason, at=at)
        self.line(f"if {when}: raise Refused" if when else "raise Refused")
        self._mark = before

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

    @contextmanager
    def about(self, nodes: Iterable[tuple[str, Node]], part: str = "") -> Iterator[None]:
        """Mark the lines added inside with the nodes they read and their path, `part` below the current one."""
        before = self._mark
        self._mark = Mark(before.path + part, tuple(nodes))
        yield
        self._mark = before

    @property
    def crowded(self) -> bool:
        """Whether the next container must get its own function (CPython allows 20 nested blocks)."""
        return self._indent > _MAX_INDENT

    def function(self, key: Hashable, arguments: str, body: Callable[[], None]) -> str:
        """Return the name of the function for `key`; `finish` adds it, its lines by `body`."""
        if key not in self._functions:
            name = self._functions[key] = self.fresh("f")

            def add() -> None:
                with self.block(f"def {name}({arguments}):"):
                    body()

            self._waiting.append(add)
        return self._functions[key]

    def finish(self) -> None:
        """Add the functions that the code so far calls, and those they call."""
        self._mark = Mark()
        while self._waiting:
            self._waiting.pop()()

    @property
    def text(self) -> str:
        """The whole module."""
        return "\n".join((*self._lines, ""))

    def build(self, entry: str) -> Any:  # noqa: ANN401 - a function of the caller's own shape
        """Compile and return one function of the module."""
        exec(compile(self.text, "<avroad codec>", "exec"), self.space)  # noqa: S102 - our own text; see above
        return self.space[entry]
