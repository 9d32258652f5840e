"""`avroad schema`: what can be asked of schemas, and typed classes from them."""

from __future__ import annotations

import click

from avroad.cli.schema_check import check
from avroad.cli.schema_pairs import pairs
from avroad.cli.schema_types import types

__all__ = ["schema"]


@click.group()
def schema() -> None:
    """Compare Avro schemas, and generate typed classes from them.

    \b
    Examples:
      avroad schema check
      avroad schema types --check
      avroad schema pairs pairs.jsonl
    """  # noqa: D301  # click's mark for a block that keeps its lines


for command in (check, types, pairs):
    schema.add_command(command)
