"""How commands speak: data on stdout, everything else on stderr, colour only where it is wanted."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, TextIO

import click

from avroad.cli.streams import fitted, silence

__all__ = ["emit", "output_option", "say", "style", "table"]

FORMAT_VERSION = "1.0"


def output_option(*formats: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the `--output` option with `text` (default), `json` and any further formats; sets `output`."""
    choices = ("text", "json", *formats)
    return click.option(
        "--output", type=click.Choice(choices), default="text", show_default=True, help="Form of the data on stdout."
    )


def emit(data: str | dict[str, Any], *, part: bool = False) -> None:
    """Write data to stdout: text as it is, a mapping as one JSON document with `format_version`.

    When its reader went away (`| head`), go on: what is being done is done, and its exit code tells how it ended.
    part: it is one of many, and making them is all there is to do; then raise BrokenPipeError, which ends a command
    with 0.
    """
    if not isinstance(data, str):
        data = json.dumps({"format_version": FORMAT_VERSION, **data}, indent=2, ensure_ascii=False, default=str)
    try:
        sys.stdout.write(data if data.endswith("\n") else f"{data}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        if part:
            raise
        silence(sys.stdout)


def say(text: str = "") -> None:
    """Write a line for the person to stderr, so that piped data stays clean; when nobody can read it, go on.

    A terminal gets it wrapped to its width.
    """
    try:
        sys.stderr.write(f"{fitted(text, sys.stderr)}\n")
        sys.stderr.flush()
    except OSError:
        silence(sys.stderr)  # what runs must not end, nor end differently, because its notes have no reader


def style(text: str, *codes: str, stream: TextIO | None = None) -> str:
    """Return `text` in a colour (`red`, `green`, `yellow`, `cyan`, `bold`, `dim`) when the stream wants colour.

    Source: NO_COLOR and FORCE_COLOR conventions; without them colour goes to terminals only.
    """
    target = sys.stdout if stream is None else stream
    if os.environ.get("NO_COLOR"):
        return text
    if not os.environ.get("FORCE_COLOR") and not target.isatty():
        return text
    colour = next((code for code in codes if code not in {"bold", "dim"}), None)
    return click.style(text, fg=colour, bold="bold" in codes or None, dim="dim" in codes or None)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return rows as aligned text with a header line; columns of numbers are aligned to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    numeric = [bool(cells) and all(_is_number(row[i]) for row in cells) for i in range(len(columns))]
    widths = [max(len(name), *(len(row[i]) for row in cells)) if cells else len(name) for i, name in enumerate(columns)]

    def line(row: Sequence[str]) -> str:
        parts = [cell.rjust(w) if n else cell.ljust(w) for cell, w, n in zip(row, widths, numeric, strict=True)]
        return "  ".join(parts).rstrip()

    return "\n".join([line([name.upper() for name in columns]), *(line(row) for row in cells)])


def _is_number(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "", 1).lstrip("-").isdigit() or cell in {"", "-"}
