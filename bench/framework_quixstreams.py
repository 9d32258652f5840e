"""Quix Streams in its own environment: its producer, and a StreamingDataFrame, with serializers on fastavro."""

# Its imports exist in its own environment only.
# ruff: noqa: ARG002  # the signatures are the framework's
# pyright: reportMissingImports=false

from __future__ import annotations

import logging
import tempfile
import uuid
from typing import Any, Final

from quixstreams import Application
from quixstreams.models import Deserializer, SerializationContext, Serializer
from quixstreams.models.topics import Topic, TopicManager

from bench.worker import Clock, Light, serve

__all__: list[str] = []

_PRODUCER: Final = {
    "linger.ms": 20,
    "batch.size": 512 * 1024,
    "batch.num.messages": 100_000,
    "queue.buffering.max.messages": 500_000,
    "compression.type": "lz4",
    "enable.idempotence": True,
    "delivery.report.only.error": True,
}
_CONSUMER: Final = {"fetch.wait.max.ms": 10, "queued.max.messages.kbytes": 4096, "fetch.queue.backoff.ms": 1}
_TIMEOUT_S: Final = 30.0


class _Topics(TopicManager):  # type: ignore[misc]  # not installed where this is checked
    """Takes topics as they are: the mock cluster cannot be asked for their settings."""

    def _get_or_create_broker_topic(self, topic: Topic) -> Topic:
        return topic

    def _configure_topic(self, topic: Topic, broker_topic: Topic) -> Topic:
        return topic


class _Write(Serializer):  # type: ignore[misc]
    def __init__(self, light: Light) -> None:
        self._encode = light.encode

    def __call__(self, value: Any, ctx: SerializationContext) -> bytes:
        return self._encode(value)


class _Read(Deserializer):  # type: ignore[misc]
    def __init__(self, light: Light) -> None:
        super().__init__()
        self._decode = light.decode

    def __call__(self, value: bytes, ctx: SerializationContext) -> Any:
        return self._decode(value)


class _Quix:
    def __init__(self, servers: str, light: Light) -> None:
        self._servers = servers
        self._light = light
        self._state = tempfile.TemporaryDirectory()

    def _application(self) -> Application:
        group = f"bench-{uuid.uuid4().hex[:12]}"
        return Application(
            broker_address=self._servers,
            consumer_group=group,
            auto_offset_reset="earliest",
            producer_extra_config=dict(_PRODUCER),
            consumer_extra_config=dict(_CONSUMER),
            topic_manager=_Topics(topic_admin=None, consumer_group=group, auto_create_topics=False),
            state_dir=self._state.name,
            loglevel=None,
        )

    def _topic(self, application: Application, name: str) -> Topic:
        return application.topic(
            name, key_serializer="str", value_serializer=_Write(self._light), value_deserializer=_Read(self._light)
        )

    def produce(self, topic: str, count: int, clock: Clock) -> int:
        """Serialize by the topic and produce, as its documentation shows; the first event pays for the connection."""
        application = self._application()
        to = self._topic(application, topic)
        with application.get_producer() as producer:
            events = self._light.events[:count]

            def send(event: Any) -> None:
                message = to.serialize(key=event["id"], value=event)
                producer.produce(topic, key=message.key, value=message.value)

            send(events[0])
            assert producer.flush(_TIMEOUT_S) == 0
            clock.start()
            for event in events[1:]:
                send(event)
            assert producer.flush(_TIMEOUT_S) == 0
            clock.stop()
        return count - 1

    def consume(self, topic: str, count: int, clock: Clock) -> int:
        """Run a dataframe over the topic; the clock runs from its first value to its last."""
        application = self._application()
        taken = 0

        def take(value: Any) -> None:
            nonlocal taken
            if not taken:
                clock.start()
            taken += 1
            if clock.keep:
                clock.seen.append(value)
            if taken == count:
                clock.stop()

        application.dataframe(self._topic(application, topic)).update(take)
        application.run(count=count, collect=False)
        return count - 1


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    serve(("quixstreams", "confluent-kafka", "fastavro"), _Quix)
