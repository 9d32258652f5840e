"""A seeded model of a city's traffic: jams grow, move and dissolve, accidents cause jams, cameras change.

The model has its own time, in seconds since its beginning, in which a jam is reported about every 90 s and lives
for half an hour. What happens depends on the seed alone; the clock only says when each event is dated.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Final, TypeAlias

from producers.city_events import PROVIDER, accident, speed_camera, traffic_jam
from producers.city_map import CAMERAS, ROADS, CameraSite, Road
from producers.city_state import Camera, Crash, Dice, Jam
from schemas.traffic import (
    Accident,
    AccidentCause,
    AccidentKind,
    CameraKind,
    Cause,
    CauseType,
    CollisionKind,
    Severity,
    SpeedCamera,
    TrafficJam,
    Trend,
)

__all__ = ["City", "Event"]

Event: TypeAlias = Accident | TrafficJam | SpeedCamera
Clock: TypeAlias = Callable[[float], datetime]
"""From model time in seconds to the time an event carries: aware, UTC, whole milliseconds, never going back."""

_HOUR_S: Final = 3600.0
_BEGINS_S: Final = 7 * _HOUR_S
"""Time of day at which the model begins: before the morning rush."""

_QUIET_S: Final = 90.0
"""Mean time between new situations outside the rush hours."""

_SHORTEST_JAM_M: Final = 120.0
_LONG_JAM_M: Final = 1200.0
_ROOM_M: Final = 400.0
"""How far from the beginning of its road a crash must be: the jam behind it begins with up to 350 m."""

_CRASH_SHARE: Final = 0.35
_PROVEN: Final = 2
_COLLISIONS: Final = (
    (CollisionKind.REAR, AccidentCause.NOT_KEEPING_A_SAFE_DISTANCE),
    (CollisionKind.REAR, AccidentCause.DRIVER_DISTRACTION),
    (CollisionKind.SIDE, AccidentCause.POOR_LANE_ADHERENCE),
    (CollisionKind.SIDE, AccidentCause.POOR_MERGE_ENTRY_OR_EXIT_JUDGEMENT),
    (CollisionKind.WITH_OBSTACLE, AccidentCause.POOR_ROAD_SURFACE_CONDITION),
    (CollisionKind.HEAD_ON, AccidentCause.EXCEEDING_SPEED_LIMITS),
)
_SEVERITIES: Final = (Severity.LOW, Severity.LOW, Severity.LOW, Severity.MEDIUM, Severity.MEDIUM, Severity.HIGH)


class City:
    """One run of the model. The same seed gives the same events; only the clock's times may differ."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self._dice = Dice(seed)
        self._clock = clock
        self._now_s = 0.0
        self._agenda: list[tuple[float, int, Callable[[], Event | None]]] = []
        self._count = 0

    def events(self) -> Iterator[Event]:
        """Yield events without end, in the order they happen; each situation's last one has status ENDED."""
        for site in CAMERAS:
            yield self._place_camera(site, site.road, site.at_m)
        self._later(0.0, self._something_happens)
        while True:
            self._now_s, _, happen = heapq.heappop(self._agenda)
            event = happen()
            if event is not None:
                yield event

    def _later(self, delay_s: float, happen: Callable[[], Event | None]) -> None:
        self._count += 1
        heapq.heappush(self._agenda, (self._now_s + delay_s, self._count, happen))

    def _time(self) -> datetime:
        return self._clock(self._now_s)

    def _id(self, kind: str) -> str:
        return f"{PROVIDER}:{kind}-{self._dice.tag()}"

    def _something_happens(self) -> Event:
        """Begin a crash or a jam, and leave the next to chance: more often in the rush hours."""
        hour = (_BEGINS_S + self._now_s) / _HOUR_S % 24
        demand = 0.4 + math.exp(-(((hour - 8) / 1.5) ** 2)) + math.exp(-(((hour - 17) / 1.8) ** 2))
        self._later(-math.log(1.0 - self._dice.between(0.0, 1.0)) * _QUIET_S / demand, self._something_happens)
        road = self._dice.pick(ROADS)
        at_m = self._dice.between(0.3, 0.95) * road.length_m
        if self._dice.happens(_CRASH_SHARE):
            return self._crash(road, at_m, None)
        return self._jam(road, at_m, None)

    def _crash(self, road: Road, at_m: float, cause: Cause | None) -> Accident:
        """Begin a crash; its jam begins behind it a few minutes later, details follow as they become known."""
        dice, now = self._dice, self._time()
        collision, reason = dice.pick(_COLLISIONS)
        vehicles = 1 if collision is CollisionKind.WITH_OBSTACLE else 2 + int(dice.happens(0.2))
        crash = Crash(
            id=self._id("accident"),
            road=road,
            at_m=at_m,
            created_at=now,
            observed_at=now,
            event_id=dice.uuid(),
            kind=AccidentKind.SECONDARY if cause else AccidentKind.COLLISION,
            collision=collision,
            causes=(reason,),
            vehicles=vehicles,
            severity=dice.pick(_SEVERITIES),
            lanes_closed=1 + int(road.lanes > 1 and dice.happens(0.25)),
            clears_at_s=self._now_s + dice.between(900.0, 3000.0),
            cause=cause,
        )
        self._later(dice.between(60.0, 240.0), partial(self._jam, road, at_m, crash))
        self._later(dice.between(120.0, 300.0), partial(self._crash_goes_on, crash))
        return accident(crash)

    def _crash_goes_on(self, crash: Crash) -> Accident:
        ended = self._now_s >= crash.clears_at_s
        crash.renew(self._time(), self._dice.uuid(), ended=ended)
        if crash.injured is None:
            most = {Severity.LOW: 0.6, Severity.MEDIUM: 2.0}.get(crash.severity, 4.0)
            crash.injured = int(self._dice.between(0.0, most + 0.99))
        if ended:
            crash.lanes_closed = 0
        else:
            if crash.version > _PROVEN and crash.lanes_closed > 1:
                crash.lanes_closed -= 1
            left_s = crash.clears_at_s - self._now_s
            self._later(max(1.0, min(left_s, self._dice.between(240.0, 600.0))), partial(self._crash_goes_on, crash))
        return accident(crash)

    def _jam(self, road: Road, at_m: float, crash: Crash | None) -> TrafficJam:
        """Begin a jam with its head at a place."""
        dice, now = self._dice, self._time()
        jam = Jam(
            id=self._id("jam"),
            road=road,
            at_m=at_m,
            created_at=now,
            observed_at=now,
            event_id=dice.uuid(),
            length_m=dice.between(150.0, 350.0),
            speed_kmh=road.free_flow_kmh * dice.between(0.25, 0.5),
            turns_at_s=self._now_s + dice.between(300.0, 1500.0),
            crash=crash,
        )
        self._later(dice.between(60.0, 120.0), partial(self._jam_goes_on, jam, self._now_s))
        return traffic_jam(jam)

    def _jam_goes_on(self, jam: Jam, since_s: float) -> TrafficJam:
        """Let a jam grow while its cause lasts; then it eases from its head, which moves upstream, until it is gone."""
        dice, passed_s = self._dice, self._now_s - since_s
        held = jam.crash is not None and not jam.crash.cleared
        if held or (jam.crash is None and self._now_s < jam.turns_at_s):
            self._grow(jam, passed_s)
        else:
            eased = min(jam.length_m, dice.between(1.5, 5.0) * passed_s)
            jam.at_m -= eased * dice.between(0.4, 0.9)
            jam.length_m = min(jam.length_m - eased, jam.at_m)
            jam.speed_kmh = jam.road.free_flow_kmh * dice.between(0.3, 0.6)
            jam.trend = Trend.EASING
        ended = jam.trend is Trend.EASING and jam.length_m < _SHORTEST_JAM_M
        jam.renew(self._time(), dice.uuid(), ended=ended)
        if ended:
            jam.length_m = 0.0
        else:
            self._later(dice.between(60.0, 120.0), partial(self._jam_goes_on, jam, self._now_s))
        return traffic_jam(jam)

    def _grow(self, jam: Jam, passed_s: float) -> None:
        """Lengthen a jam, never past the beginning of its road; a long one may bring a crash at its tail."""
        dice, road = self._dice, jam.road
        closed = 0.0 if jam.crash is None else jam.crash.lanes_closed / road.lanes
        wanted_m = jam.length_m + dice.between(0.8, 2.4) * (1.0 + closed) * passed_s
        jam.trend = Trend.BUILDING_UP if wanted_m < jam.at_m else Trend.STABLE
        jam.length_m = min(wanted_m, jam.at_m)
        share = dice.between(0.02, 0.045) if closed == 1.0 else dice.between(0.08, 0.30) * (1.2 - closed)
        jam.speed_kmh = road.free_flow_kmh * share
        tail_m = jam.at_m - jam.length_m
        dense = jam.length_m > _LONG_JAM_M and tail_m > _ROOM_M and jam.crash is None
        if dense and not jam.brought_crash and dice.happens(0.08):
            jam.brought_crash = True
            cause = Cause(type=CauseType.CONGESTION, situation_id=jam.id)
            self._later(30.0, partial(self._crash, road, tail_m, cause))

    def _place_camera(self, site: CameraSite, road: Road, at_m: float) -> SpeedCamera:
        """Put a camera to work; a mobile one for an hour or two, under a new situation at each place."""
        dice, now = self._dice, self._time()
        mobile = site.kind is CameraKind.MOBILE
        camera = Camera(
            id=f"{PROVIDER}:{site.id}-{dice.tag()}" if mobile else f"{PROVIDER}:{site.id}",
            road=road,
            at_m=at_m,
            created_at=now,
            observed_at=now,
            event_id=dice.uuid(),
            site=site,
            limit_kmh=road.limit_kmh,
        )
        if mobile:
            self._later(dice.between(1.0, 2.0) * _HOUR_S, partial(self._take_camera_away, camera))
        elif site.kind is CameraKind.SECTION:
            self._later(dice.between(0.5, 1.5) * _HOUR_S, partial(self._change_limit, camera))
        return speed_camera(camera)

    def _take_camera_away(self, camera: Camera) -> SpeedCamera:
        camera.renew(self._time(), self._dice.uuid(), ended=True)
        road = self._dice.pick(ROADS)
        at_m = round(self._dice.between(0.1, 0.9) * road.length_m)
        self._later(self._dice.between(600.0, 1800.0), partial(self._place_camera, camera.site, road, at_m))
        return speed_camera(camera)

    def _change_limit(self, camera: Camera) -> SpeedCamera:
        """Lower the variable limit of a section in dense traffic, and raise it again."""
        camera.renew(self._time(), self._dice.uuid())
        camera.limit_kmh = 80 if camera.limit_kmh == camera.road.limit_kmh else camera.road.limit_kmh
        self._later(self._dice.between(0.5, 1.5) * _HOUR_S, partial(self._change_limit, camera))
        return speed_camera(camera)
