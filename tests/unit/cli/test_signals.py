"""Being told to stop: once politely, twice at once; and a reader that went away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

import pytest

from avroad.cli.signals import held_back, interruptible, stopping

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


ENDINGS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@pytest.mark.skipif(os.name == "nt", reason="signals cannot be raised in a process of Windows without ending it")
@pytest.mark.parametrize("number", ENDINGS)
def test_the_first_signal_interrupts_and_no_other_disturbs_the_cleaning_up(number: signal.Signals) -> None:
    before = [signal.getsignal(other) for other in ENDINGS]
    cleaned = False

    def work() -> None:
        nonlocal cleaned
        try:
            signal.raise_signal(number)
        finally:
            for other in ENDINGS:
                signal.raise_signal(other)
            try:
                int("an error of the cleaning up")
            except ValueError:
                for other in ENDINGS:
                    signal.raise_signal(other)
            cleaned = True

    with pytest.raises(KeyboardInterrupt), interruptible():
        work()
    assert cleaned
    assert [signal.getsignal(other) for other in ENDINGS] == before


@pytest.mark.skipif(os.name == "nt", reason="signals cannot be raised in a process of Windows without ending it")
@pytest.mark.parametrize("number", ENDINGS)
def test_a_signal_that_is_held_back_interrupts_after_the_block(number: signal.Signals) -> None:
    before = [signal.getsignal(other) for other in ENDINGS]
    finished = False

    def work() -> None:
        nonlocal finished
        with held_back():
            signal.raise_signal(number)
            signal.raise_signal(number)
            finished = True
        raise AssertionError("the signal got lost")

    with pytest.raises(KeyboardInterrupt), interruptible():
        work()
    assert finished
    assert [signal.getsignal(other) for other in ENDINGS] == before


@pytest.mark.skipif(os.name == "nt", reason="signals cannot be raised in a process of Windows without ending it")
def test_an_error_of_a_block_that_holds_signals_back_says_more_than_the_signal() -> None:
    before = [signal.getsignal(number) for number in NUMBERS]

    def work() -> None:
        with held_back():
            signal.raise_signal(signal.SIGINT)
            raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        work()
    assert [signal.getsignal(number) for number in NUMBERS] == before


class Swallowing:
    """Is destroyed while a signal arrives: Python drops what a destructor raises."""

    def __del__(self) -> None:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


@pytest.mark.skipif(os.name == "nt", reason="signals cannot be raised in a process of Windows without ending it")
def test_after_an_interruption_that_got_lost_the_next_one_counts() -> None:
    def work() -> None:
        Swallowing()
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), interruptible():
        work()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGHUP")
def test_a_signal_that_is_ignored_already_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as under nohup
    try:
        with interruptible():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_outside_the_main_thread_nothing_becomes_interruptible() -> None:
    seen: list[bool] = []

    def use() -> None:
        before = [signal.getsignal(number) for number in ENDINGS]
        with interruptible():
            seen.append([signal.getsignal(number) for number in ENDINGS] == before)

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
