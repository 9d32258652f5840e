"""Java's verdict: the cases of Apache Avro's and fastavro's own suites, and the habits of Java's checker one by one."""

from __future__ import annotations

import json
import time
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from avroad.contracts.compat import compare
from avroad.contracts.compat.java import JavaChecker, JavaRaises
from avroad.schema import Json, parse

CASES = Path(__file__).resolve().parents[5] / "shared" / "cases" / "compatibility.jsonl"
PAIRS: list[dict[str, Any]] = (
    [json.loads(line) for line in CASES.read_text("utf-8").splitlines()] if CASES.exists() else []
)


def found(reader: Json, writer: Json) -> list[tuple[str, str, str]]:
    findings = JavaChecker().findings(parse(reader, strict=False), parse(writer, strict=False))
    return [(f.kind.value, f.place.pointer, f.message) for f in findings]


def record(*fields: Json, name: str = "R", **more: Json) -> dict[str, Json]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(name: str, kind: Json, **more: Json) -> dict[str, Json]:
    return {"name": name, "type": kind, **more}


@pytest.mark.skipif(not PAIRS, reason=f"{CASES.name} is not beside the project")
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["name"])
def test_the_cases_of_other_suites(pair: dict[str, Any]) -> None:
    findings = found(pair["reader"], pair["writer"])
    if pair.get("disputed"):
        assert findings, "Java's checker compares record names"
        return
    assert (not findings) == pair["compatible"]
    expected = pair.get("incompatibilities") or []
    if all("path" in item for item in expected):
        assert findings == [(item["type"], item["path"], item["message"]) for item in expected]
    else:
        assert [finding[0] for finding in findings] == [item["type"] for item in expected]


def test_equal_unqualified_names_match_across_namespaces() -> None:
    assert found(record(name="a.R"), record(name="b.R")) == []


def test_an_alias_is_made_full_with_the_readers_namespace() -> None:
    reader = record(name="New", namespace="a", aliases=["Old"])
    assert found(reader, record(name="a.Old")) == []
    assert found(reader, record(name="b.Old")) == [("NAME_MISMATCH", "/name", "expected: b.Old")]


def test_a_field_matched_twice_raises() -> None:
    reader = parse(record(field("a", "int", aliases=["b"])))
    writer = parse(record(field("a", "int"), field("b", "int")))
    with pytest.raises(JavaRaises, match="several fields of the writer"):
        JavaChecker().compatible(reader, writer)
    report = compare(reader, writer)
    assert report.compatible is None
    assert "matches several fields" in report.error


def test_a_missing_enum_field_with_an_enum_default_is_compared_with_the_record() -> None:
    kind: Json = {"type": "enum", "name": "K", "symbols": ["A"], "default": "A"}
    assert found(record(field("k", kind)), record()) == [
        ("TYPE_MISMATCH", "/fields/0/type", "reader type: ENUM not compatible with writer type: RECORD")
    ]


def test_name_and_size_of_a_fixed_are_both_reported() -> None:
    one: Json = {"type": "fixed", "name": "F", "size": 4}
    two: Json = {"type": "fixed", "name": "G", "size": 8}
    assert found(one, two) == [
        ("NAME_MISMATCH", "/name", "expected: G"),
        ("FIXED_SIZE_MISMATCH", "/size", "expected: 8, found: 4"),
    ]


def test_a_type_used_twice_repeats_its_first_path() -> None:
    reader = record(field("a", record(field("x", "int"), name="P")), field("b", "P"))
    writer = record(field("a", record(field("x", "string"), name="P")), field("b", "P"))
    message = "reader type: INT not compatible with writer type: STRING"
    assert found(reader, writer) == [("TYPE_MISMATCH", "/fields/0/type/fields/0/type", message)] * 2


def test_a_branch_compared_in_a_union_first_keeps_the_path_of_that_comparison() -> None:
    inner, other = record(field("x", "int"), name="P"), record(field("x", "string"), name="P")
    reader = record(field("a", ["null", inner]), field("b", "P"))
    writer = record(field("a", ["null", other]), field("b", "P"))
    assert found(reader, writer) == [
        ("MISSING_UNION_BRANCH", "/fields/0/type/1", "reader union lacking writer type: RECORD"),
        ("TYPE_MISMATCH", "/fields/0/type", "reader type: INT not compatible with writer type: STRING"),
    ]


def test_symbols_are_sorted_as_java_sorts_text() -> None:
    reader: Json = {"type": "enum", "name": "K", "symbols": ["A"]}
    writer: Json = {"type": "enum", "name": "K", "symbols": ["b", "A", "Z"]}
    assert found(reader, writer) == [("MISSING_ENUM_SYMBOLS", "/symbols", "[Z, b]")]


def test_a_recursive_type_is_compatible_while_it_is_being_compared() -> None:
    def chain(kind: str) -> Json:
        return record(field("v", kind), field("next", ["null", "R"]))

    assert found(chain("long"), chain("int")) == []
    assert [finding[0] for finding in found(chain("int"), chain("long"))] == ["TYPE_MISMATCH"]


def diamond(levels: int, leaf: str, *, nullable: bool) -> Json:
    def use(kind: Json) -> Json:
        return ["null", kind] if nullable else kind

    kind: Json = record(field("a", leaf), name="R0")
    for level in range(1, levels):
        kind = record(field("a", use(kind)), field("b", use(f"R{level - 1}")), name=f"R{level}")
    return kind


@pytest.mark.parametrize("nullable", [False, True])
def test_schemas_that_expand_exponentially_are_answered_at_once(nullable: bool) -> None:
    reader = parse(diamond(25, "int", nullable=nullable), strict=False)
    writer = parse(diamond(25, "string", nullable=nullable), strict=False)
    started = time.process_time()
    report = compare(reader, writer)
    assert time.process_time() - started < 2
    assert report.compatible is False
    assert len(report.findings) <= 1_000
    assert next(islice(JavaChecker().findings(reader, writer), 1))
