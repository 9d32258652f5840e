"""Text in generated modules: literals and docstrings exactly as the formatter would write them."""

from __future__ import annotations

import re
import textwrap
from typing import Final

__all__ = ["LINE_LENGTH", "attribute_docstring", "docstring", "quoted", "quoted_bytes"]

LINE_LENGTH: Final = 120
"""Longest line of a generated module, as in the project's own code."""

_SENTENCE_END: Final = re.compile(r"[.?!](?=\s)")
_LOOKALIKES: Final = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‐": "-", "−": "-", "×": "x", "…": "..."}  # noqa: RUF001  # these characters are what it is about
)


def quoted(text: str) -> str:
    """Return a string literal: ASCII, double quotes unless single ones need fewer escapes."""
    return _with_quotes(ascii(text))


def quoted_bytes(data: bytes) -> str:
    """Return a bytes literal with the quotes `quoted` would choose."""
    return f"b{_with_quotes(repr(data)[1:])}"


def docstring(text: str, indent: str, *, otherwise: str) -> list[str]:
    """Return the lines of a class or module docstring for a schema's documentation.

    The first sentence stands alone on the first line; when it does not fit there, `otherwise` does.
    """
    words = _clean(text) or _clean(otherwise)
    end = _SENTENCE_END.search(words)
    summary, rest = (words[: end.end()], words[end.end() :].strip()) if end else (words, "")
    if len(indent) + len(summary) + 6 > LINE_LENGTH:
        summary, rest = _clean(otherwise), words
    if not rest:
        return [f"{indent}{_opening(summary)}{summary}{_QUOTES}"]
    body = textwrap.wrap(rest, LINE_LENGTH - len(indent), break_long_words=False, break_on_hyphens=False)
    return [
        f"{indent}{_opening(summary + rest)}{summary}",
        "",
        *(f"{indent}{line}" for line in body),
        f"{indent}{_QUOTES}",
    ]


def attribute_docstring(text: str, indent: str) -> list[str]:
    """Return the lines of the string that documents the field above it, none for an empty text."""
    words = _clean(text)
    if not words:
        return []
    opening = _opening(words)
    if len(indent) + len(opening) + len(words) + 3 <= LINE_LENGTH:
        return [f"{indent}{opening}{words}{_QUOTES}"]
    width = LINE_LENGTH - len(indent) - len(opening)
    first, *rest = textwrap.wrap(words, width, break_long_words=False, break_on_hyphens=False)
    return [f"{indent}{opening}{first}", *(f"{indent}{line}" for line in rest), f"{indent}{_QUOTES}"]


_QUOTES: Final = '"""'


def _opening(text: str) -> str:
    """Return the opening quotes, raw when the text holds a backslash."""
    return f"r{_QUOTES}" if "\\" in text else _QUOTES


def _clean(text: str) -> str:
    """Return one line of printable text that ends a sentence and cannot end the string it stands in."""
    plain = "".join(char if char.isprintable() or char.isspace() else " " for char in text.translate(_LOOKALIKES))
    words = " ".join(plain.replace('"""', "'''").split())
    if words.startswith('"'):
        words = words.replace('"', "'")
    return words if not words or words[-1] in ".?!" else f"{words}."


def _with_quotes(literal: str) -> str:
    """Turn Python's own choice of quotes into the formatter's."""
    body = literal[1:-1]
    if literal[0] == "'" and '"' not in body:
        return f'"{body}"'
    if literal[0] == "'" and body.count("\\'") >= body.count('"'):
        return '"' + body.replace("\\'", "'").replace('"', '\\"') + '"'
    return literal
