"""Every fate of an event has a count of its own, and at-least-once is none of the faults."""

from __future__ import annotations

import pytest

from avroad.evolve.ids import Tally, tally

ALL = {"sent": "ab", "acked": "ab", "log": "ab", "handled": "ab", "letters": ""}


def of(**changed: str) -> Tally:
    return tally(**{**ALL, **changed})


def test_everything_sent_is_in_the_log_once_and_handled() -> None:
    assert of() == Tally(
        sent=2, acked=2, in_log=2, handled=2, dead_lettered=0, untaken=0, lost=0, unread=0, duplicated=0, unknown=0,
        redelivered=0,
    )  # fmt: skip
    assert of().sound


@pytest.mark.parametrize(
    ("changed", "count"),
    [
        ({"log": "a", "handled": "a"}, "lost"),
        ({"handled": "a"}, "unread"),
        ({"log": "abb"}, "duplicated"),
        ({"handled": "a", "letters": "b"}, "dead_lettered"),
        ({"log": "abc", "handled": "abc"}, "unknown"),
    ],
)
def test_a_fault_has_its_count_and_makes_it_unsound(changed: dict[str, str], count: str) -> None:
    found = of(**changed)
    faults = ("lost", "unread", "duplicated", "dead_lettered", "unknown")
    assert {name: getattr(found, name) for name in faults} == dict.fromkeys(faults, 0) | {count: 1}
    assert not found.sound


def test_a_send_that_nobody_acknowledged_counts_when_it_arrived_and_is_untaken_when_it_did_not() -> None:
    assert of(acked="a").sound
    assert of(acked="a").untaken == 0
    never = of(acked="a", log="a", handled="a")
    assert (never.sound, never.untaken, never.lost) == (False, 1, 0)


def test_a_redelivery_is_no_duplicate_and_no_fault() -> None:
    found = of(handled="abb")
    assert (found.redelivered, found.duplicated, found.handled) == (1, 0, 2)
    assert found.sound


def test_what_one_consumer_handled_and_another_dead_lettered_is_a_dead_letter_delivered_twice() -> None:
    found = of(letters="b")
    assert (found.dead_lettered, found.redelivered, found.handled) == (1, 1, 2)
    assert not found.sound
