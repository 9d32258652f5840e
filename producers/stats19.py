"""UK road collisions (STATS19 CSV) as accidents: python -m producers.stats19 FILE...

Every row below the header becomes an event or a counted refusal with its reason.
"""

from __future__ import annotations

if __name__ == "__main__":  # first of all, because the other imports take a moment
    from avroad.cli.interrupts import end_on_interrupt

    end_on_interrupt()

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import click

from avroad.cli.context import Context
from avroad.cli.main import run_app
from avroad.cli.output import say
from avroad.errors import EncodeError
from producers.run import Options, run, sending_options
from producers.sending import Sending
from producers.stats19_accident import Refused, accident
from producers.stats19_rows import Refusal, read_rows
from schemas.traffic import Accident

__all__ = ["Refusals", "main", "sendings"]

EVENTS = "traffic.events"
SOURCE_URI = "https://data.gov.uk/dataset/road-accidents-safety-data"
SAMPLE = Path(__file__).parent / "samples" / "collisions_york_sample.csv"
_SHOWN = 10

_EXAMPLES = """\b
Examples:
  python -m producers.stats19 --sample
  python -m producers.stats19 collisions.csv --refusals refused.txt
  python -m producers.stats19 --sample --dry-run --count 1

\b
Exit code 0 when every accepted row was acknowledged; refused rows are counted
and listed, they are no failure of the program.
"""


class Refusals:
    """Refused rows: counted by reason, the first ones shown, all of them written to a file when asked for."""

    def __init__(self, path: Path | None = None) -> None:
        self.reasons: Counter[str] = Counter()
        self._file: TextIO | None = None if path is None else path.open("w", encoding="utf-8", newline="\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, refusal: Refusal) -> None:
        """Count one refused row."""
        if self.reasons.total() < _SHOWN:
            say(f"refused {refusal}")
        self.reasons[refusal.reason] += 1
        if self._file is not None:
            self._file.write(f"{refusal}\n")

    def encoding(self, sending: Sending, error: EncodeError) -> None:
        """Count a row whose event does not fit the schema."""
        file, _, line = sending.origin.rpartition(":")
        self.add(Refusal(file=file, line=int(line), reason="does not fit the schema", detail=str(error)))


def sendings(files: Iterable[Path], refusals: Refusals) -> Iterator[Sending]:
    """Yield one event per acceptable row of the files, in order; tell `refusals` the others.

    A second row of the same date and place is refused: it would be another event under the same situation.
    """
    seen: dict[str, str] = {}
    for path in files:
        for row in read_rows(path):
            refusal = row if isinstance(row, Refusal) else None
            if not isinstance(row, Refusal):
                try:
                    event = accident(row)
                except Refused as error:
                    refusal = Refusal(file=row.file, line=row.line, reason=error.reason, detail=error.detail)
                else:
                    first = seen.setdefault(event.situation_id, f"{row.file}:{row.line}")
                    if first == f"{row.file}:{row.line}":
                        yield _sending(event, first)
                        continue
                    reason, detail = "same date and place as an earlier row", first
                    refusal = Refusal(file=row.file, line=row.line, reason=reason, detail=detail)
            if refusal is not None:
                refusals.add(refusal)


def _sending(event: Accident, origin: str) -> Sending:
    name = type(event).__avro_fullname__
    return Sending(event=event, event_id=str(event.event_id), type_name=name, topics=(EVENTS,), origin=origin)


@click.command(epilog=_EXAMPLES)
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sample", is_flag=True, help="Send the extract of York, 2005-2014, that comes with the project.")
@click.option(
    "--refusals",
    "refusals_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write every refused row there: file, line, reason.",
)
@sending_options(default_rate=0.0)
@click.pass_obj
def main(  # noqa: PLR0917  # click passes one argument per option
    context: Context, files: tuple[Path, ...], sample: bool, refusals_file: Path | None,  # noqa: FBT001
    rate: float, count: int | None, ledger: Path | None, dry_run: bool,  # noqa: FBT001
) -> int:  # fmt: skip
    """Send UK road collisions (STATS19 CSV) as accident events.

    Every row becomes an event or a counted refusal. Replaying a file repeats its event ids.
    """
    if not files and not sample:
        raise click.UsageError("expected a STATS19 file or --sample, found neither")
    chosen = [SAMPLE, *files] if sample else list(files)
    options = Options(rate=rate, count=count, ledger=ledger, dry_run=dry_run)
    with Refusals(refusals_file) as refusals:
        events = sendings(chosen, refusals)
        code = run(
            context, events, options, source_uri=SOURCE_URI, topics=(EVENTS,), on_refused=refusals.encoding
        )  # fmt: skip
        for reason, number in refusals.reasons.most_common():
            say(f"refused {number:,} rows: {reason}")
        if not refusals.reasons:
            say("refused no row")
    if sample:
        say("Contains Department for Transport road safety data, Open Government Licence v3.0.")
    return code


if __name__ == "__main__":
    run_app(main)
