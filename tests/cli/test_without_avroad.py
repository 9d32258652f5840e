"""A Python that avroad is not installed in: the newcomer who did not activate the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "module", ["producers.synthetic", "producers.stats19", "consumers.monitor", "admin", "admin.demo"]
)
def test_the_programs_say_what_to_do(module: str) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [sys.executable, "-S", "-m", module]  # -S: without what is installed
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.startswith(f"error: {sys.executable} has no avroad. Run: make setup")
    assert done.stderr.count("\n") == 1
