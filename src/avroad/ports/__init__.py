"""Protocols between the behaviour floor and the edges; nothing of a client library shows through."""

from __future__ import annotations

from avroad.ports.broker import ClusterAdmin, RebalanceListener, RecordSink, RecordSource, TopicPartition
from avroad.ports.clock import Clock, SystemClock
from avroad.ports.hooks import Hook, OnConsumed, OnDeadLetter, OnDelivery
from avroad.ports.registry import Registry
from avroad.ports.scratch import ScratchAdmin, ScratchRegistry

__all__ = [
    "Clock",
    "ClusterAdmin",
    "Hook",
    "OnConsumed",
    "OnDeadLetter",
    "OnDelivery",
    "RebalanceListener",
    "RecordSink",
    "RecordSource",
    "Registry",
    "ScratchAdmin",
    "ScratchRegistry",
    "SystemClock",
    "TopicPartition",
]
