"""Our own answer to "can this be registered?", beside the registry's and for registries that cannot give one.

It is the verdict of Apache Avro Java's checker, which registries use, in the directions and with the versions that
the level asks for; and what that verdict does not see.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from avroad.admin.desired import DesiredSubject
from avroad.admin.meaning import Meaning
from avroad.contracts.compat import Finding, Severity
from avroad.contracts.compat.modes import Comparison, Version, check_history
from avroad.errors import SchemaSyntaxError
from avroad.model import Level

__all__ = ["LocalAnswer", "local_answer"]

_MAX_FINDINGS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalAnswer:
    """checked: versions compared with; breaks: whether the level is broken; findings: errors, a sentence each."""

    checked: tuple[int, ...] = ()
    breaks: bool = False
    findings: tuple[str, ...] = ()


def local_answer(wanted: DesiredSubject, versions: Sequence[tuple[int, Meaning]]) -> LocalAnswer:
    """Compare a declared schema with registered versions.

    versions: (number, meaning), newest first; unreadable ones are left out of the answer. A non-transitive level
    looks at the newest only, and at none when that one is unreadable.
    """
    if wanted.level is Level.NONE or wanted.schema is None:
        return LocalAnswer()
    chosen = versions if wanted.level.value.endswith("_TRANSITIVE") else versions[:1]
    readable = [(number, item.schema) for number, item in chosen if item.schema is not None]
    history = [Version(name=str(number), schema=schema) for number, schema in reversed(readable)]
    numbers = tuple(number for number, _ in readable)
    try:
        report = check_history(wanted.schema, history, wanted.level)
    except SchemaSyntaxError as error:  # a stored schema too deep to walk is news, not a reason to make no plan
        return LocalAnswer(checked=numbers, findings=(f"cannot be compared: {error}",))
    found = [sentence for comparison in report.comparisons for sentence in _sentences(comparison)]
    found += [f"{finding.rule}: {finding.message}. {finding.fix}" for finding in report.history]
    return LocalAnswer(checked=numbers, breaks=report.compatible is False, findings=tuple(found[:_MAX_FINDINGS]))


def _sentences(comparison: Comparison) -> Iterator[str]:
    reader, writer = "the new schema", f"version {comparison.version}"
    if not comparison.backward:
        reader, writer = writer, reader
    for finding in comparison.report.findings:
        if finding.severity is Severity.ERROR:
            verb = "cannot read" if finding.type is not None else "misreads"
            yield f"{reader} {verb} {writer}: {_shown(finding)}"


def _shown(finding: Finding) -> str:
    """Below a union the cause says more than the union does."""
    while finding.causes and finding.fix == finding.causes[0].fix:
        finding = finding.causes[0]
    return f"{finding.rule} at {finding.field_path}: {finding.message}. {finding.fix}"
