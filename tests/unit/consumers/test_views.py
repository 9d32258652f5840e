"""What the monitor shows: JSON for programs, lines and a picture for people, poison without its bytes."""

from __future__ import annotations

import dataclasses
import io
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from rich.console import Console

from avroad.codec.dead_letter import Failure, Poison
from avroad.consumer import Event
from avroad.model import Record
from consumers.live_view import LiveView
from consumers.seen import Seen, seen_event, seen_poison
from consumers.summary import summary
from consumers.totals import Totals
from consumers.views import JsonView, PlainView, clipped, record_lines
from schemas.traffic import (
    Accident,
    CameraKind,
    Impact,
    Location,
    Source,
    SpeedCamera,
    Status,
    TrafficJam,
    Trend,
)

NOW = datetime(2026, 3, 2, 7, 0, 0, 5000, tzinfo=UTC)
PLACE = Location(lat=54.2, lon=-1.35, road="Mill Lane", city="Marrowby", country="GB")
SOURCE = Source(provider="synthetic", reference="1")


def jam(location: Location = PLACE) -> TrafficJam:
    return TrafficJam(
        situation_id="synthetic:jam-1", record_id="1", version=2, event_id=UUID(int=5), status=Status.UPDATED,
        active=True, observed_at=NOW, created_at=NOW, updated_at=NOW, valid_from=NOW, source=SOURCE, location=location,
        impact=Impact(delay_s=300), level=3, length_m=1240, trend=Trend.BUILDING_UP,
    )  # fmt: skip


def accident() -> Accident:
    return Accident(
        situation_id="uk-dft:1", record_id="1", version=1, event_id=UUID(int=6), status=Status.ENDED, active=False,
        observed_at=NOW, created_at=NOW, updated_at=NOW, valid_from=NOW, source=SOURCE,
        location=Location(lat=53.97, lon=-1.08, city="York", country="GB"), impact=Impact(), vehicles=2, injured=1,
        fatalities=0, speed_limit_kmh=48,
    )  # fmt: skip


def camera() -> SpeedCamera:
    return SpeedCamera(
        situation_id="synthetic:cam-1", record_id="1", version=1, event_id=UUID(int=7), status=Status.ACTIVE,
        active=True, observed_at=NOW, created_at=NOW, updated_at=NOW, valid_from=NOW, source=SOURCE, location=PLACE,
        impact=Impact(), camera_id="synthetic:cam-1", kind=CameraKind.FIXED, limits_kmh={"car": 48},
    )  # fmt: skip


def record(key: bytes | None = b"synthetic:jam-1", headers: tuple[tuple[str, bytes | None], ...] = ()) -> Record:
    milliseconds = int(NOW.timestamp() * 1000)
    return Record(
        topic="traffic.events", partition=3, offset=120, key=key, value=b"", headers=headers, timestamp_ms=milliseconds
    )


def event(value: object, **changes: object) -> Event:
    base = Event(record=record(), type_name="traffic.TrafficJam", value=value, schema_id=11, schema_version=1)
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def failure(text: str = "the schema id is negative, byte 1 - at $") -> Failure:
    return Failure(poison=Poison.MALFORMED, error=text, first_failed=NOW, last_failed=NOW)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (jam(), "UPDATED, Mill Lane, Marrowby, level 3, 1.2 km, +5 min, building up"),
        (accident(), "ENDED, York 53.9700,-1.0800, 2 vehicles 1 injured, limit 48 km/h, 2026-03-02 07:00Z"),
        (camera(), "ACTIVE, Mill Lane, Marrowby, FIXED, limit 48 km/h"),
        (jam(Location(country="FI")), "UPDATED, FI, level 3, 1.2 km, +5 min, building up"),
        (None, "(tombstone: the key has no value any more)"),
        ({"a": 1, "b": None, "c": [1], "d": "x"}, "a=1, d=x"),
        ("bare", "bare"),
    ],
)
def test_a_summary_says_what_an_event_says(value: object, text: str) -> None:
    assert summary(value) == text


def test_json_carries_position_schema_and_value() -> None:
    stream = io.StringIO()
    JsonView(stream).show(seen_event(event(jam()), lag=4), Totals())
    line = json.loads(stream.getvalue())
    value = line.pop("value")
    assert line == {
        "event_id": "00000000-0000-0000-0000-000000000005", "event_type": "traffic.TrafficJam",
        "topic": "traffic.events", "partition": 3, "offset": 120, "key": "synthetic:jam-1", "schema_id": 11,
        "schema_version": 1, "timestamp": "2026-03-02T07:00:00.005Z",
    }  # fmt: skip
    assert value["location"]["city"] == "Marrowby"
    assert value["status"] == "UPDATED"
    assert value["observed_at"].endswith("Z")


@pytest.mark.parametrize(
    ("value", "headers", "event_id"),
    [
        ({"event_id": "from-dict"}, (), "from-dict"),
        ({"no": "id"}, (("ce_id", b"h"), ("ce_type", b"t"), ("ce_source", b"s")), "h"),
        ({"no": "id"}, (), None),
        (None, (), None),
    ],
)
def test_the_event_id_comes_from_the_value_or_the_envelope(
    value: object, headers: tuple[tuple[str, bytes | None], ...], event_id: str | None
) -> None:
    assert seen_event(event(value, record=record(headers=headers)), None).event_id == event_id


@pytest.mark.parametrize(("key", "text"), [(None, None), (b"k\xc3\xa9", "ké"), (b"\xff\xfe", "0xfffe"), (b"", "")])
def test_keys_are_text_or_hexadecimal(key: bytes | None, text: str | None) -> None:
    assert seen_event(event(None, record=record(key)), None).key == text


def test_poison_shows_class_and_reason_in_every_view() -> None:
    seen = seen_poison(record(b"\xff"), failure())
    assert seen.as_json()["poison"] == "malformed"
    assert seen.as_json()["event_type"] is None
    assert "POISON malformed  no schema  0xff" in record_lines(seen, None)[0]
    framed = seen_poison(dataclasses.replace(record(b"k"), value=b"\0\0\0\0\x09\xff"), failure())
    assert (framed.schema_id, framed.schema_version) == (9, None)
    assert "POISON malformed  id 9, version unknown  k" in record_lines(framed, None)[0]


def test_plain_lines_are_one_line_without_a_width() -> None:
    stream = io.StringIO()
    PlainView(stream, None).show(seen_event(event(jam()), 4), Totals())
    assert stream.getvalue() == (
        "traffic.events/3@120  TrafficJam  id 11 v1  synthetic:jam-1  lag 4  "
        "UPDATED, Mill Lane, Marrowby, level 3, 1.2 km, +5 min, building up\n"
    )


@pytest.mark.parametrize("width", [40, 80, 100])
@pytest.mark.parametrize("key", [b"short", b"k" * 60, b"k" * 300, b"\x1b[31m\n"])
def test_lines_never_exceed_the_width_nor_carry_control_characters(width: int, key: bytes) -> None:
    lines = record_lines(seen_event(event(jam(), record=record(key)), 4), width)
    assert len(lines) == 2
    assert all(len(line) <= width for line in lines)
    assert all(line.isprintable() for line in lines)


def test_clipping_shows_that_something_is_missing() -> None:
    assert clipped("abcdefgh", 6) == "abc..."
    assert clipped("abcdef", 6) == "abcdef"
    assert clipped("a\nb\tc", 9) == "a.b.c"


def seen(offset: int = 1, poison: str = "") -> Seen:
    return Seen(
        event_id="1", event_type="traffic.TrafficJam", topic="traffic.events", partition=0, offset=offset, key="k",
        schema_id=1, schema_version=None, timestamp=None, content="says something", poison=poison,
    )  # fmt: skip


@pytest.mark.parametrize("size", [(80, 24), (60, 12), (200, 50)])
def test_the_live_picture_fits_the_terminal(size: tuple[int, int]) -> None:
    console = Console(width=size[0], height=size[1], file=io.StringIO(), force_terminal=True, color_system=None)
    totals = Totals()
    for partition in range(12):
        totals.add(("traffic.events", partition), 7, "traffic.TrafficJam", lambda: {("traffic.events", 0): 3})
    view = LiveView("avroad monitor  local", totals, console)
    try:
        for offset in range(60):
            view.show(seen(offset, "malformed" if offset % 9 == 0 else ""), totals)
        for number in range(9):
            view.note(f"note {number} " + "x" * 300)
        lines = console.render_lines(view.render(), console.options.update(height=None))
        text = ["".join(segment.text for segment in line).rstrip() for line in lines]
    finally:
        view.close()
    assert len(lines) <= size[1]
    assert all(len(line) <= size[0] for line in text)
    assert any("12 events" in line and "lag" in line for line in text)
    assert any("traffic.events/0@59" in line for line in text), "the last record is shown first"
    assert any("note 8" in line for line in text)
    rows = sum(line.startswith("traffic.events  ") for line in text)
    assert any(line.startswith(f"and {12 - rows} more") for line in text), "what does not fit is counted"


def test_an_empty_live_picture_says_what_it_waits_for() -> None:
    console = Console(width=80, height=24, file=io.StringIO(), force_terminal=True, color_system=None)
    view = LiveView("avroad monitor", Totals(), console)
    view.close()
    console.print(view.render())
    assert "waiting for records" in console.file.getvalue()  # type: ignore[attr-defined]
    console = Console(width=80, height=24, file=io.StringIO(), force_terminal=True, color_system=None)
    view = LiveView("avroad monitor", Totals(), console, waiting="--from beginning shows more")
    view.close()
    console.print(view.render())
    assert "--from beginning shows more" in console.file.getvalue()  # type: ignore[attr-defined]


def test_totals_count_rate_and_lag() -> None:
    now = 0.0
    totals = Totals(lambda: now)
    key, other = ("t", 0), ("t", 1)
    assert totals.add(key, 10, "n.T", lambda: {key: 5, other: 3}) == 4, "five not finished, this one among them"
    lag: int | None = None
    for offset in range(11, 15):
        now += 0.05
        lag = totals.add(key, offset, "n.T", lambda: pytest.fail("asked too often"))
    assert lag == 0
    assert totals.total_lag() == 3
    now += 1.0
    assert totals.add(key, 15, "", lambda: {key: 1, other: 3}) == 0
    assert (totals.events, totals.poison) == (5, 1)
    assert totals.mean_rate() == pytest.approx(6 / 1.2)
    assert totals.rate() == pytest.approx(6 / 1.2)
    now += 60.0
    assert totals.rate() == 0.0
    assert totals.lag(("t", 9)) is None
