"""STATS19 files as they come: damaged, of another kind, in another encoding; each gets a clear answer."""

from __future__ import annotations

import csv
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from avroad.cli.main import run
from avroad.codec import decoder_for, encoder_for
from avroad.contracts import Catalog, load_catalog
from avroad.errors import ConfigError, ExitCode
from producers.stats19 import Refusals, main, sendings
from producers.stats19_accident import USED
from producers.stats19_rows import Refusal, Row, read_rows
from schemas.traffic import AVRO_TYPES, Accident, Severity
from tests.unit.producers.fakes import FakeProject, FakePublisher, use
from tests.unit.producers.test_stats19 import CELLS, csv_file, line

ROOT = Path(__file__).resolve().parents[3]
HEADER = ",".join(CELLS)
NUL_FOUND = "found NUL bytes: text in UTF-16, or no text at all"


def test_bom_blank_lines_and_every_line_end(tmp_path: Path) -> None:
    text = "\ufeff" + HEADER
    for end in ("\r\n", "\n", "\r"):
        rows = list(read_rows(csv_file(tmp_path, "", line(), "   ", line(easting="1"), header=text, end=end)))
        assert [r.line for r in rows] == [3, 5]
        assert all(isinstance(r, Row) for r in rows)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a,b", "wrong number of cells"),
        (line() + ",extra", "wrong number of cells"),
        (line(lsoa='"never closed'), "not CSV"),
        (line(lsoa="caf\udce9"), "not UTF-8"),
        (line(lsoa="E\0"), "a NUL byte"),
        (line(lsoa="x" * 70_000), "line too long"),
        (line(lsoa="x" * 700_000), "line too long"),
    ],
    ids=["short", "long", "quote", "latin-1", "nul", "large", "huge"],
)
def test_a_damaged_line_costs_one_row_and_is_named(tmp_path: Path, text: str, reason: str) -> None:
    path = csv_file(tmp_path, line(), text, line(easting="1"))
    before, refusal, after = read_rows(path)
    assert isinstance(before, Row)
    assert isinstance(after, Row)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == reason
    assert str(refusal).startswith(f"{path.as_posix()}:3: {reason}")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "found an empty file"),
        (b"\r\n \r\n", "found an empty file"),
        (b"a,b,c\r\n", "found no Date, Location_Easting_OSGR, Location_Northing_OSGR"),
        (HEADER.replace("Date,", "").encode(), "found no Date"),
        (f"{HEADER},Date".encode(), "found Date more than once"),
        (HEADER.replace(",", ";").encode(), "comma-separated UTF-8 text"),
        (f"{HEADER}\r\n{line()}".encode("utf-16"), NUL_FOUND),
        (f"{HEADER}\r\n{line()}".encode("utf-16-le"), NUL_FOUND),
        (f"{HEADER}\r\n{line()}".encode("utf-16-be"), NUL_FOUND),
        (HEADER.replace("Road_Type", "Stra\xdfe").encode("latin-1"), "found bytes that are no UTF-8"),
        (b"\x89PNG\r\n\x1a\n\xde\xad\xbe\xef", "found bytes that are no UTF-8"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0", NUL_FOUND),
        (b"x" * 200_000, "found a line of more than 65,536 characters"),
        (b"\x1b[31m,\x1b[31m," + HEADER.encode(), r"found \x1b[31m more than once"),
    ],
    ids=[
        "empty", "blank", "other", "column", "twice", "semicolons", "utf-16", "utf-16-le", "utf-16-be", "latin-1",
        "png", "elf", "endless", "control",
    ],
)  # fmt: skip
def test_another_kind_of_file_is_refused_whole(
    tmp_path: Path, content: bytes, found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    assert run([str(path), "--dry-run"], main) == ExitCode.USAGE
    (message,) = capsys.readouterr().err.splitlines()
    assert found in message
    assert message.startswith(f"error: {path.as_posix()}: not a STATS19 file")


def test_a_line_without_end_is_not_read_into_memory(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "x" * 8_000_000, line())
    tracemalloc.start()
    refusal, row = read_rows(path)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(refusal, Refusal)
    assert isinstance(row, Row)
    assert row.line == 3
    assert peak_bytes < 2_000_000


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no /dev/zero")
def test_a_file_without_end_is_refused_at_its_beginning() -> None:
    with pytest.raises(ConfigError, match="found a line of more than 65,536 characters"):
        next(read_rows(Path("/dev/zero")))


def test_a_quoted_line_break_costs_its_lines_and_no_more(tmp_path: Path) -> None:
    path = csv_file(tmp_path, line(lsoa='"E01\n345"'), line(easting="1"))
    first, second, sound = read_rows(path)
    assert isinstance(first, Refusal)
    assert isinstance(second, Refusal)
    assert (first.reason, second.reason) == ("not CSV", "wrong number of cells")
    assert isinstance(sound, Row)
    assert sound.line == 4


def test_a_header_without_rows_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = csv_file(tmp_path)
    assert run([str(path), "--dry-run"], main) == ExitCode.OK
    assert capsys.readouterr().err == f"{path.as_posix()}: a header, and no row below it\n"


def test_a_missing_column_is_said_once_and_its_facts_stay_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    position = list(CELLS).index("Speed_limit")

    def without(text: str) -> str:
        cells = text.split(",")
        return ",".join(cells[:position] + cells[position + 1 :])

    path = csv_file(tmp_path, without(line()), without(line(easting="1")), header=without(HEADER))
    found = list(sendings([path], Refusals()))
    assert [getattr(sending.event, "speed_limit_kmh", 0) for sending in found] == [None, None]
    assert capsys.readouterr().err == f"{path.as_posix()}: no column Speed_limit: what they tell stays unknown\n"


def test_columns_without_a_name_are_left_out(tmp_path: Path) -> None:
    plain, *_ = read_rows(csv_file(tmp_path, line()))
    framed, *_ = read_rows(csv_file(tmp_path, f"17,{line()},,", header=f",{HEADER},,"))
    assert isinstance(plain, Row)
    assert isinstance(framed, Row)
    assert framed.cells == plain.cells


def test_what_stands_in_a_refused_cell_cannot_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, listed = csv_file(tmp_path, line(date="\x1b[31mred\x07\x85")), tmp_path / "refused"
    assert run([str(path), "--dry-run", "--refusals", str(listed)], main) == ExitCode.OK
    (text,) = listed.read_text("utf-8").splitlines()
    assert text.endswith(r"Date is not dd/mm/yyyy HH:MM (\x1b[31mred\x07)")
    assert f"refused {text}\n" in capsys.readouterr().err


def test_every_file_is_looked_at_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    publisher, other = FakePublisher(), tmp_path / "other.csv"
    use(FakeProject(publisher), monkeypatch)
    other.write_text("a,b\n1,2\n", "utf-8")
    assert run([str(csv_file(tmp_path, line())), str(other)], main) == ExitCode.USAGE
    assert publisher.taken == []
    assert "other.csv: not a STATS19 file" in capsys.readouterr().err


def test_a_second_row_of_the_same_time_and_place_is_refused(tmp_path: Path) -> None:
    refusals = Refusals()
    found = list(sendings([csv_file(tmp_path, line(), line(casualties="2"), line(easting="1"))], refusals))
    assert [sending.origin.rpartition(":")[2] for sending in found] == ["2", "4"]
    assert refusals.reasons == {"same date and place as an earlier row": 1}


# York, 2005 to 2014: Department for Transport road safety data, Open Government Licence v3.0

YORK = Path("../shared/data/collisions_york_2005_2014.csv")
Raw = dict[str, str]


@pytest.fixture(scope="module")
def raw() -> list[Raw]:
    if not YORK.exists():
        pytest.skip("the York file is not beside the project")
    with YORK.open(encoding="ascii", newline="") as text:
        return list(csv.DictReader(text))


@pytest.fixture(scope="module")
def york(raw: list[Raw]) -> list[tuple[Raw, Accident]]:
    """Rows as Python's own reader sees them, each with its event."""
    refusals = Refusals()
    found = [sending.event for sending in sendings([YORK], refusals)]
    assert not refusals.reasons
    events = [event for event in found if isinstance(event, Accident)]
    return list(zip(raw, events, strict=True))


def test_york_every_row_is_an_event_of_its_own(york: list[tuple[Raw, Accident]]) -> None:
    events = [event for _, event in york]
    assert len(events) == len({e.situation_id for e in events}) == len({e.event_id for e in events}) == 4778


def test_york_rows_are_events_and_refusals_in_sum(
    raw: list[Raw], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    publisher = FakePublisher()
    use(FakeProject(publisher), monkeypatch)
    assert run([str(YORK)], main) == ExitCode.OK
    said = capsys.readouterr()
    assert "read 4,778 rows: 4,778 events, 0 refused" in said.err
    assert "outcome of 4,778 sends: 4,778 acked" in said.out
    assert len(publisher.taken) == len(raw) == 4778


def count(york: list[tuple[Raw, Accident]], test: Callable[[Raw, Accident], bool]) -> int:
    return sum(1 for row, event in york if test(row, event))


def test_york_dates_are_day_first_in_london(york: list[tuple[Raw, Accident]]) -> None:
    for row, event in york:
        day, month, year = re.split("[/ ]", row["Date"])[:3]
        assert event.situation_id.startswith(f"uk-dft:{year}{month}{day}T")
        assert event.observed_at.isoweekday() % 7 + 1 == int(row["Day_of_Week"]) or event.observed_at.hour == 23
    assert count(york, lambda row, _: int(row["Date"][:2]) <= 12) == 1912, "would parse as month-first"
    assert count(york, lambda row, e: e.observed_at.strftime("%H:%M") not in row["Date"]) == 2778, "summer time"
    assert count(york, lambda _, e: "local_time" in e.attributes) == 1
    (ambiguous,) = [e for row, e in york if row["Date"] == "26/10/2008 01:35"]
    assert (ambiguous.observed_at.isoformat(), ambiguous.attributes["local_time"]) == (
        "2008-10-26T00:35:00+00:00", "ambiguous",
    )  # fmt: skip


def test_york_units_codes_and_missing_marks(york: list[tuple[Raw, Accident]]) -> None:
    kmh = {"20": 32, "30": 48, "40": 64, "50": 80, "60": 97, "70": 113}
    assert all(e.speed_limit_kmh == kmh[row["Speed_limit"]] for row, e in york)
    assert all(e.attributes["Speed_limit"] == row["Speed_limit"] for row, e in york)
    levels = [Severity.HIGHEST, Severity.HIGH, Severity.LOW]
    assert [count(york, lambda _, e, s=level: e.severity is s) for level in levels] == [52, 650, 4076]  # type: ignore[misc]
    letters = {"3": "A", "4": "B", "5": "C"}
    for row, event in york:
        letter, number = letters.get(row["1st_Road_Class"]), row["1st_Road_Number"]
        assert event.location.road == (f"{letter}{number}" if letter and number != "0" else None)
        second = (row["2nd_Road_Class"], row["2nd_Road_Number"])
        assert ("2nd_Road_Class" in event.attributes) is (second[0] != "-1")
        assert ("2nd_Road_Number" in event.attributes) is (second[1] not in {"0", "-1"})
        assert "-1" not in event.attributes.values()
        assert (event.location.lat, event.location.lon) == (float(row["Latitude"]), float(row["Longitude"]))
    seconds = [(row["2nd_Road_Class"], row["2nd_Road_Number"]) for row, _ in york]
    assert (seconds.count(("-1", "0")), seconds.count(("-1", "-1"))) == (1927, 86)
    assert count(york, lambda _, e: "LSOA_of_Accident_Location" not in e.attributes) == 7


def test_york_keeps_every_fact_under_its_column_also_where_that_is_no_avro_name(
    york: list[tuple[Raw, Accident]],
) -> None:
    held = {"Accident_Index", "Longitude", "Latitude", "Number_of_Vehicles", "1st_Road_Number", "2nd_Road_Number"}
    for row, event in york:
        facts = {name: value for name, value in row.items() if name not in held and value not in {"", "-1"}}
        assert facts.items() <= event.attributes.items()
    odd = {name for _, event in york for name in event.attributes if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name)}
    assert len(odd) == 8
    assert set(USED) <= york[0][0].keys()


def test_york_is_history_and_its_index_is_no_identity(york: list[tuple[Raw, Accident]]) -> None:
    assert len({row["Accident_Index"] for row, _ in york}) == 10
    assert not any(e.source.reference in row["Accident_Index"] for row, e in york)
    assert len({e.source.reference for _, e in york}) == 4778
    assert count(york, lambda _, e: e.active or e.location.city != "York") == 0


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(ROOT)


def test_york_goes_through_the_contract_unchanged(york: list[tuple[Raw, Accident]], catalog: Catalog) -> None:
    schema = catalog.type(Accident.__avro_fullname__).schema
    encoder, decoder = encoder_for(schema, types=AVRO_TYPES), decoder_for(schema, types=AVRO_TYPES)
    for _, event in york:
        assert decoder.decode(encoder.encode(event)) == event
