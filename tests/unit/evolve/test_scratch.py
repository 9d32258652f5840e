"""Scratch: named under prefix and lease, taken away whatever happens, and nothing else ever touched."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from avroad.errors import AvroadError, BrokerUnavailable, RegistryUnavailable
from avroad.evolve.insist import insist
from avroad.evolve.scratch import PREFIX, Lease, Scratch, leftovers, sweep
from avroad.model import ClusterState, TopicSpec, TopicState
from avroad.registry import MemoryRegistry

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TEXT = '"string"'


class Cluster:
    """Topics by name. slow: creating waits for it; down: nothing answers; lost: the next changes that get no answer.

    Of those that create, the first topic is made all the same.
    """

    def __init__(self, *topics: str) -> None:
        self.topics = set(topics)
        self.consumers: set[str] = set()
        self.slow: threading.Event | None = None
        self.down = False
        self.lost = 0
        self.looks = 0
        self.asked = threading.Event()
        self.made = 0

    def observe(self, topics: Sequence[str] | None = None) -> ClusterState:
        self.looks += 1
        if self.down:
            raise BrokerUnavailable("no broker")
        states = {name: TopicState(name=name, partitions=(), config={}) for name in self.topics}
        return ClusterState(cluster_id="c", brokers=(1,), topics=states)

    def _lose(self) -> None:
        if self.down or self.lost:
            self.lost -= 1
            raise BrokerUnavailable("no broker")

    def create_topics(
        self, specs: Sequence[TopicSpec], *, replication_factor: int, validate_only: bool = False
    ) -> None:
        self.asked.set()
        if self.slow is not None:
            assert self.slow.wait(10)
        assert not self.topics & {spec.name for spec in specs}
        self.topics |= {spec.name for spec in specs[: 1 if self.lost else None]}
        self._lose()
        self.made += len(specs)

    def delete_topics(self, topics: Sequence[str]) -> None:
        self._lose()
        self.topics -= set(topics)

    def groups(self) -> tuple[str, ...]:
        return tuple(sorted(self.consumers))

    def delete_groups(self, groups: Sequence[str]) -> None:
        self._lose()
        self.consumers -= set(groups)

    def add_partitions(self, totals: Mapping[str, int]) -> None: ...

    def set_config(self, topic: str, changes: Mapping[str, str | None]) -> None: ...


def use(scratch: Scratch) -> None:
    (topic,) = scratch.topics(1)
    subject = scratch.subject(topic)
    scratch.change(lambda registry: registry.register(subject, TEXT))


def names(run: str, until: datetime, count: int = 2) -> list[str]:
    return [Lease(run=run, until=until).topic(i) for i in range(count)]


def test_names_carry_prefix_lease_and_run() -> None:
    lease = Lease.begin(NOW)
    assert lease.until > NOW + timedelta(minutes=10)
    assert lease.topic(3) == f"{PREFIX}{lease.until:%Y%m%dT%H%M%SZ}-{lease.run}.3"
    assert Lease.begin(NOW).run != lease.run


def test_the_end_takes_away_what_was_made_and_nothing_else() -> None:
    cluster, registry = Cluster("traffic.events"), MemoryRegistry()
    registry.register("traffic.events-value", TEXT)
    with Scratch(Lease.begin(NOW), cluster, registry, replication=1) as scratch:
        use(scratch)
        assert len(cluster.topics) == len(registry.subjects()) == 2
        scratch.subject(scratch.lease.topic(7))  # named, and never registered
    assert scratch.left == ()
    assert cluster.topics == {"traffic.events"}
    assert registry.subjects() == ("traffic.events-value",)


def run(cluster: Cluster, registry: MemoryRegistry, work: Callable[[Scratch], object]) -> None:
    with Scratch(Lease.begin(NOW), cluster, registry, replication=1) as scratch:
        work(scratch)


def test_an_error_inside_passes_through_with_everything_taken_away() -> None:
    cluster, registry = Cluster(), MemoryRegistry()

    def work(scratch: Scratch) -> None:
        use(scratch)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(cluster, registry, work)
    assert not cluster.topics
    assert not registry.subjects()


def test_what_is_still_being_made_when_interrupted_is_taken_away_after_it_was_made() -> None:
    """The request is on its way when Ctrl-C comes: deleting at once would be overtaken by it."""
    cluster, registry = Cluster(), MemoryRegistry()
    cluster.slow = threading.Event()

    def interrupted(scratch: Scratch) -> None:
        assert cluster.slow is not None
        threading.Thread(target=scratch.topics, args=(2,), daemon=True).start()
        assert cluster.asked.wait(10)
        threading.Timer(0.1, cluster.slow.set).start()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(cluster, registry, interrupted)
    assert cluster.made == 2
    assert not cluster.topics


def test_what_cannot_be_taken_away_is_named_and_the_rest_goes() -> None:
    cluster, registry = Cluster(), MemoryRegistry()
    with Scratch(Lease.begin(NOW), cluster, registry, replication=1) as scratch:
        use(scratch)
        cluster.down = True
        cluster.looks = 0
    assert scratch.left == (scratch.lease.topic(0),)
    assert not registry.subjects()
    assert cluster.looks == 1, "one look says that no request would be answered"


def test_a_broker_that_is_lost_while_others_answer_is_waited_for() -> None:
    cluster, registry = Cluster(), MemoryRegistry()
    with Scratch(Lease.begin(NOW), cluster, registry, replication=1) as scratch:
        cluster.lost = 2
        names = scratch.topics(2)
        assert cluster.topics == set(names)
        cluster.lost = 2
    assert scratch.left == ()
    assert cluster.topics == set()


def test_both_servers_are_asked_whether_they_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster, registry = Cluster(), MemoryRegistry()
    with Scratch(Lease.begin(NOW), cluster, registry, replication=1) as scratch:
        use(scratch)
        scratch.require_servers()
        with monkeypatch.context() as patch:
            patch.setattr(registry, "versions", gone)
            with pytest.raises(RegistryUnavailable):
                scratch.require_servers()
        cluster.down = True
        with pytest.raises(BrokerUnavailable):
            scratch.require_servers()


def gone(_subject: str) -> tuple[int, ...]:
    raise RegistryUnavailable("gone")


def test_a_cluster_that_answers_and_never_does_it_is_given_up() -> None:
    cluster = Cluster()
    cluster.lost = 100
    with pytest.raises(BrokerUnavailable):
        insist(lambda: cluster.delete_topics([]), cluster, budget_s=0.1)
    cluster.down = True
    with pytest.raises(BrokerUnavailable):
        insist(lambda: cluster.delete_topics([]), cluster)


def test_the_next_run_takes_away_what_a_dead_one_left_and_respects_the_living() -> None:
    soon, late = NOW + timedelta(minutes=5), NOW - timedelta(minutes=5)
    dead, alive = names("0000000d", soon), names("0000000a", soon)
    foreign, expired = names("0000000f", soon), names("0000000e", late)
    slow = names("0000000b", late)
    others = ["traffic.events", f"{PREFIX}notes", f"x{dead[0]}", f"{dead[0]}.more", PREFIX]
    known = {"0000000d": True, "0000000a": False, "0000000b": False}
    found = leftovers(
        [*dead, *alive, *foreign, *expired, *slow, *others], [f"{name}-value" for name in (*dead, *alive)],
        now=NOW, died=known.get,
    )  # fmt: skip
    assert found.topics == tuple(sorted([*dead, *expired]))
    assert found.subjects == tuple(sorted(f"{name}-value" for name in dead))
    assert found.runs == {"0000000d", "0000000e"}
    assert found.alive == {"0000000a", "0000000b", "0000000f"}


def test_sweeping_deletes_exactly_the_leftovers() -> None:
    dead = names("0000000d", NOW)
    cluster, registry = Cluster("traffic.events", *dead), MemoryRegistry()
    registry.register(f"{dead[0]}-value", TEXT)
    registry.register("traffic.events-value", TEXT)
    subjects = [*registry.every_subject(), f"{dead[1]}-value"]
    sweep(cluster, registry, leftovers(cluster.topics, subjects, now=NOW, died=lambda _: True))
    assert cluster.topics == {"traffic.events"}
    assert registry.subjects() == ("traffic.events-value",)


def test_a_name_that_is_no_scratch_is_refused_however_it_got_there() -> None:
    cluster, registry = Cluster("traffic.events"), MemoryRegistry()
    with pytest.raises(AssertionError):
        run(cluster, registry, lambda scratch: scratch.subject("traffic.events"))
    assert cluster.topics == {"traffic.events"}


def test_numbers_go_on_and_groups_go_with_their_topics() -> None:
    cluster, registry = Cluster(), MemoryRegistry()
    with Scratch(Lease.begin(NOW), cluster, registry, replication=1) as scratch:
        first, second = scratch.topics(1), scratch.topics(2, 2)
        assert [*first, *second] == [scratch.lease.topic(number) for number in range(3)]
        cluster.consumers |= {scratch.group(second[0]), "board"}
        with pytest.raises(AssertionError):
            scratch.group("board")
    assert scratch.left == ()
    assert not cluster.topics
    assert cluster.consumers == {"board"}


def test_groups_of_a_dead_run_are_swept_and_nobody_elses() -> None:
    (dead,), (alive,) = names("0000000d", NOW, 1), names("0000000a", NOW, 1)
    cluster, registry = Cluster(), MemoryRegistry()
    cluster.consumers = {dead, alive, "board", f"{dead}-value.x"}
    found = leftovers((), (), groups=cluster.groups(), now=NOW, died={"0000000d": True, "0000000a": False}.get)
    assert (found.groups, found.any, found.runs) == ((dead,), True, frozenset({"0000000d"}))
    sweep(cluster, registry, found)
    assert cluster.consumers == {alive, "board", f"{dead}-value.x"}


def test_a_run_that_outlives_its_lease_stops() -> None:
    lease = Lease.begin(datetime.now(UTC) - timedelta(hours=1))
    with (
        Scratch(lease, Cluster(), MemoryRegistry(), replication=1) as scratch,
        pytest.raises(AvroadError, match="lease"),
    ):
        scratch.require_lease()
