"""What the producers share: their options, and one run from events to summary."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import click

from avroad.cli.context import Context
from avroad.cli.output import say
from avroad.cli.signals import reader_gone, stopping
from avroad.contracts.plain import plain
from avroad.errors import AvroadError, BrokerError, EncodeError, ExitCode
from avroad.model import Outcome
from avroad.project import Project
from producers.display import Display
from producers.sending import Ledger, Pace, Sender, Sending, send_all
from schemas.traffic import AVRO_TYPES

__all__ = ["Options", "run", "sending_options"]

_CLOSE_S = 25.0
_SHOWN_IDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to send. rate: events per second, 0 for as fast as possible. count, duration_s: None for no limit."""

    rate: float
    count: int | None
    ledger: Path | None
    dry_run: bool
    duration_s: float | None = None


def sending_options(default_rate: float) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds --rate, --count, --ledger and --dry-run."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        options = (
            click.option("--rate", type=click.FloatRange(min=0, max=1_000_000), default=default_rate, show_default=True,
                         help="Events per second; 0 is as fast as possible."),
            click.option("--count", type=click.IntRange(min=1), help="Stop after this many events."),
            click.option("--ledger", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
                         help="Write one JSON line per send: event id, topic, partition, offset, outcome."),
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

    The first Ctrl-C or SIGTERM stops taking events; what was taken is delivered within 25 s. Ending a producer that
    way is how it ends, so the exit code is still 0.
    """
    chosen = islice(events, options.count)
    if options.dry_run:
        with reader_gone():
            _print(chosen, options)
        return ExitCode.OK
    project = context.project()
    display = Display(sys.stdout)
    with stopping() as stop, Ledger(options.ledger) as ledger:
        # The publisher first: it refuses another cluster, where advice about topics would only mislead.
        publisher = project.publisher(types=AVRO_TYPES, source_uri=source_uri, topics=topics)
        try:
            _check_topics(project, topics)
        except AvroadError:
            publisher.close(_CLOSE_S)
            raise
        sender = Sender(publisher, ledger, stop)
        ends_at = time.monotonic() + options.duration_s if options.duration_s is not None else None
        try:
            send_all(
                chosen,
                sender,
                pace=Pace(options.rate),
                stop=stop,
                display=display,
                ends_at=ends_at,
                on_refused=on_refused,
            )
        finally:
            report = publisher.close(_CLOSE_S)
            display.end(sender.sent, sender.types, sender.outcomes)
    if report.undelivered:
        lost = list(dict.fromkeys(report.undelivered))
        more = len(lost) - _SHOWN_IDS
        shown = ", ".join(lost[:_SHOWN_IDS]) + (f" and {more} more" if more > 0 else "")
        say(f"not acknowledged within {_CLOSE_S:.0f} s: {shown}")
    if sender.reason:
        say(f"first reason of a send that was not acknowledged: {sender.reason}")
    failed = sum(count for outcome, count in sender.outcomes.items() if outcome is not Outcome.ACKED)
    return ExitCode.FAILURE if failed else ExitCode.OK


def _check_topics(project: Project, topics: tuple[str, ...]) -> None:
    """Raise BrokerUnavailable or BrokerError now, with what to do, rather than let events wait for their timeout."""
    missing = sorted(set(topics) - project.observe(topics).topics.keys())
    if missing:
        raise BrokerError(f"the cluster has no topic {' and no topic '.join(missing)}", hint="Run: avroad apply")


def _print(events: Iterable[Sending], options: Options) -> None:
    """Write events as JSON lines until they run out or somebody stops it."""
    pace = Pace(options.rate)
    ends_at = time.monotonic() + options.duration_s if options.duration_s is not None else None
    with stopping() as stop:
        for sending in _until(events, ends_at):
            pace.wait(stop)
            if stop.is_set():
                return
            line = {"event_type": sending.type_name, "topics": list(sending.topics), "value": plain(sending.event)}
            sys.stdout.write(f"{json.dumps(line, ensure_ascii=False)}\n")
            if options.rate:
                sys.stdout.flush()


def _until(events: Iterable[Sending], ends_at: float | None) -> Iterator[Sending]:
    for event in events:
        if ends_at is not None and time.monotonic() >= ends_at:
            return
        yield event
