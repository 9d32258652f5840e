"""A stdout that is closed, full or without a reader: sending ends in order, and what was sent is accounted for."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from avroad.cli.main import run
from avroad.errors import ExitCode
from avroad.model import Outcome
from producers import synthetic
from producers.display import Display
from tests.unit.producers.fakes import FakeProject, FakePublisher, use

ROOT = Path(__file__).resolve().parents[3]
DRY = [sys.executable, "-m", "producers.synthetic", "--dry-run", "--rate", "0", "--seed", "1", "--count"]
dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
posix = pytest.mark.skipif(os.name == "nt", reason="closes streams as a POSIX shell does")


class Broken(io.StringIO):
    """Takes so many writes and then fails."""

    def __init__(self, number: int, takes: int = 0) -> None:
        super().__init__()
        self.number, self.takes = number, takes

    def write(self, text: str) -> int:
        if not self.takes:
            raise OSError(self.number, os.strerror(self.number))
        self.takes -= 1
        return super().write(text)


def test_a_display_that_cannot_write_says_so_once_and_goes_on_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter(range(0, 1000, 10))
    display = Display(Broken(errno.EPIPE, takes=1), live=False, now=lambda: float(next(times)))
    display.show(1, {})
    assert display.failure is None
    for sent in (2, 3):
        display.show(sent, {})
        assert isinstance(display.failure, BrokenPipeError)
    display.end(3, {"n.T": 3}, {Outcome.ACKED: 3})
    assert capsys.readouterr().err == "sent 3 events in 40.0 s, 0/s: 3 n.T\noutcome of 3 sends: 3 acked\n"


@pytest.mark.parametrize(
    ("number", "outcome", "code"),
    [
        (errno.EPIPE, Outcome.ACKED, ExitCode.OK),
        (errno.EPIPE, Outcome.UNKNOWN, ExitCode.FAILURE),
        (errno.ENOSPC, Outcome.ACKED, ExitCode.FAILURE),
    ],
)
def test_a_lost_stdout_ends_sending_and_the_code_still_tells_how_it_went(
    number: int,
    outcome: Outcome,
    code: ExitCode,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    publisher = FakePublisher(outcome)
    use(FakeProject(publisher), monkeypatch)
    monkeypatch.setattr("producers.display._PLAIN_S", 0.0)
    monkeypatch.setattr(sys, "stdout", Broken(number))
    assert run(["--rate", "0", "--seed", "1"], synthetic.main) == code
    said = capsys.readouterr().err
    assert publisher.closed == 1
    assert len(publisher.taken) == 2, "one event, which goes to two topics"
    assert "sent 1 event " in said
    assert "outcome of 2 sends" in said
    assert ("stdout cannot be written: No space left" in said) is (number == errno.ENOSPC)


@posix
@pytest.mark.parametrize("closing", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_failure(closing: str) -> None:
    command = ["bash", "-c", f'"$@" {closing}', "bash", *DRY, "20"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == (0 if ">&- " in closing or closing == ">&-" else 20)


@posix
@pytest.mark.parametrize(
    "pipe", ["2>&1 | head -n 1", "| head -n 1", "| true", pytest.param("2>/dev/full | head -n 1", marks=dev_full)]
)
def test_a_reader_that_leaves_is_no_failure(pipe: str) -> None:
    command = ["bash", "-c", f'set -o pipefail; "$@" {pipe}', "bash", *DRY, "3000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@posix
@dev_full
def test_a_full_stdout_is_one_message_and_1() -> None:
    done = subprocess.run(
        ["bash", "-c", '"$@" > /dev/full', "bash", *DRY, "3000"], cwd=ROOT, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == ExitCode.FAILURE
    assert "No space left on device" in done.stderr
    assert len(done.stderr.splitlines()) == 1
