"""Many data in one call: the same bytes and values as one by one, and an error that says which one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from avroad.codec import FRAME_SIZE, decoder_for, encoder_for
from avroad.errors import CodecError, DecodeError, EncodeError, FramingError
from avroad.schema import parse
from tests.unit.codec.support import EVENT, TYPES, event, record

NODE = record(("a", "int"), ("b", {"type": "array", "items": "string"}))
DATA: list[dict[str, Any]] = [{"a": i, "b": ["x"] * i} for i in range(5)]


def test_many_are_the_same_as_one_by_one() -> None:
    schema = parse(EVENT)
    encoder, decoder = encoder_for(schema, types=TYPES), decoder_for(schema, types=TYPES)
    sent = [event(id=f"id-{i}", class_=i) for i in range(50)]
    bodies = encoder.encode_many(sent)
    assert bodies == [encoder.encode(e) for e in sent]
    assert decoder.decode_many(bodies) == sent
    framed = encoder.encode_many(sent, schema_id=7)
    assert framed == [encoder.framed(7)(e) for e in sent]
    assert decoder.decode_many(framed, FRAME_SIZE) == sent
    assert encoder.encode_many([]) == decoder.decode_many([]) == []


def test_any_iterable_will_do() -> None:
    def one_by_one() -> Iterator[dict[str, Any]]:
        yield from DATA

    encoder = encoder_for(parse(NODE))
    assert encoder.encode_many(one_by_one()) == encoder.encode_many(tuple(DATA))


def test_an_error_names_the_item_that_failed_and_the_place_in_it() -> None:
    schema = parse(NODE)
    encoder, decoder = encoder_for(schema), decoder_for(schema)
    with pytest.raises(EncodeError) as wrong:
        encoder.encode_many([*DATA, {"a": 1, "b": ["x", 5]}])
    assert (wrong.value.index, wrong.value.path) == (5, "$[5].b[1]")
    payloads = encoder.encode_many(DATA, schema_id=1)
    payloads[3] = payloads[3][:-2]
    with pytest.raises(DecodeError) as cut:
        decoder.decode_many(payloads, FRAME_SIZE)
    assert (cut.value.index, cut.value.path) == (3, "$[3].b[2]")
    assert cut.value.offset == len(payloads[3])
    assert "$[3].b[2]" in str(cut.value)


def test_one_by_one_has_no_index() -> None:
    calls: list[tuple[Callable[..., Any], Any]] = [
        (encoder_for(parse(NODE)).encode, {}),
        (decoder_for(parse(NODE)).decode, b""),
    ]
    for call, given in calls:
        with pytest.raises(CodecError) as caught:
            call(given)
        assert caught.value.index is None


def test_what_is_no_id_and_no_offset_is_refused() -> None:
    with pytest.raises(FramingError):
        encoder_for(parse(NODE)).encode_many(DATA, schema_id=-1)
    with pytest.raises(DecodeError) as caught:
        decoder_for(parse(NODE)).decode_many([b"\0\0"], -1)
    assert caught.value.index == 0
