"""Every declared subject against the versions before it, in its mode: what is found, what is accepted, what fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from avroad.contracts.catalog import Catalog
from avroad.contracts.compat import Finding, PairReport, compare
from avroad.contracts.compat.modes import HistoryReport, Version, check_history
from avroad.contracts.declared import EventType, SubjectSpec
from avroad.contracts.exceptions import Exemption, Exemptions
from avroad.contracts.rollout import Advisor, Rollout
from avroad.contracts.timeline import is_renamed, same_but_name
from avroad.model import Level
from avroad.schema import Named, Schema, fingerprint, to_json

__all__ = ["Baseline", "Judged", "Policy", "SubjectResult", "check_subjects"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Which answers fail beside the registry's own: unsafe data, and values that change their meaning.

    pinned_fails: whether a declared program fails the check that is pinned to a version which cannot read new data.
    """

    unsafe_fails: bool = True
    meaning_fails: bool = True
    pinned_fails: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What to compare with. name: for people; versions: oldest first, by subject or, when by_type, by type.

    types: those declared there at its end, only when by_type; notes: what could not be compared.
    """

    name: str
    versions: Mapping[str, tuple[Version, ...]]
    by_type: bool
    types: Mapping[str, Named] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One finding in one comparison. version: against which, "" for the history as a whole.

    backward: whether the new schema reads old data; exemption: why it does not count; fails: whether it fails.
    """

    version: str
    backward: bool
    finding: Finding
    exemption: Exemption | None
    fails: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectResult:
    """One subject's answers. subject: "" for a type without one; versions: how many there are before this one.

    state: new, same, changed, or `renamed from` an old name; report: None when there is nothing to compare with.
    errors: (version, why Java raises) where there is no verdict; they fail. rollout: who goes first, when it changed.
    hurts: whether it fails for the sake of a program that is pinned. reworded: the same, with other documentation.
    """

    subject: str
    type_name: str
    file: str
    mode: Level
    state: str
    versions: int = 0
    report: HistoryReport | None = None
    judged: tuple[Judged, ...] = ()
    errors: tuple[tuple[str, str], ...] = ()
    note: str = ""
    rollout: Rollout | None = None
    hurts: bool = False
    reworded: bool = False

    @property
    def failed(self) -> bool:
        """Whether anything found here fails."""
        return self.hurts or bool(self.errors) or any(judged.fails for judged in self.judged)

    @property
    def name(self) -> str:
        """The subject, or the type when it has none."""
        return self.subject or self.type_name


def check_subjects(
    catalog: Catalog,
    baseline: Baseline,
    exemptions: Exemptions,
    policy: Policy,
    *,
    mode: Level | None = None,
    advisor: Advisor | None = None,
) -> tuple[SubjectResult, ...]:
    """Return the result of every declared subject, and of every type without one, in the order of their names.

    mode: instead of what is declared; advisor: says who goes first with what changed. A type without a subject is
    checked in the strictest mode there is, because nobody said which of its readers and writers change first. Raises
    SchemaSyntaxError for schemas that cannot be walked.
    """
    run = _Run(catalog, baseline, exemptions, policy, advisor)
    results = [run.check(spec.subject, spec.type_name, mode or spec.level, spec) for spec in catalog.subjects]
    if baseline.by_type:
        used = {spec.type_name for spec in catalog.subjects}
        rest = [name for name in catalog.types if name not in used]
        results += [run.check("", name, mode or Level.FULL_TRANSITIVE) for name in rest]
    return tuple(sorted(results, key=lambda result: result.name))


class _Run:
    """One pass; a pair of schemas that several subjects ask for is compared once."""

    def __init__(
        self, catalog: Catalog, baseline: Baseline, exemptions: Exemptions, policy: Policy, advisor: Advisor | None
    ) -> None:
        self._advisor = advisor
        self._catalog = catalog
        self._baseline = baseline
        self._exemptions = exemptions
        self._policy = policy
        self._pairs: dict[tuple[int, int], PairReport] = {}
        self._gone = [schema for name, schema in baseline.types.items() if name not in catalog.types]

    def check(self, subject: str, type_name: str, mode: Level, spec: SubjectSpec | None = None) -> SubjectResult:
        """Compare one subject; spec: None for a type without one."""
        declared = self._catalog.types[type_name]
        versions, state, note = self._before(subject, declared.schema)
        if not versions:
            return SubjectResult(
                subject=subject, type_name=type_name, file=declared.file, mode=mode, state="new", note=note
            )
        alive = [version for version in versions if not version.deleted]
        if not state:
            same = bool(alive) and fingerprint(alive[-1].schema) == declared.fingerprint
            state = "same" if same else "changed"
        report = check_history(declared.schema, versions, mode, compare_pair=self._compare)
        judged = [
            self._judge(finding, subject, type_name, comparison.version, backward=comparison.backward)
            for comparison in report.comparisons
            for finding in comparison.report.findings
        ]
        judged += [self._judge(finding, subject, type_name, "", backward=True) for finding in report.history]
        rollout = None
        if self._advisor is not None and spec is not None and state != "same":
            rollout = self._advisor.advise(spec, mode, declared.schema, alive, self._for_our_readers)
        errors = [(c.version, c.report.error) for c in report.comparisons if c.report.compatible is None]
        return SubjectResult(
            subject=subject, type_name=type_name, file=declared.file, mode=mode, state=state, versions=len(alive),
            report=report, judged=tuple(judged), errors=tuple(errors), note=note,
            rollout=rollout, reworded=state == "same" and self._reworded(declared, alive[-1].schema),
            hurts=self._policy.pinned_fails and rollout is not None and any(t.pinned for t in rollout.troubles),
        )  # fmt: skip

    def _before(self, subject: str, schema: Named) -> tuple[tuple[Version, ...], str, str]:
        """Return the versions before, the state where it is known from them, and what to say about them."""
        past = self._baseline.versions
        if not self._baseline.by_type:
            return past.get(subject, ()), "", ""
        if schema.name in past:
            back = schema.name not in self._baseline.types
            return past[schema.name], "", "it was removed before and is back: its old versions count" if back else ""
        old = next((old for old in self._gone if is_renamed(old, schema)), None)
        if old is None:
            old = next((old for old in self._gone if same_but_name(old, schema)), None)
            if old is not None and schema.name in (subject or schema.name):
                # The name is part of the subject: the registry sees a new one, readers a type they do not know.
                note = f'if this is {old.name} under a new name, add "aliases": ["{old.name}"]'
                return (), "", note
        if old is None:
            return (), "", ""
        return past[old.name], f"renamed from {old.name}", ""

    def _reworded(self, declared: EventType, newest: Schema) -> bool:
        """Say whether documentation changed: words make no version, so the newest one may have older words."""
        old = self._baseline.types.get(declared.name, newest)
        known = declared.references
        return to_json(old, known=known) != to_json(declared.schema, known=known)

    def _compare(self, reader: Schema, writer: Schema) -> PairReport:
        key = (id(reader), id(writer))  # both live as long as this pass
        if key not in self._pairs:
            self._pairs[key] = compare(reader, writer)
        return self._pairs[key]

    def _for_our_readers(self, reader: Schema, writer: Schema) -> PairReport:
        """What is accepted in every subject concerns no reader there is, and has no say in who goes first."""
        return self._compare(reader, writer).without(self._exemptions.everywhere())

    def _judge(self, finding: Finding, subject: str, type_name: str, version: str, *, backward: bool) -> Judged:
        exemption = self._exemptions.excuse(finding.rule, finding.field_path, subject=subject, type_name=type_name)
        policy = self._policy
        fails = exemption is None and (
            finding.type is not None
            or (finding.unsafe and policy.unsafe_fails)
            or (finding.shifts and policy.meaning_fails)
        )
        return Judged(version=version, backward=backward, finding=finding, exemption=exemption, fails=fails)
