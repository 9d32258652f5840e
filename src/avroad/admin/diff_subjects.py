"""Declared subjects against observed ones: levels, new versions, and which of them nobody may register just so."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from avroad.admin.actual import Actual, ActualSubject
from avroad.admin.begun import recorded_breaks
from avroad.admin.desired import DesiredSubject
from avroad.admin.plan import Change, Refusal, RefusalKind
from avroad.admin.subject_changes import Allowance, Answer, PlannedReference, RegisterSchema, SetLevel
from avroad.config.shape import did_you_mean
from avroad.errors import PlanError

__all__ = ["SubjectDiff", "diff_subjects", "overtaken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectDiff:
    """What is to do and what is refused, in the order of the declarations."""

    changes: tuple[Change, ...]
    refusals: tuple[Refusal, ...]


def diff_subjects(
    subjects: Sequence[DesiredSubject], actual: Actual, allowed: Mapping[str, str], by: str
) -> SubjectDiff:
    """Compare every declared subject with what is registered.

    allowed: reason by subject that may break; by: who says so. Raises PlanError when it names another subject.
    """
    _refuse_unknown(allowed, subjects)
    changes: list[Change] = []
    refusals: list[Refusal] = []
    breaking = set()
    registered: dict[str, int] = {}
    for wanted in subjects:
        found = actual.subjects.get(wanted.subject) or ActualSubject(subject=wanted.subject)
        if found.own_level is not wanted.level:
            changes.append(SetLevel(subject=wanted.subject, old=found.own_level, new=wanted.level))
        if found.match is not None:
            registered[wanted.subject] = found.match.version
            continue
        step = _registration(wanted, found, actual)
        if not step.breaks:
            changes.append(step)
            continue
        breaking.add(wanted.subject)
        if wanted.subject in allowed:
            allowance = Allowance(reason=allowed[wanted.subject], by=by, lowers=_would_be_refused(step))
            changes.append(dataclasses.replace(step, allowance=allowance))
        else:
            refusals.append(_refusal(step, actual))
    _refuse_needless([name for name in allowed if name not in breaking], registered, actual)
    return SubjectDiff(changes=tuple(changes), refusals=tuple(refusals))


def overtaken(subjects: Sequence[DesiredSubject], actual: Actual) -> dict[str, str]:
    """Return, by subject, why what is declared is not the newest version; no apply mends it.

    A registry answers an old schema with its old version: somebody else registered more, or this checkout went back.
    """
    found = [actual.subjects[item.subject] for item in subjects if item.subject in actual.subjects]
    return {
        item.subject: f"{item.subject}: declared is version {item.match.version}, but newest registered is "
        f"{item.latest.version} (id {item.latest.id}), which apply leaves alone. Pull it, or declare what follows it"
        for item in found
        if item.latest is not None and item.match is not None and item.match.version != item.latest.version
    }


def _registration(wanted: DesiredSubject, found: ActualSubject, actual: Actual) -> RegisterSchema:
    references = []
    for name, subject in wanted.references:
        target = actual.subjects.get(subject)
        match = target.match if target else None
        references.append(PlannedReference(name=name, subject=subject, version=match.version if match else None))
    answer, reasons = _answer(found)
    breaks, said = found.local.breaks, {Answer.YES: True, Answer.NO: False}.get(answer)
    same_level = found.own_level is wanted.level
    if said is False and same_level:
        breaks = breaks or tuple(f"the registry refuses it: {reason}" for reason in reasons or ("no reason given",))
    elif said is not None and not same_level:
        reasons = (*reasons, f"asked at the level in force now; this plan sets {wanted.level} first")
    problem = (f"version {found.latest.version} {found.problem}",) if found.problem and found.latest else ()
    return RegisterSchema(
        subject=wanted.subject,
        type_name=wanted.type_name,
        text=wanted.text,
        fingerprint=wanted.fingerprint,
        level=wanted.level,
        references=tuple(references),
        old_version=found.latest.version if found.latest else None,
        answer=answer,
        reasons=(*reasons, *problem),
        checked=found.local.checked,
        compatible=found.local.compatible,
        safe=found.local.safe,
        same_meaning=found.local.same_meaning,
        findings=found.local.findings,
        breaks=breaks,
        disagree=same_level and {said, found.local.compatible} == {True, False},
        changes=found.changes,
    )


def _answer(found: ActualSubject) -> tuple[Answer, tuple[str, ...]]:
    if found.latest is None:
        return Answer.FIRST, ()
    if found.verdict is None or found.verdict.compatible is None:
        return Answer.UNKNOWN, (found.unasked,) if found.unasked else ()
    return (Answer.YES if found.verdict.compatible else Answer.NO), found.verdict.reasons


def _would_be_refused(step: RegisterSchema) -> bool:
    return step.answer is Answer.NO or step.compatible is not True


def _refusal(step: RegisterSchema, actual: Actual) -> Refusal:
    """Our reasons say more than a registry's, and come first."""
    what = f"{step.type_name} at level {step.level}"
    if step.answer is Answer.NO:
        headline = f"the registry refuses {what}"
    elif step.compatible is True:
        headline = f"the registry would take {what}, but readers would fail on data or misread them"
    elif step.answer is Answer.UNKNOWN:
        headline = f"the registry cannot be asked, and would refuse {what}"
    else:
        headline = f"our engine refuses {what}"
    theirs = step.reasons if step.answer is Answer.NO else ()
    ours = (finding.removesuffix(".") for finding in step.findings)
    said = "; ".join((*ours, *(f"in its words: {reason}" for reason in theirs))) or "it gives no reason"
    return Refusal(
        kind=RefusalKind.SCHEMA,
        target=step.subject,
        found=f"{headline}: {said}",
        hint="Make the change compatible (a default, an alias), or use a new topic for the new shape. To break on "
        f'purpose: --allow-breaking {step.subject}="REASON"{_allowed_before(step, actual)}',
        change=step,
    )


def _allowed_before(step: RegisterSchema, actual: Actual) -> str:
    """Return what explains a break that an older version made: a transitive level meets it again each time."""
    breaks = recorded_breaks(actual, step.subject)
    if not breaks or not step.level.value.endswith("_TRANSITIVE"):
        return ""
    last = breaks[-1]
    why = f"{step.level} compares with what is older than it, too"
    return f". Version {last.version} was allowed to ({last.reason}); {why}"


def _refuse_unknown(allowed: Mapping[str, str], subjects: Sequence[DesiredSubject]) -> None:
    known = [subject.subject for subject in subjects]
    for name, reason in allowed.items():
        if name not in known:
            raise PlanError(
                f"{name} is allowed to break, but no such subject is declared", hint=did_you_mean(name, known)
            )
        if not reason.strip():
            raise PlanError(f"{name} is allowed to break, but without a reason", hint=f'{name}="why it has to be"')


def _refuse_needless(needless: Sequence[str], registered: Mapping[str, int], actual: Actual) -> None:
    for name in needless:
        done = "nothing of it breaks"
        if name in registered:
            version = registered[name]
            if version in [item.version for item in actual.begun if item.pending.subject == name]:
                continue  # this very command was ended after it had registered it: run again, it ends what it began
            done = f"its schema is registered already, as version {version}"
            for item in recorded_breaks(actual, name):
                if item.version == version:
                    by = f" by {item.by}" if item.by else ""
                    done += f", which was allowed{by} on {item.at[:10]}: {item.reason}"
        raise PlanError(
            f"{name} is allowed to break, but {done}",
            hint="Leave its --allow-breaking out: an allowance that is not needed would hide the next break.",
        )
