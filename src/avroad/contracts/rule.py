"""A rule as a value: its id, how much it matters, and what `avroad schema explain` says about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Rule", "Severity"]


class Severity(StrEnum):
    """ERROR: data breaks or changes its meaning; WARNING: some data or some readers may; INFO: good to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """id: stable; severity: unless a place makes it worse; summary: one line; why: what happens to whom.

    before, after: an example in schema text that breaks the rule (for a rule about one schema, `before` is empty);
    cure: what to do; source: where the rule comes from; cured: the example as the cure leaves it, "" when not given.
    """

    id: str
    severity: Severity
    summary: str
    why: str
    before: str
    after: str
    cure: str
    source: str = ""
    cured: str = ""
