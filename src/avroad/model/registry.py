"""Values exchanged with a schema registry."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

__all__ = ["Dialect", "Reference", "RegisteredSchema", "SchemaText", "Verdict"]


class Dialect(StrEnum):
    """Which product answers; detected from its answers, never assumed."""

    CONFLUENT = "confluent"
    APICURIO = "apicurio"
    KARAPACE = "karapace"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A schema's pointer to a named type registered under another subject."""

    name: str
    subject: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaText:
    """Schema text as the registry stores it, with its direct references."""

    text: str
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredSchema:
    """One version of one subject. guid: of its content, None where the product gives none out."""

    subject: str
    version: int
    id: int
    text: str
    references: tuple[Reference, ...] = ()
    guid: UUID | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The registry's answer to "may this be registered?": None when it cannot answer; reasons in its own words."""

    compatible: bool | None
    reasons: tuple[str, ...] = ()
