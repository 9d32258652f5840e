"""Scratch topics, groups and subjects of one run, under a prefix and a lease, and their end: now or by the next run.

Their names say until when they are leased and to which run. What changes anything goes through one thread, so that
taking away is never overtaken by a request that was still on its way when the run was interrupted.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Final, Self, TypeVar

from avroad.errors import AvroadError, SchemaNotFound
from avroad.evolve.insist import answers, insist
from avroad.model import TopicSpec
from avroad.ports import ScratchAdmin, ScratchRegistry

__all__ = ["PREFIX", "Lease", "Scratch", "leftovers", "sweep"]

PREFIX: Final = "avroad.rehearse."
"""What every scratch name begins with; nothing else is ever deleted."""
LEASE: Final = timedelta(minutes=15)
_GRACE: Final = timedelta(minutes=2)
_TIME: Final = "%Y%m%dT%H%M%SZ"
_NAME: Final = re.compile(re.escape(PREFIX) + r"(\d{8}T\d{6}Z)-([0-9a-f]{8})\.\d{1,4}(?:-value)?\Z")
_CONFIG: Final = {"cleanup.policy": "delete", "retention.ms": "3600000"}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One run: a name nobody else has, and until when its scratch is its own."""

    run: str
    until: datetime

    @classmethod
    def begin(cls, now: datetime) -> Lease:
        """Return the lease of a run that begins."""
        return cls(run=secrets.token_hex(4), until=(now + LEASE).replace(microsecond=0))

    @property
    def names(self) -> str:
        """The pattern of all names of the run, for people."""
        return f"{PREFIX}{self.until.strftime(_TIME)}-{self.run}.*"

    def topic(self, number: int) -> str:
        """Return the name of the run's n-th topic."""
        return self.names.replace("*", str(number))


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftovers:
    """What runs that are over have left. alive: runs whose scratch is still leased."""

    topics: tuple[str, ...]
    subjects: tuple[str, ...]
    groups: tuple[str, ...]
    runs: frozenset[str]
    alive: frozenset[str]

    @property
    def any(self) -> bool:
        """Whether there is something to take away."""
        return bool(self.topics or self.subjects or self.groups)


def leftovers(
    topics: Iterable[str],
    subjects: Iterable[str],
    *,
    groups: Iterable[str] = (),
    now: datetime,
    died: Callable[[str], bool | None],
) -> Leftovers:
    """Return which of these names are scratch of runs that are over; no other name is looked at.

    died: whether a run of this machine is known to be dead, None where nothing is known; then its lease decides.
    """
    over: dict[str, bool] = {}

    def is_over(name: str) -> bool:
        found = _NAME.match(name)
        if found is None:
            return False
        run = found[2]
        if run not in over:
            until = datetime.strptime(found[1], _TIME).replace(tzinfo=UTC)
            known = died(run)
            over[run] = now > until + _GRACE if known is None else known
        return over[run]

    gone_topics = tuple(sorted(name for name in topics if is_over(name)))
    gone_subjects = tuple(sorted(name for name in subjects if is_over(name)))
    gone_groups = tuple(sorted(name for name in groups if is_over(name)))
    runs = frozenset(run for run, done in over.items() if done)
    return Leftovers(
        topics=gone_topics, subjects=gone_subjects, groups=gone_groups, runs=runs, alive=frozenset(over) - runs
    )


def sweep(admin: ScratchAdmin, registry: ScratchRegistry, found: Leftovers) -> None:
    """Take away what runs that are over have left. Raises BrokerError, RegistryError."""
    _remove(admin, registry, found.topics, found.subjects, found.groups)


class Scratch:
    """The scratch of one run. Leaving the block takes it away, whatever happened in it.

    left: afterwards, what could not be taken away; the next run will.
    """

    def __init__(self, lease: Lease, admin: ScratchAdmin, registry: ScratchRegistry, *, replication: int) -> None:
        self.lease = lease
        self.left: tuple[str, ...] = ()
        self._admin, self._registry, self._replication = admin, registry, replication
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="scratch")
        self._topics: list[str] = []
        self._subjects: list[str] = []
        self._groups: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        removal = self._worker.submit(self._take_away)
        interrupted = False
        while not removal.done():
            try:
                with suppress(Exception):
                    removal.result()
            except KeyboardInterrupt:
                interrupted = True  # once more: it is being taken away already
        self._worker.shutdown(wait=True)
        self.left = removal.result()
        if interrupted and error is None:
            raise KeyboardInterrupt

    def topics(self, count: int, partitions: int = 1) -> tuple[str, ...]:
        """Make topics and return their names. Raises BrokerError."""
        made = len(self._topics)
        names = tuple(self.lease.topic(number) for number in range(made, made + count))
        specs = [TopicSpec(name=name, partitions=partitions, config=_CONFIG) for name in names]
        self._topics += names
        self._do(lambda: insist(lambda: self._create(specs), self._admin))
        return names

    def subject(self, topic: str) -> str:
        """Return the name of a topic's subject, which is taken away from now on."""
        name = f"{topic}-value"
        assert _NAME.match(name)  # nothing else is ever deleted
        self._subjects.append(name)
        return name

    def group(self, topic: str) -> str:
        """Return the name of a topic's consumer group, which is taken away from now on."""
        assert _NAME.match(topic)  # nothing else is ever deleted
        self._groups.append(topic)
        return topic

    def require_lease(self) -> None:
        """Raise AvroadError when the lease is over: then another run may take the scratch away."""
        if datetime.now(UTC) > self.lease.until:
            raise AvroadError("the rehearsal took longer than its lease", hint="Name fewer subjects.")

    def require_servers(self) -> None:
        """Raise BrokerUnavailable or RegistryUnavailable when no broker or the registry does not answer."""
        self._admin.observe(())
        if self._subjects:
            self._registry.versions(self._subjects[0])

    def change(self, call: Callable[[ScratchRegistry], _T]) -> _T:
        """Return what a changing call gives, made in this run's one thread. Raises what it raises."""
        return self._do(lambda: call(self._registry))

    def _do(self, call: Callable[[], _T]) -> _T:
        future: Future[_T] = self._worker.submit(call)
        return future.result()

    def _create(self, specs: Sequence[TopicSpec]) -> None:
        """Create those that are not there: an attempt before that got no answer may have made some."""
        there = self._admin.observe(()).topics
        missing = [spec for spec in specs if spec.name not in there]
        self._admin.create_topics(missing, replication_factor=self._replication)

    def _take_away(self) -> tuple[str, ...]:
        left: list[str] = []
        if (self._groups or self._topics) and not answers(self._admin):  # else each request would wait for its timeout
            left, self._groups, self._topics = [*self._groups, *self._topics], [], []
        for topics, subjects, groups in ((), (), self._groups), (self._topics, (), ()), ((), self._subjects, ()):
            try:
                _remove(self._admin, self._registry, topics, subjects, groups)
            except AvroadError:
                left += [*topics, *subjects, *groups]
        return tuple(dict.fromkeys(left))


def _remove(
    admin: ScratchAdmin,
    registry: ScratchRegistry,
    topics: Sequence[str],
    subjects: Sequence[str],
    groups: Sequence[str],
) -> None:
    assert all(_NAME.match(name) for name in (*topics, *subjects, *groups))  # nothing else is ever deleted
    if topics:
        insist(lambda: admin.delete_topics(topics), admin)
    for subject in subjects:
        with suppress(SchemaNotFound):  # nothing was registered under it yet
            registry.delete(subject)
    if groups:  # last, because members that were killed are waited for
        insist(lambda: admin.delete_groups(groups), admin)
