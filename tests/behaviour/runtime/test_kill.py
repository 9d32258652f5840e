"""A consumer process killed without warning: its successor goes on, and nothing is missing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.behaviour.runtime.world import World, until

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def member(world: World, path: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    command = [sys.executable, "-m", "tests.behaviour.runtime.member", world.kafka["bootstrap.servers"], str(path)]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


def numbers(path: Path) -> list[int]:
    return [int(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_killed_member_loses_nothing(world: World, tmp_path: Path) -> None:
    path = tmp_path / "handled"
    world.send_orders(range(300))
    for enough in (60, 140):
        with member(world, path) as process:
            until(lambda enough=enough: len(numbers(path)) >= enough, 40)  # type: ignore[misc]
            process.send_signal(signal.SIGKILL)
            process.wait(20)
    before = numbers(path)
    assert len(set(before)) < 300
    with member(world, path):
        until(lambda: set(numbers(path)) == set(range(300)), 40)
    # Each kill repeats at most what was handled since the last commit: 0.05 s of work, and a commit on its way.
    repeated = len(numbers(path)) - 300
    assert repeated <= 2 * 100
    assert sum(world.committed().values()) <= 300
