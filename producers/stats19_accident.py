"""From a STATS19 row to an accident: identity, time, place and units, nothing guessed in silence.

Source of the codes: Department for Transport, road safety open data guide (STATS20 form variables).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from producers.stats19_rows import Row
from schemas.traffic import (
    Accident,
    AccidentKind,
    Impact,
    InformationStatus,
    Location,
    Probability,
    Severity,
    Source,
    SourceType,
    Status,
)

__all__ = ["PROVIDER", "USED", "Refused", "accident", "identity"]

PROVIDER: Final = "uk-dft"
USED: Final = (
    "Accident_Severity", "Number_of_Vehicles", "Number_of_Casualties", "Day_of_Week", "Latitude", "Longitude",
    "Local_Authority_(District)", "1st_Road_Class", "1st_Road_Number", "Speed_limit",
    "Did_Police_Officer_Attend_Scene_of_Accident",
)  # fmt: skip
"""Columns that become fields, besides those of the identity; without one of them its field stays unknown."""

_EVENT_IDS: Final = UUID("5e0f1c1e-7f3e-5c0a-9d4b-1d6a3c0f2b19")
"""Namespace of event ids: the same row gives the same id on every machine, now and later."""

_LONDON: Final = ZoneInfo("Europe/London")
_DATE: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2})")
_FIRST_YEAR: Final = 1979
_KM_PER_MILE: Final = 1.609344
_MISSING: Final = frozenset({"", "-1", "NULL", "None"})
_WEEKDAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_SEVERITIES: Final[Mapping[str, tuple[Severity, str]]] = {
    "1": (Severity.HIGHEST, "Fatal"),
    "2": (Severity.HIGH, "Serious"),
    "3": (Severity.LOW, "Slight"),
}
_FATAL: Final = "1"
_ROAD_NUMBERS: Final = {"1": "M{}", "2": "A{}(M)", "3": "A{}", "4": "B{}", "5": "C{}"}
_ROAD_KINDS: Final = {"1": "a motorway", "2": "an A(M) road", "3": "an A road", "4": "a B road", "5": "a C road"}
_CITIES: Final = {"189": "York"}
"""City by `Local_Authority_(District)`; other districts are left without a city, their code is in attributes."""

_METRES_DIGITS: Final = 7
_COUNT_DIGITS: Final = 6
"""The national grid ends below 1,300,000 m, and Python refuses to read a number of thousands of digits."""

_BRITAIN: Final = ((49.0, 61.5), (-9.0, 2.5))
_MULTIPLE: Final = 3
_HELD: Final = frozenset({"Accident_Index", "Longitude", "Latitude", "Number_of_Vehicles"})
"""Columns whose whole content is in a field, or that say nothing; the others are kept in attributes."""

_RUINED: Final = re.compile(r"\d\.\d+E\+\d+", re.IGNORECASE)
"""An index a spreadsheet has turned into a rounded number: thousands of rows share it."""


class Refused(Exception):
    """The row cannot become an event. reason: one of a closed set; detail: what stood there."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} ({detail})" if detail else reason)
        self.reason = reason
        self.detail = detail


def identity(row: Row) -> str:
    """Return the situation id of a row, from local time, easting and northing: the index column is not usable.

    Raises Refused when one of them is missing or no number.
    """
    local = _local_time(row.cells)
    easting, northing = (_metres(row.cells, name) for name in ("Location_Easting_OSGR", "Location_Northing_OSGR"))
    return f"{PROVIDER}:{local:%Y%m%dT%H%M}-{easting}-{northing}"


def accident(row: Row) -> Accident:
    """Return the event of a row: history, hence ENDED and not active. Raises Refused.

    Times are Europe/London; one that occurs twice is taken as the first, one that does not exist as winter time, and
    the attribute `local_time` then says so. Speeds are mph in the source, km/h here; the raw value stays in
    attributes, as does every fact that no field holds.
    """
    cells = row.cells
    situation_id = identity(row)
    local = _local_time(cells)
    moment, oddity = _utc(local)
    severity, label = _SEVERITIES.get(cells.get("Accident_Severity", ""), (Severity.UNKNOWN, "Reported"))
    vehicles = _count(cells, "Number_of_Vehicles")
    injured, fatalities = _people(cells)
    city = _CITIES.get(cells.get("Local_Authority_(District)", ""))
    location = _location(cells, city)
    return Accident(
        situation_id=situation_id,
        record_id=f"{situation_id}-1",
        version=1,
        event_id=_event_id(situation_id, cells),
        status=Status.ENDED,
        information_status=InformationStatus.REAL,
        active=False,
        observed_at=moment,
        created_at=moment,
        updated_at=moment,
        valid_from=moment,
        severity=severity,
        probability=Probability.CERTAIN,
        source=_source(cells),
        location=location,
        impact=Impact(),
        text={"en": f"{label} collision on {_road_words(cells, location.road)}" + (f", {city}" if city else "")},
        attributes=_attributes(cells) | ({"local_time": oddity} if oddity else {}),
        source_code=cells.get("Accident_Severity") or None,
        speed_limit_kmh=_speed_limit(cells),
        kind=_kind(severity, vehicles),
        vehicles=vehicles,
        injured=injured,
        fatalities=fatalities,
    )


def _local_time(cells: Mapping[str, str]) -> datetime:
    """Return the local time, day first, checked against the weekday where the row has one."""
    text = cells["Date"]
    if " " not in text and cells.get("Time"):
        text = f"{text} {cells['Time']}"
    found = _DATE.fullmatch(text)
    if found is None:
        raise Refused("Date is not dd/mm/yyyy HH:MM", text[:40])
    day, month, year, hour, minute = map(int, found.groups())
    try:
        local = datetime(year, month, day, hour, minute)  # noqa: DTZ001  # local time; its zone follows in _utc
    except ValueError as error:
        raise Refused("Date does not exist", f"{text}: {error}") from None
    if year < _FIRST_YEAR:
        raise Refused("Date is before STATS19 began", text)
    weekday = cells.get("Day_of_Week", "")
    if weekday not in _MISSING and weekday != str(local.isoweekday() % 7 + 1):
        known = weekday.isdigit() and 1 <= int(weekday) <= len(_WEEKDAYS)
        said = _WEEKDAYS[int(weekday) - 1] if known else weekday[:20]
        raise Refused("Day_of_Week contradicts Date", f"{text} is a {_WEEKDAYS[local.isoweekday() % 7]}, not {said}")
    return local


def _utc(local: datetime) -> tuple[datetime, str]:
    """Return the time in UTC, and what is odd about it: "ambiguous" or "nonexistent" local times."""
    first, second = (local.replace(tzinfo=_LONDON, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first, ""
    exists = first.astimezone(_LONDON).replace(tzinfo=None) == local
    return first, "ambiguous" if exists else "nonexistent"


def _metres(cells: Mapping[str, str], name: str) -> int:
    """Return a coordinate of the national grid; it is part of the identity, so it must be there."""
    text = cells[name].removesuffix(".0")
    if not text.isdecimal() or not text.isascii() or len(text) > _METRES_DIGITS:
        raise Refused(f"{name} is missing or no whole number", cells[name][:40])
    return int(text)


def _count(cells: Mapping[str, str], name: str) -> int | None:
    text = cells.get(name, "")
    if text in _MISSING:
        return None
    if not text.isdecimal() or not text.isascii() or len(text) > _COUNT_DIGITS:
        raise Refused(f"{name} is no count", text[:40])
    return int(text)


def _people(cells: Mapping[str, str]) -> tuple[int | None, int | None]:
    """Return (injured, died). The source counts casualties of both kinds together and says only whether any died."""
    casualties = _count(cells, "Number_of_Casualties")
    severity = cells.get("Accident_Severity", "")
    if casualties is None or severity not in _SEVERITIES:
        return None, None
    if severity != _FATAL:
        return casualties, 0
    return (0, 1) if casualties == 1 else (None, None)


def _speed_limit(cells: Mapping[str, str]) -> int | None:
    miles = _count(cells, "Speed_limit")
    return round(miles * _KM_PER_MILE) if miles else None


def _kind(severity: Severity, vehicles: int | None) -> AccidentKind:
    if severity in {Severity.HIGHEST, Severity.HIGH}:
        return AccidentKind.SERIOUS_INJURY_OR_FATAL
    return AccidentKind.MULTIPLE_VEHICLE if (vehicles or 0) >= _MULTIPLE else AccidentKind.ACCIDENT


def _source(cells: Mapping[str, str]) -> Source:
    index = cells.get("Accident_Index") or cells.get("Collision_Index") or ""
    if index in _MISSING or _RUINED.fullmatch(index):
        index = f"{cells['Date']} {cells['Location_Easting_OSGR']} {cells['Location_Northing_OSGR']}"
    attended = cells.get("Did_Police_Officer_Attend_Scene_of_Accident") == "1"
    observer = SourceType.POLICE_PATROL if attended else SourceType.OTHER_INFORMATION
    return Source(provider=PROVIDER, type=observer, reference=index, licence="OGL-UK-3.0")


def _location(cells: Mapping[str, str], city: str | None) -> Location:
    lat, lon = _degrees(cells, "Latitude", _BRITAIN[0]), _degrees(cells, "Longitude", _BRITAIN[1])
    if (lat is None) != (lon is None):
        raise Refused("only one of Latitude and Longitude")
    road = _road_number(cells)
    return Location(lat=lat, lon=lon, road=road, road_number=road, city=city, country="GB")


def _degrees(cells: Mapping[str, str], name: str, bounds: tuple[float, float]) -> float | None:
    """Return a coordinate. Only an empty cell is missing here: -1 is a longitude in England like any other."""
    text = cells.get(name, "")
    if text in _MISSING - {"-1"}:
        return None
    try:
        value = float(text)
    except ValueError:
        raise Refused(f"{name} is no number", text[:40]) from None
    if not bounds[0] <= value <= bounds[1]:
        raise Refused(f"{name} is outside Great Britain", text[:40])
    return value


def _road_number(cells: Mapping[str, str]) -> str | None:
    """Return the first road as signed, e.g. A19; number 0 is an unnumbered road and class 6 an unclassified one."""
    number = _count(cells, "1st_Road_Number")
    pattern = _ROAD_NUMBERS.get(cells.get("1st_Road_Class", ""))
    return pattern.format(number) if pattern and number else None


def _road_words(cells: Mapping[str, str], road: str | None) -> str:
    if road:
        return f"the {road}"
    return _ROAD_KINDS.get(cells.get("1st_Road_Class", ""), "an unclassified road")


def _attributes(cells: Mapping[str, str]) -> dict[str, str]:
    """Return the row's other facts under their column names. No second road is written (-1, 0) or (-1, -1)."""
    without = set(_HELD)
    for road in ("1st", "2nd"):
        if cells.get(f"{road}_Road_Class", "") in _MISSING or cells.get(f"{road}_Road_Number", "") == "0":
            without.add(f"{road}_Road_Number")
    return {name: value for name, value in cells.items() if name not in without and value not in _MISSING}


def _event_id(situation_id: str, cells: Mapping[str, str]) -> UUID:
    """Return an id that depends on identity and content, not on the order of columns."""
    content = "\n".join(f"{name}={value}" for name, value in sorted(cells.items()))
    return uuid5(_EVENT_IDS, f"{situation_id}\n{content}")
