"""docs/evolution.md quotes what the commands print today."""

from __future__ import annotations

import re

import pytest

from tests.docs.evolution import PAGE, blocks, rewritten, settled


@pytest.fixture(scope="module")
def fresh() -> dict[str, str]:
    return blocks()


def test_the_page_is_what_the_commands_print(fresh: dict[str, str]) -> None:
    page = PAGE.read_text("utf-8")
    assert settled(rewritten(page, fresh)) == settled(page), "stale: run make docs"


def test_a_type_of_the_readers_own_makes_the_page_no_staler() -> None:
    page = PAGE.read_text("utf-8")
    more = re.sub(r"\b\d+ subjects\b", "4711 subjects", re.sub(r"\b55b2178eb6\b", "0123456789", page))
    assert more != page
    assert settled(more) == settled(page)
    assert settled(page.replace("failing finding", "finding")) != settled(page)


def test_every_block_is_quoted_once(fresh: dict[str, str]) -> None:
    quoted = re.findall(r"<!-- output: ([\w-]+) -->", PAGE.read_text("utf-8"))
    assert sorted(quoted) == sorted(fresh)


def test_what_is_typed_and_printed_fits_80_columns(fresh: dict[str, str]) -> None:
    wide = {name: line for name, block in fresh.items() for line in block.splitlines() if len(line) > 80}
    assert set(wide) <= {"safe-edit", "unsafe-edit", "cured-edit", "allowed", "record"}, wide
    assert wide["allowed"].startswith("registered traffic.TrafficJam"), "progress is one line per change"


def test_the_three_stories_end_as_the_page_says(fresh: dict[str, str]) -> None:
    assert "compatible, safe, same meaning" in fresh["safe"]
    assert "compatible no" in fresh["unsafe-check"]
    assert "registry  compatible" in fresh["silent-plan"]
    assert "other meaning" in fresh["silent-plan"]
    assert "(exit code 3)" in fresh["silent-plan"]
    assert "LOGICAL_UNIT_CHANGED" in fresh["startup"]
    assert fresh["readers"].splitlines()[-1].endswith("2026-05-04 07:30:00+00:00")
    assert "(exit code" not in fresh["cured"] + fresh["safe"] + fresh["allowed"]
