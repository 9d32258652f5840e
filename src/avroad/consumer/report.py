"""Values a runner hands out: events, and reports of its start and end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from avroad.errors import Problem
from avroad.model import Record
from avroad.ports.broker import TopicPartition

__all__ = ["DoubtfulVersion", "Event", "Left", "RunReport", "StartupReport"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One decoded record.

    type_name: full name of the event type. value: the datum in our reader schema; None is a tombstone, which has no
    schema: id and version are then None and type_name is "" when the topic carries several types.
    schema_id, schema_version: of the writer's schema, version within `subject` (None when the lock does not say it).
    """

    record: Record
    type_name: str
    value: object
    schema_id: int | None = None
    schema_version: int | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulVersion:
    """A registered version with a no. partial: some of its data is read; rules: ids for `avroad schema explain`.

    question: which one got the no, by the name of the setting that decides what follows: unreadable, unsafe or
    changed_meaning.
    """

    question: str
    subject: str
    version: int
    schema_id: int
    partial: bool
    problems: tuple[Problem, ...]
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StartupReport:
    """What the check before the first record found.

    checked: registered versions compared with our reader schemas. unreadable, unsafe, changed_meaning: those with a no
    to each of the three questions (see RunnerSettings); a version is unsafe only where it is not unreadable.
    unchecked: subjects the registry could not be asked about; their versions are checked when their first record
    arrives. reason: why it could not, "" when it could. lost: subjects whose locked id the registry does not know; the
    lock is newer than the registry, which may give those ids to other schemas.
    """

    checked: int
    unreadable: tuple[DoubtfulVersion, ...] = ()
    unsafe: tuple[DoubtfulVersion, ...] = ()
    changed_meaning: tuple[DoubtfulVersion, ...] = ()
    unchecked: tuple[str, ...] = ()
    reason: str = ""
    lost: tuple[str, ...] = ()

    @property
    def doubts(self) -> tuple[DoubtfulVersion, ...]:
        """Every version with a no, once per question."""
        return (*self.unreadable, *self.unsafe, *self.changed_meaning)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """One thing a run could not finish. offset: first one concerned; it is read again by the next run of the group."""

    topic: str
    partition: int
    offset: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """How a run ended. handled: records whose handler returned; poisoned: dead-lettered, or reported without a group.

    committed: next offsets the broker has acknowledged. closed: whether the group was left in time.
    """

    handled: int
    poisoned: int
    retried: int
    committed: Mapping[TopicPartition, int]
    left: tuple[Left, ...]
    closed: bool
    elapsed_s: float

    @property
    def clean(self) -> bool:
        """Whether nothing was left and the group was left properly."""
        return self.closed and not self.left
