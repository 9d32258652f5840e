"""Single-object encoding: bytes as the specification says, and no schema taken for another."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avroad.codec import decoder_for, encoder_for
from avroad.errors import FramingError, IncompatibleSchema
from avroad.schema import canonical_fingerprint, parse
from avroad.wire.single_object import SINGLE_OBJECT_SIZE, SchemaStore, fingerprint_in, single_object_prefix

NODE: Any = {"type": "record", "name": "t.R", "fields": [{"name": "a", "type": "int"}]}
SCHEMA = parse(NODE)


def timed(unit: str) -> Any:
    inner = {"type": "array", "items": {"type": "map", "values": ["null", {"type": "long", "logicalType": unit}]}}
    return {"type": "record", "name": "t.T", "fields": [{"name": "at", "type": inner}]}


def test_a_payload_is_marker_fingerprint_body_and_is_read_through_the_store() -> None:
    payload = single_object_prefix(SCHEMA) + encoder_for(SCHEMA).encode({"a": 1})
    assert payload == b"\xc3\x01" + canonical_fingerprint(SCHEMA) + b"\2"
    assert single_object_prefix(parse("int")).hex() == "c3018f5c393f1ad57572", "the published value of int"
    store = SchemaStore([parse("string"), SCHEMA])
    assert store.writer_of(payload) is SCHEMA
    assert decoder_for(store.writer_of(payload)).decode(payload, SINGLE_OBJECT_SIZE) == {"a": 1}


def test_an_unknown_fingerprint_is_named() -> None:
    with pytest.raises(FramingError, match="no schema with the fingerprint 8f5c393f1ad57572"):
        SchemaStore([SCHEMA]).writer_of(single_object_prefix(parse("int")))


@pytest.mark.parametrize("payload", [b"", b"\xc3", b"\xc3\x02" + bytes(9), b"\0\0\0\0\1", b"\1\xc3" + bytes(9)])
def test_another_marker_is_refused(payload: bytes) -> None:
    with pytest.raises(FramingError, match="no single object"):
        fingerprint_in(payload)


def test_two_meanings_of_one_fingerprint_are_refused_not_guessed() -> None:
    """The canonical form has no logical types: micros would be read as millis."""
    store = SchemaStore([parse(timed("timestamp-millis"))])
    with pytest.raises(IncompatibleSchema, match="cannot be told apart"):
        store.add(parse(timed("timestamp-micros")))
    store.add(parse({**timed("timestamp-millis"), "doc": "the same meaning", "aliases": ["old"]}))


def test_recursive_schemas_can_be_kept() -> None:
    tree: Any = {"type": "record", "name": "T", "fields": [{"name": "next", "type": ["null", "T"]}]}
    schema = parse(tree)
    store = SchemaStore([schema, parse({**tree, "doc": "again"})])
    assert store.writer_of(single_object_prefix(schema) + b"\0") is schema


@given(st.binary(max_size=20) | st.binary(max_size=18).map(lambda tail: b"\xc3\x01" + tail))
def test_f10_any_bytes_give_a_fingerprint_or_a_framing_error(payload: bytes) -> None:
    if payload[:2] == b"\xc3\x01" and len(payload) >= 10:
        assert fingerprint_in(payload) == payload[2:10]
        return
    with pytest.raises(FramingError) as caught:
        fingerprint_in(payload)
    assert 0 <= caught.value.offset <= len(payload)
