"""Producers and consumers of a rolling upgrade: real publishers and runners, each in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from avroad.codec.dead_letter import Failure
from avroad.consumer import Event, Runner, RunnerSettings, VersionPolicy
from avroad.contracts import Catalog, SchemaLock
from avroad.errors import AvroadError
from avroad.evolve.implementations import Unread
from avroad.evolve.ledger import Ledger
from avroad.model import Delivery, Headers, Outcome, Record
from avroad.ports import RecordSink, RecordSource, Registry
from avroad.producer import Publisher

__all__ = ["Build", "Clients", "Consumer", "Producer", "id_of"]

THREADS: Final = "rehearsal-"
_HEADER: Final = "avroad-rehearse"
_EVERY_S: Final = 0.005
_CLOSE_S: Final = 5.0
_FLUSH_S: Final = 0.5
_DELIVER_S: Final = 30.0
_LEAVE_S: Final = 15.0
"""Interrupted while it joined, a member is waited for by its group for a session, 6 s, and the others with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """How a member comes to clients of its own, as a program would; it closes them.

    member: by the name of the group; source: without a group.
    """

    registry: Callable[[], Registry]
    sink: Callable[[], RecordSink]
    source: Callable[[], RecordSource]
    member: Callable[[str], RecordSource]


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What a program of one version was built with. data: what its producers send, over and over."""

    label: str
    type_name: str
    topic: str
    catalog: Catalog
    lock: SchemaLock
    data: Sequence[Any]


class _Thread:
    """A member's thread; what ends it before it is stopped ends the play."""

    def __init__(self, name: str, ledger: Ledger, work: Callable[[threading.Event], object]) -> None:
        self._ledger, self._work = ledger, work
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{THREADS}{name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let it finish in order."""
        self._stop.set()

    def end(self) -> None:
        """Let it finish in order, and wait until it has."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._work(self._stop)
        except BaseException as error:  # noqa: BLE001  # raised in the thread that waits for it
            self._ledger.fail(error)


class Producer:
    """Sends the data of a build at a steady pace until it is ended; keys and ids are those of its place."""

    def __init__(self, number: int, build: Build, clients: Clients, ledger: Ledger) -> None:
        """number: its place, from 1. Raises what making a publisher raises."""
        self.number, self._build, self._ledger = number, build, ledger
        registry = clients.registry()
        sink = clients.sink()
        try:
            self._publisher = Publisher(
                catalog=build.catalog, lock=build.lock, sink=sink, source_uri="urn:avroad:rehearsal", registry=registry
            )
        except BaseException:
            sink.close(_CLOSE_S)
            raise
        finally:
            registry.close()
        self._thread = _Thread(f"producer-{number}", ledger, self._run)

    def stop(self) -> None:
        """Ask it to end."""
        self._thread.stop()

    def end(self) -> None:
        """Deliver what was sent, and leave."""
        self._thread.end()

    def _run(self, stop: threading.Event) -> None:
        try:
            while not stop.wait(_EVERY_S):
                self._send()
            self._deliver()
        finally:
            self._publisher.close(_CLOSE_S)

    def _deliver(self) -> None:
        """Wait for what was sent, through the loss of a broker too; not while the play is broken off."""
        deadline = time.monotonic() + _DELIVER_S
        while not self._ledger.broken_off and time.monotonic() < deadline:
            if not self._publisher.flush(_FLUSH_S):
                return

    def _send(self) -> None:
        build = self._build
        count = self._ledger.count(self.number)
        sample = (count + self.number) % len(build.data)
        event_id = f"{self.number}-{count}"
        self._ledger.sending(event_id, build.label, sample)
        future = self._publisher.send(
            build.data[sample], type_name=build.type_name, topic=build.topic, key=event_id,
            headers=((_HEADER, event_id.encode()),),
        )  # fmt: skip
        future.add_done_callback(partial(self._sent, event_id))

    def _sent(self, event_id: str, future: Future[Delivery]) -> None:
        if future.result().outcome is Outcome.ACKED:
            self._ledger.acked(event_id)


class Consumer:
    """A member of the group with the schemas of a build. What it cannot read goes to the dead-letter topic.

    Policies are `warn`, and no share of dead letters stops it: where a careful consumer stops at the first record,
    this one shows what becomes of each.
    """

    def __init__(self, number: int, group: str, build: Build, clients: Clients, ledger: Ledger) -> None:
        """number: its place, from 1. Raises what making a runner raises."""
        self.number, self._label, self._ledger = number, build.label, ledger
        opened: list[RecordSource | RecordSink] = []
        registry = clients.registry()
        try:
            source = clients.member(group)
            opened.append(source)
            letters = clients.sink()
            opened.append(letters)
            self._runner = Runner(
                catalog=build.catalog, registry=registry, source=source, settings=_settings(build.topic, group),
                handler=self._handled, dead_letters=letters, lock=build.lock, on_poison=self._refused,
            )  # fmt: skip
        except BaseException:
            for client in opened:
                client.close(_CLOSE_S)
            registry.close()
            raise
        self._thread = _Thread(f"consumer-{number}", ledger, self._runner.run)

    def stop(self) -> None:
        """Ask it to end."""
        self._thread.stop()

    def end(self) -> None:
        """Finish, commit and leave the group."""
        self._thread.end()

    def _handled(self, event: Event) -> None:
        self._ledger.met(id_of(event.record.headers), self.number, self._label, event.value)

    def _refused(self, record: Record, failure: Failure) -> None:
        why = Unread(kind=str(failure.poison), text=failure.error)
        self._ledger.met(id_of(record.headers), self.number, self._label, why)


def id_of(headers: Headers) -> str:
    """Return the id of an event of a rehearsal. Raises AvroadError for a record that is none."""
    found = next((value for name, value in headers if name == _HEADER), None)
    if found is None:
        raise AvroadError("a record that was not sent by this rehearsal is in its scratch topic")
    return found.decode()


def _settings(topic: str, group: str) -> RunnerSettings:
    warn = VersionPolicy.WARN
    return RunnerSettings(
        topics=(topic,), group=group, unreadable=warn, unsafe=warn, changed_meaning=warn, dead_letter_share=1.0,
        poll_s=0.05, commit_interval_s=0.2, retry_base_s=0.05, retry_cap_s=1.0, shutdown_s=_LEAVE_S,
    )  # fmt: skip
