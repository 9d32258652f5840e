"""Kafka's topic settings: names, values, and those that do not belong into a declaration."""

from __future__ import annotations

import pytest

from avroad.contracts.topic_settings import is_compacted, setting_problem


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cleanup.policy", "compact,delete"),
        ("retention.ms", "-1"),
        ("retention.ms", "9223372036854775807"),
        ("retention.bytes", "-1"),
        ("local.retention.ms", "-2"),
        ("max.message.bytes", "1048576"),
        ("min.cleanable.dirty.ratio", "0.5"),
        ("min.cleanable.dirty.ratio", "1"),
        ("min.cleanable.dirty.ratio", "0"),
        ("compression.type", "zstd"),
        ("compression.zstd.level", "-5"),
        ("message.timestamp.type", "LogAppendTime"),
        ("preallocate", "true"),
        ("unclean.leader.election.enable", "false"),
        ("segment.bytes", "1048576"),
    ],
)
def test_settings_kafka_takes(name: str, value: str) -> None:
    assert setting_problem(name, value) is None


@pytest.mark.parametrize(
    ("name", "value", "expected", "fix"),
    [
        ("retention", "5", "a topic setting of Kafka", 'did you mean "retention.ms"?'),
        ("retention_ms", "5", "a topic setting of Kafka", 'did you mean "retention.ms"?'),
        ("walrus", "5", "a topic setting of Kafka", ""),
        ("bootstrap.servers", "h:1", "a topic setting of Kafka", ""),
        ("retention.ms", "-2", "a whole number from -1 to 9223372036854775807", ""),
        ("retention.ms", "9223372036854775808", "a whole number from -1 to 9223372036854775807", ""),
        ("retention.ms", "7d", "a whole number from -1 to 9223372036854775807", ""),
        ("retention.ms", "1_000", "a whole number from -1 to 9223372036854775807", ""),
        ("retention.ms", "0x10", "a whole number from -1 to 9223372036854775807", ""),
        ("retention.ms", "01", "a whole number from -1 to 9223372036854775807", ""),
        ("retention.ms", "1e6", "a whole number from -1 to 9223372036854775807", ""),
        ("retention.ms", "", "a whole number from -1 to 9223372036854775807", ""),
        ("max.message.bytes", "2147483648", "a whole number from 0 to 2147483647", ""),
        ("segment.bytes", "14", "a whole number from 1048576 to 2147483647", ""),
        ("min.cleanable.dirty.ratio", "1.5", "a fraction from 0 to 1", ""),
        ("min.cleanable.dirty.ratio", "-0.1", "a fraction from 0 to 1", ""),
        ("preallocate", "yes", "true or false", ""),
        ("cleanup.policy", "compacted", "one of delete; compact; compact,delete", 'did you mean "compact"?'),
        ("cleanup.policy", "delete,compact", "one of delete; compact; compact,delete", 'did you mean "delete"?'),
        ("compression.type", "ZSTD", "one of producer; uncompressed; zstd; lz4; snappy; gzip", 'did you mean "zstd"?'),
        ("message.timestamp.type", "createtime", "one of CreateTime; LogAppendTime", 'did you mean "CreateTime"?'),
    ],
)
def test_settings_kafka_would_refuse(name: str, value: str, expected: str, fix: str) -> None:
    found = setting_problem(name, value)
    assert found is not None
    assert found[0] == expected
    if fix:
        assert fix.split('"', maxsplit=1)[0] in found[2]
    assert found[1] == (f'"{name}"' if expected == "a topic setting of Kafka" else f'"{value}"')


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("min.insync.replicas", "it differs per environment: set min_insync_replicas in admin/environments"),
        ("partitions", "it stands beside config, not inside"),
        ("message.format.version", "Kafka 4.0 removed it"),
        ("leader.replication.throttled.replicas", "it belongs to a reassignment in progress, not to the topic"),
    ],
)
def test_settings_that_belong_elsewhere(name: str, reason: str) -> None:
    assert setting_problem(name, "1") == (f"no {name} in a topic declaration", "1", reason)


def test_unclean_election_is_refused() -> None:
    found = setting_problem("unclean.leader.election.enable", "true")
    assert found == ("no unclean leader election", "true", "it loses records that were acknowledged")


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, False),
        ({"cleanup.policy": "delete"}, False),
        ({"cleanup.policy": "compact"}, True),
        ({"cleanup.policy": "compact,delete"}, True),
    ],
)
def test_compaction(config: dict[str, str], *, expected: bool) -> None:
    assert is_compacted(config) is expected
