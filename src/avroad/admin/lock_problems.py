"""What is wrong with a schema lock, in words: for a plan that rewrites it, and for `check`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from avroad.admin.plan import PlannedSubject
from avroad.contracts.lock import AllowedBreak, SchemaLock

__all__ = ["lock_problems"]


def lock_problems(
    lock: SchemaLock | None,
    subjects: Sequence[PlannedSubject],
    *,
    environment: str,
    cluster_id: str,
    registry: str,
    skip: Collection[str] = (),
) -> Iterator[str]:
    """Yield one sentence per difference from what the lock has to be.

    subjects: what is declared, with what is registered of it; skip: those nothing is said about.
    """
    if lock is None:
        yield "there is no schema lock, or none that can be read"
        return
    for name, locked, here in (
        ("environment", lock.environment, environment),
        ("cluster", lock.cluster_id, cluster_id),
        ("registry", lock.registry, registry),
    ):
        if locked != here:
            yield f"it was written for {name} {locked or 'without a name'}, this is {here}"
    wanted = {item.subject: item for item in subjects}
    for name in sorted(set(lock.subjects) - set(wanted)):
        yield f"{name} is locked but no longer declared"
    for name, item in wanted.items():
        entry = lock.subjects.get(name)
        if entry is not None:
            yield from _lost(item, entry.breaking if lock.cluster_id == cluster_id else item.breaking)
        if name in skip:
            continue
        if entry is None:
            yield f"{name} is declared but not locked"
        elif item.version is not None and (entry.version, entry.id) != (item.version, item.id):
            locked = f"{name} is locked at version {entry.version} (id {entry.id})"
            yield f"{locked}, what schemas/ declare is registered as {item.version} (id {item.id})"
        elif entry.fingerprint != item.fingerprint:
            yield f"{name} is locked with another meaning than schemas/ declares"


def _lost(item: PlannedSubject, locked: Sequence[AllowedBreak]) -> Iterator[str]:
    for allowed in item.breaking:
        if allowed not in locked:
            said = f"{item.subject} version {allowed.version} was allowed to break"
            yield f"{said}, and the lock does not say so: {allowed.reason}"
