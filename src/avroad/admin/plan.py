"""A plan: exactly what apply will do, why something is refused, and the state it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from avroad.admin.subject_changes import RegisterSchema, SetLevel
from avroad.admin.topic_changes import AddPartitions, CreateTopic, SetConfig
from avroad.contracts.lock import AllowedBreak
from avroad.model import Level

__all__ = ["Change", "Plan", "PlannedSubject", "Refusal", "RefusalKind"]

Change = CreateTopic | AddPartitions | SetConfig | SetLevel | RegisterSchema
"""One step of a plan."""


class RefusalKind(StrEnum):
    """Why something declared cannot be done."""

    PARTITIONS = "partitions"
    SETTING = "setting"
    REPLICATION = "replication"
    SCHEMA = "schema"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Something declared that no apply will do; while there is one, apply sets levels that are NONE and does no more.

    target: topic or subject. found: what is wrong, in one sentence. hint: the next step. change: the registration
    that is refused, with both verdicts.
    """

    kind: RefusalKind
    target: str
    found: str
    hint: str = ""
    change: RegisterSchema | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSubject:
    """What the lock says about a subject after apply; version and id are None where the plan registers it.

    breaking: the record of what was allowed before, which the lock keeps.
    """

    subject: str
    fingerprint: str
    version: int | None = None
    id: int | None = None
    breaking: tuple[AllowedBreak, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The difference between what is declared and what is there, for one environment.

    marks: the state it rests on, one short hash per declared object. subjects: what the lock will hold.
    lock_differs: whether the lock has to be written; lock_reasons: what is wrong with the one there is.
    warnings: what a person should know and apply leaves alone. brokers: how many the cluster had.
    """

    environment: str
    cluster_id: str
    registry: str
    observed_at: str
    marks: Mapping[str, str]
    changes: tuple[Change, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[str, ...] = ()
    subjects: tuple[PlannedSubject, ...] = ()
    lock_differs: bool = False
    lock_reasons: tuple[str, ...] = ()
    brokers: int = 0

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do and nothing refused; the lock is right as well."""
        return not self.changes and not self.refusals and not self.lock_differs

    @property
    def restored_levels(self) -> Plan:
        """The part that takes subjects from level NONE to the declared one: harmless, whatever else is refused."""
        levels = tuple(c for c in self.changes if isinstance(c, SetLevel) and c.old is Level.NONE)
        return replace(self, changes=levels, refusals=(), subjects=(), lock_differs=False, lock_reasons=())

    @property
    def created(self) -> tuple[str, ...]:
        """Topics and subjects that do not exist yet, each once, in order."""
        return tuple(dict.fromkeys(change.target for change in self.changes if change.creates))

    @property
    def changed(self) -> tuple[str, ...]:
        """Existing topics and subjects that will be changed, each once, in order."""
        created = set(self.created)
        return tuple(dict.fromkeys(name for name in (c.target for c in self.changes) if name not in created))

    @property
    def breaks_contract(self) -> bool:
        """Whether a schema is refused: that is a contract violation, whoever meets it; any other refusal is none."""
        return any(refusal.kind is RefusalKind.SCHEMA for refusal in self.refusals)

    @property
    def destructive(self) -> tuple[str, ...]:
        """Topics with a change that drops data, each once, in order."""
        return tuple(c.topic for c in self.changes if isinstance(c, SetConfig) and c.destructive)
