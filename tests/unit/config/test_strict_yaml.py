"""YAML: core-schema types, every key once, a place for everything, and text that is hostile."""

from __future__ import annotations

from pathlib import Path

import pytest

from avroad.config.strict_yaml import Node, plain_scalar, read_file, read_yaml
from avroad.errors import AvroadError


def value(text: str) -> Node:
    node, problems = read_yaml(text, "t.yaml")
    assert problems == []
    assert node is not None
    return node


def only_problem(text: str) -> str:
    _, problems = read_yaml(text, "t.yaml")
    assert len(problems) == 1
    return str(AvroadError(problems=tuple(problems)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("no", "no"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01 10:00:00", "2024-01-01 10:00:00"),
        ("0777", "0777"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("0b101", "0b101"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("=", "="),
        ("<<", "<<"),
        ("tRuE", "tRuE"),
        ("1e", "1e"),
        ("١٢", "١٢"),
    ],
)
def test_what_yaml_1_1_would_turn_into_something_else_stays_text(text: str, expected: str) -> None:
    assert plain_scalar(text) == expected
    assert isinstance(plain_scalar(text), str)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("0", 0),
        ("-7", -7),
        ("+7", 7),
        ("604800000", 604800000),
        ("0x1F", 31),
        ("1.5", 1.5),
        (".5", 0.5),
        ("-1e3", -1000.0),
    ],
)
def test_core_schema_scalars(text: str, expected: object) -> None:
    found = plain_scalar(text)
    assert found == expected
    assert type(found) is type(expected)


def test_quotes_make_text_and_keep_the_letters() -> None:
    node = value("a: 'true'\nb: \"1\"\nc: 1.10\n")
    assert [(node.entries[k].value, node.entries[k].text) for k in "abc"] == [
        ("true", "true"),
        ("1", "1"),
        (1.1, "1.10"),
    ]


def test_block_text_is_never_a_number() -> None:
    assert value("a: |\n  12\n").entries["a"].value == "12\n"


def test_every_value_knows_its_place() -> None:
    node = value("top:\n  cleanup.policy: x\n  list:\n    - a\n    - b: 1\n")
    config = node.entries["top"].entries
    assert (config["cleanup.policy"].path, config["cleanup.policy"].line) == ("$.top['cleanup.policy']", 2)
    inner = config["list"].items[1].entries["b"]
    assert (inner.path, inner.line, inner.file) == ("$.top.list[1].b", 5, "t.yaml")


def test_keys_are_text_whatever_they_look_like() -> None:
    assert list(value("on: 1\n2: 2\nnull: 3\n").entries) == ["on", "2", "null"]


def test_an_empty_text_is_no_value_and_no_problem() -> None:
    assert read_yaml("", "t.yaml") == (None, [])
    assert read_yaml("# only a comment\n", "t.yaml") == (None, [])


def test_a_key_given_twice() -> None:
    text = "a: 1\nb: 2\na: 3\n"
    assert only_problem(text) == (
        "t.yaml:3 $.a: expected each key once, found a again, first in line 1: keep one of them"
    )
    node, _ = read_yaml(text, "t.yaml")
    assert node is not None
    assert node.entries["a"].value == 1, "the first one stays"


def test_two_spellings_of_one_key_are_one_key() -> None:
    assert "found a again" in only_problem("a: 1\n'a': 2\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &x 1\n", "t.yaml:1 $.a: expected no anchor, found one: write the value where it is needed"),
        ("a: !!int '3'\n", "t.yaml:1 $.a: expected no tag, found one: write a plain value"),
        ("a: !secret x\n", "t.yaml:1 $.a: expected no tag, found one: write a plain value"),
        ("a: {b}\n", "t.yaml:1 $.a: expected key: value, found a key without a value"),
        ("a: 1\n---\nb: 2\n", "t.yaml:2 $: expected one document, found a second one after ---"),
        ("? [1, 2]\n: 3\n", "t.yaml:1 $: expected a name as key, found a list as key"),
        ("a: @b\n", "t.yaml:1: expected YAML, found character '@' that cannot start any token"),
        ("a: b: c\n", "t.yaml:1: expected YAML, found mapping values are not allowed here"),
    ],
)
def test_what_declarations_do_without(text: str, message: str) -> None:
    assert only_problem(text).startswith(message)


def test_an_alias_is_refused_and_so_is_its_anchor() -> None:
    _, problems = read_yaml("a: &x [1]\nb: *x\n", "t.yaml")
    assert [problem.found for problem in problems] == ["one", "an alias"]


def test_a_tab_is_explained() -> None:
    assert "a tab cannot indent: use spaces" in only_problem("a:\n\tb: 1\n")


def test_a_character_yaml_does_not_allow() -> None:
    assert "a character YAML does not allow" in only_problem("a: \x01\n")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('a: "\\ud800"\n', "half of a surrogate pair"),
        ('"\\udfff": 1\n', "half of a surrogate pair"),
        ('a: "x\\0y"\n', "a control character"),
        ('a: "\\e[31m"\n', "a control character"),
    ],
)
def test_text_that_nothing_can_write_or_show(text: str, found: str) -> None:
    assert f"found {found}" in only_problem(text)


def test_a_file_of_brackets_does_not_exhaust_the_stack() -> None:
    assert "at most 32 levels" in only_problem("[" * 100_000)


def test_aliases_cannot_multiply_a_small_text() -> None:
    text = "a: &a [x, x]\n" + "".join(f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True))
    node, problems = read_yaml(text, "t.yaml")
    assert len(problems) >= 9
    assert node is not None
    assert len(node.entries) == 9


def test_files_that_cannot_be_read_are_problems(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"a: \xe9\n")
    huge = tmp_path / "huge.yaml"
    huge.write_text("a" * (1024 * 1024 + 1))
    expected = [
        (latin, "UTF-8 text"),
        (huge, "at most 1048576 bytes"),
        (tmp_path / "none.yaml", "a readable file"),
        (tmp_path, "a regular file"),
    ]
    for path, what in expected:
        node, problems = read_file(path, "shown.yaml")
        assert node is None
        assert [(p.file, p.expected) for p in problems] == [("shown.yaml", what)]


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    node, problems = read_file(path, "bom.yaml")
    assert problems == []
    assert node is not None
    assert list(node.entries) == ["a"]
