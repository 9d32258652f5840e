"""`${VAR}` and `${VAR:-default}` in environment files; nothing else expands anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from avroad.config.masking import is_secret
from avroad.config.strict_yaml import Node, plain_scalar
from avroad.errors import Problem
from avroad.schema import not_utf8

__all__ = ["expand", "has_default", "has_variable"]

_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
_PARTS: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?\Z", re.DOTALL)


def has_variable(node: Node) -> bool:
    """Say whether a scalar takes its value, or part of it, from outside the file."""
    return _VARIABLE.search(node.text) is not None


def has_default(node: Node) -> bool:
    """Say whether a scalar names what stands in for a variable that is not set; nothing at all does not count."""
    parts = (_PARTS.match(found) for found in _VARIABLE.findall(node.text))
    return any(part is not None and part[2] for part in parts)


def expand(
    node: Node, environ: Mapping[str, str], problems: list[Problem], unusable: dict[str, list[str]], key: str = ""
) -> Node:
    """Return `node` with variables replaced; an unquoted value then means what it would mean if written so.

    problems: one per variable that is not set and has no default, and per `${` that is no variable.
    unusable: receives the paths of those values, each with the variables that are not set. `:-` also replaces an empty
    variable, as in a shell.
    """
    if node.kind == "list":
        return replace(node, items=tuple(expand(item, environ, problems, unusable) for item in node.items))
    if node.kind == "mapping":
        entries = {key: expand(child, environ, problems, unusable, key) for key, child in node.entries.items()}
        return replace(node, entries=entries)
    if "${" not in node.text:
        return node

    secret = is_secret(key)
    form = "${VAR}" if secret else "${VAR} or ${VAR:-default}"

    def value(match: re.Match[str]) -> str:
        parts = _PARTS.match(match[1])
        if parts is None:
            unusable.setdefault(node.path, [])
            problems.append(node.problem(form, "a ${...} around something else"))
            return ""
        name, default = parts[1], parts[2]
        found = environ.get(name)
        if default is not None and not found:
            return default
        if found is None:
            unusable.setdefault(node.path, []).append(name)
            other = f"{key}_file: PATH" if secret else f"${{{name}:-default}}"
            fix = f"export {name}=..., or write {other}"
            problems.append(node.problem(f"the environment variable {name}", "none of that name", fix))
        elif not_utf8(found) is not None:
            unusable.setdefault(node.path, [])
            problems.append(node.problem(f"UTF-8 text in the environment variable {name}", "other bytes"))
        return found or ""

    if "${" in _VARIABLE.sub("", node.text):
        unusable.setdefault(node.path, [])
        problems.append(node.problem(form, "a ${ that is never closed"))
        return node
    text = _VARIABLE.sub(value, node.text)
    return replace(node, text=text, value=plain_scalar(text) if node.plain else text, expanded=True)
