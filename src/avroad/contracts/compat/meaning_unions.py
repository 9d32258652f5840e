"""Rules about unions: which branch takes a value, where libraries differ in that, and the order of branches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from avroad.contracts.compat.branches import Taken
from avroad.contracts.compat.findings import Finding, unseen
from avroad.contracts.compat.meaning_types import listed
from avroad.contracts.compat.places import Place, shown
from avroad.contracts.rule import Severity
from avroad.schema import Enum, Fixed, Named, Primitive, Schema, Union

__all__ = ["branch_findings", "union_findings"]

_NO_ALIASES: Final = "Apache avro for Python"
"""The library that knows no aliases, and takes a type by its full name alone."""


def union_findings(reader: Union, writer: Union, place: Place) -> list[Finding]:
    """Report branches in another order: a default before Avro 1.12 is of the first branch."""
    before, now = [shown(b) for b in writer.branches], [shown(b) for b in reader.branches]
    if before == now or sorted(before) != sorted(now):
        return []
    return [
        unseen(
            "UNION_ORDER",
            place,
            message=f"the union's branches {listed(before)} are now in the order {listed(now)}",
            data="defaults, in readers older than Avro 1.12",
            fix="Keep the order of the branches.",
            unsafe=False,
        )
    ]


def branch_findings(taken: Taken, writer: Schema, place: Place) -> list[Finding]:
    """Report branches that take a value and do not fit, or that not every library takes; else that several would do."""
    if not taken.fitting:
        return []  # Java's checker says so
    by = _readers(taken)
    found = [_misfit(branch, who, taken, writer, place) for branch, who in by if branch not in taken.fitting]
    if found:
        return found
    if len(by) > 1:
        return [_divided(by, taken, writer, place)]
    return _several(taken, writer, place)


def _readers(taken: Taken) -> list[tuple[Schema, list[str]]]:
    """Return the branches that are taken, each with the libraries that take it."""
    found: dict[Schema, list[str]] = {}
    libraries = (taken.java, "Java"), (taken.fastavro, "fastavro"), (taken.avroad, "avroad"), (taken.named, _NO_ALIASES)
    for branch, who in libraries:
        if branch is not None:
            found.setdefault(branch, []).append(who)
    return list(found.items())


def _misfit(branch: Schema, who: list[str], taken: Taken, writer: Schema, place: Place) -> Finding:
    exact = taken.named is branch
    how = "writer's name" if exact else f"alias {shown(writer)}" if branch in taken.exact else "writer's simple name"
    apart = "" if exact else f", or give it a name and aliases that have nothing of {shown(writer)}"
    return unseen(
        "UNION_AMBIGUOUS",
        place,
        severity=Severity.ERROR,
        message=f"branch {shown(branch)} has the {how} and does not fit; {shown(taken.fitting[0])} would",
        data=f"every such value: the branch is taken for its name by {_and(who)}",
        fix=f"Make the branch {shown(branch)} readable{apart}.",
    )


def _divided(by: list[tuple[Schema, list[str]]], taken: Taken, writer: Schema, place: Place) -> Finding:
    names = [shown(branch) for branch, _ in by]
    harmless = taken.java is taken.avroad and all(_same_value(writer, branch) for branch, _ in by)
    first = next((branch for branch, _ in by if isinstance(branch, Named)), None)
    return unseen(
        "UNION_AMBIGUOUS",
        place,
        severity=Severity.WARNING if harmless else Severity.ERROR,
        message=f"{shown(writer)} is read " + " and ".join(f"as {shown(b)} by {_and(who)}" for b, who in by),
        data="every such value: the same one under another type" if harmless else "every such value",
        fix=f"Have only one of {_and(names)} in the union."
        if first is None
        else f"Give one of {_and(names)} a name that the other has neither as its unqualified name nor as an alias.",
        unsafe=not harmless,
        changes_meaning=first is not None and not harmless,
    )


def _same_value(writer: Schema, branch: Schema) -> bool:
    """Say whether a branch that fits keeps every value what it is, for a reader that does not look at its type."""
    if isinstance(writer, Enum) and isinstance(branch, Enum):
        return set(writer.symbols) <= set(branch.symbols)
    if isinstance(writer, Primitive) and isinstance(branch, Primitive):
        return branch.name == writer.name or writer.name in {"int", "float"}
    return isinstance(writer, Fixed)


def _several(taken: Taken, writer: Schema, place: Place) -> list[Finding]:
    if len(taken.fitting) < 2 or (isinstance(writer, Primitive) and taken.exact):  # noqa: PLR2004 - one is no choice
        return []
    names = listed([shown(branch) for branch in taken.fitting])
    return [
        unseen(
            "UNION_AMBIGUOUS",
            place,
            message=f"{shown(writer)} fits several branches of the reader's union: {names}",
            data="every such value: the first branch that fits takes it, and readers may differ in which that is",
            fix=f"Keep {shown(writer)} among the branches.",
            unsafe=False,
        )
    ]


def _and(names: Iterable[str]) -> str:
    return " and ".join(names)
