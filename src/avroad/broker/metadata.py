"""Asking for metadata: patient with a slow cluster, quick when the client already knows why there is no answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from confluent_kafka import KafkaException

from avroad.broker.notes import ClientNotes

__all__ = ["ask"]

_FIRST_S: Final = 3.0
_T = TypeVar("_T")


def ask(call: Callable[[float], _T], serve: Callable[[], object], notes: ClientNotes, timeout_s: float) -> _T:
    """Return `call(timeout)`, tried for 3 s and then for the rest of `timeout_s`.

    serve: lets the client run its error and log callbacks. The second try is left out when they tell of refused
    connections, credentials, certificates or host names: those do not change by waiting.
    Raises the client's exception.
    """
    first_s = min(_FIRST_S, timeout_s)
    try:
        return call(first_s)
    except KafkaException:
        serve()
        if timeout_s <= first_s or notes.hopeless():
            raise
    try:
        return call(timeout_s - first_s)
    except KafkaException:
        serve()
        raise
