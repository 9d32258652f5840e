"""Breaks that `avroad apply --allow-breaking` has registered, as the lock knows them, for `avroad schema check`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from avroad.contracts.exceptions import EXCEPTIONS_FILE
from avroad.contracts.lock import read_lock
from avroad.errors import AvroadError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from avroad.cli.context import Context
    from avroad.contracts.lock import SchemaLock
    from avroad.contracts.subject_check import SubjectResult

__all__ = ["with_allowed_breaks"]


def with_allowed_breaks(context: Context, results: Sequence[SubjectResult], baseline: str) -> tuple[SubjectResult, ...]:
    """Return the results, each failing one whose declared version the environment's lock allows to break saying so.

    baseline: the name of what was compared with. Against the registry the lock is of, such a version is done: what
    was allowed with it fails no more. Against anything else, such as git, it still fails: one environment decides for
    no other. Without an environment or a lock that can be read the results are as they were.
    """
    if not any(result.failed for result in results):
        return tuple(results)
    try:
        project = context.project()
        lock = read_lock(project.environment.lock)
        declared = {name: found.fingerprint for name, found in project.catalog.types.items()}
    except AvroadError:
        return tuple(results)
    return tuple(_judged(result, lock, declared.get(result.type_name, ""), baseline) for result in results)


def _judged(result: SubjectResult, lock: SchemaLock, fingerprint: str, baseline: str) -> SubjectResult:
    entry = lock.subjects.get(result.subject)
    if not result.failed or entry is None or entry.fingerprint != fingerprint:
        return result
    allowed = next((item for item in entry.breaking if item.version == entry.version), None)
    if allowed is None:
        return result
    by = f" by {allowed.by}" if allowed.by else ""
    note = f"version {allowed.version} was allowed to break{by} on {allowed.at[:10]}: {allowed.reason}"
    done = result.state == "same" and not result.errors and baseline == f"the registry {lock.registry}"
    if not done:
        note += f" (the lock of {lock.environment}). Compare with --against registry, or accept it in {EXCEPTIONS_FILE}"
    judged = tuple(dataclasses.replace(item, fails=item.fails and not done) for item in result.judged)
    return dataclasses.replace(result, judged=judged, note="; ".join(filter(None, (result.note, note))))
