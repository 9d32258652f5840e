"""topics and subjects: what stands in their tables, and what they answer to a typo."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from avroad.cli.main import run
from avroad.errors import ExitCode
from avroad.model import Level
from tests.cli.admin_world import World, make_world
from tests.unit.admin.fakes import ACCIDENT, ACCIDENT_SUBJECT, OPTIONAL, PLACE, PLACE_SUBJECT, accident, place


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> World:
    made = make_world(tmp_path, monkeypatch, capsys)
    made.applied()
    made.cluster.put("road.foreign", 2)
    made.cluster.put("__consumer_offsets", 50)
    return made


def test_topics_are_listed_with_who_owns_them(world: World) -> None:
    code, out, _ = world.run("topics", "list")
    assert code == 0
    assert out.splitlines() == [
        "TOPIC            PARTS  REPL  STATE      OWNER       CARRIES",
        "road.events          6     1  managed    team-roads  road.Accident",
        "road.events.dlq      6     1  managed    team-roads  -",
        "road.foreign         2     1  unmanaged  -           -",
    ]


def test_internal_topics_are_listed_on_demand_and_missing_ones_always(world: World) -> None:
    del world.cluster.topics["road.events"]
    _, out, _ = world.run("topics", "list", "--all", "--output", "json")
    states = {row["name"]: row["state"] for row in json.loads(out)["topics"]}
    assert states == {
        "road.events": "missing", "road.events.dlq": "managed", "road.foreign": "unmanaged",
        "__consumer_offsets": "internal",
    }  # fmt: skip


def test_a_topic_is_described_with_partitions_offsets_and_sources(world: World) -> None:
    code, out, _ = world.run("topics", "describe", "road.events")
    assert code == 0
    assert world.ends.closed
    lines = out.splitlines()
    assert lines[:3] == ["road.events  (managed)", "  All that happens.", "  owner            team-roads"]
    assert "  carries          road.Accident" in lines
    assert "  key              id" in lines
    assert "  dead letters     road.events.dlq" in lines
    assert "  records          75" in lines
    assert "PARTITION  LEADER  REPLICAS  IN SYNC  FIRST  NEXT  RECORDS" in lines
    assert "        5       1         1        1     10    25       15" in lines
    assert "retention.ms         604800000 (7d)  topic" in lines
    assert "more at Kafka's default; --all shows them." in lines[-1]
    assert max(map(len, lines)) <= 80


def test_all_settings_are_shown_on_demand(world: World) -> None:
    _, out, _ = world.run("topics", "describe", "road.events", "--all")
    assert "compression.type" in out
    assert "more at" not in out


def test_a_description_as_json(world: World) -> None:
    _, out, _ = world.run("topics", "describe", "road.events.dlq", "--output", "json")
    document = json.loads(out)
    assert document["format_version"] == "1.0"
    assert document["dead_letters_of"] == "road.events"
    assert document["records"] == 75
    assert document["partitions"][1] == {
        "id": 1, "leader": 1, "replicas": [1], "in_sync": [1], "first_offset": 10, "next_offset": 21,
    }  # fmt: skip
    assert document["config"]["min.insync.replicas"] == {"value": "1", "source": "topic"}


def test_a_declared_topic_that_is_not_there_yet_is_described_without_a_broker(world: World) -> None:
    del world.cluster.topics["road.events"]
    code, out, _ = world.run("topics", "describe", "road.events")
    assert code == 0
    assert "(missing)" in out
    assert "avroad plan" in out


def test_a_typo_in_a_topic_gets_the_likely_one(world: World) -> None:
    code, _, err = world.run("topics", "describe", "road.evnts")
    assert code is ExitCode.USAGE
    assert "Did you mean road.events?" in err
    code, _, err = world.run("topics", "describe", "zzz")
    assert "avroad topics list" in err


def test_subjects_are_listed_with_their_state(world: World) -> None:
    world.registry.register("foreign-value", '"string"')
    code, out, _ = world.run("subjects", "list")
    assert code == 0
    assert out.splitlines() == [
        "SUBJECT                    VERSION  ID  STATE      OWN LEVEL",
        "road.Place                       1   1  same       BACKWARD_TRANSITIVE",
        "road.events-road.Accident        1   2  same       BACKWARD_TRANSITIVE",
        "foreign-value                    1   3  unmanaged  -",
    ]


def test_a_subject_that_differs_or_is_missing_is_called_so(world: World) -> None:
    world.place = place(OPTIONAL)
    del world.registry.held[ACCIDENT_SUBJECT]
    _, out, _ = world.run("subjects", "list", "--output", "json")
    states = {row["subject"]: row["state"] for row in json.loads(out)["subjects"]}
    assert states == {PLACE_SUBJECT: "differs", ACCIDENT_SUBJECT: "missing"}


def test_a_wrong_level_is_a_difference(world: World) -> None:
    world.registry.set_level(PLACE_SUBJECT, Level.NONE)
    assert "differs" in world.run("subjects", "list")[1]


def test_a_subject_is_shown_with_its_versions_and_what_it_refers_to(world: World) -> None:
    world.accident = accident(OPTIONAL)
    world.applied()
    code, out, _ = world.run("subjects", "show", ACCIDENT_SUBJECT)
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == ACCIDENT_SUBJECT
    assert f"  type          {ACCIDENT}" in lines
    assert "  version       2 (id 3)" in lines
    assert "  all versions  1 (id 2), 2 (id 3)" in lines
    assert "  level         BACKWARD_TRANSITIVE" in lines
    assert f"  refers to     {PLACE} version 1" in lines
    assert "  repository    same" in lines
    assert max(map(len, lines)) <= 80


def test_an_older_version_differs_and_its_schema_is_printed_on_demand(world: World) -> None:
    world.accident = accident(OPTIONAL)
    world.applied()
    _, out, _ = world.run("subjects", "show", ACCIDENT_SUBJECT, "--version", "1", "--schema")
    text, brace, schema = out.partition("\n{")
    assert "repository    differs" in text
    assert [item["name"] for item in json.loads(brace + schema)["fields"]] == ["id", "place"]


def test_a_subject_as_json_carries_its_schema(world: World) -> None:
    _, out, _ = world.run("subjects", "show", PLACE_SUBJECT, "--output", "json")
    document = json.loads(out)
    assert document["repository"] == "same"
    assert document["schema"]["fields"][0]["name"] == "city"
    assert document["versions"] == [{"version": 1, "id": 1}]


def test_a_subject_without_its_own_level_shows_the_one_in_force(world: World) -> None:
    del world.registry.levels[PLACE_SUBJECT]
    _, out, _ = world.run("subjects", "show", PLACE_SUBJECT)
    assert "BACKWARD (the registry's; none of its own)" in out.replace("\n" + " " * 16, " ")


def test_an_undeclared_subject_that_is_no_avro_is_shown_with_its_problem(world: World) -> None:
    world.registry.register("foreign-value", "syntax = proto3")
    code, out, _ = world.run("subjects", "show", "foreign-value", "--schema")
    assert code == 0
    assert "repository    not declared" in out
    assert "not readable as Avro" in out
    assert '"syntax = proto3"' in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["road.Plaice"], "Did you mean road.Place?"),
        (["zzz"], "avroad subjects list"),
        ([PLACE_SUBJECT, "--version", "7"], "has no version 7. It has: 1"),
        ([PLACE_SUBJECT, "--version", "0"], "0 is not in the range"),
    ],
)
def test_a_mistake_is_answered_with_what_there_is(world: World, arguments: list[str], words: str) -> None:
    code, _, err = world.run("subjects", "show", *arguments)
    assert code is ExitCode.USAGE
    assert words in err


def test_a_declared_subject_that_is_not_registered_says_what_to_run(world: World) -> None:
    del world.registry.held[ACCIDENT_SUBJECT]
    code, _, err = world.run("subjects", "show", ACCIDENT_SUBJECT)
    assert code is ExitCode.USAGE
    assert "not registered yet. Run: avroad plan" in err


def test_groups_without_a_command_show_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["topics", "--help"]) == 0
    assert "avroad topics describe" in capsys.readouterr().out
