"""Declared against observed, as a plan. Pure: the same two values always give the same plan."""

from __future__ import annotations

from collections.abc import Mapping

from avroad.admin.actual import Actual, ActualSubject, state_marks
from avroad.admin.desired import Desired, DesiredSubject
from avroad.admin.diff_topics import diff_topics
from avroad.admin.plan import Change, Plan, PlannedSubject, Refusal, RefusalKind
from avroad.admin.subject_changes import Answer, PlannedReference, RegisterSchema, SetLevel
from avroad.contracts.cluster import require_cluster
from avroad.contracts.lock import LockedSubject, SchemaLock
from avroad.errors import PlanError

__all__ = ["diff"]


def diff(desired: Desired, actual: Actual, *, allow_partitions: Mapping[str, str] | None = None) -> Plan:
    """Return the plan that makes `actual` what `desired` says.

    allow_partitions: reason by topic for every topic whose partitions may be raised.
    What cannot be done is a refusal of the plan, never a change. Undeclared topics and subjects are not looked at.
    Raises ClusterMismatch when the environment is bound to another cluster, PlanError for an allowance that names
    no declared topic.
    """
    require_cluster(actual.cluster_id, environment=desired.environment, bound=desired.cluster_id)
    allowed = dict(allow_partitions or {})
    unknown = sorted(set(allowed) - {topic.name for topic in desired.topics})
    if unknown:
        raise PlanError(f"partitions are allowed for {', '.join(unknown)}, which is not declared under admin/topics")
    topics = diff_topics(desired.topics, actual, allowed)
    changes: list[Change] = list(topics.changes)
    refusals = list(topics.refusals)
    for subject in desired.subjects:
        found = actual.subjects.get(subject.subject) or ActualSubject(subject=subject.subject)
        if found.own_level is not subject.level:
            changes.append(SetLevel(subject=subject.subject, old=found.own_level, new=subject.level))
        if found.match is None:
            step = _registration(subject, found, actual)
            (refusals if isinstance(step, Refusal) else changes).append(step)  # type: ignore[arg-type]
    planned = tuple(_planned(subject, actual.subjects.get(subject.subject)) for subject in desired.subjects)
    return Plan(
        environment=desired.environment,
        cluster_id=actual.cluster_id,
        registry=actual.registry,
        observed_at=actual.observed_at,
        marks=state_marks(actual, (t.name for t in desired.topics), (s.subject for s in desired.subjects)),
        changes=tuple(changes),
        refusals=tuple(refusals),
        warnings=(*topics.warnings, *_lock_warnings(actual)),
        subjects=planned,
        lock_differs=_lock_differs(desired, actual, planned),
        brokers=len(actual.brokers),
    )


def _registration(wanted: DesiredSubject, found: ActualSubject, actual: Actual) -> RegisterSchema | Refusal:
    references = []
    for name, subject in wanted.references:
        target = actual.subjects.get(subject)
        match = target.match if target else None
        references.append(PlannedReference(name=name, subject=subject, version=match.version if match else None))
    answer, reasons = _answer(found)
    level_stays = found.own_level is wanted.level
    if level_stays and (answer is Answer.NO or (answer is Answer.UNKNOWN and found.breaks)):
        return _refusal(wanted, found, answer, reasons)
    if answer is Answer.NO:
        reasons = (*reasons, f"asked at the level in force now; this plan sets {wanted.level} first")
    problem = (f"version {found.latest.version} {found.problem}",) if found.problem and found.latest else ()
    return RegisterSchema(
        subject=wanted.subject,
        type_name=wanted.type_name,
        text=wanted.text,
        fingerprint=wanted.fingerprint,
        references=tuple(references),
        old_version=found.latest.version if found.latest else None,
        answer=answer,
        reasons=(*reasons, *problem),
        checked=found.checked,
        findings=found.findings,
    )


def _refusal(wanted: DesiredSubject, found: ActualSubject, answer: Answer, reasons: tuple[str, ...]) -> Refusal:
    """Our reasons say more than a registry's, and come first."""
    who = "the registry refuses" if answer is Answer.NO else "the registry cannot be asked, and would refuse"
    theirs = reasons if answer is Answer.NO else ()
    said = "; ".join((*found.findings, *(f"in its words: {reason}" for reason in theirs))) or "it gives no reason"
    return Refusal(
        kind=RefusalKind.SCHEMA,
        target=wanted.subject,
        found=f"{who} {wanted.type_name} at level {wanted.level}: {said}",
        hint="Make the change compatible (a default, an alias), or use a new topic for the new shape.",
    )


def _answer(found: ActualSubject) -> tuple[Answer, tuple[str, ...]]:
    if found.latest is None:
        return Answer.FIRST, ()
    if found.verdict is None or found.verdict.compatible is None:
        return Answer.UNKNOWN, (found.unasked,) if found.unasked else ()
    return (Answer.YES if found.verdict.compatible else Answer.NO), found.verdict.reasons


def _planned(wanted: DesiredSubject, found: ActualSubject | None) -> PlannedSubject:
    match = found.match if found else None
    return PlannedSubject(
        subject=wanted.subject,
        fingerprint=wanted.fingerprint,
        version=match.version if match else None,
        id=match.id if match else None,
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
        entries[item.subject] = LockedSubject(version=item.version, id=item.id, fingerprint=item.fingerprint)
    wanted = SchemaLock(
        environment=desired.environment, registry=actual.registry, cluster_id=actual.cluster_id, subjects=entries
    )
    return actual.lock != wanted
