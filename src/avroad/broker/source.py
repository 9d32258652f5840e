"""A consumer of raw records on confluent-kafka, with manual commits."""

# ruff: noqa: SLF001  # librdkafka's own error codes start with an underscore; they are public
from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from confluent_kafka import OFFSET_END, Consumer, KafkaException, Message
from confluent_kafka import KafkaError as _KafkaError
from confluent_kafka import TopicPartition as _Position
from confluent_kafka.admin._metadata import ClusterMetadata

from avroad.broker.closing import within
from avroad.broker.corruption import Corruption
from avroad.broker.fork import ForkGuard
from avroad.broker.incarnations import Incarnations
from avroad.broker.metadata import ask, heard_of
from avroad.broker.notes import ClientNotes
from avroad.broker.outcome import error_of, kafka_error, to_error
from avroad.broker.records import to_record
from avroad.broker.settings import source_settings
from avroad.errors import BrokerError
from avroad.model import Record
from avroad.ports.broker import RebalanceListener, TopicPartition

__all__ = ["KafkaSource"]

_REQUEST_TIMEOUT_S = 10.0
_LOOK_TIMEOUT_S = 3.0
_STOPPING = frozenset({
    _KafkaError._AUTO_OFFSET_RESET, _KafkaError.UNKNOWN_TOPIC_OR_PART, _KafkaError._UNKNOWN_TOPIC,
    _KafkaError._UNKNOWN_PARTITION, _KafkaError.TOPIC_AUTHORIZATION_FAILED, _KafkaError.GROUP_AUTHORIZATION_FAILED,
    _KafkaError.FENCED_INSTANCE_ID,
})  # fmt: skip

_COORDINATOR_LATE = frozenset({
    _KafkaError._TIMED_OUT, _KafkaError._WAIT_COORD, _KafkaError._TRANSPORT, _KafkaError.REQUEST_TIMED_OUT,
    _KafkaError.COORDINATOR_NOT_AVAILABLE, _KafkaError.COORDINATOR_LOAD_IN_PROGRESS, _KafkaError.NOT_COORDINATOR,
})  # fmt: skip
_LEADER_MOVED = frozenset({
    _KafkaError.NOT_LEADER_FOR_PARTITION, _KafkaError.LEADER_NOT_AVAILABLE, _KafkaError.UNKNOWN_LEADER_EPOCH,
    _KafkaError.FENCED_LEADER_EPOCH, _KafkaError.OFFSET_NOT_AVAILABLE, _KafkaError._TRANSPORT, _KafkaError._TIMED_OUT,
    _KafkaError._DESTROY_BROKER,
})  # fmt: skip
_PATIENCE_S = 60.0
_LEADER_S = 30.0
_PAUSE_S = 0.2
_T = TypeVar("_T")

# The client cannot be made without a group, and an empty one ends the process; this one is never joined.
_READER_GROUP = "avroad-reader"


class KafkaSource:
    """Implements `ports.RecordSource`. One thread uses it; callbacks run inside that thread's poll and close."""

    def __init__(self, settings: Mapping[str, str], group: str) -> None:
        merged = source_settings(settings, group or _READER_GROUP)
        self.notes = ClientNotes(merged)
        self._guard = ForkGuard()
        self._incarnations = Incarnations(settings, timeout_s=_LOOK_TIMEOUT_S)
        self._listener: RebalanceListener | None = None
        self._next: dict[TopicPartition, int] = {}
        self._corruption = Corruption()
        self._trouble: BrokerError | None = None
        callbacks = {"error_cb": self.notes.on_error, "on_commit": self._on_commit}
        try:
            self._consumer = Consumer({**merged, **callbacks}, logger=self.notes.logger)
        except (KafkaException, ValueError, TypeError) as error:
            raise self.notes.settings_refused(error) from None
        self.poll_interval_s = float(merged["max.poll.interval.ms"]) / 1000 if group else math.inf

    def subscribe(self, topics: Sequence[str], listener: RebalanceListener) -> None:
        """Join the group and take part in its assignment."""
        self._guard.check()
        self._listener = listener
        self._consumer.subscribe(
            list(topics), on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """Read these partitions, beside those read already, from these offsets without a group."""
        self._guard.check()
        self._next.update(positions)
        self._consumer.incremental_assign([_Position(t, p, offset) for (t, p), offset in positions.items()])

    def poll(self, timeout_s: float, max_records: int) -> list[Record]:
        """Wait for the first record, then take what is ready. Raises BrokerError when reading cannot go on.

        An error behind records is kept until the next call, so that no record read is lost.
        """
        self._guard.check()
        self._raise_trouble()
        messages: list[Message] = []
        try:
            first = self._consumer.poll(timeout_s)
            if first is not None:
                messages.append(first)
                messages += self._consumer.consume(max_records - 1, 0) if max_records > 1 else []
        except KafkaException as error:  # the client raises a fatal error once, from whatever call comes first
            self.notes.on_error(kafka_error(error))
            self._trouble = error_of(error, "read", self.notes)
        records = list(self._records(messages))
        if not records:
            self._raise_trouble()
        return records

    def commit(self, offsets: Mapping[TopicPartition, tuple[int, int | None]], *, wait: bool) -> None:
        """Commit next offsets. Raises BrokerError when `wait`; otherwise the listener is told."""
        self._guard.check()
        # The client takes -1, not None, for "no leader epoch".
        positions = [
            _Position(t, p, offset, self._incarnations.stamp(t), -1 if epoch is None else epoch)
            for (t, p), (offset, epoch) in offsets.items()
        ]
        try:
            if not wait:
                self._consumer.commit(offsets=positions, asynchronous=True)
                return
            done = self._consumer.commit(offsets=positions, asynchronous=False) or []
        except KafkaException as error:
            trouble = error_of(error, "commit offsets", self.notes)
            if wait:
                raise trouble from None
            self._tell_committed({tp: offset for tp, (offset, _) in offsets.items()}, trouble)
            return
        failed = next((position.error for position in done if position.error is not None), None)
        if failed is not None:
            raise to_error(failed, "commit offsets", self.notes)

    def committed(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int | None]:
        """Return the group's committed next offsets, None where it has none.

        Raises TopicRecreated for one that was committed for a topic of that name which is gone.
        """
        self._guard.check()
        wanted = [_Position(t, p) for t, p in partitions]
        # The first group of a cluster waits until the broker has made the topic that holds offsets.
        found = self._patiently(
            lambda: self._consumer.committed(wanted, timeout=_REQUEST_TIMEOUT_S),
            "read the group's offsets",
            _COORDINATOR_LATE,
            _PATIENCE_S,
        )
        for position in found:
            if position.error is not None:
                raise to_error(position.error, "read the group's offsets", self.notes)
            self._incarnations.compare(position.topic, position.metadata or "")
        return {(p.topic, p.partition): (p.offset if p.offset >= 0 else None) for p in found}

    def watermarks(self, partition: TopicPartition) -> tuple[int, int]:
        """Return the first offset and the next offset to be written, asked of the broker."""
        self._guard.check()
        doing = f"ask for the end of {_name(partition)}"
        # A broker that has just started, or a leader that has just moved, is known a moment later; the next leader of
        # one that died, when the cluster has noticed.
        return self._patiently(lambda: self._watermarks(partition), doing, _LEADER_MOVED, _LEADER_S)

    def _watermarks(self, partition: TopicPartition) -> tuple[int, int]:
        found = self._consumer.get_watermark_offsets(_Position(*partition), timeout=_REQUEST_TIMEOUT_S)
        if found is None:  # the client's own wait timed out
            raise KafkaException(_KafkaError(_KafkaError._TIMED_OUT))
        low, high = found
        return low, high

    def _patiently(self, call: Callable[[], _T], doing: str, passing: frozenset[int], patience_s: float) -> _T:
        """Return the answer of `call`, asked again while it fails with a `passing` code. Raises BrokerError."""
        deadline = time.monotonic() + patience_s
        while True:
            try:
                return call()
            except KafkaException as error:
                failed = self._failed(error, doing)
                wait = kafka_error(error).code() in passing and not self.notes.hopeless()
                if not wait or time.monotonic() > deadline:
                    raise failed from None
                threading.Event().wait(_PAUSE_S)  # some of these answers come at once

    def end_offset(self, partition: TopicPartition) -> int | None:
        """Return the next offset to be written as last seen by a fetch, None before the first."""
        answer = self._consumer.get_watermark_offsets(_Position(*partition), cached=True)
        return answer[1] if answer and answer[1] >= 0 else None

    def ends(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the next offset to be written per partition whose leader answers within 3 s."""
        self._guard.check()
        asked = [_Position(t, p, OFFSET_END) for t, p in partitions]
        try:
            found = self._consumer.offsets_for_times(asked, timeout=_LOOK_TIMEOUT_S)
        except KafkaException as error:
            raise self._failed(error, "ask for the ends of partitions") from None
        return {(p.topic, p.partition): p.offset for p in found if p.error is None and p.offset >= 0}

    def look(self, topics: Sequence[str]) -> dict[str, int]:
        """Return the partitions of topics that exist, within 3 s. Raises TopicRecreated, BrokerUnavailable."""
        self._guard.check()
        return self._incarnations.look(topics)

    def partitions(self, topic: str) -> int:
        """Return the number of partitions. Raises BrokerUnavailable, BrokerError when the topic does not exist."""
        doing = f"look up topic {topic}"
        found = heard_of(topic, lambda: self._metadata(topic, doing)).topics[topic]
        if found.error is not None:
            raise to_error(found.error, doing, self.notes)
        return len(found.partitions)

    def cluster_id(self, topic: str) -> str:
        """Return the id of the cluster, "" when it has none; metadata of one topic carries it. Raises BrokerError."""
        return self._metadata(topic, "ask which cluster this is").cluster_id or ""

    def offsets_at(self, timestamp_ms: int, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Return, per partition, the first offset at or after a time, or the end when there is none."""
        self._guard.check()
        asked = [_Position(t, p, timestamp_ms) for t, p in partitions]
        try:
            found = self._consumer.offsets_for_times(asked, timeout=_REQUEST_TIMEOUT_S)
        except KafkaException as error:
            raise self._failed(error, "look up offsets by time") from None
        result: dict[TopicPartition, int] = {}
        for position in found:
            if position.error is not None:
                raise to_error(position.error, "look up offsets by time", self.notes)
            key = (position.topic, position.partition)
            result[key] = position.offset if position.offset >= 0 else self.watermarks(key)[1]
        return result

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Continue an assigned partition at another offset."""
        self._guard.check()
        self._next[partition] = offset
        self._reassign(partition)

    def pause(self, partitions: Sequence[TopicPartition]) -> None:
        """Stop delivery from these partitions until resumed."""
        self._guard.check()
        self._steer(self._consumer.pause, partitions)

    def resume(self, partitions: Sequence[TopicPartition]) -> None:
        """Continue delivery from these partitions."""
        self._guard.check()
        self._steer(self._consumer.resume, partitions)

    def close(self, timeout_s: float) -> bool:
        """Leave the group inside the timeout; False when the client had to be abandoned."""
        return within(self._consumer.close, timeout_s, self.notes)

    def _steer(self, call: Callable[[list[_Position]], None], partitions: Sequence[TopicPartition]) -> None:
        try:
            call([_Position(t, p) for t, p in partitions])
        except KafkaException as error:
            raise error_of(error, "pause or resume partitions", self.notes) from None

    def _records(self, messages: Iterable[Message]) -> Iterable[Record]:
        """Yield the records among messages; errors go to `_trouble` or are repaired here."""
        damaged: set[TopicPartition] = set()
        for message in messages:
            error = message.error()
            partition = (message.topic() or "", message.partition() or 0)
            if error is not None:
                self._handle(error, partition, damaged)
            elif partition not in damaged:
                record = to_record(message)
                self._next[partition] = record.offset + 1
                yield record

    def _handle(self, error: _KafkaError, partition: TopicPartition, damaged: set[TopicPartition]) -> None:
        self.notes.on_error(error)
        if Corruption.is_corruption(error) and partition in self._next:
            offset = self._next[partition]
            if self._corruption.give_up(partition, offset):
                self._trouble = BrokerError(
                    f"cannot read {_name(partition)} at offset {offset}: the bytes are damaged ({error.str()})",
                    hint="Inspect the log of that partition's leader; nothing was skipped.",
                )
                return
            damaged.add(partition)
            self._reassign(partition)
        elif error.fatal() or error.code() in _STOPPING:
            self._trouble = self._stopping(error, partition)

    def _stopping(self, error: _KafkaError, partition: TopicPartition) -> BrokerError:
        if error.code() == _KafkaError._AUTO_OFFSET_RESET:
            return BrokerError(
                f"the next offset of {_name(partition)} is no longer in the log: {error.str()}",
                hint="Records were deleted before they were read. Choose where to go on, then set the group's offset.",
            )
        return to_error(error, f"read {partition[0]}" if partition[0] else "read", self.notes)

    def _reassign(self, partition: TopicPartition) -> None:
        """Start a partition again where its next record is expected; `seek` fails after a reset error."""
        position = _Position(partition[0], partition[1], self._next[partition])
        try:
            self._consumer.incremental_unassign([position])
            self._consumer.incremental_assign([position])
        except KafkaException as error:
            raise error_of(error, f"start {_name(partition)} again", self.notes) from None

    def _on_assign(self, consumer: Consumer, partitions: list[_Position]) -> None:
        if self._listener is None or not partitions:
            consumer.incremental_assign(partitions)
            return
        keys = [(p.topic, p.partition) for p in partitions]
        try:
            starts = self._listener.assigned(keys)
            consumer.incremental_assign([_Position(t, p, starts[t, p]) for t, p in keys])
            self._next.update({key: starts[key] for key in keys})
        except BrokerError as error:
            self._trouble = error
        except Exception as error:  # noqa: BLE001  # leaving a callback by an exception would come out of any later call
            self._trouble = BrokerError(f"cannot start the assigned partitions: {error}")

    def _on_revoke(self, consumer: Consumer, partitions: list[_Position]) -> None:
        self._gone(partitions, lost=False)
        consumer.incremental_unassign(partitions)

    def _on_lost(self, consumer: Consumer, partitions: list[_Position]) -> None:
        self._gone(partitions, lost=True)
        consumer.incremental_unassign(partitions)

    def _gone(self, partitions: list[_Position], *, lost: bool) -> None:
        keys = [(p.topic, p.partition) for p in partitions]
        try:
            if self._listener is not None and keys:
                (self._listener.lost if lost else self._listener.revoked)(keys)
        except Exception:
            self.notes.logger.exception("a rebalance listener raised")
        for key in keys:
            self._next.pop(key, None)

    def _on_commit(self, error: _KafkaError | None, partitions: list[_Position]) -> None:
        """Report each result; a request that failed as a whole carries its error beside the partitions."""
        for position in partitions:
            found = position.error or error
            trouble = None if found is None else to_error(found, "commit offsets", self.notes)
            self._tell_committed({(position.topic, position.partition): position.offset}, trouble)

    def _tell_committed(self, offsets: Mapping[TopicPartition, int], error: BrokerError | None) -> None:
        try:
            if self._listener is not None:
                self._listener.committed(offsets, error)
        except Exception:
            self.notes.logger.exception("a commit listener raised")

    def _metadata(self, topic: str, doing: str) -> ClusterMetadata:
        self._guard.check()
        try:
            found: ClusterMetadata = ask(
                lambda timeout_s: self._consumer.list_topics(topic or None, timeout=timeout_s),
                self._serve,
                self.notes,
                _REQUEST_TIMEOUT_S,
            )
        except KafkaException as error:
            raise self._failed(error, doing) from None
        return found

    def _serve(self) -> None:
        """Run the client's error and log callbacks; only while nothing is assigned, so that no record comes."""
        if not self._next and self._listener is None:
            self._consumer.poll(0)

    def _failed(self, error: KafkaException, doing: str) -> BrokerError:
        self._serve()
        return error_of(error, doing, self.notes)

    def _raise_trouble(self) -> None:
        if self._trouble is not None:
            trouble, self._trouble = self._trouble, None
            raise trouble


def _name(partition: TopicPartition) -> str:
    return f"{partition[0]} partition {partition[1]}"
