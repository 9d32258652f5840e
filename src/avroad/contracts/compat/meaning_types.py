"""Rules about one pair of types: logical types, promotions, enums, moved names, unions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from avroad.contracts.compat.findings import Finding, Patch
from avroad.contracts.compat.places import Place, shown
from avroad.contracts.rule import Severity
from avroad.schema import Enum, Fixed, Logical, Named, Primitive, Schema, Union

__all__ = ["ambiguity_findings", "enum_findings", "moved_findings", "scalar_findings", "union_findings"]

_LOSSY: Final = frozenset({("int", "float"), ("long", "float"), ("long", "double")})
_CHECKED: Final = frozenset({"uuid", "decimal", "time-millis", "time-micros", "duration"})
"""Logical types that not every value of their base type has."""
_LISTED: Final = 5


def scalar_findings(
    reader: str, reader_logical: Logical | None, writer: str, writer_logical: Logical | None, place: Place
) -> list[Finding]:
    """Compare two primitives, or two fixed (both named `fixed`); types Java refuses have no findings here."""
    found = _promotion(reader, writer, place)
    if reader_logical is None or writer_logical is None:
        return found + _logical_came_or_went(reader_logical, writer_logical, place)
    if reader_logical.name != writer_logical.name:
        before, now = writer_logical.name, reader_logical.name
        found.append(
            Finding(
                rule="LOGICAL_UNIT_CHANGED",
                severity=Severity.ERROR,
                type=None,
                pointer=place.pointer,
                message=f"{before} is read as {now}",
                field_path=place.path,
                data="every value: Java reads the old number in the new unit, Python in the old one",
                fix=f"Keep {before}, or add a new field for the {now}.",
                changes_meaning=True,
            )
        )
    elif reader_logical.scale != writer_logical.scale:
        found.append(
            Finding(
                rule="DECIMAL_SCALE_CHANGED",
                severity=Severity.ERROR,
                type=None,
                pointer=place.pointer,
                message=f"decimal scale {writer_logical.scale} is read with scale {reader_logical.scale}",
                field_path=place.path,
                data="every value: Java moves the decimal point, Python keeps it",
                fix=f"Keep scale {writer_logical.scale}, or add a new field.",
                changes_meaning=True,
            )
        )
    elif reader_logical.precision < writer_logical.precision:
        found.append(
            Finding(
                rule="DECIMAL_PRECISION_REDUCED",
                severity=Severity.WARNING,
                type=None,
                pointer=place.pointer,
                message=f"decimal precision {writer_logical.precision} is read with {reader_logical.precision}",
                field_path=place.path,
                data=f"numbers of more than {reader_logical.precision} digits: avroad refuses them, Java does not look",
                fix=f"Keep precision {writer_logical.precision}.",
            )
        )
    return found


def _promotion(reader: str, writer: str, place: Place) -> list[Finding]:
    if (writer, reader) in _LOSSY:
        bits = 24 if reader == "float" else 53
        return [
            Finding(
                rule="LOSSY_PROMOTION",
                severity=Severity.WARNING,
                type=None,
                pointer=place.pointer,
                message=f"{writer} is read as {reader}",
                field_path=place.path,
                data=f"numbers beyond 2^{bits}, which {reader} rounds",
                fix="Read it as long." if writer == "int" else "Keep long.",
                unsafe=False,
            )
        ]
    if (writer, reader) == ("bytes", "string"):
        return [
            Finding(
                rule="BYTES_TO_STRING",
                severity=Severity.WARNING,
                type=None,
                pointer=place.pointer,
                message="bytes are read as string",
                field_path=place.path,
                data="bytes that are not UTF-8: Java reads replacement characters, Python raises",
                fix="Keep bytes, unless all of them always were UTF-8.",
            )
        ]
    return []


def _logical_came_or_went(reader: Logical | None, writer: Logical | None, place: Place) -> list[Finding]:
    if reader is None and writer is None:
        return []
    if reader is not None:
        strict = reader.name in _CHECKED
        return [
            Finding(
                rule="LOGICAL_ADDED",
                severity=Severity.WARNING,
                type=None,
                pointer=place.pointer,
                message=f"plain values are read as {reader.name}",
                field_path=place.path,
                data=f"values that are no {reader.name}" if strict else "every value: its type in code changes",
                fix=f"Make sure that every value already was a {reader.name}.",
                unsafe=strict,
            )
        ]
    assert writer is not None
    return [
        Finding(
            rule="LOGICAL_REMOVED",
            severity=Severity.WARNING,
            type=None,
            pointer=place.pointer,
            message=f"{writer.name} is read as a plain value",
            field_path=place.path,
            data="every value: its type in code changes",
            fix=f'Keep "logicalType": "{writer.name}".',
            unsafe=False,
        )
    ]


def enum_findings(reader: Enum, writer: Enum, place: Place) -> list[Finding]:
    """Name the symbols that the reader's default stands in for, and new symbols old readers will not know."""
    known = set(reader.symbols)
    lost = [symbol for symbol in writer.symbols if symbol not in known]
    if lost and reader.default is not None:
        return [
            Finding(
                rule="ENUM_REMAPPED",
                severity=Severity.WARNING,
                type=None,
                pointer=place.pointer,
                message=f"{_listed(lost)} of {writer.name} is read as {reader.default}",
                field_path=place.path,
                data=f"values {_listed(lost)}",
                fix=f"Keep {_listed(lost)} among the symbols.",
                patch=Patch(
                    type=reader.name,
                    operations=tuple({"op": "add", "path": "/symbols/-", "value": symbol} for symbol in lost),
                ),
                unsafe=False,
            )
        ]
    added = [symbol for symbol in reader.symbols if symbol not in set(writer.symbols)]
    if added and writer.default is None and not lost:
        return [
            Finding(
                rule="ENUM_SYMBOL_ADDED_NO_DEFAULT",
                severity=Severity.WARNING,
                type=None,
                pointer=place.pointer,
                message=f"{writer.name} has no default symbol, and {_listed(added)} is new to it",
                field_path=place.path,
                data=f"values {_listed(added)}, once written: readers with the other schema fail on them",
                fix="Give the enum a default symbol before it grows, and update readers first.",
                unsafe=False,
            )
        ]
    return []


def moved_findings(reader: Named, writer: Named, place: Place, *, nullable: bool) -> list[Finding]:
    """Report a type of the same unqualified name in another namespace."""
    if writer.name == reader.name or writer.name in reader.aliases or writer.short_name != reader.short_name:
        return []
    breaks = nullable and isinstance(reader, Enum | Fixed)
    return [
        Finding(
            rule="NAMESPACE_MOVED",
            severity=Severity.ERROR if breaks else Severity.WARNING,
            type=None,
            pointer=place.pointer,
            message=f"{writer.name} is read as {reader.name}",
            field_path=place.path,
            data="every value: Java's reader looks for the full name in the union" if breaks
            else "none in Java and Python; readers that compare full names refuse it",
            fix=f'Add the alias "{writer.name}" to {reader.name}.',
            patch=alias_patch(reader, writer.name),
            unsafe=breaks,
        )
    ]  # fmt: skip


def alias_patch(reader: Named, alias: str) -> Patch:
    """Return the edit that gives a type one more alias."""
    if reader.aliases:
        return Patch(type=reader.name, operations=({"op": "add", "path": "/aliases/-", "value": alias},))
    return Patch(type=reader.name, operations=({"op": "add", "path": "/aliases", "value": [alias]},))


def union_findings(reader: Union, writer: Union, place: Place) -> list[Finding]:
    """Report branches in another order: a default before Avro 1.12 is of the first branch."""
    before, now = [shown(b) for b in writer.branches], [shown(b) for b in reader.branches]
    if before == now or sorted(before) != sorted(now):
        return []
    return [
        Finding(
            rule="UNION_ORDER",
            severity=Severity.WARNING,
            type=None,
            pointer=place.pointer,
            message=f"the union's branches {_listed(before)} are now in the order {_listed(now)}",
            field_path=place.path,
            data="defaults, in readers older than Avro 1.12",
            fix="Keep the order of the branches.",
            unsafe=False,
        )
    ]


def ambiguity_findings(reached: Sequence[Schema], writer: Schema, place: Place) -> list[Finding]:
    """Report a writer's type that several branches would take, none of them exactly."""
    if len(reached) < 2:  # noqa: PLR2004 - one is no choice
        return []
    exact = isinstance(reached[0], Primitive) and isinstance(writer, Primitive) and reached[0].name == writer.name
    if exact:
        return []
    names = _listed([shown(branch) for branch in reached])
    return [
        Finding(
            rule="UNION_AMBIGUOUS",
            severity=Severity.WARNING,
            type=None,
            pointer=place.pointer,
            message=f"{shown(writer)} fits several branches of the reader's union: {names}",
            field_path=place.path,
            data="every such value: the first branch that fits takes it, and readers differ in which that is",
            fix=f"Keep {shown(writer)} among the branches.",
            unsafe=False,
        )
    ]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
