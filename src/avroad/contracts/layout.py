"""The one layout of a schema file: keys in a fixed order, two spaces, short things on one line of 120 columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from avroad.errors import SchemaSyntaxError
from avroad.schema import not_utf8, read_json

__all__ = ["layout"]

_WIDTH: Final = 120
_TYPE_KEYS: Final = (
    "type", "name", "namespace", "doc", "aliases", "logicalType", "precision", "scale", "size", "symbols", "items",
    "values", "default",
)  # fmt: skip
_FIELD_KEYS: Final = ("name", "type", "doc", "default", "aliases", "order")


def layout(value: Any, *, file: str = "", width: int = _WIDTH) -> str:  # noqa: ANN401  # a JSON value
    """Return a schema's JSON as the text of a file; only blanks, escapes and the order of keys differ.

    What is data in a schema (defaults, attributes that Avro does not know) keeps the order of its keys.
    width: columns of the longest line, where it can be broken.
    Raises SchemaSyntaxError when a value cannot be written so that it reads back the same.
    """
    ordered = _type(value)
    text = f"{_text(ordered, '', 0, width, top=True)}\n"
    if _exact(read_json(text, file=file)) != _exact(value):
        raise SchemaSyntaxError(
            "this file cannot be laid out without changing it", file=file, hint="Does it hold a number out of range?"
        )
    return text


def _exact(value: Any) -> str:  # noqa: ANN401  # a JSON value
    """One text per value; 1, 1.0 and true are three."""
    return json.dumps(value, sort_keys=True)


def _type(value: Any) -> Any:  # noqa: ANN401  # a JSON value
    if isinstance(value, list):
        return [_type(branch) for branch in value]
    if not isinstance(value, dict):
        return value
    ordered = _by_key(value, _TYPE_KEYS, last="fields")
    for key in ("type", "items", "values"):
        if key in ordered:
            ordered[key] = _type(ordered[key])
    fields = ordered.get("fields")
    if isinstance(fields, list):
        ordered["fields"] = [_field(item) for item in fields]
    return ordered


def _field(value: Any) -> Any:  # noqa: ANN401  # a JSON value
    if not isinstance(value, dict):
        return value
    ordered = _by_key(value, _FIELD_KEYS)
    return {key: _type(item) if key == "type" else item for key, item in ordered.items()}


def _by_key(value: Mapping[str, Any], keys: tuple[str, ...], last: str = "") -> dict[str, Any]:
    known = {key: value[key] for key in keys if key in value}
    others = {key: item for key, item in value.items() if key not in known and key != last}
    return {**known, **others, **({last: value[last]} if last in value else {})}


def _text(value: Any, indent: str, used: int, width: int, *, top: bool = False) -> str:  # noqa: ANN401  # a JSON value
    """Return a value as text. used: columns taken on its first line, with the comma that may follow it."""
    line = _line(value)
    if not value or not isinstance(value, list | dict) or (len(line) + used <= width and not top):
        return line
    inner = indent + "  "
    if isinstance(value, dict):
        parts = []
        for key, item in value.items():
            start = f"{inner}{_line(key)}: "
            parts.append(start + _text(item, inner, len(start) + 1, width))
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
    if all(not isinstance(item, list | dict) for item in value):
        return f"[\n{_filled([_line(item) for item in value], inner, width)}\n{indent}]"
    return "[\n" + ",\n".join(inner + _text(item, inner, len(inner) + 1, width) for item in value) + f"\n{indent}]"


def _filled(items: list[str], indent: str, width: int) -> str:
    """Return items in lines as full as they may be."""
    lines, current = [], indent
    for i, item in enumerate(items):
        piece = item + ("," if i < len(items) - 1 else "")
        blank = "" if current == indent else " "
        if blank and len(current) + 1 + len(piece) > width:
            lines.append(current)
            current, blank = indent, ""
        current += blank + piece
    return "\n".join([*lines, current])


def _line(value: Any) -> str:  # noqa: ANN401  # a JSON value
    line = json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if not_utf8(line) else line
