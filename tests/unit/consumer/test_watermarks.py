"""Watermarks: what may be committed, case by case and against a model."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from avroad.consumer.watermarks import Ticket, Watermarks

A, B = ("t", 0), ("t", 1)


def test_only_an_unbroken_run_is_committed() -> None:
    marks = Watermarks()
    marks.assign(A, 10)
    tickets = [marks.start(A, offset, 3) for offset in (10, 11, 15, 16)]
    assert marks.take() == {}
    marks.done(tickets[1])
    marks.done(tickets[3])
    assert marks.take() == {}
    marks.done(tickets[0])
    assert marks.take() == {A: (12, 3)}
    marks.done(tickets[2])
    assert marks.take() == {A: (17, 3)}
    assert marks.take() == {}


def test_the_leader_epoch_is_that_of_the_last_record_done() -> None:
    marks = Watermarks()
    marks.assign(A, 0)
    for offset, epoch in ((0, 1), (1, None), (2, 5)):
        marks.done(marks.start(A, offset, epoch))
    assert marks.take() == {A: (3, 5)}


def test_a_failed_commit_is_handed_out_again_unless_overtaken() -> None:
    marks = Watermarks()
    marks.assign(A, 0)
    marks.done(marks.start(A, 0, None))
    marks.take()
    marks.reject(A, 1)
    assert marks.take() == {A: (1, None)}
    marks.done(marks.start(A, 1, None))
    assert marks.take() == {A: (2, None)}
    marks.reject(A, 1)  # the older one failed; the newer is on its way
    assert marks.take() == {}
    marks.acknowledge(A, 2)
    assert marks.acknowledged() == {A: 2}
    assert marks.uncommitted() == {}


def test_a_start_that_is_not_committed_yet_is_committed_without_any_record() -> None:
    marks = Watermarks()
    marks.assign(A, 7, commit=True)
    marks.assign(B, 7)
    assert marks.uncommitted() == {A: 7}
    assert marks.take() == {A: (7, None)}
    assert marks.acknowledged() == {B: 7}


def test_what_finishes_after_a_hand_over_counts_for_nobody() -> None:
    marks = Watermarks()
    marks.assign(A, 0)
    ticket = marks.start(A, 0, None)
    marks.drop(A)
    assert not marks.valid(ticket)
    assert not marks.done(ticket)
    marks.assign(A, 0)
    assert not marks.done(ticket)
    assert marks.take() == {}
    again = marks.start(A, 0, None)
    assert marks.done(again)
    assert marks.take(B) == {}
    assert marks.take(A) == {A: (1, None)}


def test_late_results_of_a_partition_given_away_are_ignored() -> None:
    marks = Watermarks()
    marks.acknowledge(A, 3)
    marks.reject(A, 3)
    assert marks.acknowledged() == {}


def test_unfinished_names_the_oldest_record_in_work() -> None:
    marks = Watermarks()
    marks.assign(A, 0)
    first, second = marks.start(A, 4, None), marks.start(A, 9, None)
    marks.done(second)
    assert marks.unfinished() == {A: 4}
    marks.done(first)
    assert marks.unfinished() == {}


def test_repeating_hands_out_what_was_never_acknowledged() -> None:
    marks = Watermarks()
    marks.assign(A, 0)
    marks.done(marks.start(A, 0, None))
    assert marks.take() == {A: (1, None)}
    marks.repeat_unacknowledged()
    assert marks.take() == {A: (1, None)}


@dataclass
class Owned:
    """What the model knows of one assignment: the log positions started and those finished."""

    first: int
    started: list[int] = field(default_factory=list)
    finished: set[int] = field(default_factory=set)

    def committable(self) -> int:
        position = self.first
        for offset in self.started:
            if offset not in self.finished:
                break
            position = offset + 1
        return position


class WatermarkMachine(RuleBasedStateMachine):
    """Any order of starts, completions, commits, failures, revocations and re-assignments of two partitions."""

    @initialize()
    def begin(self) -> None:
        self.marks = Watermarks()
        self.owned: dict[tuple[str, int], Owned] = {}
        self.tickets: list[tuple[Ticket, Owned]] = []
        self.group = {A: 0, B: 0}
        self.in_flight: list[tuple[tuple[str, int], int, Owned]] = []

    @rule(key=st.sampled_from([A, B]))
    def assign(self, key: tuple[str, int]) -> None:
        if key not in self.owned:
            self.marks.assign(key, self.group[key])
            self.owned[key] = Owned(first=self.group[key])

    @rule(key=st.sampled_from([A, B]))
    def lose(self, key: tuple[str, int]) -> None:
        self.marks.drop(key)
        self.owned.pop(key, None)

    @rule(key=st.sampled_from([A, B]))
    def revoke(self, key: tuple[str, int]) -> None:
        model = self.owned.get(key)
        for taken, (offset, _) in self.marks.take(key).items():
            assert taken == key
            assert model is not None
            assert offset == model.committable()
            self.group[key] = max(self.group[key], offset)
        self.lose(key)

    @precondition(lambda self: self.owned)
    @rule(data=st.data(), gap=st.integers(0, 3))
    def start(self, data: st.DataObject, gap: int) -> None:
        key = data.draw(st.sampled_from(sorted(self.owned)))
        model = self.owned[key]
        offset = (model.started[-1] + 1 if model.started else model.first) + gap
        model.started.append(offset)
        self.tickets.append((self.marks.start(key, offset, None), model))

    @precondition(lambda self: self.tickets)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        ticket, model = self.tickets.pop(data.draw(st.integers(0, len(self.tickets) - 1)))
        current = self.owned.get(ticket[0]) is model
        assert self.marks.valid(ticket) == current
        assert self.marks.done(ticket) == current
        model.finished.add(ticket[2])

    @rule()
    def commit(self) -> None:
        for key, (offset, _) in self.marks.take().items():
            assert offset == self.owned[key].committable()
            self.in_flight.append((key, offset, self.owned[key]))

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data(), accepted=st.booleans())
    def answer(self, data: st.DataObject, accepted: bool) -> None:
        key, offset, model = self.in_flight.pop(data.draw(st.integers(0, len(self.in_flight) - 1)))
        if accepted and self.owned.get(key) is model:
            self.group[key] = max(self.group[key], offset)
            self.marks.acknowledge(key, offset)
        elif not accepted and self.owned.get(key) is model:
            self.marks.reject(key, offset)

    @invariant()
    def nothing_unfinished_is_ever_committed(self) -> None:
        for key, model in self.owned.items():
            assert self.group[key] <= model.committable()

    @invariant()
    def unfinished_is_the_oldest(self) -> None:
        expected = {
            key: min(set(model.started) - model.finished)
            for key, model in self.owned.items()
            if set(model.started) - model.finished
        }
        assert self.marks.unfinished() == expected

    def teardown(self) -> None:
        if not hasattr(self, "marks"):
            return
        for ticket, model in self.tickets:
            self.marks.done(ticket)
            model.finished.add(ticket[2])
        self.marks.repeat_unacknowledged()
        self.marks.take()
        for key, model in self.owned.items():
            assert self.marks.uncommitted().get(key, model.committable()) <= model.committable()


TestWatermarkMachine = WatermarkMachine.TestCase
TestWatermarkMachine.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
