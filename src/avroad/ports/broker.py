"""What the behaviour floor needs of a Kafka client: a sink, a source and an administrator."""

# A protocol's method is its docstring; there is no body to check.
# pyright: reportReturnType=false

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from avroad.errors import BrokerError
from avroad.model import ClusterState, Delivery, OutgoingRecord, Record, TopicSpec

__all__ = ["ClusterAdmin", "RebalanceListener", "RecordSink", "RecordSource", "TopicPartition"]

TopicPartition = tuple[str, int]
"""Topic name and partition number."""


class RecordSink(Protocol):
    """A producer of raw records. Each accepted record's callback fires exactly once, from poll, flush or close."""

    def produce(self, record: OutgoingRecord, on_delivery: Callable[[Delivery], None]) -> bool:
        """Queue a record; False when the queue is full (nothing was queued).

        A record the client refuses at once is answered at once, as REJECTED or FATAL.
        """

    def poll(self, timeout_s: float) -> int:
        """Serve callbacks for at most `timeout_s`; return how many fired."""

    def flush(self, timeout_s: float) -> int:
        """Wait for deliveries at most `timeout_s`; return how many records are still queued."""

    def partitions(self, topic: str) -> int:
        """Return the number of partitions. Raises BrokerUnavailable, BrokerError when the topic does not exist."""

    def close(self, timeout_s: float) -> bool:
        """Give up on what is still queued and free the client; callbacks fire in here. Never raises for it.

        False when the client had to be abandoned at the end of the timeout; callbacks may then stay away.
        """

    def __len__(self) -> int:
        """Records queued or in flight."""


class RebalanceListener(Protocol):
    """Told, inside `poll` and `close`, which partitions come and go and how commits ended."""

    def assigned(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Partitions were given to this member; return the offset each starts at. An error comes out of `poll`."""

    def revoked(self, partitions: Sequence[TopicPartition]) -> None:
        """Partitions are about to be taken; commits are still possible. Must not raise."""

    def lost(self, partitions: Sequence[TopicPartition]) -> None:
        """Partitions were taken already; commits are not possible. Must not raise."""

    def committed(self, offsets: Mapping[TopicPartition, int], error: BrokerError | None) -> None:
        """Tell how an asynchronous commit of these next offsets ended. Must not raise."""


class RecordSource(Protocol):
    """A consumer of raw records with manual commits."""

    @property
    def poll_interval_s(self) -> float:
        """How long a member of a group may go without a poll before its partitions are taken; inf without a group."""

    def subscribe(self, topics: Sequence[str], listener: RebalanceListener) -> None:
        """Join the group and take part in its assignment."""

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """Read these partitions from these offsets without a group."""

    def poll(self, timeout_s: float, max_records: int) -> list[Record]:
        """Wait for the first record, then take what is ready (poll, then drain). Raises BrokerError."""

    def commit(self, offsets: Mapping[TopicPartition, tuple[int, int | None]], *, wait: bool) -> None:
        """Commit next offsets, each with the leader epoch of the last record done.

        wait: raise BrokerError when a partition's commit failed; otherwise the listener is told the result.
        """

    def committed(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int | None]:
        """Return the group's committed next offsets, None where it has none.

        Raises BrokerUnavailable, and TopicRecreated for an offset of a topic that is gone, if `look` saw its successor.
        """

    def watermarks(self, partition: TopicPartition) -> tuple[int, int]:
        """Return the first offset and the next offset to be written, asked of the broker. Raises BrokerError."""

    def end_offset(self, partition: TopicPartition) -> int | None:
        """Return the next offset to be written as last seen by a fetch, None before the first; no round trip."""

    def ends(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the next offset to be written per partition, asked of the brokers; without those that do not answer.

        Returns or raises BrokerUnavailable within a few seconds.
        """

    def look(self, topics: Sequence[str]) -> dict[str, int]:
        """Return the number of partitions of each topic that exists, asked of the brokers.

        Raises TopicRecreated when one is not the topic seen at the first look, and BrokerUnavailable within a few
        seconds.
        """

    def partitions(self, topic: str) -> int:
        """Return the number of partitions. Raises BrokerUnavailable, BrokerError when the topic does not exist."""

    def offsets_at(self, timestamp_ms: int, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Return, per partition, the first offset at or after a time, or the end when there is none."""

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Continue an assigned partition at another offset."""

    def pause(self, partitions: Sequence[TopicPartition]) -> None:
        """Stop delivery from these partitions until resumed."""

    def resume(self, partitions: Sequence[TopicPartition]) -> None:
        """Continue delivery from these partitions."""

    def close(self, timeout_s: float) -> bool:
        """Leave the group inside the timeout; False when the client had to be abandoned."""


class ClusterAdmin(Protocol):
    """Reads and changes topics. Each call handles many topics in few round trips."""

    def observe(self, topics: Sequence[str] | None = None) -> ClusterState:
        """Return cluster id, brokers and topics; settings for `topics` only (all when None)."""

    def create_topics(
        self, specs: Sequence[TopicSpec], *, replication_factor: int, validate_only: bool = False
    ) -> None:
        """Create topics. Raises BrokerError naming each topic that failed."""

    def add_partitions(self, totals: Mapping[str, int]) -> None:
        """Raise the partition count of topics to these totals."""

    def set_config(self, topic: str, changes: Mapping[str, str | None]) -> None:
        """Set topic settings; None removes the topic's own value so that the broker's default applies."""
