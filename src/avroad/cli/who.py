"""Who is at work here, for the records of what was done."""

from __future__ import annotations

import getpass

from avroad.schema import not_utf8

__all__ = ["user_name"]


def user_name() -> str:
    """Return the user's name at the system, "" where there is none that can be written, as in some containers."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""
    return "" if not_utf8(name) else name
