"""The light event in every form a way through Kafka needs it: plain, as objects, encoded, with its key."""

from __future__ import annotations

from avroad.codec import schema_id_of
from avroad.contracts import Catalog, LockedSubject, SchemaLock
from avroad.contracts.subjects import derive_subjects
from avroad.model import TopicSpec
from avroad.registry import MemoryRegistry
from bench.cluster import PARTITIONS
from bench.ours import Avroad
from bench.peers import FRAME_SIZE, Confluent, FastAvro
from bench.shapes import LIGHT

__all__ = ["Traffic"]


class Traffic:
    """`count` light events. key: the event's id as text, the same for every way.

    plain, objects, payloads, keyed: the events as data, as generated classes, encoded, and as (payload, key).
    """

    def __init__(self, count: int) -> None:
        self.confluent = Confluent(LIGHT)
        self.plain = LIGHT.events(count)
        first = self.confluent.encode()(self.plain[:1])[0]
        self.frame = first[:FRAME_SIZE]
        self.fast = FastAvro(LIGHT, self.frame)
        self.ours = Avroad(LIGHT, self.frame)
        self.payloads = self.ours.encode(typed=False)(self.plain)
        self.objects = self.ours.objects(self.payloads)
        self.keyed = [(payload, event["id"]) for payload, event in zip(self.payloads, self.plain, strict=True)]
        # Equal before anything is timed.
        some = slice(0, 200)
        assert self.payloads[some] == self.confluent.encode()(self.plain[some]) == self.fast.encode()(self.plain[some])

    def project(self, topic: str, *, evolved: bool) -> tuple[Catalog, SchemaLock, MemoryRegistry]:
        """Return contracts that declare `topic` for the writer's or the reader's type, and a registry with both."""
        kind = self.ours.reader if evolved else self.ours.writer
        spec = TopicSpec(name=topic, partitions=PARTITIONS, values=(kind.name,), key_from="id", time_from="observed_at")
        types = {kind.name: kind}
        catalog = Catalog(types=types, topics={topic: spec}, subjects=derive_subjects(types, [spec]))
        registry = MemoryRegistry()
        subject = spec.subject(kind.name)
        made = [registry.register(subject, version.text) for version in (self.ours.writer, self.ours.reader)]
        assert made[0].id == schema_id_of(self.frame), "the two registries count differently"
        ours = made[-1 if evolved else 0]
        locked = LockedSubject(version=ours.version, id=ours.id, fingerprint=kind.fingerprint)
        lock = SchemaLock(
            environment="bench", registry="http://registry", cluster_id="bench", subjects={subject: locked}
        )
        return catalog, lock, registry
