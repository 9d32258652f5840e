"""Declared topics against observed ones: creations, settings compared by source, partitions and replication."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from avroad.admin.actual import Actual
from avroad.admin.desired import DesiredTopic
from avroad.admin.plan import Refusal, RefusalKind
from avroad.admin.settings import is_compacted, is_operational, risk_of, same_value
from avroad.admin.topic_changes import AddPartitions, CreateTopic, SetConfig, SettingChange
from avroad.model import ConfigEntry, ConfigSource, TopicState

__all__ = ["TopicDiff", "diff_topics", "moved_share"]

_POLICY = "cleanup.policy"
_MIN_ISR = "min.insync.replicas"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicDiff:
    """The topics' part of a plan."""

    changes: tuple[CreateTopic | AddPartitions | SetConfig, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[str, ...] = ()


def diff_topics(topics: Sequence[DesiredTopic], actual: Actual, allowed: Mapping[str, str]) -> TopicDiff:
    """Return creations first, then partitions, then settings, each in the order of `topics`.

    allowed: reason by topic whose partitions may be raised.
    """
    known = frozenset(name for state in actual.topics.values() for name in state.config)
    work = _Work(actual=actual, allowed=allowed, defaults=_broker_defaults(actual), known=known)
    for topic in topics:
        state = actual.topics.get(topic.name)
        if state is None:
            work.create(topic)
        elif state.internal:
            work.refuse(RefusalKind.SETTING, topic.name, "it is an internal topic of the cluster", "Use another name.")
        else:
            work.partitions(topic, state)
            work.replication(topic, state)
            work.settings(topic, state)
    return TopicDiff(
        changes=(*work.creations, *work.additions, *work.configs),
        refusals=tuple(work.refusals),
        warnings=tuple(work.warnings),
    )


def moved_share(old: int, new: int) -> float:
    """Return the share of keys whose partition changes when `hash modulo old` becomes `hash modulo new`.

    Exact for evenly spread hashes: in each stretch of lcm(old, new) hashes, `old` of them keep their partition.
    """
    return 1 - old / math.lcm(old, new)


@dataclass(slots=True, kw_only=True)
class _Work:
    actual: Actual
    allowed: Mapping[str, str]
    defaults: Mapping[str, str]
    known: frozenset[str]
    creations: list[CreateTopic] = field(default_factory=list)
    additions: list[AddPartitions] = field(default_factory=list)
    configs: list[SetConfig] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def refuse(self, kind: RefusalKind, target: str, found: str, hint: str) -> None:
        self.refusals.append(Refusal(kind=kind, target=target, found=found, hint=hint))

    def create(self, topic: DesiredTopic) -> None:
        brokers, copies = len(self.actual.brokers), topic.replication_factor
        isr = topic.config.get(_MIN_ISR, "1")
        if brokers and copies > brokers:
            found = f"replication factor {copies} needs {copies} brokers, the cluster has {brokers}"
            hint = "Set replication_factor in the environment file, or start more brokers."
            self.refuse(RefusalKind.REPLICATION, topic.name, found, hint)
        elif isr.isdecimal() and int(isr) > copies:
            found = f"min.insync.replicas {isr} exceeds replication factor {copies}: no write could succeed"
            self.refuse(RefusalKind.REPLICATION, topic.name, found, "Lower min_insync_replicas or add replicas.")
        elif any(self._unknown(topic, key) for key in topic.config):
            return
        else:
            self.creations.append(
                CreateTopic(
                    topic=topic.name,
                    partitions=topic.partitions,
                    replication_factor=copies,
                    config=dict(sorted(topic.config.items())),
                    owner=topic.owner,
                )
            )

    def _unknown(self, topic: DesiredTopic, key: str) -> bool:
        """Refuse to create with a setting no topic of this cluster has; unknowable on a cluster without topics."""
        if not self.known or key in self.known:
            return False
        close = difflib.get_close_matches(key, sorted(self.known), n=1)
        hint = f"Did you mean {close[0]}?" if close else "Is it a setting of a newer Kafka?"
        self.refuse(RefusalKind.SETTING, topic.name, f"the cluster knows no topic setting {key}", hint)
        return True

    def partitions(self, topic: DesiredTopic, state: TopicState) -> None:
        have, want = len(state.partitions), topic.partitions
        if want == have:
            return
        if want < have:
            found = f"partitions {have} -> {want}: Kafka cannot remove partitions without losing their records"
            hint = f"Declare {have}, or declare a new topic with {want} and copy the records."
            self.refuse(RefusalKind.PARTITIONS, topic.name, found, hint)
            return
        effect = _key_effect(topic, have, want)
        owner = topic.derived_from or topic.name  # a derived topic grows with its source, by the same allowance
        reason = self.allowed.get(topic.name) or self.allowed.get(owner, "")
        if self._compacted(topic, state):
            found = f"partitions {have} -> {want}: the topic is compacted, and the old value of every moved key stays"
            hint = f"Declare {have}, or declare a new topic with {want} and copy the records."
            self.refuse(RefusalKind.PARTITIONS, topic.name, found, hint)
        elif not reason:
            hint = f"Allow it with: --allow-partitions {owner}=REASON, or declare a new topic and copy."
            found = f"partitions {have} -> {want}: {effect or 'this cannot be undone'}"
            self.refuse(RefusalKind.PARTITIONS, topic.name, found, hint)
        else:
            self.additions.append(AddPartitions(topic=topic.name, old=have, new=want, reason=reason, effect=effect))

    def _compacted(self, topic: DesiredTopic, state: TopicState) -> bool:
        entry = state.config.get(_POLICY)
        now = entry.value or "" if entry else ""
        return is_compacted(now) or is_compacted(topic.config.get(_POLICY, ""))

    def replication(self, topic: DesiredTopic, state: TopicState) -> None:
        have, want = state.replication_factor, topic.replication_factor
        if have and have != want:
            self.warnings.append(
                f"topic {topic.name}: replication factor is {have}, declared {want}; "
                "only a partition reassignment changes it, so this plan does not"
            )
        isr = topic.config.get(_MIN_ISR, "")
        if have and isr.isdecimal() and int(isr) > have:
            found = f"min.insync.replicas {isr} exceeds its replication factor {have}: no write could succeed"
            hint = "Reassign the partitions to more brokers first, or lower min_insync_replicas."
            self.refuse(RefusalKind.REPLICATION, topic.name, found, hint)

    def settings(self, topic: DesiredTopic, state: TopicState) -> None:
        if not state.config:
            self.warnings.append(f"topic {topic.name}: its settings could not be read, so they were not compared")
            return
        changes: list[SettingChange] = []
        for key, value in sorted(topic.config.items()):
            entry = state.config.get(key)
            if entry is None:
                self.warnings.append(f"topic {topic.name}: this cluster knows no setting {key}; it is not applied")
            elif not same_value(key, entry.value, value):
                changes.append(_change(key, entry, value))
        for key, entry in sorted(state.config.items()):
            if entry.source is ConfigSource.TOPIC and key not in topic.config and not is_operational(key):
                changes.append(self._removal(key, entry))
        if changes:
            self.configs.append(SetConfig(topic=topic.name, settings=tuple(sorted(changes, key=lambda c: c.key))))

    def _removal(self, key: str, entry: ConfigEntry) -> SettingChange:
        default = self.defaults.get(key)
        destructive, caution = risk_of(key, entry.value, default)
        return SettingChange(
            key=key, old=entry.value, new=None, default=default or "", destructive=destructive, caution=caution
        )


def _change(key: str, entry: ConfigEntry, value: str) -> SettingChange:
    destructive, caution = risk_of(key, entry.value, value)
    return SettingChange(
        key=key,
        old=entry.value,
        new=value,
        own=entry.source is ConfigSource.TOPIC,
        destructive=destructive,
        caution=caution,
    )


def _key_effect(topic: DesiredTopic, have: int, want: int) -> str:
    if not topic.keyed:
        return ""
    share = moved_share(have, want)
    return (
        f"about {share:.0%} of the keys move to another partition, so old and new records of one key "
        "are read in no fixed order"
    )


def _broker_defaults(actual: Actual) -> dict[str, str]:
    """What applies where a topic sets nothing, as far as any observed topic shows it."""
    defaults: dict[str, str] = {}
    for state in actual.topics.values():
        for key, entry in state.config.items():
            if entry.source is not ConfigSource.TOPIC and entry.value is not None:
                defaults[key] = entry.value
    return defaults
