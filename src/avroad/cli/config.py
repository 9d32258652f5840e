"""`avroad config`: which settings are in force, and who gave them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from avroad.cli.context import Context
from avroad.cli.output import emit, output_option, table

if TYPE_CHECKING:
    from avroad.config import Setting

__all__ = ["config"]


@click.group(
    epilog="""\b
Example:
  avroad config show --origin
"""
)
def config() -> None:
    """Show the settings in force and where each comes from."""


@config.command(
    short_help="Print every setting in force; secrets are masked.",
    epilog="""\b
Examples:
  avroad config show
  avroad config show -e docker --origin
  avroad config show -X bootstrap.servers=host:9092 --output json
""",
)
@click.option("--origin", is_flag=True, help="Also show where each value comes from.")
@output_option()
@click.pass_obj
def show(obj: Context, origin: bool, output: str) -> None:  # noqa: FBT001  # click's signature
    """Print every setting of the environment after flags, variables and files; secrets are masked.

    Nothing is contacted: this is what the clients would be told. What is missing or wrong is shown as such, and all
    problems follow on stderr; the exit code is 64 then.
    """
    from avroad.config.environment import (  # noqa: PLC0415  # YAML is loaded when it is needed
        environment_error,
        read_environment,
    )

    name = obj.environment_name()
    environment, problems = read_environment(obj.folder(), name, overrides=obj.overrides, config=obj.config)
    _show(name, environment.settings(), origin=origin, output=output)
    if problems:
        raise environment_error(name, problems)


def _show(name: str, settings: Mapping[str, Setting], *, origin: bool, output: str) -> None:
    if output == "json":
        values = {
            key: {"value": item.shown, "origin": item.origin, "secret": item.secret}
            | ({"value": None, "problem": item.problem} if item.problem else {})
            for key, item in settings.items()
        }
        emit({"environment": name, "settings": values})
        return
    lines = table(["setting", "value"], [[key, item.shown or "-"] for key, item in settings.items()]).splitlines()
    if origin:  # below, not beside: both are long
        origins = (f"  from {item.origin}" for item in settings.values())
        lines[1:] = [line for pair in zip(lines[1:], origins, strict=True) for line in pair]
    emit("\n".join([f"environment {name}", "", *lines]))
