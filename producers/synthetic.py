"""Synthetic traffic of a city that does not exist, for demonstrations and load: python -m producers.synthetic.

The same seed gives the same events with the same ids. By default each carries the time at which it is made, and the
city runs in time lapse: what takes minutes on a road takes as long as its events need at the chosen rate. With
--start the clock is simulated too, and everything repeats.
"""

from __future__ import annotations

if __name__ == "__main__":  # first of all, because the other imports take a moment
    from avroad.cli.interrupts import end_on_interrupt

    end_on_interrupt()

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from avroad.cli.context import Context
from avroad.cli.main import run_app
from avroad.cli.output import say
from producers.city import City
from producers.outputs import check_outputs
from producers.run import FiniteRange, Options, run, sending_options
from producers.sending import Sending
from schemas.traffic import SpeedCamera

__all__ = ["live_clock", "main", "sendings", "simulated_clock"]

EVENTS = "traffic.events"
CAMERAS = "traffic.cameras"
SOURCE_URI = "urn:avroad:producers:synthetic"
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_LONGEST_S = 366 * 86_400

_EXAMPLES = """\b
Examples:
  python -m producers.synthetic
  python -m producers.synthetic --rate 200 --count 10000 --seed 7
  python -m producers.synthetic --dry-run --count 3 --seed 7 \\
      --start 2026-03-02T07:00:00Z

\b
Stop it with Ctrl-C: what was taken is delivered, and the exit code is 0.
It is 1 when a send was not acknowledged.
"""


def simulated_clock(start: datetime) -> Callable[[float], datetime]:
    """Return a clock that runs with the model, from `start` on."""
    return lambda model_s: start + timedelta(milliseconds=int(model_s * 1000))


def live_clock(now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Callable[[float], datetime]:
    """Return a clock that gives the present time in whole milliseconds and never goes back."""
    last = datetime.min.replace(tzinfo=UTC)

    def read(_model_s: float) -> datetime:
        nonlocal last
        moment = now()
        last = max(last, moment.replace(microsecond=moment.microsecond // 1000 * 1000))
        return last

    return read


def sendings(city: City) -> Iterator[Sending]:
    """Yield the city's events with their topics; a camera's go to its current state as well."""
    for event in city.events():
        topics = (EVENTS, CAMERAS) if isinstance(event, SpeedCamera) else (EVENTS,)
        yield Sending(
            event=event, event_id=str(event.event_id), type_name=type(event).__avro_fullname__, topics=topics
        )  # fmt: skip


def _start(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"expected ISO 8601, e.g. 2026-03-02T07:00:00Z, found {value[:40]!r}") from None
    if moment.tzinfo is None:
        raise click.BadParameter(f"expected a zone, e.g. {moment.isoformat()[:19]}Z, found {value[:40]!r}")
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:  # asked before anything is computed: it could leave the calendar
        raise click.BadParameter(f"expected a year from {_FIRST_YEAR} to {_LAST_YEAR}, found {value[:40]!r}")
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


@click.command(epilog=_EXAMPLES)
@sending_options(default_rate=5.0)
@click.option(
    "--duration",
    "duration_s",
    type=FiniteRange(min=0, min_open=True, max=_LONGEST_S),
    metavar="SECONDS",
    help="Stop after this time, at most a year.",
)
@click.option("--seed", type=click.IntRange(min=0), help="What happens; a new one is drawn and shown when left out.")
@click.option("--start", callback=_start, metavar="TIME", help="Simulate the clock too, from this ISO 8601 time on.")
@click.pass_obj
def main(  # noqa: PLR0917  # click passes one argument per option
    context: Context, rate: float, count: int | None, ledger: Path | None, overwrite: bool,  # noqa: FBT001
    dry_run: bool, duration_s: float | None, seed: int | None, start: datetime | None,  # noqa: FBT001
) -> int:  # fmt: skip
    """Send the traffic of a made-up city: jams that grow, move and dissolve, accidents that cause them, cameras.

    Runs until Ctrl-C unless --count or --duration ends it. All events carry information_status TEST.
    """
    check_outputs({"--ledger": ledger}, (), overwrite=overwrite)
    if seed is None:
        seed = random.SystemRandom().getrandbits(32)
        say(f"seed {seed} (repeat this traffic with --seed {seed})")
    city = City(seed, live_clock() if start is None else simulated_clock(start))
    options = Options(rate=rate, count=count, ledger=ledger, dry_run=dry_run, duration_s=duration_s)
    return run(context, sendings(city), options, source_uri=SOURCE_URI, topics=(EVENTS, CAMERAS))


if __name__ == "__main__":
    run_app(main)
