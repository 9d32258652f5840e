"""Declarations out of order: names used before their declaration, and types declared twice, as only Java takes them."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

NAMED = {"record", "enum", "fixed"}


def disordered(schema: Any, rng: random.Random) -> Any:
    """Return a schema whose types are declared at other uses of their names, or at several. Names are full ones."""
    box = {"items": copy.deepcopy(schema)}
    for _ in range(rng.choice((1, 1, 2, 3))):
        uses = list(_uses(box))
        names = sorted({use[0][use[1]]["name"] for use in uses if isinstance(use[0][use[1]], dict)})
        if not names:
            break
        name = rng.choice(names)
        declared = [use for use in uses if _is_declared(use, name)]
        others = [use for use in uses if use[0][use[1]] == name] or _one_more(box["items"], name, rng)
        if not others:
            continue
        (holder, key), (other, place) = rng.choice(declared), rng.choice(others)
        again = copy.deepcopy(holder[key])
        if rng.random() < 0.5:
            holder[key] = name
        else:
            _reword(again, rng)
        other[place] = again
    return box["items"]


def _one_more(root: Any, name: str, rng: random.Random) -> list[tuple[Any, Any]]:
    """Use a name in a new field of the outermost record."""
    if not isinstance(root, dict) or "fields" not in root or root["name"] == name:
        return []
    kind = rng.choice((name, ["null", name], {"type": "array", "items": name}))
    field = {"name": f"again{rng.randrange(10**6)}", "type": kind}
    root["fields"].insert(rng.randrange(len(root["fields"]) + 1), field)
    if isinstance(kind, str):
        return [(field, "type")]
    return [(kind, 1)] if isinstance(kind, list) else [(kind, "items")]


def _is_declared(use: tuple[Any, Any], name: str) -> bool:
    node = use[0][use[1]]
    return isinstance(node, dict) and bool(node["name"] == name)


def _reword(node: Any, rng: random.Random) -> None:
    """Change what Java's `equals` does not see, and now and then what it sees."""
    change = rng.choice(("none", "doc", "aliases", "default", "props", "field", "order"))
    if change == "doc":
        node["doc"] = "again"
    elif change == "aliases":
        node["aliases"] = ["a.Again"]
    elif change == "default" and node["type"] == "enum":
        node["default"] = node["symbols"][-1]
    elif change == "props":
        node["again"] = 1
    elif change in {"field", "order"} and node.get("fields"):
        rng.choice(node["fields"]).update({"doc": "again"} if change == "field" else {"order": "descending"})


def _uses(node: Any) -> Iterator[tuple[Any, Any]]:
    """Give each place where a name stands, or the declaration of one."""
    if isinstance(node, list):
        places: list[tuple[Any, Any]] = [(node, i) for i in range(len(node))]
    else:
        places = [(node, key) for key in ("items", "values") if key in node]
        places += [(field, "type") for field in node.get("fields", ())]
    for holder, key in places:
        part = holder[key]
        if isinstance(part, str) or (isinstance(part, dict) and part.get("type") in NAMED):
            yield holder, key
        if not isinstance(part, str):
            yield from _uses(part)
