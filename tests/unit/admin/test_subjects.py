"""Subjects: registered only when the meaning differs, shared types first, levels before schemas."""

from __future__ import annotations

import json

import pytest

from avroad.admin import Desired, Plan, apply, diff, observe
from avroad.admin.meaning import Meanings, matches
from avroad.admin.plan import RefusalKind
from avroad.admin.subject_changes import Answer, PlannedReference, RegisterSchema, SetLevel
from avroad.model import Level, Reference, RegisteredSchema
from tests.unit.admin.fakes import (
    ACCIDENT_SUBJECT,
    OPTIONAL,
    PLACE,
    PLACE_SUBJECT,
    REQUIRED,
    FakeCluster,
    FakeRegistry,
    accident,
    desired,
    place,
    subjects,
)

CLUSTER = FakeCluster()


def plan_for(registry: FakeRegistry, wanted: Desired) -> Plan:
    return diff(wanted, observe(CLUSTER, registry, wanted))


def applied(registry: FakeRegistry, wanted: Desired) -> Plan:
    """Apply what differs and return the plan after it."""
    report = apply(plan_for(registry, wanted), CLUSTER, registry)
    assert report.error is None
    return plan_for(registry, wanted)


def registrations(plan: Plan) -> list[RegisterSchema]:
    return [change for change in plan.changes if isinstance(change, RegisterSchema)]


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry()


def test_an_empty_registry_gets_level_then_schema_shared_type_first(registry: FakeRegistry) -> None:
    plan = plan_for(registry, desired(subjects=subjects()))
    assert [
        (type(change).__name__, change.subject)
        for change in plan.changes
        if isinstance(change, SetLevel | RegisterSchema)
    ] == [
        ("SetLevel", PLACE_SUBJECT),
        ("RegisterSchema", PLACE_SUBJECT),
        ("SetLevel", ACCIDENT_SUBJECT),
        ("RegisterSchema", ACCIDENT_SUBJECT),
    ]
    last = registrations(plan)[-1]
    assert last.references == (PlannedReference(name=PLACE, subject=PLACE_SUBJECT, version=None),)
    assert last.answer is Answer.FIRST
    assert len(plan.created) == 2


def test_after_apply_nothing_is_left_to_do(registry: FakeRegistry) -> None:
    plan = applied(registry, desired(subjects=subjects()))
    assert plan.changes == ()
    assert registry.held[ACCIDENT_SUBJECT][0].references == (Reference(name=PLACE, subject=PLACE_SUBJECT, version=1),)
    assert registry.levels == dict.fromkeys((PLACE_SUBJECT, ACCIDENT_SUBJECT), Level.BACKWARD_TRANSITIVE)


def test_documentation_and_formatting_are_no_change(registry: FakeRegistry) -> None:
    applied(registry, desired(subjects=subjects()))
    registry.held[PLACE_SUBJECT][0] = RegisteredSchema(
        subject=PLACE_SUBJECT, version=1, id=1, text=json.dumps(place(doc="Other words."), indent=7)
    )
    assert plan_for(registry, desired(subjects=subjects(place(doc="New words.")))).changes == ()


def test_an_inlined_schema_of_the_same_meaning_is_no_change(registry: FakeRegistry) -> None:
    applied(registry, desired(subjects=subjects()))
    whole = accident()
    assert isinstance(whole, dict)
    fields = whole["fields"]
    assert isinstance(fields, list)
    whole = {**whole, "fields": [fields[0], {"name": "place", "type": place()}]}
    registry.held[ACCIDENT_SUBJECT] = [
        RegisteredSchema(subject=ACCIDENT_SUBJECT, version=1, id=9, text=json.dumps(whole))
    ]
    assert plan_for(registry, desired(subjects=subjects())).changes == ()


def test_a_changed_shared_type_takes_its_users_along(registry: FakeRegistry) -> None:
    applied(registry, desired(subjects=subjects()))
    wanted = desired(subjects=subjects(place(OPTIONAL)))
    plan = plan_for(registry, wanted)
    assert [change.subject for change in registrations(plan)] == [PLACE_SUBJECT, ACCIDENT_SUBJECT]
    assert registrations(plan)[1].references[0].version is None
    assert "cannot be asked before road.Place is registered" in registrations(plan)[1].reasons
    assert plan.created == ()
    assert len(plan.changed) == 2
    assert applied(registry, wanted).changes == ()
    assert registry.held[ACCIDENT_SUBJECT][-1].references[0].version == 2


def test_a_changed_user_leaves_its_shared_types_alone(registry: FakeRegistry) -> None:
    applied(registry, desired(subjects=subjects()))
    wanted = desired(subjects=subjects(accident_json=accident(OPTIONAL)))
    plan = plan_for(registry, wanted)
    assert [change.subject for change in registrations(plan)] == [ACCIDENT_SUBJECT]
    assert registrations(plan)[0].references[0].version == 1
    assert registrations(plan)[0].answer is Answer.YES
    assert applied(registry, wanted).changes == ()


def test_going_back_to_an_older_version_registers_nothing(registry: FakeRegistry) -> None:
    applied(registry, desired(subjects=subjects()))
    applied(registry, desired(subjects=subjects(accident_json=accident(OPTIONAL))))
    plan = plan_for(registry, desired(subjects=subjects()))
    assert plan.changes == ()
    assert {item.subject: item.version for item in plan.subjects}[ACCIDENT_SUBJECT] == 1


def test_a_user_bound_to_an_old_shared_version_by_one_of_two_ways_is_registered_again(registry: FakeRegistry) -> None:
    applied(registry, desired(subjects=subjects()))
    applied(registry, desired(subjects=subjects(place(OPTIONAL))))
    old = Reference(name=PLACE, subject=PLACE_SUBJECT, version=1)
    held = registry.held[ACCIDENT_SUBJECT][-1]
    registry.held[ACCIDENT_SUBJECT] = [
        RegisteredSchema(subject=held.subject, version=1, id=50, text=held.text, references=(old,))
    ]
    plan = plan_for(registry, desired(subjects=subjects(place(OPTIONAL))))
    assert [change.subject for change in registrations(plan)] == [ACCIDENT_SUBJECT]


def test_a_level_that_was_changed_by_hand_is_set_again(registry: FakeRegistry) -> None:
    applied(registry, desired(subjects=subjects()))
    registry.levels[PLACE_SUBJECT] = Level.NONE
    del registry.levels[ACCIDENT_SUBJECT]
    plan = plan_for(registry, desired(subjects=subjects()))
    assert [(change.old, change.new) for change in plan.changes if isinstance(change, SetLevel)] == [
        (Level.NONE, Level.BACKWARD_TRANSITIVE),
        (None, Level.BACKWARD_TRANSITIVE),
    ]
    assert registrations(plan) == []


def test_a_registry_that_says_no_makes_a_refusal_with_its_reason(registry: FakeRegistry) -> None:
    applied(registry, desired(subjects=subjects()))
    registry.conflicts[ACCIDENT_SUBJECT] = "READER_FIELD_MISSING_DEFAULT_VALUE at /fields/2"
    plan = plan_for(registry, desired(subjects=subjects(accident_json=accident(REQUIRED))))
    assert plan.changes == ()
    assert plan.refusals[0].kind is RefusalKind.SCHEMA
    assert "/fields/2" in plan.refusals[0].found


def test_but_not_when_the_plan_changes_the_level_first(registry: FakeRegistry) -> None:
    applied(registry, desired(subjects=subjects()))
    registry.conflicts[ACCIDENT_SUBJECT] = "no"
    registry.levels[ACCIDENT_SUBJECT] = Level.FULL_TRANSITIVE
    plan = plan_for(registry, desired(subjects=subjects(accident_json=accident(OPTIONAL))))
    assert plan.refusals == ()
    assert "sets BACKWARD_TRANSITIVE first" in registrations(plan)[0].reasons[-1]


def test_a_registry_that_cannot_check_is_called_so_and_our_own_reading_is_given() -> None:
    registry = FakeRegistry(silent=True)
    applied(registry, desired(subjects=subjects()))
    good = registrations(plan_for(registry, desired(subjects=subjects(accident_json=accident(OPTIONAL)))))[0]
    assert good.answer is Answer.UNKNOWN
    assert good.reasons == ("this registry cannot check schemas with references",)
    assert (good.checked, good.findings) == ((1,), ())
    bad = plan_for(registry, desired(subjects=subjects(accident_json=accident(REQUIRED))))
    assert bad.changes == ()
    assert bad.refusals[0].kind is RefusalKind.SCHEMA
    assert "cannot be asked, and would refuse" in bad.refusals[0].found
    assert "cannot read version 1" in bad.refusals[0].found
    assert "$.lanes" in bad.refusals[0].found


@pytest.mark.parametrize(
    ("text", "words"),
    [('{"type": "recrd"}', "is not readable as Avro"), ("not json", "is not readable as Avro")],
)
def test_a_registered_text_that_is_no_schema_is_replaced_and_named(
    registry: FakeRegistry, text: str, words: str
) -> None:
    applied(registry, desired(subjects=subjects()))
    registry.held[PLACE_SUBJECT] = [RegisteredSchema(subject=PLACE_SUBJECT, version=1, id=1, text=text)]
    plan = plan_for(registry, desired(subjects=subjects()))
    assert [change.subject for change in registrations(plan)] == [PLACE_SUBJECT, ACCIDENT_SUBJECT]
    assert any(words in reason for reason in registrations(plan)[0].reasons)


def test_a_reference_that_is_gone_or_circular_is_a_problem_not_a_crash(registry: FakeRegistry) -> None:
    gone = RegisteredSchema(
        subject="x", version=1, id=1, text='"y"', references=(Reference(name="y", subject="y", version=3),)
    )
    assert "y version 3, which is gone" in Meanings(registry.version).of(gone).problem
    circle = RegisteredSchema(
        subject="x", version=1, id=1, text='"x"', references=(Reference(name="x", subject="x", version=1),)
    )
    assert "refers to itself" in Meanings(registry.version, [circle]).of(circle).problem


def test_each_referenced_version_is_fetched_once(registry: FakeRegistry) -> None:
    applied(registry, desired(subjects=subjects()))
    registry.calls.clear()
    meanings = Meanings(registry.version)
    for _ in range(3):
        assert meanings.of(registry.held[ACCIDENT_SUBJECT][0]).fingerprint
    assert registry.calls["version"] == 1


def test_a_version_matches_only_when_all_it_refers_to_matches(registry: FakeRegistry) -> None:
    applied(registry, desired(subjects=subjects()))
    meaning = Meanings(registry.version).of(registry.held[ACCIDENT_SUBJECT][0])
    good = {item.type_name: item.fingerprint for item in subjects()}
    assert matches(meaning, meaning.fingerprint, good)
    assert matches(meaning, meaning.fingerprint, {})
    assert not matches(meaning, meaning.fingerprint, {PLACE: "another"})


def test_a_registry_that_knows_levels_of_existing_subjects_only_gets_them_afterwards() -> None:
    registry = FakeRegistry(levels_need_subject=True)
    plan = plan_for(registry, desired(subjects=subjects()))
    report = apply(plan, CLUSTER, registry)
    assert report.error is None
    assert set(report.done) == set(plan.changes)
    assert plan_for(registry, desired(subjects=subjects())).changes == ()
