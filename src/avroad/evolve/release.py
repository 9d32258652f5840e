"""The steps of a release with what is missing to each: check, lint, rehearsal, plan, apply, lock, changelog. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from avroad.admin.plan import Plan
from avroad.admin.render import summary
from avroad.admin.subject_changes import RegisterSchema
from avroad.contracts.check_report import CheckReport
from avroad.contracts.compat import Severity
from avroad.contracts.lint import LintFinding
from avroad.contracts.subject_check import SubjectResult
from avroad.errors import AvroadError, ContractError, ExitCode, PlanError
from avroad.evolve.certificate import Certificate
from avroad.evolve.versions import InPlay

__all__ = ["Review", "State", "Step", "new_versions", "steps_of"]

_BACK: Final = ", declared as before its newest version"


class State(StrEnum):
    """How far a step is. WAITS: for one before it; STALE: what it rests on has changed since."""

    OK = "ok"
    MISSING = "missing"
    STALE = "stale"
    REFUSED = "refused"
    DUE = "to do"
    NOTHING = "nothing"
    WAITS = "waits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. facts: what is known of it, a sentence each; command: what supplies what is missing, or shows why.

    contract: whether what is wrong breaks the contract, rather than being refused for another reason.
    """

    name: str
    state: State
    facts: tuple[str, ...] = ()
    command: str = ""
    contract: bool = False

    @property
    def blocks(self) -> bool:
        """Whether nothing may be released because of it."""
        return self.state in {State.MISSING, State.STALE, State.REFUSED}

    @property
    def exit_code(self) -> ExitCode:
        """What a command says that ends here."""
        if not self.blocks:
            return ExitCode.OK
        return ExitCode.CONTRACT if self.contract else ExitCode.REFUSED

    def error(self) -> AvroadError:
        """Return the error of a step that blocks."""
        kind = ContractError if self.contract else PlanError
        others = len(self.facts) - 1
        more = f" (and {others} more)" if others > 0 else ""
        return kind(
            f"nothing was released: step {self.name} is {self.state}: {self.facts[0]}{more}",
            hint=f"{'See' if self.state is State.REFUSED else 'Run'}: {self.command}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a release rests on.

    check: against the registry; files, findings: of lint; plays: what is in play now, by the subject of each version
    that the plan would register, and of each that the lock would go back to, which put_back names; certificates: by
    subject; pending: how many entries of a run before are still to be written; lock, changelog: these files, as a
    person sees them; stale_modules: files of classes that were generated from other schemas.
    """

    plan: Plan
    check: CheckReport
    files: int
    findings: Sequence[LintFinding]
    plays: Mapping[str, InPlay]
    certificates: Mapping[str, Certificate]
    pending: int
    lock: str
    changelog: str
    put_back: tuple[str, ...] = ()
    stale_modules: tuple[str, ...] = ()


def new_versions(plan: Plan) -> tuple[RegisterSchema, ...]:
    """Return the versions that a plan would register, those among them that it refuses too."""
    planned = [change for change in plan.changes if isinstance(change, RegisterSchema)]
    return (*planned, *(refusal.change for refusal in plan.refusals if refusal.change is not None))


def steps_of(review: Review) -> tuple[Step, ...]:
    """Return all steps in their order; the first one that blocks is the one to supply."""
    before = (_check(review), _lint(review), _rehearsal(review), _plan(review))
    blocked = any(step.blocks for step in before)
    plan = review.plan
    entries = review.pending + sum(isinstance(change, RegisterSchema) for change in plan.changes)
    after = (
        ("apply", len(plan.changes), _many(len(plan.changes), "change")),
        ("lock", int(plan.lock_differs), review.lock),
        ("changelog", entries, f"{review.changelog}, {_many(entries, 'new entry', 'new entries')}"),
    )
    due = State.WAITS if blocked else State.DUE
    rest = (
        Step(name=name, state=due if count else State.NOTHING, facts=(fact,) if count else ())
        for name, count, fact in after
    )
    return (*before, *rest)


def _check(review: Review) -> Step:
    """What is registered and in the lock is not judged again: only what this release changes can still be kept out."""
    allowed = _allowed(review.plan)
    failed = [each for each in review.check.results if each.failed and each.subject in review.plays]
    facts = [
        f"{each.subject}{_BACK if each.subject in review.put_back else ''}: {_answers(each)}{_first_reason(each)}"
        for each in failed if each.subject not in allowed
    ]  # fmt: skip
    facts += [
        f"{left.rule}: {left.message}" for left in review.check.leftovers if left.severity is Severity.ERROR
    ]  # fmt: skip
    if facts:
        command = f"avroad schema check --against registry -e {review.plan.environment}"
        return Step(name="check", state=State.REFUSED, facts=tuple(facts), command=command, contract=True)
    back = f", {_many(len(review.put_back), 'older one')} declared again" if review.put_back else ""
    good = [f"{_many(len(new_versions(review.plan)), 'new version')}{back} against {review.check.against}"]
    good += [f"{each.subject}: {_answers(each)}; allowed to break" for each in failed]
    return Step(name="check", state=State.OK, facts=tuple(good))


def _answers(result: SubjectResult) -> str:
    report = result.report
    if report is None:
        return "no answer"
    words = {True: "yes", False: "no", None: "no verdict"}
    return (
        f"compatible {words[report.compatible]}, safe {words[report.safe]}, "
        f"same meaning {words[report.same_meaning]}"
    )  # fmt: skip


def _first_reason(result: SubjectResult) -> str:
    failing = [judged.finding for judged in result.judged if judged.fails]
    return f"; {failing[0].rule} at {failing[0].field_path}" if failing else ""


def _lint(review: Review) -> Step:
    errors = [finding for finding in review.findings if finding.severity is Severity.ERROR]
    if errors:
        facts = tuple(f"{each.rule} at {each.label}: {each.message}" for each in errors)
        return Step(name="lint", state=State.REFUSED, facts=facts, command="avroad schema lint", contract=True)
    if review.stale_modules:  # programs that use them would send nothing once the lock has the new version
        facts = tuple(f"{module} was generated from other schemas" for module in review.stale_modules)
        return Step(name="lint", state=State.STALE, facts=facts, command="avroad schema types", contract=True)
    warnings = sum(finding.severity is Severity.WARNING for finding in review.findings)
    fact = f"{_many(review.files, 'file')}, no errors, {_many(warnings, 'warning')}"
    return Step(name="lint", state=State.OK, facts=(fact,))


def _rehearsal(review: Review) -> Step:
    missing, stale, missed, good = [], [], [], []
    accepted = _accepted(review.check.results)
    allowed = _allowed(review.plan)
    for subject, play in review.plays.items():
        certificate = review.certificates.get(subject)
        if certificate is None:
            missing.append(f"{subject} was not rehearsed")
        elif changed := certificate.stale(play):
            stale.append(f"{subject}, rehearsed at {certificate.at}: {'; '.join(changed)}")
        elif certificate.met:
            without = f", {_many(len(certificate.accepted), 'accepted finding')} aside" if certificate.accepted else ""
            rolling = f"; {certificate.rolling}" if certificate.rolling else ""
            good.append(f"{subject}: met at {certificate.at}{without}{rolling}")
        elif subject in allowed:
            good.append(f"{subject}: not met at {certificate.at}; allowed to break")
        elif subject in accepted:
            good.append(f"{subject}: not met at {certificate.at}; accepted: {accepted[subject]}")
        else:
            missed.append(f"{subject}: {certificate.mode} was not met at {certificate.at}; {_cure(review, subject)}")
    if not (missing or stale or missed):
        return Step(name="rehearsal", state=State.OK if good else State.NOTHING, facts=tuple(good))
    state = State.MISSING if missing else State.STALE if stale else State.REFUSED
    return Step(
        name="rehearsal", state=state, facts=(*missing, *stale, *missed), contract=state is State.REFUSED,
        command=f"avroad evolve rehearse -e {review.plan.environment}",
    )  # fmt: skip


def _cure(review: Review, subject: str) -> str:
    """Return what helps: what a registry refuses cannot be accepted, and what is registered cannot be allowed."""
    result = next((each for each in review.check.results if each.subject == subject), None)
    acceptable = result is None or result.report is None or result.report.compatible is True
    cures = ["mend it"]
    if acceptable:
        cures.append("accept its findings in admin/exceptions.yaml")
    if subject not in review.put_back:
        cures.append(f'--allow-breaking {subject}="REASON"')
    return ", or ".join(cures)


def _plan(review: Review) -> Step:
    plan = review.plan
    if plan.refusals:
        facts = tuple(f"{refusal.target}: {refusal.found.partition(': ')[0]}" for refusal in plan.refusals)
        command = f"avroad plan -e {plan.environment}"
        return Step(name="plan", state=State.REFUSED, facts=facts, command=command, contract=plan.breaks_contract)
    return Step(name="plan", state=State.OK, facts=(summary(plan).removeprefix("Plan: ").partition(" (")[0],))


def _allowed(plan: Plan) -> Collection[str]:
    return {change.subject for change in new_versions(plan) if change.allowance is not None}


def _accepted(results: Sequence[SubjectResult]) -> dict[str, str]:
    """Return the accepted findings of each subject that passes with them: a rehearsal shows their harm all the same."""
    found = {
        result.subject: ", ".join(dict.fromkeys(j.finding.rule for j in result.judged if j.exemption is not None))
        for result in results
        if not result.failed
    }
    return {subject: rules for subject, rules in found.items() if rules}


def _many(count: int, noun: str, plural: str = "") -> str:
    return f"{count} {noun if count == 1 else plural or f'{noun}s'}"
