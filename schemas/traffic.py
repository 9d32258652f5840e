"""Event classes of namespace `traffic`, generated from the Avro schemas in this folder.

Never edited by hand. After a change of a schema run: avroad schema types
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Final
from uuid import UUID

__all__ = [
    "AVRO_TYPES",
    "Accident",
    "AccidentCause",
    "AccidentKind",
    "AlertC",
    "CameraKind",
    "Carriageway",
    "Cause",
    "CauseType",
    "CollisionKind",
    "Constriction",
    "Direction",
    "Impact",
    "InformationStatus",
    "JamKind",
    "Location",
    "Point",
    "Probability",
    "Severity",
    "Source",
    "SourceType",
    "SpeedCamera",
    "Status",
    "TrafficJam",
    "Trend",
]


class AccidentCause(StrEnum):
    """Contributing cause, DATEX II accidentCause.

    A symbol this code does not know yet is read as UNKNOWN.
    """

    __avro_fullname__: ClassVar[str] = "traffic.AccidentCause"
    __avro_fingerprint__: ClassVar[str] = "e35a0728824a8bf998dd761d16d005fd81126d167fc943de3e794fe07b0b955e"

    AVOIDANCE_OF_OBSTACLES = "AVOIDANCE_OF_OBSTACLES"
    DRIVER_DISTRACTION = "DRIVER_DISTRACTION"
    DRIVER_DRUG_ABUSE = "DRIVER_DRUG_ABUSE"
    DRIVER_ILLNESS = "DRIVER_ILLNESS"
    EXCEEDING_SPEED_LIMITS = "EXCEEDING_SPEED_LIMITS"
    EXCESS_ALCOHOL = "EXCESS_ALCOHOL"
    EXCESS_DRIVER_TIREDNESS = "EXCESS_DRIVER_TIREDNESS"
    IMPERMISSIBLE_MANOEUVRE = "IMPERMISSIBLE_MANOEUVRE"
    LIMITED_VISIBILITY = "LIMITED_VISIBILITY"
    NOT_KEEPING_A_SAFE_DISTANCE = "NOT_KEEPING_A_SAFE_DISTANCE"
    ON_THE_WRONG_SIDE_OF_THE_ROAD = "ON_THE_WRONG_SIDE_OF_THE_ROAD"
    PEDESTRIAN_IN_ROAD = "PEDESTRIAN_IN_ROAD"
    POOR_LANE_ADHERENCE = "POOR_LANE_ADHERENCE"
    POOR_MERGE_ENTRY_OR_EXIT_JUDGEMENT = "POOR_MERGE_ENTRY_OR_EXIT_JUDGEMENT"
    POOR_ROAD_SURFACE_CONDITION = "POOR_ROAD_SURFACE_CONDITION"
    POOR_SURFACE_ADHERENCE = "POOR_SURFACE_ADHERENCE"
    UNDISCLOSED = "UNDISCLOSED"
    VEHICLE_FAILURE = "VEHICLE_FAILURE"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class AccidentKind(StrEnum):
    """Kind of accident, DATEX II accidentType.

    A symbol this code does not know yet is read as UNKNOWN.
    """

    __avro_fullname__: ClassVar[str] = "traffic.AccidentKind"
    __avro_fingerprint__: ClassVar[str] = "730c76aa458be16288d5ed9cf124c805dd1e0eb1320b7972bfd3028eb2a9c99d"

    ACCIDENT = "ACCIDENT"
    INVOLVING_BUSES = "INVOLVING_BUSES"
    INVOLVING_HAZARDOUS_MATERIALS = "INVOLVING_HAZARDOUS_MATERIALS"
    INVOLVING_HEAVY_LORRIES = "INVOLVING_HEAVY_LORRIES"
    INVOLVING_MASS_TRANSIT_VEHICLE = "INVOLVING_MASS_TRANSIT_VEHICLE"
    INVOLVING_PUBLIC_TRANSPORT = "INVOLVING_PUBLIC_TRANSPORT"
    INVOLVING_RADIOACTIVE_MATERIAL = "INVOLVING_RADIOACTIVE_MATERIAL"
    INVOLVING_TRAIN = "INVOLVING_TRAIN"
    COLLISION = "COLLISION"
    MULTIPLE_VEHICLE = "MULTIPLE_VEHICLE"
    EARLIER = "EARLIER"
    SECONDARY = "SECONDARY"
    SERIOUS_INJURY_OR_FATAL = "SERIOUS_INJURY_OR_FATAL"
    VEHICLE_STUCK_UNDER_BRIDGE = "VEHICLE_STUCK_UNDER_BRIDGE"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class CameraKind(StrEnum):
    """Kind of device.

    A symbol this code does not know yet is read as UNKNOWN.
    """

    __avro_fullname__: ClassVar[str] = "traffic.CameraKind"
    __avro_fingerprint__: ClassVar[str] = "7b19b9f4504b7e79ec75188dc51bb3dedd04d18e1ca4934f6c5290b58e090451"

    FIXED = "FIXED"
    MOBILE = "MOBILE"
    SECTION = "SECTION"
    RED_LIGHT = "RED_LIGHT"
    LEVEL_CROSSING = "LEVEL_CROSSING"
    DISCRIMINATING = "DISCRIMINATING"
    TEMPORARY = "TEMPORARY"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class Carriageway(StrEnum):
    """Part of the road, DATEX II carriagewayEnum.

    A symbol this code does not know yet is read as UNKNOWN.
    """

    __avro_fullname__: ClassVar[str] = "traffic.Carriageway"
    __avro_fingerprint__: ClassVar[str] = "a3015dc3b25410107884b9847520ca62e2c746a0f3ed6e112efa37ab1bcc4179"

    MAIN = "MAIN"
    PARALLEL = "PARALLEL"
    OPPOSITE = "OPPOSITE"
    CONNECTING = "CONNECTING"
    ENTRY_SLIP_ROAD = "ENTRY_SLIP_ROAD"
    EXIT_SLIP_ROAD = "EXIT_SLIP_ROAD"
    SLIP_ROADS = "SLIP_ROADS"
    SERVICE_ROAD = "SERVICE_ROAD"
    FLYOVER = "FLYOVER"
    UNDERPASS = "UNDERPASS"
    LEFT_HAND_FEEDER_ROAD = "LEFT_HAND_FEEDER_ROAD"
    RIGHT_HAND_FEEDER_ROAD = "RIGHT_HAND_FEEDER_ROAD"
    LEFT_HAND_PARALLEL = "LEFT_HAND_PARALLEL"
    RIGHT_HAND_PARALLEL = "RIGHT_HAND_PARALLEL"
    ROUNDABOUT = "ROUNDABOUT"
    CYCLE_TRACK = "CYCLE_TRACK"
    UNSPECIFIED = "UNSPECIFIED"
    UNKNOWN = "UNKNOWN"


class CauseType(StrEnum):
    """Kind of cause, DATEX II causeType.

    A symbol this code does not know yet is read as UNKNOWN.
    """

    __avro_fullname__: ClassVar[str] = "traffic.CauseType"
    __avro_fingerprint__: ClassVar[str] = "87fc2a01e8136808e9821e2bf1d3ce1bf996f28c29dcab65160ce03990ba6b56"

    ACCIDENT = "ACCIDENT"
    ANIMALS_ON_ROAD = "ANIMALS_ON_ROAD"
    CONGESTION = "CONGESTION"
    EARLIER_ACCIDENT = "EARLIER_ACCIDENT"
    ENVIRONMENTAL_OBSTRUCTION = "ENVIRONMENTAL_OBSTRUCTION"
    INFRASTRUCTURE_DAMAGE = "INFRASTRUCTURE_DAMAGE"
    MAINTENANCE = "MAINTENANCE"
    OBSTRUCTION = "OBSTRUCTION"
    OTHER = "OTHER"
    POOR_ROAD_CONDITION = "POOR_ROAD_CONDITION"
    POOR_WEATHER = "POOR_WEATHER"
    PROBLEMS_AT_BORDER = "PROBLEMS_AT_BORDER"
    PUBLIC_EVENT = "PUBLIC_EVENT"
    ROAD_WORKS = "ROAD_WORKS"
    RUBBER_NECKING = "RUBBER_NECKING"
    SECURITY_INCIDENT = "SECURITY_INCIDENT"
    TRAFFIC_CONTROL = "TRAFFIC_CONTROL"
    VEHICLE_BREAKDOWN = "VEHICLE_BREAKDOWN"
    UNKNOWN = "UNKNOWN"


class CollisionKind(StrEnum):
    """What collided how, DATEX II collisionType.

    A symbol this code does not know yet is read as UNKNOWN.
    """

    __avro_fullname__: ClassVar[str] = "traffic.CollisionKind"
    __avro_fingerprint__: ClassVar[str] = "992d0a1cf6284279e7ac6b68de677fd5a4efe2e4449b2d4c81b464e28bb3db48"

    WITH_ANIMAL = "WITH_ANIMAL"
    WITH_OBSTACLE = "WITH_OBSTACLE"
    WITH_PERSON = "WITH_PERSON"
    HEAD_ON = "HEAD_ON"
    HEAD_ON_OR_SIDE = "HEAD_ON_OR_SIDE"
    MULTIPLE_VEHICLE = "MULTIPLE_VEHICLE"
    REAR = "REAR"
    SIDE = "SIDE"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class Constriction(StrEnum):
    """How the way is narrowed, DATEX II trafficConstrictionType.

    A symbol this code does not know yet is read as UNKNOWN.
    """

    __avro_fullname__: ClassVar[str] = "traffic.Constriction"
    __avro_fingerprint__: ClassVar[str] = "b32caf3886599f89837909894f1bddb37fcdcce358420e5771cd932d0eca5244"

    CARRIAGEWAY_BLOCKED = "CARRIAGEWAY_BLOCKED"
    CARRIAGEWAY_PARTIALLY_OBSTRUCTED = "CARRIAGEWAY_PARTIALLY_OBSTRUCTED"
    LANES_BLOCKED = "LANES_BLOCKED"
    LANES_PARTIALLY_OBSTRUCTED = "LANES_PARTIALLY_OBSTRUCTED"
    ROAD_BLOCKED = "ROAD_BLOCKED"
    ROAD_PARTIALLY_OBSTRUCTED = "ROAD_PARTIALLY_OBSTRUCTED"
    UNKNOWN = "UNKNOWN"


class Direction(StrEnum):
    """Direction of travel affected, DATEX II directionEnum.

    A symbol this code does not know yet is read as UNKNOWN.
    """

    __avro_fullname__: ClassVar[str] = "traffic.Direction"
    __avro_fingerprint__: ClassVar[str] = "fbb9d997a35a9537a4b965f17f213fff98bed579680978f7f15075f295456c22"

    NORTH_BOUND = "NORTH_BOUND"
    NORTH_EAST_BOUND = "NORTH_EAST_BOUND"
    EAST_BOUND = "EAST_BOUND"
    SOUTH_EAST_BOUND = "SOUTH_EAST_BOUND"
    SOUTH_BOUND = "SOUTH_BOUND"
    SOUTH_WEST_BOUND = "SOUTH_WEST_BOUND"
    WEST_BOUND = "WEST_BOUND"
    NORTH_WEST_BOUND = "NORTH_WEST_BOUND"
    BOTH_WAYS = "BOTH_WAYS"
    OPPOSITE = "OPPOSITE"
    CLOCKWISE = "CLOCKWISE"
    ANTICLOCKWISE = "ANTICLOCKWISE"
    INNER_RING = "INNER_RING"
    OUTER_RING = "OUTER_RING"
    INBOUND_TOWARDS_TOWN = "INBOUND_TOWARDS_TOWN"
    OUTBOUND_FROM_TOWN = "OUTBOUND_FROM_TOWN"
    ALL_DIRECTIONS = "ALL_DIRECTIONS"
    UNKNOWN = "UNKNOWN"


class InformationStatus(StrEnum):
    """Whether the situation is real.

    A display for the public shows REAL only. A symbol this code does not know yet is read as UNKNOWN.
    """

    __avro_fullname__: ClassVar[str] = "traffic.InformationStatus"
    __avro_fingerprint__: ClassVar[str] = "ed7fcc0937fc745d019cec238ebc96a7236516cf231aec77fdceadf09cf34935"

    REAL = "REAL"
    TEST = "TEST"
    EXERCISE = "EXERCISE"
    UNKNOWN = "UNKNOWN"


class JamKind(StrEnum):
    """Kind of abnormal traffic, DATEX II abnormalTrafficType.

    A symbol this code does not know yet is read as UNKNOWN.
    """

    __avro_fullname__: ClassVar[str] = "traffic.JamKind"
    __avro_fingerprint__: ClassVar[str] = "3d5ba9ac38f12464317c82f8fae2469634f47b97ac3c373b38d655b4a6bb80c5"

    STATIONARY = "STATIONARY"
    QUEUING = "QUEUING"
    SLOW = "SLOW"
    HEAVY = "HEAVY"
    UNSPECIFIED_ABNORMAL = "UNSPECIFIED_ABNORMAL"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class Probability(StrEnum):
    """How sure the provider is that the situation exists, DATEX II scale.

    A symbol this code does not know yet is read as UNKNOWN.
    """

    __avro_fullname__: ClassVar[str] = "traffic.Probability"
    __avro_fingerprint__: ClassVar[str] = "9e68f26387aa8ad168441cf4f5e2ad0766e84986358fa9e20d0d0bbde918a27d"

    CERTAIN = "CERTAIN"
    PROBABLE = "PROBABLE"
    RISK_OF = "RISK_OF"
    UNKNOWN = "UNKNOWN"


class Severity(StrEnum):
    """Overall severity, DATEX II scale.

    NONE says that nobody is hindered; UNKNOWN says that nobody assessed it. A symbol this code does not know yet is
    read as UNKNOWN.
    """

    __avro_fullname__: ClassVar[str] = "traffic.Severity"
    __avro_fingerprint__: ClassVar[str] = "f0856f2cbc53b39a00614fc5db0b82d828b4ee15e905b494cc174e0d19593220"

    HIGHEST = "HIGHEST"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"
    LOWEST = "LOWEST"
    NONE = "NONE"
    UNKNOWN = "UNKNOWN"


class SourceType(StrEnum):
    """Kind of observer, DATEX II sourceType.

    A symbol this code does not know yet is read as UNKNOWN.
    """

    __avro_fullname__: ClassVar[str] = "traffic.SourceType"
    __avro_fingerprint__: ClassVar[str] = "e5588e4334b13731172716c104026cd8ae523408b4eb3297b868cb6dd74da922"

    AUTOMOBILE_CLUB_PATROL = "AUTOMOBILE_CLUB_PATROL"
    BREAKDOWN_SERVICE = "BREAKDOWN_SERVICE"
    CAMERA_OBSERVATION = "CAMERA_OBSERVATION"
    EMERGENCY_SERVICE_PATROL = "EMERGENCY_SERVICE_PATROL"
    FREIGHT_VEHICLE_OPERATOR = "FREIGHT_VEHICLE_OPERATOR"
    INDUCTION_LOOP_MONITORING_STATION = "INDUCTION_LOOP_MONITORING_STATION"
    INFRARED_MONITORING_STATION = "INFRARED_MONITORING_STATION"
    MICROWAVE_MONITORING_STATION = "MICROWAVE_MONITORING_STATION"
    MOBILE_TELEPHONE_CALLER = "MOBILE_TELEPHONE_CALLER"
    OTHER_INFORMATION = "OTHER_INFORMATION"
    OTHER_OFFICIAL_VEHICLE = "OTHER_OFFICIAL_VEHICLE"
    POLICE_PATROL = "POLICE_PATROL"
    PRIVATE_BREAKDOWN_SERVICE = "PRIVATE_BREAKDOWN_SERVICE"
    PUBLIC_AND_PRIVATE_UTILITIES = "PUBLIC_AND_PRIVATE_UTILITIES"
    REGISTERED_MOTORIST_OBSERVER = "REGISTERED_MOTORIST_OBSERVER"
    ROAD_AUTHORITIES = "ROAD_AUTHORITIES"
    ROADSIDE_TELEPHONE_CALLER = "ROADSIDE_TELEPHONE_CALLER"
    SPOTTER_AIRCRAFT = "SPOTTER_AIRCRAFT"
    TRAFFIC_MONITORING_STATION = "TRAFFIC_MONITORING_STATION"
    TRANSIT_OPERATOR = "TRANSIT_OPERATOR"
    VEHICLE_PROBE_MEASUREMENT = "VEHICLE_PROBE_MEASUREMENT"
    VIDEO_PROCESSING_MONITORING_STATION = "VIDEO_PROCESSING_MONITORING_STATION"
    UNKNOWN = "UNKNOWN"


class Status(StrEnum):
    """Where a situation stands in its life.

    ENDED and CANCELLED are final: later versions of the same situation stay final. A symbol this code does not know yet
    is read as UNKNOWN.
    """

    __avro_fullname__: ClassVar[str] = "traffic.Status"
    __avro_fingerprint__: ClassVar[str] = "913c3daa39e888c69c52df75ec7bcd71bd5228540dd2a3bb70f0ddc635851af4"

    PLANNED = "PLANNED"
    ACTIVE = "ACTIVE"
    UPDATED = "UPDATED"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class Trend(StrEnum):
    """Where the jam is going, DATEX II trafficTrendType.

    A symbol this code does not know yet is read as UNKNOWN.
    """

    __avro_fullname__: ClassVar[str] = "traffic.Trend"
    __avro_fingerprint__: ClassVar[str] = "9ab9dcca14945d4e0f88636d8ddc6a18d4c4d645cdd45baecdbb054a73b488db"

    BUILDING_UP = "BUILDING_UP"
    EASING = "EASING"
    STABLE = "STABLE"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who reported a situation, and how far the report can be trusted."""

    __avro_fullname__: ClassVar[str] = "traffic.Source"
    __avro_fingerprint__: ClassVar[str] = "92360416896e1ab5a8ca62a375d6fe03ab4bab8c0292869016233a2b4e5553b3"

    provider: str
    """Short name of the provider; also the prefix of situation_id, e.g. fi-fta."""
    type: SourceType = SourceType.UNKNOWN
    """Kind of observer; OTHER_INFORMATION when it fits no other symbol."""
    reference: str
    """Identifier of the report in the provider's own system, unchanged."""
    reliability: int | None = None
    """The provider's rating of its reporter, 0 (worst) to 10 (best)."""
    confidence: int | None = None
    """Confirmation by other reporters, 0 (none) to 10 (many)."""
    licence: str | None = None
    """Licence of the data as a name or SPDX identifier, e.g. OGL-UK-3.0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A point on the earth, WGS84.

    Named, never positional: feeds disagree on the order.
    """

    __avro_fullname__: ClassVar[str] = "traffic.Point"
    __avro_fingerprint__: ClassVar[str] = "aff15d68f183ca262a987e84f5a354215138ed204a7fe61b3cc5fa427231e9c6"

    lat: float
    """Latitude in degrees, WGS84, -90 to 90."""
    lon: float
    """Longitude in degrees, WGS84, -180 to 180."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertC:
    """A location of an Alert-C table (TMC).

    Codes mean nothing without table number and version.
    """

    __avro_fullname__: ClassVar[str] = "traffic.AlertC"
    __avro_fingerprint__: ClassVar[str] = "4ca4596caa8a8077dfba2cf75bca0b70048dfb20c49636ee6f46ec85b4dedc94"

    country_code: str | None = None
    """Alert-C country code of the table."""
    table_number: int
    """Number of the location table."""
    table_version: str
    """Version of the location table, e.g. 1.11.44."""
    direction: str | None = None
    """Direction as coded by the table: positive, negative, both or unknown."""
    primary_location: int
    """Location code of the point, of the area, or of the downstream end of a stretch."""
    primary_offset_m: int | None = None
    """Distance from the primary location in metres."""
    secondary_location: int | None = None
    """Location code of the upstream end of a stretch; null for points and areas."""
    secondary_offset_m: int | None = None
    """Distance from the secondary location in metres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where something is.

    Coordinates, road names and location codes stand side by side; each may be missing.
    """

    __avro_fullname__: ClassVar[str] = "traffic.Location"
    __avro_fingerprint__: ClassVar[str] = "953250db384e245b0eaed1716c898a2540368b23bcf58ed1b5389c4aa503be2e"

    lat: float | None = None
    """Latitude in degrees, WGS84. Null exactly when lon is null."""
    lon: float | None = None
    """Longitude in degrees, WGS84. Null exactly when lat is null."""
    accuracy_m: float | None = None
    """Radius around the coordinates that holds the true place, in metres."""
    heading_deg: float | None = None
    """Direction of travel in degrees clockwise from north, 0 up to but not including 360."""
    line: tuple[Point, ...] | None = None
    """Stretch of road as points in direction of travel; null for a point."""
    road: str | None = None
    """Name of the road as signed, e.g. Fulford Road."""
    road_number: str | None = None
    """Number of the road in one spelling per country, e.g. A19 or D119."""
    direction: str | None = None
    """Direction as the source words it, e.g. PARIS vers PROVINCE."""
    direction_code: Direction = Direction.UNKNOWN
    """Direction as a code; UNKNOWN when the source's words map to none."""
    carriageway: Carriageway | None = None
    """Part of the road that is affected."""
    lanes_affected: tuple[str, ...] | None = None
    """Lanes affected by the source's names, e.g. lane1, hardShoulder; how many are closed stands in Impact."""
    city: str | None = None
    """City, town or municipality."""
    country: str
    """Country, ISO 3166-1 alpha-2, e.g. GB."""
    openlr: str | None = None
    """OpenLR location reference, base64."""
    alert_c: AlertC | None = None
    """Alert-C (TMC) location."""
    h3_9: str | None = None
    """H3 cell of the coordinates at resolution 9, 15 hexadecimal digits. Never a record key: one city would be one
    partition.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a situation does to traffic, as far as it was measured."""

    __avro_fullname__: ClassVar[str] = "traffic.Impact"
    __avro_fingerprint__: ClassVar[str] = "fa4937feca55b821b74b51a0231b9fcc9f80a235789d02771096cb9a23dc7647"

    delay_s: int | None = None
    """Delay against free flow in seconds. A blocked road has no delay: see constriction."""
    lanes_closed: int | None = None
    """Number of lanes closed."""
    lanes_total: int | None = None
    """Number of lanes of the carriageway when all are open."""
    capacity_remaining_percent: float | None = None
    """Share of the normal capacity that remains, 0 to 100."""
    constriction: Constriction | None = None
    """How the way is narrowed; null when it is not or nobody said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What brought a situation about."""

    __avro_fullname__: ClassVar[str] = "traffic.Cause"
    __avro_fingerprint__: ClassVar[str] = "e86f8679ba6414cb770b6812fddf432b0373faf5518ac05e12e0ce10ecddd9cb"

    type: CauseType = CauseType.UNKNOWN
    """Kind of cause."""
    situation_id: str | None = None
    """Situation that is the cause, e.g. the accident behind a jam; null when it has no record of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accident:
    """One version of a road accident."""

    __avro_fullname__: ClassVar[str] = "traffic.Accident"
    __avro_fingerprint__: ClassVar[str] = "77b203024a72909389e0b03e7fec0a34622fbf03d8b346775c111171c05371b5"

    situation_id: str
    """Identifier of the situation, prefixed with the provider, e.g. fi-fta:GUID50013339. Record key: it keeps the
    versions of a situation in order.
    """
    record_id: str
    """Identifier of this part of the situation; one situation may have several parts, also of other types."""
    version: int
    """Version of the part, from 1. Sources repeat it: order by updated_at."""
    event_id: UUID
    """Identity of this event. Replaying the same input gives the same id, so that receivers can drop repeats."""
    status: Status = Status.UNKNOWN
    """Where the situation stands in its life."""
    information_status: InformationStatus = InformationStatus.UNKNOWN
    """Whether the situation is real, a test or an exercise."""
    active: bool
    """True exactly when status is ACTIVE or UPDATED; an UNKNOWN status leaves it to the source."""
    observed_at: datetime
    """When the situation was observed in this state, UTC. Record time."""
    created_at: datetime
    """When the source created the part, UTC."""
    updated_at: datetime
    """When the source made this version, UTC."""
    valid_from: datetime
    """From when on the situation holds, UTC."""
    valid_until: datetime | None = None
    """Until when the situation holds, UTC; null when nobody knows."""
    severity: Severity = Severity.UNKNOWN
    """Overall severity."""
    probability: Probability = Probability.UNKNOWN
    """How sure the provider is."""
    source: Source
    """Who reported it."""
    location: Location
    """Where it is."""
    impact: Impact
    """What it does to traffic."""
    cause: Cause | None = None
    """What brought it about."""
    text: Mapping[str, str] = field(default_factory=dict)
    """Text for people by language (BCP 47), without personal data."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Facts of the source that no field holds, unchanged, by the source's name."""
    source_code: str | None = None
    """The source's own code for the kind, e.g. an enum value that maps to UNKNOWN here."""
    speed_limit_kmh: int | None = None
    """Speed limit for cars at the place in km/h."""
    kind: AccidentKind = AccidentKind.UNKNOWN
    """Kind of accident."""
    collision: CollisionKind | None = None
    """What collided how; null when there was no collision or nobody said."""
    vehicles: int | None = None
    """Number of vehicles involved."""
    injured: int | None = None
    """Number of people injured, without those who died."""
    fatalities: int | None = None
    """Number of people who died."""
    hazardous_goods: bool | None = None
    """Whether hazardous goods are involved; null when nobody said."""
    causes: tuple[AccidentCause, ...] = ()
    """Contributing causes, most important first; empty when none is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedCamera:
    """One version of a speed or red-light camera.

    Live warnings are restricted in some countries: publication is the receiver's policy.
    """

    __avro_fullname__: ClassVar[str] = "traffic.SpeedCamera"
    __avro_fingerprint__: ClassVar[str] = "f1777b1e5ce9366afa8be68f8a6f1696ac516eaee4c41b78a9ee04830848b2a3"

    situation_id: str
    """Identifier of the situation, prefixed with the provider, e.g. fi-fta:GUID50013339. Record key: it keeps the
    versions of a situation in order.
    """
    record_id: str
    """Identifier of this part of the situation; one situation may have several parts, also of other types."""
    version: int
    """Version of the part, from 1. Sources repeat it: order by updated_at."""
    event_id: UUID
    """Identity of this event. Replaying the same input gives the same id, so that receivers can drop repeats."""
    status: Status = Status.UNKNOWN
    """Where the situation stands in its life."""
    information_status: InformationStatus = InformationStatus.UNKNOWN
    """Whether the situation is real, a test or an exercise."""
    active: bool
    """True exactly when status is ACTIVE or UPDATED; an UNKNOWN status leaves it to the source."""
    observed_at: datetime
    """When the situation was observed in this state, UTC. Record time."""
    created_at: datetime
    """When the source created the part, UTC."""
    updated_at: datetime
    """When the source made this version, UTC."""
    valid_from: datetime
    """From when on the situation holds, UTC."""
    valid_until: datetime | None = None
    """Until when the situation holds, UTC; null when nobody knows."""
    severity: Severity = Severity.UNKNOWN
    """Overall severity."""
    probability: Probability = Probability.UNKNOWN
    """How sure the provider is."""
    source: Source
    """Who reported it."""
    location: Location
    """Where it is."""
    impact: Impact
    """What it does to traffic."""
    cause: Cause | None = None
    """What brought it about."""
    text: Mapping[str, str] = field(default_factory=dict)
    """Text for people by language (BCP 47), without personal data."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Facts of the source that no field holds, unchanged, by the source's name."""
    source_code: str | None = None
    """The source's own code for the kind, e.g. an enum value that maps to UNKNOWN here."""
    speed_limit_kmh: int | None = None
    """Speed limit for cars at the place in km/h."""
    camera_id: str
    """Identifier of the device, prefixed with the provider; it outlives situations."""
    kind: CameraKind = CameraKind.UNKNOWN
    """Kind of device; SECTION measures the mean over a stretch, DISCRIMINATING tells vehicle classes apart."""
    limits_kmh: Mapping[str, int] = field(default_factory=dict)
    """Enforced limits in km/h by vehicle class, e.g. car, lorry; empty when the device enforces no speed."""
    section_length_m: int | None = None
    """Length of the measured stretch in metres; SECTION only."""
    installed_on: date | None = None
    """Day the device was installed."""
    equipment: str | None = None
    """Maker or model of the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficJam:
    """One version of a traffic jam: it grows, moves and dissolves under one situation_id."""

    __avro_fullname__: ClassVar[str] = "traffic.TrafficJam"
    __avro_fingerprint__: ClassVar[str] = "6ada70320e2f59a7b47e157d63df147389069887275e888207d455368afbff40"

    situation_id: str
    """Identifier of the situation, prefixed with the provider, e.g. fi-fta:GUID50013339. Record key: it keeps the
    versions of a situation in order.
    """
    record_id: str
    """Identifier of this part of the situation; one situation may have several parts, also of other types."""
    version: int
    """Version of the part, from 1. Sources repeat it: order by updated_at."""
    event_id: UUID
    """Identity of this event. Replaying the same input gives the same id, so that receivers can drop repeats."""
    status: Status = Status.UNKNOWN
    """Where the situation stands in its life."""
    information_status: InformationStatus = InformationStatus.UNKNOWN
    """Whether the situation is real, a test or an exercise."""
    active: bool
    """True exactly when status is ACTIVE or UPDATED; an UNKNOWN status leaves it to the source."""
    observed_at: datetime
    """When the situation was observed in this state, UTC. Record time."""
    created_at: datetime
    """When the source created the part, UTC."""
    updated_at: datetime
    """When the source made this version, UTC."""
    valid_from: datetime
    """From when on the situation holds, UTC."""
    valid_until: datetime | None = None
    """Until when the situation holds, UTC; null when nobody knows."""
    severity: Severity = Severity.UNKNOWN
    """Overall severity."""
    probability: Probability = Probability.UNKNOWN
    """How sure the provider is."""
    source: Source
    """Who reported it."""
    location: Location
    """Where it is."""
    impact: Impact
    """What it does to traffic."""
    cause: Cause | None = None
    """What brought it about."""
    text: Mapping[str, str] = field(default_factory=dict)
    """Text for people by language (BCP 47), without personal data."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Facts of the source that no field holds, unchanged, by the source's name."""
    source_code: str | None = None
    """The source's own code for the kind, e.g. an enum value that maps to UNKNOWN here."""
    speed_limit_kmh: int | None = None
    """Speed limit for cars at the place in km/h."""
    kind: JamKind = JamKind.UNKNOWN
    """Kind of jam."""
    level: int | None = None
    """Jam level, 0 (free flow) to 5 (blocked)."""
    length_m: int | None = None
    """Length of the jam in metres."""
    speed_kmh: float | None = None
    """Mean speed in the jam in km/h."""
    free_flow_kmh: float | None = None
    """Mean speed on the same stretch without a jam in km/h."""
    trend: Trend | None = None
    """Where the jam is going; null when nobody said."""
    vehicles_waiting: int | None = None
    """Number of vehicles standing."""


AVRO_TYPES: Final[Mapping[str, type]] = MappingProxyType(
    {
        "traffic.Accident": Accident,
        "traffic.AccidentCause": AccidentCause,
        "traffic.AccidentKind": AccidentKind,
        "traffic.AlertC": AlertC,
        "traffic.CameraKind": CameraKind,
        "traffic.Carriageway": Carriageway,
        "traffic.Cause": Cause,
        "traffic.CauseType": CauseType,
        "traffic.CollisionKind": CollisionKind,
        "traffic.Constriction": Constriction,
        "traffic.Direction": Direction,
        "traffic.Impact": Impact,
        "traffic.InformationStatus": InformationStatus,
        "traffic.JamKind": JamKind,
        "traffic.Location": Location,
        "traffic.Point": Point,
        "traffic.Probability": Probability,
        "traffic.Severity": Severity,
        "traffic.Source": Source,
        "traffic.SourceType": SourceType,
        "traffic.SpeedCamera": SpeedCamera,
        "traffic.Status": Status,
        "traffic.TrafficJam": TrafficJam,
        "traffic.Trend": Trend,
    }
)
"""Classes by the full name of their Avro type."""
