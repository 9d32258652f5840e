"""librdkafka's codes as outcomes: REJECTED only where the record cannot be in the log."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from avroad.broker.corruption import Corruption
from avroad.broker.metadata import ask, heard_of
from avroad.broker.notes import ClientNotes
from avroad.broker.outcome import error_of, kafka_error, outcome_of, to_error
from avroad.errors import BrokerError, BrokerUnavailable
from avroad.model import Outcome

E = KafkaError


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (E.MSG_SIZE_TOO_LARGE, Outcome.REJECTED),
        (E.TOPIC_AUTHORIZATION_FAILED, Outcome.REJECTED),
        (E.INVALID_RECORD, Outcome.REJECTED),
        (E._UNKNOWN_TOPIC, Outcome.REJECTED),
        (E._MSG_TIMED_OUT, Outcome.UNKNOWN),
        (E._TRANSPORT, Outcome.UNKNOWN),
        (E._PURGE_QUEUE, Outcome.UNKNOWN),
        (E._PURGE_INFLIGHT, Outcome.UNKNOWN),
        (E.REQUEST_TIMED_OUT, Outcome.UNKNOWN),
        (E.NOT_ENOUGH_REPLICAS, Outcome.UNKNOWN),
        (E.NOT_ENOUGH_REPLICAS_AFTER_APPEND, Outcome.UNKNOWN),
        (E.NOT_LEADER_FOR_PARTITION, Outcome.UNKNOWN),
        (E.UNKNOWN, Outcome.UNKNOWN),
        (E._FATAL, Outcome.FATAL),
    ],
)
def test_each_code_has_its_outcome(code: int, outcome: Outcome) -> None:
    assert outcome_of(KafkaError(code)) is outcome


def test_no_error_is_an_acknowledgement_and_a_fatal_flag_is_fatal() -> None:
    assert outcome_of(None) is Outcome.ACKED
    assert outcome_of(KafkaError(E.MSG_SIZE_TOO_LARGE, "x", True)) is Outcome.FATAL


@pytest.mark.parametrize(
    ("code", "kind", "text"),
    [
        (E._TRANSPORT, BrokerUnavailable, "no answer from Kafka"),
        (E.COORDINATOR_NOT_AVAILABLE, BrokerUnavailable, "no answer from Kafka"),
        (E.UNKNOWN_TOPIC_OR_PART, BrokerError, "does not exist. Create it: avroad apply"),
        (E.GROUP_AUTHORIZATION_FAILED, BrokerError, "access rights"),
        (E.INVALID_PARTITIONS, BrokerError, "INVALID_PARTITIONS"),
        (E._FATAL, BrokerError, "failed for good"),
    ],
)
def test_errors_say_what_was_tried_and_what_to_do(code: int, kind: type[BrokerError], text: str) -> None:
    error = to_error(KafkaError(code), "read orders", ClientNotes({}))
    assert type(error) is kind
    assert str(error).startswith("cannot read orders: ")
    assert text in str(error)


def test_an_exception_without_an_error_inside_is_still_described() -> None:
    assert kafka_error(KafkaException("odd")).code() == E._FAIL
    assert "odd" in str(error_of(KafkaException("odd"), "read", ClientNotes({})))


def test_damage_is_given_up_at_the_third_time_in_one_place() -> None:
    damage = Corruption()
    assert [damage.give_up(("t", 0), 5) for _ in range(2)] == [False, False]
    assert damage.give_up(("t", 0), 6) is False
    assert [damage.give_up(("t", 0), 5) for _ in range(3)] == [False, False, True]
    assert damage.give_up(("t", 1), 5) is False
    assert Corruption.is_corruption(KafkaError(E._BAD_MSG))
    assert not Corruption.is_corruption(KafkaError(E._TRANSPORT))


class Cluster:
    """Answers or fails per call and tells the client's notes why."""

    def __init__(self, *, failures: int, line: str = "", alone: bool = True) -> None:
        self.notes = ClientNotes({"bootstrap.servers": "127.0.0.1:1"})
        self.failures, self.line, self.alone = failures, line, alone
        self.timeouts: list[float] = []

    def call(self, timeout_s: float) -> str:
        self.timeouts.append(timeout_s)
        if len(self.timeouts) <= self.failures:
            raise KafkaException(KafkaError(E._TRANSPORT))
        return "answer"

    def serve(self) -> None:
        if self.line:
            self.notes.on_error(KafkaError(E._TRANSPORT, self.line))
        if self.alone:
            self.notes.on_error(KafkaError(E._ALL_BROKERS_DOWN, "1/1 brokers are down"))


def test_one_broker_that_refuses_says_nothing_of_the_others() -> None:
    cluster = Cluster(failures=1, line="Connection refused", alone=False)
    assert ask(cluster.call, cluster.serve, cluster.notes, 10) == "answer"
    assert cluster.timeouts == [3, 7]
    cluster.serve()
    assert not cluster.notes.hopeless()


class Topic:
    """What metadata says of a topic."""

    def __init__(self, code: int | None) -> None:
        self.error = None if code is None else KafkaError(code)


@pytest.mark.parametrize(
    ("brokers", "codes", "asked"),
    [
        (3, [E.UNKNOWN_TOPIC_OR_PART, E.UNKNOWN_TOPIC_OR_PART, None], 3),
        (3, [E.TOPIC_AUTHORIZATION_FAILED], 1),
        (1, [E.UNKNOWN_TOPIC_OR_PART], 1),
    ],
    ids=["not heard of yet", "refused", "nobody else to ask"],
)
def test_a_topic_is_unknown_when_no_broker_has_heard_of_it(brokers: int, codes: list[int | None], asked: int) -> None:
    looks = [SimpleNamespace(topics={"t": Topic(code)}, brokers=dict.fromkeys(range(brokers))) for code in codes]
    left: list[Any] = list(looks)
    found: Any = heard_of("t", lambda: left.pop(0))
    assert found is looks[asked - 1]
    assert left == []


def test_a_slow_cluster_gets_the_rest_of_the_time() -> None:
    cluster = Cluster(failures=1)
    assert ask(cluster.call, cluster.serve, cluster.notes, 10) == "answer"
    assert cluster.timeouts == [3, 7]


@pytest.mark.parametrize(
    ("line", "timeout_s", "timeouts"),
    [("Connection refused", 10, [3]), ("", 2, [2]), ("timed out", 10, [3, 7])],
    ids=["refused", "short", "slow"],
)
def test_waiting_ends_when_it_cannot_help(line: str, timeout_s: float, timeouts: list[float]) -> None:
    cluster = Cluster(failures=9, line=line)
    with pytest.raises(KafkaException):
        ask(cluster.call, cluster.serve, cluster.notes, timeout_s)
    assert cluster.timeouts == timeouts
