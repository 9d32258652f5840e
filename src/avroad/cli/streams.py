"""The standard streams when they are not what a program expects: closed, without a reader, or a terminal to protect."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TextIO

__all__ = ["fitted", "open_closed_streams", "printable", "silence", "write_whole_lines"]


def open_closed_streams() -> None:
    """Let standard streams that were closed (`>&-`) lead nowhere, as `>/dev/null` does.

    Without this, Python has None in their place, and the next file or socket gets their number: what a library
    prints would then end up in it.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  # open to the end


def write_whole_lines() -> None:
    """Give stdout and stderr the buffer that PYTHONUNBUFFERED and `python -u` take from them; lines stay prompt.

    Without one Python drops, silently, what a write to a nearly full disk leaves over: a line is torn, and nobody
    hears of it.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not getattr(sys, f"__{name}__"):
            continue  # not the process's own: somebody who calls us listens
        if isinstance(stream, io.TextIOWrapper) and isinstance(stream.buffer, io.RawIOBase):
            encoding, errors = stream.encoding, stream.errors
            whole = io.BufferedWriter(stream.detach())
            setattr(sys, name, io.TextIOWrapper(whole, encoding, errors, line_buffering=True))


def fitted(text: str, stream: TextIO) -> str:
    """Return text with its lines broken between words to the width of the stream, further lines indented.

    Only for a terminal: what goes to a file or a pipe stays whole, because it is searched by line.
    """
    if not stream.isatty():
        return text
    columns = os.environ.get("COLUMNS", "")[:5]
    try:
        width = int(columns) if columns.isdecimal() else os.get_terminal_size(stream.fileno()).columns
    except OSError:  # also io's own, for a stream without a number
        width = 0
    width = width or 80
    return "\n".join(part for line in text.split("\n") for part in _broken(line, width))


def _broken(line: str, width: int) -> list[str]:
    if len(line) <= width:
        return [line]
    import textwrap  # noqa: PLC0415  # only for what is too long

    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def silence(stream: TextIO) -> None:
    """Let a stream that cannot be written lead nowhere from now on, or its flush at exit would fail once more."""
    try:
        number = stream.fileno()
    except OSError:
        return  # no stream of the operating system, so nothing is flushed at exit
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)


def printable(text: str) -> str:
    """Return text from strangers without any character that could steer a terminal or break a line."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
