"""The Kafka benchmarks run on the mock cluster and every way agrees with the others. No time is asserted."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from bench import frameworks
from bench.cluster import kafka
from bench.kafka import KafkaEffort, kafka_report
from bench.traffic import Traffic
from bench.ways import WAYS, Codec

SMALLEST = KafkaEffort(rounds=1, sent=40, read=40, both=20, framework=30, latency_rounds=1, latency_s=0.05)


@pytest.mark.timeout(300)
def test_all_ways_are_measured_and_missing_frameworks_are_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frameworks, "FRAMEWORKS", ("absent", "broken"))
    report = kafka_report(SMALLEST, {"broken": sys.executable})
    assert [table.name for table in report.tables] == ["produce", "consume", "end to end", "latency"]
    for table in report.tables[:3]:
        assert [row.name for row in table.rows] == list(WAYS)
        assert table.skipped == {"absent": "not installed", "broken": "its process ended"}
        assert all(min(row.wall_us) > 0 for row in table.rows)
        assert all(base in table for row in table.rows for base in row.bases)
    assert report.cluster.startswith("librdkafka's mock cluster")


def test_a_way_that_reads_something_else_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(self: Codec, topic: str, count: int, seen: list[Any] | None = None) -> None:
        if seen is not None:
            seen.extend(self.traffic.objects[:count])

    monkeypatch.setattr(Codec, "consume", wrong)
    with pytest.raises(AssertionError, match="avroad codec reads something else"):
        kafka_report(SMALLEST, {})


def test_sending_counts_only_what_was_acknowledged() -> None:
    traffic = Traffic(20)
    with kafka() as cluster:
        topic = cluster.topic()
        assert cluster.topic() != topic
        sample = WAYS["avroad platform"](traffic, cluster.bootstrap_servers).produce(topic, 20)
        assert sample.events == 19, "the first one pays for the connection"
