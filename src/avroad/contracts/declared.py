"""What the repository declares, as values: types with their text, subjects with their level, and who uses them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from avroad.model import Level
from avroad.schema import Named

__all__ = ["REPOSITORY", "Application", "EventType", "SubjectSpec", "Use"]

REPOSITORY: Final = "repository"
"""The version of a program that is built from this repository, and so always has the declared schema."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One type of one topic, as one program reads or writes it. type_name: "" for a dead-letter topic, which has none.

    versions: the schemas it runs with: REPOSITORY, a number its subject was registered under, or `git:REV`, the
    schema as it was at a revision. stateful: whether it also keeps what it read and reads that again.
    """

    topic: str
    type_name: str
    versions: tuple[str, ...]
    stateful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One program that reads or writes events. file: relative to the project, as the user would type it."""

    name: str
    owner: str
    description: str
    reads: tuple[Use, ...]
    writes: tuple[Use, ...]
    file: str
