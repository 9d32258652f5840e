"""F2: our bytes are fastavro's and Apache avro's, for schemas and data those libraries can write.

The same examples each time: the oracles have faults of their own, and a new one must not stop an unrelated change.
"""

from __future__ import annotations

import io
import json
from typing import Any

import avro.io
import avro.schema
import fastavro
from hypothesis import given, settings

from avroad.codec import decoder_for, encoder_for
from avroad.schema import Limits, parse
from tests.property.codec.strategies import Options, data

LIMITS = Limits(empty_items=True)


@settings(derandomize=True)
@given(data(Options(spec_only=False, mixed_unions=False)))
def test_bytes_equal_fastavro(pair: tuple[Any, Any]) -> None:
    node, datum = pair
    out = io.BytesIO()
    known = fastavro.parse_schema(node, _write_hint=False)
    fastavro.schemaless_writer(out, known, datum)
    schema = parse(node)
    assert encoder_for(schema, limits=LIMITS).encode(datum) == out.getvalue()
    ours = decoder_for(schema, limits=LIMITS).decode(out.getvalue())
    out.seek(0)
    theirs = fastavro.schemaless_reader(out, known, None)
    assert _untagged(ours) == theirs


@settings(derandomize=True)
@given(data(Options(spec_only=False, wide_unions=False, logical=False)))
def test_bytes_equal_apache_avro(pair: tuple[Any, Any]) -> None:
    node, datum = pair
    out = io.BytesIO()
    known = avro.schema.parse(json.dumps(node))
    avro.io.DatumWriter(known).write(datum, avro.io.BinaryEncoder(out))
    schema = parse(node)
    assert encoder_for(schema, limits=LIMITS).encode(datum) == out.getvalue()
    out.seek(0)
    theirs = avro.io.DatumReader(known, known).read(avro.io.BinaryDecoder(out))
    assert decoder_for(schema, limits=LIMITS).decode(out.getvalue()) == theirs


def _untagged(value: Any) -> Any:
    if type(value) is tuple and len(value) == 2:
        return _untagged(value[1])
    if isinstance(value, list):
        return [_untagged(item) for item in value]
    if isinstance(value, dict):
        return {key: _untagged(item) for key, item in value.items()}
    return value
