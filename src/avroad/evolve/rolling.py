"""Rolling upgrades played with real programs: one producer or consumer is switched at a time under steady traffic.

Each order has a scratch topic, a dead-letter topic, a subject and a group of its own, with the version before and the
candidate registered. It is played once in the advised order, and once more in the other one, which shows what would
have happened. Programs that are pinned to a version read along in groups of their own, and are never switched.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from avroad.consumer import read_to_end
from avroad.contracts import Catalog, EventType, LockedSubject, SchemaLock
from avroad.contracts.compat.order import Order
from avroad.contracts.subjects import derive_subjects
from avroad.errors import BrokerError, BrokerUnavailable, RegistryUnavailable
from avroad.evolve.cast import Cast, Keeper
from avroad.evolve.counts import Kept
from avroad.evolve.deliveries import Deliveries
from avroad.evolve.ids import tally
from avroad.evolve.ledger import Ledger
from avroad.evolve.matrix import SubjectMatrix
from avroad.evolve.members import THREADS, Build, Clients, id_of
from avroad.evolve.rehearse import framing_of, register
from avroad.evolve.samples import samples
from avroad.evolve.scratch import Scratch
from avroad.evolve.switches import MEMBERS, Switch, orders_of, schedule
from avroad.evolve.upgrade import Phase, Rolling, Upgrade
from avroad.evolve.versions import InPlay, Version
from avroad.model import RegisteredSchema, TopicSpec
from avroad.schema import Record

__all__ = ["roll", "unplayed"]

_LOG_NAMES: Final = ("avroad.consumer", "avroad.producer", "avroad.broker")
_AT_ONCE: Final = 4
_CLOSE_S: Final = 5.0
_LOOK_S: Final = 5.0
_SILENCE_S: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """One order on its scratch. topic: also the members' group; builds: old and new; keepers: as in `Cast`."""

    subject: SubjectMatrix
    order: Order
    advised: bool
    topic: str
    letters: str
    builds: tuple[Build, Build]
    keepers: tuple[Keeper, ...]


def unplayed(play: InPlay) -> str:
    """Return why a subject has no rolling upgrade, "" when it has one."""
    if not play.spec.topic:
        return "no topic carries the type by itself"
    if len(play.versions) < 2:  # noqa: PLR2004  # old and new
        return "there is one version only"
    if not all(isinstance(version.schema, Record) for version in play.versions[-2:]):
        return "only records are sent by themselves"
    return ""


def roll(
    subjects: Sequence[SubjectMatrix],
    clients: Clients,
    scratch: Scratch,
    *,
    catalog: Catalog,
    seed: int,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[SubjectMatrix, ...]:
    """Return the subjects with their rolling upgrades, from the newest version before to the candidate.

    scratch: entered; the caller leaves it. catalog: of the real topics, for their framing. seed: of the data.
    Raises BrokerError, RegistryError and their kin; all members have ended then, also after Ctrl-C.
    """
    stages = [
        stage for subject in subjects if not _unplayed(subject)
        for stage in _stages(subject, scratch, catalog, seed)
    ]  # fmt: skip
    if stages:
        say(f"rolling upgrades: playing {len(stages)}")
    played: dict[tuple[str, Order], Upgrade] = {}
    abort = threading.Event()
    with _quiet(), ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix=f"{THREADS}play") as pool:
        futures = {pool.submit(_play, stage, clients, scratch, abort): stage for stage in stages}
        try:
            for number, future in enumerate(_as_played(set(futures), scratch), 1):
                stage = futures[future]
                played[stage.subject.in_play.spec.subject, stage.order] = future.result()
                say(f"rolling upgrades: {number} of {len(stages)} played")
        except BaseException:
            say("rolling upgrades: broken off, their programs are ended in order")
            abort.set()
            for future in futures:
                future.cancel()
            raise
    return tuple(replace(subject, rolling=_rolling(subject, played)) for subject in subjects)


def _as_played(futures: set[Future[Upgrade]], scratch: Scratch) -> Iterator[Future[Upgrade]]:
    """Yield plays as they end.

    Raises BrokerUnavailable, RegistryUnavailable when the servers are gone for 15 s: members would wait for them.
    """
    silent_since: float | None = None
    while futures:
        done, futures = wait(futures, timeout=_LOOK_S, return_when=FIRST_COMPLETED)
        yield from done
        try:
            scratch.require_servers()
            silent_since = None
        except (BrokerUnavailable, RegistryUnavailable):
            now = time.monotonic()
            silent_since = silent_since or now
            if now - silent_since > _SILENCE_S:
                raise


def _rolling(subject: SubjectMatrix, played: Mapping[tuple[str, Order], Upgrade]) -> Rolling:
    name = subject.in_play.spec.subject
    upgrades = tuple(played[name, order] for order, _ in orders_of(subject.advice.order) if (name, order) in played)
    return Rolling(upgrades=upgrades, unplayed=_unplayed(subject))


def _unplayed(subject: SubjectMatrix) -> str:
    return unplayed(subject.in_play) or subject.hindered


def _stages(subject: SubjectMatrix, scratch: Scratch, catalog: Catalog, seed: int) -> Iterator[_Stage]:
    """Yield the two orders of a subject, each on scratch that is made for it."""
    play = subject.in_play
    framing = framing_of(catalog, play)
    old, new = (version.label for version in play.versions[-2:])
    records = {version.label: version for version in play.versions if isinstance(version.schema, Record)}
    keepers = [(label, programs) for label, programs in play.keepers if label in records]
    needed = {old, new, *(label for label, _ in keepers)}
    for order, advised in orders_of(subject.advice.order):
        topic, letters, *more = scratch.topics(2 + len(keepers), MEMBERS)
        name = scratch.subject(topic)
        spec = TopicSpec(name=topic, partitions=MEMBERS, framing=framing, dlq=letters)
        builds = {
            label: _build(
                version,
                scratch.change(partial(register, subject=name, schema=version.schema)),
                spec,
                samples(version.schema, seed),
            )
            for label, version in records.items()
            if label in needed
        }
        yield _Stage(
            subject=subject, order=order, advised=advised, topic=scratch.group(topic), letters=letters,
            builds=(builds[old], builds[new]),
            keepers=tuple(
                Keeper(programs=programs, group=scratch.group(own), build=_with_letters(builds[label], own))
                for (label, programs), own in zip(keepers, more, strict=True)
            ),
        )  # fmt: skip


def _build(version: Version, found: RegisteredSchema, topic: TopicSpec, data: Sequence[Any]) -> Build:
    """Return what a program has that was built when this version was the repository's."""
    schema = version.schema
    assert isinstance(schema, Record)  # see `unplayed`
    kind = EventType(name=schema.name, schema=schema, text=found.text, file="", references=(), fingerprint=version.id)
    locked = LockedSubject(version=found.version, id=found.id, fingerprint=version.id)
    return Build(
        label=version.label, type_name=kind.name, topic=topic.name, data=data,
        catalog=_catalog(kind, replace(topic, values=(kind.name,))),
        lock=SchemaLock(environment="rehearsal", registry="", cluster_id="", subjects={found.subject: locked}),
    )  # fmt: skip


def _with_letters(build: Build, letters: str) -> Build:
    """Return a build whose dead letters go elsewhere."""
    topic, kind = build.catalog.topics[build.topic], build.catalog.types[build.type_name]
    return replace(build, catalog=_catalog(kind, replace(topic, dlq=letters)))


def _catalog(kind: EventType, topic: TopicSpec) -> Catalog:
    types = {kind.name: kind}
    letters = TopicSpec(name=topic.dlq, partitions=topic.partitions, dlq_of=topic.name)
    topics = {topic.name: topic, letters.name: letters}
    return Catalog(types=types, topics=topics, subjects=derive_subjects(types, topics.values()))


def _play(stage: _Stage, clients: Clients, scratch: Scratch, abort: threading.Event) -> Upgrade:
    scratch.require_lease()
    begun = time.monotonic()
    ledger = Ledger(abort)
    cast = Cast(stage.builds, stage.topic, stage.keepers, clients, ledger)
    try:
        cast.begin()
        for switch in schedule(stage.order):
            ledger.next_phase()
            cast.switch(switch)
        cast.fall_silent()
    finally:
        cast.end()
    log, letters = _ids(clients, stage)
    ids = tally(sent=ledger.sent, acked=ledger.delivered, log=log, letters=letters, handled=ledger.handled_ids)
    if not ids.sound:
        scratch.require_servers()  # else what they left undone would count as harm of a version
    if ids.untaken:
        raise BrokerError(
            "the brokers did not take every event of a rolling upgrade", expected=f"{ids.sent:,} in the log",
            found=f"{ids.untaken:,} neither acknowledged nor there",
            hint="That says nothing about the versions. See that all brokers run, then run the command again.",
        )  # fmt: skip
    builds = {build.label: build for build in (*stage.builds, *(keeper.build for keeper in stage.keepers))}
    deliveries = Deliveries.of(ledger, builds, stage.subject)
    phases: list[Phase] = []
    switches: tuple[Switch | None, ...] = (None, *schedule(stage.order))
    for number, begun_with in enumerate(switches):
        sent = sum(phase == number for phase, *_ in ledger.sent.values())
        phases.append(Phase(switch=begun_with, sent=sent, counts=deliveries.of_phase(number)))
    return Upgrade(
        order=stage.order, advised=stage.advised, old=stage.builds[0].label, new=stage.builds[1].label,
        phases=tuple(phases), readings=deliveries.readings(), seconds=time.monotonic() - begun,
        ids=ids,
        kept=tuple(
            Kept(
                programs=keeper.programs, version=keeper.build.label, unread=told.unmet,
                readings=Deliveries.of(told, builds, stage.subject).readings(),
            )
            for keeper, told in zip(stage.keepers, cast.kept, strict=True)
        ),
    )  # fmt: skip


def _ids(clients: Clients, stage: _Stage) -> tuple[list[str], list[str]]:
    """Return the ids in the topic and in its dead-letter topic, read by somebody who took no part."""
    found: dict[str, list[str]] = {stage.topic: [], stage.letters: []}
    source = clients.source()
    try:
        for record in read_to_end(source, list(found)):
            found[record.topic].append(id_of(record.headers))
    finally:
        source.close(_CLOSE_S)
    return found[stage.topic], found[stage.letters]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep to itself what members warn of: that versions do not fit, and that partitions change hands, is the play.

    Whatever ends a member is raised all the same.
    """

    def nothing(_record: logging.LogRecord) -> bool:
        return False

    loggers = [logging.getLogger(name) for name in _LOG_NAMES]
    for logger in loggers:
        logger.addFilter(nothing)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(nothing)
