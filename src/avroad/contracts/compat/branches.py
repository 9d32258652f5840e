"""Which branch of a reader's union a writer's value is for."""

from __future__ import annotations

from typing import NamedTuple

from avroad.contracts.compat.java import JavaChecker, JavaRaises, promotes
from avroad.schema import Fixed, Named, Primitive, Schema, Union

__all__ = ["Taken", "fits", "intended_branch", "only_branch", "taken_branches"]


class Taken(NamedTuple):
    """Per library the branch it takes, None for none.

    named: the one of the writer's full name, which libraries take that know no aliases; fitting: all that Java's
    checker is content with; exact: those of the writer's type, or of its name or alias.
    """

    java: Schema | None
    fastavro: Schema | None
    avroad: Schema | None
    named: Schema | None
    fitting: tuple[Schema, ...]
    exact: tuple[Schema, ...]


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


def only_branch(reader: Union, writer: Schema) -> Schema | None:
    """Return the branch that every library takes, because no other comes into question; None where that is not so.

    It is of the writer's kind; whether it fits is another question. Of aliases each must name one type only.
    """
    kind = type(writer)
    if isinstance(writer, Primitive):
        near = [b for b in reader.branches if isinstance(b, Primitive) and _takes(b.name, writer.name)]
        return near[0] if near and (len(near) == 1 or near[0].name == writer.name) else None
    if isinstance(writer, Named):
        named = [b for b in reader.branches if isinstance(b, Named) and _near(b, writer)]
        only = named[0] if len(named) == 1 and type(named[0]) is kind else None
        return only if only is not None and (only.name == writer.name or writer.name in only.aliases) else None
    return next((branch for branch in reader.branches if type(branch) is kind), None)


def taken_branches(reader: Union, writer: Schema, checker: JavaChecker, java: Schema | None) -> Taken:
    """Return the branches that readers take for a type that the writer does not write as a union.

    java: the one that Java's reader takes.
    """
    fitting = tuple(branch for branch in reader.branches if fits(checker, branch, writer))
    same = [branch for branch in reader.branches if _same(branch, writer)]
    ours = next((branch for branch in same if branch in fitting), next(iter((*same, *fitting)), None))
    first = next((branch for branch in reader.branches if _fastavro_takes(branch, writer)), None)
    return Taken(
        java=java,
        fastavro=ours if first is not None and isinstance(writer, Fixed) else first,  # whose bytes it gives as they are
        avroad=ours,
        named=next((branch for branch in same if _full_name(branch) == _full_name(writer) != ""), None),
        fitting=fitting,
        exact=tuple(same),
    )


def fits(checker: JavaChecker, branch: Schema, writer: Schema) -> bool:
    """Say whether Java's checker is content with a branch.

    Where Java has no verdict, the branch of the writer's name is the one that readers try, and fail in.
    """
    if type(branch) is not type(writer):
        return False
    try:
        return checker.compatible(branch, writer)
    except JavaRaises:
        return _same(branch, writer)


def _takes(read: str, written: str) -> bool:
    return read == written or promotes(written, read)


def _near(branch: Named, writer: Named) -> bool:
    """Say whether fastavro takes one name for the other; it does not look at the kind of type."""
    if branch.short_name == writer.short_name or writer.name in branch.aliases:
        return True
    own = f"{branch.namespace}.{writer.short_name}".lstrip(".")
    return own in branch.aliases  # which may stand there without its namespace, and is a simple name for fastavro then


def _full_name(schema: Schema) -> str:
    return schema.name if isinstance(schema, Named) else ""


def _same(branch: Schema, writer: Schema) -> bool:
    if type(branch) is not type(writer):
        return False
    if isinstance(branch, Primitive) and isinstance(writer, Primitive):
        return branch.name == writer.name
    if isinstance(branch, Named) and isinstance(writer, Named):
        return writer.name == branch.name or writer.name in branch.aliases
    return True


def _fastavro_takes(branch: Schema, writer: Schema) -> bool:
    """Say whether fastavro would read a value as a branch: by promotion, or by name without namespace and kind."""
    if isinstance(branch, Primitive) and isinstance(writer, Primitive):
        return _takes(branch.name, writer.name)
    if isinstance(branch, Named) and isinstance(writer, Named):
        if isinstance(branch, Fixed) and isinstance(writer, Fixed) and branch.size != writer.size:
            return False
        return _near(branch, writer)
    return type(branch) is type(writer)
