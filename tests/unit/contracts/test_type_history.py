"""A type through its commits: which make a version, what a change broke, names it had, and who uses it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from avroad.contracts.timeline import Timeline
from avroad.contracts.type_history import Step, type_history
from avroad.contracts.usage import readers_of, writers_of
from avroad.errors import UnknownEventType
from avroad.schema import Named, parse
from tests.unit.contracts.conftest import ContractProject, field, record

A, B = field("a", "int"), field("b", "int")


def text(value: Any) -> bytes:
    return json.dumps(value).encode()


def birth(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**record("zoo.Birth", *fields), **more}


def steps(*files: dict[str, Any]) -> list[Step]:
    return [
        Step(
            id=f"c{i}", day=f"2026-01-{i:02}",
            files={name: None if value is None else text(value) for name, value in changed.items()},
        )
        for i, changed in enumerate(files, 1)
    ]  # fmt: skip


def declared(*values: Any) -> dict[str, Named]:
    parsed = [parse(value) for value in values]
    return {schema.name: schema for schema in parsed if isinstance(schema, Named)}


def told(walked: list[Step], name: str = "zoo.Birth", *now: Any) -> list[tuple[int, str, str]]:
    return [(v.number, v.commit, v.change) for v in type_history(walked, name, declared(*now)).versions]


def test_each_meaning_is_a_version_and_words_are_none() -> None:
    walked = steps(
        {"zoo.Birth": birth(A)}, {"zoo.Birth": birth(A, doc="words")}, {"zoo.Birth": birth(A, {**B, "default": 0})},
        {"zoo.Birth": birth(A, B)}, {"zoo.Birth": birth(B)}, {"zoo.Birth": birth(field("b", "string"))},
    )  # fmt: skip
    assert told(walked, "zoo.Birth", birth(field("b", "string"))) == [
        (1, "c1", "first"),
        (2, "c3", "compatible"),
        (3, "c4", "compatible"),
        (4, "c5", "breaks old readers"),
        (5, "c6", "breaks both sides"),
    ]
    found = type_history(walked, "zoo.Birth", declared(birth(field("b", "string"))))
    assert found.first is walked[0]
    assert found.last is walked[-1]
    assert found.declared
    assert [version.day for version in found.versions][:2] == ["2026-01-01", "2026-01-03"]


def test_the_working_tree_is_a_version_when_it_differs() -> None:
    walked = steps({"zoo.Birth": birth(A)})
    assert told(walked, "zoo.Birth", birth(A, doc="words")) == [(1, "c1", "first")]
    assert told(walked, "zoo.Birth", birth(A, B))[1:] == [(2, "", "breaks new readers")]
    assert told([], "zoo.Birth", birth(A)) == [(1, "", "first")]
    assert type_history([], "zoo.Birth", declared(birth(A))).first is None


def test_a_type_it_refers_to_changes_it_and_its_file_stays() -> None:
    weight = record("zoo.Weight", field("kg", "int"))
    walked = steps(
        {"zoo.Birth": birth(field("w", "zoo.Weight")), "zoo.Weight": weight},
        {"zoo.Weight": record("zoo.Weight", field("kg", "long"))},
    )
    found = type_history(walked, "zoo.Birth", {})
    assert [version.commit for version in found.versions] == ["c1", "c2"]
    assert found.last is walked[0]
    assert not found.declared


def test_a_renamed_type_keeps_its_history_and_a_removed_one_can_be_asked_for() -> None:
    arrival = {**record("zoo.Arrival", A), "aliases": ["Birth"]}
    walked = steps({"zoo.Birth": birth(A)}, {"zoo.Birth": None, "zoo.Arrival": arrival})
    found = type_history(walked, "zoo.Arrival", declared(arrival))
    assert [version.name for version in found.versions] == ["zoo.Birth", "zoo.Arrival"]
    assert found.first is walked[0]
    gone = type_history(walked, "zoo.Birth", declared(arrival))
    assert [version.commit for version in gone.versions] == ["c1"]
    assert gone.last is walked[1]
    assert not gone.declared


def test_a_meaning_that_came_back_stands_where_it_came_back() -> None:
    walked = steps({"zoo.Birth": birth(A)}, {"zoo.Birth": birth(B)}, {"zoo.Birth": birth(A)})
    found = type_history(walked, "zoo.Birth", {})
    assert [version.commit for version in found.versions] == ["c2", "c3"]
    assert found.first is walked[0]


def test_only_what_a_type_can_depend_on_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    walked = steps(
        {"zoo.Birth": birth(field("w", "Weight")), "zoo.Weight": record("zoo.Weight", field("g", "zoo.Gram")),
         "zoo.Gram": record("zoo.Gram", A), "zoo.Other": record("zoo.Other", A)},
        {"zoo.Gram": record("zoo.Gram", B), "zoo.Other": record("zoo.Other", field("w", "zoo.Birth"))},
    )  # fmt: skip
    taken: list[str] = []
    step = Timeline.step

    def noted(self: Timeline, name: str, files: Mapping[str, bytes | None], *, day: str = "") -> None:
        taken.extend(files)
        step(self, name, files, day=day)

    monkeypatch.setattr(Timeline, "step", noted)
    assert len(told(walked)) == 2
    assert set(taken) == {"zoo.Birth", "zoo.Weight", "zoo.Gram"}


def test_an_unknown_type_gets_the_nearest_of_all_there_were() -> None:
    walked = steps({"zoo.Birth": birth(A)}, {"zoo.Birth": None})
    with pytest.raises(UnknownEventType, match=r'Did you mean "zoo\.Birth"'):
        type_history(walked, "zoo.Brith", {})
    with pytest.raises(UnknownEventType, match="ls schemas"):
        type_history(walked, "x", {})


def test_who_uses_a_type_also_through_others(project: ContractProject) -> None:
    project.schema(record("zoo.Gram", field("g", "int")))
    project.schema(record("zoo.Weight", field("w", "zoo.Gram")))
    project.schema(record("zoo.Birth", field("w", "zoo.Weight")))
    folder = project.root / "admin" / "applications"
    folder.mkdir()
    for name, uses in (("b", "reads: [{topic: zoo.births}]"), ("a", "reads: [{type: zoo.Birth}]"),
                       ("c", "writes: [{topic: zoo.births}]")):  # fmt: skip
        (folder / f"{name}.yaml").write_text(f"application: {name}\ndescription: d\nowner: o\n{uses}\n")
    catalog = project.load()
    for name in ("zoo.Birth", "zoo.Weight", "zoo.Gram"):
        assert [use.application.name for use in readers_of(catalog, name)] == ["a", "b"]
        assert [(use.application.name, use.use.type_name) for use in writers_of(catalog, name)] == [("c", "zoo.Birth")]
