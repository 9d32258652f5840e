"""What may stand under `kafka`: names, owned settings, bounds. librdkafka judges the rest when a client starts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from avroad.config.given import Given
from avroad.config.masking import shown_name, shown_value
from avroad.config.shape import did_you_mean
from avroad.errors import Problem

__all__ = ["FALSE", "TRUE", "kafka_problems", "unknown_setting"]

TRUE: Final = frozenset({"true", "t", "1"})
FALSE: Final = frozenset({"false", "f", "0"})
"""How librdkafka spells flags, in any case."""

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(\.[a-z0-9]+)*\Z")
_WHOLE: Final = re.compile(r"-?[0-9]{1,19}\Z")
_HOST_PORT: Final = re.compile(r"(?:[A-Z_]+://)?(?:\[[0-9A-Fa-f:.%a-z]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})\Z")
_HOST: Final = re.compile(r"[A-Za-z0-9._-]{1,80}")
_MAX_PORT: Final = 65535
_MAX_MS: Final = 2**31 - 1
_FRACTIONAL_MS: Final = frozenset({"linger.ms", "queue.buffering.max.ms"})
_MAX_IN_FLIGHT: Final = 5

_OWNED: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "acks": (frozenset({"all", "-1"}), "an acknowledged record must survive the loss of a broker"),
    "allow.auto.create.topics": (FALSE, "a typing error would create a topic; topics come from apply"),
    "auto.commit.interval.ms": (frozenset(), "avroad commits what was handled, when it was handled"),
    "auto.offset.reset": (frozenset({"error"}), "where to start is a flag of each consumer: --from"),
    "check.crcs": (TRUE, "damaged bytes would be handled as if they were right"),
    "delivery.report.only.error": (FALSE, "a send would never learn that it was acknowledged"),
    "enable.auto.commit": (FALSE, "offsets would be committed before their records are handled"),
    "enable.auto.offset.store": (FALSE, "offsets would be committed before their records are handled"),
    "enable.idempotence": (TRUE, "retries would duplicate and reorder records"),
    "enable.partition.eof": (FALSE, "the end of a partition is not a record"),
    "group.id": (frozenset(), "the group belongs to the application, not to the environment: --group"),
    "isolation.level": (frozenset({"read_committed"}), "records of aborted transactions would be handled"),
    "partitioner": (frozenset({"murmur2_random"}), "the same key would go to another partition than from Java clients"),
    "transactional.id": (frozenset(), "it belongs to the application instance, not to the environment"),
}
_JAVA: Final[Mapping[str, str]] = {
    "interceptor.classes": "it names Java classes",
    "key.deserializer": "it names a Java class",
    "key.serializer": "it names a Java class",
    "sasl.client.callback.handler.class": "it names a Java class",
    "sasl.jaas.config": "set sasl.username and sasl.password",
    "sasl.login.callback.handler.class": "set sasl.oauthbearer.method: oidc and its settings",
    "ssl.keystore.type": "ssl.keystore.location is PKCS#12 here; or set ssl.certificate.location and ssl.key.location",
    "ssl.truststore.location": "set ssl.ca.location to a PEM file",
    "ssl.truststore.password": "set ssl.ca.location to a PEM file",
    "ssl.truststore.type": "set ssl.ca.location to a PEM file",
    "value.deserializer": "it names a Java class",
    "value.serializer": "it names a Java class",
}
_COMMON: Final = (
    *_OWNED,
    *("bootstrap.servers", "broker.address.family", "client.dns.lookup", "client.id", "client.rack", "debug"),
    *("batch.size", "compression.type", "delivery.timeout.ms", "fetch.max.bytes", "fetch.min.bytes", "linger.ms"),
    *("group.instance.id", "group.protocol", "heartbeat.interval.ms", "max.in.flight.requests.per.connection"),
    *("max.poll.interval.ms", "message.max.bytes", "message.timeout.ms", "request.timeout.ms", "retries"),
    *("reconnect.backoff.max.ms", "reconnect.backoff.ms", "retry.backoff.max.ms", "retry.backoff.ms"),
    *("security.protocol", "session.timeout.ms", "socket.timeout.ms", "statistics.interval.ms"),
    *("sasl.mechanism", "sasl.mechanisms", "sasl.password", "sasl.username", "sasl.kerberos.keytab"),
    *("sasl.oauthbearer.client.id", "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config"),
    *("sasl.oauthbearer.method", "sasl.oauthbearer.scope", "sasl.oauthbearer.token.endpoint.url"),
    *("ssl.ca.location", "ssl.ca.pem", "ssl.certificate.location", "ssl.certificate.pem", "ssl.cipher.suites"),
    *("ssl.crl.location", "ssl.endpoint.identification.algorithm", "ssl.key.location", "ssl.key.password"),
    *("ssl.key.pem", "ssl.keystore.location", "ssl.keystore.password", "enable.ssl.certificate.verification"),
)
_ELSEWHERE: Final = ("registry.url", "registry.basic.auth.user.info", "registry.ssl.ca.location")
"""Settings that are none of the Kafka client's, and that a slip makes look like one."""
_NEAR: Final = 0.92


def kafka_problems(settings: Mapping[str, Given]) -> list[Problem]:
    """Return what is wrong with single settings, given by canonical name. Values of secrets are never shown."""
    problems: list[Problem] = []
    for name, given in settings.items():
        problem = _name_problem(given) or (
            _value_problem(name, given, given.value) if given.value is not None else None
        )
        if problem is not None:
            problems.append(problem)
    return problems


def unknown_setting(name: str) -> Problem:
    """Return the problem of a name that librdkafka does not know, with the closest one of those it does."""
    fix = did_you_mean(name, (*_COMMON, *_ELSEWHERE))
    return Problem(path=name, expected="a setting of librdkafka", found=shown_name(name), fix=fix)


def _name_problem(given: Given) -> Problem | None:
    name = given.name
    if name in _JAVA:
        return given.problem("a setting of librdkafka", f"{name} of the Java client", _JAVA[name])
    if name in _COMMON:
        return None
    fix = did_you_mean(name.replace("_", ".").lower(), (*_COMMON, *_ELSEWHERE), cutoff=_NEAR)
    # librdkafka knows more settings than stand here, so only a near miss or an impossible name is a problem.
    if fix or not _NAME.match(name):
        return given.problem("a setting of librdkafka", shown_name(name), fix)
    return None


def _value_problem(name: str, given: Given, value: str) -> Problem | None:
    if name in _OWNED:
        allowed, reason = _OWNED[name]
        if value.strip().lower() not in allowed:
            expected = f"{given.name} left to avroad" if not allowed else f"{given.name} {min(allowed, key=_length)}"
            return given.problem(expected, given.shown, reason)
        return None
    if name == "bootstrap.servers":
        return _servers_problem(given, value)
    if name == "max.in.flight.requests.per.connection":
        fits = _WHOLE.match(value) is not None and 1 <= int(value) <= _MAX_IN_FLIGHT
        reason = "idempotence keeps order for at most 5"
        return None if fits else given.problem("a whole number from 1 to 5", given.shown, reason)
    if name == "retries" and value.strip() == "0":
        return given.problem("at least one retry", '"0"', "idempotence needs retries")
    if name.endswith(".ms") and name not in _FRACTIONAL_MS:
        fits = _WHOLE.match(value) is not None and -1 <= int(value) <= _MAX_MS
        return None if fits else given.problem(f"milliseconds from -1 to {_MAX_MS}", given.shown)
    return None


def _length(word: str) -> tuple[int, str]:
    # The longest spelling first: `true` reads better than `t`.
    return -len(word), word


def _servers_problem(given: Given, value: str) -> Problem | None:
    expected = "host:port, separated by commas"
    if "@" in value:  # asked of the whole: a comma in a password would part it from its @
        return given.problem(expected, "an address with credentials in it", "set sasl.username and sasl.password")
    for server in (part.strip() for part in value.split(",")):
        match = _HOST_PORT.match(server)
        if match is None or not 1 <= int(match[1]) <= _MAX_PORT:
            fix = f"did you mean {server}:9092?" if _HOST.fullmatch(server) else ""
            return given.problem(expected, shown_value(server), fix)
    return None
