"""The slow oracle itself: what the specification's own examples say, and what both test suites of Avro expect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.spec import Picked, Spec
from tests.oracle.spec_resolution import Refused

FILE = Path(__file__).resolve().parents[2].parent / "shared" / "cases" / "decoding.jsonl"
CASES: list[dict[str, Any]] = (
    [json.loads(line) for line in FILE.read_text("utf-8").splitlines()] if FILE.exists() else []
)
TEST = {
    "type": "record",
    "name": "test",
    "fields": [{"name": "a", "type": "long"}, {"name": "b", "type": "string"}],
}


@pytest.mark.parametrize(
    ("node", "wire", "value"),
    [
        ("int", "00", 0),
        ("int", "01", -1),
        ("int", "02", 1),
        ("int", "03", -2),
        ("long", "7f", -64),
        ("long", "8001", 64),
        ("string", "06666f6f", "foo"),
        (TEST, "3606666f6f", {"a": 27, "b": "foo"}),
        ({"type": "array", "items": "long"}, "04063600", [3, 27]),
        ({"type": "array", "items": "long"}, "0304063600", [3, 27]),
        (["null", "string"], "00", Picked("null", None)),
        (["null", "string"], "020261", Picked("string", "a")),
        ({"type": "enum", "name": "Foo", "symbols": ["A", "B", "C", "D"]}, "06", "D"),
    ],
)
def test_the_examples_of_the_specification(node: Any, wire: str, value: Any) -> None:
    assert Spec(node).read(bytes.fromhex(wire)).value == value


@pytest.mark.parametrize(
    ("node", "wire", "rule"),
    [
        ("int", "0202", "trailing"),
        ("int", "8000", "varint"),
        ("long", "ff" * 9 + "02", "varint"),
        ("long", "80" * 10 + "01", "varint"),
        ("int", "8080808010", "int"),
        ("boolean", "02", "boolean"),
        ("string", "0461", "truncated"),
        ("string", "01", "length"),
        ("string", "0480ff", "utf8"),
        (["null"], "02", "branch"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, "01", "enum"),
        ({"type": "map", "values": "null"}, "0402610261" + "00", "key"),
        ({"type": "array", "items": "int"}, "0302020400", "block"),
        ({"type": "array", "items": "null"}, "c29a0c00", "items"),
        ({"type": "bytes", "logicalType": "decimal", "precision": 2}, "0264", "logical"),
        ({"type": "record", "name": "R", "fields": [{"name": "r", "type": ["null", "R"]}]}, "02" * 64 + "00", "depth"),
    ],
)
def test_each_rule_is_broken_once(node: Any, wire: str, rule: str) -> None:
    with pytest.raises(Refused) as caught:
        Spec(node).read(bytes.fromhex(wire))
    assert caught.value.rule == rule


def test_a_changed_unit_is_refused_before_any_byte() -> None:
    with pytest.raises(Refused, match="meaning"):
        Spec({"type": "int", "logicalType": "date"}, {"type": "int", "logicalType": "time-millis"})


@pytest.mark.skipif(not CASES, reason=f"{FILE.name} is not beside this checkout")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_it_gives_the_verdict_that_other_test_suites_expect(case: dict[str, Any]) -> None:
    body = bytes.fromhex(case["binary_hex"])
    if case["expect"] == "error":
        with pytest.raises(Refused):
            Spec(case["writer"], case["reader"]).read(body)
    else:
        Spec(case["writer"], case["reader"]).read(body)
