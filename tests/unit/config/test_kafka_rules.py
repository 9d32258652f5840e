"""Kafka settings: what avroad keeps to itself, what is out of bounds, and what is misspelt."""

from __future__ import annotations

import pytest

from tests.unit.config.conftest import EnvironmentProject


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("group.id: g", 'expected group.id left to avroad, found "g": the group belongs to the application, not to'),
        ("transactional.id: t", 'expected transactional.id left to avroad, found "t": it belongs to the application'),
        ("enable.auto.commit: true", 'expected enable.auto.commit false, found "true": offsets would be committed'),
        ("enable.auto.offset.store: 1", 'expected enable.auto.offset.store false, found "1": offsets would be'),
        ("enable.idempotence: false", 'expected enable.idempotence true, found "false": retries would duplicate'),
        ("acks: 1", 'expected acks all, found "1": an acknowledged record must survive'),
        ("request.required.acks: 0", 'expected request.required.acks all, found "0": an acknowledged record'),
        ("isolation.level: read_uncommitted", "expected isolation.level read_committed"),
        ("auto.offset.reset: latest", 'expected auto.offset.reset error, found "latest": where to start is a flag'),
        ("allow.auto.create.topics: true", 'expected allow.auto.create.topics false, found "true": a typing error'),
        ("partitioner: consistent_random", "expected partitioner murmur2_random"),
        ("delivery.report.only.error: T", 'expected delivery.report.only.error false, found "T": a send would never'),
        ("check.crcs: false", 'expected check.crcs true, found "false": damaged bytes'),
        ("max.in.flight: 6", 'expected a whole number from 1 to 5, found "6": idempotence keeps order for at most 5'),
        ("retries: 0", 'expected at least one retry, found "0": idempotence needs retries'),
    ],
)
def test_settings_the_platform_owns_are_refused_with_the_reason(
    project: EnvironmentProject, setting: str, message: str
) -> None:
    project.kafka(setting)
    (found,) = project.problems()
    assert message in found
    assert found.startswith("admin/environments/test.yaml:6 $.kafka")


@pytest.mark.parametrize(
    "setting",
    [
        "enable.auto.commit: false",
        "enable.idempotence: true",
        "enable.idempotence: TRUE",
        "acks: all",
        "acks: -1",
        "isolation.level: read_committed",
        "max.in.flight.requests.per.connection: 5",
        "partitioner: murmur2_random",
        "some.setting.of.a.newer.librdkafka: x",
        "queue.buffering.max.ms: 0.5",
        "linger.ms: 5.5",
        "debug: broker,security",
        "topic.metadata.refresh.interval.ms: -1",
        "session.timeout.ms: 2147483647",
    ],
)
def test_settings_that_pass_verbatim(project: EnvironmentProject, setting: str) -> None:
    project.kafka(setting)
    name, value = setting.split(": ")
    assert project.load().kafka[name].value == value.replace("TRUE", "true")


@pytest.mark.parametrize("value", ["2147483648", "-2", "1.5", "soon", "10s", "''"])
def test_milliseconds_fit_32_bits(project: EnvironmentProject, value: str) -> None:
    project.kafka(f"session.timeout.ms: {value}")
    (found,) = project.problems()
    assert "expected milliseconds from -1 to 2147483647, found" in found


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("bootstrap.server", "bootstrap.servers"),
        ("bootstrap_servers", "bootstrap.servers"),
        ("Client.ID", "client.id"),
        ("session.timeout.m", "session.timeout.ms"),
    ],
)
def test_a_near_miss_is_a_problem(project: EnvironmentProject, name: str, meant: str) -> None:
    project.kafka(f"{name}: x")
    (found,) = project.problems()
    assert f'expected a setting of librdkafka, found "{name}": did you mean "{meant}"?' in found


@pytest.mark.parametrize("name", ["a b", "Big.Name", "-x", "a..b", "a."])
def test_a_name_librdkafka_cannot_have(project: EnvironmentProject, name: str) -> None:
    project.kafka(f"'{name}': x")
    assert "test.yaml:6 $.kafka['" in project.problems()[0]
    assert "expected a setting of librdkafka" in project.problems()[0]


@pytest.mark.parametrize(
    "servers",
    [
        "h:9092",
        "h:9092,i:9093",
        "h:9092, i:9093",
        "10.0.0.1:1",
        "[::1]:9092",
        "SSL://h:9092",
        "kafka_1.example.org:65535",
    ],
)
def test_addresses(project: EnvironmentProject, servers: str) -> None:
    project.write(kafka=f"{{bootstrap.servers: '{servers}'}}")
    assert project.load().kafka["bootstrap.servers"].value == servers


@pytest.mark.parametrize(
    ("servers", "found"),
    [
        ("localhost", '"localhost": did you mean localhost:9092?'),
        ("h:0", '"h:0"'),
        ("h:65536", '"h:65536"'),
        ("h:9092,", '""'),
        ("http://h:9092/x", '"http://h:9092/x"'),
        ("h i:9092", "a value that is not shown, as it may hold a secret"),
        ("u:can,ary@h:9092", "an address with credentials in it"),
        ("", '""'),
        ("SASL_SSL://u:canary@h:9092", "an address with credentials in it"),
    ],
)
def test_addresses_that_are_none(project: EnvironmentProject, servers: str, found: str) -> None:
    project.write(kafka=f"{{bootstrap.servers: '{servers}'}}")
    (message,) = project.problems()
    assert f"expected host:port, separated by commas, found {found}" in message
    assert "canary" not in message
