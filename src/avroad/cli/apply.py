"""`avroad apply`: carry out a plan, saved or fresh, after someone has agreed to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from avroad.cli.context import Context
from avroad.cli.output import emit, output_option, say
from avroad.cli.plan import Target, allow_options, open_target, show_plan
from avroad.cli.signals import held_back, interruptible
from avroad.cli.streams import fitted
from avroad.config.filelock import LockBusy, exclusive
from avroad.config.state import state_dir
from avroad.errors import (
    AvroadError,
    ClusterMismatch,
    ConfigError,
    DestructiveRefused,
    ExitCode,
    IncompatibleSchema,
    PlanError,
)

if TYPE_CHECKING:  # the command's imports stay inside it: help must be fast
    from avroad.admin import ApplyReport, Plan

__all__ = ["agree", "apply", "carry_out", "mend_levels", "verified"]

_WAIT_S: Final = 60.0


_EXAMPLES = """\b
Examples:
  avroad apply
  avroad apply -e production plan.json --yes
  avroad apply --yes --allow-destructive traffic.events
  avroad apply --dry-run

\b
Exit codes: 0 done, 1 failure, 3 a schema is refused, 4 refused: anything else
in the plan, a stale plan, the wrong cluster, lost data, or nobody agreed.
"""


@click.command(epilog=_EXAMPLES)
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
    sets it again, even if its plan is refused, and writes the reason into the lock: until then it is kept in a
    file beside the lock, named after it with .pending.
    """
    from avroad.admin import read_plan  # noqa: PLC0415  # keeps help fast

    for flag, given in (("--allow-partitions", allow_partitions), ("--allow-breaking", allow_breaking)):
        if plan_file is not None and given:
            raise ConfigError(f"{flag} belongs to plan: a saved plan is carried out as it is")
    saved = read_plan(plan_file) if plan_file is not None else None
    with open_target(context) as target:
        made = saved or target.plan(allow_partitions, allow_breaking)
        if output == "text":
            emit(show_plan(made))
        allowed = set(allow_destructive)
        if not (made.empty or made.refusals or dry_run or yes):
            allowed |= agree(made, allowed)
        with verified(made, target, allowed, yes=yes, writes=not dry_run):
            if dry_run or made.empty:
                return _nothing_written(made, target, output, dry_run=dry_run)
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


@contextmanager
def verified(made: Plan, target: Target, allowed: set[str], *, yes: bool, writes: bool) -> Iterator[None]:
    """Run the block if the plan may be carried out now, as `avroad.admin.verify` says, and no other apply runs here.

    allowed: topics that may lose data. writes: false holds no other apply off. When the plan is refused, a level that
    is NONE is seen to first: `mend_levels`. Raises what `verify` does; PlanError when another apply does not end.
    """
    with ExitStack() as stack:
        if writes:
            stack.enter_context(_alone(target))
        try:
            _verify(made, target, allowed)
        except (PlanError, IncompatibleSchema) as refused:
            stack.close()
            mend_levels(target, yes=yes, writes=writes and not isinstance(refused, ClusterMismatch))
            raise
        yield


def mend_levels(target: Target, *, yes: bool, writes: bool) -> None:
    """Take subjects from NONE to the level they are declared at, although what was asked for is refused.

    A killed apply leaves such a level, and until it is set again the subject takes any schema from anybody. Where
    nothing may be written, or nobody agrees, it is said which command does it. Raises what stops the writing.
    """
    try:
        restored = target.plan({}, {}).restored_levels
    except AvroadError:
        return  # the refusal that is raised next says as much
    if restored.empty:
        return
    say("That is refused, but a killed apply left the level of these at NONE:")
    for change in restored.changes:
        say(f"  {change.target}")
    if writes and not yes:
        try:
            agree(restored, set())
        except DestructiveRefused:
            writes = False
    if not writes:
        say(f"Until it is set again, they take any schema. Run: avroad apply -e {restored.environment}")
        return
    with _alone(target):
        _verify(restored, target, set())
        report = carry_out(restored, target)
    if report.error is not None:
        raise report.error


@contextmanager
def _alone(target: Target) -> Iterator[None]:
    """Hold off other applies of this checkout: the later one then finds its plan stale, and records stay whole."""
    name = target.desired.environment
    try:
        with exclusive(
            state_dir(target.root) / name / "apply.lock",
            wait_s=_WAIT_S,
            on_wait=lambda: say(f"Another apply to environment {name} runs on this machine; waiting for its end."),
        ):
            yield
    except LockBusy:
        raise PlanError(
            f"another apply to environment {name} runs on this machine",
            hint="Wait for its end and run the command again.",
        ) from None


def _verify(made: Plan, target: Target, allowed: set[str]) -> None:
    from avroad.admin import verify  # noqa: PLC0415  # keeps help fast
    from avroad.contracts.pending import read_pending  # noqa: PLC0415

    verify(
        made,
        target.admin,
        target.registry,
        environment=target.desired.environment,
        cluster_id=target.desired.cluster_id,
        allow_destructive=allowed,
        lock=target.lock(),
        pending=read_pending(target.lock_path),
    )


def _nothing_written(made: Plan, target: Target, output: str, *, dry_run: bool) -> int:
    from avroad.admin import ApplyReport  # noqa: PLC0415  # keeps help fast
    from avroad.admin import apply as execute  # noqa: PLC0415

    if not dry_run:
        execute(made, target.admin, target.registry, lock_path=target.lock_path)  # drops what was begun and is known
    if output == "json":
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
