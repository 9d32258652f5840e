"""Kafka through confluent-kafka as raw bytes: a sink, a source, an administrator. Importing it loads the client."""

from __future__ import annotations

from collections.abc import Mapping

from avroad.broker.admin import KafkaAdmin
from avroad.broker.sink import KafkaSink
from avroad.broker.source import KafkaSource
from avroad.ports import ScratchAdmin

__all__ = ["KafkaAdmin", "KafkaSink", "KafkaSource", "open_admin", "open_sink", "open_source"]


def open_sink(kafka_config: Mapping[str, str]) -> KafkaSink:
    """Return a producer of raw records. Nothing is contacted yet. Raises ConfigError."""
    return KafkaSink(kafka_config)


def open_source(kafka_config: Mapping[str, str], group: str) -> KafkaSource:
    """Return a consumer of raw records; without a group ("") it can only be assigned. Raises ConfigError."""
    return KafkaSource(kafka_config, group)


def open_admin(kafka_config: Mapping[str, str]) -> ScratchAdmin:
    """Return a cluster administrator. Nothing is contacted yet. Raises ConfigError."""
    return KafkaAdmin(kafka_config)
