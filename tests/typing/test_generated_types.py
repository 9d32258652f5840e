"""What the checkers know of generated classes. Each line is checked by mypy and pyright, and runs as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from typing import assert_type
from uuid import UUID

import pytest

from schemas.traffic import (
    AVRO_TYPES,
    Accident,
    AccidentCause,
    CollisionKind,
    Impact,
    Location,
    Point,
    Source,
    SpeedCamera,
    Status,
    TrafficJam,
    Trend,
)

NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)


def jam(**changes: int) -> TrafficJam:
    return TrafficJam(
        situation_id="synthetic:jam-1",
        record_id="synthetic:jam-1-1",
        version=changes.get("version", 1),
        event_id=UUID(int=1),
        active=True,
        observed_at=NOW,
        created_at=NOW,
        updated_at=NOW,
        valid_from=NOW,
        source=Source(provider="synthetic", reference="jam-1"),
        location=Location(country="GB"),
        impact=Impact(),
    )


def test_fields_of_an_event() -> None:
    event = jam()
    assert_type(event.situation_id, str)
    assert_type(event.event_id, UUID)
    assert_type(event.observed_at, datetime)
    assert_type(event.valid_until, datetime | None)
    assert_type(event.length_m, int | None)
    assert_type(event.speed_kmh, float | None)
    assert_type(event.trend, Trend | None)
    assert_type(event.attributes, Mapping[str, str])
    assert_type(event.location.line, tuple[Point, ...] | None)
    assert_type(event.status, Status)
    assert event.status is Status.UNKNOWN


def test_types_of_other_events() -> None:
    def accident(event: Accident) -> None:
        assert_type(event.causes, tuple[AccidentCause, ...])
        assert_type(event.collision, CollisionKind | None)

    def camera(event: SpeedCamera) -> None:
        assert_type(event.limits_kmh, Mapping[str, int])
        assert_type(event.installed_on, date | None)

    assert accident.__name__ != camera.__name__


def test_what_the_checkers_refuse_fails_at_run_time_too() -> None:
    event = jam()
    with pytest.raises(FrozenInstanceError):
        event.version = 2  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(TypeError):
        Point(1.0, 2.0)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError):
        Location()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def test_the_table_of_classes() -> None:
    assert_type(AVRO_TYPES, Mapping[str, type])
    assert AVRO_TYPES[TrafficJam.__avro_fullname__] is TrafficJam
    assert all(len(vars(cls)["__avro_fingerprint__"]) == 64 for cls in AVRO_TYPES.values())
