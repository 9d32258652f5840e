"""STATS19 rows: every trap of the format, and the program around them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from avroad.cli.main import run
from avroad.errors import ExitCode
from producers.stats19 import SAMPLE, main
from producers.stats19_accident import Refused, accident, identity
from producers.stats19_rows import Row
from schemas.traffic import Accident, AccidentKind, InformationStatus, Severity, SourceType, Status

CELLS = {
    "Accident_Index": "2.00512E+12", "Location_Easting_OSGR": "460040", "Location_Northing_OSGR": "453500",
    "Longitude": "-1.086107", "Latitude": "53.974088", "Police_Force": "12", "Accident_Severity": "3",
    "Number_of_Vehicles": "2", "Number_of_Casualties": "1", "Date": "05/01/2005 07:31", "Day_of_Week": "4",
    "Local_Authority_(District)": "189", "Local_Authority_(Highway)": "E06000014", "1st_Road_Class": "3",
    "1st_Road_Number": "19", "Road_Type": "6", "Speed_limit": "30", "2nd_Road_Class": "-1", "2nd_Road_Number": "0",
    "Pedestrian_Crossing-Human_Control": "0", "Did_Police_Officer_Attend_Scene_of_Accident": "1",
    "LSOA_of_Accident_Location": "E01013345",
}  # fmt: skip


def row(**changes: str) -> Row:
    """A sound row with some cells changed; `__` in a name stands for a character a keyword cannot have."""
    names = {"severity": "Accident_Severity", "vehicles": "Number_of_Vehicles", "casualties": "Number_of_Casualties"}
    names |= {"date": "Date", "weekday": "Day_of_Week", "limit": "Speed_limit", "lat": "Latitude", "lon": "Longitude"}
    names |= {
        "road_class": "1st_Road_Class",
        "road_number": "1st_Road_Number",
        "district": "Local_Authority_(District)",
    }
    names |= {"second_class": "2nd_Road_Class", "second_number": "2nd_Road_Number", "index": "Accident_Index"}
    names |= {"easting": "Location_Easting_OSGR", "lsoa": "LSOA_of_Accident_Location"}
    names |= {"attended": "Did_Police_Officer_Attend_Scene_of_Accident"}
    return Row(file="f.csv", line=2, cells=CELLS | {names[name]: value for name, value in changes.items()})


def csv_file(folder: Path, *lines: str, header: str = ",".join(CELLS), end: str = "\r\n") -> Path:
    path = folder / "f.csv"
    path.write_bytes(end.join([header, *lines, ""]).encode("utf-8", "surrogateescape"))
    return path


def line(**changes: str) -> str:
    return ",".join(row(**changes).cells.values())


def test_identity_comes_from_time_and_place_because_the_index_is_ruined() -> None:
    assert identity(row()) == "uk-dft:20050105T0731-460040-453500"
    assert identity(row(index="anything")) == identity(row())
    assert accident(row()).source.reference == "05/01/2005 07:31 460040 453500"
    assert accident(row(index="200501BS00001")).source.reference == "200501BS00001"


def test_the_event_id_depends_on_identity_and_content_only() -> None:
    first = accident(row())
    reordered = Row(file="other.csv", line=99, cells=dict(reversed(CELLS.items())))
    assert accident(reordered).event_id == first.event_id
    assert accident(row(casualties="2")).event_id != first.event_id
    assert str(first.event_id) == str(accident(row()).event_id)
    assert first.event_id.version == 5
    assert str(first.event_id) == "e0594bc8-b70a-5dc8-9e2a-468859da0b2d", "now, later and on every machine"


def test_dates_are_day_first_and_the_weekday_proves_it() -> None:
    assert accident(row()).observed_at == datetime(2005, 1, 5, 7, 31, tzinfo=UTC)
    with pytest.raises(Refused, match=r"05/01/2005 07:31 is a Wednesday, not Sunday"):
        accident(row(weekday="1"))
    with pytest.raises(Refused, match="Day_of_Week contradicts Date"):
        accident(row(weekday="9"))
    assert accident(row(weekday="-1")).observed_at.day == 5, "without a weekday the format alone decides"


@pytest.mark.parametrize(
    ("date", "weekday", "utc", "oddity"),
    [
        ("05/01/2005 07:31", "4", "2005-01-05T07:31", ""),
        ("06/07/2005 12:00", "4", "2005-07-06T11:00", ""),
        ("26/10/2008 01:35", "1", "2008-10-26T00:35", "ambiguous"),
        ("26/10/2008 02:00", "1", "2008-10-26T02:00", ""),
        ("27/03/2005 01:30", "1", "2005-03-27T01:30", "nonexistent"),
        ("27/03/2005 02:00", "1", "2005-03-27T01:00", ""),
        ("5/1/2005 7:31", "4", "2005-01-05T07:31", ""),
    ],
)
def test_local_time_becomes_utc_and_oddities_are_said(date: str, weekday: str, utc: str, oddity: str) -> None:
    event = accident(row(date=date, weekday=weekday))
    assert event.observed_at == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert event.attributes.get("local_time", "") == oddity


@pytest.mark.parametrize(
    ("date", "reason"),
    [
        ("31/02/2005 07:31", "Date does not exist"),
        ("01/13/2005 07:31", "Date does not exist"),
        ("05/01/2005 24:00", "Date does not exist"),
        ("2005-01-05 07:31", "Date is not dd/mm/yyyy HH:MM"),
        ("05/01/2005", "Date is not dd/mm/yyyy HH:MM"),
        ("", "Date is not dd/mm/yyyy HH:MM"),
        ("05/01/1905 07:31", "Date is before STATS19 began"),
    ],
)
def test_impossible_dates_are_refused(date: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        accident(row(date=date, weekday="-1"))
    assert refused.value.reason == reason


def test_a_time_in_its_own_column_is_taken() -> None:
    cells = CELLS | {"Date": "05/01/2005", "Time": "07:31"}
    assert accident(Row(file="f", line=2, cells=cells)).observed_at == datetime(2005, 1, 5, 7, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("mph", "kmh"), [("20", 32), ("30", 48), ("40", 64), ("50", 80), ("60", 97), ("70", 113), ("-1", None), ("", None)]
)
def test_speed_limits_are_miles(mph: str, kmh: int | None) -> None:
    event = accident(row(limit=mph))
    assert event.speed_limit_kmh == kmh
    assert event.attributes.get("Speed_limit") == (mph if kmh else None), "the raw value stays"


@pytest.mark.parametrize(
    ("road_class", "number", "road"),
    [
        ("1", "1", "M1"), ("2", "1", "A1(M)"), ("3", "19", "A19"), ("4", "1224", "B1224"), ("5", "7", "C7"),
        ("6", "0", None), ("3", "0", None), ("6", "12", None), ("-1", "-1", None), ("3", "-1", None),
    ],
)  # fmt: skip
def test_roads(road_class: str, number: str, road: str | None) -> None:
    event = accident(row(road_class=road_class, road_number=number))
    assert (event.location.road, event.location.road_number) == (road, road)


@pytest.mark.parametrize("number", ["0", "-1"])
def test_no_second_road_is_written_in_two_ways(number: str) -> None:
    attributes = accident(row(second_class="-1", second_number=number)).attributes
    assert "2nd_Road_Class" not in attributes
    assert "2nd_Road_Number" not in attributes


def test_a_second_road_keeps_what_is_known() -> None:
    assert accident(row(second_class="6", second_number="0")).attributes["2nd_Road_Class"] == "6"
    assert "2nd_Road_Number" not in accident(row(second_class="6", second_number="0")).attributes
    assert accident(row(second_class="3", second_number="64")).attributes["2nd_Road_Number"] == "64"


def test_missing_marks_are_no_facts_and_raw_headers_name_attributes() -> None:
    attributes = accident(row(lsoa="", attended="-1")).attributes
    assert "LSOA_of_Accident_Location" not in attributes
    assert "Did_Police_Officer_Attend_Scene_of_Accident" not in attributes
    assert attributes["Local_Authority_(District)"] == "189"
    assert attributes["Pedestrian_Crossing-Human_Control"] == "0"
    assert "Accident_Index" not in attributes


def test_minus_one_is_a_longitude_and_not_a_missing_mark() -> None:
    assert accident(row(lon="-1")).location.lon == -1.0


@pytest.mark.parametrize("missing", ["", "NULL"])
def test_a_row_without_coordinates_is_an_event_without_them(missing: str) -> None:
    location = accident(row(lat=missing, lon=missing)).location
    assert (location.lat, location.lon) == (None, None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lat": ""}, "only one of Latitude and Longitude"),
        ({"lat": "-1.08", "lon": "53.97"}, "Latitude is outside Great Britain"),
        ({"lat": "nan"}, "Latitude is outside Great Britain"),
        ({"lon": "east"}, "Longitude is no number"),
        ({"easting": ""}, "Location_Easting_OSGR is missing or no whole number"),
        ({"easting": "-1"}, "Location_Easting_OSGR is missing or no whole number"),
        ({"easting": "9" * 5000}, "Location_Easting_OSGR is missing or no whole number"),
        ({"vehicles": "9" * 5000}, "Number_of_Vehicles is no count"),
        ({"vehicles": "two"}, "Number_of_Vehicles is no count"),
        ({"vehicles": "9999999"}, "Number_of_Vehicles is no count"),
        ({"limit": "30mph"}, "Speed_limit is no count"),
        ({"road_number": "A19"}, "1st_Road_Number is no count"),
    ],
)
def test_damaged_cells_refuse_the_row(changes: dict[str, str], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        accident(row(**changes))
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("severity", "casualties", "injured", "died"),
    [("3", "2", 2, 0), ("2", "1", 1, 0), ("1", "1", 0, 1), ("1", "3", None, None), ("3", "-1", None, None),
     ("9", "1", None, None)],
)  # fmt: skip
def test_casualties_are_split_only_where_the_source_says_how(
    severity: str, casualties: str, injured: int | None, died: int | None
) -> None:
    event = accident(row(severity=severity, casualties=casualties))
    assert (event.injured, event.fatalities) == (injured, died)
    assert event.source_code == severity


@pytest.mark.parametrize(
    ("severity", "vehicles", "expected", "kind"),
    [
        ("1", "1", Severity.HIGHEST, AccidentKind.SERIOUS_INJURY_OR_FATAL),
        ("2", "5", Severity.HIGH, AccidentKind.SERIOUS_INJURY_OR_FATAL),
        ("3", "2", Severity.LOW, AccidentKind.ACCIDENT),
        ("3", "3", Severity.LOW, AccidentKind.MULTIPLE_VEHICLE),
        ("7", "-1", Severity.UNKNOWN, AccidentKind.ACCIDENT),
    ],
)
def test_severity_and_kind(severity: str, vehicles: str, expected: Severity, kind: AccidentKind) -> None:
    event = accident(row(severity=severity, vehicles=vehicles))
    assert (event.severity, event.kind) == (expected, kind)


def test_it_is_history_from_york_under_its_licence() -> None:
    event = accident(row())
    assert (event.status, event.active) == (Status.ENDED, False)
    assert event.information_status is InformationStatus.REAL
    assert (event.location.city, event.location.country) == ("York", "GB")
    assert event.source.licence == "OGL-UK-3.0"
    assert event.source.type is SourceType.POLICE_PATROL
    assert accident(row(attended="2")).source.type is SourceType.OTHER_INFORMATION
    assert accident(row(district="300")).location.city is None


# The program


def test_dry_run_prints_events_and_counts_refusals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = csv_file(tmp_path, line(), "broken", line(weekday="1"), line(easting="1"))
    listed = tmp_path / "refused.txt"
    code = run([str(path), "--dry-run", "--refusals", str(listed)], main)
    out, err = capsys.readouterr()
    lines = [json.loads(text) for text in out.splitlines()]
    assert code == ExitCode.OK
    assert [event["event_type"] for event in lines] == [Accident.__avro_fullname__] * 2
    assert lines[0]["value"]["situation_id"] == "uk-dft:20050105T0731-460040-453500"
    assert "refused 1 row: wrong number of cells" in err
    assert "refused 1 row: Day_of_Week contradicts Date" in err
    assert [text.split(": ")[0].rpartition(":")[2] for text in listed.read_text("utf-8").splitlines()] == ["3", "4"]


def test_count_ends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = csv_file(tmp_path, *(line(easting=str(number)) for number in range(1, 9)))
    assert run([str(path), "--dry-run", "--count", "3"], main) == ExitCode.OK
    assert len(capsys.readouterr().out.splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected a STATS19 file or --sample"),
        (["nowhere.csv"], "does not exist"),
        (["--sample", "--rate", "-1"], "--rate"),
        (["--sample", "--count", "0"], "--count"),
    ],
)
def test_wrong_usage_is_64(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments, main) == ExitCode.USAGE
    assert message in capsys.readouterr().err


def test_the_sample_is_small_attributed_and_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert SAMPLE.read_bytes().count(b"\r\n") <= 121
    note = (SAMPLE.parent / "SOURCE.md").read_text("utf-8")
    assert "Department for Transport" in note
    assert "Open Government Licence v3.0" in note
    assert run(["--sample", "--dry-run"], main) == ExitCode.OK
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == SAMPLE.read_bytes().count(b"\r\n") - 1
    assert "read 116 rows: 116 events, 0 refused" in err
    assert "Open Government Licence v3.0" in err
