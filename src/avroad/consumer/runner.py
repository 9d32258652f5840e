"""The consumer loop: poll, drain, handle, commit behind what is finished, and an end that keeps its deadline."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from avroad.codec.dead_letter import Failure
from avroad.consumer.backoff import Backoff
from avroad.consumer.bindings import Bindings
from avroad.consumer.deadletters import DeadLetters
from avroad.consumer.handling import Handling
from avroad.consumer.judgement import Judge
from avroad.consumer.report import Event, Left, RunReport, StartupReport
from avroad.consumer.settings import RunnerSettings
from avroad.consumer.starting import initialise_group, positions
from avroad.consumer.startup import check_versions
from avroad.consumer.watch import Watch
from avroad.consumer.work import Work
from avroad.contracts import Catalog
from avroad.contracts.lock import SchemaLock
from avroad.errors import ConfigError, TopicRecreated, UnknownEventType
from avroad.model import Record
from avroad.ports.broker import RecordSink, RecordSource, TopicPartition
from avroad.ports.clock import Clock, SystemClock
from avroad.ports.hooks import Hook
from avroad.ports.registry import Registry

__all__ = ["Runner"]

_LOG = logging.getLogger("avroad.consumer")
_FINISH_SHARE = 0.6
_LEAST_S = 0.1


class Runner:
    """Reads topics and hands each event to `handler`, at least once, in order per partition.

    Everything happens in the thread that calls `run`, the handler included; `stop` may be set from any thread or
    signal handler. An offset is committed only when the record and all before it in its partition are finished:
    handled, or acknowledged by the dead-letter topic.

    So one handler call must end well inside `max.poll.interval.ms` (5 min unless set otherwise), and a rebalance of the
    group waits for it. Above half of that a warning names the call; above all of it the group takes the partitions
    away and the record comes again: raise the setting for work that takes so long. However many shorter calls there
    are, the loop polls at least every `slice_s`, with the partitions paused that have records left.

    source, dead_letters, registry: owned by the runner from here on; all are closed when `run` ends. dead_letters is
    needed with a group. handler: HandlerError and errors that are not retriable make a record poison; errors with
    `retriable`, ConnectionError and TimeoutError are tried again. on_poison: told each poison record and its failure;
    without a group it is the only thing that happens to one.
    """

    def __init__(
        self,
        *,
        catalog: Catalog,
        registry: Registry,
        source: RecordSource,
        settings: RunnerSettings,
        handler: Callable[[Event], None],
        dead_letters: RecordSink | None = None,
        lock: SchemaLock | None = None,
        types: Mapping[str, type] | None = None,
        clock: Clock | None = None,
        hooks: Sequence[Hook] = (),
        on_poison: Callable[[Record, Failure], None] | None = None,
    ) -> None:
        for topic in settings.topics:
            if topic not in catalog.topics:
                raise UnknownEventType(f"no topic {topic!r} is declared", hint="Is it spelled as in admin/topics?")
        if settings.slice_s > source.poll_interval_s / 2:
            half = f"at most {source.poll_interval_s / 2:g} s, half of max.poll.interval.ms"
            raise ConfigError("the group would be lost", path="slice_s", expected=half, found=f"{settings.slice_s:g} s")
        clock = clock or SystemClock()
        backoff = Backoff(settings.retry_base_s, settings.retry_cap_s)
        self._catalog = catalog
        self._registry = registry
        self._source = source
        self._settings = settings
        self._lock = lock
        self._judge = Judge(settings)
        self._letters = _letters(catalog, settings, dead_letters, clock, backoff)
        bindings = Bindings(
            catalog=catalog,
            registry=registry,
            judge=self._judge,
            clock=clock,
            backoff=backoff,
            grace_s=settings.unknown_id_grace_s,
            lock=lock,
            types=types,
        )
        handling = Handling(
            catalog=catalog,
            bindings=bindings,
            handler=handler,
            clock=clock,
            backoff=backoff,
            max_attempts=settings.handler_attempts,
            poll_interval_s=source.poll_interval_s,
        )
        self._work = Work(
            source=source,
            settings=settings,
            handling=handling,
            letters=self._letters,
            clock=clock,
            hooks=hooks,
            on_poison=on_poison,
        )
        self._watch = Watch(source=source, settings=settings, assignment=self._work.assignment, clock=clock)
        self._startup: StartupReport | None = None

    def check(self) -> StartupReport:
        """Compare every registered version of the topics' subjects with our reader schemas; asked once.

        Raises RegistryDenied, and RegistryError when an id of the lock means something else in the registry; an outage
        is in the report instead.
        """
        if self._startup is None:
            topics = self._settings.topics
            self._startup = check_versions(self._catalog, self._registry, topics, self._judge, self._lock)
        return self._startup

    def run(self, stop: threading.Event) -> RunReport:
        """Read until `stop` is set, then finish what is in work, commit and leave inside `shutdown_s`.

        Raises IncompatibleSchema when a policy refuses a registered version: before the first record, or, when the
        version appeared later, before its first record is handled; BrokerUnavailable, BrokerError when reading cannot
        start or go on; TopicRecreated when a topic is not the one that was read before; RegistryError when somebody
        has to act.
        Also then everything finished is committed and the group is left.
        """
        started = time.monotonic()
        try:
            self._begin()
            while not stop.is_set():
                self._work.round(stop)
                self._watch.maybe()
        except TopicRecreated as error:
            # What is finished there belongs to the topic that is gone; committed, it would skip records of the new one.
            self._work.assignment.disown(error.topic)
            raise
        finally:
            committed, left, closed = self._end()
        return RunReport(
            handled=self._work.handled,
            poisoned=self._work.poisoned,
            retried=self._work.retried,
            committed=committed,
            left=left,
            closed=closed,
            elapsed_s=time.monotonic() - started,
        )

    def lags(self) -> dict[TopicPartition, int]:
        """Return records behind the end per owned partition, as far as a fetch has told; for the handler's thread."""
        result: dict[TopicPartition, int] = {}
        for key, lane in self._work.assignment.lanes.items():
            end = self._source.end_offset(key)
            if end is not None:
                result[key] = max(0, end - lane.expected + len(lane.queue))
        return result

    def _begin(self) -> None:
        report = self.check()
        self._judge.meet(report.doubts)
        if report.lost:
            _LOG.warning(
                "the registry at %s has lost what the schema lock names: %s. Records of it are read by the lock. "
                "Was the registry restored from an older state? Run: avroad apply",
                self._registry.name,
                ", ".join(report.lost),
            )
        if report.unchecked:
            subjects = ", ".join(report.unchecked)
            _LOG.warning("versions of %s are checked when their first record arrives: %s", subjects, report.reason)
        topics, start = self._settings.topics, self._settings.start
        assignment = self._work.assignment
        if self._settings.group:
            if self._letters is not None:
                self._letters.open()
            self._watch.now()
            assignment.starts.update(initialise_group(self._source, topics, start))
            self._source.subscribe(topics, assignment)
            return
        keys = [(topic, number) for topic in topics for number in range(self._source.partitions(topic))]
        begin = positions(self._source, keys, start)
        for key, offset in begin.items():
            assignment.begin(key, offset, commit=False)
        self._source.assign(begin)
        self._watch.now()

    def _end(self) -> tuple[dict[TopicPartition, int], tuple[Left, ...], bool]:
        """Finish, commit and leave, all inside `shutdown_s`; return positions, what is left, whether it closed."""
        deadline = time.monotonic() + self._settings.shutdown_s
        returned = self._work.finish(self._settings.shutdown_s * _FINISH_SHARE)
        committed, left = self._work.committed(), self._work.left()
        # A client that is still committing in a thread that was left must not be closed under it.
        closed = returned and self._source.close(max(_LEAST_S, deadline - time.monotonic()))
        if self._letters is not None:
            self._letters.close(max(_LEAST_S, deadline - time.monotonic()))
        self._registry.close()
        return committed, left, closed


def _letters(
    catalog: Catalog, settings: RunnerSettings, sink: RecordSink | None, clock: Clock, backoff: Backoff
) -> DeadLetters | None:
    """Return the way of dead letters of a group; None without a group, or when no topic has a dead-letter topic."""
    declared = {name: catalog.topics[name].dlq for name in settings.topics if catalog.topics[name].dlq}
    if not settings.group or not declared:
        return None
    if sink is None:
        raise ConfigError("a group needs a sink for its dead letters", expected="dead_letters=", found="none")
    return DeadLetters(sink=sink, topics=declared, clock=clock, backoff=backoff)
