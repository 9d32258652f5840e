"""Waiting for members: for what is asked, not for ever, and not when one of them fell."""

from __future__ import annotations

import threading

import pytest

from avroad.evolve.ledger import Ledger, Stopped

LONG_S, SHORT_S = 20.0, 0.05


def sent(ledger: Ledger, *ids: str) -> None:
    for event_id in ids:
        ledger.sending(event_id, "1", 0)
        ledger.acked(event_id)


def test_what_is_in_the_log_is_waited_for_until_a_consumer_met_it() -> None:
    ledger = Ledger(threading.Event())
    sent(ledger, "1-1", "1-2")
    ledger.met("1-1", 1, "1", {})
    timer = threading.Timer(SHORT_S, ledger.met, ("1-2", 2, "1", {}))
    timer.start()
    assert ledger.wait_finished(LONG_S)
    timer.join()


def test_a_record_that_is_met_before_its_acknowledgement_is_finished_all_the_same() -> None:
    ledger = Ledger(threading.Event())
    ledger.sending("1-1", "1", 0)
    ledger.met("1-1", 1, "1", {})
    ledger.acked("1-1")
    assert ledger.wait_finished(SHORT_S)


def test_what_never_comes_is_waited_for_once() -> None:
    ledger = Ledger(threading.Event())
    sent(ledger, "1-1")
    assert not ledger.wait_finished(SHORT_S)
    assert ledger.wait_finished(SHORT_S)


def test_phases_divide_events_and_deliveries() -> None:
    ledger = Ledger(threading.Event())
    sent(ledger, "1-1")
    ledger.next_phase()
    ledger.met("1-1", 1, "1", {})
    sent(ledger, "1-2")
    assert [phase for phase, *_ in ledger.sent.values()] == [0, 1]
    assert [meeting.phase for meeting in ledger.meetings] == [1]


def test_each_member_has_to_take_part() -> None:
    ledger = Ledger(threading.Event())
    timers = [
        threading.Timer(SHORT_S, sent, (ledger, "1-1", "1-2")),
        threading.Timer(2 * SHORT_S, sent, (ledger, "2-1", "2-2")),
    ]
    for timer in timers:
        timer.start()
    assert ledger.wait_acked((1, 2), 2, LONG_S)
    assert not ledger.wait_acked((1,), 1, SHORT_S)
    assert not ledger.wait_met((1, 2), SHORT_S)


def test_a_member_that_falls_and_an_abort_end_every_wait() -> None:
    ledger = Ledger(threading.Event())
    sent(ledger, "1-1")
    ledger.fail(ZeroDivisionError())
    ledger.fail(KeyError())
    with pytest.raises(ZeroDivisionError):
        ledger.wait_finished(LONG_S)
    abort = threading.Event()
    ledger = Ledger(abort)
    sent(ledger, "1-1")
    timer = threading.Timer(SHORT_S, abort.set)
    timer.start()
    with pytest.raises(Stopped):
        ledger.wait_finished(LONG_S)


def test_a_consumer_that_just_entered_is_let_in_even_when_the_play_ends() -> None:
    abort = threading.Event()
    ledger = Ledger(abort)
    sent(ledger, "1-1", "1-2")
    ledger.met("1-1", 1, "1", {})
    abort.set()
    ledger.settle((1,), 0.0)
    ledger.entered(1)
    timer = threading.Timer(SHORT_S, ledger.met, ("1-2", 1, "1", {}))
    timer.start()
    ledger.settle((1,), LONG_S)
    assert len(ledger.meetings) == 2
