"""librdkafka's error codes turned into outcomes of a send and into our errors."""

# ruff: noqa: SLF001  # librdkafka's own error codes start with an underscore; they are public
from __future__ import annotations

from typing import Final

from confluent_kafka import KafkaError, KafkaException

from avroad.broker.notes import ClientNotes
from avroad.errors import BrokerError
from avroad.model import Outcome

__all__ = ["error_of", "kafka_error", "outcome_of", "to_error"]

_E = KafkaError
_REJECTED: Final = frozenset({
    _E.MSG_SIZE_TOO_LARGE, _E.RECORD_LIST_TOO_LARGE, _E.INVALID_RECORD, _E.INVALID_MSG, _E.INVALID_MSG_SIZE,
    _E.INVALID_TIMESTAMP, _E.UNSUPPORTED_COMPRESSION_TYPE, _E.UNSUPPORTED_FOR_MESSAGE_FORMAT, _E.POLICY_VIOLATION,
    _E.TOPIC_AUTHORIZATION_FAILED, _E.CLUSTER_AUTHORIZATION_FAILED, _E.TOPIC_EXCEPTION, _E.INVALID_REQUIRED_ACKS,
    _E.UNKNOWN_TOPIC_OR_PART, _E._UNKNOWN_TOPIC, _E._UNKNOWN_PARTITION, _E._INVALID_ARG,
})  # fmt: skip
_UNREACHABLE: Final = frozenset({
    _E._TRANSPORT, _E._TIMED_OUT, _E._TIMED_OUT_QUEUE, _E._ALL_BROKERS_DOWN, _E._RESOLVE, _E._AUTHENTICATION, _E._SSL,
    _E._WAIT_COORD, _E.COORDINATOR_NOT_AVAILABLE, _E.BROKER_NOT_AVAILABLE, _E.LEADER_NOT_AVAILABLE,
    _E.REQUEST_TIMED_OUT, _E.NETWORK_EXCEPTION, _E.SASL_AUTHENTICATION_FAILED, _E.NOT_COORDINATOR,
    _E.COORDINATOR_LOAD_IN_PROGRESS, _E._DESTROY_BROKER,
})  # fmt: skip
_MISSING: Final = frozenset({_E.UNKNOWN_TOPIC_OR_PART, _E._UNKNOWN_TOPIC, _E._UNKNOWN_PARTITION})
_DENIED: Final = frozenset({
    _E.TOPIC_AUTHORIZATION_FAILED, _E.GROUP_AUTHORIZATION_FAILED, _E.CLUSTER_AUTHORIZATION_FAILED,
})  # fmt: skip


def outcome_of(error: KafkaError | None) -> Outcome:
    """Return how a send ended. REJECTED only for codes after which the record cannot be in the log.

    Timeouts, transport failures and purges are UNKNOWN: librdkafka knows more but its Python client does not say it.
    """
    if error is None:
        return Outcome.ACKED
    if error.fatal() or error.code() == KafkaError._FATAL:
        return Outcome.FATAL
    return Outcome.REJECTED if error.code() in _REJECTED else Outcome.UNKNOWN


def kafka_error(raised: KafkaException | KafkaError) -> KafkaError:
    """Return the error inside a client exception; some results hold it bare."""
    if isinstance(raised, KafkaError):
        return raised
    inner = raised.args[0] if raised.args else None
    return inner if isinstance(inner, KafkaError) else KafkaError(KafkaError._FAIL, str(raised))


def error_of(raised: KafkaException, doing: str, notes: ClientNotes) -> BrokerError:
    """Return our error for an exception of the client; `doing` completes "cannot ..."."""
    return to_error(kafka_error(raised), doing, notes)


def to_error(error: KafkaError, doing: str, notes: ClientNotes) -> BrokerError:
    """Return our error for one of the client's; unreachable brokers get the collected reason and a hint."""
    code = error.code()
    if error.fatal() or code == KafkaError._FATAL:
        return BrokerError(f"cannot {doing}: the client failed for good: {notes.fatal or error.str()}")
    if code in _UNREACHABLE:
        return notes.unavailable(doing)
    if code in _MISSING:
        return BrokerError(f"cannot {doing}: the topic does not exist", hint="Create it: avroad apply")
    if code in _DENIED:
        return BrokerError(f"cannot {doing}: {error.name()}", hint="Ask for the access rights this application needs.")
    return BrokerError(f"cannot {doing}: {error.str()} ({error.name()})")
