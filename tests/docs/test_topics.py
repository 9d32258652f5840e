"""docs/topics.md lists every key of a topic file as the shape has it."""

from __future__ import annotations

import re
from pathlib import Path

from avroad.contracts import topics

ROWS = {
    row[0]: row[1:]
    for row in re.findall(
        r"(?m)^\| `(\w+)` \| (yes|no) \| (.*?) \| ?(.*?) ?\|$",
        (Path(__file__).resolve().parents[2] / "docs" / "topics.md").read_text("utf-8"),
    )
}


def test_every_key_is_listed_as_required_or_not() -> None:
    assert {*ROWS} == {*topics._SHAPE.known}
    assert {key for key, row in ROWS.items() if row[0] == "yes"} == {*topics._SHAPE.required}


def test_every_choice_and_no_other_is_named() -> None:
    for key, shape in topics._SHAPE.known.items():
        choices = {*map(str, getattr(shape, "choices", ()))}
        if choices:
            assert {*re.findall(r"`([\w-]+)`", ROWS[key][1])} - {"key_from"} == choices, key


def test_defaults_are_those_in_force() -> None:
    source = Path(topics.__file__).read_text("utf-8")
    for key, default in re.findall(r'found\.get\("(\w+)", (?:SubjectStrategy|Level|Framing)\.(\w+)\)', source):
        assert ROWS[key][2].strip("`").replace("-", "_").upper() == default
