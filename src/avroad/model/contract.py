"""Values the declarations under `admin/topics/` become; no schema text is parsed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Framing", "Level", "SubjectStrategy", "TopicSpec"]


class Framing(StrEnum):
    """Where payloads name their schema.

    ID: four bytes of id before the body; schema-id headers mean nothing. GUID: an id or a GUID before the body.
    HEADER: an id or a GUID in the record's header, which must be there; the whole payload is the body.
    EITHER: as HEADER where the record has the header, as ID where not: a topic that changed from one to the other.
    """

    ID = "id"
    GUID = "guid"
    HEADER = "header"
    EITHER = "either"


class Level(StrEnum):
    """Compatibility levels of a subject, by their registry names."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"


class SubjectStrategy(StrEnum):
    """How a topic's subjects are named: `<topic>-value`, or `<topic>-<full name>` for several types."""

    TOPIC = "topic"
    TOPIC_RECORD = "topic-record"


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSpec:
    """One declared or derived topic.

    values: full names of the event types it carries; empty for a derived dead-letter topic.
    key_from, time_from: names of the value fields that give record key and event time; "" when none.
    framing: where its values name their schema.
    config: topic settings by Kafka name, values as Kafka text. dlq: name of its dead-letter topic, or "".
    dlq_of: name of the source topic when this one is derived, else "".
    """

    name: str
    partitions: int
    description: str = ""
    owner: str = ""
    subjects: SubjectStrategy = SubjectStrategy.TOPIC
    values: tuple[str, ...] = ()
    key_from: str = ""
    time_from: str = ""
    compatibility: Level = Level.BACKWARD_TRANSITIVE
    framing: Framing = Framing.ID
    config: Mapping[str, str] = field(default_factory=dict)
    dlq: str = ""
    dlq_of: str = ""
    file: str = ""

    def subject(self, full_name: str) -> str:
        """Return the subject under which values of type `full_name` on this topic are registered."""
        return f"{self.name}-value" if self.subjects is SubjectStrategy.TOPIC else f"{self.name}-{full_name}"
