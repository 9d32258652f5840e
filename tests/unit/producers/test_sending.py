"""Sending: pace, backpressure, one outcome per send, and what the screen and the ledger say of it."""

from __future__ import annotations

import io
import json
import threading
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

import pytest

from avroad.cli.main import run
from avroad.errors import BrokerError, EncodeError, ExitCode, Overloaded
from avroad.model import ClusterState, Delivery, Outcome, TopicState
from avroad.producer import CloseReport
from producers.city import City
from producers.display import Display, totals
from producers.sending import Ledger, Pace, Sender, Sending, send_all
from producers.synthetic import live_clock, main, sendings, simulated_clock

TOPICS = ("traffic.events", "traffic.cameras")
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


class FakePublisher:
    """Resolves every send at once; `script` says how, in order, errors are raised."""

    def __init__(self, *script: Outcome | Exception) -> None:
        self.script = list(script)
        self.taken: list[tuple[object, str]] = []
        self.closed = 0

    def send(self, event: object, *, topic: str = "") -> Future[Delivery]:
        step = self.script.pop(0) if self.script else Outcome.ACKED
        if isinstance(step, Exception):
            raise step
        self.taken.append((event, topic))
        future: Future[Delivery] = Future()
        reason = "" if step is Outcome.ACKED else "MSG_TIMED_OUT"
        position = len(self.taken)
        future.set_result(Delivery(outcome=step, topic=topic, partition=1, offset=position, reason=reason))
        return future

    def close(self, deadline_s: float | None = None) -> CloseReport:
        assert deadline_s
        self.closed += 1
        return CloseReport(undelivered=(), acked=0, rejected=0, unknown=0, fatal=0, elapsed_s=0.0)


def sending(number: int, *topics: str) -> Sending:
    return Sending(
        event={"n": number}, event_id=str(number), type_name="n.T", topics=topics or ("t",), origin=f"f:{number}"
    )


def sender(publisher: FakePublisher, ledger: Path | None = None, stop: threading.Event | None = None) -> Sender:
    return Sender(publisher, Ledger(ledger), stop or threading.Event())


def quiet() -> Display:
    return Display(io.StringIO(), live=False)


def test_pace_lets_events_pass_at_the_rate() -> None:
    clock, stop = Clock(), threading.Event()
    pace = Pace(50.0, now=clock.now, nap=clock.nap)
    for _ in range(100):
        pace.wait(stop)
    assert clock.now_s - 100.0 == pytest.approx(2.0)
    assert max(clock.naps) <= 0.1, "a signal is heard soon"


def test_no_rate_never_waits() -> None:
    clock = Clock()
    pace = Pace(0.0, now=clock.now, nap=clock.nap)
    for _ in range(1000):
        pace.wait(threading.Event())
    assert clock.naps == []


def test_a_stall_is_not_caught_up_in_one_burst() -> None:
    clock, stop = Clock(), threading.Event()
    pace = Pace(10.0, now=clock.now, nap=clock.nap)
    pace.wait(stop)
    clock.now_s += 600.0
    clock.naps.clear()
    for _ in range(100):
        pace.wait(stop)
    assert sum(clock.naps) > 8.0, "at most about a second of events goes out at once"


def test_pace_ends_when_told_to_stop() -> None:
    clock, stop = Clock(), threading.Event()
    stop.set()
    Pace(0.001, now=clock.now, nap=clock.nap).wait(stop)
    assert clock.naps == []


def test_an_event_goes_to_each_of_its_topics_and_the_ledger_has_every_send(tmp_path: Path) -> None:
    publisher, path = FakePublisher(Outcome.ACKED, Outcome.UNKNOWN), tmp_path / "deep" / "ledger.jsonl"
    ledger = Ledger(path)
    with ledger:
        subject = Sender(publisher, ledger, threading.Event())
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

    publisher = Stuck()
    subject = sender(publisher, stop=stop)
    send_all([sending(1), sending(2)], subject, pace=Pace(0), stop=stop, display=quiet())
    assert subject.sent == 0


def test_sending_ends_when_told_and_at_its_time() -> None:
    stop, publisher = threading.Event(), FakePublisher()

    def endless() -> object:
        for number in count():
            if number == 5:
                stop.set()
            yield sending(number)

    subject = sender(publisher, stop=stop)
    send_all(endless(), subject, pace=Pace(0), stop=stop, display=quiet())  # type: ignore[arg-type]
    assert subject.sent == 5
    late = sender(publisher)
    send_all(map(sending, count()), late, pace=Pace(0), stop=threading.Event(), display=quiet(), ends_at=0.0)
    assert late.sent == 0


def test_an_event_that_does_not_fit_is_told_or_raised() -> None:
    refused: list[str] = []
    publisher = FakePublisher(Outcome.ACKED, EncodeError("no"), Outcome.ACKED)
    subject = sender(publisher)
    send_all(
        map(sending, range(3)), subject, pace=Pace(0), stop=threading.Event(), display=quiet(),
        on_refused=lambda which, _error: refused.append(which.event_id),
    )  # fmt: skip
    assert refused == ["1"]
    assert subject.sent == 2
    with pytest.raises(EncodeError):
        send_all([sending(1)], sender(FakePublisher(EncodeError("no"))), pace=Pace(0), stop=threading.Event(),
                 display=quiet())  # fmt: skip


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


class FakeProject:
    """As much of a project as sending needs."""

    def __init__(
        self, publisher: FakePublisher, topics: tuple[str, ...] = ("traffic.events", "traffic.cameras")
    ) -> None:
        self._publisher = publisher
        self._topics = topics

    def observe(self, topics: tuple[str, ...]) -> ClusterState:
        found = {name: TopicState(name=name, partitions=()) for name in self._topics if name in topics}
        return ClusterState(cluster_id="c", brokers=(1,), topics=found)

    def publisher(self, **_settings: object) -> FakePublisher:
        return self._publisher


def use(project: FakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avroad.cli.context.Context.project", lambda _context: project)


def test_the_same_seed_and_start_print_the_same_lines(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--dry-run", "--rate", "0", "--count", "50", "--seed", "7", "--start", "2026-03-02T07:00:00Z"]
    printed = []
    for _ in range(2):
        assert run(arguments, main) == ExitCode.OK
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert len(printed[0].splitlines()) == 50
    assert json.loads(printed[0].splitlines()[0])["value"]["observed_at"] == "2026-03-02T07:00:00Z"


def test_a_drawn_seed_is_shown_so_that_it_can_be_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--dry-run", "--rate", "0", "--count", "30"], main) == ExitCode.OK
    first = capsys.readouterr()
    seed = first.err.split()[1]
    assert run(["--dry-run", "--rate", "0", "--count", "30", "--seed", seed], main) == ExitCode.OK
    outputs = (first.out, capsys.readouterr().out)
    ids = [[json.loads(line)["value"]["event_id"] for line in out.splitlines()] for out in outputs]
    assert ids[0] == ids[1]


@pytest.mark.parametrize(
    ("start", "message"),
    [("yesterday", "expected ISO 8601"), ("2026-03-02T07:00:00", "expected a zone, e.g. 2026-03-02T07:00:00Z")],
)
def test_a_start_that_is_no_time_is_64(start: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--start", start], main) == ExitCode.USAGE
    assert message in capsys.readouterr().err


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
    assert "outcome of 28 sends: 28 acked" in out


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
    assert "outcome of 1 sends: 1 acked" in said.out
    assert publisher.closed == 1


def test_missing_topics_are_said_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    publisher = FakePublisher()
    use(FakeProject(publisher, topics=("traffic.events",)), monkeypatch)
    assert run(["--count", "5", "--seed", "1"], main) == ExitCode.FAILURE
    assert "the cluster has no topic traffic.cameras. Run: avroad apply" in capsys.readouterr().err
    assert (publisher.taken, publisher.closed) == ([], 1)


def test_duration_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    publisher = FakePublisher()
    use(FakeProject(publisher), monkeypatch)
    assert run(["--rate", "0", "--seed", "1", "--duration", "0.05"], main) == ExitCode.OK
    assert publisher.taken
