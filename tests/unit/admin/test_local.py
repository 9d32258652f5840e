"""Our own answer follows the level: which direction, and against which versions."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import pytest

from avroad.admin import DesiredSubject
from avroad.admin.local import LocalAnswer, local_answer, schema_changes
from avroad.admin.meaning import Meaning
from avroad.contracts.exceptions import Exemption, Exemptions
from avroad.model import Level
from avroad.schema import Json, fingerprint, parse
from tests.unit.admin.fakes import OPTIONAL, PLACE_SUBJECT, REQUIRED, place, subjects

PLAIN, MORE = place(), place(REQUIRED)


def meaning(schema: Json) -> Meaning:
    parsed = parse(schema)
    return Meaning(schema=parsed, fingerprint=fingerprint(parsed))


def wanted(schema: Json, level: Level) -> DesiredSubject:
    return dataclasses.replace(subjects(schema)[0], level=level)


def yes(*checked: int) -> LocalAnswer:
    return LocalAnswer(checked=checked, compatible=True, safe=True, same_meaning=True)


@pytest.mark.parametrize(
    ("new", "old", "level", "conflict"),
    [
        (MORE, PLAIN, Level.BACKWARD, "the new schema cannot read version 1"),
        (PLAIN, MORE, Level.BACKWARD, ""),
        (MORE, PLAIN, Level.FORWARD, ""),
        (PLAIN, MORE, Level.FORWARD, "version 1 cannot read the new schema"),
        (MORE, PLAIN, Level.FULL, "the new schema cannot read version 1"),
        (PLAIN, MORE, Level.FULL_TRANSITIVE, "version 1 cannot read the new schema"),
        (place(OPTIONAL), PLAIN, Level.FULL, ""),
    ],
)
def test_the_level_decides_the_direction(new: Json, old: Json, level: Level, conflict: str) -> None:
    answer = local_answer(wanted(new, level), [(1, meaning(old))])
    assert answer.checked == (1,)
    assert answer.compatible is (not conflict)
    assert bool(answer.breaks) is bool(conflict)
    assert bool(answer.findings) is bool(conflict)
    assert all(finding.startswith(conflict) for finding in answer.findings)


def test_a_transitive_level_looks_at_all_versions_and_another_at_the_newest() -> None:
    versions = [(2, meaning(MORE)), (1, meaning(PLAIN))]
    assert local_answer(wanted(MORE, Level.BACKWARD), versions) == yes(2)
    answer = local_answer(wanted(MORE, Level.BACKWARD_TRANSITIVE), versions)
    assert answer.checked == (2, 1)
    assert "version 1" in answer.findings[0]


def test_no_level_asks_for_nothing() -> None:
    assert local_answer(wanted(MORE, Level.NONE), [(1, meaning(PLAIN))]) == LocalAnswer()


def test_a_version_that_cannot_be_read_is_left_out() -> None:
    versions = [(2, Meaning(problem="is not readable as Avro")), (1, meaning(PLAIN))]
    assert local_answer(wanted(PLAIN, Level.FULL_TRANSITIVE), versions) == yes(1)
    assert local_answer(wanted(PLAIN, Level.BACKWARD), versions) == LocalAnswer()


def test_what_only_some_data_cannot_be_read_with_is_no_conflict() -> None:
    old, new = place({"name": "n", "type": ["null", "int"]}), place({"name": "n", "type": ["int", "null"]})
    assert local_answer(wanted(new, Level.FULL), [(1, meaning(old))]).findings == ()


def test_there_are_never_more_findings_than_fit_a_screen() -> None:
    many: list[Json] = [{"name": f"f{index}", "type": "int"} for index in range(50)]
    assert len(local_answer(wanted(place(*many), Level.BACKWARD), [(1, meaning(PLAIN))]).findings) == 20


def test_schemas_too_deep_to_compare_are_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    from avroad.errors import SchemaSyntaxError

    def deep(*_: object) -> None:
        raise SchemaSyntaxError(expected="a schema of moderate depth", found="nesting too deep to walk")

    monkeypatch.setattr("avroad.admin.local.check_history", deep)
    answer = local_answer(wanted(PLAIN, Level.BACKWARD), [(1, meaning(PLAIN))])
    assert "too deep" in answer.findings[0]
    assert not answer.breaks


def test_a_nullable_field_that_lost_a_type_breaks_and_the_reason_is_given() -> None:
    old = place({"name": "level", "type": ["null", "int"], "default": None})
    new = place({"name": "level", "type": ["null", "string"], "default": None})
    answer = local_answer(wanted(new, Level.BACKWARD), [(1, meaning(old))])
    assert answer.breaks
    assert "MISSING_UNION_BRANCH at $.level<int>" in answer.findings[0]


def at(unit: str) -> Json:
    return place({"name": "at", "type": {"type": "long", "logicalType": f"timestamp-{unit}"}})


def exemptions(rule: str, path: str, until: date = date(2026, 12, 31)) -> Exemptions:
    found = Exemption(rule=rule, reason="agreed", until=until, subject=PLACE_SUBJECT, path=path)
    return Exemptions([found], rules=[rule], today=date(2026, 6, 1))


def test_what_java_does_not_see_breaks_too() -> None:
    answer = local_answer(wanted(at("micros"), Level.BACKWARD), [(1, meaning(at("millis")))])
    assert (answer.compatible, answer.safe, answer.same_meaning) == (True, False, False)
    assert answer.breaks == ("the new schema misreads version 1: LOGICAL_UNIT_CHANGED at $.at",)
    assert answer.findings[0].startswith(f"{answer.breaks[0]}: timestamp-millis is read as timestamp-micros")


def test_unless_somebody_accepted_it() -> None:
    versions = [(1, meaning(at("millis")))]
    answer = local_answer(wanted(at("micros"), Level.BACKWARD), versions, exemptions("LOGICAL_UNIT_CHANGED", "$.at"))
    assert (answer.safe, answer.same_meaning, answer.breaks) == (False, False, ())
    assert answer.findings[0].endswith("[accepted until 2026-12-31: agreed]")
    late = exemptions("LOGICAL_UNIT_CHANGED", "$.at", date(2026, 5, 31))
    assert local_answer(wanted(at("micros"), Level.BACKWARD), versions, late).breaks


def test_nobody_can_accept_what_the_registry_refuses() -> None:
    accepted = exemptions("READER_FIELD_MISSING_DEFAULT_VALUE", "$.lanes")
    assert local_answer(wanted(MORE, Level.BACKWARD), [(1, meaning(PLAIN))], accepted).breaks


def test_where_java_raises_there_is_no_verdict_and_something_breaks() -> None:
    old = place({"name": "a", "type": "int"}, {"name": "b", "type": "int"})
    new = place({"name": "a", "type": "int", "aliases": ["b"]})
    answer = local_answer(wanted(new, Level.BACKWARD), [(1, meaning(old))])
    assert (answer.compatible, answer.safe) == (None, False)
    assert answer.breaks[0] == "the new schema reading version 1: Java's checker raises"


def test_changes_are_words_worst_first_and_without_cosmetics() -> None:
    old, new = parse(place(doc="old")), parse(place(OPTIONAL, REQUIRED, doc="new"))
    first, second = schema_changes(old, new)
    assert first.startswith("$.lanes: ")
    assert first.endswith("(breaks new readers)")
    assert second.startswith("$.note: ")
    assert second.endswith("(compatible)")
    assert schema_changes(None, new) == ()
    many: list[Json] = [{"name": f"f{index}", "type": "int", "default": 0} for index in range(30)]
    assert schema_changes(old, parse(place(*many)))[-1] == "and 18 more: avroad schema diff shows them"


def test_words_and_answers_agree_on_what_is_only_misread() -> None:
    old = place({"name": "length_m", "type": "int", "default": 0})
    new = place({"name": "length_metres", "type": "int", "default": 0})
    answer = local_answer(wanted(new, Level.BACKWARD), [(1, meaning(old))])
    assert (answer.compatible, answer.safe, answer.same_meaning) == (True, True, False)
    changes = schema_changes(parse(old), parse(new))
    assert changes[0] == "$.length_metres: field added, int, default 0 (misread by new readers)"
    assert changes[1] == "$.length_m: field removed, int, default 0 (misread by old readers)"
    both = schema_changes(parse(place({"name": "a", "type": "int"})), parse(place({"name": "a", "type": "string"})))
    assert both[0].endswith("(breaks new and old readers)")


def test_a_message_that_asks_ends_with_its_question_mark() -> None:
    old = place({"name": "length_m", "type": "int", "default": 0})
    new = place({"name": "length_ft", "type": "int", "default": 0})
    answer = local_answer(wanted(new, Level.BACKWARD), [(1, meaning(old))])
    assert "was it renamed? Keep length_m" in answer.findings[0]


def test_below_a_union_the_reason_is_the_branchs_own_and_the_cure_is_for_all_of_it() -> None:
    inner: Any = {"type": "record", "name": "traffic.Inner", "fields": []}
    more: Any = {**inner, "fields": [{"name": "road", "type": "string"}, {"name": "lane", "type": "int"}]}
    old, new = (place({"name": "inner", "type": ["null", kind], "default": None}) for kind in (inner, more))
    answer = local_answer(wanted(new, Level.BACKWARD), [(1, meaning(old))])
    [said] = answer.findings
    assert "READER_FIELD_MISSING_DEFAULT_VALUE at $.inner<traffic.Inner>.road: road. Give field road" in said
    assert "Give field lane a default" in said
