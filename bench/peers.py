"""Codecs that are measured besides ours, each at its best documented settings, all behind one small interface.

An encoder takes plain data and returns framed payloads; a decoder finds the writer by the five bytes of the frame,
as a consumer must. Both take a batch, so that a call per batch is measured as such. What a peer cannot do raises when
it is made or checked, and becomes a note instead of a row.
"""

from __future__ import annotations

import copy
import importlib
import io
import json
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import fastavro
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from bench.shapes import Shape

__all__ = ["FRAME_SIZE", "PEERS", "Confluent", "FastAvro", "Many"]

FRAME_SIZE: Final = 5
Many = Callable[[Sequence[Any]], list[Any]]
"""A batch in, one result per item out."""


class Peer(Protocol):
    """One library for one shape of event. names_branches: records of unions are (full name, data), else bare data."""

    names_branches: bool

    def encode(self) -> Many:
        """Return the encoder of the writer's schema."""
        ...

    def decode(self, *, evolved: bool) -> Many:
        """Return the decoder to the reader's schema, or to the writer's own."""
        ...


def one_by_one(call: Callable[[Any], Any]) -> Many:
    """Return the batch form of a call per item."""
    return lambda batch: [call(item) for item in batch]


def by_frame(frame: bytes, call: Callable[[bytes], Any]) -> Many:
    """Return the batch form of a decoder that is found by the frame of each payload."""
    known = {frame: call}
    return lambda batch: [known[item[:FRAME_SIZE]](item) for item in batch]


class Confluent:
    """AvroSerializer and AvroDeserializer on Confluent's own mock registry.

    Settings are the defaults, but for the subject: a fixed one is the cheapest, and gives one id for all topics.
    """

    names_branches = True

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        # The registry behind a mock address is shared by all clients of that address.
        self.client: Any = SchemaRegistryClient.new_client({"url": f"mock://{shape.name}"})

    def serializer(self) -> Any:
        """Return the serializer itself, for Confluent's producer."""
        make: Any = AvroSerializer
        conf = {**self._shared(), "auto.register.schemas": True}
        return make(self.client, json.dumps(self._shape.writer), conf=conf)

    def deserializer(self, *, evolved: bool = True) -> Any:
        """Return the deserializer itself, for Confluent's consumer."""
        make: Any = AvroDeserializer
        reader = json.dumps(self._shape.reader) if evolved else None
        return make(self.client, reader, conf=self._shared(), return_record_name=True)

    def encode(self) -> Many:
        """Return AvroSerializer's call with a context made per event, as SerializingProducer does."""
        serialize = self.serializer()
        field = MessageField.VALUE
        return one_by_one(lambda datum: serialize(datum, SerializationContext("topic", field)))

    def decode(self, *, evolved: bool) -> Many:
        """Return AvroDeserializer's call with a context made per event, as DeserializingConsumer does."""
        deserialize = self.deserializer(evolved=evolved)
        field = MessageField.VALUE
        return one_by_one(lambda payload: deserialize(payload, SerializationContext("topic", field)))

    def _shared(self) -> dict[str, Any]:
        return {"subject.name.strategy": lambda *_: "light-value", "use.latest.version": False}


class FastAvro:
    """fastavro tuned by hand: schemas parsed once, one buffer reused, the frame written first."""

    names_branches = True

    def __init__(self, shape: Shape, frame: bytes) -> None:
        self._frame = frame
        both: Any = copy.deepcopy((shape.writer, shape.reader))
        self._writer, self._reader = map(fastavro.parse_schema, both)

    def encode_one(self) -> Callable[[Any], bytes]:
        """Return the encoder of one event."""
        buffer, writer, frame, write = io.BytesIO(), self._writer, self._frame, fastavro.schemaless_writer

        def encode(datum: Any) -> bytes:
            buffer.seek(0)
            buffer.truncate()
            buffer.write(frame)
            write(buffer, writer, datum)
            return buffer.getvalue()

        return encode

    def decode_one(self, *, evolved: bool = True) -> Callable[[bytes], Any]:
        """Return the decoder of one framed payload."""
        writer, reader, read = self._writer, self._reader if evolved else None, fastavro.schemaless_reader

        def decode(payload: bytes) -> Any:
            source = io.BytesIO(payload)
            source.seek(FRAME_SIZE)
            return read(source, writer, reader, return_record_name=True)

        return decode

    def encode(self) -> Many:
        """Return the encoder."""
        return one_by_one(self.encode_one())

    def decode(self, *, evolved: bool) -> Many:
        """Return the decoder."""
        return by_frame(self._frame, self.decode_one(evolved=evolved))


class Apache:
    """Apache Avro for Python, the reference implementation."""

    names_branches = False

    def __init__(self, shape: Shape, frame: bytes) -> None:
        self._frame = frame
        self._io: Any = importlib.import_module("avro.io")
        parse: Any = importlib.import_module("avro.schema").parse
        self._writer, self._reader = (parse(json.dumps(schema)) for schema in (shape.writer, shape.reader))

    def encode(self) -> Many:
        """Return the encoder; it validates before it writes, which cannot be switched off for records."""
        binary, writer, frame = self._io.BinaryEncoder, self._io.DatumWriter(self._writer), self._frame

        def encode(datum: Any) -> bytes:
            buffer = io.BytesIO()
            buffer.write(frame)
            writer.write(datum, binary(buffer))
            return buffer.getvalue()

        return one_by_one(encode)

    def decode(self, *, evolved: bool) -> Many:
        """Return the decoder."""
        binary, reader = self._io.BinaryDecoder, self._io.DatumReader(
            self._writer, self._reader if evolved else self._writer
        )  # fmt: skip

        def decode(payload: bytes) -> Any:
            source = io.BytesIO(payload)
            source.seek(FRAME_SIZE)
            return reader.read(binary(source))

        return by_frame(self._frame, decode)


class Cavro:
    """cavro: Avro in Cython."""

    names_branches = True

    def __init__(self, shape: Shape, frame: bytes) -> None:
        self._frame = frame
        self._recursive = shape.recursive
        cavro: Any = importlib.import_module("cavro")
        options = cavro.DEFAULT_OPTIONS.replace(
            record_decodes_to_dict=True,
            allow_tuple_notation=True,
            union_decodes_to=cavro.UnionDecodeOption.TYPE_TUPLE_IF_RECORD,
        )
        self._writer, self._reader = (cavro.Schema(json.dumps(s), options) for s in (shape.writer, shape.reader))

    def encode(self) -> Many:
        """Return the encoder."""
        frame, write = self._frame, self._writer.binary_encode
        return lambda batch: [frame + write(datum) for datum in batch]

    def decode(self, *, evolved: bool) -> Many:
        """Return the decoder."""
        if evolved and self._recursive:
            raise NotImplementedError("resolving a type inside itself ends the process")
        schema = self._reader.reader_for_writer(self._writer) if evolved else self._writer
        read = schema.binary_decode
        return by_frame(self._frame, lambda payload: read(payload[FRAME_SIZE:]))


class Avroc:
    """avroc: Python code compiled per schema."""

    names_branches = False

    def __init__(self, shape: Shape, frame: bytes) -> None:
        self._frame = frame
        self._shape = shape
        self._avroc: Any = importlib.import_module("avroc")

    def encode(self) -> Many:
        """Return the encoder."""
        frame, write = self._frame, self._avroc.compile_encoder(copy.deepcopy(self._shape.writer))
        return lambda batch: [frame + write(datum) for datum in batch]

    def decode(self, *, evolved: bool) -> Many:
        """Return the decoder."""
        schemas = copy.deepcopy([self._shape.writer, self._shape.reader][: 1 + evolved])
        read = self._avroc.compile_decoder(*schemas)

        def decode(payload: bytes) -> Any:
            source = io.BytesIO(payload)
            source.seek(FRAME_SIZE)
            return read(source)

        return by_frame(self._frame, decode)


PEERS: Final[dict[str, Callable[[Shape, bytes], Peer]]] = {"cavro": Cavro, "avroc": Avroc, "apache avro": Apache}
"""Peers that may be missing, or unable to take part in a row, by the name of their row."""
