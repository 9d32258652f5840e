"""Dead letters: verbatim originals, readable failures, exact restoring."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avroad.codec.dead_letter import Failure, Poison, dead_letter, parse_dead_letter
from avroad.model import Headers, Record

FIRST = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LAST = datetime(2026, 3, 1, 12, 5, tzinfo=UTC)


def failure(**changes: object) -> Failure:
    values: dict[str, object] = {
        "poison": Poison.CONTRACT, "error": "expected int, found text - at $.pieces",
        "error_class": "avroad.errors.DecodeError", "group": "g", "app_version": "1.2", "attempts": 3,
        "first_failed": FIRST, "last_failed": LAST, "trace": "Traceback ...",
    }  # fmt: skip
    return Failure(**{**values, **changes})  # type: ignore[arg-type]


def record(headers: Headers = (), value: bytes | None = b"\x00value") -> Record:
    return Record(
        topic="orders", partition=2, offset=41, key=b"k", value=value, headers=headers, timestamp_ms=7, leader_epoch=5
    )


def test_both_header_sets_stand_behind_the_untouched_original() -> None:
    original: Headers = (("a", b"1"), ("a", None))
    out = dead_letter(record(original), failure(), "orders.dlq", 2)
    assert (out.topic, out.partition, out.key, out.value, out.timestamp_ms) == ("orders.dlq", 2, b"k", b"\x00value", 7)
    assert out.headers[:2] == original
    added = dict(out.headers[2:])
    assert added == {
        "dlq.topic": b"orders",
        "dlq.partition": b"2",
        "dlq.offset": b"41",
        "dlq.leader_epoch": b"5",
        "dlq.class": b"contract",
        "dlq.reason": b"avroad.errors.DecodeError",
        "dlq.error": b"expected int, found text - at $.pieces",
        "dlq.stage": b"decode",
        "dlq.group": b"g",
        "dlq.app_version": b"1.2",
        "dlq.attempts": b"3",
        "dlq.first_failure": b"2026-03-01T12:00:00.000Z",
        "dlq.last_failure": b"2026-03-01T12:05:00.000Z",
        "dlq.value_sha256": hashlib.sha256(b"\x00value").hexdigest().encode(),
        "dlq.original_headers": b"2",
        "__connect.errors.topic": b"orders",
        "__connect.errors.partition": b"2",
        "__connect.errors.offset": b"41",
        "__connect.errors.connector.name": b"g",
        "__connect.errors.task.id": b"2",
        "__connect.errors.stage": b"DECODE",
        "__connect.errors.class.name": b"avroad",
        "__connect.errors.exception.class.name": b"avroad.errors.DecodeError",
        "__connect.errors.exception.message": b"expected int, found text - at $.pieces",
        "__connect.errors.exception.stacktrace": b"Traceback ...",
    }


def test_the_first_failure_of_kafka_connect_stays_visible() -> None:
    original: Headers = (("__connect.errors.topic", b"elsewhere"),)
    out = dead_letter(record(original), failure(), "orders.dlq", None)
    assert [value for name, value in out.headers if name == "__connect.errors.topic"] == [b"elsewhere"]
    letter = parse_dead_letter(out.headers)
    assert letter is not None
    assert letter.original == original


def test_long_texts_are_cut_on_a_character() -> None:
    out = dead_letter(record(), failure(error="ä" * 2000, trace="ß" * 9000), "d", None)
    headers = dict(out.headers)
    error, trace = headers["dlq.error"], headers["__connect.errors.exception.stacktrace"]
    assert error is not None
    assert trace is not None
    assert (len(error), error.decode()) == (1024, "ä" * 512)
    assert (len(trace), trace.decode()) == (8192, "ß" * 4096)


def test_a_null_value_has_no_digest_and_stays_null() -> None:
    out = dead_letter(record(value=None), failure(), "d", None)
    assert out.value is None
    letter = parse_dead_letter(out.headers)
    assert letter is not None
    assert letter.sha256 == ""


header = st.tuples(st.text(max_size=12), st.none() | st.binary(max_size=12))


@given(original=st.lists(header, max_size=6).map(tuple), again=st.booleans())
def test_the_original_headers_come_back_exactly_also_after_a_second_failure(original: Headers, again: bool) -> None:
    carried = original
    if again:
        carried = dead_letter(record(original), failure(), "d", None).headers
    letter = parse_dead_letter(dead_letter(record(carried), failure(attempts=9), "d", None).headers)
    assert letter is not None
    assert letter.original == carried
    assert letter.attempts == 9


def changed(name: str, value: bytes) -> Headers:
    """The headers of a sound letter with one of them changed."""
    headers = dead_letter(record((("a", b"1"),)), failure(), "d", None).headers
    assert parse_dead_letter(headers) is not None
    return tuple((key, value if key == name else kept) for key, kept in headers)


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("dlq.class", b"malformed"),),
        changed("dlq.partition", b"x"),
        changed("dlq.partition", b"-1"),
        changed("dlq.offset", b"9" * 5000),
        changed("dlq.offset", "\u0663".encode()),
        changed("dlq.attempts", b"1_0"),
        changed("dlq.original_headers", b"-2"),
        changed("dlq.original_headers", b"999"),
    ],
    ids=["none", "few", "text", "negative", "huge", "foreign digit", "spelling", "counted back", "too many"],
)
def test_headers_that_are_not_ours_are_no_letter(headers: Headers) -> None:
    assert parse_dead_letter(headers) is None
