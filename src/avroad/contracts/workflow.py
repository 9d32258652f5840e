"""GitHub's workflow commands: lines of output that become annotations, with all that they carry escaped.

Source: GitHub's toolkit, `packages/core/src/command.ts`.
"""

from __future__ import annotations

__all__ = ["annotation"]


def annotation(kind: str, text: str, *, title: str, file: str = "", line: int = 0) -> str:
    """Return the command that shows `text` as an error, a warning or a notice. line: 0 for none."""
    properties = {"file": file, "line": str(line) if line else "", "title": title}
    place = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::{kind} {place}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
