"""What a plan may do to a subject, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from avroad.model import Level

__all__ = ["Allowance", "Answer", "PlannedReference", "RegisterSchema", "SetLevel"]


class Answer(StrEnum):
    """What the registry says to a schema before it is registered."""

    YES = "compatible"
    NO = "incompatible"
    UNKNOWN = "unknown"
    FIRST = "first version"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedReference:
    """A reference of a planned version; version None: the one this same plan registers first."""

    name: str
    subject: str
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Somebody lets a registration break readers or data. by: whoever made the plan, "" when that is not known.

    lowers: whether the registry would refuse it, so that the subject's level is NONE for this one registration.
    """

    reason: str
    by: str = ""
    lowers: bool = False


class _OfSubject:
    """What all changes of a subject can be asked."""

    __slots__ = ()
    subject: str

    @property
    def target(self) -> str:
        """What is changed; topic and subject names may be equal, so the kind is part of it."""
        return f"subject {self.subject}"

    @property
    def creates(self) -> bool:
        """Whether the subject does not exist before."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLevel(_OfSubject):
    """Set the compatibility level on the subject itself; old: None when it has none of its own."""

    subject: str
    old: Level | None
    new: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSchema(_OfSubject):
    """Register a version. fingerprint: what it must mean once it is registered; level: the declared one.

    old_version: the newest version now, None for a new subject. answer, reasons: the registry's, or why there is
    none. checked: stored versions our engine compared with, in the directions of the level; compatible, safe,
    same_meaning: its three answers, None where there is none; findings: why, a sentence each; breaks: the same in
    short, without what somebody has accepted: while there is one, only an allowance lets it be registered.
    disagree: both answered for the same level, and not the same. changes: what differs from the newest version.
    """

    subject: str
    type_name: str
    text: str
    fingerprint: str
    level: Level
    references: tuple[PlannedReference, ...] = ()
    old_version: int | None = None
    answer: Answer = Answer.FIRST
    reasons: tuple[str, ...] = ()
    checked: tuple[int, ...] = ()
    compatible: bool | None = None
    safe: bool | None = None
    same_meaning: bool | None = None
    findings: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    disagree: bool = False
    changes: tuple[str, ...] = ()
    allowance: Allowance | None = None

    @property
    def creates(self) -> bool:
        """Whether the subject does not exist before."""
        return self.old_version is None
