"""Declared against observed, as a plan. Pure: the same two values always give the same plan."""

from __future__ import annotations

from collections.abc import Mapping

from avroad.admin.actual import Actual, state_marks
from avroad.admin.begun import begun_warnings, recorded_breaks
from avroad.admin.desired import Desired, DesiredSubject
from avroad.admin.diff_subjects import diff_subjects, overtaken
from avroad.admin.diff_topics import diff_topics
from avroad.admin.lock_problems import lock_problems
from avroad.admin.plan import Plan, PlannedSubject
from avroad.contracts.cluster import require_cluster
from avroad.contracts.lock import LockedSubject, SchemaLock
from avroad.errors import PlanError

__all__ = ["diff"]


def diff(
    desired: Desired,
    actual: Actual,
    *,
    allow_partitions: Mapping[str, str] | None = None,
    allow_breaking: Mapping[str, str] | None = None,
    allowed_by: str = "",
) -> Plan:
    """Return the plan that makes `actual` what `desired` says.

    allow_partitions: reason by topic for every topic whose partitions may be raised. allow_breaking: reason by subject
    for every subject whose new version may break readers or data; allowed_by: who says so.
    What cannot be done is a refusal of the plan, never a change. Undeclared topics and subjects are not looked at.
    A break that an apply had begun when it was ended is finished: it counts as recorded, so that the lock differs.
    Raises ClusterMismatch when the environment is bound to another cluster, PlanError for an allowance that names
    nothing declared, or a subject of which nothing breaks.
    """
    require_cluster(actual.cluster_id, environment=desired.environment, bound=desired.cluster_id)
    allowed = dict(allow_partitions or {})
    unknown = sorted(set(allowed) - {topic.name for topic in desired.topics})
    if unknown:
        raise PlanError(f"partitions are allowed for {', '.join(unknown)}, which is not declared under admin/topics")
    topics = diff_topics(desired.topics, actual, allowed)
    subjects = diff_subjects(desired.subjects, actual, allow_breaking or {}, allowed_by)
    planned = tuple(_planned(subject, actual) for subject in desired.subjects)
    lock_reasons = lock_problems(
        actual.lock,
        planned,
        environment=desired.environment,
        cluster_id=actual.cluster_id,
        registry=actual.registry,
        skip=[item.subject for item in planned if item.version is None],
    )
    differs = _lock_differs(desired, actual, planned)
    begun = begun_warnings(actual, [subject.subject for subject in desired.subjects], allow_breaking or {})
    return Plan(
        environment=desired.environment,
        cluster_id=actual.cluster_id,
        registry=actual.registry,
        observed_at=actual.observed_at,
        marks=state_marks(actual, (t.name for t in desired.topics), (s.subject for s in desired.subjects)),
        changes=(*topics.changes, *subjects.changes),
        refusals=(*topics.refusals, *subjects.refusals),
        warnings=(*topics.warnings, *overtaken(desired.subjects, actual).values(), *_lock_warnings(actual), *begun),
        subjects=planned,
        lock_differs=differs,
        lock_reasons=tuple(lock_reasons) if differs else (),
        brokers=len(actual.brokers),
    )


def _planned(wanted: DesiredSubject, actual: Actual) -> PlannedSubject:
    found = actual.subjects.get(wanted.subject)
    match = found.match if found else None
    return PlannedSubject(
        subject=wanted.subject,
        fingerprint=wanted.fingerprint,
        version=match.version if match else None,
        id=match.id if match else None,
        breaking=recorded_breaks(actual, wanted.subject),
    )


def _lock_warnings(actual: Actual) -> tuple[str, ...]:
    """An apply that meets another cluster than the last one did is a reset stack, or a wrong address."""
    if actual.lock is None or not actual.lock.cluster_id or actual.lock.cluster_id == actual.cluster_id:
        return ()
    return (f"the schema lock was made for cluster {actual.lock.cluster_id}; apply makes one for this cluster",)


def _lock_differs(desired: Desired, actual: Actual, planned: tuple[PlannedSubject, ...]) -> bool:
    """Whether the lock is not what it has to be; true as well when a registration will make it so."""
    entries: dict[str, LockedSubject] = {}
    for item in planned:
        if item.version is None or item.id is None:
            return True
        entries[item.subject] = LockedSubject(
            version=item.version, id=item.id, fingerprint=item.fingerprint, breaking=item.breaking
        )
    wanted = SchemaLock(
        environment=desired.environment, registry=actual.registry, cluster_id=actual.cluster_id, subjects=entries
    )
    return actual.lock != wanted
