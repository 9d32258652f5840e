"""The five bytes before a body."""

from __future__ import annotations

from typing import Any

import pytest

from avroad.codec import FRAME_SIZE, encoder_for, frame, schema_id_of
from avroad.errors import DecodeError, FramingError
from avroad.schema import parse


@pytest.mark.parametrize("schema_id", [0, 1, 255, 65_536, 2**31 - 1])
def test_a_frame_names_its_schema(schema_id: int) -> None:
    payload = frame(schema_id, b"body")
    assert payload == b"\0" + schema_id.to_bytes(4, "big") + b"body"
    assert schema_id_of(payload) == schema_id
    assert payload[FRAME_SIZE:] == b"body"
    assert encoder_for(parse("int")).framed(schema_id)(1) == frame(schema_id, b"\2")


def test_an_empty_body_is_a_body() -> None:
    """A record without fields, or null, takes no byte; five bytes are a whole message."""
    assert schema_id_of(frame(7, b"")) == 7
    assert encoder_for(parse("null")).framed(7)(None) == frame(7, b"")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "at least 5 bytes"),
        (b"\0\0\0\1", "at least 5 bytes"),
        (b"\1" + bytes(16), "GUID"),
        (b"\2\0\0\0\1", "first byte is not 0"),
        (b'{"a": 1}', "first byte is not 0"),
        (b"\0\xff\xff\xff\xff", "negative"),
        (b"\0\x80\0\0\0", "negative"),
        (None, "no bytes"),
        ("text", "no bytes"),
    ],
)
def test_what_is_not_framed_is_refused(payload: Any, reason: str) -> None:
    with pytest.raises(FramingError, match=reason) as caught:
        schema_id_of(payload)
    assert isinstance(caught.value, DecodeError)


@pytest.mark.parametrize("schema_id", [-1, 2**31, True, "1", None])
def test_an_impossible_id_is_refused(schema_id: Any) -> None:
    with pytest.raises(FramingError, match="schema id"):
        frame(schema_id, b"")
