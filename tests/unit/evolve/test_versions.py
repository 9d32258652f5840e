"""What is in play: each meaning once, the candidate last, pinned versions wherever they are from."""

from __future__ import annotations

from typing import Any

import pytest

from avroad.contracts import Catalog
from avroad.contracts.compat.modes import Version as Older
from avroad.contracts.declared import REPOSITORY, Application, Use
from avroad.errors import ConfigError
from avroad.evolve.versions import CANDIDATE, InPlay, Programs, versions_in_play
from avroad.model import Level
from avroad.schema import Named, Schema, parse
from tests.unit.evolve.evolution import field, record, spec

ORIGINS = ("registered", "schemas/")


def schema(*names: str) -> Named:
    parsed = parse(record(*(field(name, ["null", "string"], default=None) for name in names)))
    assert isinstance(parsed, Named)
    return parsed


def older(*schemas: Schema) -> list[Older]:
    return [Older(name=str(i), schema=each) for i, each in enumerate(schemas, 1)]


def in_play(candidate: Named, before: list[Older], level: Level, **pins: Any) -> InPlay:
    programs = Programs(pins=pins, keepers={pin: names[:1] for pin, names in pins.items()})
    return versions_in_play(
        spec(level), candidate, before, programs, {"git:v1": schema("z")}.__getitem__, origins=ORIGINS
    )


def labels(play: InPlay) -> list[tuple[str, tuple[str, ...]]]:
    return [(version.label, version.origins) for version in play.versions]


def test_a_mode_that_looks_back_one_step_plays_the_newest() -> None:
    play = in_play(schema("a", "b", "c"), older(schema("a"), schema("a", "b")), Level.BACKWARD)
    assert labels(play) == [("2", ("registered",)), (CANDIDATE, ("schemas/",))]
    assert play.changed
    assert play.left_out == 1


def test_a_transitive_mode_plays_the_history_as_far_as_it_is_bounded() -> None:
    history = older(*(schema(*(f"f{j}" for j in range(i))) for i in range(1, 12)))
    play = in_play(schema("new"), history, Level.FULL_TRANSITIVE)
    assert [version.label for version in play.versions] == [*map(str, range(4, 12)), CANDIDATE]
    assert play.left_out == 3


def test_a_candidate_that_is_there_already_is_one_version_and_no_change() -> None:
    play = in_play(schema("a"), older(schema("b"), schema("a")), Level.BACKWARD_TRANSITIVE)
    assert labels(play) == [("1", ("registered",)), ("2", ("registered", "schemas/"))]
    assert not play.changed
    back = in_play(schema("b"), older(schema("b"), schema("a")), Level.BACKWARD_TRANSITIVE)
    assert [version.label for version in back.versions] == ["2", "1"], "the candidate is last"
    assert back.changed, "its readers have not met the data of what came after it"


def test_a_candidate_that_a_program_is_pinned_to_already_is_a_change_all_the_same() -> None:
    play = in_play(schema("z"), older(schema("a")), Level.BACKWARD, **{"git:v1": ("board",)})
    assert [version.label for version in play.versions] == ["1", "git:v1"]
    assert play.changed


def test_pinned_versions_are_in_play_whatever_the_mode() -> None:
    before = older(schema("a"), schema("a", "b"), schema("a", "b", "c"))
    pins = {"1": ("board",), "git:v1": ("archive", "board")}
    play = in_play(schema("a", "d"), before, Level.BACKWARD, **pins)
    assert labels(play) == [
        ("1", ("pinned by board",)),
        ("git:v1", ("pinned by archive, board",)),
        ("3", ("registered",)),
        (CANDIDATE, ("schemas/",)),
    ]
    assert play.keepers == (("1", ("board",)), ("git:v1", ("archive",)))


def test_a_pinned_revision_that_is_registered_is_called_by_its_number() -> None:
    play = in_play(schema("a"), older(schema("z"), schema("b")), Level.BACKWARD_TRANSITIVE, **{"git:v1": ("board",)})
    assert labels(play)[0] == ("1", ("git:v1", "pinned by board", "registered"))
    assert play.keepers == (("1", ("board",)),)


def test_readers_that_are_pinned_to_one_meaning_keep_one_version() -> None:
    pins = {"1": ("board",), "2": ("map",)}
    play = in_play(schema("a", "b"), older(schema("a"), schema("a")), Level.BACKWARD, **pins)
    assert play.keepers == (("1", ("board", "map")),)


def test_a_pin_that_nobody_has_is_the_sources_error() -> None:
    def missing(_pin: str) -> Schema:
        raise ConfigError("no such version")

    with pytest.raises(ConfigError):
        versions_in_play(spec(), schema("a"), [], Programs(pins={"9": ("board",)}), missing, origins=ORIGINS)


def test_pins_come_from_what_programs_read_and_write() -> None:
    def use(*versions: str, topic: str = "road.jams") -> Use:
        return Use(topic=topic, type_name="road.Jam", versions=versions)

    def program(name: str, reads: tuple[Use, ...], writes: tuple[Use, ...] = ()) -> Application:
        return Application(name=name, owner="", description="", reads=reads, writes=writes, file="")

    board = program("board", (use("3", REPOSITORY), use("9", topic="other")))
    feed = program("feed", (use("3"),), (use("git:v1", "3"),))
    catalog = Catalog(applications={"board": board, "feed": feed})
    found = Programs.of(catalog, spec())
    assert found.pins == {"3": ("board", "feed"), "git:v1": ("feed",)}
    assert found.keepers == {"3": ("board", "feed")}
    assert found.readers == ("board", "feed")
