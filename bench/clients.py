"""How every way through Kafka is set up and timed: the same client settings, the same start, the same end."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from confluent_kafka import Consumer, Message, Producer, TopicPartition

from bench.cluster import PARTITIONS
from bench.rounds import Sample, stopwatch

__all__ = ["PRODUCER", "consumer_settings", "drain", "produced", "producing"]

PRODUCER: Final[dict[str, Any]] = {
    "linger.ms": 20,
    "batch.size": 512 * 1024,
    "batch.num.messages": 100_000,
    "queue.buffering.max.messages": 500_000,
    "queue.buffering.max.kbytes": 1 << 20,
    "compression.type": "lz4",
    "enable.idempotence": True,
}
"""What every producer measured here is told."""

_CONSUMER: Final[dict[str, Any]] = {
    "enable.auto.commit": False,
    "fetch.wait.max.ms": 10,
    # A small queue with the default backoff of a second would stall: the queue fills, and nobody fetches.
    "queued.max.messages.kbytes": 4096,
    "fetch.queue.backoff.ms": 1,
}
_BATCH: Final = 500
_POLL_EVERY: Final = 1000
_TIMEOUT_S: Final = 30.0


def consumer_settings(**more: Any) -> dict[str, Any]:
    """Return what every consumer measured here is told."""
    return {**_CONSUMER, **more}


@contextmanager
def producing(bootstrap_servers: str, make: Callable[[dict[str, Any]], Any] = Producer) -> Iterator[Any]:
    """Yield a client that is told of failures only, and raise AssertionError if there was one."""
    failed: list[object] = []
    reports = {"delivery.report.only.error": True, "on_delivery": lambda error, _: failed.append(error)}
    producer = make({"bootstrap.servers": bootstrap_servers, **PRODUCER, **reports})
    yield producer
    # An empty queue alone proves nothing: messages that failed have left it too.
    assert producer.flush(_TIMEOUT_S) == 0, "not everything was delivered"
    assert not failed, f"{len(failed)} sends failed: {failed[0]}"


def produced(producer: Any, items: Sequence[Any], send: Callable[[Sequence[Any]], object]) -> Sample:
    """Return what it took `send` to queue all but the first item, and until they were acknowledged.

    The first one is sent before the clock starts: it pays for the connection. The queue holds more than is ever
    sent here, so it is never full.
    """
    send(items[:1])
    assert producer.flush(_TIMEOUT_S) == 0, "the first event was not delivered"
    chunks = [items[start : start + _POLL_EVERY] for start in range(1, len(items), _POLL_EVERY)]

    def work() -> None:
        for chunk in chunks:
            send(chunk)
            producer.poll(0)
        assert producer.flush(_TIMEOUT_S) == 0, "not everything was delivered"

    return stopwatch(len(items) - 1, work)


def drain(
    bootstrap_servers: str, topic: str, count: int, take: Callable[[list[Message]], object], **settings: Any
) -> Sample:
    """Return what it took to read `count` records from the first one on, in batches given to `take`.

    The clock starts when the first record is there; asking for no more than is left never waits for more.
    """
    group = {"bootstrap.servers": bootstrap_servers, "group.id": f"bench-{uuid.uuid4().hex[:12]}"}
    consumer = Consumer({**group, **consumer_settings(**settings)})
    try:
        consumer.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
        first = consumer.consume(1, _TIMEOUT_S)
        assert len(first) == 1, "no record came"

        def work() -> None:
            take(first)
            left = count - 1
            while left:
                batch = consumer.consume(min(_BATCH, left), _TIMEOUT_S)
                assert batch, "records are missing"
                left -= len(batch)
                take(batch)

        return stopwatch(count, work)
    finally:
        consumer.close()
