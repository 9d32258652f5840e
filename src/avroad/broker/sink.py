"""A producer of raw records on confluent-kafka."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial

from confluent_kafka import KafkaError as _KafkaError
from confluent_kafka import KafkaException, Message, Producer
from confluent_kafka.admin._metadata import ClusterMetadata

from avroad.broker.closing import within
from avroad.broker.fork import ForkGuard
from avroad.broker.metadata import ask, heard_of
from avroad.broker.notes import ClientNotes
from avroad.broker.outcome import error_of, kafka_error, outcome_of
from avroad.broker.settings import sink_settings
from avroad.model import Delivery, Outcome, OutgoingRecord

__all__ = ["KafkaSink"]

_LOG = logging.getLogger("avroad.broker")
_METADATA_TIMEOUT_S = 10.0
_PURGE_POLL_S = 0.05


class KafkaSink:
    """Implements `ports.RecordSink`. All methods may be called from any thread.

    Callbacks run in whichever thread calls poll, flush or close; what they raise is logged, never propagated.
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        merged = sink_settings(settings)
        self.notes = ClientNotes(merged)
        self._guard = ForkGuard()
        self._open = 0
        self._count = threading.Lock()
        try:
            # The binding reads this one setting itself and takes nothing but a bool for it.
            report_all = {"delivery.report.only.error": False}
            callbacks = {"error_cb": self.notes.on_error}
            self._producer = Producer({**merged, **report_all, **callbacks}, logger=self.notes.logger)
        except (KafkaException, ValueError, TypeError) as error:
            raise self.notes.settings_refused(error) from None

    def produce(self, record: OutgoingRecord, on_delivery: Callable[[Delivery], None]) -> bool:
        """Queue a record; False when the queue is full. What the client refuses at once is answered at once."""
        self._guard.check()
        try:
            self._producer.produce(
                record.topic,
                record.value,
                record.key,
                -1 if record.partition is None else record.partition,
                partial(self._report, record.topic, on_delivery),
                # 0 is librdkafka's "now"; the epoch itself cannot be said.
                timestamp=record.timestamp_ms or 0,
                headers=list(record.headers),
            )
        except BufferError:
            return False
        except KafkaException as error:
            found = kafka_error(error)
            outcome = Outcome.FATAL if outcome_of(found) is Outcome.FATAL else Outcome.REJECTED
            reason = str(error_of(error, f"send to {record.topic}", self.notes))
            on_delivery(Delivery(outcome=outcome, topic=record.topic, reason=reason))
            return True
        with self._count:
            self._open += 1
        return True

    def poll(self, timeout_s: float) -> int:
        """Serve callbacks for at most `timeout_s`; return how many fired."""
        self._guard.check()
        try:
            return int(self._producer.poll(timeout_s))
        except KafkaException as error:
            return self._survive(error)

    def flush(self, timeout_s: float) -> int:
        """Wait for deliveries at most `timeout_s`; return how many records are still queued."""
        self._guard.check()
        try:
            self._producer.flush(timeout_s)
        except KafkaException as error:
            self._survive(error)
        return len(self)

    def partitions(self, topic: str) -> int:
        """Return the number of partitions. Raises BrokerUnavailable, BrokerError when the topic does not exist."""
        doing = f"look up topic {topic}"
        found = heard_of(topic, lambda: self._metadata(topic, doing)).topics[topic]
        if found.error is not None:
            raise error_of(KafkaException(found.error), doing, self.notes)
        return len(found.partitions)

    def cluster_id(self, topic: str) -> str:
        """Return the id of the cluster, "" when it has none; metadata of one topic carries it. Raises BrokerError."""
        return self._metadata(topic, "ask which cluster this is").cluster_id or ""

    def close(self, timeout_s: float) -> bool:
        """Give up on what is still queued and free the client inside the timeout; False when it was abandoned.

        The callbacks of what is given up fire in here. A purge alone does not empty the queue: a record
        whose answer the client is just working on leaves it a moment later. A client that holds records is never
        freed: that would wait for their delivery timeout.
        """
        deadline = time.monotonic() + timeout_s
        while len(self):
            # Blocking, it would wait for threads of the client that may be looking a name up.
            self._producer.purge(in_queue=True, in_flight=True, blocking=False)
            left = deadline - time.monotonic()
            self.flush(max(0.0, min(_PURGE_POLL_S, left)))
            if len(self) and left <= 0:
                _LOG.warning("records given up without an answer of the Kafka client: %d", len(self))
                return False
        return within(self._producer.close, deadline - time.monotonic(), self.notes)

    def __len__(self) -> int:
        # The client's own length counts its log and error events too.
        return self._open

    def _metadata(self, topic: str, doing: str) -> ClusterMetadata:
        self._guard.check()
        try:
            found: ClusterMetadata = ask(
                lambda timeout_s: self._producer.list_topics(topic or None, timeout=timeout_s),
                lambda: self.poll(0),
                self.notes,
                _METADATA_TIMEOUT_S,
            )
        except KafkaException as error:
            raise error_of(error, doing, self.notes) from None
        return found

    def _survive(self, error: KafkaException) -> int:
        """Take in a fatal error, which the client raises once from poll or flush; results still come afterwards."""
        self.notes.on_error(kafka_error(error))
        return 0

    def _report(
        self, topic: str, on_delivery: Callable[[Delivery], None], error: _KafkaError | None, message: Message
    ) -> None:
        """Take the client's report: this builds our value and never raises, or flush would end early."""
        with self._count:
            self._open -= 1
        try:
            if error is None:
                delivery = Delivery(
                    outcome=Outcome.ACKED, topic=topic, partition=message.partition(), offset=message.offset()
                )
            else:
                reason = f"{error.name()}: {error.str()}"
                delivery = Delivery(outcome=outcome_of(error), topic=topic, reason=reason)
            on_delivery(delivery)
        except Exception:
            self.notes.logger.exception("a delivery callback raised")
