"""Another unit or scale that the reader's type declares: converted exactly or refused, never reinterpreted."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from avroad.codec import Conflict, decoder_for, resolve
from avroad.errors import IncompatibleSchema
from avroad.schema import parse, to_json
from tests.unit.codec.support import decode, encode, logical, record, refused

LOCAL = datetime.fromisoformat


def declared(base: str, name: str, *found: str, **more: Any) -> dict[str, Any]:
    return logical(base, name, **more, **{"avroad.converts": list(found)})


def decimal(scale: int, precision: int = 9, *found: str) -> dict[str, Any]:
    return declared("bytes", "decimal", *found, precision=precision, scale=scale)


MS = datetime(2026, 5, 1, 12, 0, 0, 17_000, UTC)
CONVERTED: list[tuple[Any, Any, Any, Any]] = [
    (logical("long", "timestamp-millis"), MS, declared("long", "timestamp-micros", "timestamp-millis"), MS),
    (logical("long", "timestamp-micros"), MS, declared("long", "timestamp-millis", "timestamp-micros"), MS),
    (
        logical("long", "timestamp-millis"),
        datetime(1969, 12, 31, 23, 59, 59, 999_000, UTC),
        declared("long", "timestamp-micros", "timestamp-millis"),
        datetime(1969, 12, 31, 23, 59, 59, 999_000, UTC),
    ),
    (
        logical("long", "timestamp-millis"),
        MS,
        declared("long", "timestamp-nanos", "timestamp-millis"),
        1_777_636_800_017_000_000,
    ),
    (logical("long", "timestamp-nanos"), 17_000_000, declared("long", "timestamp-millis", "timestamp-nanos"), None),
    (
        logical("long", "local-timestamp-millis"),
        LOCAL("2026-05-01T00:00:00.017"),
        declared("long", "local-timestamp-micros", "local-timestamp-millis"),
        LOCAL("2026-05-01T00:00:00.017"),
    ),
    (
        logical("int", "time-millis"),
        time(1, 2, 3, 4_000),
        declared("long", "time-micros", "time-millis"),
        time(1, 2, 3, 4_000),
    ),
    (decimal(2), Decimal("1.25"), decimal(4, 9, "decimal scale 2"), Decimal("1.2500")),
    (decimal(4), Decimal("-1.2500"), decimal(2, 9, "decimal scale 4"), Decimal("-1.25")),
]


@pytest.mark.parametrize(("writer", "datum", "reader", "expected"), CONVERTED)
@pytest.mark.parametrize("wrap", ["plain", "nullable", "array", "field"])
def test_a_declared_unit_or_scale_is_converted_exactly(
    writer: Any, datum: Any, reader: Any, expected: Any, wrap: str
) -> None:
    if expected is None:
        expected = datetime(1970, 1, 1, 0, 0, 0, 17_000, UTC)
    if wrap == "nullable":
        writer, reader = ["null", writer], ["null", reader]
    elif wrap == "array":
        writer, datum = {"type": "array", "items": writer}, [datum]
        reader, expected = {"type": "array", "items": reader}, [expected]
    elif wrap == "field":
        writer, datum = record(("f", writer)), {"f": datum}
        reader, expected = record(("f", reader)), {"f": expected}
    read = decode(writer, encode(writer, datum), reader)
    assert read == expected
    assert repr(read) == repr(expected), "of the reader's scale and type"
    assert not [c for c in resolve(parse(writer), parse(reader)).conflicts if c.meaning or not c.partial]


@pytest.mark.parametrize(
    ("writer", "datum", "reader"),
    [
        (logical("long", "timestamp-micros"), MS.replace(microsecond=1), "timestamp-millis"),
        (logical("long", "timestamp-nanos"), 1, "timestamp-micros"),
        (logical("long", "timestamp-nanos"), -1, "timestamp-millis"),
        (logical("long", "timestamp-millis"), datetime(2999, 1, 1, tzinfo=UTC), "timestamp-nanos"),
    ],
)
def test_digits_and_numbers_the_readers_unit_cannot_hold_are_refused(writer: Any, datum: Any, reader: str) -> None:
    wanted = declared("long", reader, writer["logicalType"])
    error = refused(writer, encode(writer, datum), wanted)
    assert reader in error.reason
    inside = refused(record(("a", "int"), ("t", writer)), b"\2" + encode(writer, datum), record(("t", wanted)))
    assert (inside.path, inside.offset) == ("$.t", 1)


@pytest.mark.parametrize(
    ("writer", "text", "reader"),
    [
        (decimal(4), "1.2345", decimal(2, 9, "decimal scale 4")),
        (decimal(2), "99999.00", decimal(4, 8, "decimal scale 2")),
    ],
    ids=["digits-after-the-point", "digits-before-the-point"],
)
def test_a_decimal_that_would_lose_digits_is_refused(writer: Any, text: str, reader: Any) -> None:
    assert "decimal" in refused(writer, encode(writer, Decimal(text)), reader).reason
    (conflict,) = resolve(parse(writer), parse(reader)).conflicts
    assert conflict.partial
    assert not conflict.meaning


@pytest.mark.parametrize(
    ("writer", "reader"),
    [
        (logical("long", "timestamp-millis"), declared("long", "timestamp-micros")),
        (logical("long", "timestamp-millis"), declared("long", "timestamp-micros", "timestamp-nanos")),
        (logical("long", "timestamp-millis"), declared("long", "local-timestamp-millis", "timestamp-millis")),
        (logical("int", "date"), declared("long", "timestamp-millis", "date")),
        (logical("long", "timestamp-millis"), {**logical("long", "timestamp-micros"), "avroad.converts": True}),
        (decimal(2), decimal(4, 9, "decimal scale 3")),
    ],
    ids=["nothing", "another-unit", "another-kind", "date-to-instant", "no-list", "another-scale"],
)
def test_what_is_not_declared_or_has_no_counterpart_stays_refused(writer: Any, reader: Any) -> None:
    (conflict,) = resolve(parse(writer), parse(reader)).conflicts
    assert conflict.meaning
    with pytest.raises(IncompatibleSchema, match=conflict.found):
        decode(writer, b"\0", reader)


def test_a_conflict_names_exactly_what_would_have_to_be_declared() -> None:
    writer, reader = decimal(2), decimal(4, 11)
    (conflict,) = resolve(parse(writer), parse(reader)).conflicts
    expected = Conflict(path="$", expected="decimal scale 4", found="decimal scale 2", partial=False, meaning=True)
    assert conflict == expected
    assert decoder_for(parse(writer), parse({**reader, "avroad.converts": [conflict.found]})).plan.conflicts == ()


def test_the_declaration_only_widens_what_is_read_and_survives_the_registry() -> None:
    reader = declared("long", "timestamp-micros", "timestamp-millis")
    micros = logical("long", "timestamp-micros")
    assert decode(micros, encode(micros, MS), reader) == MS
    assert decode(reader, encode(reader, MS)) == MS
    assert to_json(parse(reader)) == reader
