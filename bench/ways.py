"""Ways of an event through Kafka in this process: raw bytes, avroad's codec alone, all of avroad, and its peers.

Each way sends with the same key and reads the same records; what it adds beyond that (headers, times, reports) has a
raw bound of its own with the same arguments.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from confluent_kafka import DeserializingConsumer, Message, Producer, SerializingProducer, TopicPartition

from avroad.broker import open_sink, open_source
from avroad.consumer import Event, Runner, RunnerSettings
from avroad.producer import Publisher
from bench.clients import PRODUCER, consumer_settings, drain, produced, producing
from bench.cluster import PARTITIONS
from bench.peers import FRAME_SIZE
from bench.rounds import Sample, stopwatch
from bench.traffic import Traffic

__all__ = ["WAYS", "Way"]

_TIMEOUT_S: Final = 60.0
_RAW_HEADERS: Final = 8


class Way(Protocol):
    """One way. Both calls handle the first `count` events and say what that took; `seen` collects what was read."""

    def produce(self, topic: str, count: int) -> Sample:
        """Send events and wait until they are acknowledged."""
        ...

    def consume(self, topic: str, count: int, seen: list[Any] | None = None) -> Sample:
        """Read events of a topic that holds them."""
        ...


class _InProcess:
    def __init__(self, traffic: Traffic, bootstrap_servers: str) -> None:
        self.traffic = traffic
        self.servers = bootstrap_servers

    def _drain(
        self, topic: str, count: int, decode: Callable[[list[Message]], list[Any]], seen: list[Any] | None, **more: Any
    ) -> Sample:
        """Read with `decode` turning a batch of messages into a list of results."""
        if seen is None:
            return drain(self.servers, topic, count, decode, **more)
        return drain(self.servers, topic, count, lambda batch: seen.extend(decode(batch)), **more)


class Raw(_InProcess):
    """Bytes that are ready, with the key; of what is read only the value."""

    def produce(self, topic: str, count: int) -> Sample:
        """Send payloads."""
        with producing(self.servers) as producer:
            produce = producer.produce

            def send(items: Sequence[tuple[bytes, str]]) -> None:
                for payload, key in items:
                    produce(topic, payload, key)

            return produced(producer, self.traffic.keyed[:count], send)

    def consume(self, topic: str, count: int, seen: list[Any] | None = None) -> Sample:
        """Read payloads."""
        return self._drain(topic, count, lambda batch: [message.value() for message in batch], seen)


class RawWhole(_InProcess):
    """The bound of Publisher and Runner: bytes with the same headers, times and reports; every part of what is read."""

    def produce(self, topic: str, count: int) -> Sample:
        """Send payloads as the Publisher's client does: headers, a time, and a report per record."""
        headers = [(f"ce_attribute{i}", b"a value of the usual length") for i in range(_RAW_HEADERS)]
        reports = [0]

        def report(error: object, _: Message) -> None:
            assert error is None
            reports[0] += 1

        with producing(self.servers, _reporting) as producer:
            produce, now_ms = producer.produce, int(time.time() * 1000)

            def send(items: Sequence[tuple[bytes, str]]) -> None:
                for payload, key in items:
                    produce(topic, payload, key, -1, report, timestamp=now_ms, headers=headers)

            sample = produced(producer, self.traffic.keyed[:count], send)
        assert reports[0] == count, "a report is missing"
        return sample

    def consume(self, topic: str, count: int, seen: list[Any] | None = None) -> Sample:
        """Read every part of each record."""

        def parts(batch: list[Message]) -> list[Any]:
            return [_all_of(message)[0] for message in batch]

        return self._drain(topic, count, parts, seen, **{"check.crcs": True})


class Codec(_InProcess):
    """avroad's codec on Confluent's plain clients: objects in, objects of the reader's classes out."""

    def produce(self, topic: str, count: int) -> Sample:
        """Encode and send."""
        encode = self.traffic.ours.encode_one(typed=True)
        with producing(self.servers) as producer:
            produce = producer.produce

            def send(items: Sequence[Any]) -> None:
                for event in items:
                    produce(topic, encode(event), event.id)

            return produced(producer, self.traffic.objects[:count], send)

    def consume(self, topic: str, count: int, seen: list[Any] | None = None) -> Sample:
        """Read and decode; the decoder is found by the frame."""
        known = {self.traffic.frame: self.traffic.ours.decode_one(typed=True)}

        def decode(batch: list[Message]) -> list[Any]:
            values = [m.value() for m in batch if m.error() is None]
            return [known[v[:FRAME_SIZE]](v, FRAME_SIZE) for v in values if v is not None]

        return self._drain(topic, count, decode, seen)


class Platform(_InProcess):
    """All of avroad: Publisher with its contracts, headers and futures; Runner with its checks and watermarks."""

    def produce(self, topic: str, count: int) -> Sample:
        """Send through a Publisher; its futures are kept until all are resolved, and all must be acknowledged."""
        catalog, lock, registry = self.traffic.project(topic, evolved=False)
        settings = {key: str(value).lower() for key, value in PRODUCER.items()}
        publisher = Publisher(
            catalog=catalog,
            lock=lock,
            sink=open_sink({"bootstrap.servers": self.servers, **settings}),
            source_uri="https://example.org/feed",
            types=self.traffic.ours.writer_types,
            registry=registry,
        )
        events, send = self.traffic.objects[:count], publisher.send
        send(events[0]).result(_TIMEOUT_S)

        def work() -> None:
            for event in events[1:]:
                send(event)
            assert publisher.flush(_TIMEOUT_S) == 0, "not everything was delivered"

        sample = stopwatch(count - 1, work)
        assert publisher.close().acked == count, "not everything was acknowledged"
        return sample

    def consume(self, topic: str, count: int, seen: list[Any] | None = None) -> Sample:
        """Read through a Runner without a group; the clock runs from the first event in the handler to the last."""
        catalog, _, registry = self.traffic.project(topic, evolved=True)
        stop = threading.Event()
        taken = 0
        started = ended = (0.0, 0.0)

        def handle(event: Event) -> None:
            nonlocal taken, started, ended
            if not taken:
                started = (time.perf_counter(), time.process_time())
            taken += 1
            if seen is not None:
                seen.append(event.value)
            if taken == count:
                ended = (time.perf_counter(), time.process_time())
                stop.set()

        settings = {key: str(value).lower() for key, value in consumer_settings().items()}
        Runner(
            catalog=catalog,
            registry=registry,
            source=open_source({"bootstrap.servers": self.servers, **settings}, ""),
            settings=RunnerSettings(topics=(topic,)),
            handler=handle,
            types=self.traffic.ours.reader_types,
        ).run(stop)
        return Sample(events=count - 1, wall_s=ended[0] - started[0], cpu_s=ended[1] - started[1])


class Fast(_InProcess):
    """fastavro tuned by hand on Confluent's plain clients."""

    def produce(self, topic: str, count: int) -> Sample:
        """Encode and send."""
        encode = self.traffic.fast.encode_one()
        with producing(self.servers) as producer:
            produce = producer.produce

            def send(items: Sequence[Any]) -> None:
                for event in items:
                    produce(topic, encode(event), event["id"])

            return produced(producer, self.traffic.plain[:count], send)

    def consume(self, topic: str, count: int, seen: list[Any] | None = None) -> Sample:
        """Read and decode; the decoder is found by the frame."""
        known = {self.traffic.frame: self.traffic.fast.decode_one()}

        def decode(batch: list[Message]) -> list[Any]:
            values = [m.value() for m in batch if m.error() is None]
            return [known[v[:FRAME_SIZE]](v) for v in values if v is not None]

        return self._drain(topic, count, decode, seen)


class Serdes(_InProcess):
    """Confluent's SerializingProducer and DeserializingConsumer with their Avro serdes."""

    def produce(self, topic: str, count: int) -> Sample:
        """Send plain data."""
        serializer = self.traffic.confluent.serializer()

        def make(settings: dict[str, Any]) -> Any:
            return SerializingProducer({**settings, "value.serializer": serializer})

        with producing(self.servers, make) as producer:
            produce = producer.produce

            def send(items: Sequence[Any]) -> None:
                for event in items:
                    produce(topic, event["id"], event)

            return produced(producer, self.traffic.plain[:count], send)

    def consume(self, topic: str, count: int, seen: list[Any] | None = None) -> Sample:
        """Read one by one: this consumer has no other way."""
        consumer: Any = DeserializingConsumer({
            "bootstrap.servers": self.servers,
            "group.id": f"bench-{topic}",
            "value.deserializer": self.traffic.confluent.deserializer(),
            **consumer_settings(),
        })  # fmt: skip
        keep = [].append if seen is None else seen.append
        try:
            consumer.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])
            keep(consumer.poll(_TIMEOUT_S).value())

            def work() -> None:
                for _ in range(count - 1):
                    value = consumer.poll(_TIMEOUT_S).value()
                    if seen is not None:
                        keep(value)

            return stopwatch(count - 1, work)
        finally:
            consumer.close()


def _all_of(m: Message) -> tuple[Any, ...]:
    return (m.value(), m.error(), m.topic(), m.partition(), m.offset(), m.key(), m.headers(), m.timestamp(),
            m.leader_epoch())  # fmt: skip


def _reporting(settings: dict[str, Any]) -> Any:
    return Producer({**settings, "delivery.report.only.error": False})


WAYS: Final[dict[str, Callable[[Traffic, str], Way]]] = {
    "raw": Raw,
    "raw, all parts": RawWhole,
    "avroad codec": Codec,
    "avroad platform": Platform,
    "fastavro": Fast,
    "Confluent serdes": Serdes,
}
"""Every way by the name of its row."""
