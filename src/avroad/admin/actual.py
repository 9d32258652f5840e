"""What cluster and registry hold, as one value, and the state marks that tell whether it moved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from avroad.admin.local import LocalAnswer
from avroad.admin.settings import is_operational
from avroad.contracts.lock import SchemaLock
from avroad.contracts.pending import PendingBreak
from avroad.model import Dialect, Level, RegisteredSchema, TopicState, Verdict

__all__ = ["Actual", "ActualSubject", "BegunBreak", "state_marks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActualSubject:
    """One subject as it is.

    latest: its newest version, None when it has none. match: the version that means what is declared, None when
    none does. own_level: the level set on the subject itself. verdict: what the registry says to the declared
    schema, None when it was not asked; unasked: why it was not. problem: why `latest` cannot be read.
    local: our own engine's answers; changes: what the declared schema changes in `latest`, in words.
    """

    subject: str
    latest: RegisteredSchema | None = None
    match: RegisteredSchema | None = None
    own_level: Level | None = None
    verdict: Verdict | None = None
    unasked: str = ""
    problem: str = ""
    local: LocalAnswer = field(default_factory=LocalAnswer)
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunBreak:
    """A break that an apply had begun when it was ended. version: what it is registered as, None when it is not."""

    pending: PendingBreak
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actual:
    """One observation of cluster, registry and lock.

    topics: every topic of the cluster; the declared ones with their settings. lock: None when there is none.
    begun: what stands beside the lock because an apply was ended. observed_at: UTC, ISO 8601, to the second.
    """

    cluster_id: str
    brokers: tuple[int, ...]
    registry: str
    topics: Mapping[str, TopicState]
    subjects: Mapping[str, ActualSubject]
    dialect: Dialect = Dialect.UNKNOWN
    lock: SchemaLock | None = None
    begun: tuple[BegunBreak, ...] = ()
    observed_at: str = ""


def state_marks(actual: Actual, topics: Iterable[str], subjects: Iterable[str]) -> dict[str, str]:
    """Return one short hash per named object (`topic NAME`, `subject NAME`) of everything a plan rests on.

    Two observations with the same marks lead to the same plan. Leaders, replicas in sync and record counts are not
    covered: they move without anybody changing anything.
    """
    marks = {f"topic {name}": _mark(_topic_state(actual.topics.get(name))) for name in topics}
    for name in subjects:
        records = _records(actual, name)
        state = _subject_state(actual.subjects.get(name))
        marks[f"subject {name}"] = _mark([*state, records] if records else state)
    return marks


def _topic_state(topic: TopicState | None) -> object:
    if topic is None:
        return None
    config = {k: [v.value, v.source.value] for k, v in sorted(topic.config.items()) if not is_operational(k)}
    return [topic.topic_id, len(topic.partitions), topic.replication_factor, config]


def _records(actual: Actual, subject: str) -> list[object]:
    """Return what is written down of a subject's breaks: a plan made without it would write a lock without it."""
    lock = actual.lock if actual.lock and actual.lock.cluster_id == actual.cluster_id else None
    entry = lock.subjects.get(subject) if lock else None
    begun = [item.pending for item in actual.begun if item.pending.subject == subject]
    locked = entry.breaking if entry else ()
    return [
        *[[item.version, item.reason, item.by, item.at] for item in locked],
        *[[item.fingerprint, item.reason, item.by, item.at] for item in begun],
    ]


def _subject_state(subject: ActualSubject | None) -> list[object]:
    if subject is None:
        return [None, None]
    latest = [subject.latest.version, subject.latest.id] if subject.latest else None
    return [latest, subject.own_level.value if subject.own_level else None]


def _mark(state: object) -> str:
    text = json.dumps(state, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
