"""Checks of a whole schema file, or of all of them together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from avroad.contracts.lint.findings import Hit, SchemaSource
from avroad.contracts.lint.places import NAMED, Place, alternatives, base

__all__ = ["FILE_CHECKS", "names_twice"]

_SNAKE: Final = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+\Z")
_CAMEL: Final = re.compile(r"[a-z]+[a-z0-9]*([A-Z][a-z0-9]*)+\Z")
_PLAIN: Final = re.compile(r"[a-z][a-z0-9]*\Z")
_ID: Final = re.compile(r"(.*_)?(id|uuid|key)\Z|.*(Id|Uuid|Key)\Z")
_MAX_BYTES: Final = 64 * 1024


def _field_style(_source: SchemaSource, found: Sequence[Place]) -> Iterator[tuple[Place, Hit]]:
    """One style per file: the one that most names have; a name of one lower-case word is of either."""
    fields = [place for place in found if place.kind == "field" and not _PLAIN.match(place.name)]
    snake = sum(1 for place in fields if _SNAKE.match(place.name))
    camel = sum(1 for place in fields if _CAMEL.match(place.name))
    wanted, word = (_CAMEL, "camelCase") if camel > snake else (_SNAKE, "snake_case")
    for place in fields:
        if not wanted.match(place.name):
            fix = f"use {word}, the style of this file, for the next new field; to rename this one, keep an alias"
            yield place, Hit(message=f"{place.name} is not {word}", fix=fix, at=".name")


def _recursive(_source: SchemaSource, found: Sequence[Place]) -> Iterator[tuple[Place, Hit]]:
    for place in found:
        if place.kind != "record":
            continue
        inside = [other for other in found if other.pointer.startswith(f"{place.pointer}/")]
        if any(_refers(other, place.name) for other in inside):
            message = f"{place.name} contains itself"
            yield place, Hit(message=message, fix="say in its doc how deep it gets; readers limit the depth")


def _refers(place: Place, full: str) -> bool:
    name = base(place.node)
    return place.kind == "name" and (name if "." in name or not place.space else f"{place.space}.{name}") == full


def _size(source: SchemaSource, found: Sequence[Place]) -> Iterator[tuple[Place, Hit]]:
    if source.size_bytes > _MAX_BYTES:
        message = f"the file has {source.size_bytes} bytes, more than {_MAX_BYTES}"
        yield found[0], Hit(message=message, fix="declare parts of it in files of their own")


def _event_fields(found: Sequence[Place]) -> list[Place]:
    depth = "/fields/"
    return [place for place in found if place.kind == "field" and place.pointer.count(depth) == 1]


def _event_id(source: SchemaSource, found: Sequence[Place]) -> Iterator[tuple[Place, Hit]]:
    if source.event and not any(_ID.match(place.name) for place in _event_fields(found)):
        message = "no field tells one event from another"
        yield found[0], Hit(message=message, fix='add a field event_id with {"type": "string", "logicalType": "uuid"}')


def _event_time(source: SchemaSource, found: Sequence[Place]) -> Iterator[tuple[Place, Hit]]:
    if source.event and not any(_is_instant(place) for place in _event_fields(found)):
        message = "no field says when it happened"
        yield found[0], Hit(message=message, fix='add a field with {"type": "long", "logicalType": "timestamp-millis"}')


def _is_instant(place: Place) -> bool:
    branches = alternatives(place.attributes.get("type"))
    return any(isinstance(b, dict) and str(b.get("logicalType")).startswith("timestamp-") for b in branches)


def _event_owner(source: SchemaSource, found: Sequence[Place]) -> Iterator[tuple[Place, Hit]]:
    if source.event and not source.owner and not found[0].attributes.get("owner"):
        fix = 'name the team under "owner" of the topic in admin/topics'
        yield found[0], Hit(message="nobody owns the event", fix=fix)


def names_twice(sources: Iterable[tuple[SchemaSource, Sequence[Place]]]) -> Iterator[tuple[SchemaSource, Place, Hit]]:
    """Yield declarations whose unqualified name another namespace has, too; the first of them in order is fine."""
    first: dict[str, str] = {}
    for source, found in sources:
        for place in found:
            if place.kind not in NAMED or not place.name:
                continue
            other = first.setdefault(place.name.rpartition(".")[2], place.name)
            if other != place.name:
                fix = "take another name: registries and Java compare names without namespace"
                yield source, place, Hit(message=f"{other} has the same name in another namespace", fix=fix)


FILE_CHECKS: Final = {
    "FIELD_NAME_STYLE": _field_style,
    "RECURSIVE_TYPE": _recursive,
    "SCHEMA_TOO_LARGE": _size,
    "EVENT_WITHOUT_ID": _event_id,
    "EVENT_WITHOUT_TIME": _event_time,
    "EVENT_WITHOUT_OWNER": _event_owner,
}
"""By rule."""
