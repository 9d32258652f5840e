"""Lint rules for schema files: names, documentation, types, events. Pure: JSON in, findings out."""

from __future__ import annotations

from avroad.contracts.lint.findings import LintFinding, SchemaSource
from avroad.contracts.lint.rules import LINT_RULES
from avroad.contracts.lint.run import lint, mended

__all__ = ["LINT_RULES", "LintFinding", "SchemaSource", "lint", "mended"]
