"""What README.md quotes: the matrix of a rehearsal, an excerpt of the transcript, and where they go."""

from __future__ import annotations

import pytest

from admin import proof
from avroad.errors import AvroadError

REHEARSAL = """\
against the registry http://127.0.0.1:1
FAIL events-demo.Order (BACKWARD)
  1: registered
  candidate: schemas/

    writer -> reader  records  avroad    java
    1 -> 1            25       all       all
  * 1 -> candidate    25       OTHER 25  OTHER 25
  * what BACKWARD asks for

  1 -> candidate, avroad, java: means something else, 25 of
    25 records
    sample 0: $.mph: the unit does not - at $
  registry: compatible
  engine: compatible yes, safe no, same meaning no
  not agreed: something
1 of 1 subject does not meet its declared mode
"""


def test_of_a_rehearsal_the_matrix_and_the_verdicts_are_quoted() -> None:
    assert proof.matrix(REHEARSAL).splitlines() == [
        "FAIL events-demo.Order (BACKWARD)",
        "    writer -> reader  records  avroad    java",
        "    1 -> 1            25       all       all",
        "  * 1 -> candidate    25       OTHER 25  OTHER 25",
        "  * what BACKWARD asks for",
        "  registry: compatible",
        "  engine: compatible yes, safe no, same meaning no",
    ]


def test_an_excerpt_shows_each_line_with_what_is_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "SHOWN", (("$ one", 2), ("# note", 0), ("$ two", 9)))
    transcript = "== title\n$ one --flag\na\nb\nc\n# note\n$ between\n$ two\nd\n== title\ne"
    assert list(proof.excerpt(transcript)) == ["$ one --flag", "a", "b", "# note", "$ two", "d"]


def test_a_transcript_that_lacks_a_scene_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "SHOWN", (("$ two", 0), ("$ one", 0)))
    with pytest.raises(AvroadError, match="begins '\\$ one'"):
        list(proof.excerpt("$ one\n$ two\n"))


def test_the_quotation_replaces_the_one_before_and_nothing_else() -> None:
    text = f"above\n{proof.BEGIN}old\n{proof.END}below\n"
    once = proof.replaced(text, "new")
    assert once == f"above\n{proof.BEGIN}\nnew\n{proof.END}below\n"
    assert proof.replaced(once, "new") == once
    with pytest.raises(AvroadError, match="no place"):
        proof.replaced("nothing", "new")
