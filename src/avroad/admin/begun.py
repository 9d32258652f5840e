"""Breaks that an apply had begun when it was ended: what they add to the lock, and what a person should know. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from avroad.admin.actual import Actual, BegunBreak
from avroad.contracts.lock import AllowedBreak
from avroad.errors import LockError

__all__ = ["begun_warnings", "recorded_breaks", "require_own"]


def require_own(actual: Actual, file: str) -> None:
    """Raise LockError when a break was begun on another cluster than the one that was observed. file: that says so."""
    for pending in (item.pending for item in actual.begun):
        if pending.cluster_id != actual.cluster_id:
            raise LockError(
                f"an apply was ended on another cluster while it registered a version of {pending.subject} that breaks",
                expected=f"cluster {actual.cluster_id}",
                found=pending.cluster_id,
                file=file,
                hint="Run avroad apply against that cluster; where it is gone, delete the file.",
            )


def recorded_breaks(actual: Actual, subject: str) -> tuple[AllowedBreak, ...]:
    """Return what the lock has to say of a subject's breaks: what it says, and what was begun and is registered."""
    lock = actual.lock
    # What was allowed on another cluster says nothing about the versions of this one.
    entry = lock.subjects.get(subject) if lock and lock.cluster_id == actual.cluster_id else None
    breaks = entry.breaking if entry else ()
    known = {item.version for item in breaks}
    for item in _of(actual, subject):
        if item.version is not None and item.version not in known:
            breaks = (*breaks, item.pending.allowed(item.version))
            known.add(item.version)
    return breaks


def begun_warnings(actual: Actual, declared: Collection[str], allowed: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each break that was begun and is not registered, or whose subject nobody declares.

    declared: subjects; allowed: those whose break this plan allows. What is registered needs none: the lock differs.
    """
    for item in actual.begun:
        pending, who = item.pending, f" of {item.pending.by}" if item.pending.by else ""
        ended = (
            f'an apply{who} was ended at {pending.at} while it registered a version that breaks ("{pending.reason}")'
        )
        if pending.subject not in declared:
            yield (
                f"{pending.subject}: {ended}. It is not declared, so its level may still be NONE "
                f"({pending.level} was declared). Declare it, or set the level and delete the .pending file"
            )
        elif item.version is None and pending.subject not in allowed:
            yield f"{pending.subject}: {ended}. It is not registered; an apply that gets to its end forgets it"
        elif item.version is not None and pending.subject in allowed:
            yield f"{pending.subject}: {ended}. It is version {item.version}, and the lock gets that reason, no other"


def _of(actual: Actual, subject: str) -> list[BegunBreak]:
    begun = (item for item in actual.begun if item.pending.cluster_id == actual.cluster_id)
    return [item for item in begun if item.pending.subject == subject]
