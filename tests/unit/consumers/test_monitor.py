"""The monitor around its views: what it reads, where it begins, when it ends, and what it never does."""

from __future__ import annotations

import errno
import io
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from avroad.cli.main import run
from avroad.codec.dead_letter import Failure, Poison
from avroad.consumer import DoubtfulVersion, Event, RunnerSettings, RunReport, Start, StartupReport, VersionPolicy
from avroad.contracts import Catalog, load_catalog
from avroad.errors import BrokerUnavailable, ConfigError, ExitCode
from avroad.model import Record
from consumers.monitor import Monitor, main, topics_to_read
from consumers.seen import Seen
from consumers.start import StartType
from consumers.totals import Totals

NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(Path(__file__).resolve().parents[3])


@dataclass
class FakeView:
    shown: list[Seen] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    broken: bool = False

    def show(self, seen: Seen, totals: Totals) -> None:
        if self.broken:
            raise BrokenPipeError
        self.shown.append(seen)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def close(self) -> None:
        self.notes.append("closed")


def event(offset: int, type_name: str = "traffic.TrafficJam") -> Event:
    record = Record(topic="traffic.events", partition=0, offset=offset, key=b"k", value=b"v")
    return Event(record=record, type_name=type_name, value={"event_id": str(offset)}, schema_id=1)


def failure() -> Failure:
    return Failure(poison=Poison.MALFORMED, error="too short", first_failed=NOW, last_failed=NOW)


@pytest.mark.parametrize(
    ("topics", "types", "expected"),
    [
        ((), (), (("traffic.cameras", "traffic.events"), set())),
        (("traffic.events",), (), (("traffic.events",), set())),
        ((), ("TrafficJam",), (("traffic.events",), {"traffic.TrafficJam"})),
        ((), ("traffic.SpeedCamera",), (("traffic.cameras", "traffic.events"), {"traffic.SpeedCamera"})),
        (("traffic.cameras",), ("SpeedCamera",), (("traffic.cameras",), {"traffic.SpeedCamera"})),
    ],
)
def test_what_is_read(
    catalog: Catalog, topics: tuple[str, ...], types: tuple[str, ...], expected: tuple[tuple[str, ...], set[str]]
) -> None:
    chosen, shown = topics_to_read(catalog, topics, types)
    assert (tuple(sorted(chosen)), set(shown)) == expected


@pytest.mark.parametrize(
    ("topics", "types", "message"),
    [
        (("trafic.events",), (), "traffic.events"),
        ((), ("traffic.TraficJam",), "traffic.TrafficJam"),
        (("traffic.events.dlq",), (), "avroad dlq list traffic.events"),
        (("traffic.cameras",), ("Accident",), "found traffic.Accident on traffic.cameras"),
    ],
)
def test_what_cannot_be_read_is_said_with_the_nearest_name(
    catalog: Catalog, topics: tuple[str, ...], types: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        topics_to_read(catalog, topics, types)
    assert message in str(raised.value)


def test_count_ends_after_that_many_shown() -> None:
    view, stop = FakeView(), threading.Event()
    monitor = Monitor(view=view, stop=stop, count=2, types=frozenset({"traffic.TrafficJam"}))
    monitor.handle(event(1))
    monitor.handle(event(2, "traffic.Accident"))
    assert not stop.is_set(), "another type is handled, but not shown and not counted"
    monitor.handle(event(3))
    assert stop.is_set()
    assert [seen.offset for seen in view.shown] == [1, 3]
    assert monitor.totals.events == 3


def test_a_reader_that_went_away_leaves_the_record_unhandled() -> None:
    stop = threading.Event()
    monitor = Monitor(view=FakeView(broken=True), stop=stop, group="g")
    with pytest.raises(BrokenPipeError):
        monitor.handle(event(1))
    assert stop.is_set()
    assert monitor.reader_left
    assert monitor.shown == 0


def test_an_output_that_cannot_be_written_stops_the_run_and_is_no_poison(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, view = threading.Event(), FakeView()
    full = OSError(errno.ENOSPC, "No space left on device")

    def refuse(_seen: Seen, _totals: Totals) -> None:
        raise full

    monkeypatch.setattr(view, "show", refuse)
    monitor = Monitor(view=view, stop=stop, group="g")
    with pytest.raises(ConnectionAbortedError):  # which a runner keeps and never dead-letters
        monitor.handle(event(1))
    assert stop.is_set()
    assert monitor.failure is full


def test_a_viewer_shows_poison_in_its_place_and_a_group_as_a_note() -> None:
    viewer = FakeView()
    Monitor(view=viewer, stop=threading.Event()).poison(event(1).record, failure())
    assert [seen.poison for seen in viewer.shown] == ["malformed"]
    choosy = FakeView()
    monitor = Monitor(view=choosy, stop=threading.Event(), types=frozenset({"traffic.TrafficJam"}), count=1)
    monitor.poison(event(1).record, failure())
    assert choosy.shown == [], "nobody asked for what may be of any type"
    assert choosy.notes == ["traffic.events/0@1 (malformed, no schema) cannot be read: too short"]
    assert not monitor.stop.is_set()
    member = FakeView()
    monitor = Monitor(view=member, stop=threading.Event(), group="g", count=1)
    monitor.poison(event(1).record, failure())
    assert member.shown == [], "a dead-lettered record is no output of a group"
    assert "traffic.events/0@1 (malformed, no schema) goes to the dead-letter topic: too short" in member.notes[0]
    assert not monitor.stop.is_set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("beginning", Start.BEGINNING),
        ("latest", Start.LATEST),
        ("2026-03-02T07:00:00Z", NOW),
        ("2026-03-02T09:00:00+02:00", NOW),
        ("2026-03-02", NOW.replace(hour=0)),
        ("2026-03-02Z", NOW.replace(hour=0)),
    ],
)
def test_where_to_begin(text: str, expected: Start | datetime) -> None:
    assert StartType().convert(text, None, None) == expected


def test_how_long_ago() -> None:
    moment = StartType().convert("2h", None, None)
    assert isinstance(moment, datetime)
    assert timedelta(hours=1, minutes=59) < datetime.now(UTC) - moment < timedelta(hours=2, minutes=1)


# The program


class FakeRunner:
    """Hands over the events it was given, then ends; says what it was asked."""

    def __init__(self, script: list[Event | Record | Exception], report: StartupReport, group: str) -> None:
        self.script, self.report, self.group = script, report, group
        self.settings: RunnerSettings | None = None

    def runner(self, handler: object, settings: RunnerSettings, **more: object) -> FakeRunner:
        self.handler, self.settings, self.on_poison = handler, settings, more["on_poison"]
        return self

    def check(self) -> StartupReport:
        return self.report

    def lags(self) -> dict[tuple[str, int], int]:
        return {("traffic.events", 0): 1}

    def run(self, stop: threading.Event) -> RunReport:
        handled = poisoned = 0
        for step in self.script:
            if stop.is_set():
                break
            if isinstance(step, Exception):
                raise step
            if isinstance(step, Event):
                try:
                    self.handler(step)  # type: ignore[operator]
                except BrokenPipeError:
                    continue
                handled += 1
            else:
                self.on_poison(step, failure())  # type: ignore[operator]
                poisoned += 1
        return RunReport(
            handled=handled, poisoned=poisoned, retried=0, committed={}, left=(), closed=True, elapsed_s=1.0
        )


def use(
    monkeypatch: pytest.MonkeyPatch, catalog: Catalog, *script: Event | Record | Exception,
    report: StartupReport | None = None,
) -> FakeRunner:  # fmt: skip
    fake = FakeRunner(list(script), report or StartupReport(checked=4), "")

    class Project:
        environment = type("Environment", (), {"name": "local"})
        runner = fake.runner

    Project.catalog = catalog  # type: ignore[attr-defined]
    monkeypatch.setattr("avroad.cli.context.Context.project", lambda _context: Project)
    return fake


def test_json_lines_go_to_stdout_and_words_to_stderr(
    monkeypatch: pytest.MonkeyPatch, catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, catalog, event(1), event(2))
    assert run(["--output", "json"], main) == ExitCode.OK
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert out.startswith('{"event_id":"1","event_type":"traffic.TrafficJam","topic":"traffic.events"')
    assert "checked 4 registered schema versions: all readable" in err
    assert "handled 2 events" in err


def test_defaults_of_viewer_and_group_differ(monkeypatch: pytest.MonkeyPatch, catalog: Catalog) -> None:
    fake = use(monkeypatch, catalog)
    assert run([], main) == ExitCode.OK
    assert fake.settings is not None
    assert (fake.settings.group, fake.settings.start, fake.settings.unreadable) == (
        "",
        Start.LATEST,
        VersionPolicy.WARN,
    )
    assert run(["--group", "g"], main) == ExitCode.OK
    assert (fake.settings.group, fake.settings.start) == ("g", Start.BEGINNING)
    assert fake.settings.unreadable is VersionPolicy.REFUSE
    assert run(["--group", "g", "--from", "latest", "--unreadable", "warn"], main) == ExitCode.OK
    assert (fake.settings.start, fake.settings.unreadable) == (Start.LATEST, VersionPolicy.WARN)
    assert fake.settings.changed_meaning == "warn"
    assert run(["--group", "g", "--unreadable", "park", "--changed-meaning", "refuse"], main) == ExitCode.OK
    assert {fake.settings.unreadable, fake.settings.unsafe} == {VersionPolicy.PARK}
    assert fake.settings.changed_meaning == "refuse"


def test_poison_of_a_group_is_on_stderr_only(
    monkeypatch: pytest.MonkeyPatch, catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, catalog, event(1), event(2).record)
    assert run(["--group", "g", "--output", "json"], main) == ExitCode.OK
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 1
    assert "1 poison" in err


def test_unreadable_versions_are_named(
    monkeypatch: pytest.MonkeyPatch, catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = DoubtfulVersion(question="unreadable", subject="s-value", version=3, schema_id=9, partial=False, problems=())
    use(monkeypatch, catalog, report=StartupReport(checked=2, unreadable=(bad,)))
    assert run(["--output", "plain"], main) == ExitCode.OK
    assert "not readable with our schemas: s-value v3" in capsys.readouterr().err


REFUSED = "connection refused"


@pytest.mark.parametrize(
    ("report", "text"),
    [
        (StartupReport(checked=1), "checked 1 registered schema version: all readable"),
        (StartupReport(checked=4), "checked 4 registered schema versions: all readable"),
        (StartupReport(checked=0, unchecked=("a", "b"), reason=REFUSED), f"no registered schema versions: {REFUSED}"),
        (StartupReport(checked=3, unchecked=("b",), reason=REFUSED), f"all readable; not checked: b ({REFUSED})"),
        (StartupReport(checked=0), "checked no registered schema versions: none is registered for these topics yet"),
    ],
    ids=["one", "all", "nothing", "some", "none there"],
)
def test_what_was_not_checked_is_never_called_readable(
    report: StartupReport, text: str, monkeypatch: pytest.MonkeyPatch, catalog: Catalog,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    use(monkeypatch, catalog, report=report)
    assert run(["--output", "plain"], main) == ExitCode.OK
    assert f"{text}\n" in capsys.readouterr().err


def test_an_outage_is_one_message(
    monkeypatch: pytest.MonkeyPatch, catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, catalog, BrokerUnavailable("no answer from Kafka", hint="Start it: avroad stack up"))
    assert run(["--output", "plain"], main) == ExitCode.FAILURE
    assert "error: no answer from Kafka. Start it: avroad stack up" in capsys.readouterr().err


def test_columns_bound_plain_lines(
    monkeypatch: pytest.MonkeyPatch, catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, catalog, event(1))
    monkeypatch.setenv("COLUMNS", "50")
    assert run(["--output", "plain"], main) == ExitCode.OK
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert max(map(len, lines)) <= 50


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "yesterday"], "expected beginning, latest, 15m or a time"),
        (["--from", "2026-03-02T07:00:00"], "expected a time with a zone, e.g. 2026-03-02T07:00:00Z, found"),
        (["--from", "2026-03-02T07"], "expected a time with a zone, e.g. 2026-03-02T07:00:00Z, found"),
        (["--from", "2026-13-02"], "expected beginning, latest, 15m or a time"),
        (["--output", "xml"], "--output"),
        (["--count", "0"], "--count"),
    ],
)
def test_wrong_usage_is_64(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments, main) == ExitCode.USAGE
    assert message in capsys.readouterr().err


def test_the_live_view_is_chosen_for_terminals_only(monkeypatch: pytest.MonkeyPatch, catalog: Catalog) -> None:
    use(monkeypatch, catalog, event(1))
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    assert run([], main) == ExitCode.OK
    assert "\x1b" not in stream.getvalue()
