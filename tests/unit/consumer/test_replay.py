"""Dead letters on their way back: what they carry, and when they stay."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from avroad.codec.dead_letter import Failure, Poison, dead_letter
from avroad.consumer.replay import MAX_REPLAYS, Letter, read_letters, replay, returned
from avroad.errors import BrokerError
from avroad.model import Delivery, Headers, Outcome, OutgoingRecord, Record

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
HEADERS: Headers = (("ce_id", b"1"), ("twice", b"a"), ("twice", None), ("dlq.fake", b"original"))


def parked(headers: Headers = HEADERS, value: bytes | None = b"\x00bad") -> Record:
    """A record as it lies in a dead-letter topic."""
    source = Record(topic="t", partition=3, offset=41, key=b"k", value=value, headers=headers, timestamp_ms=99)
    failure = Failure(poison=Poison.MALFORMED, error="cut short", first_failed=MOMENT, last_failed=MOMENT)
    letter = dead_letter(source, failure, "t.dlq", 3)
    return Record(
        topic="t.dlq", partition=3, offset=0, key=letter.key, value=letter.value, headers=letter.headers,
        timestamp_ms=letter.timestamp_ms,
    )  # fmt: skip


def letter_of(record: Record) -> Letter:
    return next(read_letters([record]))


@pytest.mark.parametrize("value", [b"\x00bad", b"", None], ids=["bytes", "empty", "tombstone"])
def test_a_record_goes_back_as_it_was_with_a_count_behind(value: bytes | None) -> None:
    letter = letter_of(parked(value=value))
    assert letter.why is not None
    assert letter.why.sha256 == ("" if value is None else hashlib.sha256(value).hexdigest())
    back = returned(letter, "t")
    assert back is not None
    assert (back.topic, back.key, back.value, back.timestamp_ms) == ("t", b"k", value, 99)
    assert back.headers == (*HEADERS, ("dlq.replay.count", b"1"))
    assert back.partition is None, "its key decides, as it did the first time"


def test_the_count_rises_and_ends_the_returns() -> None:
    headers: Headers = HEADERS
    for number in range(1, MAX_REPLAYS + 1):
        back = returned(letter_of(parked(headers)), "t")
        assert back is not None
        assert back.headers == (*HEADERS, ("dlq.replay.count", str(number).encode()))
        headers = back.headers
    assert returned(letter_of(parked(headers)), "t") is None


COUNT = "dlq.replay.count"


@pytest.mark.parametrize(
    "value",
    [b"many", b"", None, b"-5", b"0", b"4", b"999999", b"9" * 5000, b"1_0", b" 1", b"01", "\u0661".encode(), b"\xff"],
    ids=lambda value: repr(value)[:14],
)
def test_a_count_we_did_not_write_is_kept_and_counts_nothing(value: bytes | None) -> None:
    strange: Headers = (*HEADERS, (COUNT, value))
    headers = strange
    for number in range(1, MAX_REPLAYS + 1):
        letter = letter_of(parked(headers))
        assert letter.foreign_count
        assert letter.replays == number - 1
        back = returned(letter, "t")
        assert back is not None
        assert back.headers == (*strange, (COUNT, str(number).encode())), "what was its own comes back verbatim"
        headers = back.headers
    assert returned(letter_of(parked(headers)), "t") is None


@pytest.mark.parametrize(
    ("headers", "replays", "foreign"),
    [
        (((COUNT, b"2"),), 2, False),
        (((COUNT, b"2"), ("a", b"1")), 0, True),
        (((COUNT, b"3"), (COUNT, b"1")), 1, True),
        (((COUNT, b"1"), (COUNT, b"x")), 0, True),
        ((), 0, False),
    ],
    ids=["ours", "not the last", "ours behind another", "another behind one", "none"],
)
def test_only_the_last_header_can_be_our_count(headers: Headers, replays: int, foreign: bool) -> None:
    letter = letter_of(parked(headers))
    assert (letter.replays, letter.foreign_count) == (replays, foreign)
    assert letter.original == (headers[:-1] if replays else headers)


@pytest.mark.parametrize("headers", [(), (("dlq.class", b"malformed"),), (("dlq.offset", b"x"),)])
def test_a_record_that_is_no_letter_of_ours_stays(headers: Headers) -> None:
    letter = letter_of(Record(topic="t.dlq", partition=0, offset=0, key=None, value=b"", headers=headers))
    assert letter.why is None
    assert returned(letter, "t") is None


class Sink:
    """Acknowledges what it is given; the first `full` tries are refused, the last `silent` stay unanswered."""

    def __init__(self, *, full: int = 0, silent: int = 0) -> None:
        self.full, self.silent = full, silent
        self.polled = 0
        self.closed = False
        self.waiting: list[Callable[[Delivery], None]] = []

    def produce(self, record: OutgoingRecord, on_delivery: Callable[[Delivery], None]) -> bool:
        if self.full:
            self.full -= 1
            return False
        self.waiting.append(on_delivery)
        return True

    def poll(self, timeout_s: float) -> int:
        self.polled += 1
        return 0

    def flush(self, timeout_s: float) -> int:
        answered = self.waiting[: len(self.waiting) - self.silent]
        self.waiting = self.waiting[len(answered) :]
        for callback in answered:
            callback(Delivery(outcome=Outcome.ACKED, topic="t"))
        return len(self.waiting)

    def partitions(self, topic: str) -> int:
        return 1

    def close(self, timeout_s: float) -> bool:
        self.closed = True
        return True

    def __len__(self) -> int:
        return len(self.waiting)


def outgoing() -> list[OutgoingRecord]:
    return [OutgoingRecord(topic="t", key=None, value=bytes([i])) for i in range(3)]


def test_sending_waits_for_room_and_for_every_answer() -> None:
    sink = Sink(full=2)
    assert [d.outcome for d in replay(outgoing(), sink)] == [Outcome.ACKED] * 3
    assert sink.polled == 2
    assert sink.closed


def test_a_record_without_answer_is_an_error() -> None:
    with pytest.raises(BrokerError, match="expected 3 answers, found 2"):
        replay(outgoing(), Sink(silent=1))


def test_an_end_by_force_leaves_nothing_behind_to_be_sent() -> None:
    class Interrupted(Sink):
        def poll(self, timeout_s: float) -> int:
            raise KeyboardInterrupt

    sink = Interrupted()
    records = iter(outgoing())
    sink.produce(next(records), lambda _: None)
    sink.full = 1
    with pytest.raises(KeyboardInterrupt):
        replay(records, sink)
    assert sink.closed
