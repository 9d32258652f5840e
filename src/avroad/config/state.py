"""Where one checkout keeps what it can make again: the local stack, its locks, cached schemas."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

__all__ = ["STATE_VARIABLE", "state_dir"]

STATE_VARIABLE: Final = "AVROAD_STATE_DIR"
"""Names another folder, relative to the project or absolute, so that a second stack leaves the first alone."""


def state_dir(root: Path) -> Path:
    """Return the state folder of the project folder `root`, absolute; `.avroad` unless the variable names another."""
    return (root / os.environ.get(STATE_VARIABLE, ".avroad")).absolute()
