"""The city: what repeats, and what a jam, an accident and a camera do in their lives."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest

from producers.city import City, Event
from producers.city_map import CAMERAS, ROADS, CameraSite
from producers.synthetic import simulated_clock
from schemas.traffic import (
    Accident,
    CameraKind,
    CauseType,
    Constriction,
    Direction,
    InformationStatus,
    SpeedCamera,
    Status,
    TrafficJam,
    Trend,
)

START = datetime(2026, 3, 2, 7, tzinfo=UTC)
PINNED = ["6513270e-269e-4d37-b2a7-4de452e6b438", "0316909e-3bbb-49ea-a894-8c893b618676"]


def events(seed: int, count: int) -> list[Event]:
    return list(islice(City(seed, simulated_clock(START)).events(), count))


@pytest.fixture(scope="module")
def day() -> list[Event]:
    return events(7, 6000)


@pytest.fixture(scope="module")
def lives(day: list[Event]) -> dict[str, list[Event]]:
    """Versions by situation."""
    found: dict[str, list[Event]] = defaultdict(list)
    for event in day:
        found[event.situation_id].append(event)
    return found


def jams(lives: dict[str, list[Event]]) -> list[list[TrafficJam]]:
    return [
        [e for e in life if isinstance(e, TrafficJam)] for life in lives.values() if isinstance(life[0], TrafficJam)
    ]


def crashes(lives: dict[str, list[Event]]) -> list[list[Accident]]:
    return [[e for e in life if isinstance(e, Accident)] for life in lives.values() if isinstance(life[0], Accident)]


def test_the_same_seed_gives_the_same_events() -> None:
    assert events(42, 500) == events(42, 500)


def test_another_seed_gives_other_events_and_other_ids() -> None:
    ids = [{event.event_id for event in events(seed, 500)} for seed in (1, 2)]
    assert not ids[0] & ids[1]


def test_what_happens_does_not_depend_on_the_clock() -> None:
    later = islice(City(42, simulated_clock(START + timedelta(days=99))).events(), 500)
    assert [e.event_id for e in later] == [e.event_id for e in events(42, 500)]


def test_the_first_events_stay_the_same_on_every_python_and_platform() -> None:
    first = events(7, 20)
    assert [str(first[i].event_id) for i in (0, 19)] == PINNED
    assert [type(e).__name__ for e in first[:8]] == ["SpeedCamera"] * 8


def test_ids_are_unique_and_times_in_order(day: list[Event]) -> None:
    assert len({event.event_id for event in day}) == len(day)
    assert all(a.observed_at <= b.observed_at for a, b in pairwise(day))
    assert all(e.observed_at.microsecond % 1000 == 0 for e in day), "the contract has milliseconds"


def test_every_event_agrees_with_itself(day: list[Event]) -> None:
    for event in day:
        assert event.active is (event.status in {Status.ACTIVE, Status.UPDATED})
        assert event.information_status is InformationStatus.TEST, "nobody may take it for real"
        assert event.created_at == event.valid_from <= event.observed_at == event.updated_at
        assert (event.valid_until is None) is event.active
        assert event.situation_id.startswith("synthetic:")
        assert (event.location.lat is None) is (event.location.lon is None)
        assert event.text["en"]


def test_versions_count_up_and_only_the_last_one_is_final(lives: dict[str, list[Event]]) -> None:
    for life in lives.values():
        assert [event.version for event in life] == list(range(1, len(life) + 1))
        assert life[0].status is Status.ACTIVE
        assert all(event.status is Status.UPDATED for event in life[1:-1])
        assert len({event.created_at for event in life}) == 1


def test_jams_grow_then_move_upstream_and_dissolve(lives: dict[str, list[Event]]) -> None:
    whole = [life for life in jams(lives) if life[-1].status is Status.ENDED]
    assert len(whole) > 100
    for life in whole:
        lengths = [jam.length_m or 0 for jam in life]
        peak = lengths.index(max(lengths))
        assert lengths[: peak + 1] == sorted(lengths[: peak + 1]), "it grows to its peak"
        assert lengths[peak:] == sorted(lengths[peak:], reverse=True), "and shrinks from there"
        assert life[-1].length_m == 0
        assert life[-1].level == 0
        assert life[-1].location.line is None
    moved = [life for life in whole if life[-1].location != life[0].location]
    assert len(moved) > len(whole) * 0.9, "the head moves while a jam dissolves"


def test_a_dissolving_head_moves_against_the_direction_of_travel(lives: dict[str, list[Event]]) -> None:
    checked = 0
    for life in jams(lives):
        easing = [
            jam for jam in life if jam.trend is Trend.EASING and jam.location.direction_code is Direction.EAST_BOUND
        ]
        for before, after in pairwise(easing):
            assert before.location.lon is not None
            assert after.location.lon is not None
            assert after.location.lon <= before.location.lon
            checked += 1
    assert checked > 20


def test_a_jam_lies_on_its_road_and_has_a_length_until_it_ends() -> None:
    checked = 0
    for jam in events(0, 8000):
        if not isinstance(jam, TrafficJam) or jam.location.line is None:
            continue
        place = jam.location
        road = next(r for r in ROADS if (r.name, r.heading_deg) == (place.road, place.heading_deg))
        tail, head = place.line  # type: ignore[misc]
        north, east = tail.lat - road.lat, (tail.lon - road.lon) * math.cos(math.radians(road.lat))
        angle = math.radians(road.heading_deg)
        assert (north * math.cos(angle) + east * math.sin(angle)) * 111_320 > -1, "the road does not reach back there"
        assert (jam.length_m or 0) > 0
        assert (jam.vehicles_waiting or 0) > 0
        assert tail != head
        checked += 1
    assert checked > 1000


def test_speed_level_and_delay_of_a_jam_fit_together(lives: dict[str, list[Event]]) -> None:
    for life in jams(lives):
        for jam in life[:-1]:
            assert jam.speed_kmh is not None
            assert jam.free_flow_kmh is not None
            assert jam.level is not None
            assert 0 < jam.speed_kmh < jam.free_flow_kmh
            assert 0 <= jam.level <= 5
            if jam.impact.delay_s is None:
                assert jam.impact.constriction is Constriction.CARRIAGEWAY_BLOCKED, "a blocked road has no delay"
            else:
                assert jam.impact.delay_s >= 0


def test_a_line_runs_from_tail_to_head_in_the_direction_of_travel(day: list[Event]) -> None:
    jam = next(e for e in day if isinstance(e, TrafficJam) and e.location.direction_code is Direction.EAST_BOUND)
    assert jam.location.line is not None
    tail, head = jam.location.line
    assert tail.lon < head.lon
    assert (head.lat, head.lon) == (jam.location.lat, jam.location.lon)


def test_accidents_cause_jams_that_last_until_they_are_cleared(lives: dict[str, list[Event]]) -> None:
    by_cause = {
        life[0].cause.situation_id: life for life in jams(lives) if life[0].cause and life[0].cause.situation_id
    }
    assert by_cause
    for life in crashes(lives):
        if life[-1].status is not Status.ENDED or life[0].situation_id not in by_cause:
            continue
        jam = by_cause[life[0].situation_id]
        assert jam[0].created_at > life[0].created_at
        easing = [version for version in jam if version.trend is Trend.EASING]
        assert not easing or easing[0].observed_at >= life[-1].observed_at, "no easing before the road is free"
        assert jam[0].cause is not None
        assert jam[0].cause.type is CauseType.ACCIDENT


def test_a_cleared_accident_has_no_closed_lanes_and_known_injuries(lives: dict[str, list[Event]]) -> None:
    ended = [life for life in crashes(lives) if life[-1].status is Status.ENDED]
    assert len(ended) > 30
    for life in ended:
        assert life[0].injured is None
        assert life[-1].injured is not None
        assert life[-1].impact.lanes_closed == 0
        assert life[-1].impact.constriction is None
        lanes = [version.impact.lanes_closed or 0 for version in life]
        assert lanes == sorted(lanes, reverse=True)


def test_long_jams_bring_secondary_accidents() -> None:
    secondary = [e for e in events(3, 12_000) if isinstance(e, Accident) and e.cause is not None and e.version == 1]
    assert secondary
    assert all(e.cause is not None and e.cause.type is CauseType.CONGESTION for e in secondary)


def test_cameras_begin_change_limits_and_mobile_ones_move(lives: dict[str, list[Event]]) -> None:
    cameras = [
        [e for e in life if isinstance(e, SpeedCamera)] for life in lives.values() if isinstance(life[0], SpeedCamera)
    ]
    assert {life[0].camera_id for life in cameras} == {f"synthetic:{site.id}" for site in CAMERAS}
    sections = [life for life in cameras if life[0].kind is CameraKind.SECTION]
    assert any(len({version.speed_limit_kmh for version in life}) == 2 for life in sections)
    mobile = [life for life in cameras if life[0].kind is CameraKind.MOBILE]
    places = {(life[0].camera_id, life[0].location) for life in mobile}
    assert len(mobile) == len(places) > 2, "each place is a situation of its own"
    assert all(not life[0].limits_kmh for life in cameras if life[0].kind is CameraKind.RED_LIGHT)


@pytest.mark.parametrize("road", ROADS, ids=lambda road: f"{road.name}-{road.heading_deg:.0f}")
def test_roads_stay_within_the_city(road: object) -> None:
    from producers.city_map import Road

    assert isinstance(road, Road)
    lat, lon = road.point(road.length_m)
    assert 54.1 < lat < 54.3
    assert -1.5 < lon < -1.2
    assert road.free_flow_kmh < road.limit_kmh


@pytest.mark.parametrize("site", CAMERAS, ids=lambda site: site.id)
def test_cameras_stand_on_their_road(site: CameraSite) -> None:
    assert 0 < site.at_m < site.road.length_m
    assert (site.section_length_m is not None) is (site.kind is CameraKind.SECTION)
