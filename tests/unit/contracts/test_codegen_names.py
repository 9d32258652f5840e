"""Names and literals of generated code: nothing reserved, nothing twice, nothing that hides something else."""

from __future__ import annotations

import ast
import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avroad.contracts.codegen_names import class_name, field_names, member_names, module_name
from avroad.contracts.codegen_text import LINE_LENGTH, attribute_docstring, docstring, quoted, quoted_bytes

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,6}", fullmatch=True)
WORDS = st.sampled_from([*keyword.kwlist, "date", "field", "str", "int", "name", "value", "mro", "__x", "_", "__1"])


@pytest.mark.parametrize(
    ("wire", "python"),
    [
        ("lat", "lat"),
        ("type", "type"),
        ("class", "class_"),
        ("None", "None_"),
        ("date", "date_"),
        ("_id", "id_"),
        ("__init__", "init___"),
        ("_", "field_"),
        ("__1", "n1_"),
        ("Place", "Place_"),
    ],
)
def test_field_names(wire: str, python: str) -> None:
    assert field_names([wire], ["Place"]) == {wire: python}


@pytest.mark.parametrize(
    ("symbol", "member"), [("ON", "ON"), ("title", "title_"), ("name", "name_"), ("mro", "mro_"), ("None", "None_")]
)
def test_member_names(symbol: str, member: str) -> None:
    assert member_names([symbol]) == {symbol: member}


@pytest.mark.parametrize(
    ("namespace", "module"), [("traffic", "traffic"), ("a.b.c", "a_b_c"), ("", "unnamed"), ("class", "class_")]
)
def test_module_names(namespace: str, module: str) -> None:
    assert module_name(namespace) == module


@pytest.mark.parametrize(("short", "name"), [("Accident", "Accident"), ("Mapping", "Mapping_"), ("None", "None_")])
def test_class_names(short: str, name: str) -> None:
    assert class_name(short) == name


def test_a_name_that_needs_no_change_is_never_pushed_aside() -> None:
    assert field_names(["class", "class_", "class__"], ()) == {
        "class": "class___",
        "class_": "class_",
        "class__": "class__",
    }


@given(st.lists(st.one_of(NAMES, WORDS), unique=True, max_size=12))
def test_names_are_distinct_identifiers_that_are_not_mangled(wire: list[str]) -> None:
    for names in (field_names(wire, ["A", "B"]), member_names(wire)):
        assert list(names) == wire
        assert len(set(names.values())) == len(wire)
        for name in names.values():
            assert name.isidentifier()
            assert not keyword.iskeyword(name)
            assert not name.startswith("_")


@given(st.text(max_size=40))
def test_text_literals_evaluate_to_the_text(text: str) -> None:
    assert ast.literal_eval(quoted(text)) == text
    assert quoted(text).isascii()


@given(st.binary(max_size=40))
def test_bytes_literals_evaluate_to_the_bytes(data: bytes) -> None:
    assert ast.literal_eval(quoted_bytes(data)) == data


@pytest.mark.parametrize(
    ("text", "literal"),
    [("plain", '"plain"'), ("it's", '"it\'s"'), ('say "x"', "'say \"x\"'"), ("'\"", '"\'\\""'), ('\'""', "'\\'\"\"'")],
)
def test_quotes_are_the_formatter_s(text: str, literal: str) -> None:
    assert quoted(text) == literal


@given(st.text(max_size=400))
def test_any_documentation_becomes_one_docstring_that_fits(text: str) -> None:
    lines = docstring(text, "    ", otherwise="Avro record n.R.")
    module = ast.parse("class R:\n" + "\n".join(lines))
    found = ast.get_docstring(module.body[0])  # type: ignore[arg-type]  # a class
    assert found
    assert found.split("\n")[0].rstrip()[-1] in ".?!"
    assert all(len(line) <= LINE_LENGTH or " " not in line.strip() for line in lines)


@given(st.text(max_size=400))
def test_any_field_documentation_is_one_string_or_nothing(text: str) -> None:
    lines = attribute_docstring(text, "    ")
    body = ast.parse("class R:\n    x: int\n" + "\n".join(lines)).body[0]
    assert isinstance(body, ast.ClassDef)
    assert len(body.body) == (2 if lines else 1)


def test_the_first_sentence_stands_alone() -> None:
    assert docstring("Short. The rest.", "", otherwise="X.") == ['"""Short.', "", "The rest.", '"""']
    assert docstring("One line", "", otherwise="X.") == ['"""One line."""']
    assert docstring("", "", otherwise="Avro record n.R.") == ['"""Avro record n.R."""']


def test_a_first_sentence_that_does_not_fit_moves_below() -> None:
    lines = docstring("word " * 40, "    ", otherwise="Avro record n.R.")
    assert lines[0] == '    """Avro record n.R.'
    assert lines[2].startswith("    word word")
