"""F1 and F5: what is encoded decodes to itself, and what decodes is what would be encoded."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from avroad.codec import decoder_for, encoder_for
from avroad.schema import Limits, parse
from tests.property.codec.strategies import data

LIMITS = Limits(empty_items=True)


@given(data())
def test_decoding_gives_back_what_was_encoded(pair: tuple[Any, Any]) -> None:
    node, datum = pair
    schema = parse(node)
    body = encoder_for(schema, limits=LIMITS).encode(datum)
    read = decoder_for(schema, limits=LIMITS).decode(body)
    assert read == datum
    assert encoder_for(schema, limits=LIMITS).encode(read) == body


@given(data())
def test_an_offset_and_a_frame_change_nothing_else(pair: tuple[Any, Any]) -> None:
    node, datum = pair
    schema = parse(node)
    encoder = encoder_for(schema, limits=LIMITS)
    framed = encoder.framed(258)(datum)
    assert framed == b"\0\0\0\1\2" + encoder.encode(datum)
    assert decoder_for(schema, limits=LIMITS).decode(framed, 5) == datum
