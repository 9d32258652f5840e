"""What is wrong with one schema: a bounded list of problems, and what a name that nothing is called by may mean."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import replace
from typing import Final

from avroad.errors import Problem

__all__ = ["Problems"]

_MAX_PROBLEMS: Final = 100
# A suggestion compares a name with each of the others, which for long names of few letters takes a millisecond.
_MAX_COMPARISONS: Final = 1_000
_MAX_COMPARED: Final = 80


class Problems:
    """The problems of one parse; of very many, the first and their number. One thread."""

    def __init__(self, file: str) -> None:
        """file: what messages call the schema."""
        self._file = file
        self._found: list[Problem] = []
        self._unknown: dict[int, tuple[str, str]] = {}  # names that were not known, by the problem's number
        self.count = 0  # those left out included
        self._comparisons = 0

    def note(self, path: str, expected: str, found: str, fix: str = "") -> None:
        """Add a problem."""
        self.count += 1
        if len(self._found) < _MAX_PROBLEMS:
            self._found.append(Problem(file=self._file, path=path, expected=expected, found=found, fix=fix))

    def unknown(self, name: str, full: str, path: str, others: Collection[str]) -> None:
        """Add a name that nothing is called by so far. full: with its namespace; others: the names there are."""
        if len(self._found) < _MAX_PROBLEMS:
            self._unknown[len(self._found)] = full, name
        self.note(path, "a type name", f'"{name[:80]}"', self._suggestion(name, others))

    def places(self) -> list[str]:
        """Return the path of each problem."""
        return [problem.path for problem in self._found]

    def told(self, names: Collection[str]) -> tuple[Problem, ...]:
        """Return the problems to tell, with the number of those left out. names: of all types that are declared."""
        told = tuple(self._in_order(i, problem, names) for i, problem in enumerate(self._found))
        left_out = self.count - len(told)
        if not left_out:
            return told
        found = f"{left_out} more"
        rest = Problem(file=self._file, path="$", expected=f"at most {_MAX_PROBLEMS} problems", found=found)
        return *told, rest

    def _in_order(self, number: int, problem: Problem, names: Collection[str]) -> Problem:
        """Say of a name that is declared further down how to declare it in time."""
        later = next((name for name in self._unknown.get(number, ()) if name in names), "")
        if not later:
            return problem
        fix = f"declare {later} here, and write its name where it is declared now"
        return replace(problem, expected="a type that is declared before it is used", fix=fix)

    def _suggestion(self, name: str, others: Collection[str]) -> str:
        """Return "did you mean", or nothing when none is close or the search would be long."""
        if len(name) > _MAX_COMPARED or self._comparisons + len(others) > _MAX_COMPARISONS:
            return ""
        self._comparisons += len(others)
        close = difflib.get_close_matches(name, others, n=1)
        return f'did you mean "{close[0]}"?' if close else ""
