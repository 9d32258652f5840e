"""The consumer loop on librdkafka's mock cluster: order, commits, restarts, retries, shutdown."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from datetime import timedelta

import pytest

from avroad.consumer import Event, Start
from avroad.errors import BrokerError, BrokerUnavailable, ConfigError, HandlerError, UnknownEventType
from avroad.model import OutgoingRecord, Record
from avroad.testing.mock_cluster import Api, MockCluster
from tests.behaviour.runtime.world import MOMENT, Running, World, order, until

NOT_COORDINATOR, REBALANCING, UNKNOWN_MEMBER = 16, 27, 25


def pieces(events: list[Event]) -> list[int]:
    return [event.value["pieces"] for event in events if isinstance(event.value, dict)]


def test_every_event_arrives_once_in_order_with_its_schema_and_is_committed(world: World) -> None:
    world.send_orders(range(300))
    events: list[Event] = []
    with Running(world.runner(events.append)) as running:
        until(lambda: len(events) == 300)
    assert sorted(pieces(events)) == list(range(300))
    by_partition: dict[int, list[int]] = defaultdict(list)
    for event in events:
        by_partition[event.record.partition].append(event.record.offset)
    assert all(offsets == list(range(len(offsets))) for offsets in by_partition.values())
    assert {(e.type_name, e.schema_id, e.schema_version, e.subject) for e in events} == {
        ("demo.Order", world.lock.subjects["orders-demo.Order"].id, 1, "orders-demo.Order")
    }
    report = running.end()
    assert report.clean
    assert (report.handled, report.poisoned, report.retried) == (300, 0, 0)
    assert world.committed() == {partition: len(offsets) for partition, offsets in by_partition.items()}
    assert report.committed == {("orders", p): len(offsets) for p, offsets in by_partition.items()}


def test_a_restart_goes_on_where_the_last_run_ended(world: World) -> None:
    world.send_orders(range(50))
    first: list[Event] = []
    with Running(world.runner(first.append)):
        until(lambda: len(first) == 50)
    world.send_orders(range(50, 80))
    second: list[Event] = []
    with Running(world.runner(second.append)):
        until(lambda: len(second) >= 30)
    assert sorted(pieces(second)) == list(range(50, 80))


def test_a_run_that_dies_in_its_handler_repeats_only_what_was_not_finished(world: World) -> None:
    world.send_orders(range(40))
    handled: list[int] = []

    def die_at_20(event: Event) -> None:
        if len(handled) == 20:
            raise KeyboardInterrupt
        handled.extend(pieces([event]))

    with Running(world.runner(die_at_20)) as running:
        assert isinstance(running.wait_error(), KeyboardInterrupt)
    again: list[Event] = []
    with Running(world.runner(again.append)):
        until(lambda: len(again) >= 20)
    assert sorted(handled + pieces(again)) == list(range(40))


def test_commits_happen_while_running_and_failed_ones_are_repeated(world: World, cluster: MockCluster) -> None:
    events: list[Event] = []
    with Running(world.runner(events.append, commit_interval_s=0.1)) as running:
        world.send_orders(range(10))
        until(lambda: sum(world.committed().values()) == 10)
        cluster.push_errors(Api.OFFSET_COMMIT, REBALANCING, REBALANCING)
        world.send_orders(range(10, 20))
        until(lambda: sum(world.committed().values()) == 20)
        assert not running.stop.is_set()
    assert running.end().clean


def test_many_records_commit_before_the_interval_is_over(world: World) -> None:
    world.send_orders(range(120))
    events: list[Event] = []
    with Running(world.runner(events.append, commit_interval_s=600, commit_records=100, max_records=50)):
        until(lambda: sum(world.committed().values()) >= 100)
        assert len(events) >= 100, "nothing is committed before it is handled"


def test_nothing_behind_an_unfinished_record_is_committed(world: World) -> None:
    world.send_orders(range(30))
    release = threading.Event()
    tries: list[int] = []

    def refuse_one(event: Event) -> None:
        if event.record.partition == 0 and event.record.offset == 3 and not release.is_set():
            tries.append(event.record.offset)
            raise TimeoutError("not yet")

    runner = world.runner(refuse_one, commit_interval_s=0.05, handler_attempts=100_000)
    with Running(runner) as running:
        until(lambda: len(tries) >= 3)
        total = len([r for r in world.read("orders") if r.partition == 1])
        until(lambda: world.committed().get(1) == total)  # the other partition goes on
        assert world.committed()[0] == 3
        release.set()
        until(lambda: world.committed()[0] == 30 - total)
    report = running.end()
    assert report.handled == 30
    assert report.retried == len(tries)


def test_a_retried_record_keeps_its_place_in_the_partition(world: World) -> None:
    world.send_orders(range(40))
    failed: set[int] = set()
    seen: dict[int, list[int]] = defaultdict(list)

    def fail_each_third_once(event: Event) -> None:
        (number,) = pieces([event])
        if number % 3 == 0 and number not in failed:
            failed.add(number)
            raise ConnectionError("database away")
        seen[event.record.partition].append(event.record.offset)

    with Running(world.runner(fail_each_third_once)) as running:
        until(lambda: sum(map(len, seen.values())) == 40)
    assert all(offsets == sorted(offsets) for offsets in seen.values())
    assert running.end().retried == 14


def test_a_slow_handler_does_not_lose_its_partitions(world: World) -> None:
    world.send_orders(range(60))
    events: list[Event] = []
    pause = threading.Event()

    def slow(event: Event) -> None:
        pause.wait(0.05)
        events.append(event)

    # Slices far shorter than the batch: the loop has to pause, poll and resume all the time.
    kafka = {"max.poll.interval.ms": "6000"}
    with Running(world.runner(slow, slice_s=0.06, kafka=kafka, commit_interval_s=0.05)) as running:
        until(lambda: len(events) == 60)
    assert sorted(pieces(events)) == list(range(60))
    assert running.end().clean


def test_a_handler_longer_than_the_poll_interval_is_named_and_its_record_comes_again(
    world: World, cluster: MockCluster, caplog: pytest.LogCaptureFixture
) -> None:
    world.send_orders(range(1))
    events: list[Event] = []
    leave_group = 13

    def slow_at_first(event: Event) -> None:
        events.append(event)
        if len(events) == 1:
            cluster.track_requests()
            begun = time.monotonic()
            # The client counts from its last poll, the warning from the call of the handler: a moment later.
            until(lambda: cluster.requests()[leave_group] and time.monotonic() - begun > 1.5)

    kafka = {"max.poll.interval.ms": "1500", "session.timeout.ms": "1000"}
    runner = world.runner(slow_at_first, kafka=kafka, slice_s=0.5, commit_interval_s=0.05)
    with Running(runner) as running:
        until(lambda: len(events) >= 2)
        until(lambda: sum(world.committed().values()) == 1)
        assert running.end().clean
    assert "longer than max.poll.interval.ms (1.5 s): the group has taken the partitions" in caplog.text


def test_a_slice_the_group_would_not_wait_for_is_refused(world: World) -> None:
    with pytest.raises(ConfigError, match=r"expected at most 3 s, half of max\.poll\.interval\.ms, found 4 s"):
        world.runner(lambda _: None, slice_s=4.0, kafka={"max.poll.interval.ms": "6000"})
    world.runner(lambda _: None, slice_s=4.0, kafka={"max.poll.interval.ms": "6000"}, group="")


def test_two_members_share_and_hand_over_without_loss(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.send_orders(range(100))
    lock = threading.Lock()
    seen: list[tuple[str, int]] = []

    def member(name: str) -> Running:
        def handle(event: Event) -> None:
            with lock:
                seen.extend((name, number) for number in pieces([event]))

        return Running(world.runner(handle, commit_interval_s=0.1))

    def owners(numbers: range) -> set[str]:
        with lock:
            return {name for name, number in seen if number in numbers}

    def have(numbers: range) -> bool:
        with lock:
            return set(numbers) <= {number for _, number in seen}

    with member("a") as first:
        until(lambda: have(range(100)))
        with member("b") as second:
            sent = 100
            while owners(range(100, sent)) != {"a", "b"}:
                assert sent < 2000, "the second member got nothing"
                world.send_orders(range(sent, sent + 20))
                sent += 20
                until(lambda sent=sent: have(range(sent)))  # type: ignore[misc]
            assert second.end().closed
        world.send_orders(range(sent, sent + 40))
        until(lambda: have(range(sent + 40)), 30)
        assert first.end().clean
    numbers = [number for _, number in seen]
    assert set(numbers) == set(range(sent + 40))
    assert sum(world.committed().values()) == sent + 40
    # A clean hand-over commits first: nothing was read twice. Real Kafka takes commits until the group is complete (it
    # is held to this in tests/integration); the mock cluster refuses one that comes while it counts the members.
    assert len(numbers) == len(set(numbers)) or "the last commit of orders" in caplog.text


def test_a_member_the_group_has_forgotten_rejoins_and_goes_on(world: World, cluster: MockCluster) -> None:
    events: list[Event] = []
    with Running(world.runner(events.append, commit_interval_s=0.1)) as running:
        world.send_orders(range(20))
        until(lambda: len(events) == 20)
        cluster.push_errors(Api.HEARTBEAT, UNKNOWN_MEMBER)
        until(lambda: not running.runner._work.assignment.lanes)
        world.send_orders(range(20, 40))
        until(lambda: set(range(40)) <= set(pieces(events)))
        until(lambda: sum(world.committed().values()) == 40)
    assert running.end().closed


@pytest.mark.parametrize("start", [Start.BEGINNING, Start.LATEST])
def test_a_new_group_starts_where_it_is_told_and_remembers_it(world: World, start: Start) -> None:
    world.send_orders(range(10))
    events: list[Event] = []
    with Running(world.runner(events.append, start=start)) as running:
        until(lambda: len(running.runner._work.assignment.lanes) == 2)
    world.send_orders(range(10, 20))
    # The group exists now: the policy of the second run is not asked, and what came between is not skipped.
    with Running(world.runner(events.append, start=Start.LATEST)):
        until(lambda: set(range(10, 20)) <= set(pieces(events)))
    expected = range(20) if start is Start.BEGINNING else range(10, 20)
    assert sorted(pieces(events)) == list(expected)


def test_a_time_far_ahead_starts_at_the_end(world: World) -> None:
    world.send_orders(range(10))
    events: list[Event] = []
    with Running(world.runner(events.append, start=MOMENT + timedelta(days=3650))) as running:
        until(lambda: len(running.runner._work.assignment.lanes) == 2)
        world.send_orders(range(10, 15))
        until(lambda: len(events) == 5)
    assert sorted(pieces(events)) == list(range(10, 15))


def test_a_reader_without_a_group_reads_all_and_leaves_no_trace(world: World) -> None:
    world.send_orders(range(30))
    world.send_raw(OutgoingRecord(topic="orders", key=b"k", value=b"broken", partition=0))
    events: list[Event] = []
    poison: list[tuple[Record, str]] = []
    runner = world.runner(events.append, group="", on_poison=lambda r, failure: poison.append((r, failure.poison)))
    with Running(runner) as running:
        until(lambda: len(events) == 30 and poison)
    assert [(record.value, reason) for record, reason in poison] == [(b"broken", "malformed")]
    report = running.end()
    assert report.clean
    assert report.committed == {}
    assert (report.handled, report.poisoned) == (30, 1)
    assert world.read("orders.dlq") == []
    assert world.committed() == {}


def test_tombstones_are_events_without_a_value(world: World) -> None:
    with world.publisher() as publisher:
        publisher.send({"shelf": "a", "pieces": 1}, type_name="demo.Stock")
        publisher.send(None, topic="stock", key="a").result(10)
    events: list[Event] = []
    with Running(world.runner(events.append, topics=("stock",))):
        until(lambda: len(events) == 2)
    assert [(e.type_name, e.value, e.schema_id) for e in events] == [
        ("demo.Stock", {"shelf": "a", "pieces": 1}, world.lock.subjects["stock-value"].id),
        ("demo.Stock", None, None),
    ]


def test_lag_is_known_after_the_first_fetch(world: World) -> None:
    world.send_orders(range(20))
    lags: list[int] = []

    def handle(_: Event) -> None:
        lags.append(sum(runner.lags().values()))

    runner = world.runner(handle)
    with Running(runner):
        until(lambda: len(lags) == 20)
    assert lags[-1] <= 1
    assert max(lags) > 1


def test_hooks_are_told_what_was_consumed(world: World) -> None:
    seen: list[tuple[int, str]] = []

    class Hook:
        def on_consumed(self, record: Record, type_name: str) -> None:
            seen.append((record.offset, type_name))

    world.send_orders(range(3))
    with Running(world.runner(lambda _: None, hooks=(Hook(),))):
        until(lambda: len(seen) == 3)
    assert {name for _, name in seen} == {"demo.Order"}


def test_stopping_with_the_broker_down_ends_inside_the_deadline_and_names_what_is_uncommitted(
    world: World, cluster: MockCluster
) -> None:
    world.send_orders(range(10))
    events: list[Event] = []
    with Running(world.runner(events.append, shutdown_s=3, commit_interval_s=600)) as running:
        until(lambda: len(events) == 10)
        cluster.down()
        started = time.monotonic()
        report = running.end()
        elapsed = time.monotonic() - started
    assert elapsed < 5
    assert not report.clean
    assert {left.topic for left in report.left} == {"orders"}
    assert all("commit" in left.why for left in report.left)


def test_stopping_while_a_record_is_retried_names_it(world: World) -> None:
    world.send_raw(OutgoingRecord(topic="orders", key=b"k", value=None, partition=1))
    world.send_orders(range(1))
    tries: list[int] = []

    def never(event: Event) -> None:
        if event.value is not None:
            tries.append(event.record.offset)
            raise TimeoutError

    with Running(world.runner(never, handler_attempts=1_000_000, retry_base_s=1, retry_cap_s=5)) as running:
        until(lambda: tries)
        started = time.monotonic()
        report = running.end()
    assert time.monotonic() - started < 3
    ((left),) = report.left
    assert left.offset == tries[0]
    assert "handler failed" in left.why


def test_an_unreachable_broker_is_an_error_that_says_what_to_start(world: World) -> None:
    runner = world.runner(lambda _: None, kafka={"bootstrap.servers": "127.0.0.1:1"}, group="", shutdown_s=2)
    with Running(runner) as running:
        error = running.wait_error(40)
    assert isinstance(error, BrokerUnavailable)
    assert "avroad stack up" in str(error)
    assert "is Docker running?" in str(error)
    assert "Connection refused" in str(error)


def test_a_missing_topic_is_an_error_before_anything_is_read(world: World, cluster: MockCluster) -> None:
    unknown_topic = 3
    cluster.topic_error("orders.dlq", unknown_topic)
    with Running(world.runner(lambda _: None, shutdown_s=2)) as running:
        error = running.wait_error()
    assert isinstance(error, BrokerError)
    assert "orders.dlq" in str(error)
    assert "avroad apply" in str(error)


def test_wrong_settings_are_refused_together(world: World) -> None:
    with pytest.raises(ConfigError) as caught:
        world.runner(lambda _: None, max_records=0, retry_base_s=2.0, retry_cap_s=1.0, topics=())
    assert [problem.path for problem in caught.value.problems] == ["topics", "max_records", "retry_base_s"]
    with pytest.raises(UnknownEventType):
        world.runner(lambda _: None, topics=("nowhere",))
    with pytest.raises(ConfigError, match="cannot be changed"):
        world.runner(lambda _: None, kafka={"enable.auto.commit": "true"})


def test_a_handler_that_refuses_on_a_topic_without_dead_letters_stops_before_its_record(world: World) -> None:
    with world.publisher() as publisher:
        for number in range(3):
            publisher.send({"shelf": "a", "pieces": number}, type_name="demo.Stock")

    def refuse(event: Event) -> None:
        if pieces([event]) == [1]:
            raise HandlerError("this shelf does not exist")

    with Running(world.runner(refuse, topics=("stock",))) as running:
        error = running.wait_error()
    assert isinstance(error, HandlerError)
    assert "stock partition 0 offset 1" in str(error)
    assert world.committed(topic="stock") == {0: 1}


def test_an_order_helper_makes_distinct_events() -> None:
    assert order(1)["event_id"] != order(2)["event_id"]
