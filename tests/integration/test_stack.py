"""The local stack, really running: data survives stops and crashes, and only loopback is open."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from avroad.stack import Stack, UpReport

from .conftest import RunningStack

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]

SUBJECTS = "/apis/ccompat/v7/subjects"


@pytest.fixture
def own(tmp_path: Path) -> Stack:
    return Stack(tmp_path / "home", port=0, registry_port=0, start_timeout_s=180)


@pytest.fixture(params=[1, 3])
def sized(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path / "home", brokers=request.param, port=0, registry_port=0, start_timeout_s=180)
    yield stack
    stack.down()


def create(servers: str, topic: str, *, copies: int = 1) -> None:
    admin = AdminClient({"bootstrap.servers": servers})
    admin.create_topics([NewTopic(topic, 1, copies)])[topic].result(timeout=30)


def produce(servers: str, topic: str, value: bytes) -> None:
    producer = Producer({"bootstrap.servers": servers, "acks": "all"})
    producer.produce(topic, value)
    assert producer.flush(30) == 0


def consume(servers: str, topic: str, count: int, *, group: str) -> list[bytes]:
    consumer = Consumer({"bootstrap.servers": servers, "group.id": group, "auto.offset.reset": "earliest"})
    try:
        consumer.subscribe([topic])
        messages = consumer.consume(count, timeout=60)
        return [value for message in messages if isinstance(value := message.value(), bytes)]
    finally:
        consumer.close()


def register(url: str, subject: str) -> int:
    body = json.dumps({"schema": json.dumps({"type": "record", "name": "R", "fields": []})}).encode()
    request = urllib.request.Request(
        f"{url}/subjects/{subject}/versions", data=body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return int(json.load(answer)["id"])


def subjects(url: str) -> list[str]:
    with urllib.request.urlopen(f"{url}/subjects", timeout=30) as answer:
        names: list[str] = json.load(answer)
        return names


def test_data_survives_kill_9_of_everything_a_lost_state_file_and_a_clean_stop(own: Stack) -> None:
    report = own.up()
    try:
        create(report.bootstrap_servers, "kept")
        produce(report.bootstrap_servers, "kept", b"one")
        register(report.registry_url, "kept-value")
        own.stop("broker-1", "registry", force=True)  # within a second of the write
        assert not own.status().running
        assert_kept(own, report)
        lost = processes(own)
        own.home.state.unlink()
        assert_kept(own, report)
        assert not any(process.is_running() for process in lost)
        assert set(own.down()) == {"broker-1", "registry"}
        assert_kept(own, report)
        lost = processes(own)
        own.home.state.write_text("")
        assert own.reset() == 2
        assert not any(process.is_running() for process in lost)
        assert not own.home.data.exists()
    finally:
        own.down()


def processes(stack: Stack) -> list[psutil.Process]:
    return [psutil.Process(service.pid) for service in stack.status().services]


def assert_kept(stack: Stack, first: UpReport) -> None:
    """Start the stack, both services anew, and find what was written during its first run."""
    again = stack.up()
    assert again.started == ("broker-1", "registry")
    assert again.cluster_id == first.cluster_id
    assert consume(again.bootstrap_servers, "kept", 1, group=f"reader-{uuid4()}") == [b"one"]
    assert subjects(again.registry_url) == ["kept-value"]


def test_kill_9_of_each_service_in_turn_loses_nothing(sized: Stack) -> None:
    report = sized.up()
    create(report.bootstrap_servers, "kept", copies=report.brokers)
    written: list[bytes] = []
    registered: list[str] = []
    for name in report.started:
        before = {service.name: service.pid for service in sized.status().services}
        written.append(name.encode())
        produce(report.bootstrap_servers, "kept", written[-1])
        registered.append(f"{name}-value")
        register(report.registry_url, registered[-1])
        psutil.Process(before[name]).kill()
        psutil.wait_procs([psutil.Process(before[name])] if psutil.pid_exists(before[name]) else [], timeout=30)
        assert [service.name for service in sized.status().services if not service.running] == [name]
        assert sized.up().started == (name,)
        after = {service.name: service.pid for service in sized.status().services}
        assert {other for other in before if before[other] != after[other]} == {name}
        assert consume(report.bootstrap_servers, "kept", len(written), group=f"after-{name}") == written
        assert sorted(subjects(report.registry_url)) == sorted(registered)
    assert listening(sized) == {"127.0.0.1"}


def listening(stack: Stack) -> set[str]:
    """Return the addresses on which any process of the stack listens."""
    connections = [
        connection
        for service in stack.status().services
        for connection in psutil.Process(service.pid).net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(connections) == 2 * len(stack.status().services)  # one for clients, one for controller or management
    return {str(connection.laddr[0]).removeprefix("::ffff:") for connection in connections}


def test_the_shared_stack_answers(stack: RunningStack) -> None:
    create(stack.bootstrap_servers, "shared-stack-answers")
    produce(stack.bootstrap_servers, "shared-stack-answers", b"one")
    assert consume(stack.bootstrap_servers, "shared-stack-answers", 1, group="shared-stack") == [b"one"]
    assert isinstance(subjects(stack.registry_url), list)
    assert stack.cluster_id
