"""Our own answer follows the level: which direction, and against which versions."""

from __future__ import annotations

import dataclasses

import pytest

from avroad.admin import DesiredSubject
from avroad.admin.local import local_findings
from avroad.admin.meaning import Meaning
from avroad.model import Level
from avroad.schema import Json, fingerprint, parse
from tests.unit.admin.fakes import OPTIONAL, REQUIRED, place, subjects

PLAIN, MORE = place(), place(REQUIRED)


def meaning(schema: Json) -> Meaning:
    parsed = parse(schema)
    return Meaning(schema=parsed, fingerprint=fingerprint(parsed))


def wanted(schema: Json, level: Level) -> DesiredSubject:
    return dataclasses.replace(subjects(schema)[0], level=level)


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
    checked, findings = local_findings(wanted(new, level), [(1, meaning(old))])
    assert checked == (1,)
    assert bool(findings) is bool(conflict)
    assert all(finding.startswith(conflict) for finding in findings)


def test_a_transitive_level_looks_at_all_versions_and_another_at_the_newest() -> None:
    versions = [(2, meaning(MORE)), (1, meaning(PLAIN))]
    assert local_findings(wanted(MORE, Level.BACKWARD), versions) == ((2,), ())
    checked, findings = local_findings(wanted(MORE, Level.BACKWARD_TRANSITIVE), versions)
    assert checked == (2, 1)
    assert "version 1" in findings[0]


def test_no_level_asks_for_nothing() -> None:
    assert local_findings(wanted(MORE, Level.NONE), [(1, meaning(PLAIN))]) == ((), ())


def test_a_version_that_cannot_be_read_is_left_out() -> None:
    versions = [(2, Meaning(problem="is not readable as Avro")), (1, meaning(PLAIN))]
    assert local_findings(wanted(PLAIN, Level.FULL_TRANSITIVE), versions) == ((1,), ())


def test_what_only_some_data_cannot_be_read_with_is_no_conflict() -> None:
    old, new = place({"name": "n", "type": ["null", "int"]}), place({"name": "n", "type": ["int", "null"]})
    assert local_findings(wanted(new, Level.FULL), [(1, meaning(old))])[1] == ()


def test_there_are_never_more_findings_than_fit_a_screen() -> None:
    many: list[Json] = [{"name": f"f{index}", "type": "int"} for index in range(50)]
    assert len(local_findings(wanted(place(*many), Level.BACKWARD), [(1, meaning(PLAIN))])[1]) == 20


def test_schemas_too_deep_to_compare_are_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    from avroad.errors import SchemaSyntaxError

    def deep(*_: object) -> None:
        raise SchemaSyntaxError(expected="a schema of moderate depth", found="nesting too deep to walk")

    monkeypatch.setattr("avroad.admin.local.resolve", deep)
    findings = local_findings(wanted(PLAIN, Level.BACKWARD), [(1, meaning(PLAIN))])[1]
    assert "too deep" in findings[0]
