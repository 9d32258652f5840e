"""Java-style .properties text, as Kafka's own tools and Confluent Cloud hand it out."""

from __future__ import annotations

import re
from typing import Final

from avroad.config.masking import shown_name
from avroad.errors import Problem

__all__ = ["read_properties"]

_SEPARATOR: Final = re.compile(r"(?<!\\)(?:\s*[=:]\s*|\s+)")
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_LETTERS: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def read_properties(text: str, file: str) -> tuple[list[tuple[str, str, int]], list[Problem]]:
    """Return (name, value, 1-based line) in order, and every problem; a name given twice is one.

    Source: java.util.Properties.load: comments with # or !, `=`, `:` or blanks between name and value, a backslash
    at the end of a line joins the next one, escapes as in Java.
    """
    found: list[tuple[str, str, int]] = []
    problems: list[Problem] = []
    first: dict[str, int] = {}
    for number, line in _logical_lines(text):
        parts = _SEPARATOR.split(line, maxsplit=1)
        name, value = _unescape(parts[0]), _unescape(parts[1]) if len(parts) > 1 else ""
        if name in first:
            what = f"{shown_name(name)} again, first in line {first[name]}"
            problems.append(
                Problem(file=file, line=number, expected="each key once", found=what, fix="keep one of them")
            )
            continue
        first[name] = number
        found.append((name, value, number))
    return found, problems


def _logical_lines(text: str) -> list[tuple[int, str]]:
    lines: list[tuple[int, str]] = []
    joined = False
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.lstrip(" \t\f")
        if not joined and (not line or line[0] in "#!"):
            continue
        odd = (len(line) - len(line.rstrip("\\"))) % 2 == 1
        part = line[:-1] if odd else line
        if joined:
            lines[-1] = (lines[-1][0], lines[-1][1] + part)
        else:
            lines.append((number, part))
        joined = odd
    return [(number, line.rstrip("\r")) for number, line in lines]


def _unescape(text: str) -> str:
    def value(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code[1:], 16)) if len(code) > 1 else _LETTERS.get(code, code)

    return _ESCAPE.sub(value, text)
