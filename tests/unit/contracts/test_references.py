"""The order of files and the circles among them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avroad.contracts.references import order, scan


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        ({}, []),
        ({"a": ()}, ["a"]),
        ({"a": ("b",), "b": ()}, ["b", "a"]),
        ({"a": ("b", "c"), "b": ("c",), "c": ()}, ["c", "b", "a"]),
        ({"a": ("nowhere",)}, ["a"]),
        ({"b": (), "a": ()}, ["b", "a"]),
    ],
)
def test_each_comes_after_all_it_points_at(graph: dict[str, tuple[str, ...]], expected: list[str]) -> None:
    assert order(graph) == (expected, [])


def test_circles_and_what_leads_to_them_are_left_out() -> None:
    graph = {"a": ("b",), "b": ("a",), "c": ("a",), "d": (), "e": ("e",), "f": ("c", "d")}
    ordered, circles = order(graph)
    assert ordered == ["d"]
    assert circles == [["a", "b", "a"], ["e", "e"]]


@given(st.dictionaries(st.integers(0, 12).map(str), st.lists(st.integers(0, 12).map(str), max_size=3).map(tuple)))
def test_any_graph_is_ordered_or_its_circle_is_shown(graph: dict[str, tuple[str, ...]]) -> None:
    ordered, circles = order(graph)
    position = {name: i for i, name in enumerate(ordered)}
    for name in ordered:
        for target in graph[name]:
            assert target not in graph or position[target] < position[name]
    for circle in circles:
        assert circle[0] == circle[-1]
        for here, there in itertools.pairwise(circle):
            assert there in graph[here]
    assert bool(circles) == (len(ordered) < len(graph))


def test_names_are_found_wherever_a_type_can_stand() -> None:
    names = scan(
        {
            "type": "record",
            "name": "a.R",
            "fields": [
                {"name": "f", "type": ["null", {"type": "array", "items": "S"}]},
                {"name": "g", "type": {"type": "map", "values": {"type": "fixed", "name": "F", "size": 2}}},
                {"name": "h", "type": {"type": "record", "name": "b.T", "fields": [{"name": "x", "type": "U"}]}},
                {"name": "i", "type": {"type": "V"}},
            ],
        }
    )
    assert names.declared == {
        "a.R": "$",
        "a.F": "$.fields[1].type.values",
        "b.T": "$.fields[2].type",
    }
    assert names.used == [
        ("$.fields[0].type[1].items", "S", "a.S"),
        ("$.fields[2].type.fields[0].type", "U", "b.U"),
        ("$.fields[3].type.type", "V", "a.V"),
    ]


@pytest.mark.parametrize(
    "value",
    [None, 3, {}, {"type": 1}, {"type": "record"}, {"type": "record", "name": "R", "fields": [1, {"name": "x"}]}, [[]]],
)
def test_what_is_no_schema_is_passed_over(value: object) -> None:
    assert scan(value).used == []  # type: ignore[arg-type]


def test_a_deep_value_does_not_exhaust_the_stack() -> None:
    value: object = "x"
    for _ in range(500):
        value = [value]
    assert scan(value).used == []  # type: ignore[arg-type]
