"""Frozen values that cross floors: what is declared, what is observed, what travels."""

from __future__ import annotations

from avroad.model.cluster import ClusterState, ConfigEntry, ConfigSource, PartitionState, TopicState
from avroad.model.contract import Framing, Level, SubjectStrategy, TopicSpec
from avroad.model.record import Delivery, Headers, Outcome, OutgoingRecord, Record
from avroad.model.registry import Dialect, Reference, RegisteredSchema, SchemaText, Verdict

__all__ = [
    "ClusterState",
    "ConfigEntry",
    "ConfigSource",
    "Delivery",
    "Dialect",
    "Framing",
    "Headers",
    "Level",
    "Outcome",
    "OutgoingRecord",
    "PartitionState",
    "Record",
    "Reference",
    "RegisteredSchema",
    "SchemaText",
    "SubjectStrategy",
    "TopicSpec",
    "TopicState",
    "Verdict",
]
