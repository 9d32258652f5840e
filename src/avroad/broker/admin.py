"""Topics of a cluster, read and changed through confluent-kafka's administrator in few round trips."""

# ruff: noqa: SLF001  # librdkafka's own error codes start with an underscore; they are public
from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import AlterConfigOpType, ConfigResource
from confluent_kafka.admin._config import ConfigEntry as _Entry
from confluent_kafka.admin._config import ConfigSource as _Source
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.admin._topic import TopicDescription
from confluent_kafka.cimpl import NewPartitions as _NewPartitions
from confluent_kafka.cimpl import NewTopic as _NewTopic

from avroad.broker.fork import ForkGuard
from avroad.broker.metadata import ask
from avroad.broker.notes import ClientNotes
from avroad.broker.outcome import error_of, kafka_error, to_error
from avroad.broker.settings import admin_settings
from avroad.errors import BrokerError, BrokerUnavailable, Problem
from avroad.model import ClusterState, ConfigEntry, ConfigSource, PartitionState, TopicSpec, TopicState

__all__ = ["KafkaAdmin"]

_TIMEOUT_S: Final = 15.0
_CHUNK: Final = 200
_VISIBLE_S: Final = 10.0
_PAUSE_S: Final = 0.05
_SESSIONS_S: Final = 20.0
"""Members that were killed while one of them joined go one after the other, each when its session ends."""
_ZERO_ID: Final = "AAAAAAAAAAAAAAAAAAAAAA"
_SET, _DELETE = AlterConfigOpType.SET, AlterConfigOpType.DELETE
_MISSING: Final = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC})  # librdkafka's local twin
_SOURCES: Final[Mapping[_Source, ConfigSource]] = {
    _Source.DYNAMIC_TOPIC_CONFIG: ConfigSource.TOPIC,
    _Source.DYNAMIC_BROKER_CONFIG: ConfigSource.BROKER,
    _Source.DYNAMIC_DEFAULT_BROKER_CONFIG: ConfigSource.BROKER,
    _Source.STATIC_BROKER_CONFIG: ConfigSource.BROKER,
}


class KafkaAdmin:
    """Implements `ports.ClusterAdmin`. Each call ends within its timeout or raises BrokerUnavailable."""

    def __init__(self, settings: Mapping[str, str], *, timeout_s: float = _TIMEOUT_S) -> None:
        merged = admin_settings(settings)
        self.notes = ClientNotes(merged)
        self._timeout_s = timeout_s
        self._guard = ForkGuard()
        try:
            callbacks: dict[str, Any] = {"error_cb": self.notes.on_error, "logger": self.notes.logger}
            self._client = AdminClient({**merged, **callbacks})
        except (KafkaException, ValueError, TypeError) as error:
            raise self.notes.settings_refused(error) from None

    def observe(self, topics: Sequence[str] | None = None) -> ClusterState:
        """Return cluster id, brokers and every topic; settings and ids for `topics` only (all when None)."""
        self._guard.check()
        try:
            found = ask(
                lambda timeout_s: self._client.list_topics(timeout=timeout_s),
                lambda: self._client.poll(0),
                self.notes,
                self._timeout_s,
            )
        except KafkaException as error:
            raise self._failed(error, "list topics") from None
        asked = None if topics is None else set(topics)
        wanted = [name for name in found.topics if asked is None or name in asked]
        described = self._described(wanted)
        configs = self._configs(wanted)
        states: dict[str, TopicState] = {}
        for name, topic in found.topics.items():
            if topic.error is not None:
                continue
            topic_id, internal = described.get(name, ("", name.startswith("__")))
            states[name] = TopicState(
                name=name,
                partitions=tuple(
                    PartitionState(id=p.id, leader=p.leader, replicas=tuple(p.replicas), isrs=tuple(p.isrs))
                    for p in sorted(topic.partitions.values(), key=lambda p: p.id)
                ),
                config=configs.get(name, {}),
                internal=internal,
                topic_id=topic_id,
            )
        return ClusterState(cluster_id=found.cluster_id or "", brokers=tuple(sorted(found.brokers)), topics=states)

    def identities(self, topics: Sequence[str]) -> dict[str, tuple[str, int]]:
        """Return (topic id, partitions) of each topic that exists, in one request; "" where brokers tell no id."""
        self._guard.check()
        futures = self._client.describe_topics(TopicCollection(list(topics)), request_timeout=self._timeout_s)
        return {
            name: (_topic_id(topic), len(topic.partitions)) for name, topic in self._existing(futures, "look at topics")
        }

    def create_topics(
        self, specs: Sequence[TopicSpec], *, replication_factor: int, validate_only: bool = False
    ) -> None:
        """Create topics in one request. Raises BrokerError naming each topic that failed and why."""
        self._guard.check()
        if not specs:
            return
        new = [_NewTopic(s.name, s.partitions, replication_factor, config=dict(s.config)) for s in specs]
        try:
            futures = self._client.create_topics(
                new, request_timeout=self._timeout_s, operation_timeout=self._timeout_s, validate_only=validate_only
            )
        except (KafkaException, ValueError, TypeError) as error:
            raise self._failed(error, "create topics") from None
        self._all(futures, "create topics")
        if not validate_only:
            self._await_partitions({spec.name: spec.partitions for spec in specs})

    def add_partitions(self, totals: Mapping[str, int]) -> None:
        """Raise the partition count of topics to these totals, in one request."""
        self._guard.check()
        if not totals:
            return
        new = [_NewPartitions(topic, total) for topic, total in totals.items()]
        try:
            futures = self._client.create_partitions(
                new, request_timeout=self._timeout_s, operation_timeout=self._timeout_s
            )
        except (KafkaException, ValueError, TypeError) as error:
            raise self._failed(error, "add partitions") from None
        self._all(futures, "add partitions")
        self._await_partitions(totals)

    def _await_partitions(self, totals: Mapping[str, int]) -> None:
        """Wait until the brokers' metadata shows the change, so that the next look at the cluster sees it.

        The controller answers before every broker has heard of it. After 10 s the change stands all the same.
        """
        deadline = time.monotonic() + _VISIBLE_S
        while time.monotonic() < deadline:
            try:
                found = self._client.list_topics(timeout=_VISIBLE_S).topics
            except KafkaException:
                return
            if all(name in found and len(found[name].partitions) >= total for name, total in totals.items()):
                return
            threading.Event().wait(_PAUSE_S)

    def delete_topics(self, topics: Sequence[str]) -> None:
        """Delete topics in one request; one that does not exist is no error. Raises BrokerError naming each failure."""
        self._guard.check()
        if not topics:
            return
        try:
            futures = self._client.delete_topics(
                list(topics), request_timeout=self._timeout_s, operation_timeout=self._timeout_s
            )
        except (KafkaException, ValueError, TypeError) as error:
            raise self._failed(error, "delete topics") from None
        self._all(futures, "delete topics", missing_is_fine=True)

    def groups(self) -> tuple[str, ...]:
        """Return the names of all consumer groups, sorted, as far as this user may see them."""
        self._guard.check()
        doing = "list consumer groups"
        found = self._result(self._client.list_consumer_groups(request_timeout=self._timeout_s), doing)
        if found.errors:  # a coordinator that did not answer
            raise to_error(kafka_error(found.errors[0]), doing, self.notes)
        return tuple(sorted(group.group_id for group in found.valid))

    def delete_groups(self, groups: Sequence[str]) -> None:
        """Delete groups; a group that is not there is no error, one with members is waited for, 20 s at most."""
        self._guard.check()
        left, deadline = list(groups), time.monotonic() + _SESSIONS_S
        while left:
            futures = self._client.delete_consumer_groups(left, request_timeout=self._timeout_s)
            left = [name for name, future in futures.items() if not self._deleted(future, time.monotonic() < deadline)]
            if left:
                threading.Event().wait(_PAUSE_S * 4)

    def _deleted(self, future: Future[Any], patient: bool) -> bool:  # noqa: FBT001  # a condition, not a switch
        """Whether a group is gone. patient: one that has members still is no error yet."""
        try:
            future.result(timeout=self._timeout_s + 1)
        except FutureTimeout:
            raise self.notes.unavailable("delete consumer groups") from None
        except KafkaException as error:
            code = kafka_error(error).code()
            if code == KafkaError.NON_EMPTY_GROUP and patient:
                return False
            if code != KafkaError.GROUP_ID_NOT_FOUND:
                raise error_of(error, "delete consumer groups", self.notes) from None
        return True

    def set_config(self, topic: str, changes: Mapping[str, str | None]) -> None:
        """Set topic settings, leaving the others; None removes the topic's own value."""
        self._guard.check()
        if not changes:
            return
        entries = [
            _Entry(name, value or "", incremental_operation=_DELETE if value is None else _SET)
            for name, value in sorted(changes.items())
        ]
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
        try:
            futures = self._client.incremental_alter_configs([resource], request_timeout=self._timeout_s)
        except (KafkaException, ValueError, TypeError) as error:
            raise self._failed(error, f"change settings of {topic}") from None
        self._all({resource.name: future for resource, future in futures.items()}, "change settings")

    def _described(self, names: Sequence[str]) -> dict[str, tuple[str, bool]]:
        """Return (topic id, internal) per topic; a topic deleted meanwhile is left out."""
        result: dict[str, tuple[str, bool]] = {}
        for chunk in _chunks(names):
            futures = self._client.describe_topics(TopicCollection(chunk), request_timeout=self._timeout_s)
            for name, topic in self._existing(futures, "describe topics"):
                result[name] = (_topic_id(topic), bool(topic.is_internal))
        return result

    def _configs(self, names: Sequence[str]) -> dict[str, dict[str, ConfigEntry]]:
        """Return the settings in force per topic with the source of each."""
        result: dict[str, dict[str, ConfigEntry]] = {}
        for chunk in _chunks(names):
            resources = [ConfigResource(ResourceType.TOPIC, name) for name in chunk]
            futures = self._client.describe_configs(resources, request_timeout=self._timeout_s)
            by_name = {resource.name: future for resource, future in futures.items()}
            for name, entries in self._existing(by_name, "read topic settings"):
                result[name] = {
                    key: ConfigEntry(
                        value=entry.value, source=_SOURCES.get(_Source(entry.source), ConfigSource.DEFAULT)
                    )
                    for key, entry in entries.items()
                }
        return result

    def _existing(self, futures: Mapping[str, Future[Any]], doing: str) -> Iterator[tuple[str, Any]]:
        for name, future in futures.items():
            try:
                yield name, self._result(future, doing)
            except _MissingTopic:
                continue

    def _all(self, futures: Mapping[str, Future[Any]], doing: str, *, missing_is_fine: bool = False) -> None:
        """Wait for every future; raise one error with a problem per topic that failed."""
        problems: list[Problem] = []
        for name, future in futures.items():
            try:
                self._result(future, doing)
            except BrokerUnavailable:
                raise
            except BrokerError as error:
                if missing_is_fine and isinstance(error, _MissingTopic):
                    continue
                problems.append(Problem(file=name, expected=f"to {doing}", found=error.message, fix=error.hint))
        if problems:
            raise BrokerError(f"cannot {doing}: {len(problems)} of {len(futures)} failed", problems=tuple(problems))

    def _result(self, future: Future[Any], doing: str) -> Any:  # noqa: ANN401  # the client's own result types
        try:
            result = future.result(timeout=self._timeout_s + 1)
        except FutureTimeout:
            self._client.poll(0)
            raise self.notes.unavailable(doing) from None
        except KafkaException as error:
            found = kafka_error(error)
            if found.code() in _MISSING:
                raise _MissingTopic("the topic does not exist") from None
            self._client.poll(0)
            refused = to_error(found, doing, self.notes)
            if isinstance(refused, BrokerUnavailable) or refused.hint:
                raise refused from None
            raise BrokerError(found.str() or found.name()) from None
        else:
            return result

    def _failed(self, error: Exception, doing: str) -> BrokerError:
        self._client.poll(0)  # serves the error and log callbacks
        if isinstance(error, KafkaException):
            return error_of(error, doing, self.notes)
        return BrokerError(f"cannot {doing}: {error}")


class _MissingTopic(BrokerError):
    """The topic was deleted between two requests; not public because callers only skip it."""


def _topic_id(topic: TopicDescription) -> str:
    """Return the id of a topic, "" from brokers that have none."""
    found = "" if topic.topic_id is None else str(topic.topic_id)
    return "" if found == _ZERO_ID else found


def _chunks(names: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), _CHUNK):
        yield list(names[start : start + _CHUNK])
