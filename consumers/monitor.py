"""Watch events as they pass: python -m consumers.monitor.

Without --group it is a viewer that changes nothing. With --group it is a consumer like any other: it commits what it
has shown and sends records nobody can read to the dead-letter topic.
"""

from __future__ import annotations

if __name__ == "__main__":  # first of all, because the other imports take a moment
    from avroad.cli.interrupts import end_on_interrupt

    end_on_interrupt()

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import click

from avroad.cli.context import Context, given_name
from avroad.cli.main import run_app
from avroad.cli.output import say
from avroad.cli.signals import reader_gone, stopping
from avroad.cli.words import counted
from avroad.codec.dead_letter import Failure
from avroad.consumer import Event, Runner, RunnerSettings, RunReport, Start, StartupReport, VersionPolicy
from avroad.contracts import Catalog
from avroad.errors import ConfigError, ExitCode
from avroad.model import Record
from consumers.seen import seen_event, seen_poison
from consumers.start import StartType
from consumers.totals import Totals
from consumers.views import JsonView, PlainView, View
from schemas.traffic import AVRO_TYPES

__all__ = ["Monitor", "main", "topics_to_read"]

_EXAMPLES = """\b
Examples:
  python -m consumers.monitor
  python -m consumers.monitor --from beginning --type TrafficJam
  python -m consumers.monitor --from 15m --output json | head -3
  python -m consumers.monitor --group board --from beginning

\b
Stop it with Ctrl-C: what is in work is finished and committed, exit code 0.
It is 1 when something was left unfinished.
"""


@dataclass(slots=True, kw_only=True)
class Monitor:
    """Hands records from the runner to a view. types: full names to show, all when empty. count: None for no end."""

    view: View
    stop: threading.Event
    group: str = ""
    types: frozenset[str] = frozenset()
    count: int | None = None
    totals: Totals = field(default_factory=Totals)
    runner: Runner | None = None
    shown: int = 0
    reader_left: bool = False
    failure: OSError | None = None

    def handle(self, event: Event) -> None:
        """Show one event. When the reader of the output has gone, the record stays unhandled and the run ends."""
        record = event.record
        lags = self.runner.lags if self.runner is not None else dict
        lag = self.totals.add((record.topic, record.partition), record.offset, event.type_name or "tombstone", lags)
        if self.types and event.type_name not in self.types:
            return
        try:
            self.view.show(seen_event(event, lag), self.totals)
        except BrokenPipeError:
            # The runner takes a lost connection for an outage and keeps the record: nothing unseen is committed.
            self.reader_left = True
            self.stop.set()
            raise
        except OSError as error:
            # A full disk, say: the record was not shown, so it must be neither committed nor taken for poison.
            self.failure = error
            self.stop.set()
            raise ConnectionAbortedError("the output cannot be written") from error
        self._counted()

    def poison(self, record: Record, failure: Failure) -> None:
        """Show a record that cannot be read: in its place if a viewer shows all types, else as a note."""
        lags = self.runner.lags if self.runner is not None else dict
        self.totals.add((record.topic, record.partition), record.offset, "", lags)
        seen = seen_poison(record, failure)
        if self.group:
            what = f"{seen.place} ({failure.poison}, {seen.schema})"
            self.view.note(f"{what} goes to the dead-letter topic: {failure.error}")
            return
        if self.types:  # nobody knows whether it is one of them
            self.view.note(f"{seen.place} ({failure.poison}, {seen.schema}) cannot be read: {failure.error}")
            return
        self.view.show(seen, self.totals)
        self._counted()

    def _counted(self) -> None:
        self.shown += 1
        if self.count is not None and self.shown >= self.count:
            self.stop.set()


def topics_to_read(
    catalog: Catalog, topics: Sequence[str], types: Sequence[str]
) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the topics to read and the full names of the types to show.

    Types may be given without their namespace. Raises ConfigError with the nearest name for one that nothing
    has, for a topic without typed values, and when none of the topics carries any of the types.
    """
    wanted: set[str] = set()
    with given_name():
        for name in types:
            full = [known for known in catalog.types if known.rpartition(".")[2] == name and catalog.topics_of(known)]
            wanted.add(full[0] if len(full) == 1 else catalog.type(name).name)
        named = [catalog.topic(topic) for topic in topics]
    for spec in named:
        if not spec.values:
            raise ConfigError(
                f"{spec.name} carries no typed events", expected="a topic with values", found="a dead-letter topic",
                hint=f"Run: avroad dlq list {spec.dlq_of or spec.name}",
            )  # fmt: skip
    candidates = named or [spec for spec in catalog.topics.values() if spec.values]
    chosen = tuple(spec.name for spec in candidates if not wanted or wanted & set(spec.values))
    if not chosen:
        raise ConfigError(
            "nothing to read",
            expected="a topic that carries one of the types",
            found=f"{', '.join(sorted(wanted)) or 'no type'} on {', '.join(topics) or 'no topic'}",
        )
    return chosen, frozenset(wanted)


@click.command(epilog=_EXAMPLES)
@click.option(
    "--from",
    "start",
    type=StartType(),
    help="Where to begin; a time is ISO 8601 or 15m, 2h, 1d ago. "
    "[default: latest, with --group beginning; a group that has read before goes on where it was]",
)
@click.option("--group", default="", metavar="NAME", help="Read as this consumer group: commit, dead-letter.")
@click.option("--topic", "topics", multiple=True, metavar="NAME", help="Only this topic; repeatable.")
@click.option("--type", "types", multiple=True, metavar="NAME", help="Only this event type; repeatable.")
@click.option("--count", type=click.IntRange(min=1), help="Stop after showing this many records.")
@click.option(
    "--output", type=click.Choice(("live", "plain", "json")), help="[default: live on a terminal, plain elsewhere]"
)
@click.option(
    "--unreadable",
    type=click.Choice(tuple(policy.value for policy in VersionPolicy)),
    help="Registered versions our schemas cannot read in full and safely, at start or when one appears: refuse (stop "
    "before its first record), park (its records to the dead-letter topic), or warn. "
    "[default: warn, with --group refuse]",
)
@click.option(
    "--changed-meaning",
    type=click.Choice(tuple(policy.value for policy in VersionPolicy)),
    default=VersionPolicy.WARN.value,
    show_default=True,
    help="The same for versions whose values mean something else to us, another unit for example.",
)
@click.pass_obj
def main(  # noqa: PLR0917  # click passes one argument per option
    context: Context, start: Start | datetime | None, group: str, topics: tuple[str, ...], types: tuple[str, ...],
    count: int | None, output: str | None, unreadable: str | None, changed_meaning: str,
) -> int:  # fmt: skip
    """Show events with type, topic, partition, offset, key, writer schema and lag.

    Without --group nothing is changed, and records nobody can read are shown where they stand. With --group it is a
    real consumer: it checks every registered schema version before it starts, commits after showing, and sends such
    records to the dead-letter topic.
    """
    project = context.project()
    policy = VersionPolicy(unreadable or ("refuse" if group else "warn"))
    chosen, shown_types = topics_to_read(project.catalog, topics, types)
    settings = RunnerSettings(
        topics=chosen,
        group=group,
        start=start or (Start.BEGINNING if group else Start.LATEST),
        unreadable=policy,
        unsafe=policy,
        changed_meaning=VersionPolicy(changed_meaning),
    )
    totals, code = Totals(), int(ExitCode.OK)
    with reader_gone(), stopping() as stop:
        view = _view(
            output,
            f"avroad monitor  {project.environment.name}  {_whose(group)}  {', '.join(chosen)}",
            totals,
            _waiting(group, settings.start),
        )
        monitor = Monitor(view=view, stop=stop, group=group, types=shown_types, count=count, totals=totals)
        try:
            with _log_to(lambda text: None if monitor.reader_left else view.note(text)):
                runner = project.runner(monitor.handle, settings, types=AVRO_TYPES, on_poison=monitor.poison)
                monitor.runner = runner
                view.note(_checked(runner.check()))
                report = runner.run(stop)
        finally:
            view.close()
        if monitor.failure is not None:
            raise monitor.failure
        if not monitor.reader_left:
            code = _ended(report, monitor)
    return code


def _view(output: str | None, title: str, totals: Totals, waiting: str) -> View:
    terminal = sys.stdout.isatty()
    if (output or ("live" if terminal else "plain")) == "live":
        from consumers.live_view import LiveView  # noqa: PLC0415  # 60 ms that pipes need not wait for

        return LiveView(title, totals, waiting=waiting)
    if output == "json":
        return JsonView(sys.stdout)
    columns = os.environ.get("COLUMNS", "")[:5]  # nobody's screen is wider, and endless digits are no number
    width = (
        int(columns) if columns.isdecimal() else os.get_terminal_size(sys.stdout.fileno()).columns if terminal else 0
    )
    return PlainView(sys.stdout, width or None)


def _waiting(group: str, start: Start | datetime) -> str:
    if group:
        return "waiting for records; a group goes on behind what it has read before"
    return "waiting for new records" + "; --from beginning shows older ones too" * (start is Start.LATEST)


def _whose(group: str) -> str:
    return f"group {group}" if group else "viewer"


def _checked(report: StartupReport) -> str:
    """Say what was compared with our schemas and what was not; silence about the rest would pass for a good result."""
    what = counted(report.checked, "registered schema version") if report.checked else "no registered schema versions"
    text = f"checked {what}"
    doubts = (
        ("not readable with our schemas", report.unreadable),
        ("not safe to read", report.unsafe),
        ("of another meaning", report.changed_meaning),
    )
    said = [
        f"{what}: {', '.join(f'{v.subject} v{v.version}' for v in versions)}" for what, versions in doubts if versions
    ]
    if said:
        text = f"{text}: {'; '.join(said)}"
    elif report.checked:
        text = f"{text}: all readable"
    elif not report.unchecked:
        text = f"{text}: none is registered for these topics yet"
    if not report.unchecked:
        return text
    left = f"not checked: {', '.join(report.unchecked)} ({report.reason})"
    return f"{text}; {left}" if report.checked else f"{text}: {report.reason}"


def _ended(report: RunReport, monitor: Monitor) -> int:
    """Say how the run went and return the exit code: a viewer has nothing it could leave unfinished."""
    committed = f", {counted(len(report.committed), 'partition')} committed" if monitor.group else ""
    poison = f", {report.poisoned:,} poison" if report.poisoned else ""
    shown = f", {monitor.shown:,} of them shown" if monitor.types else ""
    rate = f"{monitor.totals.mean_rate():,.0f}/s on average"
    say(f"handled {counted(report.handled, 'event')}{shown}{poison}{committed}, {rate}")
    for left in report.left:
        say(f"left: {left.topic}/{left.partition}@{left.offset}: {left.why}")
    return ExitCode.OK if report.clean or not monitor.group else ExitCode.FAILURE


@contextmanager
def _log_to(note: Callable[[str], None]) -> Iterator[None]:
    """Show warnings of the library where the view shows notes."""

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            note(f"{record.levelname.lower()}: {record.getMessage()}")

    logger, handler = logging.getLogger("avroad"), Handler(logging.WARNING)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


if __name__ == "__main__":
    run_app(main)
