"""Why there is no answer: picked from what the client says in its callbacks and log, without secrets."""

from __future__ import annotations

import logging

import pytest
from confluent_kafka import KafkaError

from avroad.broker.notes import ClientNotes
from avroad.broker.sink import KafkaSink
from avroad.errors import BrokerError, BrokerUnavailable, ConfigError

TRANSPORT, DOWN = KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN
HOST = "127.0.0.1:9092"
REFUSED = f"{HOST}/bootstrap: Connect to ipv4#{HOST} failed: Connection refused (after 0ms in state CONNECT)"
SASL = (
    "sasl_ssl://127.0.0.1:9093/bootstrap: SASL authentication error: Authentication failed "
    "(after 300ms in state AUTH_REQ)"
)
TLS = (
    "ssl://k:9093/bootstrap: SSL handshake failed: certificate verify failed: broker certificate could not be verified"
)
NAME = "nowhere:9092/bootstrap: Failed to resolve 'nowhere:9092': Name or service not known"


def notes_of(*lines: str, bootstrap: str = "127.0.0.1:9092", **settings: str) -> ClientNotes:
    notes = ClientNotes({"bootstrap.servers": bootstrap, **{k.replace("_", "."): v for k, v in settings.items()}})
    for line in lines:
        notes.on_error(KafkaError(TRANSPORT, line))
    return notes


@pytest.mark.parametrize(
    ("line", "kind", "hint", "retriable", "hopeless"),
    [
        (REFUSED, "refused", "avroad stack up, or docker compose up -d (is Docker running?)", True, (False, True)),
        (SASL, "auth", "sasl.password", False, (True, True)),
        (TLS, "tls", "ssl.ca.location", False, (True, True)),
        (NAME, "name", "bootstrap.servers spelled right", True, (False, True)),
        ("k/1: Timed out ApiVersionRequest", "refused", "avroad stack up", True, (False, False)),
    ],
    ids=["refused", "password", "certificate", "name", "slow"],
)
def test_the_reason_and_the_next_step_are_in_the_message(
    line: str, kind: str, hint: str, retriable: bool, hopeless: tuple[bool, bool]
) -> None:
    notes = notes_of(line)
    error = notes.unavailable("list topics")
    assert notes.reason()[0] == kind
    assert str(error).startswith("cannot list topics: no answer from Kafka at 127.0.0.1:9092 (")
    assert hint in str(error)
    assert error.retriable is retriable
    assert isinstance(error, BrokerUnavailable if retriable else BrokerError)
    one_broker, every_broker = hopeless
    assert notes.hopeless() is one_broker
    notes.on_error(KafkaError(DOWN, "1/1 brokers are down"))
    assert notes.hopeless() is every_broker
    notes.answered()
    assert notes.hopeless() is one_broker


@pytest.mark.parametrize(("name", "fix"), [("nonsense", ""), ("linger", 'did you mean "linger.ms"?')])
def test_a_setting_the_client_does_not_know_is_named_with_a_near_one(name: str, fix: str) -> None:
    with pytest.raises(ConfigError, match="the Kafka client refuses its settings") as caught:
        KafkaSink({"bootstrap.servers": HOST, name: "1"})
    [problem] = caught.value.problems
    assert (problem.path, problem.expected, problem.found, problem.fix) == (
        name, "a setting of librdkafka", f'"{name}"', fix,
    )  # fmt: skip


def test_the_telling_line_wins_over_later_noise() -> None:
    notes = notes_of(SASL, REFUSED, REFUSED)
    notes.on_error(KafkaError(DOWN, "1/1 brokers are down"))
    assert notes.reason() == ("auth", "127.0.0.1:9093: SASL authentication error: Authentication failed")


def test_log_lines_count_as_well_and_lose_their_decoration() -> None:
    notes = notes_of()
    notes.logger.error("FAIL [rdkafka#producer-1] [thrd:127.0.0.1:1/bootstrap]: %s", REFUSED)
    assert notes.reason() == ("refused", "127.0.0.1:9092: Connect to ipv4#127.0.0.1:9092 failed: Connection refused")


def test_a_client_that_said_nothing_still_gives_a_message() -> None:
    assert notes_of().reason() == ("", "")
    assert "no answer from Kafka at (no bootstrap.servers)" in str(notes_of(bootstrap="").unavailable("commit"))
    assert not notes_of().hopeless()


def test_a_remote_cluster_is_not_ours_to_start() -> None:
    error = notes_of("k.example:9092/bootstrap: timed out", bootstrap="k.example:9092").unavailable("read")
    assert "avroad stack up" not in str(error)
    assert "can this machine reach it?" in str(error)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"debug": "user:canary-1@h"}, 'Invalid value "***" for configuration property "debug"'),
        ({"debug": "sasl.password canary-1"}, 'Invalid value "***" for configuration property "debug"'),
        ({"debug": "nonsense"}, 'Invalid value "nonsense" for configuration property "debug"'),
        ({"ssl.key.pem": "canary-1"}, "ssl.key.pem"),
        ({"client.id": " ", "debug": "nonsense"}, "the Kafka client refuses its settings: "),
    ],
)
def test_settings_the_client_refuses_are_not_repeated_where_they_may_hold_a_secret(
    settings: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        KafkaSink({"bootstrap.servers": HOST, "security.protocol": "ssl", **settings})
    assert said in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("name", ["sasl.oauthbearer.config", "ssl.key.pem", "sasl.password"])
def test_every_secret_is_one_for_messages_too(name: str) -> None:
    notes = ClientNotes({"bootstrap.servers": HOST, name: "canary-secret"})
    notes.logger.error("SASL authentication error: canary-secret refused")
    assert "canary" not in str(notes.unavailable("read"))


def test_secrets_never_reach_a_message() -> None:
    notes = notes_of("SASL authentication error: canary-secret refused", sasl_password="canary-secret")
    assert "canary" not in str(notes.unavailable("read"))
    assert "***" in str(notes.unavailable("read"))


def test_a_fatal_error_is_kept_for_good() -> None:
    notes = notes_of()
    notes.on_error(KafkaError(KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER, "sequence broken", True))
    for number in range(100):
        notes.on_error(KafkaError(TRANSPORT, f"noise {number}"))
    assert notes.fatal == "sequence broken"


def test_what_our_own_callbacks_raise_is_logged_and_is_no_reason(caplog: pytest.LogCaptureFixture) -> None:
    notes = notes_of()
    try:
        int("in a callback")
    except ValueError:
        notes.logger.exception("a delivery callback raised")
    assert [(record.levelname, record.message) for record in caplog.records if record.levelno >= logging.ERROR] == [
        ("ERROR", "a delivery callback raised")
    ]
    assert "in a callback" in caplog.text
    assert notes.reason() == ("", "")
