"""Whether two schema texts of one registry mean the same, without following references.

Registries write a text back in their own form (namespace split off, documentation dropped); that is no difference.
"""

from __future__ import annotations

import hashlib
import json
from typing import Final

from avroad.errors import SchemaSyntaxError
from avroad.model import SchemaText
from avroad.schema import PRIMITIVES, Json, read_json

__all__ = ["MARK", "mark", "same", "unmark"]

MARK: Final = "avroad.revision"
"""Attribute that makes a text distinct for registries that ignore aliases and enum defaults when they compare."""

_COSMETIC: Final = frozenset({"doc", "namespace", MARK})


def same(one: SchemaText, other: SchemaText) -> bool:
    """Return whether both have the same references and the same meaning; documentation does not count."""
    if set(one.references) != set(other.references):
        return False
    if one.text == other.text:
        return True
    try:
        return _normal(read_json(one.text), "") == _normal(read_json(other.text), "")
    except (SchemaSyntaxError, RecursionError):
        return False


def mark(text: str) -> str | None:
    """Return the schema text with an attribute that differs whenever the meaning does; None where none can stand."""
    schema = read_json(text)
    if not isinstance(schema, dict):
        return None
    meaning = json.dumps(_normal(schema, ""), sort_keys=True)
    return json.dumps({**schema, MARK: hashlib.sha256(meaning.encode()).hexdigest()[:16]})


def unmark(text: str) -> str:
    """Return the schema text without that attribute; any other text as it is."""
    if MARK not in text:
        return text
    try:
        schema = read_json(text)
    except SchemaSyntaxError:
        return text
    if not isinstance(schema, dict) or MARK not in schema:
        return text
    return json.dumps({key: item for key, item in schema.items() if key != MARK})


def _normal(value: Json, space: str) -> Json:
    """Write every name in full and drop what does not change the meaning."""
    if isinstance(value, str):
        return value if value in PRIMITIVES else _full(value, space)
    if isinstance(value, list):
        return [_normal(item, space) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("type")
    if not isinstance(kind, str):
        return _normal(kind, space) if set(value) == {"type"} else {**value, "type": _normal(kind, space)}
    kept = {key: item for key, item in value.items() if key not in _COSMETIC}
    if set(kept) == {"type"}:
        return _normal(kind, space)
    if isinstance(name := value.get("name"), str):
        declared = value.get("namespace")
        full = _full(name, declared if isinstance(declared, str) else space)
        kept["name"], space = full, full.rpartition(".")[0]
        if isinstance(aliases := value.get("aliases"), list):
            kept["aliases"] = [*sorted(_full(item, space) for item in aliases if isinstance(item, str))]
    if isinstance(fields := value.get("fields"), list):
        kept["fields"] = [_field(item, space) for item in fields]
    for key in ("items", "values"):
        if key in kept:
            kept[key] = _normal(kept[key], space)
    return kept


def _field(value: Json, space: str) -> Json:
    if not isinstance(value, dict):
        return value
    kept = {key: item for key, item in value.items() if key != "doc"}
    if kept.get("order") == "ascending":
        del kept["order"]
    if isinstance(aliases := kept.get("aliases"), list):
        kept["aliases"] = [*sorted(item for item in aliases if isinstance(item, str))]
    kept["type"] = _normal(kept.get("type"), space)
    return kept


def _full(name: str, space: str) -> str:
    return name if "." in name or not space else f"{space}.{name}"
