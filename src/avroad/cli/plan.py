"""`avroad plan`: what apply would do, as text, JSON or GitHub annotations."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from avroad.cli.context import Context
from avroad.cli.output import emit, output_option, say, style
from avroad.errors import ExitCode, LockError

if TYPE_CHECKING:  # the command's imports stay inside it: help must be fast
    from avroad.admin import Actual, Desired, Plan
    from avroad.contracts import Catalog
    from avroad.contracts.lock import SchemaLock
    from avroad.ports import ClusterAdmin, Registry

__all__ = ["Target", "allow_options", "open_target", "plan", "show_plan"]


_EXAMPLES = """\b
Examples:
  avroad plan
  avroad plan -e production --out plan.json
  avroad apply -e production plan.json
  avroad plan --output json --detailed-exitcode
  avroad plan --allow-partitions traffic.events="twice the load since May"
  avroad plan --allow-breaking traffic.Location="nobody reads it yet"

\b
Exit codes: 0 done, 1 failure, 2 changes (with --detailed-exitcode), 3 a
schema is refused, 4 anything else is refused, or this is the wrong cluster.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One environment with its open edges. lock_error: why a lock that is there cannot be read, else "".

    root: the project's folder, which holds the accepted findings. warnings: what else is to be said of a plan.
    """

    catalog: Catalog
    desired: Desired
    admin: ClusterAdmin
    registry: Registry
    lock_path: Path
    root: Path
    lock_error: str = ""
    warnings: Callable[[Plan], tuple[str, ...]] = lambda _plan: ()

    def lock(self) -> SchemaLock | None:
        """Return the lock as it is now; one that could not be read when this was opened counts as none."""
        from avroad.contracts.lock import read_lock  # noqa: PLC0415  # keeps help fast

        return read_lock(self.lock_path) if self.lock_path.exists() and not self.lock_error else None

    def observe(self) -> Actual:
        """Read cluster, registry, lock and what was begun, once. Raises LockError for a break begun elsewhere."""
        from avroad.admin import observe  # noqa: PLC0415  # keeps help fast
        from avroad.admin.begun import require_own  # noqa: PLC0415
        from avroad.cli.accepted import accepted_findings  # noqa: PLC0415
        from avroad.contracts.pending import pending_path, read_pending  # noqa: PLC0415

        accepted, pending = accepted_findings(self.root), read_pending(self.lock_path)
        actual = observe(self.admin, self.registry, self.desired, self.lock(), exemptions=accepted, pending=pending)
        require_own(actual, str(pending_path(self.lock_path)))
        return actual

    def plan(self, allow_partitions: Mapping[str, str], allow_breaking: Mapping[str, str]) -> Plan:
        """Observe and compare. Raises ClusterMismatch and PlanError as `diff` does."""
        from avroad.admin import diff  # noqa: PLC0415  # keeps help fast
        from avroad.cli.who import user_name  # noqa: PLC0415

        made = diff(
            self.desired,
            self.observe(),
            allow_partitions=allow_partitions,
            allow_breaking=allow_breaking,
            allowed_by=user_name(),
        )
        return dataclasses.replace(made, warnings=(*made.warnings, *self.warnings(made)))


@contextmanager
def open_target(context: Context) -> Iterator[Target]:
    """Load the project and open cluster and registry; the registry's connections are closed at the end."""
    from avroad.admin import desired_state  # noqa: PLC0415  # keeps help fast
    from avroad.cli.hurt import pinned_warnings  # noqa: PLC0415  # keeps help fast
    from avroad.contracts.lock import read_lock  # noqa: PLC0415

    project = context.project()
    path = project.environment.lock
    problem = ""
    if path.exists():
        try:
            read_lock(path)
        except LockError as error:
            problem = str(error)
    registry = project.registry()
    try:
        yield Target(
            catalog=project.catalog,
            desired=desired_state(project.catalog, project.environment),
            admin=project.cluster_admin(),
            registry=registry,
            lock_path=path,
            root=project.root,
            lock_error=problem,
            warnings=partial(pinned_warnings, context, project),
        )
    finally:
        registry.close()


def _allowances(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    from avroad.schema import not_utf8  # noqa: PLC0415  # keeps help fast

    allowed: dict[str, str] = {}
    for value in values:
        name, equals, reason = value.partition("=")
        name = name.strip()
        if not equals or not name or not reason.strip():
            raise click.BadParameter(f"expected {param.metavar}, found {value[:80]!r}", ctx=ctx, param=param)
        if not_utf8(value):
            raise click.BadParameter("expected text in UTF-8, found other bytes", ctx=ctx, param=param)
        if name in allowed:
            raise click.BadParameter(f"{name} is given twice", ctx=ctx, param=param)
        allowed[name] = " ".join(reason.split())
    return allowed


def allow_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options that let something be done which a plan refuses, each with a reason."""
    partitions = click.option(
        "--allow-partitions",
        callback=_allowances,
        multiple=True,
        metavar="TOPIC=REASON",
        help="Let a topic's partitions be raised; keys then move to other partitions. Repeatable.",
    )
    breaking = click.option(
        "--allow-breaking",
        callback=_allowances,
        multiple=True,
        metavar="SUBJECT=REASON",
        help="Let a new version break readers or data; the lock keeps who, why and what. Repeatable.",
    )
    return partitions(breaking(command))


def show_plan(made: Plan) -> str:
    """Return the plan as text, in colour where stdout wants it."""
    from avroad.admin import plan_text  # noqa: PLC0415  # keeps help fast

    return plan_text(made, style)


@click.command(epilog=_EXAMPLES)
@output_option("github")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Save the plan for: avroad apply FILE.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there is something to apply.")
@allow_options
@click.pass_obj
def plan(
    context: Context,
    *,
    output: str,
    out: Path | None,
    detailed_exitcode: bool,
    allow_partitions: dict[str, str],
    allow_breaking: dict[str, str],
) -> int:
    """Show what apply would change on cluster, registry and lock; change nothing.

    Topics are compared by where a setting comes from, schemas by what they mean: documentation, formatting and
    values the broker gives anyway are no change. What cannot be done is listed as refused.

    For a new version both verdicts are shown, the registry's and that of avroad's own engine: compatible, safe, same
    meaning. A no of either is refused, unless the break is meant: --allow-breaking, or, for what the registry takes,
    an entry in admin/exceptions.yaml.
    """
    from avroad.admin import plan_to_json, write_plan  # noqa: PLC0415  # keeps help fast
    from avroad.admin.render import github_lines  # noqa: PLC0415  # keeps help fast

    with open_target(context) as target:
        made = target.plan(allow_partitions, allow_breaking)
    if output == "text":
        emit(show_plan(made))
    else:
        emit(plan_to_json(made) if output == "json" else github_lines(made))
    if target.lock_error:
        say(f"warning: {target.lock_error}. The record of allowed breaks in it is lost unless git has it")
    if out is not None:
        write_plan(out, made)
        say(f"The plan is in {out}. Carry it out with: avroad apply -e {made.environment} {out}")
    if made.refusals:
        return ExitCode.CONTRACT if made.breaks_contract else ExitCode.REFUSED
    return ExitCode.CHANGES if detailed_exitcode and not made.empty else ExitCode.OK
