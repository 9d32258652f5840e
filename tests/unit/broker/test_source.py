"""The source over a scripted client: errors, damage, rebalances and commits, without a broker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka import TopicPartition as Position

from avroad.broker.records import UNREADABLE_HEADERS, to_record
from avroad.broker.source import KafkaSource
from avroad.errors import BrokerError, BrokerUnavailable, ConfigError
from avroad.ports.broker import TopicPartition

E = KafkaError
A, B = ("t", 0), ("t", 1)


class FakeMessage:
    """One message as the client gives it."""

    def __init__(self, offset: int = 0, *, partition: int = 0, error: KafkaError | None = None) -> None:
        self._offset, self._partition, self._error = offset, partition, error

    def error(self) -> KafkaError | None:
        return self._error

    def topic(self) -> str:
        return "t"

    def partition(self) -> int:
        return self._partition

    def offset(self) -> int:
        return self._offset

    def key(self) -> bytes:
        return b"k"

    def value(self) -> bytes:
        return b"v"

    def headers(self) -> list[tuple[str, Any]]:
        return [("text", "as text"), ("null", None), ("bytes", b"\xff")]

    def timestamp(self) -> tuple[int, int]:
        return (1, 99) if self._offset else (0, -1)

    def leader_epoch(self) -> None:
        return None


class FakeConsumer:
    """Does what the script says and writes down what it is asked."""

    def __init__(self, settings: dict[str, Any], logger: Any) -> None:
        self.settings = settings
        self.script: list[list[FakeMessage]] = []
        self.calls: list[tuple[Any, ...]] = []
        self.results: dict[str, Any] = {}
        self.callbacks: dict[str, Callable[..., None]] = {}
        self.held = threading.Event()

    def subscribe(self, topics: Sequence[str], **callbacks: Callable[..., None]) -> None:
        self.callbacks = callbacks

    def poll(self, timeout: float) -> FakeMessage | None:
        failure = self.results.pop("poll", None)
        if failure is not None:
            raise failure
        self.batch = self.script.pop(0) if self.script else []
        return self.batch[0] if self.batch else None

    def consume(self, count: int, timeout: float) -> list[FakeMessage]:
        return self.batch[1 : count + 1]

    def _note(self, name: str, positions: Sequence[Position]) -> None:
        self.calls.append((name, *[(p.topic, p.partition, p.offset) for p in positions]))

    def incremental_assign(self, positions: Sequence[Position]) -> None:
        self._note("assign", positions)

    def incremental_unassign(self, positions: Sequence[Position]) -> None:
        self._note("unassign", positions)

    def pause(self, positions: Sequence[Position]) -> None:
        self._answer("pause", None)

    def _answer(self, name: str, default: Any) -> Any:
        found = self.results.get(name, default)
        if isinstance(found, list) and found and isinstance(found[0], Exception):
            raise found.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    def commit(self, *, offsets: Sequence[Position], asynchronous: bool) -> Any:
        self.calls.append(("commit", asynchronous, *[(p.partition, p.offset, p.leader_epoch) for p in offsets]))
        return self._answer("commit", offsets)

    def committed(self, positions: Sequence[Position], timeout: float) -> Any:
        return self._answer("committed", positions)

    def get_watermark_offsets(self, position: Position, **_: Any) -> Any:
        return self._answer("watermarks", (3, 9))

    def offsets_for_times(self, positions: Sequence[Position], timeout: float) -> Any:
        return self._answer("times", positions)

    def close(self) -> None:
        if "close" in self.results:
            self.held.wait(20)
            failure = self._answer("close", None)
            assert failure is None


class Listener:
    """Notes what it is told; `starts` or `failure` decide what `assigned` does."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.starts: Mapping[TopicPartition, int] = {}
        self.failure: Exception | None = None

    def assigned(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        self.told.append(("assigned", *partitions))
        if self.failure is not None:
            raise self.failure
        return self.starts

    def revoked(self, partitions: Sequence[TopicPartition]) -> None:
        self.told.append(("revoked", *partitions))
        if self.failure is not None:
            raise self.failure

    def lost(self, partitions: Sequence[TopicPartition]) -> None:
        self.told.append(("lost", *partitions))

    def committed(self, offsets: Mapping[TopicPartition, int], error: BrokerError | None) -> None:
        self.told.append(("committed", dict(offsets), error))
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> KafkaSource:
    monkeypatch.setattr("avroad.broker.source.Consumer", FakeConsumer)
    return KafkaSource({"bootstrap.servers": "127.0.0.1:1"}, "g")


def fake(source: KafkaSource) -> FakeConsumer:
    consumer: Any = source._consumer
    assert isinstance(consumer, FakeConsumer)
    return consumer


def bad(code: int, partition: int = 0) -> FakeMessage:
    return FakeMessage(partition=partition, error=KafkaError(code))


def test_a_record_is_copied_whole(source: KafkaSource) -> None:
    fake(source).script = [[FakeMessage(7), FakeMessage(0, partition=1)]]
    first, second = source.poll(0, 10)
    assert (first.topic, first.partition, first.offset, first.key, first.value) == ("t", 0, 7, b"k", b"v")
    assert first.headers == (("text", b"as text"), ("null", None), ("bytes", b"\xff"))
    assert (first.timestamp_ms, second.timestamp_ms) == (99, None)


def test_one_record_at_a_time_is_not_drained(source: KafkaSource) -> None:
    fake(source).script = [[FakeMessage(7), FakeMessage(8)]]
    assert [record.offset for record in source.poll(0, 1)] == [7]


def test_an_error_behind_records_waits_until_they_are_delivered(source: KafkaSource) -> None:
    source.assign({A: 5})
    fake(source).script = [[FakeMessage(5), bad(E._AUTO_OFFSET_RESET), FakeMessage(6, partition=1)]]
    assert [record.offset for record in source.poll(0, 10)] == [5, 6]
    with pytest.raises(BrokerError, match="t partition 0 is no longer in the log"):
        source.poll(0, 10)
    assert source.poll(0, 10) == []


@pytest.mark.parametrize("code", [E.UNKNOWN_TOPIC_OR_PART, E.TOPIC_AUTHORIZATION_FAILED, E.FENCED_INSTANCE_ID])
def test_what_waiting_cannot_mend_stops_reading(source: KafkaSource, code: int) -> None:
    fake(source).script = [[bad(code)]]
    with pytest.raises(BrokerError, match="cannot read t"):
        source.poll(0, 10)


@pytest.mark.parametrize("code", [E._TRANSPORT, E._MAX_POLL_EXCEEDED, E.NOT_COORDINATOR])
def test_what_passes_by_itself_does_not(source: KafkaSource, code: int) -> None:
    fake(source).script = [[bad(code)], [FakeMessage(1)]]
    assert source.poll(0, 10) == []
    assert len(source.poll(0, 10)) == 1


def test_a_fatal_error_raised_by_the_client_is_ours(source: KafkaSource) -> None:
    fake(source).results["poll"] = KafkaException(KafkaError(E.FENCED_INSTANCE_ID, "twin", True))
    with pytest.raises(BrokerError, match="failed for good: twin"):
        source.poll(0, 10)


def test_damaged_bytes_are_read_again_from_the_expected_offset_and_nothing_behind_them_counts(
    source: KafkaSource,
) -> None:
    source.assign({A: 5, B: 0})
    fake(source).calls.clear()
    fake(source).script = [[FakeMessage(5), bad(E._BAD_MSG), FakeMessage(900), FakeMessage(4, partition=1)]]
    assert [(r.partition, r.offset) for r in source.poll(0, 10)] == [(0, 5), (1, 4)]
    assert fake(source).calls == [("unassign", ("t", 0, 6)), ("assign", ("t", 0, 6))]


def test_damage_at_one_place_stops_at_the_third_time(source: KafkaSource) -> None:
    source.assign({A: 5})
    fake(source).script = [[bad(E._BAD_COMPRESSION)]] * 3
    assert source.poll(0, 10) == source.poll(0, 10) == []
    with pytest.raises(BrokerError, match="at offset 5: the bytes are damaged"):
        source.poll(0, 10)


def test_partitions_start_where_the_listener_says(source: KafkaSource) -> None:
    listener = Listener()
    listener.starts = {A: 4, B: 0}
    source.subscribe(["t"], listener)
    consumer = fake(source)
    consumer.callbacks["on_assign"](consumer, [Position("t", 0), Position("t", 1)])
    assert listener.told == [("assigned", A, B)]
    assert consumer.calls == [("assign", ("t", 0, 4), ("t", 1, 0))]
    consumer.callbacks["on_revoke"](consumer, [Position("t", 0)])
    consumer.callbacks["on_lost"](consumer, [Position("t", 1)])
    assert listener.told[1:] == [("revoked", A), ("lost", B)]
    assert [call[0] for call in consumer.calls[1:]] == ["unassign", "unassign"]


@pytest.mark.parametrize(
    ("failure", "text"),
    [(BrokerUnavailable("no coordinator"), "no coordinator"), (ValueError("odd"), "cannot start .* odd")],
)
def test_a_listener_that_cannot_start_comes_out_of_poll_and_nothing_is_assigned(
    source: KafkaSource, failure: Exception, text: str
) -> None:
    listener = Listener()
    listener.failure = failure
    source.subscribe(["t"], listener)
    consumer = fake(source)
    consumer.callbacks["on_assign"](consumer, [Position("t", 0)])
    assert consumer.calls == []
    with pytest.raises(BrokerError, match=text):
        source.poll(0, 10)


def test_a_listener_that_raises_while_letting_go_does_not_stop_the_hand_over(source: KafkaSource) -> None:
    listener = Listener()
    listener.failure = RuntimeError("boom")
    source.subscribe(["t"], listener)
    consumer = fake(source)
    consumer.callbacks["on_revoke"](consumer, [Position("t", 0)])
    consumer.settings["on_commit"](None, [Position("t", 0, 3)])
    assert consumer.calls[-1][0] == "unassign"
    assert source.poll(0, 10) == []


def test_results_of_commits_reach_the_listener(source: KafkaSource) -> None:
    listener = Listener()
    source.subscribe(["t"], listener)
    consumer = fake(source)
    source.commit({A: (5, 7), B: (6, None)}, wait=False)
    ((_, asynchronous, first_sent, second_sent),) = consumer.calls
    assert (asynchronous, first_sent, second_sent[:2]) == (True, (0, 5, 7), (1, 6))
    consumer.settings["on_commit"](None, [Position("t", 0, 5)])
    consumer.settings["on_commit"](KafkaError(E.REBALANCE_IN_PROGRESS), [Position("t", 1, 6)])
    (_, first, no_error), (_, second, error) = listener.told
    assert (first, no_error, second) == ({A: 5}, None, {B: 6})
    assert "REBALANCE_IN_PROGRESS" in str(error)


def test_a_commit_that_cannot_even_be_sent_is_a_result_or_an_error(source: KafkaSource) -> None:
    listener = Listener()
    source.subscribe(["t"], listener)
    fake(source).results["commit"] = KafkaException(KafkaError(E._STATE))
    source.commit({A: (5, None)}, wait=False)
    ((kind, offsets, error),) = listener.told
    assert (kind, offsets) == ("committed", {A: 5})
    assert error is not None
    with pytest.raises(BrokerError, match="cannot commit offsets"):
        source.commit({A: (5, None)}, wait=True)


def test_waiting_for_a_commit_looks_at_every_partition(source: KafkaSource) -> None:
    class Done:
        error = KafkaError(E.UNKNOWN_MEMBER_ID)

    fake(source).results["commit"] = [Done()]
    with pytest.raises(BrokerError, match="UNKNOWN_MEMBER_ID"):
        source.commit({A: (5, None)}, wait=True)
    fake(source).results["commit"] = None
    source.commit({A: (5, None)}, wait=True)


def test_a_coordinator_that_is_still_being_made_is_waited_for(
    source: KafkaSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = KafkaException(KafkaError(E._WAIT_COORD))
    fake(source).results["committed"] = [busy, busy, Position("t", 0, 8), Position("t", 1, -1001)]
    assert source.committed([A, B]) == {A: 8, B: None}
    monkeypatch.setattr("avroad.broker.source._PATIENCE_S", 0.0)
    fake(source).results["committed"] = [busy] * 3
    with pytest.raises(BrokerUnavailable):
        source.committed([A])
    fake(source).results["committed"] = [KafkaException(KafkaError(E.GROUP_AUTHORIZATION_FAILED)), busy]
    with pytest.raises(BrokerError, match="access rights"):
        source.committed([A])


@pytest.mark.parametrize("error", [UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), SystemError("an exception set")])
def test_header_names_that_are_no_text_do_not_end_the_run(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    message: Any = FakeMessage(5)

    def refuse() -> list[tuple[str, Any]]:
        raise error

    monkeypatch.setattr(message, "headers", refuse)
    record = to_record(message)
    assert (record.offset, record.value) == (5, b"v")
    assert record.headers == ((UNREADABLE_HEADERS, b"a header name is not UTF-8"),)


def test_a_leader_that_has_just_moved_is_asked_again(source: KafkaSource, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Any] = [KafkaException(KafkaError(E.NOT_LEADER_FOR_PARTITION)), (3, 9)]

    def ask(_position: Position, **_: Any) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(fake(source), "get_watermark_offsets", ask)
    assert source.watermarks(A) == (3, 9)
    answers[:] = [KafkaException(KafkaError(E.TOPIC_AUTHORIZATION_FAILED))]
    with pytest.raises(BrokerError, match="access rights"):
        source.watermarks(A)


def test_the_leader_after_one_that_died_is_waited_for_while_a_broker_is_left(source: KafkaSource) -> None:
    lost = [KafkaException(KafkaError(code)) for code in (E._TRANSPORT, E._TIMED_OUT, E._DESTROY_BROKER)]
    fake(source).results["watermarks"] = [*lost, 3, 9]
    assert source.watermarks(A) == (3, 9)
    source.notes.on_error(KafkaError(E._TRANSPORT, "Connect to ipv4#127.0.0.1:1 failed: Connection refused"))
    source.notes.on_error(KafkaError(E._ALL_BROKERS_DOWN, "1/1 brokers are down"))
    fake(source).results["watermarks"] = [*lost, 3, 9]
    with pytest.raises(BrokerUnavailable, match="Connection refused"):
        source.watermarks(A)


def test_ends_are_known_after_a_fetch_only(source: KafkaSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avroad.broker.source._LEADER_S", 0.0)
    assert source.end_offset(A) == 9
    for unknown in (None, (-1001, -1001)):
        fake(source).results["watermarks"] = unknown
        assert source.end_offset(A) is None
    fake(source).results["watermarks"] = None
    with pytest.raises(BrokerUnavailable, match="ask for the end of t partition 0"):
        source.watermarks(A)


def test_a_time_behind_the_last_record_is_the_end(source: KafkaSource) -> None:
    fake(source).results["times"] = [Position("t", 0, 5), Position("t", 1, -1)]
    assert source.offsets_at(1, [A, B]) == {A: 5, B: 9}
    fake(source).results["times"] = KafkaException(KafkaError(E._TIMED_OUT))
    with pytest.raises(BrokerUnavailable):
        source.offsets_at(1, [A])


def test_seeking_assigns_again(source: KafkaSource) -> None:
    source.assign({A: 5})
    source.seek(A, 2)
    assert fake(source).calls[1:] == [("unassign", ("t", 0, 2)), ("assign", ("t", 0, 2))]


def test_pausing_what_is_gone_is_our_error(source: KafkaSource) -> None:
    fake(source).results["pause"] = KafkaException(KafkaError(E._STATE))
    with pytest.raises(BrokerError, match="pause or resume"):
        source.pause([A])


def test_a_client_that_does_not_close_is_left_behind(source: KafkaSource) -> None:
    consumer = fake(source)
    consumer.results["close"] = None
    assert source.close(0.05) is False
    consumer.held.set()
    del consumer.results["close"]
    assert source.close(5) is True


def test_a_close_that_fails_is_no_clean_end(source: KafkaSource) -> None:
    consumer = fake(source)
    consumer.held.set()
    consumer.results["close"] = RuntimeError("already closed")
    assert source.close(5) is False


@pytest.mark.parametrize("settings", [{"no.such.setting": "1"}, {"session.timeout.ms": "soon"}])
def test_settings_the_client_refuses_are_a_configuration_error(settings: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"(?s)refuses its settings.*(no\.such\.setting|session\.timeout\.ms)"):
        KafkaSource({"bootstrap.servers": "127.0.0.1:1", **settings}, "g")
