"""What the repository wants of a cluster and a registry, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from avroad.config import Environment
from avroad.contracts import Catalog
from avroad.model import Level
from avroad.schema import Schema

__all__ = ["Desired", "DesiredSubject", "DesiredTopic", "desired_state"]

_MIN_ISR: Final = "min.insync.replicas"


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredTopic:
    """One topic as it shall be. config: every setting the topic shall have of its own, values as Kafka text.

    keyed: records carry a key, so that adding partitions moves keys. derived_from: its source topic, or "".
    """

    name: str
    partitions: int
    replication_factor: int
    config: Mapping[str, str] = field(default_factory=dict)
    keyed: bool = True
    owner: str = ""
    derived_from: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredSubject:
    """One subject as it shall be. text: registerable JSON that names referenced types instead of declaring them.

    references: (full name of the type, subject it is registered under). topic: "" for a shared type.
    schema: the parsed text, for checks of our own; two values are equal by fingerprint, not by node.
    """

    subject: str
    type_name: str
    level: Level
    text: str
    fingerprint: str
    references: tuple[tuple[str, str], ...] = ()
    topic: str = ""
    schema: Schema | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """Everything declared for one environment; subjects stand after the subjects they refer to.

    cluster_id: the only cluster this environment may be applied to, "" when any is right.
    """

    environment: str
    cluster_id: str
    topics: tuple[DesiredTopic, ...]
    subjects: tuple[DesiredSubject, ...]


def desired_state(catalog: Catalog, environment: Environment) -> Desired:
    """Return what `catalog` declares, with the sizes that `environment` decides."""
    topics = [
        DesiredTopic(
            name=spec.name,
            partitions=spec.partitions,
            replication_factor=environment.replication_factor,
            config={_MIN_ISR: str(environment.min_insync_replicas), **spec.config},
            keyed=bool(spec.key_from or spec.dlq_of),
            owner=spec.owner,
            derived_from=spec.dlq_of,
        )
        for _, spec in sorted(catalog.topics.items())
    ]
    shared = {spec.type_name: spec.subject for spec in catalog.subjects if not spec.topic}
    subjects = [
        DesiredSubject(
            subject=spec.subject,
            type_name=spec.type_name,
            level=spec.level,
            text=catalog.types[spec.type_name].text,
            fingerprint=catalog.types[spec.type_name].fingerprint,
            references=tuple((name, shared.get(name, name)) for name in spec.references),
            topic=spec.topic,
            schema=catalog.types[spec.type_name].schema,
        )
        for spec in catalog.subjects
    ]
    return Desired(
        environment=environment.name,
        cluster_id=environment.cluster_id,
        topics=tuple(topics),
        subjects=tuple(subjects),
    )
