"""Which names a schema file declares and which it takes from elsewhere, read before anything is parsed.

The order in which files can be parsed follows from this; so do the chains of files that refer in circles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from avroad.schema import PRIMITIVES, Json

__all__ = ["Names", "order", "scan"]

_COMPLEX: Final = frozenset({"record", "error", "enum", "fixed", "array", "map"})
_NAMED: Final = frozenset({"record", "error", "enum", "fixed"})
_MAX_DEPTH: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """declared: path of the declaration by full name. used: (path, name as written, full name) per name used."""

    declared: dict[str, str] = field(default_factory=dict)
    used: list[tuple[str, str, str]] = field(default_factory=list)


def scan(value: Json) -> Names:
    """Return the names in a schema's JSON. What is no schema is passed over: the parser reports it."""
    names = Names()
    _visit(value, "$", "", names, 0)
    return names


def order(graph: Mapping[str, tuple[str, ...]]) -> tuple[list[str], list[list[str]]]:
    """Return the keys of `graph`, each after all it points at, and the circles found, each ending where it starts.

    Keys on a circle, and those that lead to one, are left out of the order. Targets outside the graph are ignored.
    """
    done: dict[str, bool] = {}
    ordered: list[str] = []
    circles: list[list[str]] = []
    for start in graph:
        if start not in done:
            _descend(start, graph, done, ordered, circles)
    return ordered, circles


def _descend(
    start: str,
    graph: Mapping[str, tuple[str, ...]],
    done: dict[str, bool],
    ordered: list[str],
    circles: list[list[str]],
) -> None:
    """Walk depth first without recursion: a chain of a thousand files must not exhaust the stack.

    done: whether a finished key stands in the order.
    """
    trail: dict[str, Iterator[str]] = {start: iter(graph[start])}
    while trail:
        name = next(reversed(trail))
        target = next(trail[name], None)
        if target is None:
            del trail[name]
            done[name] = done.get(name, True) and all(done.get(t, True) for t in graph[name])
            if done[name]:
                ordered.append(name)
        elif target in trail:
            path = list(trail)
            circle = path[path.index(target) :]
            circles.append([*circle, target])
            for member in circle:
                done.setdefault(member, False)
        elif target in graph and target not in done:
            trail[target] = iter(graph[target])


def _visit(value: Json, path: str, space: str, names: Names, depth: int) -> None:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, str):
        _use(value, path, space, names)
    elif isinstance(value, list):
        for i, branch in enumerate(value):
            _visit(branch, f"{path}[{i}]", space, names, depth + 1)
    elif isinstance(value, dict):
        _visit_object(value, path, space, names, depth)


def _visit_object(value: dict[str, Json], path: str, space: str, names: Names, depth: int) -> None:
    kind = value.get("type")
    if isinstance(kind, str) and kind in _NAMED:
        inner = _declare(value, path, space, names)
        fields = value.get("fields")
        for i, item in enumerate(fields if isinstance(fields, list) else ()):
            if isinstance(item, dict) and "type" in item:
                _visit(item["type"], f"{path}.fields[{i}].type", inner, names, depth + 1)
    elif kind == "array":
        _visit(value.get("items"), f"{path}.items", space, names, depth + 1)
    elif kind == "map":
        _visit(value.get("values"), f"{path}.values", space, names, depth + 1)
    elif isinstance(kind, str):
        _use(kind, f"{path}.type", space, names)


def _declare(value: dict[str, Json], path: str, space: str, names: Names) -> str:
    """Note the declaration and return the namespace of what is inside."""
    name, own = value.get("name"), value.get("namespace", space)
    if not isinstance(name, str) or not name:
        return space
    full = name if "." in name or not isinstance(own, str) or not own else f"{own}.{name}"
    full = full.removeprefix(".")
    names.declared.setdefault(full, path)
    return full.rpartition(".")[0]


def _use(name: str, path: str, space: str, names: Names) -> None:
    if name not in PRIMITIVES and name not in _COMPLEX:
        full = name if "." in name or not space else f"{space}.{name}"
        names.used.append((path, name, full))
