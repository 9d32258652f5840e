"""Bars for the downloads under way on a terminal; each finished one leaves a plain line above them."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from avroad.stack.disk import human_size

__all__ = ["Bars"]


class Bars:
    """Several downloads at once on a terminal; usable from any thread while the block is open."""

    def __init__(self, stream: TextIO) -> None:
        self._progress = Progress(
            TextColumn("  {task.description}"),
            BarColumn(bar_width=30),
            DownloadColumn(),
            TransferSpeedColumn(),
            console=Console(file=stream),
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begin(self, name: str, size_bytes: int) -> Callable[[int], None]:
        """Show a bar for a new download; a second try replaces the bar of the first."""
        self._drop(name)
        task = self._progress.add_task(name, total=size_bytes)
        self._tasks[name] = task
        return lambda arrived_bytes: self._progress.advance(task, arrived_bytes)

    def done(self, name: str, size_bytes: int) -> None:
        """Replace the bar by one line that stays."""
        self._drop(name)
        self._progress.console.print(f"  fetched {name}  {human_size(size_bytes)}", markup=False, highlight=False)

    def _drop(self, name: str) -> None:
        task = self._tasks.pop(name, None)
        if task is not None:
            self._progress.remove_task(task)
