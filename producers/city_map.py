"""Marrowby, a city that does not exist: its roads and its speed cameras.

SOURCE: made for this project; no street, number or position is taken from a map or a data set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Final

from schemas.traffic import CameraKind, Direction

__all__ = ["CAMERAS", "CITY", "ROADS", "CameraSite", "Road"]

CITY: Final = "Marrowby"
_METRES_PER_DEGREE: Final = 111_320.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """A straight carriageway in one direction of travel.

    lat, lon: its beginning; heading_deg: its direction, clockwise from north; lanes: in this direction.
    """

    name: str
    number: str | None
    lat: float
    lon: float
    heading_deg: float
    length_m: int
    lanes: int
    limit_kmh: int
    free_flow_kmh: float

    def point(self, at_m: float) -> tuple[float, float]:
        """Return latitude and longitude, to the sixth digit, of the place `at_m` metres from the beginning."""
        angle = math.radians(self.heading_deg)
        lat = self.lat + at_m * math.cos(angle) / _METRES_PER_DEGREE
        lon = self.lon + at_m * math.sin(angle) / (_METRES_PER_DEGREE * math.cos(math.radians(self.lat)))
        return round(lat, 6), round(lon, 6)

    @property
    def direction(self) -> Direction:
        """The compass direction nearest to the heading."""
        return _COMPASS[int((self.heading_deg + 22.5) % 360 // 45)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSite:
    """A speed camera; a MOBILE one changes its place, `road` and `at_m` are where it begins."""

    id: str
    kind: CameraKind
    road: Road
    at_m: int
    installed_on: date
    section_length_m: int | None = None


_COMPASS: Final = (
    Direction.NORTH_BOUND, Direction.NORTH_EAST_BOUND, Direction.EAST_BOUND, Direction.SOUTH_EAST_BOUND,
    Direction.SOUTH_BOUND, Direction.SOUTH_WEST_BOUND, Direction.WEST_BOUND, Direction.NORTH_WEST_BOUND,
)  # fmt: skip


def _road(  # noqa: PLR0917  # a table reads best in columns
    name: str, number: str | None, start: tuple[float, float], heading_deg: float, length_m: int, lanes: int, limit: int
) -> Road:
    return Road(
        name=name, number=number, lat=start[0], lon=start[1], heading_deg=heading_deg, length_m=length_m, lanes=lanes,
        limit_kmh=limit, free_flow_kmh=round(limit * 0.95, 1),
    )  # fmt: skip


ROADS: Final = (
    _road("Northern Bypass", "A6401", (54.2410, -1.4100), 92.0, 9_400, 2, 112),
    _road("Northern Bypass", "A6401", (54.2382, -1.2660), 272.0, 9_400, 2, 112),
    _road("Great Fosse", "A688", (54.1480, -1.3520), 3.0, 8_200, 2, 96),
    _road("Great Fosse", "A688", (54.2216, -1.3455), 183.0, 8_200, 2, 96),
    _road("Harbour Way", "A6402", (54.1900, -1.3950), 61.0, 5_100, 2, 64),
    _road("Harbour Way", "A6402", (54.2122, -1.3266), 241.0, 5_100, 2, 64),
    _road("Mill Lane", "B1331", (54.2030, -1.3720), 128.0, 3_600, 1, 48),
    _road("Mill Lane", "B1331", (54.1831, -1.3284), 308.0, 3_600, 1, 48),
    _road("Station Road", None, (54.1955, -1.3590), 20.0, 2_300, 1, 48),
    _road("Abbey Street", None, (54.2008, -1.3480), 205.0, 1_900, 1, 32),
    _road("Tannery Row", None, (54.2081, -1.3605), 145.0, 2_100, 1, 48),
    _road("Eastfield Avenue", "B1333", (54.2000, -1.3300), 80.0, 4_200, 1, 64),
)

CAMERAS: Final = (
    CameraSite(
        id="cam-01", kind=CameraKind.SECTION, road=ROADS[0], at_m=2_000, installed_on=date(2019, 5, 14),
        section_length_m=3_200,
    ),
    CameraSite(
        id="cam-02", kind=CameraKind.SECTION, road=ROADS[1], at_m=2_400, installed_on=date(2019, 5, 14),
        section_length_m=3_200,
    ),
    CameraSite(id="cam-03", kind=CameraKind.FIXED, road=ROADS[2], at_m=4_100, installed_on=date(2014, 9, 1)),
    CameraSite(id="cam-04", kind=CameraKind.FIXED, road=ROADS[5], at_m=3_300, installed_on=date(2016, 2, 22)),
    CameraSite(id="cam-05", kind=CameraKind.RED_LIGHT, road=ROADS[4], at_m=1_250, installed_on=date(2021, 11, 8)),
    CameraSite(id="cam-06", kind=CameraKind.FIXED, road=ROADS[6], at_m=900, installed_on=date(2011, 6, 30)),
    CameraSite(id="cam-07", kind=CameraKind.MOBILE, road=ROADS[11], at_m=2_000, installed_on=date(2022, 3, 17)),
    CameraSite(id="cam-08", kind=CameraKind.MOBILE, road=ROADS[8], at_m=1_100, installed_on=date(2023, 7, 3)),
)  # fmt: skip
