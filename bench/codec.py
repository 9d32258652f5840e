"""Codec ratios of the light event: `python -m bench.codec [rounds]`.

Candidates run interleaved in shuffled order, after their results were shown to be equal; reported are the median of
the per-round ratios and the best round. Only ratios of one run mean anything: clocks of shared machines drift.
"""

from __future__ import annotations

import argparse
import gc
import importlib.metadata
import io
import json
import os
import platform
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import fastavro
from confluent_kafka.schema_registry import SchemaRegistryClient, topic_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from avroad.codec import FRAME_SIZE, decoder_for, encoder_for, schema_id_of
from avroad.schema import Json, parse

EVENTS = 5_000
ROUNDS = 15
SEED = 7
PEERS = ("confluent-kafka", "fastavro")


class Kind(StrEnum):
    """Two enums of the event share it."""

    UNKNOWN = "UNKNOWN"
    LOW = "LOW"
    HIGH = "HIGH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The writer's event, as its class is generated."""

    id: str
    kind: Kind
    severity: Kind
    observed_at: datetime
    road: str
    region: str
    latitude: float
    longitude: float
    speed_kmh: int | None
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evolved:
    """The reader's event: one field renamed, one widened, one dropped, one new."""

    id: str
    kind: Kind
    severity: Kind
    observed_at: datetime
    road_name: str
    region: str
    latitude: float
    longitude: float
    speed_kmh: int | None
    lanes: int


def schemas() -> tuple[Json, Json]:
    """Return the writer's and the reader's schema."""
    kind: Any = {"type": "enum", "name": "bench.Kind", "symbols": [k.value for k in Kind], "default": "UNKNOWN"}
    fields: list[Any] = [
        {"name": "id", "type": "string"},
        {"name": "kind", "type": kind},
        {"name": "severity", "type": "bench.Kind"},
        {"name": "observed_at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "road", "type": "string"},
        {"name": "region", "type": "string"},
        {"name": "latitude", "type": "double"},
        {"name": "longitude", "type": "double"},
        {"name": "speed_kmh", "type": ["null", "int"]},
        {"name": "confirmed", "type": "boolean"},
    ]
    evolved = [*fields[:4], {"name": "road_name", "type": "string", "aliases": ["road"]}, *fields[5:8]]
    evolved += [{"name": "speed_kmh", "type": ["null", "long"]}, {"name": "lanes", "type": "int", "default": 2}]
    head: dict[str, Any] = {"type": "record", "name": "bench.Event"}
    return {**head, "fields": fields}, {**head, "fields": evolved}


def events() -> list[Event]:
    """Return the same events in every run."""
    rng = random.Random(SEED)
    start = datetime(2026, 5, 1, tzinfo=UTC)
    return [
        Event(
            id=f"evt-{rng.getrandbits(128):032x}",
            kind=rng.choice(list(Kind)),
            severity=rng.choice(list(Kind)),
            observed_at=start + timedelta(microseconds=rng.randrange(10**12)),
            road=f"A{rng.randrange(60)}",
            region=f"region-{rng.randrange(20)}",
            latitude=rng.uniform(49, 55),
            longitude=rng.uniform(-3, 2),
            speed_kmh=rng.choice([None, rng.randrange(130)]),
            confirmed=bool(rng.getrandbits(1)),
        )
        for _ in range(EVENTS)
    ]


def plain(event: Event) -> dict[str, Any]:
    """Return the event as peers take it."""
    return {name: str(v) if isinstance(v := getattr(event, name), Kind) else v for name in Event.__slots__}


Work = Callable[[], object]
Call = Callable[[Any], Any]


def confluent(old: Json, new: Json) -> tuple[Call, Call]:
    """Return Confluent's encoder and evolved decoder on its own mock registry, at defaults but for the subject."""
    client: Any = SchemaRegistryClient.new_client({"url": "mock://bench"})
    shared = {"subject.name.strategy": topic_subject_name_strategy, "use.latest.version": False}
    serializer: Any = AvroSerializer
    deserializer: Any = AvroDeserializer
    serialize = serializer(client, json.dumps(old), conf={**shared, "auto.register.schemas": True})
    deserialize = deserializer(client, json.dumps(new), conf=shared)

    def encode(datum: dict[str, Any]) -> object:
        return serialize(datum, SerializationContext("topic", MessageField.VALUE))

    def decode(payload: bytes) -> object:
        return deserialize(payload, SerializationContext("topic", MessageField.VALUE))

    return encode, decode


def tuned_fastavro(old: Json, new: Json, prefix: bytes) -> tuple[Call, Call]:
    """Return fastavro's encoder with a reused buffer, and its evolved decoder."""
    both: Any = (old, new)
    writer, reader = map(fastavro.parse_schema, both)
    buffer = io.BytesIO()

    def encode(datum: dict[str, Any]) -> bytes:
        buffer.seek(0)
        buffer.truncate()
        buffer.write(prefix)
        fastavro.schemaless_writer(buffer, writer, datum)
        return buffer.getvalue()

    def decode(payload: bytes) -> object:
        source = io.BytesIO(payload)
        source.seek(FRAME_SIZE)
        return fastavro.schemaless_reader(source, writer, reader)

    return encode, decode


def candidates() -> tuple[dict[str, Work], dict[str, Work]]:
    """Return the encoders and the decoders, each working on all events; the first of each is the base."""
    old, new = schemas()
    writer, reader = parse(old), parse(new)
    typed = events()
    dicts = [plain(event) for event in typed]
    serialize, deserialize = confluent(old, new)
    payloads = [serialize(datum) for datum in dicts]
    fast_encode, fast_decode = tuned_fastavro(old, new, payloads[0][:FRAME_SIZE])
    types: dict[str, type] = {"bench.Event": Event, "bench.Kind": Kind}
    encode = encoder_for(writer, types=types).framed(schema_id_of(payloads[0]))
    encode_dict = encoder_for(writer).framed(schema_id_of(payloads[0]))
    decode = decoder_for(writer, reader, types={**types, "bench.Event": Evolved}).decode
    decode_dict, same = decoder_for(writer, reader).decode, decoder_for(writer, types=types).decode

    assert [encode(event) for event in typed] == [encode_dict(datum) for datum in dicts] == payloads
    assert [fast_encode(datum) for datum in dicts] == payloads
    assert [decode_dict(p, FRAME_SIZE) for p in payloads] == [fast_decode(p) for p in payloads]
    assert [deserialize(p) for p in payloads] == [fast_decode(p) for p in payloads]
    assert [same(p, FRAME_SIZE) for p in payloads] == typed
    encoders: dict[str, Work] = {
        "AvroSerializer(dict)": lambda: [serialize(datum) for datum in dicts],
        "fastavro, reused buffer": lambda: [fast_encode(datum) for datum in dicts],
        "avroad, dict": lambda: [encode_dict(datum) for datum in dicts],
        "avroad, class": lambda: [encode(event) for event in typed],
    }
    decoders: dict[str, Work] = {
        "AvroDeserializer, evolved": lambda: [deserialize(p) for p in payloads],
        "fastavro, evolved": lambda: [fast_decode(p) for p in payloads],
        "avroad, evolved, dict": lambda: [decode_dict(p, FRAME_SIZE) for p in payloads],
        "avroad, evolved, class": lambda: [decode(p, FRAME_SIZE) for p in payloads],
        "avroad, same schema, class": lambda: [same(p, FRAME_SIZE) for p in payloads],
    }
    return encoders, decoders


def measure(rounds: int, works: dict[str, Work]) -> None:
    """Run all candidates in each round in another order and print one line each."""
    rng = random.Random(SEED)
    times: dict[str, list[float]] = {name: [] for name in works}
    for work in works.values():
        work()
    for _ in range(rounds):
        for name in rng.sample(list(works), len(works)):
            gc.collect()
            started = time.process_time()
            works[name]()
            times[name].append((time.process_time() - started) / EVENTS * 1e6)
    base = next(iter(works))
    for name, own in times.items():
        ratios = sorted(b / a for b, a in zip(times[base], own, strict=True))
        spread = f"{ratios[0]:.2f}-{ratios[-1]:.2f}"
        print(f"{name:28} {statistics.median(ratios):6.2f} times  ({spread})  best {min(own):6.2f} us")


def main() -> None:
    """Print what was measured on, then one table per direction."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=ROUNDS, help="interleaved rounds (default: %(default)s)")
    rounds = parser.parse_args().rounds
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PEERS)
    print(f"Python {platform.python_version()}, {versions}; {os.cpu_count()} cores, {platform.machine()}")
    print(f"{EVENTS} events, {rounds} rounds, ratios to the first line of each table")
    for works in candidates():
        print()
        measure(rounds, works)


if __name__ == "__main__":
    main()
