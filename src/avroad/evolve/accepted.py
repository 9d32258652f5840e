"""Findings that somebody has accepted, seen from a rehearsal: what they excuse, and what counts all the same. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from avroad.contracts.compat import Finding, Severity
from avroad.contracts.compat.modes import HistoryReport
from avroad.contracts.declared import SubjectSpec
from avroad.contracts.exceptions import Exemption, Exemptions

__all__ = ["Acceptance", "Accepted", "acceptance_of"]

_Pair = tuple[str, str]
"""(writer, reader), by their labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A finding that is accepted until a day, for a reason. pairs: where it is, none for the history as a whole."""

    rule: str
    path: str
    reason: str
    until: date
    pairs: tuple[_Pair, ...]

    @property
    def words(self) -> str:
        """Return it as a sentence, without the pairs."""
        return f"{self.rule} at {self.path}, accepted until {self.until}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What is accepted of the pairs that a mode asks for.

    excused: pairs with an accepted finding and none that counts; counting: whether any finding counts.
    """

    accepted: tuple[Accepted, ...] = ()
    excused: frozenset[_Pair] = frozenset()
    counting: bool = False


def acceptance_of(history: HistoryReport, candidate: str, spec: SubjectSpec, exemptions: Exemptions) -> Acceptance:
    """Return what `exemptions` say of the findings of a history. candidate: the label of the version that is judged.

    What Java refuses is never excused, though it is shown when it is accepted: registries know no exceptions.
    """
    found: dict[tuple[Exemption, str], list[_Pair]] = {}
    excused: set[_Pair | None] = set()
    counting: set[_Pair | None] = set()
    for pair, finding in _findings(history, candidate):
        exemption = exemptions.excuse(finding.rule, finding.field_path, subject=spec.subject, type_name=spec.type_name)
        if exemption is not None:
            pairs = found.setdefault((exemption, finding.field_path), [])
            pairs += [pair] if pair is not None and pair not in pairs else []
        if _counts(finding):
            excusable = exemption is not None and finding.type is None
            (excused if excusable else counting).add(pair)
    return Acceptance(
        accepted=tuple(
            Accepted(rule=given.rule, path=path, reason=given.reason, until=given.until, pairs=tuple(pairs))
            for (given, path), pairs in found.items()
        ),
        excused=frozenset(pair for pair in excused - counting if pair is not None),
        counting=bool(counting),
    )


def _findings(history: HistoryReport, candidate: str) -> Iterator[tuple[_Pair | None, Finding]]:
    for each in history.comparisons:
        pair = (each.version, candidate) if each.backward else (candidate, each.version)
        yield from ((pair, finding) for finding in each.report.findings)
    yield from ((None, finding) for finding in history.history)


def _counts(finding: Finding) -> bool:
    """Say whether a finding fails `schema check`."""
    wrong = finding.changes_meaning and finding.severity is Severity.ERROR
    return finding.type is not None or finding.unsafe or wrong
