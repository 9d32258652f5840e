"""`avroad schema`: what can be asked of schemas, and typed classes from them."""

from __future__ import annotations

import click

from avroad.cli.schema_check import check
from avroad.cli.schema_diff import diff
from avroad.cli.schema_explain import explain
from avroad.cli.schema_fmt import fmt
from avroad.cli.schema_history import history
from avroad.cli.schema_lint import lint
from avroad.cli.schema_pairs import pairs
from avroad.cli.schema_show import show
from avroad.cli.schema_types import types

__all__ = ["schema"]


_EXAMPLES = """\b
Examples:
  avroad schema check
  avroad schema lint --fix
  avroad schema fmt --check
  avroad schema types --check
  avroad schema diff old.avsc traffic.Source
  avroad schema history traffic.Source
  avroad schema explain MISSING_UNION_BRANCH
  avroad schema pairs pairs.jsonl
"""


@click.group(epilog=_EXAMPLES)
def schema() -> None:
    """Check, compare and explain Avro schemas; generate typed classes from them."""


for command in (check, lint, fmt, diff, history, show, explain, types, pairs):
    schema.add_command(command)
