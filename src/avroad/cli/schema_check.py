"""`avroad schema check`: the declared schemas against what was before them, offline in git or from a registry."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from avroad.cli.context import Context
from avroad.cli.output import emit, output_option, style
from avroad.errors import ExitCode

if TYPE_CHECKING:  # the command's imports stay inside it: help must be fast
    from avroad.contracts.check_report import CheckReport
    from avroad.contracts.subject_check import Policy
    from avroad.model import Level

__all__ = ["check", "check_project"]

_MODES = ("BACKWARD", "FORWARD", "FULL", "BACKWARD_TRANSITIVE", "FORWARD_TRANSITIVE", "FULL_TRANSITIVE", "NONE")


_EXAMPLES = """\b
Examples:
  avroad schema check
  avroad schema check --against git:v1.4.0 --output github
  avroad schema check --against registry -e production
  avroad schema check --against export:subjects.json --mode FULL

\b
Exit codes: 0 ok, 3 contract violation, 64 usage: no git, no such revision.
"""


class _Mode(click.Choice[str]):
    """A mode in any case; click would list them in lower case, as nobody writes them."""

    def normalize_choice(self, choice: object, ctx: click.Context | None) -> str:  # noqa: ARG002  # click's signature
        return str(choice).upper()


@click.command(epilog=_EXAMPLES, short_help="Check that no schema change breaks readers or data.")
@click.option(
    "--against", metavar="WHAT", default="",
    help="git:REV, dir:PATH, registry or export:FILE (default: where the branch left the main one).",
)  # fmt: skip
@click.option(
    "--mode", metavar="MODE", type=_Mode(_MODES),
    help="Instead of the declared levels: BACKWARD, FORWARD or FULL, also with _TRANSITIVE, or NONE.",
)  # fmt: skip
@click.option("--unsafe", type=click.Choice(("warn", "fail")), default="fail", show_default=True,
              help="Data that some reader cannot read or reads wrongly, although a registry accepts it.")  # fmt: skip
@click.option("--meaning", type=click.Choice(("warn", "fail")), default="fail", show_default=True,
              help="Values that mean something else afterwards.")  # fmt: skip
@click.option("--pinned", type=click.Choice(("warn", "fail")), default="warn", show_default=True,
              help="Declared programs pinned to a version that cannot read new data.")  # fmt: skip
@output_option("junit", "github")
@click.pass_obj
def check(
    context: Context, *, against: str, mode: str | None, unsafe: str, meaning: str, pinned: str, output: str
) -> int:  # fmt: skip
    """Compare every declared subject with the versions before it, in its mode.

    Three answers each: compatible (what a registry says), safe (what readers do),
    same meaning. With git, transitive modes compare with every version the file
    ever had on the main branch. Accepted findings stand in admin/exceptions.yaml.

    With each change comes the order in which to update: who goes first, and which
    programs of admin/applications would fail on which data. It fails nothing but,
    with --pinned fail, programs that keep a version which cannot read new data.
    """
    from avroad.contracts.subject_check import Policy  # noqa: PLC0415  # keeps help fast
    from avroad.model import Level  # noqa: PLC0415

    policy = Policy(unsafe_fails=unsafe == "fail", meaning_fails=meaning == "fail", pinned_fails=pinned == "fail")
    report = check_project(context, against, policy, mode=Level(mode) if mode else None)
    _show(context.folder(), report, output)
    return ExitCode.CONTRACT if report.failed else ExitCode.OK


def check_project(context: Context, against: str, policy: Policy, *, mode: Level | None = None) -> CheckReport:
    """Return the check of all that is declared; against: as the option says; mode: instead of what is declared.

    Raises ContractError, ConfigError, GitError, RegistryError, SchemaSyntaxError.
    """
    from avroad.cli.accepted import accepted_findings  # noqa: PLC0415  # keeps help fast
    from avroad.cli.against import baseline_of  # noqa: PLC0415
    from avroad.cli.allowed import with_allowed_breaks  # noqa: PLC0415  # keeps help fast
    from avroad.cli.pins import Pins  # noqa: PLC0415
    from avroad.contracts import load_catalog  # noqa: PLC0415
    from avroad.contracts.check_report import CheckReport  # noqa: PLC0415
    from avroad.contracts.rollout import Advisor  # noqa: PLC0415
    from avroad.contracts.subject_check import check_subjects  # noqa: PLC0415

    root = context.folder()
    exemptions = accepted_findings(root)
    catalog = load_catalog(root)
    baseline = baseline_of(context, root, catalog, against)
    advisor = Advisor(catalog, Pins(context, baseline).find, datetime.now(UTC).date())
    results = check_subjects(catalog, baseline, exemptions, policy, mode=mode, advisor=advisor)
    results = with_allowed_breaks(context, results, baseline.name)
    renamed = {result.state.removeprefix("renamed from ") for result in results}
    return CheckReport(
        against=baseline.name,
        results=results,
        removed=tuple(sorted(baseline.types.keys() - catalog.types.keys() - renamed)),
        leftovers=exemptions.leftovers(),
        notes=baseline.notes,
    )


def _show(root: Path, report: CheckReport, output: str) -> None:
    from avroad.contracts.check_report import (  # noqa: PLC0415
        check_json,
        check_text,
        github_annotations,
        junit_xml,
    )

    if output == "json":
        emit(check_json(report))
    elif output == "junit":
        emit(junit_xml(report))
    elif output == "github":
        emit("\n".join(github_annotations(report, lambda file, path: _line_of(root / file, path))))
    else:
        lines = list(check_text(report))
        colours = {"FAIL": "red", "ok": "green", "ok:": "green"}
        emit("\n".join(style(line, colours.get(line.partition(" ")[0], "dim"))
                       if line.partition(" ")[0] in colours else line for line in lines))  # fmt: skip


def _line_of(file: Path, path: str) -> int:
    """Return the line that names the last part of a field path, 0 when there is none: schemas need no layout."""
    import json  # noqa: PLC0415
    import re  # noqa: PLC0415

    name = re.sub(r"<[^>]*>|[\[\]{}]", "", path).rpartition(".")[2]
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return 0
    found = re.search(rf'"name"\s*:\s*{re.escape(json.dumps(name))}', text)
    return text.count("\n", 0, found.start()) + 1 if found else 0
