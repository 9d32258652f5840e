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
from typing import Self

import click

from avroad.cli.context import Context
from avroad.cli.main import run_app
from avroad.cli.output import say
from avroad.cli.words import counted
from avroad.errors import EncodeError
from producers.outputs import OutputFile, check_outputs
from producers.run import Options, run, sending_options
from producers.sending import Sending
from producers.stats19_accident import USED, Refused, accident
from producers.stats19_rows import Refusal, Row, read_rows
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
    """Rows, and the refused ones among them: counted by reason, the first ones shown, all written to a file if asked.

    rows: lines read below the headers; each is an event or a refusal.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.reasons: Counter[str] = Counter()
        self.rows = 0
        self._file = OutputFile(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)

    def add(self, refusal: Refusal) -> None:
        """Count one refused row. Raises WriteFailed."""
        if self.reasons.total() < _SHOWN:
            say(f"refused {refusal}")
        self.reasons[refusal.reason] += 1
        self._file.write(f"{refusal}")

    def encoding(self, sending: Sending, error: EncodeError) -> None:
        """Count a row whose event does not fit the schema. Raises WriteFailed."""
        file, _, line = sending.origin.rpartition(":")
        self.add(Refusal(file=file, line=int(line), reason="does not fit the schema", detail=str(error)))

    def summary(self) -> str:
        """Return how many rows became what, and why not."""
        refused = self.reasons.total()
        lines = [f"read {counted(self.rows, 'row')}: {counted(self.rows - refused, 'event')}, {refused:,} refused"]
        return "\n".join(
            lines + [f"refused {counted(count, 'row')}: {reason}" for reason, count in self.reasons.most_common()]
        )


def sendings(files: Iterable[Path], refusals: Refusals) -> Iterator[Sending]:
    """Yield one event per acceptable row of the files, in order; tell `refusals` the others.

    A second row of the same date and place is refused: it would be another event under the same situation.
    """
    seen: dict[str, str] = {}
    for path in files:
        before, told = refusals.rows, False
        for row in read_rows(path):
            refusals.rows += 1
            if isinstance(row, Refusal):
                refusals.add(row)
                continue
            told = told or _tell_missing(row)
            try:
                event = _new_accident(row, seen)
            except Refused as error:
                refusals.add(Refusal(file=row.file, line=row.line, reason=error.reason, detail=error.detail))
            else:
                yield _sending(event, f"{row.file}:{row.line}")
        if refusals.rows == before:
            say(f"{path.as_posix()}: a header, and no row below it")


def _new_accident(row: Row, seen: dict[str, str]) -> Accident:
    """Return the event of a row; seen: where each situation stood first. Raises Refused."""
    event, origin = accident(row), f"{row.file}:{row.line}"
    first = seen.setdefault(event.situation_id, origin)
    if first != origin:
        raise Refused("same date and place as an earlier row", first)
    return event


def _tell_missing(row: Row) -> bool:
    """Say which columns the file of a row does not have: nothing is left unknown in silence."""
    missing = [name for name in USED if name not in row.cells]
    if missing:
        say(f"{row.file}: no column {', '.join(missing)}: what they tell stays unknown")
    return True


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
    help="Write every refused row there: file, line, reason. A file that holds something is refused.",
)
@sending_options(default_rate=0.0)
@click.pass_obj
def main(  # noqa: PLR0917  # click passes one argument per option
    context: Context, files: tuple[Path, ...], sample: bool, refusals_file: Path | None,  # noqa: FBT001
    rate: float, count: int | None, ledger: Path | None, overwrite: bool, dry_run: bool,  # noqa: FBT001
) -> int:  # fmt: skip
    """Send UK road collisions (STATS19 CSV) as accident events.

    Every row becomes an event or a counted refusal. Replaying a file repeats its event ids.
    """
    if not files and not sample:
        raise click.UsageError("expected a STATS19 file or --sample, found neither")
    chosen = [SAMPLE, *files] if sample else list(files)
    check_outputs({"--ledger": ledger, "--refusals": refusals_file}, chosen, overwrite=overwrite)
    for path in chosen:
        if path.is_file():  # before anything is sent: is each of them what it should be?
            next(read_rows(path), None)
    options = Options(rate=rate, count=count, ledger=ledger, dry_run=dry_run)
    with Refusals(refusals_file) as refusals:
        events = sendings(chosen, refusals)
        try:
            code = run(
                context, events, options, source_uri=SOURCE_URI, topics=(EVENTS,), on_refused=refusals.encoding
            )  # fmt: skip
        finally:
            if refusals.rows:
                say(refusals.summary())
    if sample:
        say("Contains Department for Transport road safety data, Open Government Licence v3.0")
    return code


if __name__ == "__main__":
    run_app(main)
