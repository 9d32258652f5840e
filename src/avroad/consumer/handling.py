"""One record: find its schema, decode it, hand it over, and say what is to become of it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

from avroad.codec import schema_id_of
from avroad.codec.dead_letter import Poison
from avroad.codec.framing import FRAME_SIZE
from avroad.consumer.backoff import Backoff
from avroad.consumer.bindings import Bindings
from avroad.consumer.report import Event
from avroad.consumer.signals import Handled, Later, Poisoned, PoisonRecord, SchemaPending
from avroad.contracts import Catalog
from avroad.errors import AvroadError, DecodeError, FramingError, HandlerError, IncompatibleSchema
from avroad.model import Framing, Record
from avroad.ports.clock import Clock
from avroad.wire import Frame, read_frame

__all__ = ["Handling"]

_LOG = logging.getLogger("avroad.consumer")


class Handling:
    """Decodes and hands over single records; knows nothing of offsets or partitions."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        bindings: Bindings,
        handler: Callable[[Event], None],
        clock: Clock,
        backoff: Backoff,
        max_attempts: int,
        poll_interval_s: float,
    ) -> None:
        self._bindings = bindings
        self._handler = handler
        self._clock = clock
        self._backoff = backoff
        self._max_attempts = max_attempts
        self._poll_interval_s = poll_interval_s
        self._framings = {name: spec.framing for name, spec in catalog.topics.items() if spec.framing is not Framing.ID}
        self._single = {
            name: (spec.values[0] if len(spec.values) == 1 else "") for name, spec in catalog.topics.items()
        }

    def attempt(self, record: Record, attempts: int) -> Handled | Later | Poisoned:
        """Try a record once. attempts: how often the handler has failed on it before.

        Raises RegistryError when somebody has to act first, IncompatibleSchema when a policy refuses the version that
        wrote the record; what the handler raises is judged, never propagated,
        except for interrupts.
        """
        try:
            event = self._event(record)
        except SchemaPending as pending:
            return Later(at=pending.retry_at, why=pending.message, handler=False)
        except PoisonRecord as refused:
            return Poisoned(
                poison=refused.poison, error=refused.message, error_class=refused.cause_class, stage="decode"
            )
        except IncompatibleSchema as error:
            error.message = f"stopped before {_place(record)}, nothing from there on is committed: {error.message}"
            raise
        started = self._clock.monotonic()
        result: Handled | Later | Poisoned = Handled(type_name=event.type_name)
        try:
            self._handler(event)
        except Exception as error:  # noqa: BLE001  # whatever a handler raises is judged here, nowhere else
            result = self._judge(error, attempts + 1, record)
        took_s = self._clock.monotonic() - started
        if took_s > self._poll_interval_s / 2:
            self._warn(took_s, record)
        return result

    def _event(self, record: Record) -> Event:
        if record.value is None:
            name = self._single.get(record.topic, "")
            return Event(record=record, type_name=name, value=None)
        try:
            if record.topic in self._framings:
                frame = self._frame(record)
                binding, start = self._bindings.bind(record.topic, frame.schema), frame.start
            else:
                binding, start = self._bindings.bind(record.topic, schema_id_of(record.value)), FRAME_SIZE
            value = binding.decode(record.value, start)
        except DecodeError as error:
            raise self._undecodable(record, error) from None
        return Event(
            record=record,
            type_name=binding.type_name,
            value=value,
            schema_id=binding.schema_id,
            schema_version=binding.version,
            subject=binding.subject,
        )

    def _undecodable(self, record: Record, error: DecodeError) -> PoisonRecord:
        """Tell damaged bytes (malformed) from whole data that our reader schema has no place for (contract)."""
        cause = f"{type(error).__module__}.{type(error).__qualname__}"
        try:
            frame = self._frame(record)
            self._bindings.bind(record.topic, frame.schema).check(record.value or b"", frame.start)
        except FramingError as framing_error:  # it knows of a header that is there and not enabled
            return PoisonRecord(Poison.MALFORMED, str(framing_error), cause)
        except (DecodeError, PoisonRecord, SchemaPending):
            return PoisonRecord(Poison.MALFORMED, str(error), cause)
        return PoisonRecord(Poison.CONTRACT, str(error), cause)

    def _frame(self, record: Record) -> Frame:
        """Return which schema a value names, in the form its topic declares. Raises FramingError."""
        framing = self._framings.get(record.topic, Framing.ID)
        return read_frame(record.value or b"", record.headers, framing)

    def _warn(self, took_s: float, record: Record) -> None:
        """Say that a handler call kept the loop from polling for long; the group notices at the whole interval."""
        if took_s < self._poll_interval_s:
            text = "at %g s (max.poll.interval.ms) the group takes the partitions away"
        else:
            text = "longer than max.poll.interval.ms (%g s): the group has taken the partitions, the record comes again"
        _LOG.warning(f"the handler took %.0f s on %s; {text}", took_s, _place(record), self._poll_interval_s)

    def _judge(self, error: Exception, attempts: int, record: Record) -> Later | Poisoned:
        cause = f"{type(error).__module__}.{type(error).__qualname__}"
        place = _place(record)
        if _retriable(error) and attempts < self._max_attempts:
            delay = self._backoff.delay(attempts)
            _LOG.warning("handler failed on %s, attempt %d, next in %.1f s: %s", place, attempts, delay, cause)
            return Later(at=self._clock.monotonic() + delay, why=f"handler failed: {cause}", handler=True)
        exhausted = _retriable(error)
        return Poisoned(
            poison=Poison.HANDLER_EXHAUSTED if exhausted else Poison.HANDLER_PERMANENT,
            error=str(error) if isinstance(error, AvroadError) else f"{type(error).__name__}: {error}",
            error_class=cause,
            stage="handle",
            trace="".join(traceback.format_exception(error)),
        )


def _place(record: Record) -> str:
    return f"{record.topic} partition {record.partition} offset {record.offset}"


def _retriable(error: Exception) -> bool:
    """Whether the same record may succeed later: our errors say so; of others, lost connections and timeouts."""
    if isinstance(error, HandlerError):
        return False
    if isinstance(error, AvroadError):
        return error.retriable
    return isinstance(error, ConnectionError | TimeoutError)
