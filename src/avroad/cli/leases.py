"""Leases of rehearsals on this machine: a locked file per run, which the operating system unlocks when a run dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from avroad.config.filelock import LockBusy, exclusive

__all__ = ["Leases"]

_SUFFIX: Final = ".lease"
_WAIT_S: Final = 5.0


class Leases:
    """The leases kept in one folder."""

    def __init__(self, folder: Path) -> None:
        """folder: one per environment; it need not exist."""
        self._folder = folder

    @contextmanager
    def hold(self, run: str) -> Iterator[None]:
        """Hold the lease of a run that begins; its file stays until `forget`."""
        with exclusive(self._file(run), wait_s=_WAIT_S):
            yield

    def died(self, run: str) -> bool | None:
        """Return whether a run is over, None for one that was not started here."""
        file = self._file(run)
        if not file.exists():
            return None
        try:
            with exclusive(file):
                return True
        except LockBusy:
            return False

    def dead(self) -> frozenset[str]:
        """Return the runs that were started here, did not end in order, and are over."""
        runs = {file.name.removesuffix(_SUFFIX) for file in self._folder.glob(f"*{_SUFFIX}")}
        return frozenset(run for run in runs if self.died(run))

    def forget(self, run: str) -> None:
        """Drop the file of a run of which nothing is left."""
        self._file(run).unlink(missing_ok=True)

    def _file(self, run: str) -> Path:
        return self._folder / f"{run}{_SUFFIX}"
