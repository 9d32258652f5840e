"""Values of different libraries: the same while they say the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from avroad.codec import Duration
from avroad.evolve.values import difference, shown

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
MS = 1_777_636_800_000
ID = UUID("5b0e5a5e-3a0c-4a57-9f0a-5d9c6a1b2c3d")


@pytest.mark.parametrize(
    ("meant", "read"),
    [
        (AT, AT), (AT, MS), (MS * 1000, AT), (AT.replace(tzinfo=None), MS), (date(1970, 1, 3), 2),
        (time(0, 0, 1), 1_000), (ID, str(ID)), (ID, ID.bytes), (Decimal("12.34"), Decimal("12.3400")),
        (Decimal("12.34"), b"\x04\xd2"), (Duration(1, 2, 3), b"\1\0\0\0\2\0\0\0\3\0\0\0"), ("text", b"text"),
        (("road.Point", {"lat": 1.0}), {"lat": 1.0}), (7, 7.0), (2**63 - 1, float(2**63)), (float("nan"), float("nan")),
        (16_777_217, 16_777_216.0), (float(MS), AT), ([1, 2], [1, 2]), (None, None),
    ],
)  # fmt: skip
def test_the_same(meant: Any, read: Any) -> None:
    assert difference({"v": meant}, {"v": read}, {"v"}) is None
    assert difference(read, meant, {"lat"}) is None


@pytest.mark.parametrize(
    ("meant", "read"),
    [
        (AT, datetime(1970, 1, 21, 13, tzinfo=UTC)), (AT, MS + 1),
        (Decimal("12.34"), Decimal("0.1234")),
        (True, 1), (0, None), (0, False), ("7", 7), (7, 8.0), (7.0, "7"), (1e300, 1.1e300),
        (date(1970, 1, 3), date(1970, 1, 4)),
    ],
)  # fmt: skip
def test_not_the_same(meant: Any, read: Any) -> None:
    assert difference({"v": [meant]}, {"v": [read]}, {"v"}) == ("$.v[0]", meant, read)


def test_fields_and_items_that_are_missing_are_named() -> None:
    assert difference({"a": 1, "b": 2}, {"a": 1}, {"a", "b"}) == ("$.b", 2, "nothing")
    assert difference({"a": 1}, {"a": 1, "b": 2}, {"a", "b"}) == ("$.b", "nothing", 2)
    assert difference({"a": [1, 2]}, {"a": [1]}, {"a"}) == ("$.a", "2 items", "1 items")


def test_a_map_s_key_is_data_and_is_not_named() -> None:
    assert difference({"m": {"me": 1, "you": 2}}, {"m": {"me": 1, "you": 3}}, {"m"}) == ("$.m{1}", 2, 3)


def test_a_long_value_is_shown_short() -> None:
    assert shown(Decimal("1.5")) == "1.5"
    assert len(shown("x" * 500)) == 60
