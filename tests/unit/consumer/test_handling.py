"""What is said about a handler that keeps the loop from polling."""

from __future__ import annotations

import logging

import pytest

from avroad.consumer import Event, RunnerSettings
from avroad.consumer.backoff import Backoff
from avroad.consumer.bindings import Bindings
from avroad.consumer.handling import Handling
from avroad.consumer.judgement import Judge
from avroad.consumer.signals import Handled, Poisoned
from avroad.errors import HandlerError
from avroad.registry import MemoryRegistry
from tests.behaviour.runtime.world import make_catalog
from tests.unit.consumer.fakes import FakeClock, record


def attempt(took_s: float, *, interval_s: float = 300.0, fails: bool = False) -> object:
    clock, catalog, backoff = FakeClock(), make_catalog(), Backoff(1, 30)

    def handle(_: Event) -> None:
        clock.seconds += took_s
        if fails:
            raise HandlerError("too late")

    judge = Judge(RunnerSettings(topics=("orders",)))
    bindings = Bindings(
        catalog=catalog, registry=MemoryRegistry(), judge=judge, clock=clock, backoff=backoff, grace_s=300
    )
    handling = Handling(
        catalog=catalog, bindings=bindings, handler=handle, clock=clock, backoff=backoff, max_attempts=5,
        poll_interval_s=interval_s,
    )  # fmt: skip
    return handling.attempt(record(7, 1, topic="orders", value=None), 0)


@pytest.mark.parametrize(
    ("took_s", "text"),
    [
        (149, ""),
        (160, "the handler took 160 s on orders partition 1 offset 7; at 300 s (max.poll.interval.ms) the group takes"),
        (310, "the handler took 310 s on orders partition 1 offset 7; longer than max.poll.interval.ms (300 s)"),
    ],
)
@pytest.mark.parametrize("fails", [False, True])
def test_a_call_beyond_half_of_the_interval_is_named(
    took_s: float, text: str, fails: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "avroad.consumer"):
        assert isinstance(attempt(took_s, fails=fails), Poisoned if fails else Handled)
    assert (text in caplog.text) if text else not caplog.records


def test_without_a_group_nobody_waits_for_a_poll(caplog: pytest.LogCaptureFixture) -> None:
    attempt(1e9, interval_s=float("inf"))
    assert not caplog.records
