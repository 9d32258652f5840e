"""Floors decide, goals are reported, and a run is written as Markdown, JSON and a picture."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as program
from bench.kafka import KafkaReport
from bench.plot import as_svg
from bench.readme import quote, replaced
from bench.report import Report, as_json, as_markdown, environment
from bench.rounds import Table, Times
from bench.shapes import SHAPES
from bench.targets import TARGETS, Target, judge

ROOT = Path(__file__).resolve().parents[3]


def make_table(name: str, rows: Mapping[str, tuple[float, ...]], *, base: str, clock: str = "cpu") -> Table:
    """A table whose CPU times are half its wall times."""
    made = tuple(
        Times(name=row, bases=(base,), wall_us=us, cpu_us=us if clock == "cpu" else tuple(u / 2 for u in us))
        for row, us in rows.items()
    )
    return Table(name=name, title=f"title of {name}", clock=clock, rounds=3, rows=made, skipped={"x": "not installed"})


ENCODE = make_table(
    "encode light", {"AvroSerializer": (8.0, 9.0, 8.5), "avroad, class": (2.0, 1.5, 1.0)}, base="AvroSerializer"
)
PRODUCE = make_table(
    "produce", {"raw": (1.0, 1.0, 1.0), "avroad codec": (2.0, 4.0, 5.0)}, base="raw", clock="wall"
)  # fmt: skip


def target(**more: Any) -> Target:
    return Target(**{
        "title": "t", "table": "encode light", "fast": "avroad, class", "slow": "AvroSerializer", "floor": 4.5, **more,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("more", "held", "reached"),
    [
        ({"floor": 4.5, "goal": 6.0}, True, True),
        ({"floor": 4.5, "goal": 7.0}, True, False),
        ({"floor": 6.1}, False, False),
        ({"floor": 6.0}, True, False),
        ({"floor": 5.9, "at_most": True}, False, False),
        ({"floor": 6.0, "at_most": True, "goal": 6.0}, True, True),
        ({"table": "nowhere"}, True, False),
        ({"fast": "nobody"}, True, False),
    ],
)
def test_a_floor_is_judged_by_the_median_of_the_rounds(more: dict[str, Any], held: bool, reached: bool) -> None:
    (verdict,) = judge([ENCODE], [target(**more)])
    assert verdict.value is None or verdict.value == pytest.approx(6.0)
    assert (verdict.held, verdict.reached) == (held, reached)


def report(*verdicts: Target) -> Report:
    tables = (ENCODE, PRODUCE)
    return Report(
        command="make bench",
        environment={"Python": "3 <fast>", "fastavro": "1.0"},
        cluster="a mock",
        tables=tables,
        verdicts=judge(tables, verdicts or TARGETS),
    )


def test_markdown_names_ratios_spread_bounds_and_who_took_no_part() -> None:
    text = as_markdown(report(target(floor=4.5, goal=6.0), target(title="cost", floor=3.0, at_most=True)))
    assert "| t | 6.00 | 4.00-8.50 | 6.00 | 4.5 | 6 | goal reached |" in text
    assert "| cost | 6.00 | 4.00-8.50 | 6.00 | at most 3 |  | ABOVE ITS LIMIT |" in text
    assert "| avroad, class | 6.00 (4.00-8.50) | 1.00 | 1.50 |" in text
    assert "| avroad codec | 0.25 (0.20-0.50) | 2.00 | 4.00 | 2.00 |" in text, "Kafka rows have the CPU too"
    assert "- not measured: x (not installed)" in text
    assert "Kafka is a mock" in text


def test_json_holds_what_the_tables_hold() -> None:
    value = json.loads(as_json(report(target(floor=7.0))))
    assert value["targets"][0] == {
        "title": "t", "table": "encode light", "floor": 7.0, "goal": None, "at_most": False,
        "median": 6.0, "low": 4.0, "high": 8.5, "by_cpu": 6.0, "held": False, "outcome": "BELOW ITS FLOOR",
    }  # fmt: skip
    row = value["tables"][0]["rows"][1]
    assert row["times"]["AvroSerializer"] == {"median": 6.0, "low": 4.0, "high": 8.5, "best": 8.0}
    assert (row["best_us"], row["median_us"]) == (1.0, 1.5)


def test_the_picture_is_well_formed_and_shows_each_row_inside_it() -> None:
    root = ET.fromstring(as_svg(report()))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Encode, light event", "avroad, class", "avroad codec", "6.0", "0.25"} <= set(texts)
    assert "Consume evolved events from Kafka" not in texts, "what was not measured is left out"
    assert any("Python 3 <fast>" in (text or "") for text in texts)
    left, top, width, height = (float(number) for number in root.attrib["viewBox"].split())
    for group in root.iter("{http://www.w3.org/2000/svg}g"):
        x, y = (float(n) for n in group.attrib["transform"].removeprefix("translate(").removesuffix(")").split())
        for bar in group.iter("{http://www.w3.org/2000/svg}rect"):
            assert left <= x
            assert x + float(bar.attrib["x"]) + float(bar.attrib["width"]) <= left + width
            assert top <= y
            assert y + float(bar.attrib["y"]) + float(bar.attrib["height"]) <= top + height


def test_the_environment_names_versions_and_those_of_frameworks() -> None:
    found = environment({"frame": {"frame": "1", "fastavro": "2"}})
    assert found["frame"] == "1 (with fastavro 2)"
    assert {"Python", "machine", "confluent-kafka", "fastavro"} <= set(found)


@pytest.mark.parametrize(("arguments", "code"), [(["--only", "codec"], 1), (["--only", "codec", "--quick"], 0)])
def test_a_floor_that_does_not_hold_fails_the_run_unless_it_is_a_quick_one(
    arguments: list[str],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    slow = make_table("encode light", {"AvroSerializer": (8.0,), "avroad, class": (4.0,)}, base="AvroSerializer")
    monkeypatch.setattr(program, "codec_tables", lambda shape, effort: (slow,))
    monkeypatch.setattr(program, "SHAPES", SHAPES[:1])
    assert program.main([*arguments, "--out", str(tmp_path)]) == code
    said = capsys.readouterr()
    assert "encode, against AvroSerializer: 2.00, BELOW ITS FLOOR" in said.err
    assert "is the machine busy?" in said.err
    assert "| AvroSerializer | 1 | 8.00 | 8.00 |" in said.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["results.json", "results.md", "results.svg"]


def test_a_part_of_a_run_does_not_replace_the_committed_results(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(program, "_RESULTS", tmp_path / "results")
    monkeypatch.setattr(program, "codec_tables", lambda shape, effort: (ENCODE,))
    monkeypatch.setattr(program, "kafka_report", lambda *_: KafkaReport(tables=(PRODUCE,), cluster="a", versions={}))
    readme = tmp_path / "README.md"
    readme.write_text("a\n<!-- written by make bench -->\nold\n<!-- end of what make bench writes -->\nz\n", "utf-8")
    monkeypatch.setattr(program, "_README", readme)
    assert program.main(["--only", "codec"]) == 0
    assert program.main(["--quick"]) == 0
    assert not (tmp_path / "results").exists()
    assert "old" in readme.read_text("utf-8")
    program.main([])
    assert (tmp_path / "results" / "results.md").exists()
    text = readme.read_text("utf-8")
    assert "| encode, against AvroSerializer | 6.00 | 4.00-8.50 | 6.00 | 4.5 |" in text
    assert "old" not in text
    assert text.startswith("a\n")
    assert text.endswith("z\n")
    assert replaced(text, "again") != replaced(text, "other"), "it can be written again and again"


def test_the_readme_quotes_the_committed_results() -> None:
    results = json.loads((ROOT / "bench" / "results" / "results.json").read_text("utf-8"))
    text = (ROOT / "README.md").read_text("utf-8")
    assert replaced(text, quote(results)) == text, "run: make bench"


def test_a_floor_that_does_not_hold_is_quoted_as_such() -> None:
    text = quote(json.loads(as_json(report(target(floor=7.0), target(title="cost", floor=6.0, at_most=True)))))
    assert "| t | 6.00 | 4.00-8.50 | 6.00 | 7, **not held** |" in text
    assert "| cost | 6.00 | 4.00-8.50 | 6.00 | at most 6 |" in text


def test_a_readme_without_a_place_for_results_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        replaced("no marks", "results")


def test_the_locks_of_the_peers_have_hashes_name_no_host_and_agree_with_ours() -> None:
    own = dict(_pins((ROOT / ".ci" / "requirements.txt").read_text("utf-8")))
    for name, wanted in (("requirements.txt", "faststream"), ("requirements-quixstreams.txt", "quixstreams")):
        text = (ROOT / "bench" / name).read_text("utf-8")
        pins = _pins(text)
        assert wanted in dict(pins)
        assert wanted not in own
        assert text.count("--hash=sha256:") >= len(pins)
        assert "://" not in text
        assert "index" not in text
    peers = dict(_pins((ROOT / "bench" / "requirements.txt").read_text("utf-8")))
    for shared in ("confluent-kafka", "fastavro", "avro"):
        assert peers[shared] == own[shared], "what is measured is not what is installed: make lock"


def _pins(text: str) -> list[tuple[str, str]]:
    lines = [line for line in text.splitlines() if "==" in line]
    return [(name, rest.split(" ")[0]) for name, _, rest in (line.partition("==") for line in lines)]
