"""The run: every version's data through a real broker and registry on scratch, and read back by everybody."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final
from uuid import UUID

from avroad.codec import encoder_for
from avroad.consumer.replay import replay
from avroad.consumer.snapshot import read_to_end
from avroad.contracts import Catalog
from avroad.contracts.exceptions import Exemptions
from avroad.contracts.topic_settings import retention
from avroad.errors import AvroadError, BrokerError, SchemaNotFound
from avroad.evolve.implementations import Implementation
from avroad.evolve.judge import Datum, matrix_of
from avroad.evolve.matrix import SubjectMatrix
from avroad.evolve.real import written
from avroad.evolve.samples import samples
from avroad.evolve.scratch import Scratch
from avroad.evolve.versions import InPlay
from avroad.model import Framing, Level, Outcome, OutgoingRecord, Record, RegisteredSchema, Verdict
from avroad.ports import RecordSink, RecordSource, Registry, ScratchRegistry
from avroad.schema import Schema, to_json
from avroad.wire import frame_of, schema_header

__all__ = ["Edges", "framing_of", "register", "rehearse"]

_HEADER: Final = "avroad-rehearse"
_CLOSE_S: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """What a run speaks with; sink and source open a client each, which the run closes."""

    registry: ScratchRegistry
    sink: Callable[[], RecordSink]
    source: Callable[[], RecordSource]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """One subject on its scratch topic.

    names: how a payload names each of its versions, in their order; made: the data of each, encoded.
    """

    in_play: InPlay
    topic: str
    framing: Framing
    names: tuple[int | UUID, ...]
    made: tuple[tuple[bytes, ...], ...]
    verdict: Verdict

    @property
    def hindered(self) -> str:
        """Why our own publishers cannot write to such a topic here, "" when they can."""
        if self.framing is Framing.ID or all(isinstance(name, UUID) for name in self.names):
            return ""
        return f"values of its topic have framing: {self.framing}, and this registry gives out no GUIDs"


def rehearse(
    plays: Sequence[InPlay],
    edges: Edges,
    scratch: Scratch,
    implementations: Sequence[Implementation],
    *,
    catalog: Catalog,
    exemptions: Exemptions,
    seed: int,
    real: Mapping[str, Mapping[str, Sequence[Datum]]],
    say: Callable[[str], None] = lambda _: None,
) -> tuple[SubjectMatrix, ...]:
    """Play every version of every subject against every other and return what was found, in the same order.

    scratch: entered; the caller leaves it. exemptions: findings that somebody has accepted. real: records of the topics
    themselves, by subject and by the label of the version that wrote them. say: told what is going on.
    Raises BrokerError, BrokerUnavailable, RegistryError, RegistryUnavailable, SchemaSyntaxError.
    """
    say("making scratch topics and subjects")
    topics = scratch.topics(len(plays))
    stages = [_stage(play, topic, scratch, catalog, seed) for play, topic in zip(plays, topics, strict=True)]
    say(f"sending {sum(len(made) for stage in stages for made in stage.made)} records")
    _send(stages, edges)
    data = _read(stages, edges)
    found: list[SubjectMatrix] = []
    for stage in stages:
        scratch.require_lease()
        say(f"reading {stage.in_play.spec.subject}")
        given = real.get(stage.in_play.spec.subject, {})
        every = {label: (*records, *given.get(label, ())) for label, records in data[stage.topic].items()}
        topic = catalog.topics.get(stage.in_play.spec.topic)
        kept = retention({} if topic is None else topic.config)
        matrix = matrix_of(
            stage.in_play, every, implementations, stage.verdict, retention=kept, exemptions=exemptions
        )  # fmt: skip
        found.append(replace(matrix, framing=stage.framing, hindered=stage.hindered))
    return tuple(found)


def _stage(play: InPlay, topic: str, scratch: Scratch, catalog: Catalog, seed: int) -> _Stage:
    subject = scratch.subject(topic)
    made = []
    for version in play.versions:
        encode = encoder_for(version.schema).encode
        made.append(tuple(encode(datum) for datum in samples(version.schema, seed)))
    framing = framing_of(catalog, play)
    found, verdict = scratch.change(lambda registry: _register(registry, subject, play))
    names: list[int | UUID] = [each.id for each in found]
    if framing is not Framing.ID:
        asked = [scratch.change(partial(_asked, subject=subject, version=each.version)) for each in found]
        names = [each.guid or each.id for each in asked]
    return _Stage(in_play=play, topic=topic, framing=framing, names=tuple(names), made=tuple(made), verdict=verdict)


def framing_of(catalog: Catalog, play: InPlay) -> Framing:
    """Return how values of a subject's topic are framed."""
    topic = catalog.topics.get(play.spec.topic)
    return Framing.ID if topic is None else topic.framing


def _register(registry: ScratchRegistry, subject: str, play: InPlay) -> tuple[list[RegisteredSchema], Verdict]:
    """Register all versions, whatever the registry thinks of them, and return them and what it thinks.

    Shared types stand in the text: a verdict on it is the same, and some registries give none on references.
    """
    *older, candidate = (version.schema for version in play.versions)
    found = [register(registry, subject, schema) for schema in older]
    verdict = Verdict(compatible=True)
    if found and play.spec.level is not Level.NONE:
        registry.set_level(subject, play.spec.level)
        verdict = registry.check(subject, _text(candidate))
    found.append(register(registry, subject, candidate))
    return found, verdict


def _asked(registry: Registry, subject: str, version: int) -> RegisteredSchema:
    """Return a version with its GUID, which the answer to its registration need not have."""
    return registry.version(subject, version)


def register(registry: Registry, subject: str, schema: Schema) -> RegisteredSchema:
    """Register a version of a scratch subject, whatever the registry thinks of it. Raises RegistryError."""
    _set_level(registry, subject, Level.NONE)
    return registry.register(subject, _text(schema))


def _text(schema: Schema) -> str:
    return json.dumps(to_json(schema), ensure_ascii=False, separators=(",", ":"))


def _set_level(registry: Registry, subject: str, level: Level) -> None:
    """Some products know levels of existing subjects only; there the first version meets no level."""
    try:
        registry.set_level(subject, level)
    except SchemaNotFound:
        return


def _send(stages: Sequence[_Stage], edges: Edges) -> None:
    records = [
        _framed(stage, name, body, (_HEADER, f"{version.label}/{number}".encode()))
        for stage in stages
        for version, name, made in zip(stage.in_play.versions, stage.names, stage.made, strict=True)
        for number, body in enumerate(made)
    ]
    refused = [delivery for delivery in replay(records, edges.sink()) if delivery.outcome is not Outcome.ACKED]
    if refused:
        raise BrokerError(
            "the scratch topics did not take every record", expected=f"{len(records)} acknowledged",
            found=f"{len(refused)} refused: {refused[0].reason}",
        )  # fmt: skip


def _framed(stage: _Stage, name: int | UUID, body: bytes, header: tuple[str, bytes]) -> OutgoingRecord:
    """Return a record that names its schema as the topic declares."""
    if stage.framing in {Framing.HEADER, Framing.EITHER}:
        return OutgoingRecord(topic=stage.topic, key=None, value=body, headers=(header, schema_header(name)))
    return OutgoingRecord(topic=stage.topic, key=None, value=frame_of(name) + body, headers=(header,))


def _read(stages: Sequence[_Stage], edges: Edges) -> dict[str, dict[str, list[Datum]]]:
    """Return the records of each scratch topic by the version that the registry names for their id."""
    by_topic = {stage.topic: stage for stage in stages}
    data: dict[str, dict[str, list[Datum]]] = {
        stage.topic: {version.label: [] for version in stage.in_play.versions} for stage in stages
    }
    source = edges.source()
    try:
        for record in read_to_end(source, list(by_topic)):
            label, number = _said(record)
            stage = by_topic[record.topic]
            version = next(v for v in stage.in_play.versions if v.label == label)
            found = written(record, edges.registry, stage.framing)
            if found is None or found[0] != version.id:
                raise AvroadError(
                    f"the registry answers the schema of {label} with another one",
                    hint="It takes two versions for the same. Change a field, or report this.",
                )
            data[record.topic][label].append(Datum(payload=found[1], place=f"sample {number}"))
    finally:
        source.close(_CLOSE_S)
    for stage in stages:
        for version, made in zip(stage.in_play.versions, stage.made, strict=True):
            back = [datum.payload.body for datum in data[stage.topic][version.label]]
            if back != list(made):
                raise BrokerError("not every record came back as it was sent", expected=str(len(made)),
                                  found=str(len(back)), path=stage.topic)  # fmt: skip
    return data


def _said(record: Record) -> tuple[str, int]:
    text = next((value or b"" for name, value in record.headers if name == _HEADER), b"").decode()
    label, _, number = text.rpartition("/")
    return label, int(number)
