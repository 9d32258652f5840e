"""`avroad evolve rehearse`: who can read whom, played with every version and library on the real servers."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from avroad.cli.context import Context
from avroad.cli.output import emit, output_option, say, style
from avroad.cli.signals import interruptible
from avroad.errors import ConfigError, ExitCode

if TYPE_CHECKING:  # the command's imports stay inside it: help must be fast
    from avroad.evolve.implementations import Implementation
    from avroad.evolve.matrix import Rehearsal

__all__ = ["rehearse"]

_SEED = 20_260_501


_EXAMPLES = """\b
Examples:
  avroad evolve rehearse
  avroad evolve rehearse traffic.Accident --against git:v1.4.0
  avroad evolve rehearse --candidate git:feature --sample 200 --page out.html
  avroad evolve rehearse --all --output json

\b
Exit codes: 0 ok, 1 failure, 130 interrupted, 3 the declared mode is not met
or a rolling upgrade in the advised order hurts a record.
"""


@click.command(epilog=_EXAMPLES, short_help="Play old and new writers and readers against each other.")
@click.argument("names", metavar="[SUBJECT_OR_TYPE]...", nargs=-1)
@click.option(
    "--against", metavar="WHAT", default="registry", show_default=True,
    help="The versions before: registry, git:REV, dir:PATH or export:FILE.",
)  # fmt: skip
@click.option(
    "--candidate", metavar="WHAT", default="",
    help="What is rehearsed: git:REV or dir:PATH (default: the schemas as they are in schemas/).",
)  # fmt: skip
@click.option("--all", "every", is_flag=True, help="Every declared subject, not only those that changed.")
@click.option("--sample", type=click.IntRange(0, 100_000), default=0, metavar="N",
              help="Also the newest N real records of each topic: read only, outside any group.")  # fmt: skip
@click.option("--rolling/--no-rolling", default=True, show_default=True,
              help="Also play rolling upgrades: programs switched one at a time under traffic.")  # fmt: skip
@click.option("--seed", type=int, default=_SEED, show_default=True, help="Of the data that is made up.")
@click.option("--page", type=click.Path(dir_okay=False, path_type=Path), help="Write the matrix as one HTML file.")
@click.option("--dry-run", is_flag=True, help="Show what would be made and played; make nothing.")
@output_option()
@click.pass_obj
def rehearse(
    context: Context, *, names: tuple[str, ...], against: str, candidate: str, every: bool, sample: int, rolling: bool,
    seed: int, page: Path | None, dry_run: bool, output: str,
) -> int:  # fmt: skip
    """Play every version of what changed against every other, through the real broker and registry.

    In play are the versions before, those that programs in admin/applications are
    pinned to, and the candidate. Each writes data that exercises the change; each
    reads all of it with avroad's codec, confluent-kafka's deserializer, fastavro and
    Apache Avro Java. Values are compared too, not only success. Then: what registry
    and engine say, whether all agree, and the upgrade's order with its proof.

    That order is played too: two producers and two consumers in a group, switched one
    at a time under steady traffic, and compared by id; and once more in the other order.
    Consumers go on where the default would stop them. Readers pinned to a version read
    along unswitched.

    Warnings, no failures: what pinned readers meet, what libraries read that do not know a
    declared conversion. Findings that admin/exceptions.yaml accepts are shown and do not count.

    Scratch topics, groups and subjects are named avroad.rehearse.*, leased for 15 minutes and
    taken away at the end, after Ctrl-C too; what a killed run left goes with the next.
    Registries give no id twice: those of a run's schemas stay used up.
    What was proven is kept for avroad evolve release.
    """
    from avroad.cli.in_play import Request  # noqa: PLC0415  # keeps help fast
    from avroad.cli.rehearsal import Run  # noqa: PLC0415

    request = Request(
        names=names, against=against, candidate=candidate, every=every, sample=sample, seed=seed, rolling=rolling
    )
    if page is not None and dry_run:
        raise click.UsageError("--page shows what was played, and --dry-run plays nothing")
    _require_folder(page)
    with interruptible():
        run = Run(context, request, _progress if sys.stderr.isatty() else _silence)
        try:
            if dry_run:
                emit(run.plan_json() if output == "json" else "\n".join(run.plan_text()))
                return ExitCode.OK
            result = run.play(_libraries)
        finally:
            run.close()
    if result.subjects:
        _show(context, result, output)
    else:
        _nothing(result, output)
    if page is not None:
        _write_page(page, result)
    if not result.met:
        return ExitCode.CONTRACT
    return ExitCode.FAILURE if run.left else ExitCode.OK


def _require_folder(page: Path | None) -> None:
    if page is not None and not page.absolute().parent.is_dir():
        raise ConfigError("the page cannot be written", expected="a folder that is there", found=str(page.parent))


def _nothing(result: Rehearsal, output: str) -> None:
    """Say that there was nothing to rehearse."""
    if output == "json":
        emit({"met": True, "subjects": [], "certificates": [], "notes": [*result.notes]})
    else:
        emit("\n".join(["nothing to rehearse: no subject changed", *(f"note: {note}" for note in result.notes)]))


def _show(context: Context, result: Rehearsal, output: str) -> None:
    """Keep what a result proved for a release, and print it."""
    from avroad.cli.release_files import ReleaseFiles  # noqa: PLC0415  # keeps help fast
    from avroad.evolve.certificate import certificates_json, certificates_of  # noqa: PLC0415
    from avroad.evolve.render import rehearsal_json, rehearsal_text  # noqa: PLC0415

    certificates = certificates_of(result, datetime.now(UTC))
    ReleaseFiles(context.folder(), context.environment_name()).keep(certificates)
    document = rehearsal_json(result) | {"certificates": certificates_json(certificates)}
    emit(document if output == "json" else "\n".join(map(_coloured, rehearsal_text(result))))


@contextmanager
def _libraries(config: dict[str, str]) -> Iterator[tuple[Sequence[Implementation], Sequence[tuple[str, str]]]]:
    """Yield the libraries that can read here, and (name, reason) of those that cannot. config: the registry's."""
    from avroad.errors import AvroadError  # noqa: PLC0415
    from avroad.evolve.java import AvroJava  # noqa: PLC0415
    from avroad.evolve.libraries import Avroad, Confluent, Fastavro  # noqa: PLC0415

    found: list[Implementation] = [Avroad(), Fastavro()]
    missing: list[tuple[str, str]] = []
    try:
        found.insert(1, Confluent(config))
    except AvroadError as error:
        missing.append(("confluent", str(error)))
    try:
        from avroad.stack.avro_java import find_avro_java  # noqa: PLC0415  # an extra

        jars = find_avro_java()
        found.append(AvroJava(jars.libjvm, jars.class_path, jars.version))
    except ImportError:
        missing.append(("java", "it needs the extra of the local stack: pip install avroad[stack] jpype1"))
    except AvroadError as error:
        missing.append(("java", str(error)))
    try:
        yield found, missing
    finally:
        for library in found:
            library.close()


def _write_page(file: Path, result: Rehearsal) -> None:
    from avroad.config.replace import replace_text  # noqa: PLC0415
    from avroad.evolve.page import rehearsal_page  # noqa: PLC0415

    replace_text(file, rehearsal_page(result))
    say(f"written: {file}")


def _coloured(line: str) -> str:
    word = line.partition(" ")[0]
    colours = {"FAIL": "red", "ok": "green", "ok:": "green"}
    return style(line, colours[word]) if word in colours else line


def _progress(text: str) -> None:
    say(style(text, "dim", stream=sys.stderr))


def _silence(_text: str) -> None:
    """Say nothing: nobody watches."""
