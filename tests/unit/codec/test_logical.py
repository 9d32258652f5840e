"""Logical types: the Python value for the bytes, exact in both directions, refused outside its range."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from avroad.codec import Duration, encoder_for
from avroad.errors import EncodeError
from tests.unit.codec.support import decode, encode, logical, not_written, record, refused, schema_of

MICROS = logical("long", "timestamp-micros")
MILLIS = logical("long", "timestamp-millis")
MONEY = logical("bytes", "decimal", precision=6, scale=2)
UUID_TEXT = logical("string", "uuid")
LOCAL = datetime.fromisoformat


def fixed(name: str, size: int, **more: Any) -> dict[str, Any]:
    return {"type": "fixed", "name": "t.F", "size": size, "logicalType": name, **more}


VALUES: list[tuple[Any, Any, Any]] = [
    (MICROS, datetime(2026, 5, 1, 12, 0, 0, 17, UTC), 1777636800000017),
    (MICROS, datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC), -1),
    (MICROS, datetime(1, 1, 1, tzinfo=UTC), -62135596800000000),
    (MICROS, datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC), 253402300799999999),
    (MILLIS, datetime(2026, 5, 1, 12, 0, 0, 17_000, UTC), 1777636800017),
    (MILLIS, datetime(1969, 12, 31, 23, 59, 59, 999_000, UTC), -1),
    (logical("long", "local-timestamp-micros"), LOCAL("2026-05-01T12:00:00.000017"), 1777636800000017),
    (logical("long", "local-timestamp-millis"), LOCAL("1969-12-31T23:59:59.999"), -1),
    (logical("long", "timestamp-nanos"), 1777636800000000017, 1777636800000000017),
    (logical("long", "local-timestamp-nanos"), -5, -5),
    (logical("int", "date"), date(1969, 12, 31), -1),
    (logical("int", "date"), date(2024, 2, 29), 19782),
    (logical("int", "time-millis"), time(23, 59, 59, 999_000), 86_399_999),
    (logical("long", "time-micros"), time(0, 0, 0, 1), 1),
]


@pytest.mark.parametrize(("node", "datum", "number"), VALUES)
def test_a_logical_number_is_its_base_number(node: Any, datum: Any, number: int) -> None:
    body = encode(node, datum)
    assert body == encode(node["type"], number)
    read = decode(node, body)
    assert read == datum
    assert type(read) is type(datum)


@pytest.mark.parametrize("number", [n for k in range(1, 63) for n in (2**k - 1, 2**k, -(2**k), -(2**k) - 1)])
def test_instants_of_every_length_beside_any_neighbour(number: int) -> None:
    """The eight-byte reading must take nothing from the bytes around it, nor miss what is at the end."""
    for name, unit in (("timestamp-micros", 1), ("timestamp-millis", 1000)):
        if not -62135596800000000 <= number * unit <= 253402300799999999:
            continue
        node = record(("a", logical("long", name)), ("b", logical("long", name)), ("c", "bytes"))
        plain = record(("a", "long"), ("b", "long"), ("c", "bytes"))
        when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=number * unit)
        for tail in (b"", b"\xff" * 9, b"\x80\x00\x01"):
            body = encode(plain, {"a": number, "b": number, "c": tail})
            read = decode(node, body)
            assert read == {"a": when, "b": when, "c": tail}
            assert encode(node, read) == body


def test_times_with_a_zone_are_one_instant() -> None:
    here = datetime(2026, 5, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    body = encode(MICROS, here)
    assert body == encode(MICROS, datetime(2026, 5, 1, 12, tzinfo=UTC))
    assert decode(MICROS, body).tzinfo is UTC


@pytest.mark.parametrize("node", [MICROS, MILLIS])
def test_an_offset_does_not_lead_out_of_the_years_that_can_be_read(node: Any) -> None:
    """Both ends are written to the last unit, and one unit further is refused: no decoder gives it back."""
    unit = timedelta(milliseconds=1) if node is MILLIS else timedelta(microseconds=1)
    east, west = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
    first, last = datetime(1, 1, 1, 14, tzinfo=east), datetime(9999, 12, 31, 12, tzinfo=west) - unit
    for datum in (first, last):
        assert decode(node, encode(node, datum)) == datum
    for datum in (first - unit, datetime(1, 1, 1, tzinfo=east), last + unit, datetime(9999, 12, 31, 23, tzinfo=west)):
        error = not_written(record(("at", ["null", node])), {"at": datum})
        assert (error.path, error.expected) == ("$.at", f"a value of {node['logicalType']}")
        assert error.found == "datetime: an instant outside the years 1 to 9999 in UTC"


@pytest.mark.parametrize(
    ("node", "ends"),
    [
        (logical("int", "date"), (date.min, date.max)),
        (logical("int", "time-millis"), (time.min, time(23, 59, 59, 999_000))),
        (logical("long", "time-micros"), (time.min, time.max)),
        (logical("long", "local-timestamp-millis"), (LOCAL("0001-01-01"), LOCAL("9999-12-31T23:59:59.999"))),
        (logical("long", "local-timestamp-micros"), (LOCAL("0001-01-01"), LOCAL("9999-12-31T23:59:59.999999"))),
    ],
)
def test_every_other_type_has_its_whole_range_and_nothing_beyond(node: Any, ends: tuple[Any, Any]) -> None:
    for datum, step in zip(ends, (-1, 1), strict=True):
        body = encode(node, datum)
        assert decode(node, body) == datum
        refused(node, encode(node["type"], decode(node["type"], body) + step))


class _NoOffset(tzinfo):
    def utcoffset(self, _when: datetime | None) -> None:
        return None

    dst = tzname = utcoffset


@pytest.mark.parametrize("node", [MICROS, MILLIS])
@pytest.mark.parametrize(
    "datum",
    [
        LOCAL("2026-05-01"),
        datetime(2026, 5, 1, tzinfo=_NoOffset()),
        date(2026, 5, 1),
        1777636800,
        1.5,
        "2026-05-01",
        None,
    ],
)
def test_naive_times_and_bare_numbers_are_not_written_as_instants(node: Any, datum: Any) -> None:
    assert not_written(node, datum).expected == "a datetime with a zone"
    assert not_written(record(("t", ["null", node]), ("u", "int")), {"t": [datum], "u": 1}).path == "$.t"


@pytest.mark.parametrize(
    ("node", "datum"),
    [
        (MILLIS, datetime(2026, 5, 1, 0, 0, 0, 1, UTC)),
        (logical("long", "local-timestamp-millis"), LOCAL("2026-05-01T00:00:00.000001")),
        (logical("int", "time-millis"), time(0, 0, 0, 1)),
    ],
)
def test_digits_that_would_be_lost_are_refused(node: Any, datum: Any) -> None:
    assert "below the millisecond" in not_written(node, datum).found


@pytest.mark.parametrize(
    ("node", "datum"),
    [
        (logical("long", "local-timestamp-micros"), datetime(2026, 5, 1, tzinfo=UTC)),
        (logical("int", "date"), datetime(2026, 5, 1, tzinfo=UTC)),
        (logical("int", "date"), 5),
        (logical("long", "time-micros"), time(1, tzinfo=UTC)),
        (logical("long", "timestamp-nanos"), datetime(2026, 5, 1, tzinfo=UTC)),
        (UUID_TEXT, "12345678-1234-5678-1234-567812345678"),
        (UUID_TEXT, "nonsense"),
        (fixed("uuid", 16), b"x" * 16),
        (fixed("duration", 12), (1, 2, 3)),
        (fixed("duration", 12), Duration(-1, 0, 0)),
        (fixed("duration", 12), Duration(0, 2**32, 0)),
        (fixed("duration", 12), Duration(True, 0, 0)),
        (MONEY, 1.5),
        (MONEY, 1),
        (MONEY, "1.00"),
        (MONEY, b"\1"),
    ],
)
def test_another_python_type_is_not_written(node: Any, datum: Any) -> None:
    assert not_written(node, datum).path == "$"


@pytest.mark.parametrize(
    ("node", "number"),
    [
        (MICROS, 253402300800000000),
        (MICROS, -62135596800000001),
        (MICROS, 2**63 - 1),
        (MILLIS, 2**62),
        (MILLIS, -(2**63)),
        (logical("long", "local-timestamp-micros"), 2**63 - 1),
        (logical("int", "date"), 2**31 - 1),
        (logical("int", "date"), -719163),
        (logical("int", "time-millis"), 86_400_000),
        (logical("int", "time-millis"), -1),
        (logical("long", "time-micros"), 86_400_000_000),
        (logical("long", "time-micros"), -1),
    ],
)
def test_numbers_outside_the_type_are_refused_also_when_skipped(node: Any, number: int) -> None:
    body = encode(node["type"], number)
    assert node["logicalType"] in refused(node, body).reason
    assert refused(record(("a", node)), body, record()).path == "$.a"


@pytest.mark.parametrize(
    ("text", "wire"),
    [("0", "0200"), ("0.00", "0200"), ("1.27", "027f"), ("1.28", "040080"), ("-1.28", "0280"), ("-1.29", "04ff7f")],
)
def test_decimals_are_written_in_their_shortest_form(text: str, wire: str) -> None:
    assert encode(MONEY, Decimal(text)).hex() == wire
    read = decode(MONEY, wire)
    assert read == Decimal(text)
    assert read.as_tuple().exponent == -2


@pytest.mark.parametrize(
    "text", ["1.001", "10000", "-10000.00", "1E+9", "1E-9", "1E-999999", "NaN", "sNaN", "Infinity"]
)
def test_decimals_that_do_not_fit_are_not_written(text: str) -> None:
    assert "precision 6, scale 2" in not_written(MONEY, Decimal(text)).expected


@pytest.mark.parametrize("text", ["1E+100000", "-1E+100000"])
def test_a_huge_exponent_is_refused_before_it_becomes_digits(text: str) -> None:
    """Written out it would be a large number of bytes and of seconds."""
    encode_one, datum = encoder_for(schema_of(MONEY)).encode, Decimal(text)
    digits = encoder_for(schema_of({**MONEY, "scale": 0})).encode
    for write in (encode_one, digits):
        tracemalloc.start()
        try:
            with pytest.raises(EncodeError, match="precision 6"):
                write(datum)
            assert tracemalloc.get_traced_memory()[1] < 40_000
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("text", ["0E+7", "-0E+999999", "0E-999999"])
def test_a_zero_is_written_whatever_its_exponent(text: str) -> None:
    assert encode(MONEY, Decimal(text)) == encode(MONEY, Decimal(0)) == b"\2\0"


def test_decimals_with_fewer_digits_are_the_same_number() -> None:
    assert encode(MONEY, Decimal("9.9E+3")) == encode(MONEY, Decimal("9900.00"))
    assert encode(MONEY, Decimal("1.50000000")) == encode(MONEY, Decimal("1.5"))


@pytest.mark.parametrize("wire", ["00", "060f4240", "06f0bdc0", "40" + "7f" * 32])
def test_decimal_bytes_beyond_the_precision_are_refused(wire: str) -> None:
    assert "decimal" in refused(MONEY, wire).reason


def test_a_padded_decimal_keeps_its_sign_and_costs_nothing() -> None:
    padded = bytes(200_000) + b"\xff"
    assert decode(MONEY, encode("bytes", padded)) == Decimal("2.55")
    assert decode(MONEY, encode("bytes", b"\xff" * 200_000)) == Decimal("-0.01")
    assert "decimal" in refused(MONEY, encode("bytes", b"\1" + bytes(200_000))).reason
    assert "decimal" in refused(MONEY, encode("bytes", b"\xff\xff\xff\x00\x00\x00\x00")).reason


def test_decimals_of_38_digits_are_exact() -> None:
    node = logical("bytes", "decimal", precision=38, scale=10)
    for text in ("9" * 28 + "." + "9" * 10, "-" + "9" * 28 + "." + "9" * 10, "0.0000000001"):
        read = decode(node, encode(node, Decimal(text)))
        assert str(read) in {text, "1E-10"}


def test_fixed_decimals_fill_their_bytes() -> None:
    node = fixed("decimal", 4, precision=9, scale=2)
    assert encode(node, Decimal("-0.01")) == b"\xff\xff\xff\xff"
    assert decode(node, b"\0\0\1\0") == Decimal("2.56")
    assert "decimal" in refused(node, b"\x7f\xff\xff\xff").reason


def test_uuids_as_text_and_as_bytes() -> None:
    """RFC 9562 writes small letters and reads both; of its spellings only the one of 36 characters is Avro's."""
    value = UUID("12345678-1234-5678-9abc-def012345678")
    assert encode(UUID_TEXT, value) == encode("string", str(value))
    assert decode(UUID_TEXT, encode("string", str(value).upper())) == value
    assert encode(fixed("uuid", 16), value) == value.bytes
    assert decode(fixed("uuid", 16), value.bytes) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x" * 36,
        "12345678123456789abcdef012345678",
        "{12345678-1234-5678-9abc-def012345678}",
        "12345678-1234-5678-9abc-def01234567",
        "12345678-1234-5678-9abc-def0123456789",
        "1234567-1234-5678-9abc-def0123456789",
        "urn:uuid:12345678-1234-5678-9abc-def012345678",
        " 12345678-1234-5678-9abc-def012345678",
        "12345678-1234-5678-9abcd-ef012345678",
        "12345678-1234-5678-9abc-def01234567\n",
        "12345678-1234-5678-9abc-def01234567\uff18",
        "1_345678-1234-5678-9abc-def012345678",
    ],
)
def test_text_that_is_no_uuid_is_refused(text: str) -> None:
    assert "uuid" in refused(UUID_TEXT, encode("string", text)).reason


def test_durations_are_three_little_endian_numbers() -> None:
    node = fixed("duration", 12)
    value = Duration(1, 2, 2**32 - 1)
    assert encode(node, value) == b"\1\0\0\0\2\0\0\0\xff\xff\xff\xff"
    assert decode(node, encode(node, value)) == value
    assert type(decode(node, encode(node, value))) is Duration


def test_unknown_logical_types_are_their_base_type() -> None:
    assert decode(logical("int", "traffic-light"), "04") == 2
