"""What an event says, in one line for a person."""

from __future__ import annotations

from collections.abc import Mapping

from avroad.cli.words import counted
from avroad.contracts.plain import plain
from schemas.traffic import Accident, Location, SpeedCamera, TrafficJam

__all__ = ["summary"]

_FIELDS = 6


def summary(value: object) -> str:
    """Return one line about an event of any type: what is known of traffic in words, other types by their fields."""
    if value is None:
        return "(tombstone: the key has no value any more)"
    if isinstance(value, TrafficJam):
        parts = [_place(value.location), f"level {value.level}" if value.level else ""]
        parts += [_km(value.length_m), _minutes(value.impact.delay_s), _trend(value)]
    elif isinstance(value, Accident):
        parts = [_place(value.location), _people(value), _limit(value.speed_limit_kmh)]
        parts += [value.observed_at.strftime("%Y-%m-%d %H:%MZ")]
    elif isinstance(value, SpeedCamera):
        parts = [_place(value.location), value.kind.value, _limit(value.limits_kmh.get("car"))]
    else:
        return _generic(value)
    return ", ".join([value.status.value, *(part for part in parts if part)])


def _place(location: Location) -> str:
    road = location.road or location.road_number
    city = location.city or location.country
    if road:
        return f"{road}, {city}"
    if location.lat is not None and location.lon is not None:
        return f"{city} {location.lat:.4f},{location.lon:.4f}"
    return city


def _km(length_m: int | None) -> str:
    return f"{length_m / 1000:.1f} km" if length_m else ""


def _minutes(delay_s: int | None) -> str:
    return f"+{delay_s / 60:.0f} min" if delay_s else ""


def _trend(jam: TrafficJam) -> str:
    return jam.trend.value.lower().replace("_", " ") if jam.trend is not None and jam.active else ""


def _limit(limit_kmh: int | None) -> str:
    return f"limit {limit_kmh} km/h" if limit_kmh is not None else ""


def _people(crash: Accident) -> str:
    counts = ((crash.vehicles, "vehicle"), (crash.injured, "injured"), (crash.fatalities, "dead"))
    return " ".join(counted(count, word, "" if word == "vehicle" else word) for count, word in counts if count)


def _generic(value: object) -> str:
    """Return the first plain fields of a type this program does not know."""
    data = plain(value)
    if not isinstance(data, Mapping):
        return str(data)
    shown = ((name, item) for name, item in data.items() if item is not None and not isinstance(item, list | dict))
    return ", ".join(f"{name}={item}" for name, item in list(shown)[:_FIELDS])
