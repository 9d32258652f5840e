"""Workflow commands: nothing they carry ends the line, the property or the command."""

from __future__ import annotations

from avroad.contracts.workflow import annotation


def test_all_that_a_command_carries_is_escaped() -> None:
    line = annotation("error", "1%\r\n::x", title="a,b:c", file="d,e.avsc", line=7)
    assert line == "::error file=d%2Ce.avsc,line=7,title=a%2Cb%3Ac::1%25%0D%0A::x"


def test_what_is_not_known_is_left_out() -> None:
    assert annotation("notice", "done", title="lint") == "::notice title=lint::done"
