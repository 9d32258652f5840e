"""What a user sees while files are fetched: one line on a terminal, a few elsewhere, nothing in a library."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import pytest

from avroad.stack import progress
from avroad.stack.progress import Lines, Quiet, Transfers, reporter_for

MB = 1_000_000


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def fetch(transfers: Transfers, name: str, parts: int = 10) -> None:
    arrived = transfers.begin(name)
    for _ in range(parts):
        arrived(MB // 10)
    if parts == 10:
        transfers.done(name, MB)


def fetch_all(stream: io.StringIO, files: int) -> list[str]:
    """Fetch files of one megabyte on several threads, as the stack does; return what was written, line by line."""
    names = [f"{number}.jar" for number in range(files)]
    with reporter_for(stream).transfers(files, files * MB) as transfers, ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda name: fetch(transfers, name), names))
    return stream.getvalue().splitlines()


def test_a_pipe_gets_a_line_for_each_quarter_however_many_files_there_are() -> None:
    lines = fetch_all(io.StringIO(), 47)
    assert [line.rpartition(", ")[2] for line in lines] == ["25%", "50%", "75%", "100%"]
    assert lines[-1] == "  47 of 47 files, 47.0 MB of 47.0 MB, 100%"


def test_a_terminal_gets_one_line_that_moves_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_REFRESH_S", 0.0)
    stream = Terminal()
    lines = fetch_all(stream, 47)
    assert stream.getvalue().count("\n") == 1
    assert lines[-1] == "  47 of 47 files, 47.0 MB of 47.0 MB, 100%"
    assert len(lines) > 47
    assert all(len(line) < 80 for line in lines)
    percents = [int(line.rstrip("% ").rpartition(", ")[2]) for line in lines if line]
    assert percents == sorted(percents)


def test_a_second_try_counts_from_nothing() -> None:
    stream = io.StringIO()
    with reporter_for(stream).transfers(1, MB) as transfers:
        fetch(transfers, "a.jar", 6)
        fetch(transfers, "a.jar")
    assert stream.getvalue().splitlines()[0] == "  1 file, 300 kB of 1.0 MB, 30%"
    assert stream.getvalue().splitlines()[-1] == "  1 file, 1.0 MB of 1.0 MB, 100%"


def test_a_file_that_was_copied_without_progress_counts_whole() -> None:
    stream = io.StringIO()
    with reporter_for(stream).transfers(2, 2 * MB) as transfers:
        transfers.done("a.jar", MB)
    assert stream.getvalue() == "  1 of 2 files, 1.0 MB of 2.0 MB, 50%\n"


def test_a_line_that_was_left_ends_before_the_error_and_nothing_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_REFRESH_S", 0.0)
    stream = Terminal()
    area = reporter_for(stream).transfers(2, 2 * MB)
    arrived = area.__enter__().begin("a.jar")
    arrived(MB // 2)
    area.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    arrived(MB // 2)  # a thread that was left behind
    assert stream.getvalue().endswith("\r  0 of 2 files, 500 kB of 2.0 MB, 25%\n")


def test_a_library_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = Quiet()
    reporter.say("nothing")
    with reporter.transfers(1, MB) as transfers:
        fetch(transfers, "a.jar")
    assert capsys.readouterr() == ("", "")


def test_the_kind_of_stream_decides() -> None:
    assert type(reporter_for(io.StringIO())) is Lines
    assert type(reporter_for(Terminal())) is not Lines
