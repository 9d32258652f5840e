"""The end of the sink over a scripted client: what a purge leaves behind for a moment, and for ever."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import KafkaError

from avroad.broker.sink import KafkaSink
from avroad.model import Delivery, Outcome, OutgoingRecord

RECORD = OutgoingRecord(topic="t", key=b"k", value=b"v")


class FakeProducer:
    """Answers what was purged at the flush `late` flushes later, never when None; `held` keeps close waiting."""

    def __init__(self, settings: dict[str, Any], logger: Any) -> None:
        self.late: int | None = 0
        self.held = threading.Event()
        self.held.set()
        self.calls: list[str] = []
        self._waiting: list[Callable[..., None]] = []
        self._purged = False

    def produce(self, topic: str, value: Any, key: Any, partition: int, report: Any, **_: Any) -> None:
        self._waiting.append(report)

    def poll(self, timeout: float) -> int:
        return 0

    def flush(self, timeout: float) -> int:
        if self._purged and self.late is not None:
            self.late -= 1
            if self.late < 0:
                waiting, self._waiting = self._waiting, []
                for report in waiting:
                    report(KafkaError(KafkaError._PURGE_INFLIGHT), None)
        threading.Event().wait(min(timeout, 0.01))
        return len(self._waiting)

    def purge(self, *, in_queue: bool, in_flight: bool, blocking: bool) -> None:
        assert in_queue
        assert in_flight
        assert not blocking, "a purge that waits has no deadline"
        self.calls.append("purge")
        self._purged = True

    def close(self) -> bool:
        self.calls.append("close")
        assert not self._waiting, "closing a full client waits for its delivery timeout"
        assert self.held.wait(20)
        return True


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> KafkaSink:
    monkeypatch.setattr("avroad.broker.sink.Producer", FakeProducer)
    return KafkaSink({"bootstrap.servers": "127.0.0.1:1"})


def fake(sink: KafkaSink) -> FakeProducer:
    producer: Any = sink._producer
    assert isinstance(producer, FakeProducer)
    return producer


@pytest.mark.parametrize("late", [0, 1, 5])
def test_a_record_that_leaves_the_queue_after_the_purge_is_waited_for(sink: KafkaSink, late: int) -> None:
    fake(sink).late = late
    results: list[Delivery] = []
    sink.produce(RECORD, results.append)
    assert sink.close(10)
    assert [result.outcome for result in results] == [Outcome.UNKNOWN]
    assert fake(sink).calls[-1] == "close"
    assert len(sink) == 0


def test_a_client_that_keeps_a_record_is_left_behind_in_time(sink: KafkaSink, caplog: pytest.LogCaptureFixture) -> None:
    fake(sink).late = None
    sink.produce(RECORD, lambda _: None)
    started = time.monotonic()
    with caplog.at_level(logging.WARNING, "avroad.broker"):
        assert not sink.close(0.1)
    assert time.monotonic() - started < 5
    assert "close" not in fake(sink).calls
    assert "without an answer of the Kafka client: 1" in caplog.text


def test_a_client_that_does_not_close_is_left_behind_in_time(sink: KafkaSink) -> None:
    fake(sink).held.clear()
    assert not sink.close(0.05)
    fake(sink).held.set()


def test_an_empty_sink_closes_without_a_purge(sink: KafkaSink) -> None:
    assert sink.close(10)
    assert fake(sink).calls == ["close"]
