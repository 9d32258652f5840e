"""Frames in every form: what is read, what is refused, and that nothing but the declared form decides."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from confluent_kafka.schema_registry.common.serde import SchemaId
from confluent_kafka.serialization import MessageField, SerializationContext
from hypothesis import example, given, settings
from hypothesis import strategies as st

from avroad.codec import decoder_for, frame, schema_id_of
from avroad.errors import DecodeError, FramingError
from avroad.model import Framing, Headers
from avroad.schema import parse
from avroad.wire.frames import Frame, frame_of, read_frame, schema_header

GUID = UUID("0123456789abcdef0123456789abcdef")
VALUE, KEY = "__value_schema_id", "__key_schema_id"


def refused(payload: Any, headers: Headers = (), framing: Framing = Framing.ID) -> FramingError:
    with pytest.raises(FramingError) as caught:
        read_frame(payload, headers, framing)
    return caught.value


def test_an_id_before_the_body_is_read_in_both_forms_of_prefix() -> None:
    for framing in (Framing.ID, Framing.GUID):
        assert read_frame(frame(7, b"body"), framing=framing) == Frame(schema=7, start=5)
    assert frame_of(7) == b"\0\0\0\0\7"


def test_a_guid_before_the_body_is_read_only_when_enabled() -> None:
    payload = frame_of(GUID) + b"body"
    assert payload == b"\1" + GUID.bytes + b"body"
    assert read_frame(payload, framing=Framing.GUID) == Frame(schema=GUID, start=17)
    assert "GUID (magic byte 1), which is not enabled" in refused(payload).reason


def test_a_header_is_read_only_when_enabled_and_then_the_payload_is_the_body() -> None:
    for schema in (7, GUID):
        headers = (("other", b"x"), schema_header(schema))
        assert read_frame(b"body", headers, Framing.HEADER) == Frame(schema=schema, start=0)
        assert "the header form is not enabled" in refused(b"body", headers).reason
        assert "the header form is not enabled" in refused(b"body", headers, Framing.GUID).reason


def test_either_form_is_read_where_it_is_declared_and_a_header_wins() -> None:
    assert read_frame(b"body", (schema_header(GUID),), Framing.EITHER) == Frame(schema=GUID, start=0)
    assert read_frame(frame(7, b"body"), framing=Framing.EITHER) == Frame(schema=7, start=5)
    assert "again before the body" in refused(frame(7, b"\2"), (schema_header(7),), Framing.EITHER).reason
    assert "GUID (magic byte 1), which is not enabled" in refused(frame_of(GUID), framing=Framing.EITHER).reason
    assert "neither an id" in refused(frame(7, b"\2"), ((VALUE, None),), Framing.EITHER).reason


def test_key_and_value_have_headers_of_their_own() -> None:
    headers = (schema_header(1, key=True), schema_header(2))
    assert [name for name, _ in headers] == [KEY, VALUE]
    assert read_frame(b"", headers, Framing.HEADER, key=True).schema == 1
    assert read_frame(b"", headers, Framing.HEADER).schema == 2


def test_a_header_that_came_along_never_overrules_the_prefix() -> None:
    """Reliability 1.4: Confluent's deserializer lets it, and reads the prefix as data."""
    stale = (schema_header(9),)
    for framing in (Framing.ID, Framing.GUID):
        assert read_frame(frame(7, b"\2"), stale, framing) == Frame(schema=7, start=5)


def test_a_prefix_under_the_header_form_is_refused_or_decodes_to_an_error() -> None:
    """A framed payload whose record also has the header: the same frame twice is seen, another one is no datum."""
    assert "again before the body" in refused(frame(7, b"\2"), (schema_header(7),), Framing.HEADER).reason
    both = frame_of(GUID) + b"\2"
    assert "again before the body" in refused(both, (schema_header(GUID),), Framing.HEADER).reason
    payload = frame(7, b"\2\4\6")
    three: Any = {"type": "record", "name": "R", "fields": [{"name": name, "type": "int"} for name in "abc"]}
    found = read_frame(payload, (schema_header(GUID),), Framing.HEADER)
    with pytest.raises(DecodeError, match="bytes after the datum"):
        decoder_for(parse(three)).decode(payload, found.start)


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ((), "found no header"),
        (((KEY, frame_of(7)),), "found no header"),
        (((VALUE, frame_of(7)), (VALUE, frame_of(8))), "several headers that differ"),
        (((VALUE, None),), "neither an id"),
        (((VALUE, b""),), "neither an id"),
        (((VALUE, b"\0\0\0\0"),), "neither an id"),
        (((VALUE, b"\0\0\0\0\7\0"),), "neither an id"),
        (((VALUE, b"\1" + bytes(15)),), "neither an id"),
        (((VALUE, b"\1" + bytes(17)),), "neither an id"),
        (((VALUE, b"\2" + bytes(4)),), "neither an id"),
        (((VALUE, b"\0\xff\xff\xff\xff"),), "negative"),
    ],
)
def test_a_header_that_names_no_schema_is_refused(headers: Headers, says: str) -> None:
    assert says in refused(b"body", headers, Framing.HEADER).reason


def test_the_same_header_twice_names_one_schema() -> None:
    assert read_frame(b"", (schema_header(7), schema_header(7)), Framing.HEADER).schema == 7


@pytest.mark.parametrize("size", range(17))
def test_a_cut_guid_is_refused(size: int) -> None:
    error = refused((b"\1" + GUID.bytes)[:size], framing=Framing.GUID)
    assert error.offset == size
    assert "at least 17 bytes, by id at least 5" in error.reason


def test_a_first_byte_of_neither_form_is_named_where_both_are_enabled() -> None:
    for size in (1, 5, 20):
        assert "neither 0, for an id, nor 1, for a GUID" in refused(b"\xff" * size, framing=Framing.GUID).reason


def test_confluent_reads_what_we_write_and_we_read_what_it_writes() -> None:
    ours = SchemaId("AVRO")
    ours.from_bytes(BytesIO(frame_of(GUID)))
    assert ours.guid == GUID
    theirs = SchemaId("AVRO", 7, str(GUID))
    assert theirs.guid_to_bytes() == frame_of(GUID)
    assert theirs.id_to_bytes() == frame_of(7)
    headers: list[tuple[str, str | bytes | None]] = []
    context = SerializationContext("t", MessageField.VALUE, headers)
    from confluent_kafka.schema_registry import header_schema_id_serializer

    header_schema_id_serializer(b"body", context, theirs)
    ((name, value),) = headers
    assert isinstance(value, bytes)
    assert read_frame(b"body", ((name, value),), Framing.HEADER).schema == GUID


MAGIC = st.sampled_from([b"", b"\0", b"\1", b"\0\0\0\0\7", b"\1" + GUID.bytes, b"\xc3\1", b"\0\x80\0\0\0"])
ANY = st.builds(lambda head, tail: (head + tail)[:20], MAGIC, st.binary(max_size=20))
HEADERS = st.lists(st.tuples(st.sampled_from([VALUE, KEY, "x"]), st.none() | ANY), max_size=3).map(tuple)


@settings(max_examples=1000)
@example(b"", ((VALUE, b""),), Framing.HEADER, False)
@given(ANY, HEADERS, st.sampled_from(Framing), st.booleans())
def test_f10_any_bytes_and_headers_give_a_frame_or_a_framing_error(
    payload: bytes, headers: Headers, framing: Framing, key: bool
) -> None:
    """Invariants: one error type; a frame lies in the payload and is what `frame_of` writes; ID never sees headers."""
    try:
        found = read_frame(payload, headers, framing, key=key)
    except FramingError as error:
        _check_refusal(error, payload, framing)
        return
    name = KEY if key else VALUE
    if framing is Framing.HEADER or (framing is Framing.EITHER and any(given == name for given, _ in headers)):
        assert found.start == 0
        assert (name, frame_of(found.schema)) in headers
        assert not payload.startswith(frame_of(found.schema))
    else:
        assert payload[: found.start] == frame_of(found.schema)
        assert framing is Framing.GUID or found.schema == schema_id_of(payload)


def _check_refusal(error: FramingError, payload: bytes, framing: Framing) -> None:
    assert 0 <= error.offset <= max(len(payload), 1)
    assert len(payload) < 3 or payload.hex() not in str(error)
    if framing is Framing.ID:
        with pytest.raises(FramingError):
            schema_id_of(payload)
