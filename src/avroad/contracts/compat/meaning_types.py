"""Rules about one pair of types: logical types, promotions, enums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from avroad.codec.conversions import CONVERTS, conversion_word, is_declared, narrowed
from avroad.codec.finite import FINITE, is_finite
from avroad.codec.logical import convertible
from avroad.contracts.compat.findings import Finding, Patch, unseen
from avroad.contracts.compat.places import Place
from avroad.contracts.rule import Severity
from avroad.schema import Enum, Fixed, Logical, Named, Primitive, Schema

__all__ = ["alias_advice", "enum_findings", "listed", "scalar_findings", "widens"]

_LOSSY: Final = frozenset({("int", "float"), ("long", "float"), ("long", "double")})
_WIDER: Final = frozenset({("int", "long"), ("int", "double"), ("float", "double"), ("string", "bytes")})
_CHECKED: Final = frozenset({"uuid", "decimal", "time-millis", "time-micros", "duration"})
"""Logical types that not every value of their base type has."""
_LISTED: Final = 5


def widens(reader: Schema, writer: Schema) -> bool:
    """Say whether a type is read as a wider one that keeps every value: nothing is to be said of it."""
    if not isinstance(reader, Primitive) or not isinstance(writer, Primitive):
        return False
    return (writer.name, reader.name) in _WIDER and reader.logical is writer.logical is None


def scalar_findings(reader: Primitive | Fixed, writer: Primitive | Fixed, place: Place) -> list[Finding]:
    """Compare two primitives, or two fixed; types Java refuses have no findings here."""
    found: list[Finding] = []
    if isinstance(reader, Primitive) and isinstance(writer, Primitive):
        found = _promotion(reader.name, writer.name, place) + _finite(reader, writer, place)
    read, written = reader.logical, writer.logical
    if read is None or written is None:
        return found + _logical_came_or_went(read, written, place)
    if (read.name, read.scale) != (written.name, written.scale):
        converted = is_declared(reader, written)
        found.append(_converted(read, written, place) if converted else _shifted(read, written, place))
    elif read.precision < written.precision:
        found.append(
            unseen(
                "DECIMAL_PRECISION_REDUCED",
                place,
                message=f"decimal precision {written.precision} is read with {read.precision}",
                data=f"numbers of more than {read.precision} digits: avroad refuses them, Java does not look",
                fix=f"Keep precision {written.precision}.",
            )
        )
    return found


def _shifted(read: Logical, written: Logical, place: Place) -> Finding:
    """Report another unit, kind or scale: the same bytes are two values."""
    before, now = conversion_word(written), conversion_word(read)
    declare = f', or declare "{CONVERTS}": ["{before}"] beside it for readers that use avroad'
    cure = declare if convertible(written, read) else ""
    if read.name == written.name:
        return unseen(
            "DECIMAL_SCALE_CHANGED",
            place,
            severity=Severity.ERROR,
            message=f"{before} is read with scale {read.scale}",
            data="every value: Java moves the decimal point, Python keeps it",
            fix=f"Keep scale {written.scale}, add a new field{cure}.",
            changes_meaning=True,
        )
    return unseen(
        "LOGICAL_UNIT_CHANGED",
        place,
        severity=Severity.ERROR,
        message=f"{before} is read as {now}",
        data="every value: Java reads the old number in the new unit, Python in the old one",
        fix=f"Keep {before}, {'' if cure else 'or '}add a new field for the {now}{cure}.",
        changes_meaning=True,
    )


def _converted(read: Logical, written: Logical, place: Place) -> Finding:
    """Report a declared conversion: no silent shift, but a promise that only avroad's readers keep."""
    lost = narrowed(written, read)
    others = "none for readers that use avroad; others do not know the declaration, and Java misreads every value"
    return unseen(
        "CONVERSION_DECLARED",
        place,
        message=f"{conversion_word(written)} is converted to {conversion_word(read)}, as the reader's type declares",
        data=others
        if lost is None
        else f"values that are no {lost[0]}: avroad refuses them; Java misreads every value",
        fix="Make sure that every reader of this schema uses avroad."
        if lost is None
        else f"Keep {conversion_word(written)}, unless no value has more digits.",
        unsafe=lost is not None,
    )


def _promotion(reader: str, writer: str, place: Place) -> list[Finding]:
    if (writer, reader) in _LOSSY:
        bits = 24 if reader == "float" else 53
        return [
            unseen(
                "LOSSY_PROMOTION",
                place,
                message=f"{writer} is read as {reader}",
                data=f"numbers beyond 2^{bits}, which {reader} rounds",
                fix="Read it as long." if writer == "int" else "Keep long.",
                unsafe=False,
            )
        ]
    if (writer, reader) == ("bytes", "string"):
        return [
            unseen(
                "BYTES_TO_STRING",
                place,
                message="bytes are read as string",
                data="bytes that are not UTF-8: Java reads replacement characters, Python raises",
                fix="Keep bytes, unless all of them always were UTF-8.",
            )
        ]
    return []


def _finite(reader: Primitive, writer: Primitive, place: Place) -> list[Finding]:
    if not is_finite(reader) or is_finite(writer) or writer.name not in {"float", "double"}:
        return []
    return [
        unseen(
            "FINITE_ADDED",
            place,
            message=f"any {writer.name} is read as one that is finite",
            data="NaN and infinities: avroad refuses them, others do not look",
            fix=f'Leave "{FINITE}" out, unless no value ever was NaN or infinite.',
        )
    ]


def _logical_came_or_went(reader: Logical | None, writer: Logical | None, place: Place) -> list[Finding]:
    if reader is None and writer is None:
        return []
    if reader is not None:
        strict = reader.name in _CHECKED
        return [
            unseen(
                "LOGICAL_ADDED",
                place,
                message=f"plain values are read as {reader.name}",
                data=f"values that are no {reader.name}" if strict else "every value: its type in code changes",
                fix=f"Make sure that every value already was a {reader.name}.",
                unsafe=strict,
            )
        ]
    assert writer is not None
    return [
        unseen(
            "LOGICAL_REMOVED",
            place,
            message=f"{writer.name} is read as a plain value",
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
            unseen(
                "ENUM_REMAPPED",
                place,
                message=f"{listed(lost)} of {writer.name} is read as {reader.default}",
                data=f"values {listed(lost)}",
                fix=f"Keep {listed(lost)} among the symbols.",
                patch=Patch(
                    type=reader.name,
                    operations=tuple({"op": "add", "path": "/symbols/-", "value": symbol} for symbol in lost),
                ),
                unsafe=False,
            )
        ]
    written = set(writer.symbols)
    added = [symbol for symbol in reader.symbols if symbol not in written]
    if added and writer.default is None and not lost:
        return [
            unseen(
                "ENUM_SYMBOL_ADDED_NO_DEFAULT",
                place,
                message=f"{writer.name} has no default symbol, and {listed(added)} is new to it",
                data=f"values {listed(added)}, once written: readers with the other schema fail on them",
                fix="Give the enum a default symbol before it grows, and update readers first.",
                unsafe=False,
            )
        ]
    return []


def alias_advice(reader: Named, writer: Named) -> tuple[str, Patch | None]:
    """Return the sentence and the edit that let a type read another one's data by an alias.

    An alias without a namespace is read in the type's own, so that none names a type that has no namespace.
    """
    if reader.namespace and not writer.namespace:
        fix = f"Keep {writer.name} without a namespace: no alias of {reader.name} can name it."
        return fix, None
    operation: dict[str, Any] = {"op": "add", "path": "/aliases", "value": [writer.name]}
    if reader.aliases:
        operation = {"op": "add", "path": "/aliases/-", "value": writer.name}
    return f'Add the alias "{writer.name}" to {reader.name}.', Patch(type=reader.name, operations=(operation,))


def listed(names: Sequence[str]) -> str:
    """Return names for a message, not more than a few."""
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
