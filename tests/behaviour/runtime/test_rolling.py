"""Rolling upgrades on the mock cluster: what the advised order spares, what the other one costs, and how plays end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from avroad.broker import open_sink, open_source
from avroad.contracts import Catalog
from avroad.contracts.compat.order import Order, UpgradeAdvice
from avroad.errors import BrokerUnavailable
from avroad.evolve import rolling
from avroad.evolve.matrix import SubjectMatrix
from avroad.evolve.members import THREADS, Clients
from avroad.evolve.rolling import roll
from avroad.evolve.scratch import Lease, Scratch
from avroad.evolve.upgrade import Upgrade
from avroad.model import ClusterState, TopicSpec
from avroad.ports import RecordSink, RecordSource
from avroad.registry import MemoryRegistry
from avroad.testing.mock_cluster import MockCluster
from tests.unit.evolve.evolution import NEW, OLD, judged, record
from tests.unit.evolve.evolution import field as named

ID = named("id", "string")
NOTE = named("note", ["null", "string"], default=None)
LANES = named("lanes", "int")


@dataclass
class Topics:
    """The administrator of a mock cluster, which has no requests for topics and none for groups."""

    cluster: MockCluster
    silent: bool = False
    made: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def create_topics(
        self, specs: Sequence[TopicSpec], *, replication_factor: int, validate_only: bool = False
    ) -> None:
        for spec in specs:
            self.cluster.create_topic(spec.name, spec.partitions)
            self.made.append(spec.name)

    def delete_topics(self, topics: Sequence[str]) -> None:
        self.gone += topics

    def groups(self) -> tuple[str, ...]:
        return ()

    def delete_groups(self, groups: Sequence[str]) -> None:
        self.gone += groups

    def observe(self, topics: Sequence[str] | None = None) -> ClusterState:
        if self.silent:
            raise BrokerUnavailable("nobody answers")
        return ClusterState(cluster_id="c", brokers=(1,), topics={})

    def add_partitions(self, totals: Mapping[str, int]) -> None: ...

    def set_config(self, topic: str, changes: Mapping[str, str | None]) -> None: ...


@dataclass
class Stage:
    """What a play needs. sinks: called for each sink, before it is opened."""

    cluster: MockCluster
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    sinks: Callable[[], None] = lambda: None

    def kafka(self) -> dict[str, str]:
        return {"bootstrap.servers": self.cluster.bootstrap_servers}

    def sink(self) -> RecordSink:
        self.sinks()
        return open_sink(self.kafka())

    def member(self, group: str) -> RecordSource:
        # The mock group waits for a second less than the session at each change, whoever has come back already.
        return open_source({**self.kafka(), "session.timeout.ms": "1300", "heartbeat.interval.ms": "100"}, group)

    @contextmanager
    def scratch(self) -> Iterator[Scratch]:
        admin = Topics(self.cluster)
        with Scratch(Lease.begin(datetime.now(UTC)), admin, self.registry, replication=1) as scratch:
            yield scratch
        assert scratch.left == ()
        assert set(admin.made) <= set(admin.gone)
        assert not self.registry.subjects()

    def clients(self) -> Clients:
        return Clients(
            registry=lambda: self.registry, sink=self.sink, source=lambda: open_source(self.kafka(), ""),
            member=self.member,
        )  # fmt: skip

    def play(self, matrix: SubjectMatrix) -> SubjectMatrix:
        with self.scratch() as scratch:
            (found,) = roll([matrix], self.clients(), scratch, catalog=Catalog(), seed=1)
        return found


@pytest.fixture
def stage(cluster: MockCluster) -> Stage:
    return Stage(cluster)


def by_pair(upgrade: Upgrade) -> dict[tuple[str, str], tuple[bool, bool]]:
    """Return whether anything was handled, and dead-lettered, by versions of writer and reader."""
    return {
        (each.writer, each.reader): (each.counts.handled > 0, each.counts.dead_lettered > 0)
        for each in upgrade.readings
    }


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(THREADS)]


def test_a_safe_change_hurts_nobody_in_either_order(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    found = stage.play(judged(record(ID), record(ID, NOTE)))
    assert found.rolling is not None
    first, second = found.rolling.upgrades
    assert (first.order, second.order) == (Order.CONSUMERS, Order.PRODUCERS)
    for upgrade in (first, second):
        assert upgrade.advised
        assert upgrade.sound, upgrade
        assert upgrade.ids.sent == upgrade.ids.handled > 0
        assert all(phase.sent and phase.counts.handled for phase in upgrade.phases)
    assert by_pair(first) == dict.fromkeys([(OLD, OLD), (OLD, NEW), (NEW, NEW)], (True, False))
    assert by_pair(second) == dict.fromkeys([(OLD, OLD), (NEW, OLD), (NEW, NEW)], (True, False))
    assert found.met
    assert threads() == []
    assert caplog.records == []


def test_the_advised_order_spares_what_the_reverse_dead_letters(stage: Stage) -> None:
    found = stage.play(judged(record(ID), record(ID, LANES), verdict=True))
    assert found.rolling is not None
    advised, reverse = found.rolling.upgrades
    assert (advised.order, advised.advised, advised.sound) == (Order.PRODUCERS, True, True), advised
    assert (reverse.order, reverse.advised, reverse.sound) == (Order.CONSUMERS, False, False)
    assert by_pair(reverse)[OLD, NEW] == (False, True)
    ids = reverse.ids
    assert ids.dead_lettered > 0
    assert (ids.lost, ids.unread, ids.duplicated, ids.unknown) == (0, 0, 0, 0)
    assert ids.handled + ids.dead_lettered - ids.redelivered <= ids.sent
    before, at_first, *_ = reverse.phases
    assert before.counts.dead_lettered == 0
    assert at_first.counts.dead_lettered > 0
    assert at_first.counts.example is not None
    assert at_first.counts.example.path == "$.lanes"
    assert found.rolling.sound


def test_who_is_pinned_reads_along_and_is_hurt_where_no_order_helps(stage: Stage) -> None:
    matrix = judged(record(ID, LANES), record(ID))
    kept = ((OLD, ("board", "map")), (NEW, ("early",)))
    found = stage.play(replace(matrix, in_play=replace(matrix.in_play, keepers=kept)))
    assert found.rolling is not None
    advised, _ = found.rolling.upgrades
    assert (advised.order, advised.sound) == (Order.CONSUMERS, True), advised
    board, early = advised.kept
    assert (board.programs, board.version, board.unread, board.hurt) == (("board", "map"), OLD, 0, True)
    pairs = {(each.writer, each.reader): each.counts for each in board.readings}
    assert pairs.keys() == {(OLD, OLD), (NEW, OLD)}
    assert pairs[OLD, OLD].handled > 0
    hurt = pairs[NEW, OLD]
    assert (hurt.handled, hurt.dead_lettered > 0) == (0, True)
    assert hurt.example is not None
    assert hurt.example.path == "$.lanes"
    assert (early.version, early.unread, early.hurt) == (NEW, 0, False)
    assert sum(each.counts.handled for each in early.readings) == advised.ids.sent
    assert found.met, "no order helps them, as the check says too"
    assert threads() == []


def test_an_order_that_is_advised_by_mistake_fails_the_run(stage: Stage) -> None:
    matrix = judged(record(ID), record(ID, LANES))
    wrong = replace(matrix, advice=UpgradeAdvice(order=Order.CONSUMERS, steps=("Update every consumer.",)))
    found = stage.play(wrong)
    assert found.rolling is not None
    assert not found.rolling.sound
    assert not found.met


def test_a_change_of_unit_is_misread_and_never_an_error(stage: Stage) -> None:
    """Both versions have the same bytes; only the field's name says that the number means something else."""
    length, longer = named("length_m", "int"), named("length_km", "int", aliases=["length_m"])
    found = stage.play(judged(record(ID, length), record(ID, longer)))
    assert found.rolling is not None
    (consumers, producers) = found.rolling.upgrades
    assert consumers.total.misread > 0
    assert consumers.ids.dead_lettered == 0
    assert consumers.ids.sound
    assert not consumers.sound
    assert not producers.sound
    assert {consumers.advised, producers.advised} == {False}


def test_what_is_not_played_says_why(stage: Stage) -> None:
    matrix = judged(record(ID), record(ID, NOTE))
    one = replace(matrix, in_play=replace(matrix.in_play, versions=matrix.in_play.versions[-1:]))
    found = stage.play(one)
    assert found.rolling is not None
    assert found.rolling.upgrades == ()
    assert found.rolling.unplayed
    assert found.met


def test_servers_that_fall_silent_end_the_play(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolling, "_LOOK_S", 0.2)
    monkeypatch.setattr(rolling, "_SILENCE_S", 0.4)
    clients = stage.clients()
    with stage.scratch() as scratch:
        monkeypatch.setattr(scratch, "require_servers", Topics(stage.cluster, silent=True).observe)
        with pytest.raises(BrokerUnavailable, match="nobody answers"):
            roll([judged(record(ID), record(ID, NOTE))], clients, scratch, catalog=Catalog(), seed=1)
    assert threads() == []


def test_a_client_that_cannot_be_had_ends_every_member_and_comes_out(stage: Stage) -> None:
    """The fifth sink is that of a producer: the consumers of both plays run by then."""
    opened: list[Any] = []

    def refuse() -> None:
        opened.append(1)
        if len(opened) >= 5:
            raise BrokerUnavailable("no broker")

    stage.sinks = refuse
    with pytest.raises(BrokerUnavailable):
        stage.play(judged(record(ID), record(ID, NOTE)))
    assert threads() == []
