"""The lock: one holder at a time, dropped with its process."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from avroad.config.filelock import LockBusy, exclusive

HOLDER = """
import sys
from pathlib import Path
from avroad.config.filelock import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_refused_at_once_and_welcome_later(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "lock"
    with exclusive(path), pytest.raises(LockBusy), exclusive(path):
        pytest.fail("two holders")
    with exclusive(path):
        assert path.exists()


def test_waiting_is_announced_once_and_ends_when_the_lock_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    announced = threading.Event()
    order: list[str] = []

    def wait_for_it() -> None:
        with exclusive(path, wait_s=30, on_wait=announced.set):
            order.append("second")

    helper = threading.Thread(target=wait_for_it)
    with exclusive(path):
        helper.start()
        assert announced.wait(10)
        order.append("first")
    helper.join(30)
    assert order == ["first", "second"]


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(LockBusy), exclusive(path):
            pytest.fail("two holders")
        holder.kill()
        holder.wait(30)
        with exclusive(path, wait_s=10):
            assert path.exists()
