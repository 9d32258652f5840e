"""The steps of a release: which one is missing, stale or refused, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from avroad.admin import Plan
from avroad.admin.plan import Refusal, RefusalKind
from avroad.admin.subject_changes import Allowance, Answer, RegisterSchema
from avroad.contracts.check_report import CheckReport
from avroad.contracts.compat import Severity, compare
from avroad.contracts.compat.modes import Version as Older
from avroad.contracts.compat.modes import check_history
from avroad.contracts.exceptions import Exemption, Leftover
from avroad.contracts.lint import LintFinding
from avroad.contracts.subject_check import Judged, SubjectResult
from avroad.errors import ContractError, ExitCode, PlanError
from avroad.evolve.certificate import Certificate
from avroad.evolve.release import Review, State, Step, new_versions, steps_of
from avroad.evolve.release_render import steps_json, steps_text
from avroad.evolve.versions import InPlay
from avroad.model import Level
from avroad.schema import parse
from tests.unit.evolve.evolution import NEW, OLD, field, record, spec, version

SUBJECT = "road.jams-value"
FIRST = record(field("id", "string"))
BROKEN = record(field("id", "string"), field("lanes", "int"))
PLAY = InPlay(spec=spec(), versions=(version(OLD, FIRST), version(NEW, BROKEN)))
CHANGE = RegisterSchema(
    subject=SUBJECT, type_name="road.Jam", text="{}", fingerprint=PLAY.candidate.id, level=Level.BACKWARD,
    old_version=1, answer=Answer.YES,
)  # fmt: skip
CERTIFICATE = Certificate(
    subject=SUBJECT, mode="BACKWARD", candidate=PLAY.candidate.id, played=((OLD, PLAY.versions[0].id),), met=True,
    registry="compatible", order="any order", steps=(), at="2026-05-01T10:00:00Z", seed=7, libraries=(),
)  # fmt: skip
ALLOWED = replace(CHANGE, allowance=Allowance(reason="nobody reads it"))
EXEMPTION = Exemption(
    rule="READER_FIELD_MISSING_DEFAULT_VALUE", subject=SUBJECT, type="", path="", reason="r", until=date(2030, 1, 1),
    line=3,
)  # fmt: skip


def plan(*changes: RegisterSchema, refusals: tuple[Refusal, ...] = ()) -> Plan:
    return Plan(
        environment="staging", cluster_id="c", registry="r", observed_at="2026-05-01T10:00:00Z", marks={},
        changes=changes, refusals=refusals, lock_differs=True,
    )  # fmt: skip


def result(*, fails: bool, accepted: bool = False) -> SubjectResult:
    finding = compare(parse(BROKEN), parse(FIRST)).findings[0]
    judged = Judged(
        version=OLD, backward=True, finding=finding, exemption=EXEMPTION if accepted else None, fails=fails
    )  # fmt: skip
    return SubjectResult(
        subject=SUBJECT, type_name="road.Jam", file="f", mode=Level.BACKWARD, state="changed", judged=(judged,)
    )  # fmt: skip


def review(**more: Any) -> Review:
    settings: dict[str, Any] = {
        "plan": plan(CHANGE), "check": CheckReport(against="the registry", results=()), "files": 2, "findings": (),
        "plays": {SUBJECT: PLAY}, "certificates": {SUBJECT: CERTIFICATE}, "pending": 0, "lock": "schemas.lock.json",
        "changelog": "schemas.changelog.md",
    }  # fmt: skip
    return Review(**(settings | more))


def named(found: Review) -> dict[str, Step]:
    return {step.name: step for step in steps_of(found)}


def test_the_steps_stand_in_their_order_and_nothing_is_missing() -> None:
    steps = steps_of(review())
    assert [step.name for step in steps] == ["check", "lint", "rehearsal", "plan", "apply", "lock", "changelog"]
    assert [step.state for step in steps] == [State.OK] * 4 + [State.DUE] * 3
    assert not any(step.blocks for step in steps)
    assert {step.exit_code for step in steps} == {ExitCode.OK}


def test_what_waits_for_a_missing_step_says_so() -> None:
    steps = named(review(certificates={}))
    assert steps["rehearsal"].state is State.MISSING
    assert [steps[name].state for name in ("apply", "lock", "changelog")] == [State.WAITS] * 3
    error = steps["rehearsal"].error()
    assert isinstance(error, PlanError)
    assert error.hint == "Run: avroad evolve rehearse -e staging"
    assert steps["rehearsal"].exit_code is error.exit_code is ExitCode.REFUSED


def test_a_version_that_the_lock_goes_back_to_is_checked_and_rehearsed_like_a_new_one() -> None:
    check = CheckReport(against="the registry", results=(result(fails=True),))
    back = {"plan": plan(), "put_back": (SUBJECT,)}
    refused = named(review(check=check, **back))["check"]
    assert (refused.state, refused.exit_code) == (State.REFUSED, ExitCode.CONTRACT)
    assert refused.facts[0].startswith(f"{SUBJECT}, declared as before its newest version: ")
    steps = named(review(certificates={}, **back))
    assert steps["check"].facts == ("0 new versions, 1 older one declared again against the registry",)
    assert steps["rehearsal"].state is State.MISSING


def test_a_result_that_something_has_overtaken_is_stale_and_says_what() -> None:
    stale = named(review(certificates={SUBJECT: replace(CERTIFICATE, candidate="another")}))["rehearsal"]
    assert (stale.state, stale.exit_code) == (State.STALE, ExitCode.REFUSED)
    assert "its schema is another one than was rehearsed" in stale.facts[0]


def test_a_mode_that_was_not_met_breaks_the_contract() -> None:
    missed = named(review(certificates={SUBJECT: replace(CERTIFICATE, met=False)}))["rehearsal"]
    assert (missed.state, missed.exit_code) == (State.REFUSED, ExitCode.CONTRACT)
    assert isinstance(missed.error(), ContractError)
    allow = f'--allow-breaking {SUBJECT}="REASON"'
    assert missed.facts[0].endswith(f"; mend it, or accept its findings in admin/exceptions.yaml, or {allow}")


def test_what_a_registry_refuses_cannot_be_accepted_and_what_is_registered_not_allowed() -> None:
    broken = replace(
        result(fails=True), report=check_history(parse(BROKEN), [Older(name=OLD, schema=parse(FIRST))], Level.BACKWARD)
    )
    more: dict[str, Any] = {
        "certificates": {SUBJECT: replace(CERTIFICATE, met=False)},
        "check": CheckReport(against="r", results=(broken,)),
    }
    assert named(review(**more))["rehearsal"].facts[0].endswith(f'; mend it, or --allow-breaking {SUBJECT}="REASON"')
    assert named(review(**more, put_back=(SUBJECT,)))["rehearsal"].facts[0].endswith("; mend it")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"plan": plan(ALLOWED)}, "allowed to break"),
        (
            {"check": CheckReport(against="r", results=(result(fails=False, accepted=True),))},
            "accepted: READER_FIELD_MISSING_DEFAULT_VALUE",
        ),
    ],
)
def test_a_mode_that_was_not_met_passes_where_that_is_allowed_or_accepted(more: dict[str, Any], said: str) -> None:
    passed = named(review(certificates={SUBJECT: replace(CERTIFICATE, met=False)}, **more))["rehearsal"]
    assert passed.state is State.OK
    assert said in passed.facts[0]


def test_a_mode_that_was_met_with_findings_accepted_says_so() -> None:
    met = named(review(certificates={SUBJECT: replace(CERTIFICATE, accepted=("A at $.b, accepted until ...",))}))
    assert met["rehearsal"].facts[0].endswith(f"met at {CERTIFICATE.at}, 1 accepted finding aside")


def test_a_rehearsal_says_whether_it_played_the_upgrade() -> None:
    met = named(review(certificates={SUBJECT: replace(CERTIFICATE, rolling="no rolling upgrade played")}))
    assert met["rehearsal"].facts[0].endswith(f"met at {CERTIFICATE.at}; no rolling upgrade played")


def test_an_allowed_break_does_not_excuse_from_a_rehearsal() -> None:
    assert named(review(plan=plan(ALLOWED), certificates={}))["rehearsal"].state is State.MISSING


def test_the_check_fails_for_new_versions_that_are_not_allowed_to_break() -> None:
    check = CheckReport(against="the registry", results=(result(fails=True),))
    refused = named(review(check=check))["check"]
    assert (refused.state, refused.exit_code) == (State.REFUSED, ExitCode.CONTRACT)
    assert refused.error().hint == "See: avroad schema check --against registry -e staging"
    assert named(review(check=check, plan=plan(ALLOWED)))["check"].state is State.OK
    assert named(review(check=check, plan=plan(), plays={}))["check"].state is State.OK, "it is registered already"


def test_an_exception_that_has_expired_fails_the_check() -> None:
    left = Leftover(exemption=EXEMPTION, severity=Severity.ERROR, rule="EXCEPTION_EXPIRED", message="it is over")
    check = CheckReport(against="the registry", results=(), leftovers=(left,))
    assert named(review(check=check))["check"].facts == ("EXCEPTION_EXPIRED: it is over",)


@pytest.mark.parametrize(
    ("severity", "state"), [(Severity.ERROR, State.REFUSED), (Severity.WARNING, State.OK), (Severity.INFO, State.OK)]
)
def test_only_errors_of_lint_stop_it(severity: Severity, state: State) -> None:
    finding = LintFinding(
        rule="R", severity=severity, file="f", type="t", path="$", field_path="$", label="t $", message="m", fix="x"
    )
    assert named(review(findings=(finding,)))["lint"].state is state


@pytest.mark.parametrize(
    ("kind", "code"), [(RefusalKind.SCHEMA, ExitCode.CONTRACT), (RefusalKind.PARTITIONS, ExitCode.REFUSED)]
)
def test_a_plan_that_is_refused_is_refused_as_plan_does(kind: RefusalKind, code: ExitCode) -> None:
    refusal = Refusal(kind=kind, target=SUBJECT, found="no: because", change=CHANGE)
    found = review(plan=plan(refusals=(refusal,)), certificates={})
    steps = named(found)
    assert (steps["plan"].state, steps["plan"].exit_code) == (State.REFUSED, code)
    assert steps["plan"].facts == (f"{SUBJECT}: no",)
    assert new_versions(found.plan) == (CHANGE,)
    assert steps["rehearsal"].state is State.MISSING, "what is refused is rehearsed too"


def test_entries_of_a_run_before_are_still_to_be_written() -> None:
    steps = named(review(plan=replace(plan(), lock_differs=False), plays={}, pending=2))
    assert [steps[name].state for name in ("rehearsal", "apply", "lock")] == [State.NOTHING] * 3
    assert steps["changelog"].state is State.DUE
    assert steps["changelog"].facts == ("schemas.changelog.md, 2 new entries",)


def test_the_text_fits_80_columns_and_shows_five_facts_of_many() -> None:
    many = tuple(f"a.very.long.subject.of.a.topic-{'x' * 20}.Type{i} was not rehearsed" for i in range(8))
    steps = (
        *steps_of(review()),
        Step(name="rehearsal", state=State.MISSING, facts=many, command="avroad evolve rehearse"),
    )
    lines = list(steps_text(steps, lambda text, _: text))
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    assert "  rehearsal  MISSING  a.very" in text
    assert "and 3 more\n" in text
    assert text.endswith("run: avroad evolve rehearse")


def test_json_says_the_same() -> None:
    document = steps_json(steps_of(review(certificates={})))
    assert document[2] == {
        "step": "rehearsal", "state": "missing", "blocks": True, "facts": [f"{SUBJECT} was not rehearsed"],
        "command": "avroad evolve rehearse -e staging",
    }  # fmt: skip
    assert document[0]["command"] is None
