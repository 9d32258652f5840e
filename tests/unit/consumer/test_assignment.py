"""Where partitions start, how they are given away, when offsets are committed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from avroad.consumer.assignment import Assignment
from avroad.consumer.backoff import Backoff
from avroad.consumer.commits import Commits
from avroad.consumer.settings import Start
from avroad.consumer.starting import initialise_group, positions
from avroad.consumer.watermarks import Watermarks
from avroad.errors import BrokerError, BrokerUnavailable
from avroad.ports.broker import TopicPartition
from tests.unit.consumer.fakes import FakeClock, FakeSource, record

A, B, C = ("t", 0), ("t", 1), ("t", 2)


class World:
    """An assignment with its parts in reach."""

    def __init__(self) -> None:
        self.source, self.clock, self.marks = FakeSource(), FakeClock(), Watermarks()
        self.settled: list[TopicPartition] = []
        self.commits = Commits(source=self.source, watermarks=self.marks, clock=self.clock, interval_s=1.0, records=10)
        self.assignment = Assignment(
            source=self.source,
            watermarks=self.marks,
            commits=self.commits,
            backoff=Backoff(0.001, 0.001),
            before_revoke=self._settle,
        )

    def _settle(self, partitions: Sequence[TopicPartition]) -> None:
        self.settled += partitions
        assert not [call for call in self.source.calls if call[0] == "commit"], "committed before settling"

    def finish(self, *offsets: int, partition: TopicPartition = A) -> None:
        self.assignment.take([record(offset, partition[1]) for offset in offsets])
        for _, ticket in self.assignment.lanes[partition].queue:
            self.marks.done(ticket)
            self.commits.finished()
        self.assignment.lanes[partition].queue.clear()

    def committed(self) -> list[tuple[object, ...]]:
        return [call[1:] for call in self.source.calls if call[0] == "commit"]


@pytest.fixture
def world() -> World:
    return World()


def test_partitions_start_at_the_group_s_offset_or_the_policy_s_or_their_beginning(world: World) -> None:
    world.source.group = {A: 4}
    world.assignment.starts = {B: 7}
    assert world.assignment.assigned([A, B, C]) == {A: 4, B: 7, C: 2}
    # What is not the group's own yet is committed without waiting for a record.
    assert world.marks.take() == {B: (7, None), C: (2, None)}


def test_taking_over_is_patient_but_not_for_ever(world: World) -> None:
    world.source.failures = [BrokerUnavailable("busy")] * 4
    world.source.group = {A: 4}
    assert world.assignment.assigned([A]) == {A: 4}
    world.source.failures = [BrokerUnavailable("busy")] * 5
    with pytest.raises(BrokerUnavailable):
        world.assignment.assigned([A])
    world.source.failures = [BrokerError("denied")]
    with pytest.raises(BrokerError, match="denied"):
        world.assignment.assigned([A])


def test_giving_away_settles_then_commits_then_forgets(world: World) -> None:
    world.source.group = {A: 0, B: 0}
    world.assignment.assigned([A, B])
    world.finish(0, 1)
    world.assignment.revoked([A])
    assert world.settled == [A]
    assert world.committed() == [({A: (2, 1)}, True)]
    assert set(world.assignment.lanes) == {B}
    world.assignment.take([record(2)])
    assert set(world.assignment.lanes) == {B}


def test_a_revocation_survives_a_commit_that_fails(world: World) -> None:
    world.source.group = {A: 0}
    world.assignment.assigned([A])
    world.finish(0)
    world.source.commit_error = BrokerError("rebalancing")
    world.assignment.revoked([A])
    assert world.assignment.lanes == {}


def test_what_is_lost_is_not_committed(world: World) -> None:
    world.source.group = {A: 0}
    world.assignment.assigned([A])
    world.finish(0)
    world.assignment.lost([A])
    assert world.committed() == []
    assert world.settled == []
    assert world.assignment.lanes == {}


def test_records_seen_before_are_dropped(world: World) -> None:
    world.source.group = {A: 5}
    world.assignment.assigned([A])
    world.assignment.take([record(4), record(5), record(7), record(7), record(6)])
    assert [r.offset for r, _ in world.assignment.lanes[A].queue] == [5, 7]


def test_only_what_was_paused_here_is_resumed_also_when_it_leaves(world: World) -> None:
    world.source.group = {A: 0, B: 0}
    world.assignment.assigned([A, B])
    world.assignment.hold({A, B})
    world.assignment.hold({A, B})
    world.assignment.hold({B})
    world.assignment.revoked([B])
    world.assignment.hold(set())
    steering = [call for call in world.source.calls if call[0] in {"pause", "resume"}]
    assert steering == [("pause", A, B), ("resume", A), ("resume", B)]


def test_turns_rotate(world: World) -> None:
    world.source.group = {A: 0, B: 0, C: 0}
    world.assignment.assigned([A, B, C])
    world.assignment.last(A)
    assert list(world.assignment.lanes) == [B, C, A]


def test_commits_wait_for_the_interval_or_the_count(world: World) -> None:
    world.source.group = {A: 0}
    world.assignment.assigned([A])
    world.commits.maybe()
    world.finish(0)
    world.commits.maybe()
    assert world.committed() == []
    world.clock.seconds += 1
    world.commits.maybe()
    assert world.committed() == [({A: (1, 1)}, False)]
    world.finish(*range(1, 11))
    world.commits.maybe()
    assert world.committed()[1:] == [({A: (11, 1)}, False)]
    world.clock.seconds += 1
    world.commits.maybe()
    assert len(world.committed()) == 2, "nothing new, nothing to commit"


def test_a_failed_commit_is_repeated_at_the_next_interval(world: World) -> None:
    world.source.group = {A: 0}
    world.assignment.assigned([A])
    world.finish(0)
    world.clock.seconds += 1
    world.commits.maybe()
    world.assignment.committed({A: 1}, BrokerError("rebalancing"))
    world.clock.seconds += 1
    world.commits.maybe()
    world.assignment.committed({A: 1}, None)
    world.clock.seconds += 1
    world.commits.maybe()
    assert world.committed() == [({A: (1, 1)}, False)] * 2
    assert world.marks.acknowledged() == {A: 1}


def test_the_final_commit_repeats_what_was_never_answered(world: World) -> None:
    world.source.group = {A: 0}
    world.assignment.assigned([A])
    assert world.commits.final(1)
    world.finish(0)
    world.clock.seconds += 1
    world.commits.maybe()
    assert world.commits.final(5)
    assert world.committed() == [({A: (1, 1)}, False), ({A: (1, 1)}, True)]
    assert world.marks.uncommitted() == {}
    world.finish(1)
    world.source.commit_error = BrokerError("gone")
    assert world.commits.final(5)
    assert world.marks.uncommitted() == {A: 1}


def test_a_final_commit_that_comes_back_too_late_closes_the_client(world: World) -> None:
    """Nobody closed it: it kept its place in the group, and freeing it at the end of the process never came back."""
    answer, closed = threading.Event(), threading.Event()

    def commit(offsets: object, *, wait: bool) -> None:
        assert answer.wait(10)
        raise BrokerError("late")

    world.source.group = {A: 0}
    world.assignment.assigned([A])
    world.finish(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.source, "commit", commit)
        patch.setattr(world.source, "close", lambda timeout_s: closed.set())
        assert not world.commits.final(0.01)
        assert not closed.is_set()
        answer.set()
        assert closed.wait(10)


@pytest.mark.parametrize(
    ("start", "offset"), [(Start.BEGINNING, 2), (Start.LATEST, 9), (datetime(1970, 1, 2, tzinfo=UTC), 5)]
)
def test_a_start_is_an_offset_per_partition(start: Start | datetime, offset: int) -> None:
    source = FakeSource()
    assert positions(source, [A, B], start) == {A: offset, B: offset}
    if isinstance(start, datetime):
        assert source.calls == [("offsets_at", 86_400_000)]


def test_a_new_group_gets_its_offsets_before_it_joins_and_an_old_one_is_left_alone() -> None:
    source = FakeSource()
    assert initialise_group(source, ["t"], Start.LATEST) == {A: 9, B: 9, C: 9}
    assert source.group == {A: 9, B: 9, C: 9}
    del source.group[C]  # a partition added later: not the policy's business
    assert initialise_group(source, ["t"], Start.BEGINNING) == {}
    assert len(source.calls) == 1


def test_a_group_with_members_cannot_be_given_offsets_from_outside() -> None:
    source = FakeSource()
    source.commit_error = BrokerError("UNKNOWN_MEMBER_ID")
    assert initialise_group(source, ["t"], Start.LATEST) == {A: 9, B: 9, C: 9}
    assert source.group == {}


def test_delays_grow_within_their_bounds() -> None:
    highest = Backoff(0.2, 30, uniform=lambda _, high: high)
    assert [highest.delay(attempt) for attempt in (1, 2, 3, 8, 100)] == [0.4, 0.8, 1.6, 30, 30]
    lowest = Backoff(0.2, 30, uniform=lambda low, _: low)
    assert lowest.delay(50) == 0.2
    real = Backoff(0.2, 30)
    assert all(0.2 <= real.delay(attempt) <= 30 for attempt in range(1, 40))
