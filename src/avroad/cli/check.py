"""`avroad check`: whether cluster, registry and lock still are what the repository declares."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING

import click

from avroad.cli.context import Context
from avroad.cli.output import emit, output_option, style
from avroad.cli.plan import open_target, show_plan
from avroad.cli.streams import fitted
from avroad.errors import ExitCode

if TYPE_CHECKING:  # the command's imports stay inside it: help must be fast
    from avroad.admin.drift import Drift

__all__ = ["check"]

_LISTED = 50


_EXAMPLES = """\b
Examples:
  avroad check
  avroad check -e production --output github
  avroad check --output json --detailed-exitcode

\b
Exit codes: 0 in sync, 1 drift (2 with --detailed-exitcode), 3 only the lock
is missing or wrong, so producers would not start, 4 the wrong cluster.
"""


@click.command(epilog=_EXAMPLES)
@output_option("github")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 instead of 1 for drift.")
@click.pass_obj
def check(context: Context, *, output: str, detailed_exitcode: bool) -> int:
    """Report drift between declarations, cluster, registry and lock; change nothing.

    A registered version newer than the declared one is drift too, though apply
    leaves it alone. What nobody declared is listed and is no drift.
    """
    from avroad.admin import diff, plan_to_json  # noqa: PLC0415  # keeps help fast
    from avroad.admin.drift import find_drift  # noqa: PLC0415  # keeps help fast
    from avroad.admin.render import github_lines  # noqa: PLC0415  # keeps help fast
    from avroad.contracts.workflow import annotation  # noqa: PLC0415  # keeps help fast

    with open_target(context) as target:
        actual = target.observe()
        plan = diff(target.desired, actual)
        drift = find_drift(
            target.desired, actual, plan, subjects=target.registry.subjects(), lock_error=target.lock_error
        )
    if output == "json":
        shown = {key: value for key, value in plan_to_json(plan).items() if key != "format_version"}
        emit({
            "in_sync": not drift.found and not drift.lock_problems,
            "plan": shown,
            "lock_problems": list(drift.lock_problems),
            "overtaken": list(drift.overtaken),
            "unmanaged": {"topics": list(drift.unmanaged_topics), "subjects": list(drift.unmanaged_subjects)},
        })  # fmt: skip
    elif output == "github":
        problems = [annotation("error", text, title="lock") for text in drift.lock_problems]
        emit("\n".join([*problems, github_lines(plan)]))
    else:
        emit(_text(drift))
    if drift.found:
        return ExitCode.CHANGES if detailed_exitcode else ExitCode.FAILURE
    return ExitCode.CONTRACT if drift.lock_problems else ExitCode.OK


def _text(drift: Drift) -> str:
    lines = [show_plan(dataclasses.replace(drift.plan, lock_reasons=()))]  # check has more to say about the lock
    if drift.lock_problems:
        lines += ["", "Schema lock", *(style(fitted(f"  ! {text}", sys.stdout), "red") for text in drift.lock_problems)]
        lines += ["      Run: avroad apply"]
    for title, names in (("topics", drift.unmanaged_topics), ("subjects", drift.unmanaged_subjects)):
        if names:
            lines += [
                "",
                f"Not declared, never touched: {len(names)} {title}",
                *(f"  {name}" for name in names[:_LISTED]),
            ]
            lines += [f"  and {len(names) - _LISTED} more"] if len(names) > _LISTED else []
    verdict = "Drift found." if drift.found else "Only the lock is wrong." if drift.lock_problems else "In sync."
    return "\n".join([*lines, "", verdict])
