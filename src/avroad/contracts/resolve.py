"""Names across the files of `schemas/`: who declares what, who refers to whom, and every name that does not hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from avroad.config.shape import did_you_mean
from avroad.contracts.references import Names, scan
from avroad.errors import Problem
from avroad.schema import PRIMITIVES, Json

__all__ = ["SchemaFile", "resolve_files"]

_COMPLEX: Final = ("record", "enum", "fixed", "array", "map")


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaFile:
    """One file before parsing.

    name: full name the file is named after. references: full names taken from other files, sorted.
    paths: where it names types of other files; those places are judged here, not by the parser.
    """

    name: str
    shown: str
    value: Json
    references: tuple[str, ...] = ()
    paths: frozenset[str] = frozenset()


def resolve_files(
    raw: Mapping[str, tuple[str, Json]], names: Collection[str], problems: list[Problem]
) -> dict[str, SchemaFile]:
    """Return the files with their references; append a problem for each name that does not hold.

    raw: path as shown and JSON per file name. names: all file names, also of files that could not be read.
    """
    resolver = _Resolver(names, problems)
    scanned = {name: (shown, value, scan(value)) for name, (shown, value) in raw.items()}
    for name, (shown, _, found) in scanned.items():
        resolver.declare(name, shown, found)
    return {name: resolver.file(name, shown, value, found) for name, (shown, value, found) in scanned.items()}


class _Resolver:
    """owners: per declared name the file that declares it inside another type, "" for a type with its own file."""

    def __init__(self, names: Collection[str], problems: list[Problem]) -> None:
        self._owners: dict[str, str] = dict.fromkeys(names, "")
        self._names = names
        self._problems = problems

    def _say(self, file: str, path: str, expected: str, found: str, fix: str = "") -> None:
        self._problems.append(Problem(file=file, path=path, expected=expected, found=found, fix=fix))

    def declare(self, name: str, shown: str, found: Names) -> None:
        """Note what a file declares and check that it is the type the file is named after."""
        top = next((full for full, place in found.declared.items() if place == "$"), None)
        if top is None:
            self._say(shown, "$", "one record, enum or fixed with a name", "a schema without one")
        elif top != name:
            expected = f'the type "{name}", after which the file is named'
            self._say(shown, "$.name", expected, f'"{top}"', f"rename the file to schemas/{top}.avsc?")
        for full, place in found.declared.items():
            if full == name or place == "$":
                continue
            if full in self._owners:
                where = self._owners[full] or f"schemas/{full}.avsc"
                fix = "keep one declaration and refer to it by full name"
                self._say(
                    shown, f"{place}.name", "each type declared in one file", f'"{full}", also declared in {where}', fix
                )
            self._owners.setdefault(full, shown)

    def file(self, name: str, shown: str, value: Json, found: Names) -> SchemaFile:
        """Return a file with its references; called when all files are declared."""
        references: set[str] = set()
        paths: set[str] = set()
        for place, written, full in found.used:
            if full in found.declared or written in found.declared:
                continue
            paths.add(place)
            target = full if full in self._owners else written
            if target in self._names:
                references.add(target)
            wrong = self._reference_problem(written, target, found)
            if wrong is not None:
                self._say(shown, place, *wrong)
        return SchemaFile(
            name=name, shown=shown, value=value, references=tuple(sorted(references)), paths=frozenset(paths)
        )

    def _reference_problem(self, written: str, target: str, found: Names) -> tuple[str, str, str] | None:
        if target not in self._owners:
            known = [*PRIMITIVES, *_COMPLEX, *found.declared, *self._owners]
            return "a known type", f'"{written[:80]}"', did_you_mean(written, known)
        owner = self._owners[target]
        if owner:
            fix = f"move it to schemas/{target}.avsc"
            return "a type with its own file", f'"{target}", declared inside {owner}', fix
        if written != target:
            return f'the full name "{target}" for a type of another file', f'"{written}"', ""
        return None
