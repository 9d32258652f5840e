"""`python -m avroad` and the console script: the command line of avroad."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line with this process's arguments and exit with its documented code."""
    from avroad.cli.main import run  # noqa: PLC0415  # imported late: `--version` of a broken install still answers

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
