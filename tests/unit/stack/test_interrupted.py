"""`avroad stack up` broken off: by Ctrl-C, SIGTERM or a closed terminal, once or several times."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from avroad.cli.main import run
from avroad.stack import Stack, ready
from avroad.stack.owned import find_owned

Make = Callable[..., Stack]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends programs by POSIX signals")
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


@pytest.fixture
def stack(make_stack: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """The stack of a project that the command line works in; a signal that nobody handles fails the test."""
    for name in ("schemas", "admin"):
        (tmp_path / "project" / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")

    def unhandled(number: int, _frame: FrameType | None) -> None:
        pytest.fail(f"nothing handles {signal.Signals(number).name}")

    before = {number: signal.signal(number, unhandled) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield make_stack()
    for number, handler in before.items():
        signal.signal(number, handler)


def up(*names: str) -> int:
    """Run the command, whose services never answer; send these signals, one after the other, while it waits."""
    waiting = threading.Event()

    def never(*_args: object) -> bool:
        waiting.set()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            threading.Event().wait(0.02)  # Python hears a signal between two waits
        return False

    def interrupt() -> None:
        assert waiting.wait(60)
        for name in names:
            os.kill(os.getpid(), getattr(signal, name))

    helper = threading.Thread(target=interrupt)
    helper.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ready, "answers", never)
        code = run(["stack", "up", "--port", "0", "--registry-port", "0"])
    helper.join()
    return code


@pytest.mark.parametrize("names", [(name,) for name in SIGNALS] + [("SIGINT",) * 3, SIGNALS], ids="-".join)
def test_an_interrupted_start_leaves_nothing_running_and_the_next_one_works(
    stack: Stack, names: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert up(*names) == 130
    assert find_owned(stack.home, ()).strays == ()
    assert not stack.home.state.exists()
    assert not stack.home.endpoints.exists()
    assert [line for line in capsys.readouterr().err.splitlines()[2:] if line] == ["interrupted"]
    assert stack.up().started == ("broker-1", "registry")


def test_an_interrupted_restart_keeps_what_ran_before(stack: Stack) -> None:
    stack.up()
    stack.stop("broker-1", force=True)
    endpoints = stack.home.endpoints.read_text()
    assert up("SIGTERM") == 130
    assert [service.name for service in stack.status().services if service.running] == ["registry"]
    assert stack.home.endpoints.read_text() == endpoints
    assert stack.up().started == ("broker-1",)
