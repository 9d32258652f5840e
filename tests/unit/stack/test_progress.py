"""What a user sees while files are fetched: a bar on a terminal, lines elsewhere, nothing in a library."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from avroad.stack import bars
from avroad.stack.progress import Lines, Quiet, reporter_for


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def transfer(stream: io.StringIO) -> str:
    reporter = reporter_for(stream)
    reporter.say("fetching 1 file, 2.0 MB")
    with reporter.transfers() as transfers:
        transfers.begin("a.jar", 2_000_000)(500_000)
        arrived = transfers.begin("a.jar", 2_000_000)  # a second try begins again
        arrived(2_000_000)
        transfers.done("a.jar", 2_000_000)
        transfers.begin("b.jar", 10)(5)  # stays unfinished
    return stream.getvalue()


def test_a_pipe_gets_one_plain_line_for_each_finished_download() -> None:
    assert transfer(io.StringIO()) == "fetching 1 file, 2.0 MB\n  fetched a.jar  2.0 MB\n"


def test_a_terminal_gets_bars_and_the_same_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    written = transfer(Terminal())
    assert "\x1b[" in written
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written)
    assert "fetching 1 file, 2.0 MB\n" in plain
    assert "  fetched a.jar  2.0 MB" in plain
    assert "b.jar" in plain
    assert "fetched b.jar" not in plain


def screen(written: str) -> list[str]:
    """Return the lines a terminal shows after `written`: it knows what bars use, to go up and to erase a line."""
    lines = [""]
    row = 0
    for code, text in re.findall(r"\x1b\[([0-9;?]*[A-Za-z])|([^\x1b])", written):
        if code.endswith("A"):
            row -= int(code[:-1] or 1)
        elif code == "2K":
            lines[row] = ""
        elif text == "\n":
            row += 1
            lines.extend([""] * (row + 1 - len(lines)))
        elif text not in {"", "\r"}:
            lines[row] += text
    return [line for line in lines if line.strip()]


def test_bars_leave_only_the_lines_of_finished_downloads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(bars, "_REFRESH_S", 0.0)
    names = [f"apicurio-registry-app-3.3.{number:02}-all.tar.gz" for number in range(15)]
    stream = Terminal()
    with reporter_for(stream).transfers() as transfers, ThreadPoolExecutor(6) as pool:

        def fetch(name: str) -> None:
            arrived = transfers.begin(name, 158_600_000)
            for _ in range(10):
                arrived(15_860_000)
            transfers.done(name, 158_600_000)

        list(pool.map(fetch, names))
    assert sorted(screen(stream.getvalue())) == [f"  fetched {name}  158.6 MB" for name in names]


def test_a_library_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = Quiet()
    reporter.say("nothing")
    with reporter.transfers() as transfers:
        transfers.begin("a.jar", 1)(1)
        transfers.done("a.jar", 1)
    assert capsys.readouterr() == ("", "")


def test_the_kind_of_stream_decides() -> None:
    assert type(reporter_for(io.StringIO())) is Lines
    assert type(reporter_for(Terminal())) is not Lines
