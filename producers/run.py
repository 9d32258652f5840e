"""What the producers share: their options, and one run from events to summary."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import click

from avroad.cli.context import Context
from avroad.cli.output import say
from avroad.cli.signals import reader_gone, stopping
from avroad.contracts.plain import plain
from avroad.errors import BrokerError, EncodeError, ExitCode
from avroad.model import Outcome
from avroad.producer import CloseReport, ProducerSettings
from avroad.project import Project
from producers.display import Display, named
from producers.outputs import WriteFailed
from producers.sending import Ledger, Pace, Sender, Sending, send_all
from schemas.traffic import AVRO_TYPES

__all__ = ["FiniteRange", "Options", "run", "sending_options"]

_CLOSE_S = 25.0
_QUEUE_S = 1.0
"""How long a send waits for room before we look whether it is time to end; then it waits again."""

_MOST_EVENTS = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to send. rate: events per second, 0 for as fast as possible. count, duration_s: None for no limit.

    ledger: checked by the caller, see `check_outputs`.
    """

    rate: float
    count: int | None
    ledger: Path | None
    dry_run: bool
    duration_s: float | None = None


class FiniteRange(click.FloatRange):
    """A number within bounds; `nan`, which no comparison keeps out, is no number."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Return the number. Raises click.BadParameter."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


def sending_options(default_rate: float) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds --rate, --count, --ledger, --overwrite and --dry-run."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        options = (
            click.option("--rate", type=FiniteRange(min=0, max=1_000_000), default=default_rate, show_default=True,
                         help="Events per second; 0 is as fast as possible."),
            click.option("--count", type=click.IntRange(min=1, max=_MOST_EVENTS), help="Stop after this many events."),
            click.option("--ledger", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
                         help="Write one JSON line per send there: event id, topic, partition, offset, outcome. "
                         "A file that holds something is refused."),
            click.option("--overwrite", is_flag=True, help="Replace files to write that hold something already."),
            click.option("--dry-run", is_flag=True, help="Print events as JSON lines; touch no cluster."),
        )  # fmt: skip
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def run(
    context: Context,
    events: Iterable[Sending],
    options: Options,
    *,
    source_uri: str,
    topics: tuple[str, ...],
    on_refused: Callable[[Sending, EncodeError], None] | None = None,
) -> int:
    """Send events, show rate and totals, and return the exit code: 0 when everything taken was acknowledged.

    The first Ctrl-C or SIGTERM stops taking events, as does a reader of stdout that goes away; what was taken is
    delivered within 25 s. Ending a producer that way is how it ends, so the exit code is still 0. A ledger or a
    stdout that cannot be written ends the run the same way, and WriteFailed is raised.
    """
    chosen = islice(events, options.count)
    if options.dry_run:
        if options.ledger is not None:
            say("a dry run sends nothing: the ledger is not written")
        with reader_gone():
            _print(chosen, options)
        return ExitCode.OK
    project = context.project()
    display = Display(sys.stdout)
    with stopping() as stop:
        _check_topics(project, topics)
        with Ledger(options.ledger) as ledger:
            settings = ProducerSettings(queue_timeout_s=_QUEUE_S)
            publisher = project.publisher(types=AVRO_TYPES, source_uri=source_uri, topics=topics, settings=settings)
            late = _clock(options)

            def over() -> bool:
                return stop.is_set() or ledger.failed or display.failure is not None or late()

            sender = Sender(publisher, ledger, over)
            try:
                send_all(chosen, sender, pace=Pace(options.rate), over=over, display=display, on_refused=on_refused)
            finally:
                report = publisher.close(_CLOSE_S)
                display.end(sender.sent, sender.types, sender.outcomes, sender.again)
                _say_lost(report, sender)
    if display.failure is not None and not isinstance(display.failure, BrokenPipeError):
        raise WriteFailed(f"stdout cannot be written: {display.failure.strerror}; sending was stopped")
    failed = sum(count for outcome, count in sender.outcomes.items() if outcome is not Outcome.ACKED)
    return ExitCode.FAILURE if failed else ExitCode.OK


def _say_lost(report: CloseReport, sender: Sender) -> None:
    if report.undelivered:
        say(f"not acknowledged within {_CLOSE_S:.0f} s: {named(list(dict.fromkeys(report.undelivered)))}")
    if sender.reason:
        say(f"first reason of a send that was not acknowledged: {sender.reason}")


def _check_topics(project: Project, topics: tuple[str, ...]) -> None:
    """Raise BrokerUnavailable or BrokerError now, with what to do, rather than let events wait for their timeout.

    Raises ClusterMismatch first: of another cluster than that of the lock, what is missing would mislead.
    """
    missing = sorted(set(topics) - project.observe(topics, project.lock()).topics.keys())
    if missing:
        raise BrokerError(f"the cluster has no topic {' and no topic '.join(missing)}", hint="Run: avroad apply")


def _print(events: Iterable[Sending], options: Options) -> None:
    """Write events as JSON lines until they run out or somebody stops it."""
    pace, late = Pace(options.rate), _clock(options)
    with stopping() as stop:

        def over() -> bool:
            return stop.is_set() or late()

        for sending in events:
            pace.wait(over)
            if over():
                return
            line = {"event_type": sending.type_name, "topics": list(sending.topics), "value": plain(sending.event)}
            sys.stdout.write(f"{json.dumps(line, ensure_ascii=False)}\n")
            if options.rate:
                sys.stdout.flush()


def _clock(options: Options) -> Callable[[], bool]:
    """Return a question that is answered with yes from the end of --duration on."""
    ends_at = math.inf if options.duration_s is None else time.monotonic() + options.duration_s
    return lambda: time.monotonic() >= ends_at
