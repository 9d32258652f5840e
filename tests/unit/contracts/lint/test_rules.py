"""Every lint rule fires on its example and not on its cure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from avroad.contracts.lint import LINT_RULES, LintFinding, SchemaSource, lint, mended
from avroad.contracts.lint.findings import Hit
from avroad.errors import SchemaSyntaxError
from avroad.schema import canonical_form, parse


def found(value: Any, rule: str = "", size_bytes: int = 0) -> tuple[LintFinding, ...]:
    try:
        parse(value, file="schemas/x.avsc")
        problems: Any = ()
    except SchemaSyntaxError as error:
        problems = error.problems
    event = rule.startswith("EVENT_")
    source = SchemaSource(name="x", file="schemas/x.avsc", value=value, event=event, size_bytes=size_bytes)
    return lint([source], problems)


def ids(findings: tuple[LintFinding, ...]) -> set[str]:
    return {finding.rule for finding in findings}


WITH_EXAMPLE = [rule for rule in LINT_RULES.values() if rule.after]


def test_there_are_at_least_25_rules_with_whole_words() -> None:
    assert len(LINT_RULES) >= 25
    for rule in LINT_RULES.values():
        for text in (rule.summary, rule.why, rule.cure):
            assert text.endswith((".", "?", ")")), (rule.id, text)


@pytest.mark.parametrize("rule", WITH_EXAMPLE, ids=lambda rule: rule.id)
def test_a_rule_fires_on_its_example_and_not_on_its_cure(rule: Any) -> None:
    assert rule.id in ids(found(json.loads(rule.after), rule.id))
    assert not ids(found(json.loads(rule.cured), rule.id)) - {"EVENT_WITHOUT_OWNER"}


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"type": {"type": "double", "avroad.finite": True}}, ""),
        ({"type": ["null", {"type": "float", "avroad.finite": True}]}, ""),
        ({"type": {"type": "double", "avroad.finit": True}}, 'did you mean "avroad.finite"?'),
        ({"type": {"type": "double", "avroad.finite": "yes"}}, "where the type stands"),
        ({"type": {"type": "long", "avroad.finite": True}}, "where the type stands"),
        ({"type": "double", "avroad.finite": True}, "where the type stands"),
        ({"type": {"type": "array", "items": "double", "avroad.finite": True}}, "where the type stands"),
        ({"type": {"type": "long", "logicalType": "timestamp-micros", "avroad.convert": []}}, '"avroad.converts"?'),
    ],
)
def test_the_attributes_of_avroad_are_known_and_where_they_mean_something(field: dict[str, Any], said: str) -> None:
    fields = [{"name": "lat", "doc": "d", **field}]
    findings = found({"type": "record", "name": "a.B", "doc": "d", "fields": fields})
    fixes = [finding.fix for finding in findings if finding.rule == "ATTRIBUTE_MISSPELLED"]
    assert [said in fix for fix in fixes] == [True] * bool(said)


def test_the_size_of_a_file() -> None:
    schema = {"type": "record", "name": "a.B", "doc": "d", "fields": [{"name": "c", "type": "int", "doc": "d"}]}
    assert ids(found(schema, size_bytes=65_537)) == {"SCHEMA_TOO_LARGE"}
    assert not found(schema, size_bytes=65_536)


@pytest.mark.parametrize("rule", WITH_EXAMPLE, ids=lambda rule: rule.id)
def test_a_safe_edit_cures_its_finding_and_leaves_the_bytes_alone(rule: Any) -> None:
    value = json.loads(rule.after)
    findings = found(value, rule.id)
    edits = [finding for finding in findings if finding.put]
    edited = mended(value, edits)
    assert not ids(found(edited, rule.id)) & {finding.rule for finding in edits}
    assert ids(found(edited, rule.id)) <= ids(findings)
    assert value == json.loads(rule.after)
    if edits:
        assert canonical_form(parse(edited)) == canonical_form(parse(value))


def test_a_hit_offers_no_edit_unless_it_says_so() -> None:
    assert not Hit(message="m", fix="f").put


@pytest.mark.parametrize("value", [None, 1, [], {}, {"type": 3}, {"type": "record"}, {"type": "array"},
                                   {"type": "record", "name": 1, "fields": [1, {"name": "a"}, {"name": 2}]},
                                   {"type": "enum", "symbols": [1]}, {"type": "fixed", "size": "x"}])  # fmt: skip
def test_what_is_no_schema_is_survived(value: Any) -> None:
    findings = found(value)
    assert findings, "it is no schema, and somebody has to say so"
    assert {finding.file for finding in findings} == {"schemas/x.avsc"}
    assert all(finding.message for finding in findings)


def test_findings_are_in_the_order_of_their_places() -> None:
    fields = [{"name": f"f{i}", "type": "int"} for i in range(12)]
    findings = found({"type": "record", "name": "a.B", "doc": "d", "fields": fields})
    assert [finding.path for finding in findings] == [f"$.fields[{i}]" for i in range(12)]
    assert (findings[3].label, findings[3].field_path) == ("B.f3", "$.f3")


def test_places_by_names_are_those_of_comparisons() -> None:
    """One entry of admin/exceptions.yaml is understood by both commands."""
    inner = {"type": "record", "name": "Part", "fields": [{"name": "x", "type": "int"}]}
    items = {"type": "array", "items": {"type": "map", "values": ["null", inner]}}
    findings = found({"type": "record", "name": "a.B", "doc": "d", "fields": [{"name": "parts", "type": items}]})
    assert {"$.parts", "$.parts[]{}", "$.parts[]{}.x"} <= {finding.field_path for finding in findings}


@pytest.mark.parametrize(
    ("field", "where"),
    [
        ({"type": "long", "logicalType": "timestamp-millis"}, "$.fields[0].logicalType"),
        ({"type": ["null", "string"], "default": None, "logicalType": "uuid"}, "$.fields[0].logicalType"),
        ({"type": {"type": "array", "items": "int", "logicalType": "date"}}, "$.fields[0].type.logicalType"),
        ({"type": {"type": "array", "items": {"type": "int", "logicalType": "date"}}}, ""),
    ],
)
def test_a_logical_type_beside_the_type_it_was_meant_for(field: dict[str, Any], where: str) -> None:
    schema = {"type": "record", "name": "a.B", "doc": "d", "fields": [{"name": "f", "doc": "d", **field}]}
    paths = [finding.path for finding in found(schema) if finding.rule == "LOGICAL_TYPE_MISPLACED"]
    assert paths == [where] * bool(where)


@pytest.mark.parametrize(
    ("field", "rules"),
    [
        ({"type": ["int", "null"], "default": 1}, {"NULL_NOT_FIRST"}),
        ({"type": ["int", "null"]}, {"NULL_NOT_FIRST"}),
        ({"type": ["int", "null"], "default": None}, {"UNION_DEFAULT_NOT_FIRST"}),
        ({"type": ["null", "int"]}, {"NULLABLE_WITHOUT_DEFAULT"}),
        ({"type": ["null", "int"], "default": 1}, {"UNION_DEFAULT_NOT_FIRST"}),
        ({"type": ["null", "int"], "default": None}, set()),
    ],
)
def test_a_nullable_field_defaults_to_null_with_null_first(field: dict[str, Any], rules: set[str]) -> None:
    schema = {"type": "record", "name": "a.B", "doc": "d", "fields": [{"name": "f", "doc": "d", **field}]}
    assert ids(found(schema)) == rules
