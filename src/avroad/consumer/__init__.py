"""Consuming events: checked schemas, order per partition, commit after handle, dead letters for poison."""

from __future__ import annotations

from avroad.consumer.report import Event, Left, RunReport, StartupReport, UnreadableVersion
from avroad.consumer.runner import Runner
from avroad.consumer.settings import RunnerSettings, Start, Unreadable
from avroad.consumer.snapshot import read_to_end

__all__ = [
    "Event",
    "Left",
    "RunReport",
    "Runner",
    "RunnerSettings",
    "Start",
    "StartupReport",
    "Unreadable",
    "UnreadableVersion",
    "read_to_end",
]
