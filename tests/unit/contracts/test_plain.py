"""Events as JSON data: wire names, exact text for what JSON does not have."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar
from uuid import UUID

import pytest

from avroad.contracts.plain import plain
from schemas.traffic import Location, Point, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    __avro_names__: ClassVar[dict[str, str]] = {"class_": "class"}

    class_: str
    inner: Location | None = None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (1, 1),
        (1.5, 1.5),
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        ("text", "text"),
        (b"\x00\xff", "00ff"),
        (datetime(2026, 3, 2, 7, tzinfo=UTC), "2026-03-02T07:00:00Z"),
        (datetime(2026, 3, 2, 7, 0, 0, 5000, tzinfo=UTC), "2026-03-02T07:00:00.005000Z"),
        (datetime(2026, 3, 2, 7, tzinfo=timezone(timedelta(hours=2))), "2026-03-02T07:00:00+02:00"),
        (datetime(2026, 3, 2, 7), "2026-03-02T07:00:00"),  # noqa: DTZ001
        (date(2026, 3, 2), "2026-03-02"),
        (time(7, 30), "07:30:00"),
        (UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        (Decimal("2.50"), "2.50"),
        (Status.ENDED, "ENDED"),
        ((1, "a"), [1, "a"]),
        (MappingProxyType({"a": (1,)}), {"a": [1]}),
        ({"nested": {"at": date(2026, 1, 1)}}, {"nested": {"at": "2026-01-01"}}),
        (complex(1, 2), "(1+2j)"),
    ],
)
def test_values(value: object, expected: object) -> None:
    assert plain(value) == expected
    assert type(plain(value)) is type(expected), "a bool is no int, a StrEnum member is text"
    json.dumps(plain(value), allow_nan=False)


def test_generated_classes_use_wire_names() -> None:
    value = Renamed(class_="x", inner=Location(country="GB", line=(Point(lat=1.0, lon=2.0),)))
    data = plain(value)
    assert isinstance(data, dict)
    assert list(data) == ["class", "inner"]
    inner = data["inner"]
    assert isinstance(inner, dict)
    assert inner["line"] == [{"lat": 1.0, "lon": 2.0}]
    assert inner["city"] is None
