"""Sends on librdkafka's mock cluster: one outcome each, back-pressure, and a close that keeps its deadline."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import threading
import time
import uuid
from typing import Any

import pytest

from avroad.broker import open_sink
from avroad.codec.envelope import parse_event
from avroad.contracts import LockedSubject
from avroad.errors import BrokerError, EncodeError, LockError, Overloaded, RegistryUnavailable, UnknownEventType
from avroad.model import Delivery, Outcome, OutgoingRecord
from avroad.producer import ProducerSettings, Publisher
from avroad.registry import MemoryRegistry
from avroad.testing.mock_cluster import Api, MockCluster
from tests.behaviour.runtime.world import MOMENT, STOCK, World, event_type, make_catalog, order, register

TOPIC_DENIED, DISCONNECT, TIMED_OUT, OUT_OF_ORDER = 29, -195, 7, 45


def ids(numbers: range) -> tuple[str, ...]:
    return tuple(str(order(number)["event_id"]) for number in numbers)


def murmur2(data: bytes) -> int:
    """Kafka's Java partitioner hash, written from its definition, as an oracle."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = (0x9747B28C ^ len(data)) & mask
    whole = len(data) // 4 * 4
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = h * m & mask ^ k
    rest = data[whole:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def test_a_send_is_acknowledged_with_its_position_and_needs_no_poll(world: World) -> None:
    with world.publisher() as publisher:
        delivery = publisher.send(order(5), type_name="demo.Order").result(10)
    assert delivery.outcome is Outcome.ACKED
    (record,) = world.read("orders")
    assert (record.partition, record.offset) == (delivery.partition, delivery.offset)
    assert record.key == b"o-5"
    assert record.timestamp_ms is not None
    assert abs(record.timestamp_ms / 1000 - time.time()) < 60, "the time of sending, not the event's"
    event = parse_event(record.headers)
    assert event is not None
    assert (event.id, event.type, event.source) == (ids(range(5, 6))[0], "demo.Order", "urn:test")
    assert (event.time, event.subject) == (MOMENT, "o-5")
    assert event.data_schema == f"http://registry.test/schemas/ids/{world.lock.subjects['orders-demo.Order'].id}"


def test_keys_go_where_the_java_client_puts_them(world: World) -> None:
    keys = [f"key-{number}" for number in range(40)] + ["", "ä", "0123456789abc"][1:]
    with world.publisher() as publisher:
        sent = {key: publisher.send(order(1, order_id=key), type_name="demo.Order") for key in keys}
        found = {key: future.result(10).partition for key, future in sent.items()}
    assert found == {key: (murmur2(key.encode()) & 0x7FFFFFFF) % 2 for key in keys}
    assert set(found.values()) == {0, 1}


def test_a_refused_record_is_rejected_and_not_in_the_log(world: World, cluster: MockCluster) -> None:
    with world.publisher() as publisher:
        cluster.push_errors(Api.PRODUCE, TOPIC_DENIED)
        delivery = publisher.send(order(1), type_name="demo.Order").result(10)
    assert delivery.outcome is Outcome.REJECTED
    assert "TOPIC_AUTHORIZATION_FAILED" in delivery.reason
    assert world.read("orders") == []


def test_a_timeout_is_unknown(world: World, cluster: MockCluster) -> None:
    with world.publisher(kafka={"delivery.timeout.ms": "700"}) as publisher:
        publisher.send(order(0), type_name="demo.Order").result(10)
        cluster.down()
        delivery = publisher.send(order(1), type_name="demo.Order").result(10)
    assert delivery.outcome is Outcome.UNKNOWN
    assert "_MSG_TIMED_OUT" in delivery.reason


def test_a_broken_sequence_is_fatal_and_ends_the_publisher(world: World, cluster: MockCluster) -> None:
    with world.publisher() as publisher:
        publisher.send(order(0), type_name="demo.Order").result(10)
        cluster.push_errors(Api.PRODUCE, *[OUT_OF_ORDER] * 3)
        first = publisher.send(order(1), type_name="demo.Order").result(10)
        assert first.outcome in {Outcome.FATAL, Outcome.UNKNOWN}
        second = publisher.send(order(2), type_name="demo.Order").result(10)
        assert second.outcome is Outcome.FATAL
        with pytest.raises(BrokerError, match="failed for good"):
            publisher.send(order(3), type_name="demo.Order")


def test_disconnects_neither_lose_duplicate_nor_reorder(world: World, cluster: MockCluster) -> None:
    with world.publisher(kafka={"linger.ms": "0", "batch.num.messages": "5"}) as publisher:
        cluster.push_errors(Api.PRODUCE, DISCONNECT, TIMED_OUT, DISCONNECT, TIMED_OUT)
        futures = [publisher.send(order(n, order_id="same"), type_name="demo.Order") for n in range(200)]
        assert publisher.flush(20) == 0
    assert {future.result().outcome for future in futures} == {Outcome.ACKED}
    found = [event.id for record in world.read("orders") if (event := parse_event(record.headers))]
    assert tuple(found) == ids(range(200))


def test_a_full_queue_pushes_back_and_forgets_nothing(world: World, cluster: MockCluster) -> None:
    cluster.down()
    settings = ProducerSettings(queue_timeout_s=0.2)
    with world.publisher(settings, {"queue.buffering.max.messages": "10"}) as publisher:
        futures = [publisher.send(order(n), type_name="demo.Order") for n in range(10)]
        assert len(publisher) == 10
        started = time.monotonic()
        with pytest.raises(Overloaded, match="10 waiting"):
            publisher.send(order(10), type_name="demo.Order")
        assert 0.2 <= time.monotonic() - started < 2
        assert len(publisher) == 10
        cluster.up()
        assert [future.result(15).outcome for future in futures] == [Outcome.ACKED] * 10
        assert publisher.send(order(10), type_name="demo.Order").result(10).outcome is Outcome.ACKED
    assert len(world.read("orders")) == 11


def test_close_keeps_its_deadline_with_the_broker_down_and_names_what_was_left(
    world: World, cluster: MockCluster
) -> None:
    with world.publisher() as publisher:
        publisher.send(order(0), type_name="demo.Order").result(10)
        cluster.down()
        futures = [publisher.send(order(n), type_name="demo.Order") for n in range(1, 6)]
        started = time.monotonic()
        report = publisher.close(1.0)
        elapsed = time.monotonic() - started
    assert elapsed < 2.5
    assert report.undelivered == ids(range(1, 6))
    assert not report.clean
    assert (report.acked, report.unknown) == (1, 5)
    assert all(future.done() for future in futures)
    assert publisher.close(1.0) is report
    with pytest.raises(BrokerError, match="closed"):
        publisher.send(order(9), type_name="demo.Order")


def test_close_delivers_what_is_queued_before_it_ends(world: World) -> None:
    with world.publisher(kafka={"linger.ms": "500"}) as publisher:
        futures = [publisher.send(order(n), type_name="demo.Order") for n in range(50)]
        report = publisher.close(10)
    assert report.clean
    assert report.acked == 50
    assert len(world.read("orders")) == 50
    assert all(future.result(0).outcome is Outcome.ACKED for future in futures)


def test_sends_from_several_threads_each_resolve_once(world: World) -> None:
    results: list[Delivery] = []
    with world.publisher() as publisher:

        def send(start: int) -> None:
            futures = [publisher.send(order(start + n), type_name="demo.Order") for n in range(150)]
            results.extend(future.result(15) for future in futures)

        threads = [threading.Thread(target=send, args=(base,)) for base in (0, 1000, 2000, 3000)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert len({(d.partition, d.offset) for d in results}) == len(results) == 600
    assert len(world.read("orders")) == 600


def test_hooks_are_told_each_outcome(world: World, cluster: MockCluster) -> None:
    seen: list[tuple[Outcome, str]] = []

    class Hook:
        def on_delivery(self, delivery: Delivery, type_name: str) -> None:
            seen.append((delivery.outcome, type_name))

    publisher = Publisher(
        catalog=world.catalog, lock=world.lock, sink=open_sink(world.kafka), source_uri="urn:x", hooks=[Hook()]
    )
    publisher.send(order(1), type_name="demo.Order").result(10)
    cluster.push_errors(Api.PRODUCE, TOPIC_DENIED)
    publisher.send({"shelf": "a", "pieces": 1}, type_name="demo.Stock").result(10)
    publisher.close(5)
    assert seen == [(Outcome.ACKED, "demo.Order"), (Outcome.REJECTED, "demo.Stock")]


def test_a_tombstone_belongs_on_a_compacted_topic_only(world: World) -> None:
    with world.publisher() as publisher:
        publisher.send({"shelf": "a", "pieces": 1}, type_name="demo.Stock").result(10)
        assert publisher.send(None, topic="stock", key="a").result(10).outcome is Outcome.ACKED
        with pytest.raises(EncodeError, match="compacted"):
            publisher.send(None, topic="orders", key="a")
        with pytest.raises(EncodeError, match="key"):
            publisher.send(None, topic="stock")
        with pytest.raises(UnknownEventType):
            publisher.send(None, topic="nowhere", key="a")
    assert [(r.key, r.value is None) for r in world.read("stock")] == [(b"a", False), (b"a", True)]


@pytest.mark.parametrize(
    ("event", "type_name", "error"),
    [
        ({**order(1), "pieces": "many"}, "demo.Order", EncodeError),
        ({**order(1), "order_id": ""}, "demo.Order", EncodeError),
        (order(1), "demo.Nothing", UnknownEventType),
        (order(1), "", UnknownEventType),
        (object(), "", UnknownEventType),
    ],
    ids=["wrong type", "empty key", "unknown type", "no type", "no event"],
)
def test_what_cannot_be_sent_is_refused_before_it_is_queued(
    world: World, event: Any, type_name: str, error: type[Exception]
) -> None:
    with world.publisher() as publisher:
        with pytest.raises(error):
            publisher.send(event, type_name=type_name)
        assert len(publisher) == 0
    assert world.read("orders") == []


def test_a_record_larger_than_its_topic_takes_is_refused(world: World) -> None:
    small = dataclasses.replace(world, catalog=make_catalog(max_bytes=2000))
    with small.publisher() as publisher:
        with pytest.raises(EncodeError, match="at most 2000 bytes"):
            publisher.send(order(1, order_id="x" * 1000), type_name="demo.Order")
        assert publisher.send(order(1), type_name="demo.Order").result(10).outcome is Outcome.ACKED


def test_a_lock_that_is_not_the_contracts_is_refused_before_the_first_send(world: World) -> None:
    subjects = dict(world.lock.subjects)
    subjects["orders-demo.Order"] = LockedSubject(version=1, id=1, fingerprint="0" * 64)
    del subjects["stock-value"]
    wrong = dataclasses.replace(world.lock, subjects=subjects)
    sink = open_sink(world.kafka)
    words = r"avroad schema check says.* avroad plan -e test.* What the plan does not refuse.* avroad apply -e test"
    with pytest.raises(LockError, match=words) as caught:
        Publisher(catalog=world.catalog, lock=wrong, sink=sink, source_uri="urn:x")
    assert [problem.path for problem in caught.value.problems] == ["orders-demo.Order", "stock-value"]
    # Only the topics in use have to be right.
    Publisher(catalog=world.catalog, lock=world.lock, sink=sink, source_uri="urn:x", topics=["stock"]).close(1)


class DownRegistry(MemoryRegistry):
    """Answers nothing."""

    def by_id(self, schema_id: int) -> Any:
        raise RegistryUnavailable(f"refused for {schema_id}")


def test_a_registry_that_is_down_does_not_stop_a_publisher(world: World) -> None:
    sink = open_sink(world.kafka)
    publisher = Publisher(
        catalog=world.catalog, lock=world.lock, sink=sink, source_uri="urn:x", registry=DownRegistry()
    )
    assert publisher.send(order(1), type_name="demo.Order").result(10).outcome is Outcome.ACKED
    publisher.close(5)


def test_a_registry_with_other_ids_stops_a_publisher(world: World) -> None:
    other = MemoryRegistry()
    other.register("unrelated", event_type({**STOCK, "name": "Other"}).text)
    sink = open_sink(world.kafka)
    with pytest.raises(LockError, match="does not hold what the schema lock says") as caught:
        Publisher(catalog=world.catalog, lock=world.lock, sink=sink, source_uri="urn:x", registry=other)
    assert {problem.found for problem in caught.value.problems} == {"another schema under that id", "no such id"}
    sink.close(5)


def test_sending_never_registers(world: World) -> None:
    before = {subject: world.registry.versions(subject) for subject in world.registry.subjects()}
    world.send_orders(range(3))
    assert {subject: world.registry.versions(subject) for subject in world.registry.subjects()} == before
    assert register(world.catalog, world.registry) == world.lock


def test_headers_of_the_caller_follow_and_never_repeat_ours(world: World) -> None:
    extra = (("traceparent", b"00-1"), ("ce_id", b"mine"), ("__value_schema_id", b"x"), ("dlq.class", b"malformed"))
    with world.publisher() as publisher:
        publisher.send(order(1), type_name="demo.Order", headers=extra).result(10)
    (record,) = world.read("orders")
    names = [name for name, _ in record.headers]
    assert names.count("ce_id") == 1
    assert names[-1] == "traceparent"
    assert "__value_schema_id" not in names
    assert "dlq.class" not in names


def test_a_child_process_cannot_use_the_parents_client() -> None:
    program = """
import os
from avroad.broker import open_sink
from avroad.errors import BrokerError
sink = open_sink({"bootstrap.servers": "127.0.0.1:1"})
pid = os.fork()
if pid == 0:
    try:
        sink.flush(0.1)
    except BrokerError as error:
        os._exit(7 if "forked" in str(error) else 8)
    os._exit(9)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    if not hasattr(os, "fork"):
        pytest.skip("no fork on this system")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "7"


def test_an_event_id_is_made_for_types_without_one(world: World) -> None:
    with world.publisher() as publisher:
        for _ in range(2):
            publisher.send({"order_id": "o", "at": MOMENT, "reason": ""}, type_name="demo.Refund").result(10)
    events = [parse_event(record.headers) for record in world.read("orders")]
    made = [uuid.UUID(event.id) for event in events if event is not None]
    assert len(set(made)) == 2
    assert {value.version for value in made} == {7}
    assert made == sorted(made)


def test_a_record_the_client_refuses_at_once_is_answered_at_once(world: World) -> None:
    sink = open_sink({**world.kafka, "message.max.bytes": "2000"})
    results: list[Delivery] = []
    assert sink.produce(OutgoingRecord(topic="orders", key=b"k", value=b"x" * 3000), results.append)
    assert [result.outcome for result in results] == [Outcome.REJECTED]
    assert len(sink) == 0
    sink.close(5)
