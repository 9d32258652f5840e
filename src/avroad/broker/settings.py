"""What avroad tells librdkafka: defaults a user may change, and settings that carry a promise and may not.

Source of the values: measurements of lost, duplicated, reordered and stalled records under the client's own
defaults; each owned key names the promise it carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from avroad.errors import ConfigError, Problem
from avroad.schema import not_utf8

__all__ = ["admin_settings", "sink_settings", "source_settings"]

_SHARED: Final[Mapping[str, str]] = {
    "reconnect.backoff.ms": "50",
    "reconnect.backoff.max.ms": "1000",
    "socket.keepalive.enable": "true",
    "socket.connection.setup.timeout.ms": "10000",
    "allow.auto.create.topics": "false",
    "log_level": "4",
}
_SINK: Final[Mapping[str, str]] = {
    **_SHARED,
    "delivery.timeout.ms": "120000",
    "linger.ms": "10",
    "compression.type": "zstd",
    "batch.size": "524288",
    "queue.buffering.max.messages": "100000",
    "queue.buffering.max.kbytes": "65536",
    # One record may be as large as its topic allows; the publisher refuses larger ones itself, with a better message.
    "message.max.bytes": "16777216",
}
_SOURCE: Final[Mapping[str, str]] = {
    **_SHARED,
    "group.protocol": "classic",
    "max.poll.interval.ms": "300000",
    "queued.max.messages.kbytes": "16384",
    "fetch.max.bytes": "16777216",
    "receive.message.max.bytes": "33554432",
    "topic.metadata.refresh.interval.ms": "60000",
}
_SINK_OWNED: Final[Mapping[str, tuple[str, str]]] = {
    "enable.idempotence": ("true", "records would be duplicated and reordered by retries"),
    "partitioner": ("murmur2_random", "a key would go to another partition than a Java producer chooses"),
    "allow.auto.create.topics": ("false", "a typing error would create a topic; topics come from apply"),
    "delivery.report.only.error": ("false", "a send would never learn that it was acknowledged"),
}
_SOURCE_OWNED: Final[Mapping[str, tuple[str, str]]] = {
    "enable.auto.commit": ("false", "offsets would be committed before their records are handled"),
    "enable.auto.offset.store": ("false", "offsets would be committed before their records are handled"),
    "isolation.level": ("read_committed", "records of aborted transactions would be handled"),
    "auto.offset.reset": ("error", "records would be skipped or repeated without anybody knowing"),
    "check.crcs": ("true", "bytes damaged on the way would be handled as if they were right"),
    "enable.partition.eof": ("false", "the end of a partition is not a record"),
    "allow.auto.create.topics": ("false", "a typing error would create a topic; topics come from apply"),
}
_COOPERATIVE: Final = ("cooperative-sticky", "partitions would be taken from every member at each change of the group")


def sink_settings(user: Mapping[str, str]) -> dict[str, str]:
    """Return producer settings: defaults, over them the user's, over all what the promises need.

    Raises ConfigError naming every setting of the user that contradicts an owned one.
    """
    return _merge(_SINK, user, _SINK_OWNED)


def source_settings(user: Mapping[str, str], group: str) -> dict[str, str]:
    """Return consumer settings for a group; the same rules as `sink_settings`.

    `group.protocol=consumer` leaves the assignment strategy to the broker.
    """
    owned: dict[str, tuple[str, str]] = dict(_SOURCE_OWNED)
    owned["group.id"] = (group, "the group is part of the application, not of the environment")
    if user.get("group.protocol", "classic") == "classic":
        owned["partition.assignment.strategy"] = _COOPERATIVE
    return _merge(_SOURCE, user, owned)


def admin_settings(user: Mapping[str, str]) -> dict[str, str]:
    """Return administrator settings: shared defaults under the user's."""
    _require_text(user)
    return {**_SHARED, **user}


def _require_text(settings: Mapping[str, str]) -> None:
    """The client ends the whole process on text that is not UTF-8, and reads no further than a zero."""
    problems = tuple(
        Problem(path=key if not_utf8(key) is None else "", expected="UTF-8 text", found="other bytes")
        for key, value in settings.items()
        if not_utf8([key, value]) is not None or "\0" in key + value
    )
    if problems:
        raise ConfigError("the Kafka client cannot be given these settings", problems=problems)


def _merge(
    defaults: Mapping[str, str], user: Mapping[str, str], owned: Mapping[str, tuple[str, str]]
) -> dict[str, str]:
    problems = tuple(
        Problem(expected=f"{key}={value}", found=f"{key}={user[key]}", fix=f"remove it: otherwise {reason}")
        for key, (value, reason) in owned.items()
        if key in user and user[key].strip().lower() != value.lower()
    )
    if problems:
        raise ConfigError("settings that avroad owns cannot be changed", problems=problems)
    _require_text({**user, **{key: value for key, (value, _) in owned.items()}})
    return {**defaults, **user, **{key: value for key, (value, _) in owned.items()}}
