"""Typed sends: each resolves exactly once, a full queue pushes back, and closing keeps its deadline."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from types import TracebackType
from typing import Final, Self

from avroad.contracts import Catalog
from avroad.contracts.lock import SchemaLock
from avroad.errors import AvroadError, BrokerError, EncodeError, Overloaded
from avroad.model import Delivery, Headers, Outcome, OutgoingRecord
from avroad.ports.broker import RecordSink
from avroad.ports.clock import Clock, SystemClock
from avroad.ports.hooks import Hook, OnDelivery
from avroad.ports.registry import Registry
from avroad.producer.lockcheck import check_lock, confirm_ids, guids_of
from avroad.producer.routes import Routes
from avroad.producer.settings import CloseReport, ProducerSettings

__all__ = ["Publisher"]

_LOG = logging.getLogger("avroad.producer")
_POLL_S: Final = 0.1
_FULL_POLL_S: Final = 0.02
_SENDS_PER_POLL: Final = 500
_SENDERS_POLL_S: Final = 0.02
_FLUSH_S: Final = 0.5
_CLOSE_GRACE_S: Final = 0.5


class _Send(Future[Delivery]):
    """One send on its way, and the future its sender holds; called with what became of it.

    Many wait at a time: one object each. It cannot be cancelled: an event that is on its way arrives or not, whoever
    still waits to hear of it.
    """

    def __init__(self, event_id: str, type_name: str, resolve: Callable[[_Send, Delivery], None]) -> None:
        super().__init__()
        self.event_id, self.type_name, self._resolve = event_id, type_name, resolve

    def __call__(self, delivery: Delivery) -> None:
        self._resolve(self, delivery)

    def cancel(self) -> bool:
        return False


class Publisher:
    """Sends events to their topics. `send`, `poll`, `flush` and `len` may be called from any thread, `close` from one.

    Making one raises LockError when the schema lock does not match the contracts, or when `registry` is reachable and
    holds something else under a locked id; a registry that is down is no obstacle, except where a topic's values are
    framed by GUID (RegistryError, ConfigError): those are asked for here. It never registers a schema.
    Hooks and callbacks of futures run in a thread of its own or, while sends come fast, inside `send`.
    topics: which ones will be sent to; the lock must be right for these (for all when empty).
    types: full name to generated class, needed to send objects of those classes.
    """

    def __init__(
        self,
        *,
        catalog: Catalog,
        lock: SchemaLock,
        sink: RecordSink,
        source_uri: str,
        types: Mapping[str, type] | None = None,
        topics: Collection[str] = (),
        registry: Registry | None = None,
        settings: ProducerSettings | None = None,
        clock: Clock | None = None,
        hooks: Sequence[Hook] = (),
    ) -> None:
        check_lock(catalog, lock, topics)
        if registry is not None and not confirm_ids(catalog, lock, registry, topics):
            _LOG.warning("the registry at %s does not answer; trusting the schema lock", registry.name)
        guids = guids_of(catalog, lock, registry, topics)
        self._routes = Routes(catalog=catalog, lock=lock, guids=guids, types=types, source_uri=source_uri)
        self._sink = sink
        self._settings = settings or ProducerSettings()
        self._clock = clock or SystemClock()
        self._hooks = tuple(hook for hook in hooks if isinstance(hook, OnDelivery))
        self._pending: dict[_Send, None] = {}
        self._resolve = self._resolved  # bound once, not once a send
        self._acked = 0
        self._others: Counter[Outcome] = Counter()
        self._undelivered: list[_Send] = []
        self._fatal = ""
        self._lock = threading.RLock()  # taken as it is: a condition's own way to it is five times as long
        self._gate = threading.Condition(self._lock)
        self._sending = self._sent = 0
        self._senders_poll = False
        self._closing = False
        self._report: CloseReport | None = None
        self._poller: threading.Thread | None = None
        if self._settings.background_poll:
            self._poller = threading.Thread(target=self._poll_until_closed, name="avroad-publisher", daemon=True)
            self._poller.start()

    def send(
        self,
        event: object,
        *,
        type_name: str = "",
        topic: str = "",
        key: str | bytes | None = None,
        headers: Headers = (),
    ) -> Future[Delivery]:
        """Queue one event; the future resolves exactly once to acked, rejected, unknown or fatal, and never raises.

        It cannot be cancelled: giving up on it changes neither the event nor what hooks and `close` are told.
        event: an object of a generated class, or a mapping together with `type_name`. None is a tombstone: it needs
        `topic` (a compacted one) and `key`. topic: when several topics carry the type. key: instead of the declared
        field. headers: put behind the event's own; same names are replaced, not repeated.
        Raises EncodeError, UnknownEventType, StaleTypes (nothing queued), Overloaded when the queue stayed full for
        `queue_timeout_s`, BrokerError after close or after a fatal failure.
        """
        serve_results = self._enter()
        try:
            if serve_results:
                self._sink.poll(0)
            if event is None:
                record, event_id, name = self._tombstone(topic, key, headers)
            else:
                route = self._routes.of(event, type_name, topic)
                record, event_id = route.record(event, key=key, headers=headers, now=self._clock.now())
                name = route.type_name
            return self._queue(record, event_id, name)
        finally:
            self._leave()

    def poll(self, timeout_s: float = 0.0) -> int:
        """Serve delivery results for at most `timeout_s`; return how many. Needed only without `background_poll`."""
        return self._sink.poll(timeout_s)

    def flush(self, timeout_s: float) -> int:
        """Wait until everything sent so far is resolved, at most `timeout_s`; return how many are not."""
        deadline = time.monotonic() + timeout_s
        while self._pending and (left := deadline - time.monotonic()) > 0:
            self._sink.flush(min(_FLUSH_S, left))
        return len(self._pending)

    def close(self, deadline_s: float | None = None) -> CloseReport:
        """Stop accepting, deliver what is queued, give up on the rest at the deadline, and say what that was.

        Ends within `deadline_s` (default: `close_timeout_s`) plus half a second, broker up or down. Every future is
        resolved on return. A second call returns the first report.
        """
        if self._report is not None:
            return self._report
        started = time.monotonic()
        deadline = started + (self._settings.close_timeout_s if deadline_s is None else deadline_s)
        self._stop_accepting(deadline)
        order = {send: number for number, send in enumerate(list(self._pending))}
        while len(self._sink) and (left := deadline - time.monotonic()) > 0:
            self._sink.flush(min(_FLUSH_S, left))
        grace_ends = time.monotonic() + _CLOSE_GRACE_S
        if self._poller is not None:
            self._poller.join(_CLOSE_GRACE_S / 2)
        self._sink.close(max(0.0, grace_ends - time.monotonic()))
        for send in list(self._pending):
            # Only of a client that had to be abandoned; a future must not stay open all the same.
            send(Delivery(outcome=Outcome.UNKNOWN, topic="", reason="closed"))
        self._report = CloseReport(
            undelivered=tuple(
                send.event_id for send in sorted(self._undelivered, key=lambda send: order.get(send, -1))
            ),
            acked=self._acked,
            rejected=self._others[Outcome.REJECTED],
            unknown=self._others[Outcome.UNKNOWN],
            fatal=self._others[Outcome.FATAL],
            elapsed_s=time.monotonic() - started,
        )
        return self._report

    def __len__(self) -> int:
        """Events sent and not yet resolved."""
        return len(self._pending)

    def __bool__(self) -> bool:
        """A publisher with nothing pending is still a publisher."""
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _queue(self, record: OutgoingRecord, event_id: str, type_name: str) -> Future[Delivery]:
        send = _Send(event_id, type_name, self._resolve)
        self._pending[send] = None
        try:
            self._produce(record, send)
        except BaseException:
            self._pending.pop(send, None)
            raise
        return send

    def _produce(self, record: OutgoingRecord, send: _Send) -> None:
        deadline = 0.0
        while not self._sink.produce(record, send):
            now = time.monotonic()
            deadline = deadline or now + self._settings.queue_timeout_s
            if self._closing or now >= deadline:
                raise Overloaded(
                    f"the send queue stayed full for {self._settings.queue_timeout_s:g} s, {len(self._sink)} waiting",
                    hint="Is Kafka reachable and fast enough? Send slower, or try this event again.",
                )
            self._sink.poll(min(_FULL_POLL_S, deadline - now))

    def _tombstone(self, topic: str, key: str | bytes | None, headers: Headers) -> tuple[OutgoingRecord, str, str]:
        spec = self._routes.topic(topic)
        if "compact" not in spec.config.get("cleanup.policy", ""):
            raise EncodeError("a tombstone", expected="a compacted topic", found=f"{topic}, which keeps every record")
        if not key:
            raise EncodeError("a tombstone", expected="a key", found="none")
        key_out = key if isinstance(key, bytes) else key.encode()
        now_ms = int(self._clock.now().timestamp() * 1000)
        record = OutgoingRecord(topic=topic, key=key_out, value=None, headers=headers, timestamp_ms=now_ms)
        return record, f"tombstone {key_out.decode('utf-8', 'replace')}", ""

    def _resolved(self, send: _Send, delivery: Delivery) -> None:
        try:
            del self._pending[send]
        except KeyError:
            return  # resolved before
        outcome = delivery.outcome
        with self._lock:
            if outcome is Outcome.ACKED:
                self._acked += 1
            else:
                self._others[outcome] += 1
                if self._closing:
                    self._undelivered.append(send)
        if outcome is Outcome.FATAL:
            self._fatal = delivery.reason
        try:  # noqa: SIM105  # a third of the time `suppress` takes, once a send
            send.set_result(delivery)
        except InvalidStateError:
            pass  # whoever holds a future can set it, too
        for hook in self._hooks:
            try:
                hook.on_delivery(delivery, send.type_name)
            except Exception:  # noqa: BLE001 - whatever it is: the next one has to be told, and close must not raise it
                _LOG.exception("a delivery hook raised")

    def _enter(self) -> bool:
        """Count a send in; return whether it is this one's turn to serve results."""
        with self._lock:
            if self._closing:
                raise BrokerError("the publisher is closed", hint="Make a new one.")
            if self._fatal:
                raise BrokerError(f"the publisher failed for good: {self._fatal}", hint="Close it and make a new one.")
            self._sending += 1
            self._sent += 1
            if self._sent % _SENDS_PER_POLL:
                return False
            self._senders_poll = True
            return True

    def _leave(self) -> None:
        with self._lock:
            self._sending -= 1
            if self._closing:
                self._gate.notify_all()

    def _stop_accepting(self, deadline: float) -> None:
        with self._gate:
            self._closing = True
            self._gate.notify_all()
            self._gate.wait_for(lambda: not self._sending, timeout=max(0.0, deadline - time.monotonic()))

    def _poll_until_closed(self) -> None:
        """Serve results, unless the senders are fast enough to do it: two busy threads cost half the rate."""
        while not self._closing:
            try:
                if self._senders_poll:
                    self._senders_poll = False
                    with self._gate:
                        self._gate.wait_for(lambda: self._closing, timeout=_SENDERS_POLL_S)
                else:
                    self._sink.poll(_POLL_S)
            except AvroadError:
                _LOG.exception("serving delivery results failed")
                return
