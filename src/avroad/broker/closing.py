"""Calls of a client that may wait for brokers which are down: made in a thread that may be left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable

from confluent_kafka import KafkaException

from avroad.broker.notes import ClientNotes

__all__ = ["within"]


def within(call: Callable[[], object], timeout_s: float, notes: ClientNotes) -> bool:
    """Return whether a client's closing call ended well inside the timeout; a failure is logged, never raised.

    The client's own closing waits for brokers that are down, 45 s measured, and takes no timeout.
    """
    done = threading.Event()

    def run() -> None:
        try:
            call()
        except (KafkaException, RuntimeError):
            notes.logger.exception("closing the client failed")
        else:
            done.set()

    thread = threading.Thread(target=run, name="avroad-client-close", daemon=True)
    thread.start()
    thread.join(max(0.0, timeout_s))
    return done.is_set()
