"""Both ways on real bytes with confluent-kafka's AvroSerializer and AvroDeserializer, on its own mock registry."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient, topic_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from avroad.codec import FRAME_SIZE, decoder_for, encoder_for, schema_id_of
from avroad.schema import parse
from tests.unit.codec.support import EVENT, KIND, TYPES, encode, event, logical, record

CONTEXT = SerializationContext("topic", MessageField.VALUE)
EVERYTHING = record(
    ("s", "string"),
    ("i", "int"),
    ("l", "long"),
    ("f", "float"),
    ("d", "double"),
    ("b", "boolean"),
    ("raw", "bytes"),
    ("kind", KIND),
    ("at", logical("long", "timestamp-micros")),
    ("day", logical("int", "date")),
    ("cost", logical("bytes", "decimal", precision=8, scale=2)),
    ("key", {"type": "fixed", "name": "t.Key", "size": 3}),
    ("tags", {"type": "array", "items": "string"}),
    ("counts", {"type": "map", "values": "long"}),
    ("maybe", ["null", "int"], None),
    ("place", ["null", record(("x", "int"), name="t.P1"), record(("y", "int"), name="t.P2")], None),
    name="t.All",
)
DATUM = {
    "s": "é", "i": -5, "l": 2**40, "f": 0.5, "d": 0.1, "b": True, "raw": b"\0\xff", "kind": "JAM",
    "at": datetime(2026, 5, 1, 12, 0, 0, 17, UTC), "day": date(2026, 5, 1), "cost": Decimal("12.34"), "key": b"abc",
    "tags": ["a", "b"], "counts": {"k": -1}, "maybe": None, "place": ("t.P2", {"y": 3}),
}  # fmt: skip


class Wire:
    """One registry with one schema registered, and Confluent's two classes on it, every setting explicit."""

    def __init__(self, node: Any, reader: Any = None) -> None:
        client: Any = SchemaRegistryClient.new_client({"url": "mock://codec"})
        shared = {"subject.name.strategy": topic_subject_name_strategy, "use.latest.version": False}
        serializer: Any = AvroSerializer  # typed as a class without arguments
        deserializer: Any = AvroDeserializer
        self.serialize = serializer(
            client,
            json.dumps(node),
            conf={**shared, "auto.register.schemas": True, "normalize.schemas": False, "validate.strict": True},
        )
        wanted = None if reader is None else json.dumps(reader)
        self.deserialize = deserializer(client, wanted, conf=shared)


@pytest.fixture(scope="module")
def everything() -> Wire:
    return Wire(EVERYTHING)


def test_what_confluent_writes_we_read(everything: Wire) -> None:
    payload = everything.serialize(DATUM, CONTEXT)
    assert schema_id_of(payload) > 0
    assert decoder_for(parse(EVERYTHING)).decode(payload, FRAME_SIZE) == DATUM


def test_what_we_write_confluent_reads_and_is_byte_for_byte_what_it_writes(everything: Wire) -> None:
    theirs = everything.serialize(DATUM, CONTEXT)
    ours = encoder_for(parse(EVERYTHING)).framed(schema_id_of(theirs))(DATUM)
    assert ours == theirs
    plain = {**DATUM, "place": {"y": 3}}
    assert everything.deserialize(ours, CONTEXT) == plain


def test_a_class_written_by_us_is_a_dict_read_by_them() -> None:
    wire = Wire(EVENT)
    plain = decoder_for(parse(EVENT)).decode(encode(EVENT, event(class_=2), types=TYPES))
    registered = schema_id_of(wire.serialize(plain, CONTEXT))
    payload = encoder_for(parse(EVENT), types=TYPES).framed(registered)(event(class_=2))
    assert wire.deserialize(payload, CONTEXT) == plain
    assert decoder_for(parse(EVENT), types=TYPES).decode(wire.serialize(plain, CONTEXT), 5) == event(class_=2)


def test_a_newer_reader_gives_the_same_value_on_both_sides() -> None:
    writer = record(("road", "string"), ("speed", ["null", "int"]), ("ok", "boolean"), name="t.W")
    reader = record(
        {"name": "road_name", "type": "string", "aliases": ["road"]},
        ("speed", ["null", "long"]),
        ("lanes", "int", 2),
        name="t.W",
    )
    wire = Wire(writer, reader)
    payload = wire.serialize({"road": "A19", "speed": 30, "ok": True}, CONTEXT)
    ours = decoder_for(parse(writer), parse(reader)).decode(payload, FRAME_SIZE)
    assert ours == wire.deserialize(payload, CONTEXT) == {"road_name": "A19", "speed": 30, "lanes": 2}
