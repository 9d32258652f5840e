"""Logs: the end of a file, lines as they come, and what failures in them mean."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from avroad.errors import StackError
from avroad.stack import Crashed, DamagedData, DiskFull, JavaTooOld, PortTaken
from avroad.stack.cache import cache_root
from avroad.stack.logs import diagnose, follow, last_lines


def test_the_last_lines_come_oldest_first(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"line {n}\n" for n in range(100_000)))
    assert last_lines(log, 3) == ["line 99997", "line 99998", "line 99999"]
    assert last_lines(log, 0) == []
    assert len(last_lines(log, 50_000)) == 50_000


def test_a_short_log_is_shown_whole_even_without_a_last_newline(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"one\r\ntw\xff\nthree")
    assert last_lines(log, 10) == ["one", "tw\ufffd", "three"]
    assert last_lines(tmp_path / "missing", 10) == []


def test_lines_of_an_earlier_start_can_be_left_out(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("old\n")
    size = log.stat().st_size
    with log.open("a") as stream:
        stream.write("new\n")
    assert last_lines(log, 10, since_bytes=size) == ["new"]


def test_following_gives_new_lines_of_each_log_and_ends_with_the_stack(tmp_path: Path) -> None:
    one, two = tmp_path / "one.log", tmp_path / "two.log"
    one.write_text("before\n")
    running = threading.Event()
    running.set()
    lines = follow({"one": one, "two": two}, going_on=running.is_set)
    writes = [
        (one, "before\nfirst\nhal"),
        (two, "second\n"),
        (one, "before\nfirst\nhalf done\n"),
        (one, "anew\n"),  # shorter than before: the log was begun again
    ]
    seen: list[tuple[str, str]] = []
    for path, text in writes:
        path.write_text(text)
        seen.append(next(lines))
    running.clear()
    assert list(lines) == []
    assert seen == [("one", "first"), ("two", "second"), ("one", "half done"), ("one", "anew")]


@pytest.mark.parametrize(
    ("line", "kind", "advice"),
    [
        ("Caused by: java.io.IOException: No space left on device", DiskFull, "Free some space"),
        ("java.io.IOException: There is not enough space on the disk", DiskFull, "Free some space"),
        ("Socket server failed to bind to 127.0.0.1:9092: Address already in use.", PortTaken, "--port"),
        ("Port 8081 seems to be in use by another process.", PortTaken, "--registry-port"),
        ("java.lang.UnsupportedClassVersionError: x has been compiled by a more recent version", JavaTooOld, "pip"),
        ("No readable meta.properties files found.", DamagedData, "avroad stack reset"),
        ("InconsistentClusterIdException: The Cluster ID a doesn't match", DamagedData, "avroad stack reset"),
        ("File corrupted while reading record: registry.mv.db", DamagedData, "avroad stack reset"),
        ("'odd' is not in the form of topic-partition", DamagedData, "avroad stack reset"),
        ("java.lang.ClassFormatError: Unknown constant tag 0 in class file org/x", Crashed, "file in the cache"),
        ("Error opening zip file or JAR manifest missing : x.jar", Crashed, str(cache_root())),
        ("Failed to acquire lock on file .lock in data/broker-1.", Crashed, "in a container"),
        ("java.lang.OutOfMemoryError: Java heap space", Crashed, "The whole log"),
    ],
)
def test_a_failure_is_named_by_what_the_log_says(
    tmp_path: Path, line: str, kind: type[StackError], advice: str
) -> None:
    error = diagnose("broker-1", ["starting", line, "\tat frame"], reason="ended", log=tmp_path / "broker-1.log")
    assert type(error) is kind
    assert error.message == "broker-1 ended"
    assert advice in error.hint
    assert line in error.hint
    assert "at frame" not in error.hint


def test_a_full_disk_is_named_even_when_the_log_could_not_be_written(tmp_path: Path) -> None:
    error = diagnose("broker-1", [], reason="ended", log=tmp_path / "log", disk_full=True)
    assert type(error) is DiskFull
    assert "the log is empty" in error.hint


def test_long_logs_and_lines_are_cut(tmp_path: Path) -> None:
    error = diagnose("registry", ["x" * 5000] * 100, reason="ended", log=tmp_path / "log")
    assert len(error.hint) < 5000
    assert error.hint.count("\n") < 20
