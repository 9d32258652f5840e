"""What linting says, as values: hits of checks, and findings with their rule and place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from avroad.contracts.rule import Severity

__all__ = ["Hit", "LintFinding", "SchemaSource"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaSource:
    """A schema file as linting sees it: its JSON, not yet parsed.

    name: full name by the file's name; file: path to show; value: the JSON; size_bytes: of the file;
    event: whether a topic carries it; owner: who owns those topics, "" when nobody is named.
    """

    name: str
    file: str
    value: Any
    size_bytes: int = 0
    event: bool = False
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One place where a check says no.

    message: what is wrong there; fix: what to do; at: what follows the place's path, such as `.default`;
    put: attributes to set on the object there, when that is safe to do by machine.
    """

    message: str
    fix: str
    at: str = ""
    put: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """One finding: a rule broken in one place.

    type: full name of the file's type; path: JSONPath in the file; field_path: the place by names, such as `$.road`,
    which exceptions name; label: type and name, for people; pointer, put: the safe edit (attributes to set on the
    object at the pointer), `put` empty when a person has to decide.
    """

    rule: str
    severity: Severity
    file: str
    type: str
    path: str
    field_path: str
    label: str
    message: str
    fix: str
    pointer: str = ""
    put: Mapping[str, Any] = field(default_factory=dict)
