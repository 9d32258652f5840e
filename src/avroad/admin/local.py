"""Our engine's answers to "can this be registered?", beside the registry's and for registries that cannot give one.

`compatible` is the verdict of Apache Avro Java's checker, which registries use, in the directions and with the
versions that the level asks for; `safe` and `same_meaning` are what that verdict does not see.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from avroad.admin.desired import DesiredSubject
from avroad.admin.meaning import Meaning
from avroad.contracts.compat import Finding, Severity
from avroad.contracts.compat.changes import Change, Effect, difference
from avroad.contracts.compat.modes import Comparison, HistoryReport, Version, check_history
from avroad.contracts.exceptions import Exemption, Exemptions
from avroad.errors import SchemaSyntaxError
from avroad.model import Level
from avroad.schema import Schema

__all__ = ["LocalAnswer", "local_answer", "schema_changes"]

_MAX_FINDINGS: Final = 20
_MAX_CHANGES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalAnswer:
    """checked: versions compared with, newest first. compatible, safe, same_meaning: None without an answer.

    findings: what stands behind a no, a sentence each; breaks: the same in short, accepted findings left out.
    """

    checked: tuple[int, ...] = ()
    compatible: bool | None = None
    safe: bool | None = None
    same_meaning: bool | None = None
    findings: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()


def local_answer(
    wanted: DesiredSubject, versions: Sequence[tuple[int, Meaning]], exemptions: Exemptions | None = None
) -> LocalAnswer:
    """Compare a declared schema with registered versions.

    versions: (number, meaning), newest first; unreadable ones are left out of the answer. A non-transitive level
    looks at the newest only, and at none when that one is unreadable.
    exemptions: findings that somebody accepted. They never excuse what Java refuses: the registry knows no exceptions.
    """
    if wanted.level is Level.NONE or wanted.schema is None:
        return LocalAnswer()
    chosen = versions if wanted.level.value.endswith("_TRANSITIVE") else versions[:1]
    readable = [(number, item.schema) for number, item in chosen if item.schema is not None]
    if not readable:
        return LocalAnswer()
    history = [Version(name=str(number), schema=schema) for number, schema in reversed(readable)]
    numbers = tuple(number for number, _ in readable)
    try:
        report = check_history(wanted.schema, history, wanted.level)
    except SchemaSyntaxError as error:  # a stored schema too deep to walk is news, not a reason to make no plan
        return LocalAnswer(checked=numbers, findings=(f"cannot be compared: {error}",))
    told = list(_told(report, wanted, exemptions))
    return LocalAnswer(
        checked=numbers,
        compatible=report.compatible,
        safe=report.safe,
        same_meaning=report.same_meaning,
        findings=tuple(item.sentence for item in told[:_MAX_FINDINGS]),
        breaks=tuple(dict.fromkeys(item.short for item in told if not item.accepted))[:_MAX_FINDINGS],
    )


def schema_changes(old: Schema | None, new: Schema | None) -> tuple[str, ...]:
    """Return what differs by meaning, worst first, a sentence each; nothing where either cannot be read."""
    if old is None or new is None:
        return ()
    try:
        found = difference(old, new).changes
    except SchemaSyntaxError:
        return ()
    real = [change for change in found if change.effect is not Effect.COSMETIC]
    real.sort(key=lambda change: change.effect is not Effect.BREAKING)
    lines = [f"{change.path}: {change.what} ({_effect(change)})" for change in real[:_MAX_CHANGES]]
    rest = len(real) - len(lines)
    return (*lines, f"and {rest} more: avroad schema diff shows them") if rest else tuple(lines)


def _effect(change: Change) -> str:
    """Say for whom a change breaks; the level decides whether that counts."""
    return change.harm or change.effect.value


@dataclass(frozen=True, slots=True)
class _Told:
    """One finding that stands behind a no. short: without message and cure."""

    sentence: str
    short: str
    accepted: bool


def _told(report: HistoryReport, wanted: DesiredSubject, exemptions: Exemptions | None) -> Iterator[_Told]:
    for comparison in report.comparisons:
        who = _who(comparison)
        if comparison.report.compatible is None:
            reason = f"{who}: Java's checker raises. {comparison.report.error}"
            yield _Told(reason, f"{who}: Java's checker raises", accepted=False)
        for finding in comparison.report.findings:
            if finding.severity is Severity.ERROR or finding.unsafe:
                yield _one(f"{who}: ", finding, wanted, exemptions)
    for finding in report.history:
        yield _one("", finding, wanted, exemptions)


def _who(comparison: Comparison) -> str:
    reader, writer = "the new schema", f"version {comparison.version}"
    if not comparison.backward:
        reader, writer = writer, reader
    return f"{reader} reading {writer}"


def _one(who: str, finding: Finding, wanted: DesiredSubject, exemptions: Exemptions | None) -> _Told:
    deepest = finding
    while deepest.by_causes:  # the first of which says more than the union above it
        deepest = deepest.causes[0]
    if finding.type is not None:
        who = who.replace(" reading ", " cannot read ")
    else:
        who = who.replace(" reading ", " misreads " if finding.changes_meaning else " does not read all of ")
    short = f"{who}{deepest.rule} at {deepest.field_path}"
    exemption = _exemption(finding, wanted, exemptions)
    accepted = f" [accepted until {exemption.until}: {exemption.reason}]" if exemption else ""
    message = deepest.message if deepest.message.endswith("?") else f"{deepest.message}."
    return _Told(f"{short}: {message} {finding.fix}{accepted}", short, accepted=exemption is not None)


def _exemption(finding: Finding, wanted: DesiredSubject, exemptions: Exemptions | None) -> Exemption | None:
    if exemptions is None or finding.type is not None:
        return None
    return exemptions.excuse(finding.rule, finding.field_path, subject=wanted.subject, type_name=wanted.type_name)
