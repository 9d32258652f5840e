"""Comparisons of large types: linear in symbols and fields, also where nothing keeps its name."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from avroad.contracts.compat import Incompatibility, compare
from avroad.contracts.compat.changes import difference
from avroad.contracts.compat.java import JavaChecker, JavaFinding
from avroad.schema import Schema, parse


def enum(letter: str, count: int) -> Schema:
    return parse({"type": "enum", "name": "E", "symbols": [f"{letter}{i}" for i in range(count)]}, strict=False)


def record(letter: str, count: int) -> Schema:
    fields: Any = [{"name": f"{letter}{i}", "type": "int", "default": 0} for i in range(count)]
    return parse({"type": "record", "name": "R", "fields": fields}, strict=False)


def retyped(letter: str, count: int) -> Schema:
    fields: Any = [{"name": f"f{i}", "type": "int" if letter == "S" else "string"} for i in range(count)]
    return parse({"type": "record", "name": "R", "fields": fields}, strict=False)


def seconds(reader: Schema, writer: Schema, work: Callable[[Schema, Schema], object] = compare) -> float:
    """Return the CPU time of the fastest of three comparisons."""
    found = []
    for _ in range(3):
        begun = time.process_time()
        work(reader, writer)
        found.append(time.process_time() - begun)
    return min(found)


def test_an_enum_whose_symbols_are_all_renamed_grows_with_their_number() -> None:
    small, large = (seconds(enum("S", count), enum("T", count)) for count in (1_000, 8_000))
    assert large < 24 * small  # eight times as much; by pairs it would be 64 times
    report = compare(enum("S", 8_000), enum("T", 8_000))
    assert report.findings[0].type is Incompatibility.MISSING_ENUM_SYMBOLS


@pytest.mark.parametrize(("make", "few", "many"), [(enum, 1_000, 8_000), (retyped, 120, 960)])
def test_a_difference_grows_with_the_number_of_its_changes(
    make: Callable[[str, int], Schema], few: int, many: int
) -> None:
    small, large = (seconds(make("S", count), make("T", count), difference) for count in (few, many))
    assert large < 3 * many / few * small  # by pairs it would be the square of that


def test_a_branch_is_explained_once_however_often_it_is_met(monkeypatch: pytest.MonkeyPatch) -> None:
    def nested(last: str) -> Schema:
        kind: Any = {"type": "record", "name": "L0", "fields": [{"name": "end", "type": last}]}
        for level in range(1, 23):
            fields = [{"name": name, "type": ["null", kind if name == "a" else f"L{level - 1}"]} for name in "ab"]
            kind = {"type": "record", "name": f"L{level}", "fields": fields}
        return parse(kind, strict=False)

    asked = []
    findings = JavaChecker.findings

    def counted(checker: JavaChecker, reader: Schema, writer: Schema) -> Iterator[JavaFinding]:
        asked.append(1)
        return findings(checker, reader, writer)

    monkeypatch.setattr(JavaChecker, "findings", counted)
    assert compare(nested("int"), nested("string")).compatible is False
    assert sum(asked) < 30


def test_names_are_compared_closely_only_where_few_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    matcher = difflib.SequenceMatcher

    def counted(*given: Any) -> Any:
        asked.append(given)
        return matcher(*given)

    monkeypatch.setattr(difflib, "SequenceMatcher", counted)
    compare(record("Sun", 20), record("Tree", 20))
    assert asked
    asked.clear()
    compare(record("Sun", 1_000), record("Tree", 1_000))
    assert not asked


def test_another_spelling_is_a_rename_among_many_too() -> None:
    old, new = record("road_name", 200), record("roadName", 200)
    assert "RENAME_WITHOUT_ALIAS" in {finding.rule for finding in compare(new, old).findings}


def test_an_alias_that_is_written_twice_is_one() -> None:
    reader: Any = {"type": "record", "name": "R", "fields": [{"name": "b", "type": "int", "aliases": ["a", "a"]}]}
    writer: Any = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}
    report = compare(parse(reader, strict=False), parse(writer, strict=False))
    assert (report.compatible, report.safe, report.same_meaning) == (True, True, True)


@pytest.mark.parametrize("aliases", [False, True])
def test_types_that_are_used_twice_on_every_level_are_followed_once(aliases: bool) -> None:
    """Moved records in unions: whether Java finds a branch depends on fields, and these on what is below."""

    def nested(space: str, levels: int, last: str) -> Schema:
        kind: Any = {"type": "record", "name": f"{space}.L0", "fields": [{"name": "end", "type": last}]}
        for level in range(1, levels):
            below: Any = ["null", kind]
            fields: Any = [{"name": "one", "type": below}, {"name": "two", "type": ["null", f"{space}.L{level - 1}"]}]
            if aliases and space == "new":
                fields[1] = {**fields[1], "name": "zwei", "aliases": ["two"]}
            kind = {"type": "record", "name": f"{space}.L{level}", "fields": fields}
        return parse(kind, strict=False)

    begun = time.process_time()
    report = compare(nested("new", 40, "long"), nested("old", 40, "int"))
    assert time.process_time() - begun < 2.0
    assert report.safe is not aliases
