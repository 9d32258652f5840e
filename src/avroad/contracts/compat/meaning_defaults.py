"""Rules about a field's default: one that is no value, one that libraries read as another value, one that changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from avroad.codec.defaults import Defaults
from avroad.codec.plan import Slot
from avroad.contracts.compat.findings import Finding, unseen
from avroad.contracts.compat.places import Place, shown
from avroad.contracts.rule import Severity
from avroad.errors import IncompatibleSchema
from avroad.schema import (
    NO_DEFAULT,
    Array,
    Field,
    Fixed,
    Json,
    Map,
    NoDefault,
    NotFinite,
    Primitive,
    Record,
    Schema,
    Union,
    default_branch,
    default_problem,
    normal_default,
)

__all__ = ["default_findings"]

_NUMBERS: Final = frozenset({"int", "long", "float", "double"})


def default_findings(field: Field, source: Field | None, here: Place) -> list[Finding]:
    """Return what there is to say of a reader's field's default. source: the writer's field that feeds it."""
    if source is not None:
        return [*_changed(field, source, here), *_late(field, here)]
    if field.default is NO_DEFAULT:
        return []
    if default_problem(field.type, field.default, "") is not None or not _is_datum(field):
        return [_unusable(field, here)]
    decoded = _decoded(field, field.default, here)
    late = _late(field, here) if not any(finding.rule == "UNION_DEFAULT_NOT_FIRST" for finding in decoded) else []
    return [*late, *decoded]


def _changed(field: Field, source: Field, here: Place) -> list[Finding]:
    if source.default is NO_DEFAULT:
        return []
    if field.default is NO_DEFAULT:
        return [
            unseen(
                "DEFAULT_REMOVED",
                here,
                message=f"field {field.name} has no default any more",
                data="none yet; the field can no longer be removed compatibly",
                fix="Keep the default.",
                unsafe=False,
            )
        ]
    if normal_default(field.type, field.default) == normal_default(source.type, source.default):
        return []
    return [
        unseen(
            "DEFAULT_CHANGED",
            here,
            message=f"the default of field {field.name} is another one",
            data="records without the field: two consumers read two values",
            fix="Keep the default, or update all readers together.",
            unsafe=False,
        )
    ]


def _late(field: Field, here: Place) -> list[Finding]:
    if not isinstance(field.type, Union) or field.default is NO_DEFAULT or not field.type.branches:
        return []
    if default_problem(field.type.branches[0], field.default, "") is None:
        return []
    return [
        unseen(
            "UNION_DEFAULT_NOT_FIRST",
            here,
            message=f"the default of field {field.name} is not of the union's first branch",
            data="records without the field, in readers older than Avro 1.12",
            fix="Put the default's branch first.",
            unsafe=False,
        )
    ]


def _decoded(field: Field, default: Json, here: Place) -> list[Finding]:
    """Report the first part of a valid default that some library takes for another value than it stands for."""
    if isinstance(default, NotFinite):
        return [_no_number(field, default, here)]
    if isinstance(field.type, Primitive) and field.type.name != "bytes":
        return []
    raw: list[Finding] = []
    for kind, value in _parts(field.type, default):
        if isinstance(kind, Union):
            meant, taken = _branch(kind, value), next((b for b in kind.branches if _java_takes(b, value)), None)
            if meant is not taken and taken is not None:
                return [_misread(field, meant, taken, here)]
        elif not raw:
            raw = _raw(field, kind, value, here)
    return raw


def _no_number(field: Field, default: NotFinite, here: Place) -> Finding:
    return unseen(
        "DEFAULT_NOT_DECODED",
        here,
        message=f"the default of field {field.name} is {default.text}, for which JSON has no number",
        data="everything: Java reads the word as a number, Python libraries refuse the schema",
        fix=f'Make {field.name} nullable with "default": null.',
        others_only=True,
    )


def _misread(field: Field, meant: Schema, taken: Schema, here: Place) -> Finding:
    return unseen(
        "UNION_DEFAULT_NOT_FIRST",
        here,
        severity=Severity.ERROR,
        message=f"Java takes the default of field {field.name} for {shown(taken)}, not {shown(meant)}",
        data=f"every record written without {field.name}: Java reads another value, or fails",
        fix="Put the default's branch first.",
        others_only=True,
        changes_meaning=True,
    )


def _raw(field: Field, kind: Schema, value: Json, here: Place) -> list[Finding]:
    binary = isinstance(kind, Fixed) or (isinstance(kind, Primitive) and kind.name == "bytes")
    partly = isinstance(kind, Record) and isinstance(value, dict) and len(value) < len(kind.fields)
    if not binary and not partly:
        return []
    what = f"{shown(kind)}, which is text in the schema" if binary else f"{shown(kind)} without all of its fields"
    cure = f'Make {field.name} nullable with "default": null.' if binary else "Write all inner fields in the default."
    return [
        unseen(
            "DEFAULT_NOT_DECODED",
            here,
            message=f"the default of field {field.name} has {what}",
            data=f"every record written without {field.name}: fastavro gives the default as the schema has it",
            fix=cure,
            others_only=True,
        )
    ]


def _unusable(field: Field, here: Place) -> Finding:
    """Only a schema that was read leniently can have one: Java's checker counts any default, its reader does not."""
    return unseen(
        "READER_DEFAULT_INVALID",
        here,
        severity=Severity.ERROR,
        message=f"the default of field {field.name} is no value of its type, and the writer has no such field",
        data=f"every record written without {field.name}",
        fix="Give the field a default of its type.",
    )


def _is_datum(field: Field) -> bool:
    """Say whether a default of the right type is one that its logical type holds, and that has an end."""
    if field.default is None or (isinstance(field.type, Primitive) and field.type.logical is None):
        return True
    try:
        Defaults({}).size(Slot(name=field.name, type=field.type, default=field.default))
    except IncompatibleSchema:
        return False
    return True


def _java_takes(branch: Schema, value: Json) -> bool:
    """Say whether Java takes a branch for one of a JSON value's sort; it looks no closer, and at most types not at all.

    Source: apache/avro, lang/java, `ResolvingGrammarGenerator.isCompatible`, release 1.12.2.
    """
    if isinstance(branch, Fixed):
        return isinstance(value, str)
    if not isinstance(branch, Primitive):
        return True
    if branch.name == "null":
        return value is None
    if branch.name == "boolean":
        return isinstance(value, bool)
    if branch.name in _NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def _branch(union: Union, value: Json) -> Schema:
    number = default_branch(union, value)
    assert number is not None  # the default is one of its type
    return union.branches[number]


def _parts(schema: Schema, value: Json) -> Iterator[tuple[Schema, Json]]:
    """Yield every part of a valid default with its type, those that inner defaults fill in included, each once."""
    seen: set[tuple[int, int]] = set()
    waiting: list[tuple[Schema, Json]] = [(schema, value)]
    while waiting:
        kind, part = waiting.pop()
        if (id(kind), id(part)) in seen:
            continue
        seen.add((id(kind), id(part)))
        yield kind, part
        if isinstance(kind, Union):
            waiting.append((_branch(kind, part), part))
        elif isinstance(kind, Array) and isinstance(part, list):
            waiting += [(kind.items, item) for item in part]
        elif isinstance(kind, Map) and isinstance(part, dict):
            waiting += [(kind.values, item) for item in part.values()]
        elif isinstance(kind, Record) and isinstance(part, dict):
            for field in kind.fields:
                given: Json | NoDefault = part[field.name] if field.name in part else field.default  # noqa: SIM401 - for mypy
                if not isinstance(given, NoDefault):
                    waiting.append((field.type, given))
