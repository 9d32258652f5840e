"""Java's findings explained: what the data looks like that breaks, what to do, and the edit that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from avroad.contracts.compat.findings import Patch
from avroad.contracts.compat.java import Incompatibility, JavaFinding
from avroad.contracts.compat.meaning_fields import alias_field_patch, likely_rename
from avroad.contracts.compat.meaning_types import alias_advice
from avroad.contracts.compat.places import Place, shown
from avroad.schema import (
    NO_DEFAULT,
    Array,
    Enum,
    Field,
    Fixed,
    Json,
    Map,
    Named,
    Primitive,
    Record,
    Schema,
    Union,
    default_problem,
    named_types,
    to_json,
)

__all__ = ["Advice", "advice_for"]

_TYPE: Final = "type"


class Advice(NamedTuple):
    """data: what breaks, as a phrase; fix: a sentence; patch: None where no single edit cures it."""

    data: str
    fix: str
    patch: Patch | None


def advice_for(finding: JavaFinding, place: Place) -> Advice:
    """Return the advice for one of Java's findings, which stands at `place` in the reader."""
    return _BY_KIND[finding.kind](finding, place)


def _missing_default(finding: JavaFinding, _place: Place) -> Advice:
    reader, writer, field = finding.reader, finding.writer, finding.field
    assert isinstance(reader, Record)
    assert isinstance(writer, Record)
    assert field is not None
    names = {field.name for field in reader.fields} | {alias for field in reader.fields for alias in field.aliases}
    old = likely_rename(field, [other for other in writer.fields if other.name not in names])
    data = f"every {writer.short_name} written without {field.name}"
    if old is not None:
        fix = f'If {field.name} is the new name of {old.name}, add the alias "{old.name}"; else give it a default.'
        return Advice(data, fix, alias_field_patch(reader, field, old.name))
    path = f"/fields/{reader.fields.index(field)}"
    if _nullable(field.type):
        patch = Patch(type=reader.name, operations=({"op": "add", "path": f"{path}/default", "value": None},))
        return Advice(data, f'Add "default": null to field {field.name}.', patch)
    if isinstance(field.type, Enum):
        known = _unknown_like(field.type)
        add = {"op": "add", "path": f"{path}/default", "value": known or field.type.symbols[0]}
        fix = f"Give field {field.name} a default of its own; the enum's default is for unknown symbols only."
        return Advice(data, fix, Patch(type=reader.name, operations=(add,)) if field.type.symbols else None)
    fix = f'Give field {field.name} a default, or make it nullable: ["null", {shown(field.type)}] with "default": null.'
    return Advice(data, fix, _made_nullable(reader, field, path))


def _made_nullable(reader: Record, field: Field, path: str) -> Patch | None:
    """Only types that declare no name inside can be written again without moving a declaration."""
    kind = field.type
    if isinstance(kind, Union):
        return None
    inner = kind.items if isinstance(kind, Array) else kind.values if isinstance(kind, Map) else kind
    if not isinstance(inner, Primitive):
        return None
    return Patch(
        type=reader.name,
        operations=(
            {"op": "replace", "path": f"{path}/type", "value": ["null", to_json(kind)]},
            {"op": "add", "path": f"{path}/default", "value": None},
        ),
    )


def _missing_symbols(finding: JavaFinding, place: Place) -> Advice:
    reader, writer = finding.reader, finding.writer
    assert isinstance(reader, Enum)
    assert isinstance(writer, Enum)
    there = set(reader.symbols)
    lost = [symbol for symbol in writer.symbols if symbol not in there]
    names = ", ".join(lost[:5]) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")  # noqa: PLR2004
    operations = tuple({"op": "add", "path": "/symbols/-", "value": symbol} for symbol in lost)
    known = _unknown_like(reader)
    default = f' "default": "{known}"' if known else " a default"
    fix = f"Put back {names}, or give the enum{default}, so that unknown symbols are read as it."
    return Advice(f"records where {_up(place).path} is {names}", fix, Patch(type=reader.name, operations=operations))


def _name(finding: JavaFinding, place: Place) -> Advice:
    reader, writer = finding.reader, finding.writer
    assert isinstance(reader, Named)
    assert isinstance(writer, Named)
    data = f"every value of {_up(place).path}, in readers that compare names"
    return Advice(data, *alias_advice(reader, writer))


def _size(finding: JavaFinding, place: Place) -> Advice:
    reader, writer = finding.reader, finding.writer
    assert isinstance(reader, Fixed)
    assert isinstance(writer, Fixed)
    fix = f"Keep {writer.size} bytes, or declare a new fixed for {reader.size} and a new field for it."
    patch = Patch(type=reader.name, operations=({"op": "replace", "path": "/size", "value": writer.size},))
    return Advice(f"every value of {_up(place).path}", fix, patch)


def _type(finding: JavaFinding, place: Place) -> Advice:
    reader, writer = finding.reader, finding.writer
    where = place.path
    if isinstance(writer, Record) and isinstance(reader, Enum) and place.token == _TYPE:
        data = f"every {writer.short_name} written without {where.rpartition('.')[2]}"
        return Advice(
            data, "Give the field a default of its own; the enum's default is for unknown symbols only.", None
        )
    branch = place.above is not None and place.token.isdigit() and place.above.token in {_TYPE, "items", "values", ""}
    data = f"values of {where} written as {shown(writer)}" if branch else f"every value of {where}"
    before, now = shown(writer), shown(reader)
    if branch:
        return Advice(data, f"Read it as a union that has {before} too.", None)
    record, path = place.declared_at
    fix = f"Keep {before}, or add a new field of type {now} with a default."
    value = _reference(writer)
    if record is None or value is None or named_types(reader) or not _keeps_default(record, path, writer):
        return Advice(data, fix, None)  # also where a declaration would go that something else may refer to
    return Advice(data, fix, Patch(type=record.name, operations=({"op": "replace", "path": path, "value": value},)))


def _keeps_default(record: Record, path: str, kind: Schema) -> bool:
    """Say whether the default of the field at a path stays one when `kind` is put there; in items an empty one does."""
    field = path.split("/")[2]
    default = record.fields[int(field)].default
    if default is NO_DEFAULT:
        return True
    return default_problem(kind, default, "") is None if path == f"/fields/{field}/type" else not default


def _branch(finding: JavaFinding, place: Place) -> Advice:
    reader, writer = finding.reader, finding.writer
    assert isinstance(reader, Union)
    inside = place.token.isdigit() and place.above is not None and place.above.record is None and place.record is None
    union = _up(place) if inside else place
    data = f"values of {union.path} written as {shown(writer)}"
    record, path = union.declared_at
    value = _reference(writer)
    same = any(shown(branch) == shown(writer) for branch in reader.branches)
    fix = f"Put {shown(writer)} back among the union's branches."
    if same or record is None or value is None:
        return Advice(data, f"Make the branch {shown(writer)} readable." if same else fix, None)
    return Advice(data, fix, Patch(type=record.name, operations=({"op": "add", "path": f"{path}/-", "value": value},)))


def _up(place: Place) -> Place:
    return place if place.above is None else place.above


def _nullable(schema: Schema) -> bool:
    return isinstance(schema, Union) and any(isinstance(b, Primitive) and b.name == "null" for b in schema.branches)


def _unknown_like(enum: Enum) -> str:
    return next((symbol for symbol in enum.symbols if "UNKNOWN" in symbol.upper() or symbol.upper() == "OTHER"), "")


def _reference(schema: Schema) -> Json:
    """Return how a type is written where it is used; None where it would have to be declared."""
    if isinstance(schema, Primitive):
        return to_json(schema)
    return None


_BY_KIND: Final[Mapping[Incompatibility, Callable[[JavaFinding, Place], Advice]]] = {
    Incompatibility.READER_FIELD_MISSING_DEFAULT_VALUE: _missing_default,
    Incompatibility.MISSING_ENUM_SYMBOLS: _missing_symbols,
    Incompatibility.NAME_MISMATCH: _name,
    Incompatibility.FIXED_SIZE_MISMATCH: _size,
    Incompatibility.TYPE_MISMATCH: _type,
    Incompatibility.MISSING_UNION_BRANCH: _branch,
}
