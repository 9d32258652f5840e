"""What a plan may do to a subject, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from avroad.model import Level

__all__ = ["Answer", "PlannedReference", "RegisterSchema", "SetLevel"]


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
    """Register a version. fingerprint: what it must mean once it is registered.

    old_version: the newest version now, None for a new subject. answer, reasons: the registry's, or why there is
    none. checked, findings: our own comparison with stored versions.
    """

    subject: str
    type_name: str
    text: str
    fingerprint: str
    references: tuple[PlannedReference, ...] = ()
    old_version: int | None = None
    answer: Answer = Answer.FIRST
    reasons: tuple[str, ...] = ()
    checked: tuple[int, ...] = ()
    findings: tuple[str, ...] = ()

    @property
    def creates(self) -> bool:
        """Whether the subject does not exist before."""
        return self.old_version is None
