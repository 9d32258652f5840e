"""What the repository declares, as values: types with their text, subjects with their level."""

from __future__ import annotations

from dataclasses import dataclass

from avroad.model import Level
from avroad.schema import Named

__all__ = ["EventType", "SubjectSpec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """One declared type: an event type or a shared type.

    text: JSON to register, with the types of `references` by full name. references: the types of other files that
    this file names, sorted. file: relative to the project, as the user would type it. fingerprint: of the meaning.
    """

    name: str
    schema: Named
    text: str
    file: str
    references: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectSpec:
    """One subject to register. topic: "" for a shared type, whose subject is its full name.

    references: full names of the shared types it names; each is the subject of one SubjectSpec.
    """

    subject: str
    type_name: str
    topic: str
    level: Level
    references: tuple[str, ...]
