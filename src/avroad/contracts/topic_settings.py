"""Kafka's topic settings: which exist, what values they take, which no declaration has, and how long data stay.

Source: Apache Kafka 4.3, topic-level configurations.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from avroad.config.shape import did_you_mean

__all__ = ["DEFAULT_MAX_MESSAGE_BYTES", "Retention", "is_compacted", "retention", "setting_problem"]

DEFAULT_MAX_MESSAGE_BYTES: Final = 1_048_588
"""The broker's `message.max.bytes` when a topic sets none."""

_SEGMENT_MS: Final = 604_800_000
"""The broker's default of segment.ms."""
_UNITS: Final = ((86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1_000, "second"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long a topic keeps a record.

    ms: as declared, negative for ever, None when nothing is declared and so the broker's default holds; longest_ms:
    the age at which a record is gone for certain, None when there is none; words: all of it as a part of a sentence.
    """

    ms: int | None
    longest_ms: int | None
    words: str

    @property
    def forever(self) -> bool:
        """Whether old data stay until somebody replaces them."""
        return self.ms is not None and self.ms < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """A whole number from low to high, a fraction from 0 to 1, a flag, or one of some words."""

    kind: str
    low: int = 0
    high: int = 2**63 - 1
    words: tuple[str, ...] = ()


_LONG: Final = _Rule(kind="whole")
_LONG_OR_NONE: Final = _Rule(kind="whole", low=-1)
_LOCAL: Final = _Rule(kind="whole", low=-2)
_INT: Final = _Rule(kind="whole", high=2**31 - 1)
_FLAG: Final = _Rule(kind="flag")
_RULES: Final[Mapping[str, _Rule]] = {
    "cleanup.policy": _Rule(kind="words", words=("delete", "compact", "compact,delete")),
    "compression.gzip.level": _Rule(kind="whole", low=-1, high=9),
    "compression.lz4.level": _Rule(kind="whole", low=1, high=17),
    "compression.type": _Rule(kind="words", words=("producer", "uncompressed", "zstd", "lz4", "snappy", "gzip")),
    "compression.zstd.level": _Rule(kind="whole", low=-131072, high=22),
    "delete.retention.ms": _LONG,
    "file.delete.delay.ms": _LONG,
    "flush.messages": _Rule(kind="whole", low=1),
    "flush.ms": _LONG,
    "index.interval.bytes": _INT,
    "local.retention.bytes": _LOCAL,
    "local.retention.ms": _LOCAL,
    "max.compaction.lag.ms": _Rule(kind="whole", low=1),
    "max.message.bytes": _INT,
    "message.timestamp.after.max.ms": _LONG,
    "message.timestamp.before.max.ms": _LONG,
    "message.timestamp.type": _Rule(kind="words", words=("CreateTime", "LogAppendTime")),
    "min.cleanable.dirty.ratio": _Rule(kind="fraction"),
    "min.compaction.lag.ms": _LONG,
    "preallocate": _FLAG,
    "remote.log.copy.disable": _FLAG,
    "remote.log.delete.on.disable": _FLAG,
    "remote.storage.enable": _FLAG,
    "retention.bytes": _LONG_OR_NONE,
    "retention.ms": _LONG_OR_NONE,
    "segment.bytes": _Rule(kind="whole", low=1024 * 1024, high=2**31 - 1),
    "segment.index.bytes": _Rule(kind="whole", low=4, high=2**31 - 1),
    "segment.jitter.ms": _LONG,
    "segment.ms": _Rule(kind="whole", low=1),
    "unclean.leader.election.enable": _FLAG,
}
_REFUSED: Final[Mapping[str, str]] = {
    "min.insync.replicas": "it differs per environment: set min_insync_replicas in admin/environments",
    "replication.factor": "it differs per environment: set replication_factor in admin/environments",
    "partitions": "it stands beside config, not inside",
    "num.partitions": "set partitions beside config",
    "follower.replication.throttled.replicas": "it belongs to a reassignment in progress, not to the topic",
    "leader.replication.throttled.replicas": "it belongs to a reassignment in progress, not to the topic",
    "message.downconversion.enable": "Kafka 4.0 removed it",
    "message.format.version": "Kafka 4.0 removed it",
    "message.timestamp.difference.max.ms": "Kafka 4.0 replaced it by message.timestamp.before.max.ms and .after.max.ms",
}
_WHOLE: Final = re.compile(r"-?(0|[1-9][0-9]{0,18})\Z")
_FRACTION: Final = re.compile(r"(0(\.[0-9]{1,17})?|1(\.0{1,17})?)\Z")


def setting_problem(name: str, value: str) -> tuple[str, str, str] | None:
    """Return (expected, found, fix) when a topic cannot be declared with this setting, else None.

    value: the setting as Kafka text.
    """
    if name in _REFUSED:
        return f"no {name} in a topic declaration", value[:80], _REFUSED[name]
    rule = _RULES.get(name)
    if rule is None:
        fix = did_you_mean(name, _RULES, cutoff=0.7) or did_you_mean(name.replace("_", "."), _RULES, cutoff=0.7)
        return "a topic setting of Kafka", f'"{name[:80]}"', fix
    if name == "unclean.leader.election.enable" and value == "true":
        return "no unclean leader election", "true", "it loses records that were acknowledged"
    expected = _expectation(rule, value)
    fix = did_you_mean(value, rule.words) if expected else ""
    return (expected, f'"{value[:80]}"', fix) if expected else None


def is_compacted(config: Mapping[str, str]) -> bool:
    """Say whether records of an older version of a key may be removed."""
    return "compact" in config.get("cleanup.policy", "delete").split(",")


def retention(config: Mapping[str, str]) -> Retention:
    """Return how long a topic with these settings keeps a record.

    A record outlives retention.ms until the segment it lies in is rolled and the newest record in it is old enough.
    """
    policy = config.get("cleanup.policy", "delete").split(",")
    if "delete" not in policy:
        return Retention(ms=-1, longest_ms=None, words="for ever: the newest record of each key (compacted)")
    if "retention.ms" not in config:
        return Retention(ms=None, longest_ms=None, words="as long as the broker's default says (no retention.ms here)")
    ms = int(config["retention.ms"])
    if ms < 0:
        return Retention(ms=ms, longest_ms=None, words="for ever (retention.ms is -1)")
    longest_ms = ms + int(config.get("segment.ms", _SEGMENT_MS))
    words = f"for {_span(ms)} (retention.ms), at most {_span(longest_ms)} until their segment is rolled"
    return Retention(ms=ms, longest_ms=longest_ms, words=words)


def _span(ms: int) -> str:
    """Return a time in the largest unit of which there is one at least."""
    size, unit = next(((size, unit) for size, unit in _UNITS if ms >= size), _UNITS[-1])
    number = f"{ms / size:.3g}"
    return f"{number} {unit}" if number == "1" else f"{number} {unit}s"


def _expectation(rule: _Rule, value: str) -> str:
    """Return what the value should be, "" when it is."""
    if rule.kind == "flag":
        return "" if value in {"true", "false"} else "true or false"
    if rule.kind == "fraction":
        return "" if _FRACTION.match(value) else "a fraction from 0 to 1"
    if rule.kind == "whole":
        fits = _WHOLE.match(value) is not None and rule.low <= int(value) <= rule.high
        return "" if fits else f"a whole number from {rule.low} to {rule.high}"
    return "" if value in rule.words else f"one of {'; '.join(rule.words)}"
