"""`python -m admin` is the `avroad` program."""

from __future__ import annotations

from avroad.__main__ import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
