"""`avroad evolve release`: a reviewed change to an environment, past every step that must not be missing."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from avroad.cli.apply import agree, carry_out, mend_levels, verified
from avroad.cli.context import Context
from avroad.cli.output import emit, output_option, say, style
from avroad.cli.plan import Target, allow_options, open_target, show_plan
from avroad.cli.words import counted
from avroad.errors import AvroadError, ExitCode

if TYPE_CHECKING:  # the command's imports stay inside it: help must be fast
    from avroad.admin import Plan
    from avroad.cli.release import Release, Written

__all__ = ["release"]


_EXAMPLES = """\b
Examples:
  avroad evolve release --dry-run
  avroad evolve rehearse && avroad evolve release
  avroad evolve release -e production --rehearsal rehearsal.json --yes
  avroad evolve release --allow-breaking traffic.Location="not read yet"

\b
Exit codes: 0 done, 1 failure, 3 check, lint, rehearsal or plan find a break
of the contract, 4 refused: not rehearsed, stale, or anything apply refuses.
"""


@click.command(epilog=_EXAMPLES, short_help="Take a change to an environment, if no step is missing.")
@click.option("--dry-run", is_flag=True, help="Show every step, the plan and the changelog's entries; write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask; what drops data still needs --allow-destructive.")
@click.option(
    "--rehearsal", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="The result of another machine's: evolve rehearse --output json (default: what was rehearsed here).",
)  # fmt: skip
@click.option("--allow-destructive", multiple=True, metavar="TOPIC", help="Let this topic lose data. Repeatable.")
@allow_options
@output_option()
@click.pass_obj
def release(
    context: Context, *, dry_run: bool, yes: bool, rehearsal: Path | None, allow_destructive: tuple[str, ...],
    allow_partitions: dict[str, str], allow_breaking: dict[str, str], output: str,
) -> int:  # fmt: skip
    """Check, lint, rehearsal, plan, apply, lock, changelog: all of it, or nothing.

    The check is that of schema check, against the environment's registry. The
    rehearsal must have played exactly what is declared now against all that is
    in play now: results are bound to fingerprints, and one that a change has
    overtaken is stale. What is missing is named, with the command that supplies it.

    Then the plan is carried out as apply does it, and each version that was
    registered gets an entry in the changelog beside the environment's lock. A run
    that was killed before that writes it the next time.
    """
    from avroad.cli.release import Release  # noqa: PLC0415  # keeps help fast
    from avroad.cli.release_files import given_certificates  # noqa: PLC0415

    rehearsed = None if rehearsal is None else given_certificates(rehearsal)
    with open_target(context) as target:
        made = target.plan(allow_partitions, allow_breaking)
        run = Release(context, target, made, rehearsed)
        if target.lock_error:
            say(f"warning: {target.lock_error}. The record of allowed breaks in it is lost unless git has it")
        if output == "text":
            _show(made, run, dry_run=dry_run)
        blocked = next((step for step in run.steps if step.blocks), None)
        if blocked is not None:
            if output == "json":
                emit(_document(made, run, dry_run=dry_run, done=False))
            mend_levels(target, yes=yes, writes=not dry_run)
            raise blocked.error()
        allowed = set(allow_destructive)
        if not (made.empty or dry_run or yes):
            allowed |= agree(made, allowed)
        with verified(made, target, allowed, yes=yes, writes=not dry_run):
            done = not (dry_run or run.empty)
            written = _carry_out(made, target, run) if done else ()
            if not (dry_run or done):
                run.tidy()
    if output == "json":
        emit(_document(made, run, dry_run=dry_run, done=done, written=written))
    elif dry_run:
        say("Dry run: everything was checked, nothing was written.")
    elif not done:
        say("Nothing to release.")
    return ExitCode.OK


def _carry_out(made: Plan, target: Target, run: Release) -> tuple[Written, ...]:
    """Apply and write the changelog, also of what was done before a failure, which is raised then."""
    with run.begun():
        if not made.empty:
            report = carry_out(made, target)
            if report.error is not None:
                with suppress(AvroadError, OSError):  # the next run writes what this one cannot
                    run.write_down()
                raise report.error
        try:
            written = run.write_down()
        except (AvroadError, OSError):
            say("Everything is applied; only the changelog is not written. The next run of this command writes it.")
            raise
    for each in written:
        say(f"released {each.entry.subject}, version {each.version}, id {each.id}")
    if written:
        _, changelog = _places(run)
        say(f"The changelog is in {changelog}, beside the lock.")
    return written


def _show(made: Plan, run: Release, *, dry_run: bool) -> None:
    from avroad.evolve.release_render import steps_text  # noqa: PLC0415  # keeps help fast

    emit(show_plan(made))
    if dry_run and (run.due or run.entries):
        count, changelog = _places(run)
        emit(f"\nChangelog: {counted(count, 'new entry', 'new entries')} in {changelog}\n\n")
        emit("\n".join([*(each.text for each in run.due), *(entry.text() for entry in run.entries)]))
    emit("\n".join(["\nRelease", *steps_text(run.steps, style)]))


def _places(run: Release) -> tuple[int, str]:
    from avroad.cli.release import shown  # noqa: PLC0415  # keeps help fast

    return len(run.due) + len(run.entries), shown(run.changelog)


def _document(
    made: Plan, run: Release, *, dry_run: bool, done: bool, written: tuple[Written, ...] = ()
) -> dict[str, Any]:
    """done: whether everything was carried out; then the entries are those that were written."""
    from avroad.admin import plan_to_json  # noqa: PLC0415  # keeps help fast
    from avroad.evolve.release import State  # noqa: PLC0415
    from avroad.evolve.release_render import steps_json  # noqa: PLC0415

    steps = [replace(step, state=State.OK) if done and step.state is State.DUE else step for step in run.steps]
    planned = () if done else run.entries
    return {
        "environment": made.environment,
        "dry_run": dry_run,
        "released": done,
        "steps": steps_json(steps),
        "plan": {key: value for key, value in plan_to_json(made).items() if key != "format_version"},
        "changelog": str(run.changelog),
        "entries": [
            *(_entry(each.entry.subject, each.text, each.version, each.id) for each in (written if done else run.due)),
            *(_entry(entry.subject, entry.text()) for entry in planned),
        ],
    }


def _entry(subject: str, text: str, version: int | None = None, schema_id: int | None = None) -> dict[str, Any]:
    return {"subject": subject, "version": version, "id": schema_id, "text": text}
