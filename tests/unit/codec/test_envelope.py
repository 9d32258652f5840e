"""CloudEvents headers: names and values of the Kafka binding, merging, and reading back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avroad.codec.envelope import CloudEvent, Envelope, merge_headers, parse_event
from avroad.model import Headers

MOMENT = datetime(2026, 3, 1, 12, 30, 0, 250_000, tzinfo=UTC)


def event_headers(event: CloudEvent) -> Headers:
    """Return the headers a type's envelope writes for an event."""
    envelope = Envelope(type_name=event.type, source=event.source, data_schema=event.data_schema)
    return envelope.headers(event.id, time=event.time, subject=event.subject.encode())


def test_all_attributes_are_written_in_the_order_of_the_binding() -> None:
    event = CloudEvent(
        id="1", type="demo.Order", source="urn:x", time=MOMENT, subject="o-1", data_schema="http://r/schemas/ids/7"
    )
    assert event_headers(event) == (
        ("ce_specversion", b"1.0"),
        ("ce_id", b"1"),
        ("ce_type", b"demo.Order"),
        ("ce_source", b"urn:x"),
        ("ce_time", b"2026-03-01T12:30:00.250Z"),
        ("ce_subject", b"o-1"),
        ("ce_dataschema", b"http://r/schemas/ids/7"),
        ("content-type", b"application/avro"),
    )
    assert parse_event(event_headers(event)) == event


def test_what_is_not_known_is_left_out() -> None:
    names = [name for name, _ in event_headers(CloudEvent(id="1", type="t", source="s"))]
    assert names == ["ce_specversion", "ce_id", "ce_type", "ce_source", "content-type"]


def test_times_are_written_in_utc_whatever_their_zone() -> None:
    local = MOMENT.astimezone(timezone(timedelta(hours=2)))
    headers = dict(event_headers(CloudEvent(id="1", type="t", source="s", time=local)))
    assert headers["ce_time"] == b"2026-03-01T12:30:00.250Z"


text = st.text(min_size=1, max_size=30)


@given(id=text, type=text, source=text, subject=st.text(max_size=20), schema=st.text(max_size=20), time=st.datetimes())
def test_writing_and_reading_agree_to_the_millisecond(
    *,
    id: str,  # noqa: A002  # the attribute's name
    type: str,  # noqa: A002
    source: str,
    subject: str,
    schema: str,
    time: datetime,
) -> None:
    cut = time.replace(microsecond=time.microsecond // 1000 * 1000, tzinfo=UTC)
    event = CloudEvent(id=id, type=type, source=source, subject=subject, data_schema=schema, time=cut)
    assert parse_event(event_headers(event)) == event


@pytest.mark.parametrize("missing", ["ce_id", "ce_type", "ce_source"])
def test_an_incomplete_set_is_no_event(missing: str) -> None:
    headers = event_headers(CloudEvent(id="1", type="t", source="s"))
    assert parse_event(tuple(h for h in headers if h[0] != missing)) is None
    assert parse_event(tuple((n, None if n == missing else v) for n, v in headers)) is None


@pytest.mark.parametrize("time", [b"yesterday", b"\xff", b"2026-03-01T12:00:00", b""])
def test_a_time_that_is_none_is_left_out(time: bytes) -> None:
    headers = (("ce_id", b"1"), ("ce_type", b"t"), ("ce_source", b"s"), ("ce_time", time))
    event = parse_event(headers)
    assert event is not None
    assert event.time is None


def test_of_a_repeated_name_the_last_counts() -> None:
    headers: Headers = (("ce_id", b"1"), ("ce_type", b"t"), ("ce_source", b"s"), ("ce_id", b"2"))
    event = parse_event(headers)
    assert event is not None
    assert event.id == "2"


def test_merging_replaces_ours_and_drops_what_must_not_travel_on_a_new_value() -> None:
    own: Headers = (("ce_id", b"1"), ("content-type", b"application/avro"))
    extra: Headers = (
        ("traceparent", b"00"),
        ("ce_id", b"other"),
        ("__value_schema_id", b"\x01"),
        ("__key_schema_id", b"\x01"),
        ("dlq.class", b"malformed"),
        ("__connect.errors.topic", b"t"),
        ("x", None),
        ("x", b""),
    )
    assert merge_headers(own, extra) == (*own, ("traceparent", b"00"), ("x", None), ("x", b""))
