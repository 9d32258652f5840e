"""Values observed on a Kafka cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["ClusterState", "ConfigEntry", "ConfigSource", "PartitionState", "TopicState"]


class ConfigSource(StrEnum):
    """Where a topic setting comes from; only TOPIC was set on the topic itself."""

    TOPIC = "topic"
    BROKER = "broker"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigEntry:
    """One topic setting in force; value is None when the broker hides it."""

    value: str | None
    source: ConfigSource


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionState:
    """Broker ids of one partition; leader is -1 when there is none."""

    id: int
    leader: int
    replicas: tuple[int, ...] = ()
    isrs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicState:
    """One topic as it is. topic_id: the cluster's UUID of the topic as text, "" when not reported."""

    name: str
    partitions: tuple[PartitionState, ...]
    config: Mapping[str, ConfigEntry] = field(default_factory=dict)
    internal: bool = False
    topic_id: str = ""

    @property
    def replication_factor(self) -> int:
        """Replicas of the first partition, 0 without partitions."""
        return len(self.partitions[0].replicas) if self.partitions else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterState:
    """One observation of a cluster: its id, broker ids, and topics by name."""

    cluster_id: str
    brokers: tuple[int, ...]
    topics: Mapping[str, TopicState]
