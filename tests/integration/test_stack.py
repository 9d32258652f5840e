"""The local stack, really running: data survives stops and crashes, and only loopback is open."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import psutil
import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from avroad.stack import Stack

from .conftest import RunningStack

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]

SUBJECTS = "/apis/ccompat/v7/subjects"


@pytest.fixture
def own(tmp_path: Path) -> Stack:
    return Stack(tmp_path / "home", port=0, registry_port=0, start_timeout_s=180)


def produce(servers: str, topic: str, value: bytes) -> None:
    admin = AdminClient({"bootstrap.servers": servers})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(timeout=30)
    producer = Producer({"bootstrap.servers": servers, "acks": "all"})
    producer.produce(topic, value)
    assert producer.flush(30) == 0


def consume(servers: str, topic: str, count: int, *, group: str = "reader") -> list[bytes]:
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


def test_data_survives_kill_9_of_everything_and_a_clean_stop(own: Stack) -> None:
    report = own.up()
    try:
        assert report.started == ("broker-1", "registry")
        produce(report.bootstrap_servers, "kept", b"one")
        register(report.registry_url, "kept-value")
        own.stop("broker-1", "registry", force=True)  # within a second of the write
        assert not own.status().running
        again = own.up()
        assert again.started == ("broker-1", "registry")
        assert again.cluster_id == report.cluster_id
        assert consume(again.bootstrap_servers, "kept", 1) == [b"one"]
        assert subjects(again.registry_url) == ["kept-value"]
        assert set(own.down()) == {"broker-1", "registry"}
        own.up()
        assert consume(own.bootstrap_servers, "kept", 1, group="another") == [b"one"]
        assert subjects(own.registry_url) == ["kept-value"]
    finally:
        own.down()


def test_everything_listens_on_loopback_only(own: Stack) -> None:
    own.up()
    try:
        pids = [service.pid for service in own.status().services]
        addresses = {
            connection.laddr[0]
            for pid in pids
            for connection in psutil.Process(pid).net_connections(kind="inet")
            if connection.status == psutil.CONN_LISTEN
        }
        assert addresses
        assert {address.removeprefix("::ffff:") for address in addresses} == {"127.0.0.1"}
    finally:
        own.down()


def test_the_shared_stack_answers(stack: RunningStack) -> None:
    produce(stack.bootstrap_servers, "shared-stack-answers", b"one")
    assert consume(stack.bootstrap_servers, "shared-stack-answers", 1, group="shared-stack") == [b"one"]
    assert isinstance(subjects(stack.registry_url), list)
    assert stack.cluster_id
