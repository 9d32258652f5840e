"""What changes under a running consumer on the mock cluster: topics made again, partitions added, a standstill."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from avroad.broker import KafkaAdmin, open_source
from avroad.consumer import Event, Runner, Start
from avroad.errors import TopicRecreated
from avroad.testing.mock_cluster import MockCluster
from tests.behaviour.runtime.world import Running, World, until

QUICK = 0.05


def pieces(events: list[Event]) -> list[int]:
    return [event.value["pieces"] for event in events if isinstance(event.value, dict)]


def again(cluster: MockCluster, topic: str = "orders") -> None:
    cluster.delete_topic(topic)
    cluster.create_topic(topic, 2)


def commit_as(world: World, metadata: str, offset: int) -> None:
    """Commit an offset of both partitions for group h, which has never had a member, with something beside it."""
    consumer = Consumer({"bootstrap.servers": world.kafka["bootstrap.servers"], "group.id": "h"})
    positions = [TopicPartition("orders", number, offset, metadata) for number in range(2)]
    consumer.commit(offsets=positions, asynchronous=False)
    consumer.close()


def stamps(world: World) -> set[str | None]:
    consumer = Consumer({"bootstrap.servers": world.kafka["bootstrap.servers"], "group.id": "g"})
    found = consumer.committed([TopicPartition("orders", number) for number in range(2)], timeout=10)
    consumer.close()
    return {position.metadata for position in found}


@pytest.mark.parametrize("group", ["g", ""], ids=["group", "no group"])
def test_a_topic_made_again_stops_the_run_instead_of_being_read_from_the_old_position(
    world: World, cluster: MockCluster, group: str
) -> None:
    world.send_orders(range(20))
    events: list[Event] = []
    settings: dict[str, Any] = {"watch_interval_s": QUICK, "commit_interval_s": 600}
    with Running(world.runner(events.append, group=group, **settings)) as running:
        until(lambda: len(events) == 20)
        again(cluster)
        world.send_orders(range(100, 200))
        error = running.wait_error()
    assert isinstance(error, TopicRecreated)
    assert error.topic == "orders"
    assert "was deleted and made again" in str(error)
    assert world.committed() == {}, "an offset of the old topic would skip records of the new one"
    if group:
        anew: list[Event] = []
        with Running(world.runner(anew.append, **settings)):
            until(lambda: len(anew) == 100)
        assert sorted(pieces(anew)) == list(range(100, 200))


def test_offsets_that_were_committed_for_a_topic_that_is_gone_are_refused_before_the_first_record(
    world: World, cluster: MockCluster
) -> None:
    world.send_orders(range(10))
    with Running(world.runner(lambda _: None, commit_interval_s=0.05)):
        until(lambda: sum(world.committed().values()) == 10)
    (stamp,) = stamps(world)
    assert stamp is not None
    topic_id, _ = KafkaAdmin(world.kafka).identities(["orders"])["orders"]
    assert stamp == f"avroad.topic_id={topic_id}"
    again(cluster)
    world.send_orders(range(100, 200))
    commit_as(world, stamp, 2)  # as a member does that has not seen the change yet
    events: list[Event] = []
    with Running(world.runner(events.append, group="h")) as running:
        error = running.wait_error()
    assert isinstance(error, TopicRecreated)
    assert "--delete-offsets" in str(error)
    assert events == []


def test_offsets_that_somebody_else_committed_are_taken_as_they_are(world: World) -> None:
    world.send_orders(range(10))
    commit_as(world, "set by hand", 1)
    events: list[Event] = []
    with Running(world.runner(events.append, group="h")):
        until(lambda: len(events) == 8)
    assert all(event.record.offset >= 1 for event in events)


def test_a_reader_without_a_group_finds_an_added_partition_and_reads_it_from_its_beginning(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The mock cluster cannot add partitions: for a while the reader is told of one of the two.
    events: list[Event] = []
    runner = world.runner(events.append, group="", start=Start.LATEST, watch_interval_s=QUICK)
    source: Any = runner._source
    partitions, look = source.partitions, source.look
    hidden: list[bool] = [True]
    monkeypatch.setattr(source, "partitions", lambda topic: 1 if hidden else partitions(topic))
    monkeypatch.setattr(source, "look", lambda topics: dict.fromkeys(topics, 1) if hidden else look(topics))
    world.send_orders(range(40))  # before the reader began: what lies in partition 0 is not new to it
    mine = sum(1 for record in world.read("orders") if record.partition == 1)
    assert 0 < mine < 40
    with Running(runner):
        until(lambda: len(runner._work.assignment.lanes) == 1)
        hidden.clear()
        until(lambda: len(events) >= mine)
        world.send_orders(range(40, 80))
        until(lambda: len(events) == mine + 40)
    assert {event.record.partition for event in events[:mine]} == {1}
    assert [event.record.offset for event in events[:mine]] == list(range(mine))


def held(runner: Runner) -> None:
    """Let the client stop fetching behind the runner's back."""
    source: Any = runner._source
    source._consumer.pause([TopicPartition("orders", number) for number in range(2)])


@pytest.mark.parametrize("group", ["g", ""], ids=["group", "no group"])
def test_a_partition_at_a_standstill_is_fetched_anew(
    world: World, group: str, caplog: pytest.LogCaptureFixture
) -> None:
    world.send_orders(range(20))
    events: list[Event] = []
    runner = world.runner(events.append, group=group, watch_interval_s=QUICK)
    with Running(runner) as running, caplog.at_level(logging.WARNING, "avroad.consumer"):
        until(lambda: len(events) == 20)
        held(runner)
        sent = 20
        while caplog.text.count("stands still at offset") < 2:
            assert sent < 2000, "nothing was fetched anew"
            world.send_orders(range(sent, sent + 10))
            sent += 10
        until(lambda: len(events) >= sent)
        assert running.end().clean
    assert sorted(pieces(events)) == list(range(sent)), "each once"


def test_an_idle_topic_is_no_standstill(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.send_orders(range(5))
    events: list[Event] = []
    runner = world.runner(events.append, watch_interval_s=0.01)
    source: Any = runner._source
    looks: list[int] = []
    ends = source.ends

    def ask(keys: Any) -> Any:
        looks.append(len(keys))
        return ends(keys)

    source.ends = ask
    with Running(runner), caplog.at_level(logging.WARNING, "avroad.consumer"):
        until(lambda: len(looks) > 7)
    assert "stands still" not in caplog.text
    assert len(events) == 5


def test_brokers_that_are_away_do_not_end_the_run_by_a_look(
    world: World, cluster: MockCluster, caplog: pytest.LogCaptureFixture
) -> None:
    events: list[Event] = []
    with Running(world.runner(events.append, watch_interval_s=QUICK)) as running:
        world.send_orders(range(5))
        until(lambda: len(events) == 5)
        with caplog.at_level(logging.WARNING, "avroad.consumer"):
            cluster.down()
            until(lambda: "cannot look after the topics" in caplog.text)
        cluster.up()
        world.send_orders(range(5, 10))
        until(lambda: set(pieces(events)) == set(range(10)), 30)
        assert running.error is None


def test_a_source_tells_the_ends_of_partitions_at_once(world: World) -> None:
    world.send_orders(range(30))
    source = open_source(world.kafka, "")
    keys = [("orders", 0), ("orders", 1)]
    assert source.ends(keys) == {key: source.watermarks(key)[1] for key in keys}
    assert sum(source.ends(keys).values()) == 30
    assert source.look(["orders", "nowhere"]) == {"orders": 2}
    source.close(5)
