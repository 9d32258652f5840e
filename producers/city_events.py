"""From the state of the city to the events that report it."""

from __future__ import annotations

from typing import Final

from producers.city_map import CITY, Road
from producers.city_state import Camera, Crash, Jam, Situation
from schemas.traffic import (
    Accident,
    CameraKind,
    Cause,
    CauseType,
    Constriction,
    Impact,
    InformationStatus,
    JamKind,
    Location,
    Point,
    Probability,
    Severity,
    Source,
    SourceType,
    SpeedCamera,
    Status,
    TrafficJam,
)

__all__ = ["PROVIDER", "accident", "speed_camera", "traffic_jam"]

PROVIDER: Final = "synthetic"
_COUNTRY: Final = "GB"
_LEVELS: Final = ((0.05, 5), (0.15, 4), (0.30, 3), (0.50, 2), (0.80, 1))
"""Jam level by the share of free-flow speed that remains: below the first number, the second."""

_KINDS: Final = (
    JamKind.HEAVY, JamKind.HEAVY, JamKind.SLOW, JamKind.QUEUING, JamKind.STATIONARY, JamKind.STATIONARY,
)  # fmt: skip
_DELAYS: Final = ((900, Severity.HIGH), (300, Severity.MEDIUM), (60, Severity.LOW))
_METRES_PER_VEHICLE: Final = 8.0
_KMH: Final = 3.6


def accident(crash: Crash) -> Accident:
    """Return the event for the present version of a crash."""
    return Accident(
        situation_id=crash.id,
        record_id=f"{crash.id}-1",
        version=crash.version,
        event_id=crash.event_id,
        status=crash.status,
        information_status=InformationStatus.TEST,
        active=not crash.cleared,
        observed_at=crash.observed_at,
        created_at=crash.created_at,
        updated_at=crash.observed_at,
        valid_from=crash.created_at,
        valid_until=crash.observed_at if crash.cleared else None,
        severity=crash.severity,
        probability=Probability.CERTAIN if crash.version > 1 else Probability.PROBABLE,
        source=_source(crash, SourceType.POLICE_PATROL),
        location=_place(crash),
        impact=_lanes(crash.road, crash.lanes_closed),
        cause=crash.cause,
        text={"en": _accident_text(crash)},
        speed_limit_kmh=crash.road.limit_kmh,
        kind=crash.kind,
        collision=crash.collision,
        vehicles=crash.vehicles,
        injured=crash.injured,
        fatalities=None if crash.injured is None else 0,
        hazardous_goods=False,
        causes=crash.causes,
    )


def traffic_jam(jam: Jam) -> TrafficJam:
    """Return the event for the present version of a jam; an ended one has length 0 and free flow."""
    ended = jam.status is Status.ENDED
    closed = jam.crash.lanes_closed if jam.crash is not None else 0
    blocked = closed == jam.road.lanes
    level = 0 if ended else _level(jam.speed_kmh / jam.road.free_flow_kmh)
    delay_s = 0 if ended else _delay_s(jam)
    return TrafficJam(
        situation_id=jam.id,
        record_id=f"{jam.id}-1",
        version=jam.version,
        event_id=jam.event_id,
        status=jam.status,
        information_status=InformationStatus.TEST,
        active=not ended,
        observed_at=jam.observed_at,
        created_at=jam.created_at,
        updated_at=jam.observed_at,
        valid_from=jam.created_at,
        valid_until=jam.observed_at if ended else None,
        severity=Severity.NONE if ended else _severity(delay_s, blocked=blocked),
        probability=Probability.CERTAIN,
        source=_source(jam, SourceType.VEHICLE_PROBE_MEASUREMENT),
        location=_stretch(jam),
        impact=_lanes(jam.road, closed, delay_s=None if blocked else delay_s),
        cause=_jam_cause(jam),
        text={"en": _jam_text(jam, delay_s, blocked=blocked)},
        speed_limit_kmh=jam.road.limit_kmh,
        kind=_KINDS[level],
        level=level,
        length_m=round(jam.length_m),
        speed_kmh=jam.road.free_flow_kmh if ended else round(jam.speed_kmh, 1),
        free_flow_kmh=jam.road.free_flow_kmh,
        trend=jam.trend,
        vehicles_waiting=0 if ended else round(jam.length_m * jam.road.lanes / _METRES_PER_VEHICLE),
    )


def speed_camera(camera: Camera) -> SpeedCamera:
    """Return the event for the present version of a camera."""
    ended = camera.status is Status.ENDED
    site = camera.site
    speed = {} if site.kind is CameraKind.RED_LIGHT else {"car": camera.limit_kmh, "lorry": min(camera.limit_kmh, 96)}
    return SpeedCamera(
        situation_id=camera.id,
        record_id=f"{camera.id}-1",
        version=camera.version,
        event_id=camera.event_id,
        status=camera.status,
        information_status=InformationStatus.TEST,
        active=not ended,
        observed_at=camera.observed_at,
        created_at=camera.created_at,
        updated_at=camera.observed_at,
        valid_from=camera.created_at,
        valid_until=camera.observed_at if ended else None,
        severity=Severity.NONE,
        probability=Probability.CERTAIN,
        source=_source(camera, SourceType.ROAD_AUTHORITIES),
        location=_place(camera),
        impact=Impact(),
        text={"en": f"{_words(site.kind)} camera on {_road_name(camera.road)}"},
        speed_limit_kmh=camera.limit_kmh,
        camera_id=f"{PROVIDER}:{site.id}",
        kind=site.kind,
        limits_kmh=speed,
        section_length_m=site.section_length_m,
        installed_on=site.installed_on,
    )


def _source(situation: Situation, observer: SourceType) -> Source:
    return Source(provider=PROVIDER, type=observer, reference=situation.id.removeprefix(f"{PROVIDER}:"))


def _place(situation: Situation, line: tuple[Point, ...] | None = None) -> Location:
    lat, lon = situation.road.point(situation.at_m)
    road = situation.road
    return Location(
        lat=lat,
        lon=lon,
        accuracy_m=25.0,
        heading_deg=road.heading_deg,
        line=line,
        road=road.name,
        road_number=road.number,
        direction=_words(road.direction),
        direction_code=road.direction,
        city=CITY,
        country=_COUNTRY,
    )


def _stretch(jam: Jam) -> Location:
    """Return head and line of a jam, the line in the direction of travel: from its tail to its head."""
    if jam.status is Status.ENDED:
        return _place(jam)
    tail, head = jam.road.point(jam.at_m - jam.length_m), jam.road.point(jam.at_m)
    return _place(jam, (Point(lat=tail[0], lon=tail[1]), Point(lat=head[0], lon=head[1])))


def _lanes(road: Road, closed: int, *, delay_s: int | None = None) -> Impact:
    constriction = None
    if closed:
        constriction = Constriction.CARRIAGEWAY_BLOCKED if closed == road.lanes else Constriction.LANES_BLOCKED
    return Impact(
        delay_s=delay_s,
        lanes_closed=closed,
        lanes_total=road.lanes,
        capacity_remaining_percent=round(100.0 * (road.lanes - closed) / road.lanes, 1),
        constriction=constriction,
    )


def _jam_cause(jam: Jam) -> Cause:
    if jam.crash is None:
        return Cause(type=CauseType.CONGESTION)
    return Cause(type=CauseType.ACCIDENT, situation_id=jam.crash.id)


def _level(share: float) -> int:
    return next((level for limit, level in _LEVELS if share < limit), 0)


def _delay_s(jam: Jam) -> int:
    """Return how much longer the jam takes than the same stretch in free flow."""
    return round(jam.length_m * _KMH * (1 / max(jam.speed_kmh, 2.0) - 1 / jam.road.free_flow_kmh))


def _severity(delay_s: int, *, blocked: bool) -> Severity:
    if blocked:
        return Severity.HIGHEST
    return next((severity for limit, severity in _DELAYS if delay_s >= limit), Severity.LOWEST)


def _accident_text(crash: Crash) -> str:
    if crash.cleared:
        return f"{_road_name(crash.road)}: accident cleared"
    lanes = f"{crash.lanes_closed} of {crash.road.lanes} lanes closed" if crash.lanes_closed else "all lanes open"
    return f"{_road_name(crash.road)}: accident, {crash.vehicles} vehicles, {lanes}"


def _jam_text(jam: Jam, delay_s: int, *, blocked: bool) -> str:
    if jam.status is Status.ENDED:
        return f"{_road_name(jam.road)}: traffic flows freely again"
    delay = "road blocked" if blocked else f"{max(1, round(delay_s / 60))} min delay"
    return f"{_road_name(jam.road)}: {jam.length_m / 1000:.1f} km of queue, {delay}"


def _road_name(road: Road) -> str:
    return f"{road.name} ({road.number})" if road.number else road.name


def _words(symbol: str) -> str:
    return symbol.replace("_", " ").capitalize()
