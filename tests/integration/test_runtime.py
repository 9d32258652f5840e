"""Publisher, runner and administrator on real Kafka and a real registry: the main paths of the runtime."""

from __future__ import annotations

import dataclasses
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from avroad.broker import open_admin, open_source
from avroad.codec.dead_letter import parse_dead_letter
from avroad.consumer import Event, Start
from avroad.errors import BrokerError
from avroad.model import ConfigSource, Outcome, OutgoingRecord, TopicSpec
from avroad.ports import ClusterAdmin
from avroad.registry import RegistrySettings, open_registry
from tests.behaviour.runtime.world import Running, World, make_catalog, order, until
from tests.integration.conftest import RunningStack

pytestmark = pytest.mark.kafka

QUICK = {"session.timeout.ms": "6000", "heartbeat.interval.ms": "500", "topic.metadata.refresh.interval.ms": "1000"}


@pytest.fixture
def admin(stack: RunningStack) -> ClusterAdmin:
    return open_admin({"bootstrap.servers": stack.bootstrap_servers})


@pytest.fixture
def world(stack: RunningStack, admin: ClusterAdmin) -> Iterator[World]:
    """Topics, subjects and a group of this test alone."""
    prefix = f"t{uuid.uuid4().hex[:8]}."
    catalog = make_catalog(prefix=prefix)
    admin.create_topics(list(catalog.topics.values()), replication_factor=1)
    registry = open_registry(RegistrySettings(urls=(stack.registry_url,)))
    yield World({"bootstrap.servers": stack.bootstrap_servers, **QUICK}, catalog, registry, prefix)
    registry.close()


def pieces(events: list[Event]) -> list[int]:
    return [event.value["pieces"] for event in events if isinstance(event.value, dict)]


def fresh_registry(stack: RunningStack) -> object:
    return open_registry(RegistrySettings(urls=(stack.registry_url,)))


def test_events_go_through_real_kafka_once_and_a_restart_goes_on(world: World, stack: RunningStack) -> None:
    world.send_orders(range(500))
    first: list[Event] = []
    runner = world.runner(first.append, registry=fresh_registry(stack))
    report = runner.check()
    assert (report.checked, report.unreadable, report.unchecked) == (2, (), ())
    with Running(runner) as running:
        until(lambda: len(first) == 500, 60)
    assert running.end().clean
    assert sorted(pieces(first)) == list(range(500))
    assert sum(world.committed().values()) == 500
    world.send_orders(range(500, 600))
    second: list[Event] = []
    with Running(world.runner(second.append, registry=fresh_registry(stack))):
        until(lambda: len(second) >= 100, 60)
    assert sorted(pieces(second)) == list(range(500, 600))
    assert {event.schema_version for event in second} == {1}


def test_poison_lies_byte_for_byte_in_the_dead_letter_topic(world: World, stack: RunningStack) -> None:
    headers = (("a", b"1"), ("a", None), ("b", b""))
    world.send_raw(
        OutgoingRecord(
            topic=f"{world.prefix}orders", key=b"k", value=b"\x00\xff\xff", headers=headers, partition=1,
            timestamp_ms=1_700_000_000_001,
        )
    )  # fmt: skip
    world.send_orders(range(10))
    events: list[Event] = []
    with Running(world.runner(events.append, registry=fresh_registry(stack))) as running:
        until(lambda: sum(world.committed().values()) == 11, 60)
    assert running.end().poisoned == 1
    assert len(events) == 10
    (letter,) = world.read("orders.dlq")
    assert (letter.key, letter.value, letter.partition) == (b"k", b"\x00\xff\xff", 1)
    assert letter.timestamp_ms == 1_700_000_000_001
    found = parse_dead_letter(letter.headers)
    assert found is not None
    assert (found.poison, found.original, found.source_offset) == ("malformed", headers, 0)


def test_members_share_hand_over_and_meet_a_new_partition_at_its_beginning(
    world: World, stack: RunningStack, admin: ClusterAdmin
) -> None:
    seen: list[int] = []
    lock = threading.Lock()

    def member() -> Running:
        def handle(event: Event) -> None:
            with lock:
                seen.extend(pieces([event]))

        registry = fresh_registry(stack)
        return Running(world.runner(handle, registry=registry, commit_interval_s=0.2, start=Start.LATEST))

    def owned(running: Running) -> int:
        return len(running.runner._work.assignment.lanes)

    with member() as first:
        until(lambda: owned(first) == 2, 60)
        with member() as second:
            until(lambda: (owned(first), owned(second)) == (1, 1), 60)
            world.send_orders(range(100))
            until(lambda: set(range(100)) <= set(seen), 60)
            admin.add_partitions({f"{world.prefix}orders": 3})
            # The group's policy is `latest`; what is written before the members see the partition is not skipped.
            new = [
                OutgoingRecord(topic=f"{world.prefix}orders", key=b"n", value=record.value, partition=2)
                for record in world.read("orders")[:5]
            ]
            until(lambda: _send(world, new), 60)
            until(lambda: owned(first) + owned(second) == 3, 60)
            until(lambda: len(seen) == 105, 60)
            assert second.end().clean
        world.send_orders(range(200, 220))
        until(lambda: set(range(200, 220)) <= set(seen), 60)
    assert first.end().clean
    assert len(seen) == 125  # a clean hand-over commits first: nothing was read twice
    assert sum(world.committed().values()) == 125


def _send(world: World, records: list[OutgoingRecord]) -> bool:
    """Send, unless the partition is not known everywhere yet."""
    try:
        world.send_raw(*records)
    except AssertionError:
        return False
    return True


def test_a_group_can_start_at_a_time(world: World, stack: RunningStack) -> None:
    world.send_orders(range(20))
    stamps = [record.timestamp_ms for record in world.read("orders") if record.timestamp_ms is not None]
    moment = datetime.fromtimestamp((max(stamps) + 1) / 1000, UTC)
    until(lambda: datetime.now(UTC) > moment)
    world.send_orders(range(20, 30))
    events: list[Event] = []
    with Running(world.runner(events.append, registry=fresh_registry(stack), start=moment)):
        until(lambda: len(events) >= 10, 60)
    assert sorted(pieces(events)) == list(range(20, 30))


def test_records_deleted_before_they_were_read_stop_the_run(world: World, stack: RunningStack) -> None:
    world.send_orders(range(50))
    topic = f"{world.prefix}orders"
    with Running(world.runner(lambda _: None, registry=fresh_registry(stack))):
        until(lambda: sum(world.committed().values()) == 50, 60)
    world.send_orders(range(50, 150))
    source = open_source(world.kafka, "")
    end = source.watermarks((topic, 0))[1]
    source.close(5)
    plain = AdminClient({"bootstrap.servers": stack.bootstrap_servers})
    for future in plain.delete_records([TopicPartition(topic, 0, end)]).values():
        future.result(20)
    with Running(world.runner(lambda _: None, registry=fresh_registry(stack))) as running:
        error = running.wait_error(60)
    assert isinstance(error, BrokerError)
    assert f"{topic} partition 0 is no longer in the log" in str(error)


@pytest.mark.parametrize("group", ["g", ""], ids=["group", "no group"])
def test_a_topic_made_again_under_a_running_consumer_stops_it_and_skips_nothing(
    world: World, stack: RunningStack, admin: ClusterAdmin, group: str
) -> None:
    topic = f"{world.prefix}orders"
    name = f"{world.prefix}{group}" if group else ""
    world.send_orders(range(20))
    events: list[Event] = []
    settings: dict[str, Any] = {"group": name, "watch_interval_s": 0.2, "commit_interval_s": 0.2}
    with Running(world.runner(events.append, registry=fresh_registry(stack), **settings)) as running:
        until(lambda: len(events) == 20, 60)
        # A commit still under way could land in the new topic; its stamp would stop the next run, as it should.
        until(lambda: not (group and running.runner._work._watermarks.uncommitted()), 60)
        plain = AdminClient({"bootstrap.servers": stack.bootstrap_servers})
        plain.delete_topics([topic])[topic].result(20)
        until(lambda: topic not in admin.observe([]).topics, 60)
        until(lambda: _create(admin, world.catalog.topics[topic]), 60)
        error = running.wait_error(60)
    assert isinstance(error, BrokerError)
    world.send_orders(range(100, 200))
    anew: list[Event] = []
    with Running(world.runner(anew.append, registry=fresh_registry(stack), **settings)):
        until(lambda: len(anew) >= 100, 60)
    assert sorted(pieces(anew)) == list(range(100, 200))


def _create(admin: ClusterAdmin, spec: TopicSpec) -> bool:
    """Create a topic, unless the one just deleted is still in the way."""
    try:
        admin.create_topics([spec], replication_factor=1)
    except BrokerError:
        return False
    return True


def test_a_reader_without_a_group_finds_an_added_partition(
    world: World, stack: RunningStack, admin: ClusterAdmin
) -> None:
    events: list[Event] = []
    settings: dict[str, Any] = {"group": "", "start": Start.LATEST, "watch_interval_s": 0.5}
    with Running(world.runner(events.append, registry=fresh_registry(stack), **settings)) as running:
        until(lambda: len(running.runner._work.assignment.lanes) == 2, 60)
        world.send_orders(range(10))
        until(lambda: len(events) == 10, 60)
        admin.add_partitions({f"{world.prefix}orders": 4})
        new = [
            OutgoingRecord(topic=f"{world.prefix}orders", key=b"n", value=events[0].record.value, partition=number)
            for number in (2, 3)
        ]
        until(lambda: _send(world, new), 60)
        until(lambda: len(events) == 12, 60)
    assert {event.record.partition for event in events[10:]} == {2, 3}
    assert running.end().clean


def test_a_publisher_outlives_a_broker_and_closes_in_time_without_one(world: World, stack: RunningStack) -> None:
    local = stack.own()
    with world.publisher(kafka={"delivery.timeout.ms": "60000"}) as publisher:
        assert publisher.send(order(0), type_name="demo.Order").result(20).outcome is Outcome.ACKED
        local.down()
        futures = [publisher.send(order(n), type_name="demo.Order") for n in range(1, 11)]
        local.up()
        assert {future.result(60).outcome for future in futures} == {Outcome.ACKED}
        local.down()
        try:
            lost = [publisher.send(order(n), type_name="demo.Order") for n in range(11, 16)]
            started = time.monotonic()
            report = publisher.close(2)
            assert time.monotonic() - started < 4
            assert report.undelivered == tuple(str(order(n)["event_id"]) for n in range(11, 16))
            assert {future.result(0).outcome for future in lost} == {Outcome.UNKNOWN}
        finally:
            local.up()
    assert len(world.read("orders")) == 11


def test_the_administrator_sees_sources_ids_and_partitions(world: World, admin: ClusterAdmin) -> None:
    topic = f"{world.prefix}stock"
    state = admin.observe([topic])
    assert state.cluster_id
    assert state.brokers
    found = state.topics[topic]
    assert (len(found.partitions), found.replication_factor, found.internal) == (1, 1, False)
    assert found.topic_id
    assert found.config["cleanup.policy"].value == "compact"
    assert found.config["cleanup.policy"].source is ConfigSource.TOPIC
    assert found.config["retention.ms"].source is ConfigSource.DEFAULT
    assert state.topics[f"{world.prefix}orders"].config == {}
    admin.set_config(topic, {"retention.ms": "1000", "cleanup.policy": None})
    changed = admin.observe([topic]).topics[topic].config
    assert (changed["retention.ms"].value, changed["retention.ms"].source) == ("1000", ConfigSource.TOPIC)
    assert changed["cleanup.policy"].source is ConfigSource.DEFAULT
    admin.add_partitions({topic: 4})
    until(lambda: len(admin.observe([]).topics[topic].partitions) == 4)


def test_the_administrator_names_each_topic_that_failed(world: World, admin: ClusterAdmin) -> None:
    known = world.catalog.topics[f"{world.prefix}stock"]
    new = TopicSpec(name=f"{world.prefix}new", partitions=1)
    with pytest.raises(BrokerError, match="1 of 2 failed") as caught:
        admin.create_topics([known, new], replication_factor=1)
    assert [problem.file for problem in caught.value.problems] == [known.name]
    assert "already exists" in caught.value.problems[0].found
    until(lambda: new.name in admin.observe([]).topics)
    trial = TopicSpec(name=f"{world.prefix}trial", partitions=1, config={"retention.ms": "soon"})
    with pytest.raises(BrokerError, match=r"retention\.ms"):
        admin.create_topics([trial], replication_factor=1, validate_only=True)
    admin.create_topics([dataclasses.replace(trial, config={})], replication_factor=1, validate_only=True)
    assert trial.name not in admin.observe([]).topics
    with pytest.raises(BrokerError):
        admin.add_partitions({known.name: 1})
    with pytest.raises(BrokerError, match="does not exist"):
        admin.set_config("no.such.topic", {"retention.ms": "1"})
