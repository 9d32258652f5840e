"""Which fields can give a record its key and its time."""

from __future__ import annotations

from avroad.config.shape import did_you_mean
from avroad.schema import Primitive, Record, Schema, Union

__all__ = ["field_problems"]


def field_problems(record: Record, name: str, role: str) -> list[tuple[str, str, str]]:
    """Return (expected, found, fix) when field `name` of `record` cannot play `role`; an empty list when it can.

    role: `key_from` wants a string, a uuid, an int or a long, whose text is the record key; `time_from` wants
    timestamp-millis or -micros. Neither may be nullable: a record without key or time would have no place.
    """
    known = {field.name: field.type for field in record.fields}
    expected = f"a field of every type under values that can be the {'key' if role == 'key_from' else 'record time'}"
    if name not in known:
        return [(expected, f'"{name[:80]}", which {record.name} does not have', did_you_mean(name, known))]
    fits = _is_key if role == "key_from" else _is_time
    if fits(known[name]):
        return []
    wanted = "string, uuid, int or long" if role == "key_from" else "timestamp-millis or timestamp-micros"
    if isinstance(known[name], Union):
        wanted = f"{wanted}, not nullable"
    return [(f"{expected} ({wanted})", f'"{name}" of {record.name}, a {_kind(known[name])}', "")]


def _is_key(schema: Schema) -> bool:
    if not isinstance(schema, Primitive):
        return False
    logical = "" if schema.logical is None else schema.logical.name
    return (schema.name, logical) in {("string", ""), ("string", "uuid"), ("int", ""), ("long", "")}


def _is_time(schema: Schema) -> bool:
    logical = schema.logical if isinstance(schema, Primitive) else None
    return logical is not None and logical.name in {"timestamp-millis", "timestamp-micros"}


def _kind(schema: Schema) -> str:
    if isinstance(schema, Primitive):
        return schema.logical.name if schema.logical else schema.name
    return type(schema).__name__.lower()
