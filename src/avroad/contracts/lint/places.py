"""The places of a schema's JSON that rules look at: every type, field and union, with its path and its names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from avroad.schema import PRIMITIVES

__all__ = ["NAMED", "Place", "alternatives", "base", "places"]

NAMED: Final = frozenset({"record", "error", "enum", "fixed"})
_MAX_DEPTH: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place of a schema file.

    kind: record, enum, fixed, field, array, map, union, primitive or name; node: the JSON there; path: JSONPath;
    pointer: the same as RFC 6901; space: the namespace in force; name: full name of a named type or name of a
    field; type: full name of the enclosing named type; field: name of the field whose type this is part of;
    names: the place by names from the file's type, such as `$.road`, as comparisons give it.
    """

    kind: str
    node: Any
    path: str
    pointer: str
    space: str = ""
    name: str = ""
    type: str = ""
    field: str = ""
    names: str = "$"

    @property
    def attributes(self) -> dict[str, Any]:
        """The object that stands here; empty for a union and for a bare name."""
        return self.node if isinstance(self.node, dict) else {}

    @property
    def label(self) -> str:
        """The place by names without namespace, for people: a type, or type and field."""
        short = self.type.rpartition(".")[2]
        if self.kind == "field":
            return f"{short}.{self.name}"
        return self.name.rpartition(".")[2] or (f"{short}.{self.field}" if self.field else short) or "$"


def places(value: Any) -> Iterator[Place]:  # noqa: ANN401  # a JSON value
    """Yield every place of a schema's JSON, parents first; what is no schema is passed over."""
    yield from _visit(Place(kind="name", node=value, path="$", pointer=""), 0)


def alternatives(node: Any) -> list[Any]:  # noqa: ANN401  # a JSON value
    """Return what a type may be besides null: the branches of a union, or the type itself."""
    return [branch for branch in node if branch != "null"] if isinstance(node, list) else [node]


def base(node: Any) -> str:  # noqa: ANN401  # a JSON value
    """Return the name of a type: a primitive, `array`, `enum`, a full name; "" for a union and for no type."""
    kind = node.get("type") if isinstance(node, dict) else node
    return kind if isinstance(kind, str) else ""


def _visit(place: Place, depth: int) -> Iterator[Place]:
    node = place.node
    if depth > _MAX_DEPTH:
        return
    if isinstance(node, list):
        yield replace(place, kind="union")
        for i, branch in enumerate(node):
            yield from _visit(_below(place, branch, f"[{i}]", f"/{i}"), depth + 1)
        return
    kind = base(node)
    if isinstance(node, dict) and kind in NAMED:
        yield from _named(place, "record" if kind == "error" else kind, depth)
    elif isinstance(node, dict) and kind in {"array", "map"}:
        yield replace(place, kind=kind)
        key = "items" if kind == "array" else "values"
        if key in node:
            below = _below(place, node[key], f".{key}", f"/{key}")
            yield from _visit(replace(below, names=place.names + ("[]" if kind == "array" else "{}")), depth + 1)
    elif kind:
        yield replace(place, kind="primitive" if kind in PRIMITIVES else "name")


def _named(place: Place, kind: str, depth: int) -> Iterator[Place]:
    node = place.node
    full = _full_name(node, place.space)
    space = full.rpartition(".")[0]
    yield replace(place, kind=kind, name=full, space=space)
    fields = node.get("fields")
    for i, item in enumerate(fields if kind == "record" and isinstance(fields, list) else ()):
        if not isinstance(item, dict) or not isinstance(item.get("name"), str):
            continue
        field = Place(
            kind="field",
            node=item,
            path=f"{place.path}.fields[{i}]",
            pointer=f"{place.pointer}/fields/{i}",
            space=space,
            name=item["name"],
            type=full,
            names=f"{place.names}.{item['name']}",
        )
        yield field
        if "type" in item:
            below = _below(field, item["type"], ".type", "/type")
            yield from _visit(replace(below, field=item["name"], name=""), depth + 1)


def _below(place: Place, node: Any, path: str, pointer: str) -> Place:  # noqa: ANN401  # a JSON value
    return replace(place, kind="name", node=node, path=place.path + path, pointer=place.pointer + pointer)


def _full_name(node: dict[str, Any], space: str) -> str:
    name, own = node.get("name"), node.get("namespace", space)
    if not isinstance(name, str):
        return ""
    full = name if "." in name or not isinstance(own, str) or not own else f"{own}.{name}"
    return full.removeprefix(".")
