"""The view for a terminal: totals, positions and the last records, redrawn in place."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime
from typing import Final

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from consumers.seen import Seen
from consumers.totals import Totals
from consumers.views import clipped, record_lines

__all__ = ["LiveView"]

_MAX_WIDTH: Final = 120
_REDRAWS_PER_S: Final = 5
_PARTITIONS: Final = 9
_NOTES: Final = 3
_FRAME_LINES: Final = 6
"""Title, numbers, two blank lines, the heading of positions, and the last line, where the cursor stays."""

_KEPT: Final = 50


class LiveView:
    """Shows records as they come; drawing happens in a thread of its own, so that reading never waits for it.

    waiting: what it says until the first record.
    """

    def __init__(
        self, title: str, totals: Totals, console: Console | None = None, *, waiting: str = "waiting for records"
    ) -> None:
        self._console = console or Console(highlight=False)
        self._title = title
        self._waiting = waiting
        self._totals = totals
        self._recent: deque[Seen] = deque(maxlen=_KEPT)
        self._notes: deque[str] = deque(maxlen=_NOTES)
        self._lock = threading.Lock()
        self._live = Live(
            console=self._console,
            refresh_per_second=_REDRAWS_PER_S,
            get_renderable=self.render,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def show(self, seen: Seen, totals: Totals) -> None:  # noqa: ARG002  # the view's signature
        """Remember the record for the next drawing."""
        with self._lock:
            self._recent.appendleft(seen)

    def note(self, text: str) -> None:
        """Show a line below the totals."""
        with self._lock:
            self._notes.append(f"{datetime.now().astimezone():%H:%M:%S} {text}")

    def close(self) -> None:
        """Draw a last time and give the terminal back."""
        self._live.stop()

    def render(self) -> Group:
        """Return the whole picture, no wider and no higher than the terminal."""
        width = min(self._console.width, _MAX_WIDTH)
        with self._lock:
            recent, notes = list(self._recent), list(self._notes)
        height = self._console.height
        notes = notes[-max(1, height // 8) :]
        positions = self._positions(max(1, min(_PARTITIONS, (height - 8) // 3)))
        room = height - _FRAME_LINES - positions.row_count - len(notes)
        parts = [Text(clipped(self._title, width), style="bold"), self._numbers(width)]
        parts += [Text(clipped(note, width), style="yellow") for note in notes]
        lines = [line for seen in recent[: max(1, room // 2)] for line in _lines(seen, width)]
        if not lines:
            lines = [Text(clipped(self._waiting, width), style="dim")]
        return Group(*parts, Text(""), positions, Text(""), *lines)

    def _numbers(self, width: int) -> Text:
        totals = self._totals
        counts = ", ".join(f"{count:,} {name.rpartition('.')[2]}" for name, count in sorted(dict(totals.types).items()))
        text = f"{totals.events:,} events  {totals.rate():,.0f}/s  lag {totals.total_lag():,}"
        text += f"  poison {totals.poison:,}" if totals.poison else ""
        return Text(clipped(f"{text}  {counts}", width), style="cyan")

    def _positions(self, count: int) -> Table:
        """Return `count` rows: the partitions with the most to do, first ones first, and how many more there are."""
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        table.add_column("TOPIC", overflow="ellipsis", no_wrap=True)
        for name in ("PARTITION", "OFFSET", "LAG"):
            table.add_column(name, justify="right", no_wrap=True)
        offsets = dict(self._totals.offsets)
        order = sorted(offsets, key=lambda key: (-(self._totals.lag(key) or 0), key))
        fitting = count if len(order) <= count else max(1, count - 1)
        for topic, partition in order[:fitting]:
            lag = self._totals.lag((topic, partition))
            table.add_row(topic, str(partition), f"{offsets[topic, partition]:,}", "?" if lag is None else f"{lag:,}")
        if len(order) > fitting:
            table.add_row(f"and {len(order) - fitting} more", "", "", "")
        return table


def _lines(seen: Seen, width: int) -> list[Text]:
    """Return where a record lies and what it is, then what it says."""
    head, body = record_lines(seen, width)
    return [Text(head, style="red" if seen.poison else "green"), Text(body)]
