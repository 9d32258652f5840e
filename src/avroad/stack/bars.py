"""Bars for the downloads under way on a terminal; each finished one leaves a plain line above them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn
from rich.table import Column

from avroad.stack.disk import human_size

__all__ = ["Bars"]

_REFRESH_S = 0.1
_BAR_WIDTH = 12  # with the longest name and size a line just fits 80 columns


class Bars:
    """Several downloads at once on a terminal; usable from any thread while the block is open."""

    def __init__(self, stream: TextIO) -> None:
        self._progress = Progress(
            TextColumn("  {task.description}", table_column=Column(no_wrap=True, overflow="ellipsis")),
            BarColumn(bar_width=_BAR_WIDTH),
            DownloadColumn(table_column=Column(no_wrap=True)),
            TransferSpeedColumn(table_column=Column(no_wrap=True)),
            console=Console(file=stream),
            transient=True,
            # Its own refreshing thread and lines printed by ours would overtake each other and leave bars behind.
            auto_refresh=False,
        )
        self._tasks: dict[str, TaskID] = {}
        self._lock = threading.Lock()
        self._refreshed_at = 0.0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._progress.stop()

    def begin(self, name: str, size_bytes: int) -> Callable[[int], None]:
        """Show a bar for a new download; a second try replaces the bar of the first."""
        with self._lock:
            self._drop(name)
            task = self._progress.add_task(name, total=size_bytes)
            self._tasks[name] = task
        return lambda arrived_bytes: self._advance(task, arrived_bytes)

    def done(self, name: str, size_bytes: int) -> None:
        """Replace the bar by one line that stays."""
        with self._lock:
            self._drop(name)
            self._progress.console.print(f"  fetched {name}  {human_size(size_bytes)}", markup=False, highlight=False)

    def _advance(self, task: TaskID, arrived_bytes: int) -> None:
        with self._lock:
            self._progress.advance(task, arrived_bytes)
            if time.monotonic() - self._refreshed_at >= _REFRESH_S:
                self._progress.refresh()
                self._refreshed_at = time.monotonic()

    def _drop(self, name: str) -> None:
        task = self._tasks.pop(name, None)
        if task is not None:
            self._progress.remove_task(task)
