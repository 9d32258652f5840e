"""Types through the history of their files: distinct meanings, references of their time, renames."""

from __future__ import annotations

import json
from typing import Any

from avroad.contracts.timeline import Timeline, same_but_name
from avroad.schema import Named, Record, named_types, parse


def record(name: str, *fields: tuple[str, Any], **more: Any) -> bytes:
    made = [{"name": field, "type": kind} for field, kind in fields]
    return json.dumps({"type": "record", "name": name, "fields": made, **more}).encode()


def named(text: bytes) -> Named:
    schema = parse(text.decode())
    assert isinstance(schema, Named)
    return schema


def names(timeline: Timeline, full: str) -> list[str]:
    return [version.name for version in timeline.versions()[full]]


def test_each_meaning_is_one_version_and_one_that_comes_back_is_the_newest() -> None:
    timeline = Timeline()
    timeline.step("1", {"a.A": record("a.A", ("x", "int"))})
    timeline.step("2", {"a.A": record("a.A", ("x", "long"))})
    timeline.step("3", {"a.A": record("a.A", ("x", "long"), doc="words")})
    assert names(timeline, "a.A") == ["1", "2"]
    timeline.step("4", {"a.A": record("a.A", ("x", "int"))})
    assert names(timeline, "a.A") == ["2", "4"]


def test_a_change_below_is_a_version_of_all_that_refer_to_it_and_old_versions_keep_theirs() -> None:
    timeline = Timeline()
    timeline.step("1", {"a.A": record("a.A", ("b", "a.B")), "a.B": record("a.B", ("c", "C")), "a.C": record("a.C")})
    timeline.step("2", {"a.C": record("a.C", ("x", "int"))})
    for full in ("a.A", "a.B", "a.C"):
        assert names(timeline, full) == ["1", "2"]
    before, now = (named_types(version.schema)["a.C"] for version in timeline.versions()["a.A"])
    assert isinstance(before, Record)
    assert isinstance(now, Record)
    assert (len(before.fields), len(now.fields)) == (0, 1)


def test_what_cannot_be_parsed_is_passed_over_with_what_needs_it_and_said() -> None:
    timeline = Timeline()
    timeline.step("1", {"a.A": record("a.A", ("b", "a.B")), "a.B": b"{", "a.U": b'["int"]', "a.N": b"\xff"})
    assert timeline.types() == {}
    assert len(timeline.notes) == 3
    timeline.step("2", {"a.B": b"\xef\xbb\xbf" + record("a.B")})
    assert set(timeline.types()) == {"a.A", "a.B"}
    assert names(timeline, "a.A") == ["2"]


def test_files_that_refer_in_a_circle_stop_nothing() -> None:
    timeline = Timeline()
    timeline.step("1", {"a.A": record("a.A", ("b", "a.B")), "a.B": record("a.B", ("a", "a.A")), "a.C": record("a.C")})
    assert set(timeline.types()) == {"a.C"}


def test_a_type_renamed_with_an_alias_takes_its_versions_along() -> None:
    timeline = Timeline()
    timeline.step("1", {"a.A": record("a.A", ("x", "int"))})
    timeline.step("2", {"a.A": None, "a.B": record("a.B", ("x", "int"), aliases=["A"]), "a.C": record("a.C")})
    assert names(timeline, "a.B") == ["1", "2"]
    assert names(timeline, "a.C") == ["2"]
    assert names(timeline, "a.A") == ["1"]
    assert set(timeline.types()) == {"a.B", "a.C"}


def test_same_but_name_looks_at_everything_else() -> None:
    one = named(record("a.A", ("x", "int"), doc="one"))
    assert same_but_name(one, named(record("b.B", ("x", "int"), aliases=["Z"])))
    assert not same_but_name(one, named(record("a.A", ("x", "long"))))
    assert not same_but_name(one, named(b'{"type": "fixed", "name": "F", "size": 1}'))
