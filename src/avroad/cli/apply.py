"""`avroad apply`: carry out a plan, saved or fresh, after someone has agreed to it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from avroad.cli.context import Context
from avroad.cli.output import emit, output_option, say
from avroad.cli.plan import Target, allow_options, open_target, show_plan
from avroad.cli.signals import held_back, interruptible
from avroad.cli.streams import fitted
from avroad.errors import ConfigError, DestructiveRefused, ExitCode

if TYPE_CHECKING:  # the command's imports stay inside it: help must be fast
    from avroad.admin import ApplyReport, Plan

__all__ = ["agree", "apply", "carry_out", "verify_now"]


@click.command()
@click.argument("plan_file", required=False, type=click.Path(dir_okay=False, path_type=Path), metavar="[PLAN]")
@output_option()
@click.option("--yes", is_flag=True, help="Do not ask; what drops data still needs --allow-destructive.")
@click.option("--dry-run", is_flag=True, help="Check everything apply would check, then stop.")
@click.option("--allow-destructive", multiple=True, metavar="TOPIC", help="Let this topic lose data. Repeatable.")
@allow_options
@click.pass_obj
def apply(
    context: Context,
    *,
    plan_file: Path | None,
    output: str,
    yes: bool,
    dry_run: bool,
    allow_destructive: tuple[str, ...],
    allow_partitions: dict[str, str],
    allow_breaking: dict[str, str],
) -> int:
    """Make cluster, registry and lock what the repository declares.

    With PLAN (from: avroad plan --out PLAN) exactly that plan is carried out, and refused when cluster or registry
    changed since. Without it a plan is made, shown and asked about. An apply that stops half-way says what was
    done; running it again does the rest.

    A version that was allowed to break is registered while the subject's level is NONE; the level is put back at
    once, also after a failure; Ctrl-C and SIGTERM wait for that. Should apply be killed in between, the next apply
    sets it again, even if the rest of its plan is refused.

    \b
    Examples:
      avroad apply
      avroad apply -e production plan.json --yes
      avroad apply --yes --allow-destructive traffic.events
      avroad apply --dry-run

    \b
    Exit codes: 0 done, 1 failure, 3 a schema is refused, 4 refused: anything else
    in the plan, a stale plan, the wrong cluster, lost data, or nobody agreed.
    """  # noqa: D301  # click's mark for a block that keeps its lines
    from avroad.admin import read_plan  # noqa: PLC0415  # keeps help fast

    for flag, given in (("--allow-partitions", allow_partitions), ("--allow-breaking", allow_breaking)):
        if plan_file is not None and given:
            raise ConfigError(f"{flag} belongs to plan: a saved plan is carried out as it is")
    saved = read_plan(plan_file) if plan_file is not None else None
    with open_target(context) as target:
        made = saved or target.plan(allow_partitions, allow_breaking)
        if output == "text":
            emit(show_plan(made))
        if made.refusals and saved is None and not dry_run:
            _restore_levels(made, target, yes=yes)
        allowed = set(allow_destructive)
        if not (made.empty or made.refusals or dry_run or yes):
            allowed |= agree(made, allowed)
        verify_now(made, target, allowed)
        if dry_run or made.empty:
            return _nothing_written(made, output, dry_run=dry_run)
        report = carry_out(made, target)
    if output == "json":
        emit(_document(made, report))
    if report.error is not None:
        raise report.error
    return ExitCode.OK


def agree(made: Plan, allowed: set[str]) -> set[str]:
    """Ask a person, and return the topics whose loss of data was confirmed by typing their name.

    allowed: topics about which nobody need be asked. Raises DestructiveRefused when nobody is there or agrees.
    """
    if not sys.stdin.isatty():
        raise DestructiveRefused("nothing was written: stdin is not a terminal, so nobody was asked; is --yes missing?")
    confirmed = set()
    for topic in made.destructive:
        if topic in allowed:
            continue
        asked = fitted(f"This drops data of {topic}. Type its name to go on", sys.stderr)
        typed = click.prompt(asked, default="", err=True)
        if typed.strip() != topic:
            raise DestructiveRefused(f"dropping data of {topic} was not confirmed; nothing was written")
        confirmed.add(topic)
    question = f"Apply this to environment {made.environment}, cluster {made.cluster_id}, registry {made.registry}?"
    if not click.confirm(fitted(question, sys.stderr), default=False, err=True):
        raise DestructiveRefused("not confirmed; nothing was written")
    return confirmed


def verify_now(made: Plan, target: Target, allowed: set[str]) -> None:
    """Raise unless the plan may be carried out now; allowed: topics that may lose data. See `avroad.admin.verify`."""
    from avroad.admin import verify  # noqa: PLC0415  # keeps help fast

    verify(
        made,
        target.admin,
        target.registry,
        environment=target.desired.environment,
        cluster_id=target.desired.cluster_id,
        allow_destructive=allowed,
    )


def _restore_levels(made: Plan, target: Target, *, yes: bool) -> None:
    """Take subjects from NONE to the level they are declared at, although the rest of the plan is refused.

    A killed apply leaves such a level, and until it is set again the subject takes any schema from anybody.
    """
    restored = made.restored_levels
    if restored.empty:
        return
    say("The plan is refused, but these levels are NONE and can be set again:")
    for change in restored.changes:
        say(f"  {change.target}")
    if not yes:
        agree(restored, set())
    verify_now(restored, target, set())
    report = carry_out(restored, target)
    if report.error is not None:
        raise report.error


def _nothing_written(made: Plan, output: str, *, dry_run: bool) -> int:
    if output == "json":
        from avroad.admin import ApplyReport  # noqa: PLC0415  # keeps help fast

        emit(_document(made, ApplyReport(done=(), remaining=made.changes)) | {"dry_run": dry_run})
    elif dry_run:
        say("Dry run: everything was checked, nothing was written.")
    return ExitCode.OK


def carry_out(made: Plan, target: Target) -> ApplyReport:
    """Carry out a plan that was verified, say each step, and return what became of it.

    Raises KeyboardInterrupt when a signal ends it; a level that was lowered is put back before.
    """
    from avroad.admin import apply as execute  # noqa: PLC0415  # keeps help fast
    from avroad.admin import report_text  # noqa: PLC0415  # keeps help fast
    from avroad.admin.render import one_line  # noqa: PLC0415  # keeps help fast

    with interruptible():
        report = execute(
            made,
            target.admin,
            target.registry,
            lock_path=target.lock_path,
            progress=lambda change: say(one_line(change)),
            held_back=held_back,
        )
    say(report_text(report))
    if report.lock is not None:
        say(f"The lock is in {_shown(target.lock_path)}.")
    return report


def _document(made: Plan, report: ApplyReport) -> dict[str, Any]:
    from avroad.admin import plan_to_json  # noqa: PLC0415  # keeps help fast
    from avroad.admin.render import one_line  # noqa: PLC0415  # keeps help fast

    return {
        "plan": {key: value for key, value in plan_to_json(made).items() if key != "format_version"},
        "summary": dict(zip(("created", "changed", "left"), report.counts, strict=True)),
        "done": [one_line(change) for change in report.done],
        "remaining": [one_line(change, done=False) for change in report.remaining],
        "lock_written": report.lock is not None,
    }


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
