"""`avroad config`: which settings are in force, and who gave them."""

from __future__ import annotations

import click

from avroad.cli.context import Context
from avroad.cli.output import emit, output_option, table

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

    Nothing is contacted: this is what the clients would be told.
    """
    from avroad.config import load_environment  # noqa: PLC0415  # YAML is loaded when it is needed

    name = obj.environment_name()
    environment = load_environment(obj.folder(), name, overrides=obj.overrides, config=obj.config)
    settings = environment.settings()
    if output == "json":
        values = {
            key: {"value": item.shown, "origin": item.origin, "secret": item.secret} for key, item in settings.items()
        }
        emit({"environment": name, "settings": values})
        return
    lines = table(["setting", "value"], [[key, item.shown or "-"] for key, item in settings.items()]).splitlines()
    if origin:  # below, not beside: both are long
        origins = (f"  from {item.origin}" for item in settings.values())
        lines[1:] = [line for pair in zip(lines[1:], origins, strict=True) for line in pair]
    emit("\n".join([f"environment {name}", "", *lines]))
