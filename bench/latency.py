"""How long an event takes from send to handler when events are few: what batching must not cost."""

from __future__ import annotations

import statistics
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from confluent_kafka import Consumer, Producer, TopicPartition

from avroad.broker import open_source
from bench.clients import consumer_settings
from bench.cluster import PARTITIONS, Kafka
from bench.rounds import Candidate, Sample, Table, measure

__all__ = ["latency_table"]

_RATE: Final = 200
_WAIT_S: Final = 0.2
_BATCH: Final = 500
# The mock does not wake a fetch that waits, so the wait itself must be short.
_FETCH: Final = {"fetch.wait.max.ms": 2}
_BASE: Final = "poll(), one by one"
_Reader = tuple[Callable[[], Iterable[Any]], Callable[[], object]]
"""Returns the values that are there, after waiting for the first; closes."""


def latency_table(cluster: Kafka, *, rounds: int, seconds: float) -> Table:
    """Return the median latency at a low rate of avroad's source, which reads batches, against single polls."""
    topic = cluster.topic()
    servers = cluster.bootstrap_servers
    opens: dict[str, Callable[[], _Reader]] = {
        _BASE: lambda: _single(servers, topic),
        "avroad, poll then drain": lambda: _source(servers, topic),
    }
    candidates = [
        Candidate(name=name, bases=(_BASE,), run=partial(_run, servers, topic, open_it, seconds))
        for name, open_it in opens.items()
    ]
    title = f"from send to handler at {_RATE} events per second, median"
    return measure("latency", title, candidates, clock="wall", rounds=rounds)


def _run(servers: str, topic: str, open_it: Callable[[], _Reader], seconds: float) -> Sample:
    """Send at the rate in a thread, read here, and return the median latency as what one event took."""
    count = int(_RATE * seconds)
    read, close = open_it()
    sender = threading.Thread(target=_send, args=(servers, topic, count), daemon=True)
    latencies: list[float] = []
    cpu = time.process_time()
    sender.start()
    deadline = time.monotonic() + seconds + 30
    while len(latencies) < count:
        assert time.monotonic() < deadline, "events are missing"
        for value in read():
            latencies.append(time.perf_counter() - int(value) / 1e9)  # noqa: PERF401  # each at its own moment
    spent = time.process_time() - cpu
    sender.join()
    close()
    return Sample(events=1, wall_s=statistics.median(latencies), cpu_s=spent / count)


def _send(servers: str, topic: str, count: int) -> None:
    """Send the time of sending, evenly."""
    producer = Producer({"bootstrap.servers": servers, "linger.ms": 0})
    producer.list_topics(topic)
    begin = time.perf_counter()
    for number in range(count):
        time.sleep(max(0.0, begin + number / _RATE - time.perf_counter()))
        producer.produce(topic, str(time.perf_counter_ns()).encode())
        producer.poll(0)
    assert producer.flush(30) == 0, "not everything was delivered"


def _single(servers: str, topic: str) -> _Reader:
    group = f"bench-{uuid.uuid4().hex[:12]}"
    consumer = Consumer({"bootstrap.servers": servers, "group.id": group, **consumer_settings(**_FETCH)})
    places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    ends = [consumer.get_watermark_offsets(place, timeout=30) for place in places]
    consumer.assign([TopicPartition(p.topic, p.partition, e[1]) for p, e in zip(places, ends, strict=True) if e])

    def read() -> Iterable[Any]:
        message = consumer.poll(_WAIT_S)
        return [message.value()] if message is not None and message.error() is None else []

    return read, consumer.close


def _source(servers: str, topic: str) -> _Reader:
    settings = {key: str(value).lower() for key, value in consumer_settings(**_FETCH).items()}
    source = open_source({"bootstrap.servers": servers, **settings}, "")
    places = [(topic, number) for number in range(PARTITIONS)]
    source.assign({place: source.watermarks(place)[1] for place in places})

    def read() -> Iterable[Any]:
        return [record.value for record in source.poll(_WAIT_S, _BATCH)]

    return read, lambda: source.close(10)
