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
from avroad.stack.state import State

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


def up(stack: Stack, *names: str) -> int:
    """Run the command and send these signals, one after the other, when both services have been started."""

    def interrupt() -> None:
        deadline = time.monotonic() + 30
        state = None
        while time.monotonic() < deadline and (state is None or len(state.services) < 2):
            threading.Event().wait(0.02)
            state = State.read(stack.home.state)
        for name in names:
            os.kill(os.getpid(), getattr(signal, name))

    helper = threading.Thread(target=interrupt)
    helper.start()
    code = run(["stack", "up", "--port", "0", "--registry-port", "0"])
    helper.join()
    return code


@pytest.mark.parametrize("names", [(name,) for name in SIGNALS] + [("SIGINT",) * 3, SIGNALS], ids="-".join)
def test_an_interrupted_start_leaves_nothing_running_and_the_next_one_works(
    stack: Stack, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(ready, "answers", lambda *_args: False)  # nothing is ever ready
        assert up(stack, *names) == 130
    assert find_owned(stack.home, ()).strays == ()
    assert not stack.home.state.exists()
    assert not stack.home.endpoints.exists()
    assert [line for line in capsys.readouterr().err.splitlines()[2:] if line] == ["interrupted"]
    assert stack.up().started == ("broker-1", "registry")


def test_an_interrupted_restart_keeps_what_ran_before(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack.up()
    stack.stop("broker-1", force=True)
    endpoints = stack.home.endpoints.read_text()
    with monkeypatch.context() as patch:
        patch.setattr(ready, "answers", lambda *_args: False)
        assert up(stack, "SIGTERM") == 130
    assert [service.name for service in stack.status().services if service.running] == ["registry"]
    assert stack.home.endpoints.read_text() == endpoints
    assert stack.up().started == ("broker-1",)
