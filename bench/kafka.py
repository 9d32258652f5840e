"""The Kafka rows: typed produce, evolved consume and both together, every way against raw bytes and against peers.

What every way reads and writes is shown to be equal before anything is timed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from bench.clients import drain
from bench.cluster import Kafka, kafka
from bench.frameworks import frameworks
from bench.latency import latency_table
from bench.rounds import Candidate, Sample, Table, measure
from bench.shapes import digest
from bench.traffic import Traffic
from bench.ways import WAYS, Way

__all__ = ["KafkaEffort", "KafkaReport", "kafka_report"]

_RAW: Final = ("raw", "Confluent serdes")
_WHOLE: Final = ("raw, all parts", "Confluent serdes")
_ENDS: Final = ("Confluent serdes", "fastavro")
_WITH_ALL_PARTS: Final = "avroad platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaEffort:
    """How much is measured. sent, read, both: events per run of produce, consume and end to end.

    framework: most events of one run of a framework. latency_s: how long one run of the latency row takes.
    """

    rounds: int
    sent: int
    read: int
    both: int
    framework: int
    latency_rounds: int
    latency_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaReport:
    """What was found, on what, and with which versions of frameworks."""

    tables: tuple[Table, ...]
    cluster: str
    versions: Mapping[str, Mapping[str, str]]


class _Run:
    """All ways on one cluster."""

    def __init__(self, effort: KafkaEffort, cluster: Kafka, traffic: Traffic, others: Mapping[str, Way]) -> None:
        self._effort = effort
        self._cluster = cluster
        self._traffic = traffic
        self._others = frozenset(others)
        here = {name: make(traffic, cluster.bootstrap_servers) for name, make in WAYS.items()}
        self._ways: dict[str, Way] = {**here, **others}

    def check(self) -> None:
        """Show that every way writes the same payloads and reads the same events. Raises AssertionError."""
        count = min(self._effort.framework, 1000)
        decode = self._traffic.fast.decode(evolved=True)
        payloads = sorted(self._traffic.payloads[:count])
        for name, way in self._ways.items():
            topic = self._cluster.topic()
            way.produce(topic, count)
            written: list[Any] = []
            drain(self._cluster.bootstrap_servers, topic, count, lambda batch: written.extend(m.value() for m in batch))  # noqa: B023  # called before the next turn
            assert sorted(written) == payloads, f"{name} writes something else"
            seen: list[Any] = []
            way.consume(topic, count, seen)
            # A framework hands over the digest of what it read, raw ways hand over payloads.
            read = seen[0] if name in self._others else digest(decode(seen) if isinstance(seen[0], bytes) else seen)
            assert read == digest(decode(payloads)), f"{name} reads something else"

    def produce(self) -> Table:
        """Return what sending takes."""
        topics = {name: self._cluster.topic() for name in self._ways}

        def run(name: str) -> Sample:
            return self._ways[name].produce(topics[name], self._count(name, self._effort.sent))

        return self._measure("produce", "typed produce", _RAW, run)

    def consume(self) -> Table:
        """Return what reading takes: every way reads the same topic, frameworks a shorter one."""
        topics = {}
        for count in {self._effort.read, min(self._effort.read, self._effort.framework)}:
            topics[count] = self._cluster.topic()
            self._ways["raw"].produce(topics[count], count)

        def run(name: str) -> Sample:
            count = self._count(name, self._effort.read)
            return self._ways[name].consume(topics[count], count)

        return self._measure("consume", "typed consume of evolved events", _RAW, run)

    def both(self) -> Table:
        """Return what sending and then reading take together; each run has a topic of its own."""

        def run(name: str) -> Sample:
            topic, count = self._cluster.topic(), self._count(name, self._effort.both)
            sent, read = self._ways[name].produce(topic, count), self._ways[name].consume(topic, count)
            # Per event of each half, because the halves' clocks start at different events.
            wall_s = sent.wall_s / sent.events + read.wall_s / read.events
            return Sample(events=1, wall_s=wall_s, cpu_s=sent.cpu_s / sent.events + read.cpu_s / read.events)

        return self._measure("end to end", "produce, then consume evolved", _ENDS, run)

    def _count(self, name: str, count: int) -> int:
        return min(count, self._effort.framework) if name in self._others else count

    def _measure(self, name: str, title: str, bases: tuple[str, str], run: Callable[[str], Sample]) -> Table:
        candidates = [
            Candidate(
                name=way,
                bases=_WHOLE if way == _WITH_ALL_PARTS and bases == _RAW else bases,
                run=partial(run, way),
            )
            for way in self._ways
        ]
        return measure(name, title, candidates, clock="wall", rounds=self._effort.rounds)


def kafka_report(effort: KafkaEffort, pythons: Mapping[str, str], bootstrap_servers: str = "") -> KafkaReport:
    """Return the Kafka tables, measured on a mock cluster or on brokers that are there.

    pythons: interpreter by framework. Raises AssertionError when two ways do not agree.
    """
    traffic = Traffic(max(effort.sent, effort.read, effort.both))
    with (
        kafka(bootstrap_servers) as cluster,
        frameworks(pythons, cluster.bootstrap_servers, traffic.frame, effort.framework) as found,
    ):
        run = _Run(effort, cluster, traffic, found.running)
        run.check()
        tables = [run.produce(), run.consume(), run.both()]
        tables.append(latency_table(cluster, rounds=effort.latency_rounds, seconds=effort.latency_s))
        versions = {name: framework.versions for name, framework in found.running.items()}
        skipped = found.skipped
        kind = cluster.kind
    with_reasons = tuple(replace(table, skipped=skipped) for table in tables[:-1])
    return KafkaReport(tables=(*with_reasons, tables[-1]), cluster=kind, versions=versions)
