"""What an apply writes down: breaks before it begins them, and the lock when all is done or a break is registered."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from avroad.admin.plan import Plan
from avroad.admin.subject_changes import RegisterSchema
from avroad.contracts.lock import AllowedBreak, LockedSubject, SchemaLock, read_lock, write_lock
from avroad.contracts.pending import PendingBreak, keep_pending, pending_path, read_pending
from avroad.errors import LockError

__all__ = ["MAX_BREAKS", "Records"]

MAX_BREAKS: Final = 5
"""So many sentences of what breaks are kept; the first ones say enough."""


class Records:
    """The lock of one plan, and beside it the breaks that are begun and not in the lock yet."""

    def __init__(self, plan: Plan, path: Path | None) -> None:
        """path: of the lock; None writes nothing down."""
        self._plan, self._path = plan, path

    def begin(self, change: RegisterSchema) -> None:
        """Keep why a break is allowed, before anything is asked of the registry. Raises LockError when that fails."""
        if self._path is None or change.allowance is None:
            return
        begun = PendingBreak(
            cluster_id=self._plan.cluster_id, subject=change.subject, fingerprint=change.fingerprint,
            old_version=change.old_version or 0, level=change.level.value, reason=change.allowance.reason,
            by=change.allowance.by, at=self._plan.observed_at, breaks=change.breaks[:MAX_BREAKS],
        )  # fmt: skip
        same = (begun.subject, begun.fingerprint)
        try:
            others = [item for item in read_pending(self._path) if (item.subject, item.fingerprint) != same]
            keep_pending(self._path, [*others, begun])
        except OSError as error:
            raise _unwritten(pending_path(self._path), error, "The break was not begun.") from error

    def forget(self, change: RegisterSchema) -> None:
        """Drop what `begin` kept: it is known that nothing was registered."""
        self._drop(lambda item: (item.subject, item.fingerprint) == (change.subject, change.fingerprint))

    def keep(self, broken: Mapping[str, AllowedBreak]) -> None:
        """Write what was allowed and done into the lock there is, at once: no later failure may lose it.

        What cannot be written stays kept beside the lock, and is written with it at the end or by the next apply.
        """
        if self._path is None or not broken:
            return
        try:
            lock = read_lock(self._path)
            if lock.cluster_id != self._plan.cluster_id:
                return
            subjects = dict(lock.subjects)
            for name in broken.keys() & subjects.keys():
                if broken[name] not in subjects[name].breaking:
                    breaking = (*subjects[name].breaking, broken[name])
                    subjects[name] = dataclasses.replace(subjects[name], breaking=breaking)
            lock = dataclasses.replace(lock, subjects=subjects)
            write_lock(self._path, lock)
        except (LockError, OSError):
            return
        self._drop(lambda item: _records(lock, item))

    def finish(self, locked: Mapping[str, LockedSubject]) -> SchemaLock | None:
        """Write the lock if it has to be; return it then. What it holds, or is not registered, is kept no longer.

        Raises LockError when the folder cannot be written.
        """
        if self._path is None:
            return None
        plan, lock = self._plan, None
        if plan.lock_differs:
            lock = SchemaLock(
                environment=plan.environment, registry=plan.registry, cluster_id=plan.cluster_id, subjects=locked
            )
            try:
                write_lock(self._path, lock)
            except OSError as error:
                next_step = "Cluster and registry are done. Make the folder writable and run: avroad apply"
                raise _unwritten(self._path, error, next_step) from error
        held = lock or self._held()
        self._drop(lambda item: _records(held, item) or self._never_registered(item))
        return lock

    def _held(self) -> SchemaLock | None:
        try:
            return read_lock(self._path) if self._path is not None else None
        except LockError:
            return None

    def _never_registered(self, pending: PendingBreak) -> bool:
        """A plan that knows what was registered says so in its subjects; of undeclared ones it knows nothing."""
        breaks = [item.breaking for item in self._plan.subjects if item.subject == pending.subject]
        return bool(breaks) and not any(_same(known, pending) for known in breaks[0])

    def _drop(self, gone: Callable[[PendingBreak], bool]) -> None:
        if self._path is None:
            return
        try:
            pending = read_pending(self._path)
            left = [item for item in pending if not gone(item)]
            if len(left) < len(pending):
                keep_pending(self._path, left)
        except (LockError, OSError):
            return  # the next apply finds it in the lock, and drops it


def _records(lock: SchemaLock | None, pending: PendingBreak) -> bool:
    entry = lock.subjects.get(pending.subject) if lock is not None else None
    return entry is not None and any(_same(item, pending) for item in entry.breaking)


def _same(record: AllowedBreak, pending: PendingBreak) -> bool:
    return record == pending.allowed(record.version)


def _unwritten(path: Path, error: OSError, hint: str) -> LockError:
    what = "the lock" if path.suffix != ".pending" else "why a break is allowed"
    reason = error.strerror or "the folder cannot be written"
    return LockError(f"cannot write {what}: {reason}", file=str(path), hint=hint)
