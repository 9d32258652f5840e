"""Standard streams that are closed or broken, and text that comes from strangers."""

from __future__ import annotations

import errno
import io
import os
import sys

import pytest

from avroad.cli.output import say
from avroad.cli.streams import fitted, open_closed_streams, printable, silence


def test_closed_streams_lead_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = sys.stdout
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "stdin", None)
    open_closed_streams()
    assert sys.stdout is kept
    with sys.stderr, sys.stdin:
        print("into the void", file=sys.stderr)  # noqa: T201  # as a library would
        assert sys.stdin.read() == ""


def test_a_note_nobody_can_read_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    class Full(io.StringIO):
        def write(self, text: str) -> int:
            tried.append(text)
            raise OSError(errno.ENOSPC, text)

    monkeypatch.setattr(sys, "stderr", Full())
    say("anything")
    assert "anything" in "".join(tried)


def test_a_silenced_stream_takes_everything() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        stream.write("lost")
        with pytest.raises(BrokenPipeError):
            stream.flush()
        silence(stream)
    silence(io.StringIO())


@pytest.mark.parametrize(
    ("text", "shown"),
    [("plain ä", "plain ä"), ("\x1b[31m\r\n", "\\x1b[31m\\r\\n"), ("\x9bm", "\\x9bm"), ("\udcff", "\\udcff")],
)
def test_text_from_strangers_cannot_steer_a_terminal(text: str, shown: str) -> None:
    assert printable(text) == shown


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_lines_that_fit_and_a_pipe_whole_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    long = "error: the schema registry refuses the new schema of traffic.events-traffic.TrafficJam"
    text = f"{long}\n  indented: {long}\nshort"
    shown = fitted(text, Screen())
    assert all(len(line) <= 40 or " " not in line.strip() for line in shown.splitlines())
    assert shown.splitlines()[1].startswith("  ")
    assert shown.split() == text.split(), "words stay whole, so that a name can be copied"
    assert fitted(text, io.StringIO()) == text


@pytest.mark.parametrize("columns", ["", "0", "wide"])
def test_a_terminal_that_does_not_say_its_width_has_80_columns(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert max(map(len, fitted("word " * 40, Screen()).splitlines())) <= 80


def test_notes_are_wrapped_for_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys, "stderr", screen)
    say("warning: " + "word " * 20)
    assert max(map(len, screen.getvalue().splitlines())) <= 40
