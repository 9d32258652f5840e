"""Being told to stop: once politely, twice at once; and a reader that went away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from avroad.cli.signals import stopping

NUMBERS = [signal.SIGINT, signal.SIGTERM]


@pytest.mark.skipif(os.name == "nt", reason="signals cannot be raised in a process of Windows without ending it")
@pytest.mark.parametrize("number", NUMBERS)
def test_the_first_signal_asks_and_the_second_interrupts(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stopping() as stop:
        assert not stop.is_set()
        signal.raise_signal(number)
        assert stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert signal.getsignal(number) is before


def test_handlers_are_put_back_after_an_error() -> None:
    before = [signal.getsignal(number) for number in NUMBERS]
    with pytest.raises(ValueError, match="inside"), stopping():
        raise ValueError("inside")
    assert [signal.getsignal(number) for number in NUMBERS] == before


def test_outside_the_main_thread_nothing_is_installed() -> None:
    before = [signal.getsignal(number) for number in NUMBERS]
    seen: list[bool] = []

    def use() -> None:
        with stopping() as stop:
            seen.append([signal.getsignal(number) for number in NUMBERS] == before and not stop.is_set())

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert seen == [True]


@pytest.mark.skipif(os.name == "nt", reason="needs a pipe of POSIX")
def test_a_reader_that_goes_away_ends_the_block_quietly() -> None:
    program = (
        "import sys\n"
        "from avroad.cli.signals import reader_gone\n"
        "with reader_gone():\n"
        "    while True:\n"
        "        print('x' * 1000)\n"
        "sys.exit(7)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stderr is not None
    with child:
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(30) == 7
