"""F1 and F5: what is encoded decodes to itself, and what decodes is what would be encoded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avroad.codec import decoder_for, encoder_for
from avroad.errors import EncodeError
from avroad.schema import Limits, parse
from tests.property.codec.strategies import ANY_DATETIMES, data, is_instant

LIMITS = Limits(empty_items=True)


@given(data())
def test_decoding_gives_back_what_was_encoded(pair: tuple[Any, Any]) -> None:
    node, datum = pair
    schema = parse(node)
    body = encoder_for(schema, limits=LIMITS).encode(datum)
    read = decoder_for(schema, limits=LIMITS).decode(body)
    assert read == datum
    assert encoder_for(schema, limits=LIMITS).encode(read) == body


@given(ANY_DATETIMES, st.sampled_from(["timestamp-micros", "timestamp-millis"]))
def test_a_datetime_near_either_end_of_time_is_read_again_or_not_written(value: datetime, name: str) -> None:
    schema = parse({"type": "long", "logicalType": name})
    given_value = value.replace(microsecond=value.microsecond // 1000 * 1000)
    if is_instant(given_value):
        assert decoder_for(schema).decode(encoder_for(schema).encode(given_value)) == given_value
    else:
        with pytest.raises(EncodeError):
            encoder_for(schema).encode(given_value)


@given(data())
def test_an_offset_and_a_frame_change_nothing_else(pair: tuple[Any, Any]) -> None:
    node, datum = pair
    schema = parse(node)
    encoder = encoder_for(schema, limits=LIMITS)
    framed = encoder.framed(258)(datum)
    assert framed == b"\0\0\0\1\2" + encoder.encode(datum)
    assert decoder_for(schema, limits=LIMITS).decode(framed, 5) == datum
