"""All pairs of `decoding.jsonl`: cases of Apache Avro's Java suite and fastavro's, with the value each reader gives.

Allowances: Java's lines hold bytes as text of one character per byte; where our plain data names a union's branch,
the expected value is the value alone or `[name, value]`, and then the name must be equal.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from avroad.codec import decoder_for
from avroad.errors import DecodeError, IncompatibleSchema
from avroad.schema import parse
from tests.unit.codec.support import OPEN

FILE = Path(__file__).resolve().parents[3].parent / "shared" / "cases" / "decoding.jsonl"
CASES: list[dict[str, Any]] = (
    [json.loads(line) for line in FILE.read_text("utf-8").splitlines()] if FILE.exists() else []
)


def same(ours: Any, theirs: Any, *, java: bool) -> bool:
    """Compare value and Python type, with the allowances of the file."""
    if type(ours) is tuple:
        name, value = ours
        if isinstance(theirs, list) and len(theirs) == 2 and isinstance(theirs[0], str):
            return bool(name == theirs[0]) and same(value, theirs[1], java=java)
        return same(value, theirs, java=java)
    if isinstance(ours, bytes):
        expected = theirs["__bytes__"] if isinstance(theirs, dict) else theirs
        return ours.hex() == expected if isinstance(theirs, dict) else java and ours == expected.encode("latin-1")
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, dict):
        return list(ours) == list(theirs) and all(same(ours[key], theirs[key], java=java) for key in ours)
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(same(a, b, java=java) for a, b in zip(ours, theirs, strict=True))
    return bool(ours == theirs)


@pytest.mark.skipif(not CASES, reason=f"{FILE.name} is not beside this checkout")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_pair_reads_as_the_others_read_it(case: dict[str, Any]) -> None:
    writer, reader = parse(case["writer"], strict=False), parse(case["reader"], strict=False)
    body = bytes.fromhex(case["binary_hex"])
    if case["expect"] == "error":
        with pytest.raises((DecodeError, IncompatibleSchema)):
            decoder_for(writer, reader, limits=OPEN).decode(body)
        return
    value = decoder_for(writer, reader, limits=OPEN).decode(body)
    assert same(value, case["value"], java=case["name"].startswith("java-"))


@pytest.mark.skipif(not CASES, reason=f"{FILE.name} is not beside this checkout")
def test_the_comparison_can_fail() -> None:
    assert len(CASES) >= 167
    assert not same({"a": 1}, {"a": 1.0}, java=False)
    assert not same(("t.A", {}), ["t.B", {}], java=False)
    assert not same(b"a", "a", java=False)
