"""How a publisher waits and ends, and what its end reports."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CloseReport", "ProducerSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProducerSettings:
    """Limits of a publisher.

    queue_timeout_s: how long a send waits for room in a full queue before it raises Overloaded.
    close_timeout_s: what `close()` and leaving a `with` block take at most.
    background_poll: serve delivery results in a thread, so that waiting for a future needs no poll by the caller.
    """

    queue_timeout_s: float = 10.0
    close_timeout_s: float = 25.0
    background_poll: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseReport:
    """How closing ended. undelivered: ids of events that were waiting and were not acknowledged, in sending order.

    acked, rejected, unknown, fatal: outcomes of all sends of this publisher, the undelivered ones included.
    """

    undelivered: tuple[str, ...]
    acked: int
    rejected: int
    unknown: int
    fatal: int
    elapsed_s: float

    @property
    def clean(self) -> bool:
        """Whether everything that was waiting was acknowledged."""
        return not self.undelivered
