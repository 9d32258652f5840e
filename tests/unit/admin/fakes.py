"""A cluster and a registry in memory that count what they are asked, for the tests of plan and apply."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from threading import Lock
from uuid import UUID

from avroad.admin import Desired, DesiredSubject, DesiredTopic
from avroad.errors import BrokerError, RegistryCode, RegistryError, SchemaNotFound
from avroad.model import (
    ClusterState,
    ConfigEntry,
    ConfigSource,
    Dialect,
    Level,
    PartitionState,
    Reference,
    RegisteredSchema,
    SchemaText,
    TopicSpec,
    TopicState,
    Verdict,
)
from avroad.schema import Json, Named, fingerprint, parse

DEFAULTS = {
    "cleanup.policy": "delete",
    "retention.ms": "604800000",
    "retention.bytes": "-1",
    "min.insync.replicas": "1",
    "segment.ms": "604800000",
    "compression.type": "producer",
    "max.message.bytes": "1048588",
}
ACCIDENT, PLACE = "road.Accident", "road.Place"
PLACE_SUBJECT, ACCIDENT_SUBJECT = PLACE, "road.events-road.Accident"


class FakeCluster:
    """Topics as a broker keeps them: defaults under each topic's own settings."""

    def __init__(self, brokers: int = 1, cluster_id: str = "cluster-1") -> None:
        self.cluster_id, self.brokers = cluster_id, tuple(range(1, brokers + 1))
        self.topics: dict[str, tuple[int, int, dict[str, str], str]] = {}
        self.internal: set[str] = set()
        self.calls: Counter[str] = Counter()
        self.fail_on: str = ""
        self.made = 0

    def put(self, name: str, partitions: int = 1, replicas: int = 1, **config: str) -> None:
        self.made += 1
        own = {key.replace("_", "."): value for key, value in config.items()}
        self.topics[name] = (partitions, replicas, own, f"id-{self.made}")

    def observe(self, topics: Sequence[str] | None = None) -> ClusterState:
        self.calls["observe"] += 1
        found = {name: self._state(name, topics is None or name in topics) for name in self.topics}
        return ClusterState(cluster_id=self.cluster_id, brokers=self.brokers, topics=found)

    def _state(self, name: str, settings: bool) -> TopicState:
        partitions, replicas, own, topic_id = self.topics[name]
        config = {k: ConfigEntry(value=v, source=ConfigSource.DEFAULT) for k, v in DEFAULTS.items()}
        config |= {k: ConfigEntry(value=v, source=ConfigSource.TOPIC) for k, v in own.items()}
        nodes = self.brokers[:replicas]
        return TopicState(
            name=name,
            partitions=tuple(PartitionState(id=i, leader=1, replicas=nodes, isrs=nodes) for i in range(partitions)),
            config=config if settings else {},
            internal=name in self.internal,
            topic_id=topic_id,
        )

    def create_topics(
        self, specs: Sequence[TopicSpec], *, replication_factor: int, validate_only: bool = False
    ) -> None:
        self.calls["validate" if validate_only else "create"] += 1
        failed = ""
        for spec in specs:
            if spec.name == self.fail_on and not validate_only:
                failed = spec.name
            elif spec.name in self.topics:
                raise BrokerError(f"topic {spec.name} exists")
            elif not validate_only:
                self.made += 1
                self.topics[spec.name] = (spec.partitions, replication_factor, dict(spec.config), f"id-{self.made}")
        if failed:
            raise BrokerError(f"topic {failed}: policy violation")

    def add_partitions(self, totals: Mapping[str, int]) -> None:
        self.calls["add"] += 1
        for name, total in totals.items():
            partitions, replicas, own, topic_id = self.topics[name]
            if total <= partitions or name == self.fail_on:
                raise BrokerError(f"topic {name} has {partitions} partitions")
            self.topics[name] = (total, replicas, own, topic_id)

    def set_config(self, topic: str, changes: Mapping[str, str | None]) -> None:
        self.calls["config"] += 1
        if topic == self.fail_on:
            raise BrokerError(f"topic {topic}: not allowed")
        own = self.topics[topic][2]
        for key, value in changes.items():
            if value is None:
                own.pop(key, None)
            else:
                own[key] = value


class FakeRegistry:
    """A registry that compares texts, refuses what `conflicts` names, and may be as silent as Apicurio."""

    def __init__(self, *, silent: bool = False, levels_need_subject: bool = False) -> None:
        self.held: dict[str, list[RegisteredSchema]] = {}
        self.levels: dict[str, Level] = {}
        self.calls: Counter[str] = Counter()
        self.conflicts: dict[str, str] = {}
        self.silent, self.levels_need_subject = silent, levels_need_subject
        self.answers_old: bool = False
        self.address = "http://registry"
        self._lock = Lock()

    @property
    def name(self) -> str:
        return self.address

    def _count(self, call: str) -> None:
        with self._lock:
            self.calls[call] += 1

    def dialect(self) -> Dialect:
        return Dialect.APICURIO if self.silent else Dialect.CONFLUENT

    def subjects(self) -> tuple[str, ...]:
        self._count("subjects")
        return tuple(sorted(self.held))

    def versions(self, subject: str) -> tuple[int, ...]:
        self._count("versions")
        return tuple(item.version for item in self.held.get(subject, []))

    def version(self, subject: str, version: int | None = None) -> RegisteredSchema:
        self._count("version")
        for item in reversed(self.held.get(subject, [])):
            if version in (None, item.version):
                return item
        raise SchemaNotFound(f"{subject} {version}", code=RegistryCode.VERSION_NOT_FOUND, status=404)

    def latest_versions(self, subjects: tuple[str, ...]) -> dict[str, RegisteredSchema]:
        self._count("latest")
        return {name: self.held[name][-1] for name in subjects if self.held.get(name)}

    def by_id(self, schema_id: int) -> SchemaText:
        self._count("by_id")
        for item in self._all():
            if item.id == schema_id:
                return SchemaText(text=item.text, references=item.references)
        raise SchemaNotFound(str(schema_id), code=RegistryCode.SCHEMA_NOT_FOUND, status=404)

    def by_guid(self, guid: UUID) -> SchemaText:
        raise SchemaNotFound(str(guid), code=RegistryCode.SCHEMA_NOT_FOUND, status=404)

    def _all(self) -> list[RegisteredSchema]:
        return [item for items in self.held.values() for item in items]

    def subjects_of(self, schema_id: int) -> tuple[tuple[str, int], ...]:
        return tuple((item.subject, item.version) for item in self._all() if item.id == schema_id)

    def register(self, subject: str, text: str, references: tuple[Reference, ...] = ()) -> RegisteredSchema:
        self._count("register")
        if subject in self.conflicts:
            raise RegistryError("the schema is incompatible", status=409, found=self.conflicts[subject])
        items = self.held.setdefault(subject, [])
        for item in items:
            if self.answers_old or (item.text, item.references) == (text, references):
                return item
        made = RegisteredSchema(
            subject=subject,
            version=max((item.version for item in items), default=0) + 1,
            id=len(self._all()) + 1,
            text=text,
            references=references,
        )
        items.append(made)
        return made

    def check(self, subject: str, text: str, references: tuple[Reference, ...] = ()) -> Verdict:
        self._count("check")
        if self.silent and references:
            return Verdict(compatible=None)
        reason = self.conflicts.get(subject, "")
        return Verdict(compatible=not reason, reasons=(reason,) if reason else ())

    def level(self, subject: str | None = None) -> Level:
        self._count("level")
        return self.levels.get(subject or "", Level.BACKWARD)

    def own_level(self, subject: str) -> Level | None:
        self._count("own_level")
        return self.levels.get(subject)

    def set_level(self, subject: str | None, level: Level) -> None:
        self._count("set_level")
        if self.levels_need_subject and subject not in self.held:
            raise SchemaNotFound("no such subject", code=RegistryCode.SUBJECT_NOT_FOUND, status=404)
        self.levels[subject or ""] = level

    def close(self) -> None:
        self._count("close")


def place(*fields: Json, doc: str = "A place.") -> Json:
    """The shared type, with more fields when asked."""
    first: Json = {"name": "city", "type": "string"}
    return {"type": "record", "name": "Place", "namespace": "road", "doc": doc, "fields": [first, *fields]}


def accident(*fields: Json) -> Json:
    """The type that refers to the shared one."""
    own: list[Json] = [{"name": "id", "type": "string"}, {"name": "place", "type": "road.Place"}]
    return {"type": "record", "name": "Accident", "namespace": "road", "fields": [*own, *fields]}


OPTIONAL: Json = {"name": "note", "type": ["null", "string"], "default": None}
REQUIRED: Json = {"name": "lanes", "type": "int"}


def subjects(place_json: Json | None = None, accident_json: Json | None = None) -> tuple[DesiredSubject, ...]:
    """The two declared subjects, the shared type first."""
    shared_json = place() if place_json is None else place_json
    user_json = accident() if accident_json is None else accident_json
    shared = parse(shared_json)
    assert isinstance(shared, Named)
    user = parse(user_json, names={PLACE: shared})
    return (
        DesiredSubject(
            subject=PLACE_SUBJECT, type_name=PLACE, level=Level.BACKWARD_TRANSITIVE, text=json.dumps(shared_json),
            fingerprint=fingerprint(shared), schema=shared,
        ),
        DesiredSubject(
            subject=ACCIDENT_SUBJECT, type_name=ACCIDENT, level=Level.BACKWARD_TRANSITIVE, text=json.dumps(user_json),
            fingerprint=fingerprint(user), schema=user, references=((PLACE, PLACE_SUBJECT),), topic="road.events",
        ),
    )  # fmt: skip


def topic(name: str = "road.events", partitions: int = 6, **config: str) -> DesiredTopic:
    """A declared topic; config by keyword with underscores for dots."""
    own = {key.replace("_", "."): value for key, value in config.items()}
    return DesiredTopic(name=name, partitions=partitions, replication_factor=1, config=own, owner="team-roads")


def desired(
    topics: tuple[DesiredTopic, ...] = (), subjects: tuple[DesiredSubject, ...] = (), cluster_id: str = ""
) -> Desired:
    return Desired(environment="local", cluster_id=cluster_id, topics=topics, subjects=subjects)
