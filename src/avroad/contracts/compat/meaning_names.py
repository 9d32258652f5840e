"""Rules about names: types that moved to another namespace, and aliases that mean more to Java than to others."""

from __future__ import annotations

from collections.abc import Sequence

from avroad.contracts.compat.branches import Taken
from avroad.contracts.compat.findings import Finding, unseen
from avroad.contracts.compat.java_reader import JavaReader
from avroad.contracts.compat.meaning_types import alias_advice, listed
from avroad.contracts.compat.places import ROOT, Place
from avroad.contracts.rule import Severity
from avroad.schema import NO_DEFAULT, Enum, Field, Fixed, Named, Record, Schema

__all__ = ["clash_findings", "moved_findings", "named_findings", "record_findings", "refused_findings"]


def moved_findings(reader: Named, writer: Named, place: Place) -> list[Finding]:
    """Report a type of the same unqualified name in another namespace."""
    if not _moved(reader, writer):
        return []
    fix, patch = alias_advice(reader, writer)
    return [
        unseen(
            "NAMESPACE_MOVED",
            place,
            message=f"{writer.name} is read as {reader.name}",
            data="none in Java and Python; readers that compare full names refuse it",
            fix=fix,
            patch=patch,
            unsafe=False,
        )
    ]


def refused_findings(taken: Taken, writer: Schema, place: Place, java: JavaReader) -> list[Finding]:
    """Report a branch of a union that Java's checker finds and Java's reader does not."""
    reader = next(iter(taken.fitting), None)
    if taken.java is not None or not isinstance(reader, Named) or not isinstance(writer, Named):
        return []
    if java.names.type_name(writer) != writer.name:
        return [_claimed(writer, place, java)]
    fix, patch = alias_advice(reader, writer)
    return [
        unseen(
            "NAMESPACE_MOVED",
            place,
            severity=Severity.ERROR,
            message=f"{writer.name} is read as {reader.name}, a branch of a union",
            data="every such value: Java's reader looks for the full name in the union, and fails",
            fix=fix,
            patch=patch,
            others_only=True,
        )
    ]


def named_findings(reader: Enum | Fixed, writer: Enum | Fixed, place: Place, java: JavaReader) -> list[Finding]:
    """Report an enum or fixed that Java's reader does not find, because another type claims the writer's name."""
    known = reader.short_name == writer.short_name or writer.name in reader.aliases
    return [_claimed(writer, place, java)] if known and java.named_apart(reader, writer) else []


def record_findings(
    reader: Record, writer: Record, sources: Sequence[Field | None], place: Place, java: JavaReader
) -> list[Finding]:
    """Report fields that Java's reader does not find, because it has another name for the record or for them.

    sources: what feeds the reader's fields by name and alias.
    """
    theirs = java.sources(reader, writer)
    lost = [field for field, one, two in zip(reader.fields, sources, theirs, strict=True) if one is not two]
    if not lost:
        return []
    if _moved(reader, writer):
        names = listed([field.name for field in lost])
        fix, patch = alias_advice(reader, writer)
        defaulted = any(field.default is not NO_DEFAULT for field in lost)
        return [
            unseen(
                "NAMESPACE_MOVED",
                place,
                severity=Severity.ERROR,
                message=f"{writer.name} is read as {reader.name}, and {names} by an alias: Java applies the aliases of "
                "fields to a record of the reader's full name only",
                data=f"every {writer.short_name}: Java's reader "
                + (f"reads the default of {names}" if defaulted else f"finds no {names}"),
                fix=fix,
                patch=patch,
                others_only=True,
                changes_meaning=defaulted,
            )
        ]
    if java.names.type_name(writer) not in {writer.name, reader.name}:
        return [_claimed(writer, place, java)]
    return [_chained(reader, field, writer, place) for field in lost]


def clash_findings(java: JavaReader) -> list[Finding]:
    """Report two fields or types of the writer that have one name for Java: it raises before it reads anything."""
    name = java.names.clash()
    if not name:
        return []
    return [
        unseen(
            "ALIAS_COLLISION",
            ROOT,
            severity=Severity.ERROR,
            message=f"several names of the writer become {name} by the reader's aliases",
            data="every record: Java's reader renames by aliases wherever a name is used, and raises",
            fix=f"Remove the aliases of {name} that name something which is still written.",
            changes_meaning=True,
        )
    ]


def _moved(reader: Named, writer: Named) -> bool:
    other = writer.name != reader.name and writer.name not in reader.aliases
    return other and writer.short_name == reader.short_name


def _claimed(writer: Named, place: Place, java: JavaReader) -> Finding:
    claimant = java.names.type_name(writer)
    return unseen(
        "ALIAS_COLLISION",
        place,
        severity=Severity.ERROR,
        message=f"{claimant} has the alias {writer.name}: Java reads every {writer.name} as {claimant}",
        data="every such value: Java renames a type wherever it is used, and does not find it here",
        fix=f"Remove the alias {writer.name} from {claimant}.",
        changes_meaning=True,
    )


def _chained(reader: Record, field: Field, writer: Record, place: Place) -> Finding:
    return unseen(
        "ALIAS_COLLISION",
        place.field(reader, reader.fields.index(field)),
        severity=Severity.ERROR,
        message=f"{field.name} is read by an alias, and is itself the alias of another field",
        data=f"every {writer.short_name}: Java follows aliases twice, and gives the value to the other field",
        fix=f"Remove the alias {field.name}.",
        changes_meaning=True,
    )
