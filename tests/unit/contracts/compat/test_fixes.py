"""What findings say to do: every edit parses and removes its finding; where none does, the sentence says what would."""

from __future__ import annotations

import random
from typing import Any

import pytest

from avroad.contracts.compat import Finding, Patch, compare
from avroad.errors import SchemaSyntaxError
from avroad.schema import parse, to_json
from tests.oracle.compat_pairs import CompatPairs

SEED = 20_261_125
PAIRS = 1_500


def record(*fields: Any, name: str = "a.R", **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


def findings(reader: Any, writer: Any) -> tuple[Finding, ...]:
    return compare(parse(reader, strict=False), parse(writer, strict=False)).findings


def declaration(node: Any, name: str) -> Any:
    """Return the declaration of a type inside a schema; the schema itself for no name."""
    if isinstance(node, dict) and (not name or node.get("name") == name):
        return node
    parts: list[Any] = node if isinstance(node, list) else []
    if isinstance(node, dict):
        parts = [node[key] for key in ("items", "values") if key in node]
        parts += [one["type"] for one in node.get("fields", ())]
    return next((found for part in parts if (found := declaration(part, name)) is not None), None)


def edited(reader: Any, patch: Patch) -> Any:
    """Return the reader with the edit made: a new value for JSON Patch's add and replace."""
    whole = to_json(parse(reader, strict=False))
    target = declaration(whole, patch.type)
    for operation in patch.operations:
        *way, last = operation["path"].split("/")[1:]
        holder = target
        for step in way:
            holder = holder[int(step)] if isinstance(holder, list) else holder[step]
        if isinstance(holder, list):
            at = len(holder) if last == "-" else int(last)
            holder[at : at + (operation["op"] == "replace")] = [operation["value"]]
        else:
            assert operation["op"] == "add" or last in holder
            holder[last] = operation["value"]
    return whole


def test_every_edit_parses_and_removes_its_finding() -> None:
    pairs, tried = CompatPairs(random.Random(SEED)), 0
    for _ in range(PAIRS):
        reader, writer = pairs.pair()
        try:
            found = findings(reader, writer)
        except SchemaSyntaxError:
            continue
        for finding in found:
            if finding.patch is None:
                continue
            tried += 1
            after = findings(edited(reader, finding.patch), writer)
            same = [(one.rule, one.pointer, one.message) for one in (finding, *found)]
            left = [(one.rule, one.pointer, one.message) for one in after]
            assert left.count(same[0]) < same[1:].count(same[0]), (reader, writer, finding)
    assert tried > PAIRS // 5


@pytest.mark.parametrize("name", ["Old", "R"])
def test_a_type_in_a_namespace_gets_no_alias_without_one(name: str) -> None:
    (finding,) = findings(record(), record(name=name))
    assert finding.patch is None
    assert finding.fix == f"Keep {name} without a namespace: no alias of a.R can name it."


def test_an_edit_does_not_follow_the_writers_branches_into_the_reader() -> None:
    numbers = {"type": "map", "values": "int"}
    texts = {"type": "map", "values": "string"}
    for reader, writer in (
        (["null", numbers], [texts, "null"]),
        (numbers, ["null", texts]),
        (["null", numbers], texts),
    ):
        for finding in findings(record(field("m", reader)), record(field("m", writer))):
            assert [one.patch for one in (finding, *finding.leaves)] == [None, None]


def test_an_edit_leaves_no_default_of_another_type() -> None:
    writer = record(field("n", "long"))
    assert findings(record(field("n", "int", default=7)), writer)[0].patch is not None
    assert findings(record(field("n", "string", default="x")), writer)[0].patch is None
    items = {"type": "array", "items": "string"}
    writer = record(field("n", {"type": "array", "items": "long"}))
    assert findings(record(field("n", items, default=[])), writer)[0].patch is not None
    assert findings(record(field("n", items, default=["x"])), writer)[0].patch is None


def test_an_edit_removes_no_declaration() -> None:
    hash_ = {"type": "fixed", "name": "a.Hash", "size": 2}
    reader = record(field("g", hash_), field("h", ["null", "a.Hash"], default=None))
    assert findings(reader, record(field("g", "string")))[0].patch is None


def test_a_branch_is_mended_by_all_that_it_lacks() -> None:
    place = record(field("road", "string"), field("lane", "int"), name="a.Place")
    (finding,) = findings(["null", place], ["null", record(name="a.Place")])
    assert finding.patch is not None
    assert finding.fix.count("Give field") == len(finding.causes) == 2
    assert findings(edited(["null", place], finding.patch), ["null", record(name="a.Place")]) == ()
