"""avroad's codec for one shape of event, with plain data and with classes generated from the schemas."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import ModuleType
from typing import Any, Final

from avroad.codec import FRAME_SIZE, Decoder, decoder_for, encoder_for, schema_id_of
from avroad.contracts import Catalog, EventType
from avroad.contracts.codegen import generate
from avroad.schema import Limits, Named, fingerprint, parse
from bench.peers import Many
from bench.shapes import Node, Shape

__all__ = ["Avroad", "event_type"]

_NAMESPACE: Final = "bench"


def event_type(schema: Mapping[str, Node]) -> EventType:
    """Return a schema as a catalog holds it."""
    text = json.dumps(schema)
    parsed = parse(text)
    assert isinstance(parsed, Named)
    name = str(parsed.name)
    return EventType(
        name=name, schema=parsed, text=text, file=f"{name}.avsc", references=(), fingerprint=fingerprint(parsed)
    )


class Avroad:
    """The compiled codec. typed: with generated classes, else with plain data.

    writer, reader: the types as a catalog holds them; writer_types, reader_types: their classes by full name.
    """

    def __init__(self, shape: Shape, frame: bytes) -> None:
        self._frame = frame
        self._limits = Limits(recursion=True) if shape.recursive else None
        self.writer, self.reader = event_type(shape.writer), event_type(shape.reader)
        self.writer_types = _classes(self.writer, f"{shape.name}_writer")
        self.reader_types = _classes(self.reader, f"{shape.name}_reader")

    def encode_one(self, *, typed: bool) -> Callable[[Any], bytes]:
        """Return the encoder of one event."""
        types = self.writer_types if typed else None
        encoder = encoder_for(self.writer.schema, types=types, limits=self._limits)
        return encoder.framed(schema_id_of(self._frame))

    def encode(self, *, typed: bool) -> Many:
        """Return the encoder, framing included."""
        encode = self.encode_one(typed=typed)
        return lambda batch: [encode(event) for event in batch]

    def encode_many(self) -> Many:
        """Return the encoder of a whole batch of objects in one call."""
        encoder = encoder_for(self.writer.schema, types=self.writer_types, limits=self._limits)
        return partial(encoder.encode_many, schema_id=schema_id_of(self._frame))

    def decode_one(self, *, typed: bool, evolved: bool = True) -> Callable[[bytes, int], Any]:
        """Return the decoder of a payload from an offset on."""
        kind, types = (self.reader, self.reader_types) if evolved else (self.writer, self.writer_types)
        return self._decoder(kind, types if typed else None).decode

    def decode(self, *, typed: bool, evolved: bool) -> Many:
        """Return the decoder, which is found by the frame of each payload."""
        known = {self._frame: self.decode_one(typed=typed, evolved=evolved)}
        size = FRAME_SIZE
        return lambda batch: [known[payload[:size]](payload, size) for payload in batch]

    def decode_many(self, *, evolved: bool) -> Many:
        """Return the decoder of a whole batch in one call, to objects."""
        kind, types = (self.reader, self.reader_types) if evolved else (self.writer, self.writer_types)
        return partial(self._decoder(kind, types).decode_many, offset=FRAME_SIZE)

    def objects(self, payloads: Sequence[bytes], *, evolved: bool = False) -> list[Any]:
        """Return the events of payloads as objects of the generated classes."""
        return self.decode(typed=True, evolved=evolved)(payloads)

    def _decoder(self, kind: EventType, types: Mapping[str, type] | None) -> Decoder:
        return decoder_for(self.writer.schema, kind.schema, types=types, limits=self._limits)


def _classes(kind: EventType, name: str) -> Mapping[str, type]:
    """Return the generated classes of a schema, from a module of their own."""
    module = ModuleType(f"bench_generated_{name}")
    sys.modules[module.__name__] = module  # dataclasses look their module up
    source = generate(Catalog(types={kind.name: kind}), _NAMESPACE)
    exec(compile(source, module.__name__, "exec"), module.__dict__)  # what `schema types` would write
    types: Mapping[str, type] = module.__dict__["AVRO_TYPES"]
    return types
