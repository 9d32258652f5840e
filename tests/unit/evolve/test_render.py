"""A rehearsal shown: 80 columns, stable JSON, and one page that needs nothing and quotes nothing as markup."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from avroad.evolve.matrix import Rehearsal, SubjectMatrix
from avroad.evolve.page import rehearsal_page
from avroad.evolve.render import rehearsal_json, rehearsal_text
from avroad.model import Level
from tests.unit.evolve.evolution import exemption, field, judged, long, record
from tests.unit.evolve.test_judge import MILLIS, Careless, micros

ID = field("id", "string")
VOID = {"meta", "br"}


def rehearsal(*subjects: SubjectMatrix) -> Rehearsal:
    return Rehearsal(
        against="the registry http://127.0.0.1:8081", subjects=subjects, seed=1, seconds=2.5, notes=("a note",),
        libraries=(("avroad", "0.1.0"), ("fastavro", "1.13.1")), unplayed=(("java", "JPype is not installed"),),
    )  # fmt: skip


GOOD = judged(record(ID), record(ID, field("note", ["null", "string"], default=None)))
BAD = judged(record(ID), record(ID, field("lanes", "int")), verdict=False)
SILENT = judged(record(ID, field("at", long("timestamp-millis"))), record(ID, field("at", long("timestamp-micros"))))


def test_text_says_who_reads_whom_and_why_not_in_eighty_columns() -> None:
    lines = list(rehearsal_text(rehearsal(GOOD, BAD, SILENT)))
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    for part in (
        "not read by java: JPype is not installed",
        "ok road.jams-value (BACKWARD)",
        "FAIL road.jams-value (BACKWARD)",
        "    writer -> reader        records  avroad  fastavro",
        "  * 1 -> candidate          6        FAILS   FAILS",
        "  1 -> candidate, avroad: fails, 6 of 6 records",
        "$.lanes",
        "  registry: incompatible",
        "  engine: compatible no, safe no, same meaning yes",
        "  all agree",
        "  order: producers first",
        "       proven by candidate -> 1",
        "note: a note",
        "all: every record read as it was meant; FAILS: none can be read",
        "2 of 3 subjects do not meet their declared mode;",
    ):
        assert part in text, part


def test_a_page_of_nothing_says_that_nothing_changed() -> None:
    page = rehearsal_page(replace(rehearsal(), libraries=(), unplayed=()))
    assert "Nothing was rehearsed: no subject changed." in page
    assert "a note" in page
    assert "How to read it" not in page


def test_a_mode_that_asks_for_nothing_has_no_yes_of_anybody() -> None:
    none = judged(record(ID), record(ID, field("lanes", "int")), level=Level.NONE)
    assert none.met
    text = " ".join(" ".join(rehearsal_text(rehearsal(none))).split())
    assert "mode NONE asks for nothing: neither registry nor engine judges, and all is met" in text
    assert "compatible yes" not in text


def test_pairs_of_which_the_same_is_to_be_said_share_an_example() -> None:
    older = tuple(replace(each, writer="0") for each in BAD.of("1", "candidate"))
    both = replace(
        BAD, cells=(*older, *BAD.cells), pairs={("0", "candidate"): BAD.pairs["1", "candidate"], **BAD.pairs}
    )
    text = "\n".join(rehearsal_text(rehearsal(both)))
    assert text.count("  0 -> candidate, 1 -> candidate, avroad: fails, 6 of 6 records\n") == 1
    assert "\n  1 -> candidate, avroad" not in text
    assert "<b>0 → candidate, 1 → candidate, avroad</b>" in rehearsal_page(rehearsal(both))


def test_one_of_several_does_not_meet_its_mode() -> None:
    lines = rehearsal_text(rehearsal(GOOD, BAD))
    assert any("1 of 2 subjects does not meet its declared mode;" in line for line in lines)


def test_one_subject_that_fails_does_not_meet_its_mode() -> None:
    last = list(rehearsal_text(rehearsal(SILENT)))[-1]
    assert last.startswith("1 of 1 subject does not meet its declared mode;")


def test_a_version_that_is_alone_is_held_against_nothing() -> None:
    alone = replace(GOOD, in_play=replace(GOOD.in_play, versions=GOOD.in_play.versions[-1:]))
    text = "\n".join(rehearsal_text(rehearsal(alone)))
    assert "there is one version only: nothing is held against it" in text
    assert "order:" not in text
    assert "Upgrade:" not in rehearsal_page(rehearsal(alone))


def test_json_has_every_cell_and_answer() -> None:
    document = json.loads(json.dumps(rehearsal_json(rehearsal(GOOD, SILENT))))
    assert document["met"] is False
    good, silent = document["subjects"]
    assert good["met"] is True
    assert len(good["cells"]) == 8
    assert {cell["outcome"] for cell in good["cells"]} == {"reads all"}
    assert silent["engine"] == {"compatible": True, "safe": False, "same_meaning": False}
    assert silent["agree"] is False
    failing = next(cell for cell in silent["cells"] if cell["failed"])
    assert failing["example"]["path"] == "$.at"
    assert good["steps"][0]["holds"] is True


class Page(HTMLParser):
    """What a page is made of; fails on tags that are not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href", "action"}]
        assert tag != "script"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_whole_and_needs_no_network() -> None:
    page = Page()
    page.feed(rehearsal_page(rehearsal(GOOD, BAD, SILENT)))
    assert page.open == []
    assert page.links == []
    for part in ("a declared mode is not met", "road.jams-value", "reads all", "fails", "Upgrade: producers first"):
        assert part in page.text


def test_what_comes_from_schemas_is_no_markup() -> None:
    evil = Rehearsal(
        against="<script>alert(1)</script>", subjects=(BAD,), libraries=(), unplayed=(("<b>", "<i>"),),
        seed=1, seconds=0.0, notes=("<img src=x>",),
    )  # fmt: skip
    page = rehearsal_page(evil)
    assert "<script>" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_what_is_accepted_is_shown_with_its_reason_and_its_last_day() -> None:
    excused = judged(MILLIS, micros(), Careless(), accepted=[exemption("LOGICAL_UNIT_CHANGED")])
    lines = list(rehearsal_text(rehearsal(excused)))
    flat = " ".join(" ".join(lines).split())
    assert "ok road.jams-value (BACKWARD)" in flat
    assert "1 -> candidate: LOGICAL_UNIT_CHANGED at $.at, accepted until 2026-05-01: nobody reads it" in flat
    assert "OTHER" in flat
    assert "ok: 1 subject meets its declared mode; 1 accepted in admin/exceptions.yaml;" in flat
    (subject,) = rehearsal_json(rehearsal(excused))["subjects"]
    assert subject["accepted"] == [
        {
            "rule": "LOGICAL_UNIT_CHANGED", "path": "$.at", "reason": "nobody reads it", "until": "2026-05-01",
            "pairs": [{"writer": "1", "reader": "candidate"}],
        }
    ]  # fmt: skip
    assert "accepted until 2026-05-01: nobody reads it" in rehearsal_page(rehearsal(excused))


def test_a_declared_conversion_names_the_libraries_that_do_not_know_it_and_the_declared_readers() -> None:
    new = micros(converts="timestamp-millis")
    for readers, said in ((("board", "map"), "declared readers are board, map"), ((), "no reader is declared")):
        converted = judged(MILLIS, new, Careless(), readers=readers)
        flat = " ".join(" ".join(rehearsal_text(rehearsal(converted))).split())
        assert "ok road.jams-value (BACKWARD)" in flat
        assert (
            "warning: 1 -> candidate: avroad converts, as the schema declares, and other libraries read another "
            "value: careless (5 of 6 records)"
        ) in flat  # fmt: skip
        assert f"warning: every reader of road.jams must use avroad; {said}" in flat
        assert "(avroad.converts) helps avroad's readers only" in flat
        assert "5 for want of a conversion" in rehearsal_page(rehearsal(converted))
