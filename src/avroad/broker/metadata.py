"""Asking for metadata: patient with a slow cluster, quick when the client already knows why there is no answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin._metadata import ClusterMetadata

from avroad.broker.notes import ClientNotes

__all__ = ["ask", "heard_of"]

_FIRST_S: Final = 3.0
_HEARD_S: Final = 5.0
_PAUSE_S: Final = 0.1
_T = TypeVar("_T")


def ask(call: Callable[[float], _T], serve: Callable[[], object], notes: ClientNotes, timeout_s: float) -> _T:
    """Return `call(timeout)`, tried for 3 s and then for the rest of `timeout_s`.

    serve: lets the client run its error and log callbacks. The second try is left out when they tell of credentials,
    certificates, or brokers of which none can be reached: that does not change by waiting.
    Raises the client's exception.
    """
    first_s = min(_FIRST_S, timeout_s)
    try:
        return _answer(call, first_s, notes)
    except KafkaException:
        serve()
        if timeout_s <= first_s or notes.hopeless():
            raise
    try:
        return _answer(call, timeout_s - first_s, notes)
    except KafkaException:
        serve()
        raise


def heard_of(topic: str, look: Callable[[], ClusterMetadata]) -> ClusterMetadata:
    """Return what `look` finds, which may be that the topic does not exist.

    Of several brokers one may not have heard yet of a topic that was just made: they are asked again for 5 s.
    """
    deadline = time.monotonic() + _HEARD_S
    while True:
        found = look()
        error = found.topics[topic].error
        missing = error is not None and error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART
        if not missing or len(found.brokers) == 1 or time.monotonic() > deadline:
            return found
        threading.Event().wait(_PAUSE_S)


def _answer(call: Callable[[float], _T], timeout_s: float, notes: ClientNotes) -> _T:
    found = call(timeout_s)
    notes.answered()
    return found
