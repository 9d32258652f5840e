"""Which incarnation of a topic is read: a topic that was deleted and made again has another id under its old name.

Nothing else tells: where the new topic is already longer than the old position, the client reads on from there and
the records before it are never seen. Committed offsets carry the id, for a group that comes back later.
Source: KIP-516 (topic ids, since Kafka 2.8); older brokers tell no id, and nothing is compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from avroad.broker.admin import KafkaAdmin
from avroad.errors import TopicRecreated

__all__ = ["Incarnations"]

_STAMP: Final = "avroad.topic_id="


class Incarnations:
    """Topic ids of one source, remembered from the first look; a client of its own asks, because consumers cannot."""

    def __init__(self, settings: Mapping[str, str], *, timeout_s: float) -> None:
        self._settings = settings
        self._timeout_s = timeout_s
        self._admin: KafkaAdmin | None = None
        self._ids: dict[str, str] = {}

    def look(self, topics: Sequence[str]) -> dict[str, int]:
        """Return the partitions of each topic that exists; remember or compare ids.

        Raises TopicRecreated, BrokerUnavailable when nobody answers in time, BrokerError.
        """
        if self._admin is None:
            self._admin = KafkaAdmin(self._settings, timeout_s=self._timeout_s)
        found = self._admin.identities(topics)
        for topic, (topic_id, _) in found.items():
            if topic_id and self._ids.setdefault(topic, topic_id) != topic_id:
                raise TopicRecreated(
                    topic,
                    f"topic {topic} was deleted and made again while it was read",
                    hint="Start again to read the new one.",
                )
        return {topic: count for topic, (_, count) in found.items()}

    def stamp(self, topic: str) -> str:
        """Return what to commit beside an offset of the topic, "" while its id is not known."""
        known = self._ids.get(topic)
        return "" if known is None else f"{_STAMP}{known}"

    def compare(self, topic: str, metadata: str) -> None:
        """Raise TopicRecreated when an offset was committed for another topic of this name."""
        known = self._ids.get(topic)
        if known is not None and metadata.startswith(_STAMP) and metadata.removeprefix(_STAMP) != known:
            raise TopicRecreated(
                topic,
                f"the group's offsets of {topic} belong to a topic of that name that was deleted",
                hint="Delete them (kafka-consumer-groups --delete-offsets), then start again: the group begins anew.",
            )
