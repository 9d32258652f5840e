"""What is not as declared, for `check`: the plan's view, the lock, and what nobody declared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from avroad.admin.actual import Actual
from avroad.admin.desired import Desired
from avroad.admin.diff_subjects import overtaken
from avroad.admin.lock_problems import lock_problems
from avroad.admin.plan import Plan

__all__ = ["Drift", "find_drift", "is_internal"]

_INTERNAL_SUFFIXES = ("-changelog", "-repartition")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One comparison. plan: what apply would change. lock_problems: one sentence per entry that is wrong.

    overtaken: subjects of which a newer version than the declared one is registered; the plan's warnings say more.
    unmanaged_topics, unmanaged_subjects: there, but not declared; listed for people, never touched, never drift.
    """

    plan: Plan
    lock_problems: tuple[str, ...] = ()
    overtaken: tuple[str, ...] = ()
    unmanaged_topics: tuple[str, ...] = ()
    unmanaged_subjects: tuple[str, ...] = ()

    @property
    def found(self) -> bool:
        """Whether cluster or registry differ from the declarations."""
        return bool(self.plan.changes or self.plan.refusals or self.overtaken)


def find_drift(desired: Desired, actual: Actual, plan: Plan, *, subjects: Iterable[str], lock_error: str = "") -> Drift:
    """Return what differs. subjects: every subject of the registry. lock_error: why the lock could not be read."""
    declared = {topic.name for topic in desired.topics}
    managed = {subject.subject for subject in desired.subjects}
    others = (
        name
        for name, topic in actual.topics.items()
        if name not in declared and not (topic.internal or is_internal(name))
    )
    problems = lock_problems(
        actual.lock,
        plan.subjects,
        environment=plan.environment,
        cluster_id=plan.cluster_id,
        registry=plan.registry,
    )
    return Drift(
        plan=plan,
        lock_problems=(lock_error,) if lock_error else tuple(problems),
        overtaken=tuple(overtaken(desired.subjects, actual)),
        unmanaged_topics=tuple(sorted(others)),
        unmanaged_subjects=tuple(sorted(set(subjects) - managed)),
    )


def is_internal(name: str) -> bool:
    """Return whether a topic belongs to Kafka, a registry or a stream processor rather than to a team."""
    return name.startswith("__") or name == "_schemas" or name.endswith(_INTERNAL_SUFFIXES)
