"""FastStream on its confluent broker: publishing without waiting for each confirmation, subscribing in batches."""

# Its imports exist in its own environment only.
# pyright: reportMissingImports=false

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Sequence
from typing import Any, Final

from faststream import AckPolicy
from faststream.confluent import KafkaBroker, KafkaMessage, TopicPartition

from bench.worker import PARTITIONS, Clock, Light, serve

__all__: list[str] = []

_CONFIG: Final[Any] = {
    "batch.size": 512 * 1024,
    "batch.num.messages": 100_000,
    "queue.buffering.max.messages": 500_000,
    "queued.max.messages.kbytes": 4096,
    "fetch.queue.backoff.ms": 1,
}
_BATCH: Final = 500
_TIMEOUT_S: Final = 60.0


class _FastStream:
    def __init__(self, servers: str, light: Light) -> None:
        self._servers = servers
        self._light = light

    def _broker(self) -> KafkaBroker:
        return KafkaBroker(
            self._servers,
            linger_ms=20,
            compression_type="lz4",
            enable_idempotence=True,
            allow_auto_create_topics=False,
            apply_types=False,
            logger=None,
            config=_CONFIG,
        )

    def produce(self, topic: str, count: int, clock: Clock) -> int:
        """Publish and gather the confirmations; the first event pays for the connection."""
        return asyncio.run(self._produce(topic, count, clock))

    async def _produce(self, topic: str, count: int, clock: Clock) -> int:
        encode, events = self._light.encode, self._light.events[:count]
        async with self._broker() as broker:
            await broker.publish(encode(events[0]), topic, key=events[0]["id"])
            clock.start()
            sent = [await broker.publish(encode(e), topic, key=e["id"], no_confirm=True) for e in events[1:]]
            await asyncio.wait_for(asyncio.gather(*sent), _TIMEOUT_S)
            clock.stop()
        return count - 1

    def consume(self, topic: str, count: int, clock: Clock) -> int:
        """Subscribe in batches; the clock runs from the first batch, before it is decoded, to the last."""
        return asyncio.run(self._consume(topic, count, clock))

    async def _consume(self, topic: str, count: int, clock: Clock) -> int:
        broker, decode = self._broker(), self._light.decode
        done = asyncio.Event()
        taken = 0

        async def decode_batch(message: KafkaMessage) -> list[Any]:
            if not taken:
                clock.start()
            return [decode(payload) for payload in message.body]

        @broker.subscriber(  # type: ignore[untyped-decorator]  # not installed where this is checked
            partitions=[TopicPartition(topic, number) for number in range(PARTITIONS)],
            group_id=f"bench-{uuid.uuid4().hex[:12]}",
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            batch=True,
            max_records=_BATCH,
            fetch_max_wait_ms=10,
            decoder=decode_batch,
        )
        async def handle(events: Sequence[Any]) -> None:
            nonlocal taken
            taken += len(events)
            if clock.keep:
                clock.seen.extend(events)
            if taken >= count:
                clock.stop()
                done.set()

        async with broker:
            await broker.start()
            await asyncio.wait_for(done.wait(), _TIMEOUT_S)
        return count


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    serve(("faststream", "confluent-kafka", "fastavro"), _FastStream)
