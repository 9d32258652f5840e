"""Consuming events: checked schemas, order per partition, commit after handle, dead letters for poison."""

from __future__ import annotations

from avroad.consumer.report import DoubtfulVersion, Event, Left, RunReport, StartupReport
from avroad.consumer.runner import Runner
from avroad.consumer.settings import RunnerSettings, Start, VersionPolicy
from avroad.consumer.snapshot import read_to_end

__all__ = [
    "DoubtfulVersion",
    "Event",
    "Left",
    "RunReport",
    "Runner",
    "RunnerSettings",
    "Start",
    "StartupReport",
    "VersionPolicy",
    "read_to_end",
]
