"""What a declaration may contain, as a value, and one pass that reports everything that does not fit.

A shape is one of Text, Flag, Whole, Listing, Table, Fields. `fit` returns plain values for what fits and leaves out
what does not, so that later checks can go on and find more.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from avroad.config.masking import shown_name
from avroad.config.strict_yaml import Node
from avroad.errors import Problem

__all__ = ["Fields", "Shape", "did_you_mean", "fit", "setting_text"]

Value: TypeAlias = Any
"""What `fit` returns: str, bool, int, lists and dicts of them. Shapes, not types, say which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A value of one kind.

    kind: text, flag, whole, setting (any scalar, kept as written), list (of `items`) or table (any key, `items` each).
    choices: the texts allowed, all when empty; low, high: bounds of a whole number, both included.
    """

    kind: str
    choices: tuple[str, ...] = ()
    low: int = 0
    high: int = 2**31 - 1
    items: Shape | Fields | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """A mapping with known keys. refused: keys with the reason why they are not allowed here."""

    known: Mapping[str, Shape | Fields]
    required: Collection[str] = ()
    refused: Mapping[str, str] = field(default_factory=dict)


_NAMES: Final = {"text": "text", "flag": "true or false", "list": "a list", "table": "a mapping"}
_LIKE_FLAGS: Final = re.compile(r"(?i)(y|yes|on|n|no|off|true|false)\Z")


def did_you_mean(name: str, known: Collection[str], *, cutoff: float = 0.6) -> str:
    """Return `did you mean "x"?` for the closest known name, "" when none is close."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=cutoff)
    if not close:
        folded = {item.casefold(): item for item in known}
        close = [folded[name.casefold()]] if name.casefold() in folded else []
    return f'did you mean "{close[0]}"?' if close else ""


def fit(node: Node, shape: Shape | Fields, problems: list[Problem]) -> Value:
    """Return the plain value of `node`, None when it does not fit; append every problem."""
    if isinstance(shape, Fields):
        return _fields(node, shape, problems)
    if shape.kind == "list":
        return _list(node, shape, problems)
    if shape.kind == "table":
        return _table(node, shape, problems)
    return _scalar(node, shape, problems)


def setting_text(node: Node) -> str:
    """Return a scalar as the text a client is given: as written, flags in lower case unless a variable gave them."""
    return node.text.lower() if isinstance(node.value, bool) and not node.expanded else node.text


def _fields(node: Node, shape: Fields, problems: list[Problem]) -> dict[str, Value] | None:
    if node.kind != "mapping":
        problems.append(_no_mapping(node))
        return None
    values: dict[str, Value] = {}
    for key, child in node.entries.items():
        if key in shape.refused:
            problems.append(child.problem(f"no {key} here", f"{key}", shape.refused[key]))
        elif key not in shape.known:
            fix = did_you_mean(key, shape.known) or f"known keys: {', '.join(shape.known)}"
            problems.append(child.problem("a known key", shown_name(key), fix))
        else:
            value = fit(child, shape.known[key], problems)
            if value is not None:
                values[key] = value
    missing = [key for key in shape.required if key not in node.entries]
    problems.extend(node.problem(f'the key "{key}"', "no such key", f"add {key}:") for key in missing)
    return values


def _list(node: Node, shape: Shape, problems: list[Problem]) -> list[Value] | None:
    if node.kind != "list":
        fix = f"write [{node.text[:80]}]?" if node.kind == "scalar" and node.text else ""
        problems.append(node.problem("a list", node.describe(), fix))
        return None
    assert shape.items is not None  # every list shape names its items
    values = [fit(item, shape.items, problems) for item in node.items]
    return [value for value in values if value is not None]


def _table(node: Node, shape: Shape, problems: list[Problem]) -> dict[str, Value] | None:
    if node.kind != "mapping":
        problems.append(_no_mapping(node))
        return None
    assert shape.items is not None  # every table shape names its values
    values = {key: fit(child, shape.items, problems) for key, child in node.entries.items()}
    return {key: value for key, value in values.items() if value is not None}


def _no_mapping(node: Node) -> Problem:
    """A line without the blank behind its colon is one text; whatever it holds is not shown."""
    text = node.kind == "scalar" and node.value is not None
    return node.problem("a mapping", "a text" if text else node.describe(), "a blank after each colon?" if text else "")


def _scalar(node: Node, shape: Shape, problems: list[Problem]) -> Value:
    if shape.kind == "setting" and node.kind == "scalar" and node.value is not None:
        return setting_text(node)
    if shape.kind == "whole" and type(node.value) is int:
        if shape.low <= node.value <= shape.high:
            return node.value
        problems.append(node.problem(f"a whole number from {shape.low} to {shape.high}", node.text[:40]))
        return None
    if shape.kind == "flag" and isinstance(node.value, bool):
        return node.value
    # A variable may hold digits and still be meant as text.
    if shape.kind == "text" and (isinstance(node.value, str) or (node.expanded and node.value is not None)):
        if shape.choices and node.text not in shape.choices:
            expected = f"one of {', '.join(shape.choices)}"
            problems.append(node.problem(expected, node.describe(), did_you_mean(node.text, shape.choices)))
            return None
        return node.text
    problems.append(node.problem(_expected(shape), node.describe(), _scalar_fix(node, shape)))
    return None


def _expected(shape: Shape) -> str:
    if shape.kind == "whole":
        return f"a whole number from {shape.low} to {shape.high}"
    if shape.kind == "setting":
        return "one value"
    return f"one of {', '.join(shape.choices)}" if shape.choices else _NAMES[shape.kind]


def _scalar_fix(node: Node, shape: Shape) -> str:
    if node.kind != "scalar" or node.value is None:
        return ""
    if shape.kind == "text":
        return f'write "{node.text[:80]}" in quotes?'
    if shape.kind == "flag" and isinstance(node.value, str) and _LIKE_FLAGS.match(node.text):
        return f"write {'true' if node.text.lower() in {'y', 'yes', 'on', 'true'} else 'false'}"
    if shape.kind == "whole" and isinstance(node.value, str) and node.text.replace("_", "").isdigit():
        return f"write {int(node.text.replace('_', ''))}"
    return ""
