"""Dead letters until they are acknowledged, and not a moment less."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from avroad.codec.dead_letter import Failure, Poison, parse_dead_letter
from avroad.consumer.backoff import Backoff
from avroad.consumer.deadletters import DeadLetters
from avroad.consumer.watermarks import Watermarks
from avroad.errors import BrokerError
from avroad.model import Outcome
from tests.unit.consumer.fakes import FakeClock, FakeSink, record

A, B = ("t", 0), ("t", 1)
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
FAILURE = Failure(poison=Poison.MALFORMED, error="bad", first_failed=MOMENT, last_failed=MOMENT)


class World:
    """Letters over a fake sink, with watermarks that say which tickets are valid."""

    def __init__(self, room: int = 1000) -> None:
        self.sink, self.clock, self.marks = FakeSink(room), FakeClock(), Watermarks()
        backoff = Backoff(1, 10, uniform=lambda low, _: low)
        self.letters = DeadLetters(sink=self.sink, topics={"t": "t.dlq"}, clock=self.clock, backoff=backoff)
        self.letters.open()
        for key in (A, B):
            self.marks.assign(key, 0)

    def send(self, offset: int, partition: int = 0) -> None:
        item = record(offset, partition)
        self.letters.send(self.marks.start(("t", partition), offset, 1), item, FAILURE)

    def pump(self) -> list[int]:
        return [released.record.offset for released in self.letters.pump(self.marks.valid)]


def test_a_letter_is_released_by_its_acknowledgement_only() -> None:
    world = World()
    world.send(3)
    assert world.pump() == []
    assert len(world.letters) == 1
    assert world.letters.waiting()[0][1] == "dead letter not acknowledged"
    world.sink.answer()
    assert world.pump() == [3]
    assert len(world.letters) == 0
    assert world.pump() == []


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.REJECTED])
def test_a_letter_that_failed_is_sent_again_after_its_pause_and_holds_its_partition(outcome: Outcome) -> None:
    world = World()
    world.send(3)
    assert not world.letters.blocked(A)
    world.sink.answer(outcome)
    assert world.pump() == []
    assert world.letters.blocked(A)
    assert not world.letters.blocked(B)
    assert "because" in world.letters.waiting()[0][1]
    assert len(world.sink.sent) == 1
    world.clock.seconds += 1
    assert world.pump() == []
    assert len(world.sink.sent) == 2
    assert world.sink.sent[0] == world.sink.sent[1]
    assert not world.letters.blocked(A)
    world.sink.answer()
    assert world.pump() == [3]


def test_letters_of_a_partition_given_away_are_forgotten() -> None:
    world = World()
    world.send(1)
    world.send(2, 1)
    assert world.letters.on_way(A)
    world.marks.drop(A)
    assert world.pump() == []
    assert not world.letters.on_way(A)
    assert world.letters.on_way(B)
    world.sink.answer()  # the answer to the forgotten one
    world.sink.answer()
    assert world.pump() == [2]


def test_a_sink_that_is_done_for_stops_the_run() -> None:
    world = World()
    world.send(1)
    world.send(2)
    world.sink.answer(Outcome.FATAL)
    world.sink.answer()
    assert world.pump() == [2], "what was acknowledged counts, whatever came before it"
    for _ in range(2):
        with pytest.raises(BrokerError, match="cannot be sent any more: because"):
            world.pump()
    assert world.letters.waiting()[0][1] == "dead letter not acknowledged: because"


def test_an_end_does_not_fail_on_a_sink_that_is_done_for() -> None:
    world = World()
    world.send(1)
    world.send(2)
    world.sink.answer(Outcome.FATAL)
    assert world.letters.settle(world.marks.valid, 30) == [], "and waits for nothing"
    assert len(world.letters) == 2


def test_a_full_queue_is_a_failure_like_any_other() -> None:
    world = World(room=1)
    world.send(1)
    world.send(2)
    assert world.letters.blocked(A)
    world.sink.answer()
    assert world.pump() == [1]
    world.clock.seconds += 1
    world.pump()
    world.sink.answer()
    assert world.pump() == [2]


def test_too_many_on_their_way_hold_the_partition() -> None:
    world = World()
    for offset in range(500):
        world.send(offset)
    assert world.letters.blocked(A)
    world.sink.answer()
    world.pump()
    assert not world.letters.blocked(A)


def test_a_letter_keeps_its_partition_where_the_topic_has_one() -> None:
    world = World()
    world.marks.assign(("t", 7), 0)
    world.send(1, 1)
    world.send(1, 7)
    assert [sent.partition for sent in world.sink.sent] == [1, None]
    letter = parse_dead_letter(world.sink.sent[0].headers)
    assert letter is not None
    assert (letter.source_partition, letter.source_offset) == (1, 1)


def test_settling_ends_at_its_deadline_and_closing_gives_up_what_is_left() -> None:
    world = World()
    world.send(1)
    assert world.letters.settle(world.marks.valid, 0.05) == []
    world.sink.answer()
    assert [r.record.offset for r in world.letters.settle(world.marks.valid, 5)] == [1]
    world.send(2)
    world.sink.calls.clear()
    assert world.letters.close(1)
    assert world.sink.calls == ["close"]


def test_only_topics_with_a_dead_letter_topic_are_taken() -> None:
    world = World()
    assert world.letters.takes("t")
    assert not world.letters.takes("other")
    assert world.letters, "none on their way is not none at all"
