"""All lint rules by id: their words, and the checks that belong to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from avroad.contracts.compat.rules import RULES
from avroad.contracts.lint.rules_more import MORE_RULES
from avroad.contracts.lint.rules_names import NAME_RULES
from avroad.contracts.lint.rules_types import TYPE_RULES
from avroad.contracts.rule import Rule

__all__ = ["LINT_RULES"]

# One rule is about a single schema and about a new version alike; it has one id and one text.
_SHARED: Final = replace(
    RULES["UNION_DEFAULT_NOT_FIRST"],
    after='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", '
    '"fields": [{"name": "count", "type": ["string", "int"], "doc": "A fact.", "default": 1}]}',
    cured='{"type": "record", "name": "Order", "namespace": "shop", "doc": "An order.", '
    '"fields": [{"name": "count", "type": ["int", "string"], "doc": "A fact.", "default": 1}]}',
)
LINT_RULES: Final[Mapping[str, Rule]] = {rule.id: rule for rule in (*NAME_RULES, *TYPE_RULES, _SHARED, *MORE_RULES)}
"""By id."""
