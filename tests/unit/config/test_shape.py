"""Shapes: every wrong key and value is named with its place, and what is right is still returned."""

from __future__ import annotations

from typing import Any

import pytest

from avroad.config.shape import Fields, Shape, did_you_mean, fit
from avroad.config.strict_yaml import read_yaml
from avroad.errors import AvroadError

SHAPE = Fields(
    known={
        "name": Shape(kind="text"),
        "kind": Shape(kind="text", choices=("one", "two")),
        "flag": Shape(kind="flag"),
        "count": Shape(kind="whole", low=1, high=9),
        "items": Shape(kind="list", items=Shape(kind="text")),
        "config": Shape(kind="table", items=Shape(kind="setting")),
    },
    required=("name",),
    refused={"old": "it moved elsewhere"},
)


def fitted(text: str) -> tuple[Any, list[str]]:
    node, problems = read_yaml(text, "t.yaml")
    assert node is not None
    found = fit(node, SHAPE, problems)
    return found, str(AvroadError(problems=tuple(problems))).splitlines() if problems else []


def test_what_fits_comes_back_as_plain_values() -> None:
    text = "name: x\nkind: two\nflag: true\ncount: 9\nitems: [a, b]\nconfig: {a.b: 604800000, c: TRUE, d: 1.10, e: x}\n"
    assert fitted(text) == (
        {
            "name": "x",
            "kind": "two",
            "flag": True,
            "count": 9,
            "items": ["a", "b"],
            "config": {"a.b": "604800000", "c": "true", "d": "1.10", "e": "x"},
        },
        [],
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nmae: y", 't.yaml:2 $.nmae: expected a known key, found "nmae": did you mean "name"?'),
        (
            "zzz: y",
            't.yaml:2 $.zzz: expected a known key, found "zzz": known keys: name, kind, flag, count, items, config',
        ),
        ("old: y", "t.yaml:2 $.old: expected no old here, found old: it moved elsewhere"),
        ("kind: tow", 't.yaml:2 $.kind: expected one of one, two, found the text "tow": did you mean "two"?'),
        ("kind: TWO", 't.yaml:2 $.kind: expected one of one, two, found the text "TWO": did you mean "two"?'),
        ("kind: 2", 't.yaml:2 $.kind: expected one of one, two, found 2: write "2" in quotes?'),
        ("kind: [one]", "t.yaml:2 $.kind: expected one of one, two, found a list"),
        ("flag: on", 't.yaml:2 $.flag: expected true or false, found the text "on": write true'),
        ("flag: No", 't.yaml:2 $.flag: expected true or false, found the text "No": write false'),
        ("flag: 1", "t.yaml:2 $.flag: expected true or false, found 1"),
        ("count: 0", "t.yaml:2 $.count: expected a whole number from 1 to 9, found 0"),
        ("count: 10", "t.yaml:2 $.count: expected a whole number from 1 to 9, found 10"),
        ("count: 1.0", "t.yaml:2 $.count: expected a whole number from 1 to 9, found 1.0"),
        ("count: '3'", 't.yaml:2 $.count: expected a whole number from 1 to 9, found the text "3": write 3'),
        ("count: true", "t.yaml:2 $.count: expected a whole number from 1 to 9, found true"),
        ("count:", "t.yaml:2 $.count: expected a whole number from 1 to 9, found nothing"),
        ("items: a", 't.yaml:2 $.items: expected a list, found the text "a": write [a]?'),
        ("items: [1]", 't.yaml:2 $.items[0]: expected text, found 1: write "1" in quotes?'),
        ("items: [[a]]", "t.yaml:2 $.items[0]: expected text, found a list"),
        ("config: a", "t.yaml:2 $.config: expected a mapping, found a text: a blank after each colon?"),
        ("config: {a: [1]}", "t.yaml:2 $.config.a: expected one value, found a list"),
        ("config: {a: null}", "t.yaml:2 $.config.a: expected one value, found nothing"),
    ],
)
def test_each_misfit_says_where_and_what(line: str, message: str) -> None:
    found, problems = fitted(f"name: x\n{line}\n")
    assert problems == [message]
    assert found["name"] == "x"


def test_all_misfits_of_a_text_are_found_in_one_pass() -> None:
    found, problems = fitted("kind: 3\nflag: maybe\ncount: many\nunknown: 1\nitems: [a, 2]\n")
    assert len(problems) == 6
    assert 'expected the key "name", found no such key: add name:' in problems[-1]
    assert found == {"items": ["a"]}


@pytest.mark.parametrize("text", ["- a\n", "just text\n", "3\n"])
def test_a_text_that_is_no_mapping(text: str) -> None:
    found, problems = fitted(text)
    assert found is None
    assert "expected a mapping, found" in problems[0]


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("topik", ["topic", "owner"], 'did you mean "topic"?'),
        ("TOPIC", ["topic", "owner"], 'did you mean "topic"?'),
        ("xyz", ["topic", "owner"], ""),
        ("", ["topic"], ""),
    ],
)
def test_did_you_mean(name: str, known: list[str], expected: str) -> None:
    assert did_you_mean(name, known) == expected
