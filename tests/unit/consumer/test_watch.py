"""The watch over a fake source: when it looks, and what counts as a standstill."""

from __future__ import annotations

import pytest

from avroad.consumer.assignment import Assignment
from avroad.consumer.backoff import Backoff
from avroad.consumer.commits import Commits
from avroad.consumer.settings import RunnerSettings
from avroad.consumer.watch import Watch
from avroad.consumer.watermarks import Watermarks
from avroad.errors import BrokerUnavailable, TopicRecreated
from tests.unit.consumer.fakes import FakeClock, FakeSource, record

A, B, C = ("t", 0), ("t", 1), ("t", 2)
MINUTE = 60.0


class World:
    """A watch over partition A, read from offset 0, in a topic of one partition."""

    def __init__(self, group: str = "") -> None:
        self.source, self.clock, marks = FakeSource(), FakeClock(), Watermarks()
        self.source.found = {"t": 1}
        self.source.bounds = {A: (0, 0)}
        self.commits = Commits(source=self.source, watermarks=marks, clock=self.clock, interval_s=1.0, records=10)
        self.assignment = Assignment(
            source=self.source,
            watermarks=marks,
            commits=self.commits,
            backoff=Backoff(0.001, 0.001),
            before_revoke=lambda _: None,
        )
        self.assignment.begin(A, 0, commit=False)
        settings = RunnerSettings(topics=("t",), group=group)
        self.watch = Watch(source=self.source, settings=settings, assignment=self.assignment, clock=self.clock)
        self.watch.now()

    def minutes(self, number: int, *, growing: int = 0) -> None:
        """Let time pass, a look each minute, while the end of A grows."""
        for _ in range(number):
            first, end = self.source.bounds[A]
            self.source.bounds[A] = (first, end + growing)
            self.clock.seconds += MINUTE
            self.watch.maybe()

    def calls(self, *names: str) -> list[tuple[object, ...]]:
        return [call for call in self.source.calls if call[0] in names]


def test_it_looks_once_in_its_interval() -> None:
    world = World()
    for _ in range(100):
        world.watch.maybe()
    assert world.calls("ends") == []
    world.clock.seconds += MINUTE
    for _ in range(100):
        world.watch.maybe()
    assert world.calls("ends") == [("ends", A)]


def test_a_position_that_stays_while_its_end_moves_is_fetched_anew_once_in_five_minutes() -> None:
    world = World()
    world.minutes(5, growing=3)
    assert world.calls("seek") == []
    world.minutes(1, growing=3)
    assert world.calls("seek", "resume") == [("seek", A, 0), ("resume", A)]
    world.minutes(5, growing=3)
    assert len(world.calls("seek")) == 1
    world.minutes(2, growing=3)
    assert len(world.calls("seek")) == 2


def test_an_end_that_does_not_move_is_no_standstill() -> None:
    world = World()
    world.minutes(30)
    world.source.bounds[A] = (0, 5)  # control records behind the last one: nothing of it will ever be handed over
    world.minutes(30)
    assert world.calls("seek") == []


def test_progress_begins_the_count_anew() -> None:
    world = World()
    for offset in range(6):
        world.minutes(4, growing=3)
        world.assignment.take([record(offset)])
        world.assignment.lanes[A].queue.clear()
    assert world.calls("seek") == []


@pytest.mark.parametrize("how", ["queued", "paused"])
def test_what_is_held_back_here_is_no_standstill(how: str) -> None:
    world = World()
    for offset in range(10):
        world.minutes(1, growing=3)
        if how == "queued":
            world.assignment.take([record(offset)])
        else:
            world.assignment.hold({A})
            world.assignment.hold(set())
    world.minutes(1, growing=3)
    assert world.calls("seek") == []


def test_partitions_given_away_are_forgotten() -> None:
    world = World(group="g")
    world.minutes(4, growing=3)
    world.assignment.lost([A])
    world.minutes(4, growing=3)
    world.assignment.begin(A, 0, commit=False)
    world.minutes(5, growing=3)
    assert world.calls("seek") == []


def test_added_partitions_are_read_from_their_beginning_by_a_reader_without_a_group_only() -> None:
    for group, expected in (("", [("assign", {B: 0, C: 0})]), ("g", [])):
        world = World(group)
        world.source.found = {"t": 3}
        world.minutes(3)
        assert world.calls("assign") == expected
        assert set(world.assignment.lanes) == ({A, B, C} if expected else {A})


def test_a_partition_the_client_does_not_know_yet_is_left_for_the_next_look() -> None:
    world = World()
    world.source.found, world.source.counts["t"] = {"t": 3}, 1
    world.minutes(1)
    assert world.calls("assign") == []
    world.source.counts["t"] = 2
    world.minutes(1)
    assert world.calls("assign") == [("assign", {B: 0})]


def test_an_outage_ends_the_look_and_a_topic_made_again_the_run() -> None:
    world = World()
    world.source.found = BrokerUnavailable("nobody there")
    world.minutes(10, growing=3)
    assert world.calls("ends", "seek") == []
    world.source.found = TopicRecreated("t", "made again", hint="")
    with pytest.raises(TopicRecreated):
        world.minutes(1)
    with pytest.raises(TopicRecreated):
        world.assignment.assigned([A])
    world.assignment.disown("t")
    assert world.assignment.lanes == {}
