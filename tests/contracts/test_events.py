"""What the traffic events promise: one common block, the sample event's fields, room for the real feeds."""

from __future__ import annotations

import pytest

from avroad.contracts import Catalog
from avroad.schema import Array, Enum, Map, Primitive, Record, Schema, Union

EVENTS = ["traffic.Accident", "traffic.SpeedCamera", "traffic.TrafficJam"]
COMMON = [
    "situation_id", "record_id", "version", "event_id", "status", "information_status", "active", "observed_at",
    "created_at", "updated_at", "valid_from", "valid_until", "severity", "probability", "source", "location",
    "impact", "cause", "text", "attributes", "source_code", "speed_limit_kmh",
]  # fmt: skip
SAMPLE_EVENT = {
    "event id": ("event_id", "uuid"),
    "UTC time": ("observed_at", "timestamp-millis"),
    "city": ("location.city", "string"),
    "road": ("location.road", "string"),
    "direction": ("location.direction", "string"),
    "lat": ("location.lat", "double"),
    "lon": ("location.lon", "double"),
    "speed_limit_kmh": ("speed_limit_kmh", "int"),
    "active": ("active", "boolean"),
}
"""The plain fields of the original sample event; its event type is the record's full name."""


def record(catalog: Catalog, name: str) -> Record:
    schema = catalog.type(name).schema
    assert isinstance(schema, Record)
    return schema


def value_type(schema: Schema) -> Schema:
    """Return what a nullable field holds when it holds something."""
    return schema.branches[-1] if isinstance(schema, Union) else schema


def at(schema: Schema, path: str) -> Schema:
    for step in path.split("."):
        schema = value_type(schema)
        assert isinstance(schema, Record)
        schema = next(field.type for field in schema.fields if field.name == step)
    return value_type(schema)


def fields_of(catalog: Catalog, name: str) -> set[str]:
    return {field.name for field in record(catalog, name).fields}


def symbols(catalog: Catalog, name: str, path: str) -> set[str]:
    node = at(catalog.type(name).schema, path) if path else catalog.type(name).schema
    node = node.items if isinstance(node, Array) else node
    assert isinstance(node, Enum)
    return set(node.symbols)


def test_the_events_are_the_values_of_the_topics(catalog: Catalog) -> None:
    assert sorted({name for topic in catalog.topics.values() for name in topic.values}) == EVENTS


@pytest.mark.parametrize("name", EVENTS)
def test_the_common_block_comes_first_and_in_one_order(catalog: Catalog, name: str) -> None:
    assert [field.name for field in record(catalog, name).fields][: len(COMMON)] == COMMON


@pytest.mark.parametrize("position", range(len(COMMON)), ids=COMMON)
def test_the_common_block_means_the_same_everywhere(catalog: Catalog, position: int) -> None:
    from avroad.schema import to_json

    first, *others = [record(catalog, name).fields[position] for name in EVENTS]
    for other in others:
        assert (other.default, other.doc) == (first.default, first.doc)
        assert to_json(other.type) == to_json(first.type)


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("plain", SAMPLE_EVENT)
def test_every_plain_field_of_the_sample_event_is_carried(catalog: Catalog, name: str, plain: str) -> None:
    path, wanted = SAMPLE_EVENT[plain]
    node = at(record(catalog, name), path)
    assert isinstance(node, Primitive)
    assert (node.logical.name if node.logical else node.name) == wanted


@pytest.mark.parametrize("path", ["location.lat", "location.lon", "speed_limit_kmh", "cause", "valid_until"])
def test_what_feeds_leave_out_may_be_missing(catalog: Catalog, path: str) -> None:
    schema: Schema = record(catalog, EVENTS[0])
    *parents, last = path.split(".")
    holder = at(schema, ".".join(parents)) if parents else schema
    assert isinstance(holder, Record)
    assert isinstance(next(field.type for field in holder.fields if field.name == last), Union)


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("traffic.Accident", "kind collision vehicles injured fatalities hazardous_goods causes"),
        ("traffic.TrafficJam", "kind level length_m speed_kmh free_flow_kmh trend vehicles_waiting"),
        ("traffic.SpeedCamera", "camera_id kind limits_kmh section_length_m installed_on equipment"),
        ("traffic.Source", "provider type reference reliability confidence licence"),
        ("traffic.Impact", "delay_s lanes_closed lanes_total constriction capacity_remaining_percent"),
        ("traffic.Cause", "type situation_id"),
        (
            "traffic.Location",
            (
                "lat lon accuracy_m heading_deg line road road_number direction direction_code carriageway "
                "lanes_affected city country openlr alert_c h3_9"
            ),
        ),
    ],
)
def test_the_fields_of_each_type(catalog: Catalog, name: str, own: str) -> None:
    assert fields_of(catalog, name) - set(COMMON) | {"situation_id"} == set(own.split()) | {"situation_id"}


@pytest.mark.parametrize(
    ("name", "path", "wanted"),
    [
        ("traffic.Status", "", "PLANNED ACTIVE UPDATED ENDED CANCELLED UNKNOWN"),
        ("traffic.InformationStatus", "", "REAL TEST EXERCISE UNKNOWN"),
        ("traffic.Severity", "", "HIGHEST HIGH MEDIUM LOW LOWEST NONE UNKNOWN"),
        ("traffic.Probability", "", "CERTAIN PROBABLE RISK_OF UNKNOWN"),
        ("traffic.TrafficJam", "kind", "STATIONARY QUEUING SLOW HEAVY UNSPECIFIED_ABNORMAL OTHER UNKNOWN"),
        ("traffic.TrafficJam", "trend", "BUILDING_UP EASING STABLE UNKNOWN"),
        (
            "traffic.Impact",
            "constriction",
            (
                "CARRIAGEWAY_BLOCKED CARRIAGEWAY_PARTIALLY_OBSTRUCTED LANES_BLOCKED LANES_PARTIALLY_OBSTRUCTED "
                "ROAD_BLOCKED ROAD_PARTIALLY_OBSTRUCTED UNKNOWN"
            ),
        ),
        (
            "traffic.SpeedCamera",
            "kind",
            "FIXED MOBILE SECTION RED_LIGHT LEVEL_CROSSING DISCRIMINATING TEMPORARY OTHER UNKNOWN",
        ),
    ],
)
def test_the_vocabulary_of_datex_and_of_the_camera_list(catalog: Catalog, name: str, path: str, wanted: str) -> None:
    assert symbols(catalog, name, path) == set(wanted.split())


@pytest.mark.parametrize(
    ("name", "path", "count"),
    [
        ("traffic.Accident", "causes", 19 + 1),  # DATEX II has 20 accident causes, one of them is unknown
        ("traffic.Source", "type", 22 + 1),
        ("traffic.Accident", "collision", 8 + 2),
    ],
)
def test_long_vocabularies_are_complete(catalog: Catalog, name: str, path: str, count: int) -> None:
    assert len(symbols(catalog, name, path)) == count


def test_a_camera_has_a_limit_per_kind_of_vehicle_and_a_day_of_installation(catalog: Catalog) -> None:
    limits = at(record(catalog, "traffic.SpeedCamera"), "limits_kmh")
    assert isinstance(limits, Map)
    assert isinstance(limits.values, Primitive)
    assert limits.values.name == "int"
    installed = at(record(catalog, "traffic.SpeedCamera"), "installed_on")
    assert isinstance(installed, Primitive)
    assert installed.logical is not None
    assert installed.logical.name == "date"


def test_an_alert_c_code_carries_its_table(catalog: Catalog) -> None:
    alert_c = at(catalog.type("traffic.Location").schema, "alert_c")
    assert isinstance(alert_c, Record)
    required = {field.name for field in alert_c.fields if not isinstance(field.type, Union)}
    assert required == {"table_number", "table_version", "primary_location"}


def test_a_line_has_named_coordinates(catalog: Catalog) -> None:
    line = at(catalog.type("traffic.Location").schema, "line")
    assert isinstance(line, Array)
    assert isinstance(line.items, Record)
    assert [field.name for field in line.items.fields] == ["lat", "lon"]
