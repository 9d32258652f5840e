"""The broker of docker-compose.yml, without Docker: its settings, translated as the image does, boot a real broker."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from avroad.stack import FetchError, JavaMissing, JavaTooOld
from avroad.stack.artifacts import load_artifact_lock
from avroad.stack.cache import cache_root, ensure_installed
from avroad.stack.java import Java, find_java
from avroad.stack.ports import free_ports
from avroad.stack.probe import Cluster, ask_broker
from avroad.stack.progress import Quiet

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]

COMPOSE = Path(__file__).resolve().parents[2] / "docker-compose.yml"


def translate(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the server properties the image makes: `KAFKA_` dropped, `___` is `-`, `__` is `_`, `_` is `.`.

    Source: the usage guide of the apache/kafka image.
    """
    separators = {"_": ".", "__": "_", "___": "-"}
    return {
        re.sub("_+", lambda found: separators[found.group()], name.removeprefix("KAFKA_").lower()): value
        for name, value in environment.items()
        if name.startswith("KAFKA_")
    }


def on_this_machine(properties: Mapping[str, str], data: Path) -> tuple[dict[str, str], int]:
    """Return the properties with free ports and loopback instead of the container's, and the client port."""
    client, internal, controller = free_ports(3)
    swapped = {
        "0.0.0.0:9092": f"127.0.0.1:{client}",
        "127.0.0.1:9092": f"127.0.0.1:{client}",
        "0.0.0.0:19092": f"127.0.0.1:{internal}",
        "kafka:19092": f"127.0.0.1:{internal}",
        "localhost:9093": f"127.0.0.1:{controller}",
    }
    result: dict[str, str] = {}
    for name, value in properties.items():
        text = value
        for container, machine in swapped.items():
            text = re.sub(rf"(?<![\w.]){re.escape(container)}\b", machine, text)
        result[name] = text
    assert result["log.dirs"] == "/var/lib/kafka/data"
    result["log.dirs"] = data.as_posix()
    return result, client


@contextmanager
def broker(java: Java, jars: Path, folder: Path, cluster_id: str, properties: Mapping[str, str]) -> Iterator[None]:
    config = folder / "server.properties"
    config.write_text("".join(f"{name}={value}\n" for name, value in properties.items()), encoding="utf-8")
    base = [str(java.executable), "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp"]
    base.append(str(jars / "*"))
    tool = [*base, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}", "-c", str(config)]
    subprocess.run(tool, check=True, capture_output=True, timeout=120)
    with (folder / "broker.log").open("wb") as log:
        process = subprocess.Popen([*base, "kafka.Kafka", str(config)], stdout=log, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def ready(port: int, log: Path) -> Cluster:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        cluster = ask_broker(port)
        if cluster is not None and cluster.brokers:
            return cluster
        threading.Event().wait(0.05)
    pytest.fail(f"the broker did not start:\n{log.read_text(errors='replace')[-4000:]}")


def test_translation_follows_the_rules_of_the_image() -> None:
    names = {"KAFKA_ABC_DEF": "1", "KAFKA_ABC__DEF": "2", "KAFKA_ABC___DEF": "3", "CLUSTER_ID": "x"}
    assert translate(names) == {"abc.def": "1", "abc_def": "2", "abc-def": "3"}


def test_a_broker_boots_with_the_settings_of_the_compose_file(tmp_path: Path) -> None:
    environment = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]["kafka"]["environment"]
    try:
        java = find_java()
        installation = ensure_installed(load_artifact_lock(), cache_root(), reporter=Quiet())
    except (FetchError, JavaMissing, JavaTooOld) as error:
        if os.environ.get("AVROAD_REQUIRE_KAFKA"):
            raise
        pytest.skip(f"no real Kafka here: {error}")
    properties, port = on_this_machine(translate(environment), tmp_path / "data")
    with broker(java, installation.jars, tmp_path, environment["CLUSTER_ID"], properties):
        cluster = ready(port, tmp_path / "broker.log")
        assert cluster == Cluster(cluster_id=environment["CLUSTER_ID"], brokers=(1,))
        servers: dict[str, str | int | float | bool] = {"bootstrap.servers": f"127.0.0.1:{port}"}
        admin = AdminClient(servers)
        admin.create_topics([NewTopic("booted", 1, 1)])["booted"].result(timeout=60)
        producer = Producer({**servers, "acks": "all", "enable.idempotence": True})
        producer.produce("booted", b"one record")
        assert producer.flush(60) == 0
        consumer = Consumer({**servers, "group.id": "reader", "auto.offset.reset": "earliest"})
        try:
            consumer.subscribe(["booted"])
            (message,) = consumer.consume(1, timeout=60)
            assert message.value() == b"one record"
        finally:
            consumer.close()
        assert "never-declared" not in admin.list_topics(timeout=30).topics
        metadata = admin.list_topics("never-declared", timeout=30).topics["never-declared"]
        assert metadata.error is not None  # auto-creation is off, as in the local stack
