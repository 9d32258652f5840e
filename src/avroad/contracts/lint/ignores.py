"""Lint findings that `admin/exceptions.yaml` accepts, and new entries for it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from avroad.contracts.compat.rules import RULES
from avroad.contracts.exceptions import EXCEPTIONS_FILE, Exemptions, load_exemptions
from avroad.contracts.lint.findings import LintFinding
from avroad.contracts.lint.rules import LINT_RULES

__all__ = ["accepted", "exceptions_text"]


def accepted(root: Path, findings: Iterable[LintFinding], *, today: date) -> tuple[LintFinding, ...]:
    """Return the findings that nobody has accepted, and what is wrong with the exceptions themselves.

    Raises ContractError when `admin/exceptions.yaml` cannot be used.
    """
    listed = [entry for entry in load_exemptions(root, known=(*RULES, *LINT_RULES)) if entry.type]
    exemptions = Exemptions(listed, rules=LINT_RULES, today=today)
    kept = [f for f in findings if exemptions.excuse(f.rule, f.field_path, type_name=f.type) is None]
    kept += [
        LintFinding(
            rule=left.rule,
            severity=left.severity,
            file=EXCEPTIONS_FILE,
            type=left.exemption.type,
            path=f"line {left.exemption.line}",
            field_path=left.exemption.path or "$",
            label=left.exemption.where,
            message=left.message,
            fix="mend the entry",
        )
        for left in exemptions.leftovers()
    ]
    return tuple(kept)


def exceptions_text(old: str, findings: Iterable[LintFinding], *, until: date) -> tuple[str, int]:
    """Return the text of the file with an entry for each finding at its end, and how many were added."""
    places = {(f.rule, f.type, f.field_path): None for f in findings if f.rule in LINT_RULES}
    entries = [
        f"- rule: {rule}\n  type: {json.dumps(name)}\n  path: {json.dumps(path)}\n  reason: existing\n"
        f'  until: "{until.isoformat()}"\n'
        for rule, name, path in places
    ]
    lines = [line for line in old.splitlines() if line.strip() != "[]"]  # an empty list cannot be continued
    text = "\n".join([*lines, ""]) if lines else ""
    return text + "".join(entries), len(entries)
