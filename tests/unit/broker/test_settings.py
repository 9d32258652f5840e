"""What librdkafka is told: the promises behind the owned settings, and what a user may change."""

from __future__ import annotations

import pytest

from avroad.broker.settings import admin_settings, sink_settings, source_settings
from avroad.errors import ConfigError, ExitCode

ADDRESS = {"bootstrap.servers": "k:9092"}


def test_a_sink_keeps_order_and_loses_nothing() -> None:
    settings = sink_settings(ADDRESS)
    assert (
        settings.items()
        >= {
            "bootstrap.servers": "k:9092",
            "enable.idempotence": "true",
            "partitioner": "murmur2_random",
            "compression.type": "zstd",
            "delivery.timeout.ms": "120000",
            "queue.buffering.max.messages": "100000",
            "queue.buffering.max.kbytes": "65536",
            "reconnect.backoff.ms": "50",
            "reconnect.backoff.max.ms": "1000",
            "socket.keepalive.enable": "true",
            "socket.connection.setup.timeout.ms": "10000",
            "allow.auto.create.topics": "false",
        }.items()
    )
    # acks, retries and in-flight requests are left to idempotence, which the client refuses to contradict.
    assert not settings.keys() & {"acks", "retries", "max.in.flight.requests.per.connection"}


def test_a_source_commits_only_what_it_is_told_and_never_jumps() -> None:
    settings = source_settings(ADDRESS, "g")
    assert (
        settings.items()
        >= {
            "group.id": "g",
            "enable.auto.commit": "false",
            "enable.auto.offset.store": "false",
            "auto.offset.reset": "error",
            "isolation.level": "read_committed",
            "check.crcs": "true",
            "group.protocol": "classic",
            "partition.assignment.strategy": "cooperative-sticky",
            "max.poll.interval.ms": "300000",
            "queued.max.messages.kbytes": "16384",
            "fetch.max.bytes": "16777216",
            "receive.message.max.bytes": "33554432",
            "topic.metadata.refresh.interval.ms": "60000",
            "reconnect.backoff.max.ms": "1000",
        }.items()
    )


def test_the_new_group_protocol_leaves_assignment_to_the_broker() -> None:
    settings = source_settings({"group.protocol": "consumer"}, "g")
    assert settings["group.protocol"] == "consumer"
    assert "partition.assignment.strategy" not in settings


def test_a_user_may_tune_and_may_repeat_what_is_owned() -> None:
    user = {"linger.ms": "50", "enable.idempotence": "TRUE", "compression.type": "lz4"}
    settings = sink_settings(user)
    assert (settings["linger.ms"], settings["compression.type"]) == ("50", "lz4")
    assert settings["enable.idempotence"] == "true"


def test_every_contradiction_is_reported_with_its_reason() -> None:
    user = {"enable.auto.commit": "true", "auto.offset.reset": "latest", "group.id": "mine", "fetch.min.bytes": "9"}
    with pytest.raises(ConfigError) as caught:
        source_settings(user, "g")
    error = caught.value
    assert error.exit_code is ExitCode.USAGE
    assert [(p.expected, p.found) for p in error.problems] == [
        ("enable.auto.commit=false", "enable.auto.commit=true"),
        ("auto.offset.reset=error", "auto.offset.reset=latest"),
        ("group.id=g", "group.id=mine"),
    ]
    assert all("otherwise" in problem.fix for problem in error.problems)
    with pytest.raises(ConfigError, match="Java producer"):
        sink_settings({"partitioner": "consistent"})


def test_an_administrator_needs_little() -> None:
    assert admin_settings({"bootstrap.servers": "k", "log_level": "7"}).items() >= {
        "bootstrap.servers": "k", "log_level": "7", "reconnect.backoff.max.ms": "1000",
    }.items()  # fmt: skip


@pytest.mark.parametrize("bad", ["\udcff", "a\0b"])
def test_text_that_would_end_the_process_never_reaches_the_client(bad: str) -> None:
    said = r"client\.id: expected UTF-8 text, found other bytes"
    with pytest.raises(ConfigError, match=said):
        sink_settings({**ADDRESS, "client.id": bad})
    with pytest.raises(ConfigError, match=said):
        source_settings({**ADDRESS, "client.id": bad}, "g")
    with pytest.raises(ConfigError, match=said):
        admin_settings({**ADDRESS, "client.id": bad})
    with pytest.raises(ConfigError, match=r"group\.id: expected UTF-8 text, found other bytes"):
        source_settings(ADDRESS, bad)
    with pytest.raises(ConfigError, match="expected UTF-8 text"):
        admin_settings({**ADDRESS, bad: "x"})
