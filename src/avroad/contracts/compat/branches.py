"""Which branch of a reader's union a writer's value is for."""

from __future__ import annotations

from collections.abc import Sequence

from avroad.contracts.compat.java import JavaChecker, JavaRaises
from avroad.schema import Named, Primitive, Schema, Union

__all__ = ["intended_branch", "misleading_branch", "reached_branches"]


def intended_branch(reader: Union, writer: Schema, checker: JavaChecker) -> Schema | None:
    """Return the branch that was meant for the writer's type, whether it fits or not; None when nothing comes close.

    By full name, by alias, by unqualified name, by type; else the branch Java has fewest findings for.
    """
    if isinstance(writer, Named):
        named = [branch for branch in reader.branches if isinstance(branch, Named) and type(branch) is type(writer)]
        for fits in (
            lambda branch: branch.name == writer.name,
            lambda branch: writer.name in branch.aliases,
            lambda branch: branch.short_name == writer.short_name,
        ):
            for branch in named:
                if fits(branch):
                    return branch
        if named:
            return named[0]
    alike = [b for b in reader.branches if type(b) is type(writer) and not isinstance(b, Named | Primitive)]
    if alike:
        return alike[0]
    open_to = [b for b in reader.branches if not (isinstance(b, Primitive) and b.name == "null")]
    if isinstance(writer, Primitive) and writer.name == "null":
        return None
    return min(
        open_to,
        key=lambda b: sum(1 for _ in zip(range(_ENOUGH), checker.findings(b, writer), strict=False)),
        default=None,
    )


_ENOUGH = 20
"""Findings after which a branch counts as bad."""


def reached_branches(reader: Union, writer: Schema, checker: JavaChecker) -> tuple[Schema, ...]:
    """Return the branches that take the writer's type: the exact ones where there are any, else all that would do."""
    exact = tuple(branch for branch in reader.branches if _same(branch, writer))
    fitting = tuple(b for b in exact if _takes(checker, b, writer))
    return fitting or tuple(b for b in reader.branches if _takes(checker, b, writer))


def misleading_branch(reader: Union, writer: Schema, reached: Sequence[Schema]) -> Named | None:
    """Return the branch that readers take for its full name although it does not fit; None where there is none.

    reached: what Java's checker is content with, a type of the same unqualified name.
    """
    if not reached or any(_same(branch, writer) for branch in reached):
        return None
    return next((branch for branch in reader.branches if isinstance(branch, Named) and _same(branch, writer)), None)


def _takes(checker: JavaChecker, branch: Schema, writer: Schema) -> bool:
    """Where Java has no verdict, the branch of the writer's name is the one that readers try, and fail in."""
    try:
        return checker.compatible(branch, writer)
    except JavaRaises:
        return _same(branch, writer)


def _same(branch: Schema, writer: Schema) -> bool:
    if type(branch) is not type(writer):
        return False
    if isinstance(branch, Primitive) and isinstance(writer, Primitive):
        return branch.name == writer.name
    if isinstance(branch, Named) and isinstance(writer, Named):
        return writer.name == branch.name or writer.name in branch.aliases
    return True
