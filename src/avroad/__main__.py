"""`python -m avroad` and the console script: the command line of avroad."""

from __future__ import annotations

import sys

from avroad.cli.interrupts import end_on_interrupt, unwind_on_interrupt

__all__ = ["main"]


def main() -> None:
    """Run the command line with this process's arguments and exit with its documented code."""
    end_on_interrupt()  # first of all, because the other imports take a moment
    from avroad.cli.main import run  # noqa: PLC0415

    unwind_on_interrupt()
    code = run(sys.argv[1:])
    end_on_interrupt()
    sys.exit(code)


if __name__ == "__main__":
    main()
