"""Data that exercise a change: every branch, symbol and boundary, few, valid, and the same every time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from avroad.codec import decoder_for, encoder_for
from avroad.contracts import load_catalog
from avroad.evolve.samples import MAX_RECORDS, samples
from avroad.schema import parse
from tests.unit.evolve.evolution import field, record

ROOT = Path(__file__).resolve().parents[3]
KIND = {"type": "enum", "name": "road.Kind", "symbols": [f"S{i}" for i in range(40)]}
POINT = record(field("lat", "double"), name="road.Point")
PLACE = record(field("road", "string"), name="road.Place")


@pytest.mark.parametrize("name", sorted(load_catalog(ROOT).types))
def test_every_sample_of_our_own_types_is_written_and_read_back(name: str) -> None:
    schema = load_catalog(ROOT).type(name).schema
    data = samples(schema, 1)
    assert data
    encode, decode = encoder_for(schema).encode, decoder_for(schema).decode
    assert [decode(encode(datum)) for datum in data] == data


def test_every_symbol_branch_and_size_occurs_without_a_product() -> None:
    schema = parse(
        record(
            field("kind", KIND),
            field("where", ["null", POINT, PLACE, "string"]),
            field("tags", {"type": "map", "values": "string"}),
            field("lanes", {"type": "array", "items": "int"}),
        )
    )
    data = samples(schema, 1)
    assert len(data) == 41, "as many as the longest field has values, and the simplest"
    assert {datum["kind"] for datum in data} == set(KIND["symbols"])
    branches = {datum["where"][0] if isinstance(datum["where"], tuple) else type(datum["where"]) for datum in data}
    assert branches == {"road.Point", "road.Place", str, type(None)}
    assert {len(datum["tags"]) == 0 for datum in data} == {True, False}
    assert {len(datum["lanes"]) == 0 for datum in data} == {True, False}
    assert {-(2**31), 2**31 - 1} <= {item for datum in data for item in datum["lanes"]}


def test_the_same_seed_gives_the_same_data_and_another_seed_others() -> None:
    schema = parse(record(field("n", "long"), field("s", "string"), field("kind", KIND)))
    assert samples(schema, 7) == samples(schema, 7)
    assert samples(schema, 7) != samples(schema, 8)


def test_a_large_enum_and_deep_sharing_stay_bounded() -> None:
    many = {"type": "enum", "name": "road.Many", "symbols": [f"S{i}" for i in range(5_000)]}
    assert len(samples(parse(record(field("many", many))), 1)) == MAX_RECORDS
    node: Any = "int"
    for i in range(40):  # each level uses the one below twice: 2**40 values, were they multiplied
        inner = node if i == 0 else node["name"]
        node = record(field("a", node), field("b", inner), name=f"road.L{i}")
    assert 0 < len(samples(parse(json.loads(json.dumps(node))), 1)) < 100


def test_types_that_contain_themselves_end() -> None:
    tree = record(field("next", ["null", "road.Tree"]), field("all", {"type": "array", "items": "road.Tree"}),
                  name="road.Tree")  # fmt: skip
    assert samples(parse(tree), 1)[0] == {"next": None, "all": []}
    assert samples(parse(record(field("again", "road.Jam"))), 1) == [], "no datum of it is finite"
