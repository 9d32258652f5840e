"""A source, a sink and a clock that do what a test says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from avroad.errors import BrokerError
from avroad.model import Delivery, Outcome, OutgoingRecord, Record
from avroad.ports.broker import RebalanceListener, TopicPartition


class FakeClock:
    """Time that moves when told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


class FakeSource:
    """A group's offsets, partitions with ends, and a list of what was asked."""

    def __init__(self) -> None:
        self.counts = {"t": 3}
        self.group: dict[TopicPartition, int] = {}
        self.bounds: dict[TopicPartition, tuple[int, int]] = {}
        self.calls: list[tuple[object, ...]] = []
        self.commit_error: BrokerError | None = None
        self.failures: list[BrokerError] = []
        self.batches: list[list[Record]] = []
        self.poll_interval_s = 300.0
        self.found: dict[str, int] | BrokerError = {"t": 3}

    def subscribe(self, topics: Sequence[str], listener: RebalanceListener) -> None:
        self.calls.append(("subscribe", *topics))

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        self.calls.append(("assign", dict(positions)))

    def poll(self, timeout_s: float, max_records: int) -> list[Record]:
        return self.batches.pop(0) if self.batches else []

    def commit(self, offsets: Mapping[TopicPartition, tuple[int, int | None]], *, wait: bool) -> None:
        self.calls.append(("commit", dict(offsets), wait))
        if self.commit_error is not None:
            raise self.commit_error
        self.group.update({key: offset for key, (offset, _) in offsets.items()})

    def committed(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int | None]:
        if self.failures:
            raise self.failures.pop(0)
        return {key: self.group.get(key) for key in partitions}

    def watermarks(self, partition: TopicPartition) -> tuple[int, int]:
        return self.bounds.get(partition, (2, 9))

    def end_offset(self, partition: TopicPartition) -> int | None:
        return None

    def ends(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        self.calls.append(("ends", *partitions))
        return {key: self.watermarks(key)[1] for key in partitions}

    def look(self, topics: Sequence[str]) -> dict[str, int]:
        if isinstance(self.found, BrokerError):
            raise self.found
        return self.found

    def partitions(self, topic: str) -> int:
        return self.counts[topic]

    def offsets_at(self, timestamp_ms: int, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        self.calls.append(("offsets_at", timestamp_ms))
        return dict.fromkeys(partitions, 5)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.calls.append(("seek", partition, offset))

    def pause(self, partitions: Sequence[TopicPartition]) -> None:
        self.calls.append(("pause", *partitions))

    def resume(self, partitions: Sequence[TopicPartition]) -> None:
        self.calls.append(("resume", *partitions))

    def close(self, timeout_s: float) -> bool:
        return True


class FakeSink:
    """Keeps records and answers them when told; `room` limits how many it takes."""

    def __init__(self, room: int = 1000) -> None:
        self.room = room
        self.sent: list[OutgoingRecord] = []
        self.open: list[Callable[[Delivery], None]] = []
        self.counts = {"t.dlq": 2}
        self.calls: list[str] = []

    def produce(self, record: OutgoingRecord, on_delivery: Callable[[Delivery], None]) -> bool:
        if len(self.open) >= self.room:
            return False
        self.sent.append(record)
        self.open.append(on_delivery)
        return True

    def answer(self, outcome: Outcome = Outcome.ACKED, index: int = 0) -> None:
        self.open.pop(index)(Delivery(outcome=outcome, topic="t.dlq", partition=0, offset=0, reason="because"))

    def poll(self, timeout_s: float) -> int:
        self.calls.append("poll")
        return 0

    def flush(self, timeout_s: float) -> int:
        self.calls.append("flush")
        return 0

    def partitions(self, topic: str) -> int:
        return self.counts[topic]

    def close(self, timeout_s: float) -> bool:
        self.calls.append("close")
        self.open.clear()
        return True

    def __len__(self) -> int:
        return len(self.open)


def record(offset: int, partition: int = 0, *, topic: str = "t", value: bytes | None = b"v") -> Record:
    return Record(topic=topic, partition=partition, offset=offset, key=b"k", value=value, leader_epoch=1)
