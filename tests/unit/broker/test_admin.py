"""The administrator over a scripted client: few round trips, sources of settings, an error per topic."""

from __future__ import annotations

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin._config import ConfigSource as Origin

from avroad.broker.admin import KafkaAdmin
from avroad.errors import BrokerError, BrokerUnavailable
from avroad.model import ConfigSource, PartitionState, TopicSpec

E = KafkaError


def done(value: Any = None, error: int | None = None, text: str = "") -> Future[Any]:
    future: Future[Any] = Future()
    if error is None:
        future.set_result(value)
    else:
        future.set_exception(KafkaException(KafkaError(error, text or None)))
    return future


class FakeClient:
    """A cluster of topics by name; counts requests."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.topics: dict[str, Any] = {}
        self.requests: list[tuple[str, int]] = []
        self.answers: dict[str, Future[Any]] = {}
        self.gone: set[str] = set()
        self.groups: Any = None

    def list_consumer_groups(self, request_timeout: float) -> Future[Any]:
        return done(self.groups)

    def put(self, name: str, partitions: int = 1, *, error: Any = None) -> None:
        parts = {n: SimpleNamespace(id=n, leader=1, replicas=[1, 2], isrs=[1]) for n in reversed(range(partitions))}
        self.topics[name] = SimpleNamespace(error=error, partitions=parts)

    def poll(self, timeout: float) -> int:
        return 0

    def list_topics(self, timeout: float) -> Any:
        self.requests.append(("list", 1))
        return SimpleNamespace(topics=self.topics, cluster_id="c-1", brokers={2: None, 1: None})

    def describe_topics(self, collection: Any, request_timeout: float) -> dict[str, Future[Any]]:
        names = collection.topic_names
        self.requests.append(("describe", len(names)))
        return {
            name: done(error=E.UNKNOWN_TOPIC_OR_PART)
            if name in self.gone
            else done(SimpleNamespace(topic_id=f"id-{name}", is_internal=name.startswith("__")))
            for name in names
        }

    def describe_configs(self, resources: list[Any], request_timeout: float) -> dict[Any, Future[Any]]:
        self.requests.append(("configs", len(resources)))
        entries = {
            "retention.ms": SimpleNamespace(value="1", source=Origin.DYNAMIC_TOPIC_CONFIG.value),
            "segment.ms": SimpleNamespace(value="2", source=Origin.STATIC_BROKER_CONFIG.value),
            "max.message.bytes": SimpleNamespace(value="3", source=Origin.DEFAULT_CONFIG.value),
            "secret": SimpleNamespace(value=None, source=Origin.UNKNOWN_CONFIG.value),
        }
        return {r: done(error=E.UNKNOWN_TOPIC_OR_PART) if r.name in self.gone else done(entries) for r in resources}

    def create_topics(self, new: list[Any], **options: Any) -> dict[str, Future[Any]]:
        self.requests.append(("create", len(new)))
        self.options = options
        return {topic.topic: self.answers.get(topic.topic, done()) for topic in new}

    def create_partitions(self, new: list[Any], **options: Any) -> dict[str, Future[Any]]:
        self.requests.append(("partitions", len(new)))
        return {topic.topic: self.answers.get(topic.topic, done()) for topic in new}

    def delete_topics(self, names: list[str], **options: Any) -> dict[str, Future[Any]]:
        self.requests.append(("delete", len(names)))
        return {name: self.answers.get(name, done()) for name in names}

    def incremental_alter_configs(self, resources: list[Any], **options: Any) -> dict[Any, Future[Any]]:
        self.requests.append(("alter", len(resources)))
        self.changes = [
            (entry.name, entry.value, entry.incremental_operation.name) for entry in resources[0].incremental_configs
        ]
        return {resource: self.answers.get(resource.name, done()) for resource in resources}


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> KafkaAdmin:
    monkeypatch.setattr("avroad.broker.admin.AdminClient", FakeClient)
    return KafkaAdmin({"bootstrap.servers": "127.0.0.1:1"}, timeout_s=0.05)


def fake(admin: KafkaAdmin) -> FakeClient:
    client: Any = admin._client
    assert isinstance(client, FakeClient)
    return client


def test_one_observation_takes_few_requests(admin: KafkaAdmin) -> None:
    for number in range(450):
        fake(admin).put(f"t{number}")
    state = admin.observe()
    assert len(state.topics) == 450
    assert fake(admin).requests == [
        ("list", 1), ("describe", 200), ("describe", 200), ("describe", 50),
        ("configs", 200), ("configs", 200), ("configs", 50),
    ]  # fmt: skip


def test_a_topic_is_seen_with_partitions_settings_and_their_source(admin: KafkaAdmin) -> None:
    fake(admin).put("a", 2)
    fake(admin).put("__internal")
    fake(admin).put("broken", error=KafkaError(E.LEADER_NOT_AVAILABLE))
    state = admin.observe(["a"])
    assert (state.cluster_id, state.brokers) == ("c-1", (1, 2))
    assert set(state.topics) == {"a", "__internal"}
    topic = state.topics["a"]
    assert topic.partitions == tuple(PartitionState(id=n, leader=1, replicas=(1, 2), isrs=(1,)) for n in (0, 1))
    assert topic.topic_id == "id-a"
    assert {name: entry.source for name, entry in topic.config.items()} == {
        "retention.ms": ConfigSource.TOPIC, "segment.ms": ConfigSource.BROKER,
        "max.message.bytes": ConfigSource.DEFAULT, "secret": ConfigSource.DEFAULT,
    }  # fmt: skip
    assert topic.config["secret"].value is None
    assert state.topics["__internal"].internal
    assert state.topics["__internal"].config == {}


def test_a_topic_deleted_between_two_requests_is_left_without_settings(admin: KafkaAdmin) -> None:
    fake(admin).put("a")
    fake(admin).gone.add("a")
    topic = admin.observe().topics["a"]
    assert (topic.topic_id, topic.config) == ("", {})


def test_each_topic_that_failed_is_named_and_the_others_are_made(admin: KafkaAdmin) -> None:
    fake(admin).answers = {
        "a": done(error=E.TOPIC_ALREADY_EXISTS, text="Topic 'a' already exists."),
        "b": done(error=E.INVALID_REPLICATION_FACTOR, text="only 1 broker"),
    }
    specs = [TopicSpec(name=name, partitions=1, config={"retention.ms": "1"}) for name in "abc"]
    with pytest.raises(BrokerError, match="2 of 3 failed") as caught:
        admin.create_topics(specs, replication_factor=3, validate_only=True)
    assert [(p.file, p.found) for p in caught.value.problems] == [
        ("a", "Topic 'a' already exists."), ("b", "only 1 broker"),
    ]  # fmt: skip
    assert fake(admin).options["validate_only"] is True


def test_settings_are_set_and_removed_in_one_request(admin: KafkaAdmin) -> None:
    admin.set_config("a", {"z": "1", "b": None})
    assert fake(admin).changes == [("b", "", "DELETE"), ("z", "1", "SET")]
    assert fake(admin).requests == [("alter", 1)]


def test_nothing_to_do_asks_nothing(admin: KafkaAdmin) -> None:
    admin.create_topics([], replication_factor=1)
    admin.add_partitions({})
    admin.set_config("a", {})
    admin.delete_topics([])
    assert fake(admin).requests == []


def test_topics_are_deleted_in_one_request_and_one_that_is_gone_is_no_error(admin: KafkaAdmin) -> None:
    fake(admin).answers = {"gone": done(error=E.UNKNOWN_TOPIC_OR_PART)}
    admin.delete_topics(["a", "gone"])
    assert fake(admin).requests == [("delete", 2)]
    fake(admin).answers = {"b": done(error=E.TOPIC_AUTHORIZATION_FAILED)}
    with pytest.raises(BrokerError, match="access rights"):
        admin.delete_topics(["a", "b"])


def test_a_missing_topic_or_right_is_said_per_topic(admin: KafkaAdmin) -> None:
    fake(admin).answers = {"a": done(error=E.UNKNOWN_TOPIC_OR_PART)}
    with pytest.raises(BrokerError, match="the topic does not exist"):
        admin.add_partitions({"a": 3})
    fake(admin).answers = {"a": done(error=E.TOPIC_AUTHORIZATION_FAILED)}
    with pytest.raises(BrokerError, match="access rights"):
        admin.set_config("a", {"x": "1"})


@pytest.mark.parametrize("future", [Future(), done(error=E._TIMED_OUT)], ids=["no answer", "timed out"])
def test_a_cluster_that_does_not_answer_is_unavailable(admin: KafkaAdmin, future: Future[Any]) -> None:
    fake(admin).answers = {"a": future}
    admin._timeout_s = -0.9
    with pytest.raises(BrokerUnavailable, match="cannot add partitions"):
        admin.add_partitions({"a": 3})


def test_groups_are_listed_and_a_coordinator_that_does_not_answer_is_an_error(admin: KafkaAdmin) -> None:
    groups = [SimpleNamespace(group_id=name) for name in ("b", "a")]
    fake(admin).groups = SimpleNamespace(valid=groups, errors=[])
    assert admin.groups() == ("a", "b")
    fake(admin).groups = SimpleNamespace(valid=groups, errors=[KafkaError(E.COORDINATOR_LOAD_IN_PROGRESS)])
    with pytest.raises(BrokerUnavailable, match="cannot list consumer groups"):
        admin.groups()
