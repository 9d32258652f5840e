"""Rules about names: types that moved to another namespace, and aliases that mean more to Java than to others."""

from __future__ import annotations

from avroad.contracts.compat.branches import Taken
from avroad.contracts.compat.findings import Finding, unseen
from avroad.contracts.compat.java_reader import JavaReader
from avroad.contracts.compat.meaning_fields import sources_of
from avroad.contracts.compat.meaning_types import alias_patch, listed
from avroad.contracts.compat.places import ROOT, Place
from avroad.contracts.rule import Severity
from avroad.schema import NO_DEFAULT, Enum, Field, Fixed, Named, Record, Schema

__all__ = ["chain_findings", "clash_findings", "moved_findings", "named_findings", "refused_findings"]


def moved_findings(reader: Named, writer: Named, place: Place) -> list[Finding]:
    """Report a type of the same unqualified name in another namespace."""
    if not _moved(reader, writer):
        return []
    return [
        unseen(
            "NAMESPACE_MOVED",
            place,
            message=f"{writer.name} is read as {reader.name}",
            data="none in Java and Python; readers that compare full names refuse it",
            fix=f'Add the alias "{writer.name}" to {reader.name}.',
            patch=alias_patch(reader, writer.name),
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
    return [
        unseen(
            "NAMESPACE_MOVED",
            place,
            severity=Severity.ERROR,
            message=f"{writer.name} is read as {reader.name}, a branch of a union",
            data="every such value: Java's reader looks for the full name in the union, and fails",
            fix=f'Add the alias "{writer.name}" to {reader.name}.',
            patch=alias_patch(reader, writer.name),
        )
    ]


def named_findings(reader: Named, writer: Named, place: Place, java: JavaReader) -> list[Finding]:
    """Report what Java's reader does not find, because it has another name for the type than the reader has."""
    if isinstance(reader, Enum | Fixed) and java.named_apart(reader, writer):
        known = reader.short_name == writer.short_name or writer.name in reader.aliases
        return [_claimed(writer, place, java)] if known else []
    lost = _lost(reader, writer, java)
    if not lost:
        return []
    if _moved(reader, writer):
        names = listed([field.name for field in lost])
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
                fix=f'Add the alias "{writer.name}" to {reader.name}.',
                patch=alias_patch(reader, writer.name),
                changes_meaning=defaulted,
            )
        ]
    claimed = java.names.type_name(writer) not in {writer.name, reader.name}
    return [_claimed(writer, place, java)] if claimed else []


def chain_findings(reader: Record, writer: Record, place: Place, java: JavaReader) -> list[Finding]:
    """Report fields that have the alias of another field's alias: Java follows both, one after the other."""
    return [
        unseen(
            "ALIAS_COLLISION",
            place.field(reader, reader.fields.index(field)),
            severity=Severity.ERROR,
            message=f"{field.name} is read by an alias, and is itself the alias of another field",
            data=f"every {writer.short_name}: Java follows aliases twice, and gives the value to the other field",
            fix=f"Remove the alias {field.name}.",
            changes_meaning=True,
        )
        for field in _lost(reader, writer, java)
    ]


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


def _lost(reader: Named, writer: Named, java: JavaReader) -> list[Field]:
    """Return the reader's fields that Java does not read from what feeds them by name and alias."""
    if not isinstance(reader, Record) or not isinstance(writer, Record):
        return []
    if not java.names.claims and not any(field.aliases for field in reader.fields):
        return []
    pairs = zip(reader.fields, sources_of(reader, writer), java.sources(reader, writer), strict=True)
    return [field for field, source, theirs in pairs if source is not theirs]


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
