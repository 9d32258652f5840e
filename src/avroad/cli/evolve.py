"""`avroad evolve`: schema changes proven before they reach anybody."""

from __future__ import annotations

import click

from avroad.cli.evolve_rehearse import rehearse
from avroad.cli.evolve_release import release

__all__ = ["evolve"]


_EXAMPLES = """\b
Examples:
  avroad evolve rehearse
  avroad evolve rehearse traffic.Accident --sample 200 --page rehearsal.html
  avroad evolve release --dry-run
"""


@click.group(epilog=_EXAMPLES)
def evolve() -> None:
    """Prove a schema change on real servers before it reaches anybody, then release it."""


for command in (rehearse, release):
    evolve.add_command(command)
