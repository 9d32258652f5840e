"""Every topic and environment of the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from avroad.config import load_environment
from avroad.contracts import Catalog
from avroad.errors import ConfigError
from avroad.model import Level, SubjectStrategy
from avroad.schema import Record
from tests.contracts.conftest import ENVIRONMENT_NAMES, ROOT, TOPIC_NAMES

PRODUCTION = {
    "KAFKA_CLUSTER_ID": "abc",
    "KAFKA_USERNAME": "u",
    "KAFKA_PASSWORD": "canary",
    "REGISTRY_USERNAME": "r",
    "REGISTRY_PASSWORD": "canary",
}

each_topic = pytest.mark.parametrize("name", TOPIC_NAMES)
each_environment = pytest.mark.parametrize("name", ENVIRONMENT_NAMES)


def test_the_files_and_the_catalog_agree(catalog: Catalog) -> None:
    declared = [topic.name for topic in catalog.topics.values() if not topic.dlq_of]
    assert declared == TOPIC_NAMES == ["traffic.cameras", "traffic.events"]


@each_topic
def test_a_topic_is_described_owned_and_keyed(catalog: Catalog, name: str) -> None:
    topic = catalog.topic(name)
    assert topic.description.endswith(".")
    assert topic.owner
    for value in topic.values:
        schema = catalog.type(value).schema
        assert isinstance(schema, Record)
        fields = {field.name for field in schema.fields}
        assert {topic.key_from, topic.time_from} <= fields


@each_topic
def test_each_topic_has_its_dead_letter_topic(catalog: Catalog, name: str) -> None:
    topic = catalog.topic(name)
    derived = catalog.topic(topic.dlq)
    assert derived.name == f"{name}.dlq"
    assert derived.partitions == topic.partitions
    assert derived.config["cleanup.policy"] == "delete"
    assert int(derived.config["max.message.bytes"]) == int(topic.config["max.message.bytes"]) + 64 * 1024
    assert derived.values == ()
    assert not any(spec.topic == derived.name for spec in catalog.subjects)


def test_events_keep_every_version_of_every_type(catalog: Catalog) -> None:
    topic = catalog.topic("traffic.events")
    assert topic.subjects is SubjectStrategy.TOPIC_RECORD
    assert topic.key_from == "situation_id"
    assert topic.config["cleanup.policy"] == "delete"
    assert topic.values == ("traffic.Accident", "traffic.TrafficJam", "traffic.SpeedCamera")
    assert topic.subject("traffic.Accident") == "traffic.events-traffic.Accident"


def test_cameras_keep_the_current_state_of_one_type(catalog: Catalog) -> None:
    topic = catalog.topic("traffic.cameras")
    assert topic.subjects is SubjectStrategy.TOPIC
    assert topic.key_from == "camera_id"
    assert topic.config["cleanup.policy"] == "compact"
    assert topic.values == ("traffic.SpeedCamera",)
    assert topic.subject("traffic.SpeedCamera") == "traffic.cameras-value"


def test_subjects_come_after_those_they_refer_to(catalog: Catalog) -> None:
    seen: set[str] = set()
    for spec in catalog.subjects:
        assert set(spec.references) <= seen
        seen.add(spec.subject)
        assert spec.level is Level.BACKWARD_TRANSITIVE
    shared = [spec for spec in catalog.subjects if not spec.topic]
    assert all(spec.subject == spec.type_name for spec in shared)
    assert [spec.subject for spec in catalog.subjects if spec.topic] == [
        "traffic.cameras-value",
        "traffic.events-traffic.Accident",
        "traffic.events-traffic.TrafficJam",
        "traffic.events-traffic.SpeedCamera",
    ]


@each_environment
def test_every_environment_loads(name: str) -> None:
    environment = load_environment(ROOT, name, environ=PRODUCTION)
    assert environment.name == name
    assert environment.description.endswith(".")
    assert environment.min_insync_replicas <= environment.replication_factor
    assert "canary" not in repr(environment)


def test_the_environments_there_are() -> None:
    assert {"docker", "local", "production"} <= set(ENVIRONMENT_NAMES)


def test_local_is_the_stack_and_docker_the_compose_file(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "admin" / "environments", tmp_path / "admin" / "environments")
    local, docker = (load_environment(tmp_path, name, environ={}) for name in ("local", "docker"))
    assert (local.stack, docker.stack) == (True, False)
    assert docker.kafka_config() == {"bootstrap.servers": "127.0.0.1:9092"}
    assert docker.registry_config() == {"url": "http://127.0.0.1:8081"}
    assert local.unaddressed == ("kafka", "registry"), "only the running stack of this checkout says where it is"


def test_production_is_secured_and_survives_a_broker() -> None:
    environment = load_environment(ROOT, "production", environ=PRODUCTION)
    assert (environment.replication_factor, environment.min_insync_replicas) == (3, 2)
    assert environment.cluster_id == "abc"
    assert not environment.insecure
    config = environment.kafka_config()
    assert config["security.protocol"] == "SASL_SSL"
    assert config["sasl.mechanism"] == "SCRAM-SHA-512"
    assert config["sasl.password"] == "canary"
    assert environment.registry_config()["basic.auth.user.info"] == "r:canary"
    assert all(url.startswith("https://") for url in environment.registry_config()["url"].split(","))


def test_production_says_everything_it_misses_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        load_environment(ROOT, "production", environ={})
    text = str(caught.value)
    assert all(f"the environment variable {name}" in text for name in PRODUCTION)


@pytest.mark.parametrize(("name", "ignored"), [("local", True), ("docker", True), ("production", False)])
def test_only_locks_of_shared_environments_are_committed(name: str, *, ignored: bool) -> None:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    lock = load_environment(ROOT, name, environ=PRODUCTION).lock
    done = subprocess.run(
        ["git", "check-ignore", "-q", os.path.relpath(lock, ROOT)], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == (0 if ignored else 1)
