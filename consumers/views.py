"""The two views for pipes and logs: plain lines for people, JSON lines for programs."""

from __future__ import annotations

import json
from typing import Final, Protocol, TextIO

from avroad.cli.output import say
from consumers.seen import Seen
from consumers.totals import Totals

__all__ = ["JsonView", "PlainView", "View", "clipped", "record_lines"]

_LONGEST: Final = 1000


class View(Protocol):
    """Shows what was read. Calls come from the reading thread; a reader that went away raises BrokenPipeError."""

    def show(self, seen: Seen, totals: Totals) -> None:
        """Show one record; it is out of this process on return."""
        ...

    def note(self, text: str) -> None:
        """Tell the person something that is no record."""
        ...

    def close(self) -> None:
        """Leave the screen as a shell wants it."""
        ...


class JsonView:
    """One JSON object per record."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def show(self, seen: Seen, totals: Totals) -> None:  # noqa: ARG002  # the view's signature
        """Write one line. Flushed before the offset can be committed: a kill must not lose a committed line."""
        self._stream.write(f"{json.dumps(seen.as_json(), ensure_ascii=False, separators=(',', ':'))}\n")
        self._stream.flush()

    def note(self, text: str) -> None:
        """Write to stderr."""
        say(text)

    def close(self) -> None:
        """Nothing to leave."""


class PlainView:
    """One line per record; two lines that fit when the width is known."""

    def __init__(self, stream: TextIO, width: int | None) -> None:
        self._stream = stream
        self._width = width

    def show(self, seen: Seen, totals: Totals) -> None:  # noqa: ARG002  # the view's signature
        """Write position, type, writer schema and key, then lag and what the record says."""
        for line in record_lines(seen, self._width):
            self._stream.write(f"{line}\n")
        self._stream.flush()

    def note(self, text: str) -> None:
        """Write to stderr."""
        say(text)

    def close(self) -> None:
        """Nothing to leave."""


def record_lines(seen: Seen, width: int | None) -> list[str]:
    """Return a record as one line, or as two lines of at most `width` characters."""
    what = f"POISON {seen.poison}" if seen.poison else seen.event_type.rpartition(".")[2] or "tombstone"
    head = f"{seen.place}  {what}  {seen.schema}"
    key = "(null key)" if seen.key is None else seen.key
    body = seen.content if seen.lag is None else f"lag {seen.lag}  {seen.content}"
    if width is None:
        return [clipped(f"{head}  {key}  {body}", _LONGEST)]
    if len(head) + len(key) + 2 > width:
        return [clipped(head, width), f"  {clipped(f'{key}  {body}', width - 2)}"]
    return [clipped(f"{head}  {key}", width), f"  {clipped(body, width - 2)}"]


def clipped(text: str, width: int) -> str:
    """Return the text on one line of at most `width` characters; control characters become dots."""
    line = "".join(char if char.isprintable() else "." for char in text)
    return line if len(line) <= width else f"{line[: max(0, width - 3)]}..."
