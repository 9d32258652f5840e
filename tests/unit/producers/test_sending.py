"""Sending: pace, backpressure, one outcome per send, and what the screen and the ledger say of it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

import pytest

from avroad.cli.main import run
from avroad.errors import BrokerError, EncodeError, ExitCode, Overloaded
from avroad.model import Delivery, Outcome
from producers.city import City
from producers.display import Display, totals
from producers.sending import Ledger, Pace, Sender, Sending, send_all
from producers.synthetic import live_clock, main, sendings, simulated_clock
from tests.unit.producers.fakes import FakeProject, FakePublisher, never, quiet, sender, sending, use

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)


class Clock:
    """Time that moves only by naps."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.naps: list[float] = []

    def now(self) -> float:
        return self.now_s

    def nap(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now_s += seconds


def test_pace_lets_events_pass_at_the_rate() -> None:
    clock = Clock()
    pace = Pace(50.0, now=clock.now, nap=clock.nap)
    for _ in range(100):
        pace.wait(never)
    assert clock.now_s - 100.0 == pytest.approx(2.0)
    assert max(clock.naps) <= 0.1, "a signal is heard soon"


def test_no_rate_never_waits() -> None:
    clock = Clock()
    pace = Pace(0.0, now=clock.now, nap=clock.nap)
    for _ in range(1000):
        pace.wait(never)
    assert clock.naps == []


def test_a_stall_is_not_caught_up_in_one_burst() -> None:
    clock = Clock()
    pace = Pace(10.0, now=clock.now, nap=clock.nap)
    pace.wait(never)
    clock.now_s += 600.0
    clock.naps.clear()
    for _ in range(100):
        pace.wait(never)
    assert sum(clock.naps) > 8.0, "at most about a second of events goes out at once"


def test_pace_ends_when_sending_is_over() -> None:
    clock = Clock()
    Pace(1e-300, now=clock.now, nap=clock.nap).wait(lambda: clock.now_s > 101.0)
    assert clock.now_s == pytest.approx(101.0, abs=0.2)


def test_an_event_goes_to_each_of_its_topics_and_the_ledger_has_every_send(tmp_path: Path) -> None:
    publisher, path = FakePublisher(Outcome.ACKED, Outcome.UNKNOWN), tmp_path / "deep" / "ledger.jsonl"
    ledger = Ledger(path)
    with ledger:
        subject = Sender(publisher, ledger, never)
        subject.send(sending(1, "a", "b"))
        assert len(path.read_text("utf-8").splitlines()) == 2, "in the file before anything is closed"
    assert [topic for _, topic in publisher.taken] == ["a", "b"]
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert lines[0] == {
        "event_id": "1", "type": "n.T", "topic": "a", "partition": 1, "offset": 1, "outcome": "acked", "reason": "",
    }  # fmt: skip
    assert (lines[1]["topic"], lines[1]["outcome"], lines[1]["reason"]) == ("b", "unknown", "MSG_TIMED_OUT")
    assert subject.sent == 1
    assert subject.outcomes == {Outcome.ACKED: 1, Outcome.UNKNOWN: 1}
    assert subject.reason == "MSG_TIMED_OUT"


def test_a_full_queue_is_waited_for() -> None:
    publisher = FakePublisher(Overloaded("full"), Overloaded("full"))
    subject = sender(publisher)
    subject.send(sending(1))
    assert len(publisher.taken) == 1


def test_a_full_queue_does_not_hold_up_the_end() -> None:
    stop = threading.Event()

    class Stuck(FakePublisher):
        def send(self, event: object, *, topic: str = "") -> Future[Delivery]:
            stop.set()
            raise Overloaded("full")

    subject = sender(Stuck(), stop.is_set)
    send_all([sending(1), sending(2)], subject, pace=Pace(0), over=stop.is_set, display=quiet())
    assert subject.sent == 0
    assert not subject.outcomes


def test_an_event_that_half_its_topics_have_gets_an_outcome_for_the_others_too() -> None:
    publisher = FakePublisher(Outcome.ACKED, Overloaded("full"))
    subject = sender(publisher, lambda: len(publisher.taken) == 1)
    subject.send(sending(1, "a", "b"))
    assert [topic for _, topic in publisher.taken] == ["a"]
    assert subject.sent == 1
    assert subject.outcomes == {Outcome.ACKED: 1, Outcome.REJECTED: 1}
    assert subject.reason == "full"


def test_sending_ends_when_it_is_over() -> None:
    stop, publisher = threading.Event(), FakePublisher()

    def endless() -> Iterator[Sending]:
        for number in count():
            if number == 5:
                stop.set()
            yield sending(number)

    subject = sender(publisher, stop.is_set)
    send_all(endless(), subject, pace=Pace(0), over=stop.is_set, display=quiet())
    assert subject.sent == 5


def test_an_event_that_does_not_fit_is_told_or_raised() -> None:
    refused: list[str] = []
    publisher = FakePublisher(Outcome.ACKED, EncodeError("no"), Outcome.ACKED)
    subject = sender(publisher)
    send_all(
        map(sending, range(3)), subject, pace=Pace(0), over=never, display=quiet(),
        on_refused=lambda which, _error: refused.append(which.event_id),
    )  # fmt: skip
    assert refused == ["1"]
    assert subject.sent == 2
    with pytest.raises(EncodeError):
        send_all([sending(1)], sender(FakePublisher(EncodeError("no"))), pace=Pace(0), over=never, display=quiet())


def test_plain_progress_is_a_line_every_few_seconds() -> None:
    clock, stream = Clock(), io.StringIO()
    display = Display(stream, live=False, now=clock.now)
    for number in range(1, 121):
        clock.now_s += 0.125
        display.show(number, {Outcome.ACKED: number})
    assert stream.getvalue().splitlines() == [
        "40 events, 8/s, 40 acked",
        "80 events, 8/s, 80 acked",
        "120 events, 8/s, 120 acked",
    ]
    display.end(120, {"n.T": 120}, {Outcome.ACKED: 119, Outcome.REJECTED: 1})
    assert stream.getvalue().splitlines()[-2:] == [
        "sent 120 events in 15.0 s, 8/s: 120 n.T",
        "outcome of 120 sends: 119 acked, 1 rejected",
    ]


def test_a_summary_that_does_not_fit_80_columns_has_its_types_below() -> None:
    clock, stream = Clock(), io.StringIO()
    display = Display(stream, live=False, now=clock.now)
    clock.now_s += 1.0
    display.end(3, {"some.LongName": 1, "another.LongName": 1, "a.third.LongName": 1}, {Outcome.ACKED: 3})
    assert stream.getvalue().splitlines() == [
        "sent 3 events in 1.0 s, 3/s",
        "  1 a.third.LongName, 1 another.LongName, 1 some.LongName",
        "outcome of 3 sends: 3 acked",
    ]


def test_live_progress_rewrites_one_line_that_fits_80_columns() -> None:
    clock, stream = Clock(), io.StringIO()
    display = Display(stream, live=True, now=clock.now)
    for number in range(1, 11):
        clock.now_s += 1.0
        display.show(number * 10**9, dict.fromkeys(Outcome, 10**9))
    assert "\n" not in stream.getvalue()
    assert all(len(part) <= 79 for part in stream.getvalue().split("\r"))


def test_totals_name_only_what_happened() -> None:
    assert totals({}) == "0 acked"
    assert totals({Outcome.ACKED: 1234, Outcome.FATAL: 1}) == "1,234 acked, 1 fatal"


def test_a_live_clock_is_in_milliseconds_and_never_goes_back() -> None:
    moments = iter([NOW + timedelta(microseconds=1234), NOW, NOW + timedelta(seconds=1)])
    clock = live_clock(lambda: next(moments))
    read = [clock(0.0) for _ in range(3)]
    assert read == [NOW + timedelta(milliseconds=1), NOW + timedelta(milliseconds=1), NOW + timedelta(seconds=1)]


def test_cameras_go_to_their_current_state_as_well() -> None:
    found = list(islice(sendings(City(7, simulated_clock(NOW))), 40))
    assert {len(s.topics) for s in found if s.type_name.endswith("SpeedCamera")} == {2}
    assert {len(s.topics) for s in found if not s.type_name.endswith("SpeedCamera")} == {1}


# The program


def test_the_same_seed_and_start_print_the_same_lines(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--dry-run", "--rate", "0", "--count", "50", "--seed", "7", "--start", "2026-03-02T07:00:00Z"]
    printed = []
    for _ in range(2):
        assert run(arguments, main) == ExitCode.OK
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert len(printed[0].splitlines()) == 50
    assert json.loads(printed[0].splitlines()[0])["value"]["observed_at"] == "2026-03-02T07:00:00Z"


def test_the_same_seed_and_start_give_the_same_bytes_in_any_process() -> None:
    command = [
        sys.executable, "-m", "producers.synthetic", "--dry-run", "--rate", "0", "--count", "3000", "--seed", "7",
        "--start", "2026-03-02T07:00:00Z",
    ]  # fmt: skip
    printed = []
    for hashing, zone in (("1", "UTC"), ("2", "Pacific/Auckland")):
        env = {**os.environ, "PYTHONHASHSEED": hashing, "TZ": zone}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, timeout=60, check=True)
        printed.append(done.stdout)
    assert printed[0] == printed[1]
    assert printed[0].count(b"\n") == 3000


def test_a_drawn_seed_is_shown_so_that_it_can_be_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--dry-run", "--rate", "0", "--count", "30"], main) == ExitCode.OK
    first = capsys.readouterr()
    seed = first.err.split()[1]
    assert run(["--dry-run", "--rate", "0", "--count", "30", "--seed", seed], main) == ExitCode.OK
    outputs = (first.out, capsys.readouterr().out)
    ids = [[json.loads(line)["value"]["event_id"] for line in out.splitlines()] for out in outputs]
    assert ids[0] == ids[1]


def test_a_run_sends_counts_and_closes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    publisher, ledger = FakePublisher(), tmp_path / "ledger.jsonl"
    use(FakeProject(publisher), monkeypatch)
    assert run(["--count", "20", "--rate", "0", "--seed", "1", "--ledger", str(ledger)], main) == ExitCode.OK
    assert publisher.closed == 1
    assert len(ledger.read_text("utf-8").splitlines()) == len(publisher.taken) == 28, "eight cameras go to two topics"
    out = capsys.readouterr().out
    assert "sent 20 events" in out
    assert "outcome of 28 sends, 8 of them to a second topic: 28 acked" in out


def test_a_send_that_was_not_acknowledged_is_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(FakeProject(FakePublisher(Outcome.REJECTED)), monkeypatch)
    assert run(["--count", "5", "--rate", "0", "--seed", "1"], main) == ExitCode.FAILURE
    assert "first reason of a send that was not acknowledged: MSG_TIMED_OUT" in capsys.readouterr().err


def test_a_publisher_that_failed_is_closed_and_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    publisher = FakePublisher(Outcome.ACKED, BrokerError("the publisher failed for good"))
    use(FakeProject(publisher), monkeypatch)
    assert run(["--rate", "0", "--seed", "1"], main) == ExitCode.FAILURE
    said = capsys.readouterr()
    assert "error: the publisher failed for good" in said.err
    assert "outcome of 1 send: 1 acked" in said.out
    assert publisher.closed == 1


def test_missing_topics_are_said_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    publisher = FakePublisher()
    use(FakeProject(publisher, topics=("traffic.events",)), monkeypatch)
    assert run(["--count", "5", "--seed", "1"], main) == ExitCode.FAILURE
    assert "the cluster has no topic traffic.cameras. Run: avroad apply" in capsys.readouterr().err
    assert publisher.taken == []


def test_duration_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    publisher = FakePublisher()
    use(FakeProject(publisher), monkeypatch)
    assert run(["--rate", "0", "--seed", "1", "--duration", "0.05"], main) == ExitCode.OK
    assert publisher.taken
