"""Findings of the compatibility engine that `admin/exceptions.yaml` accepts today, for all commands that judge them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from avroad.contracts.compat.rules import RULES
from avroad.contracts.exceptions import Exemptions, load_exemptions
from avroad.contracts.lint.rules import LINT_RULES

__all__ = ["accepted_findings"]


def accepted_findings(root: Path) -> Exemptions:
    """Return what the project in `root` accepts. Raises ContractError when the file cannot be used.

    A rule that lint has too may have an exception that only lint needs: no other command misses it.
    """
    listed = load_exemptions(root, known=(*RULES, *LINT_RULES))
    shared = LINT_RULES.keys() & RULES.keys()
    return Exemptions(listed, rules=RULES.keys(), shared=shared, today=datetime.now(UTC).date())
