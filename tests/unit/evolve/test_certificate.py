"""What a rehearsal proved: bound to fingerprints, written, read again, and stale after any change that counts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from avroad.contracts.compat.order import Order
from avroad.errors import ConfigError
from avroad.evolve.certificate import Certificate, certificates_json, certificates_of, read_certificates
from avroad.evolve.matrix import Rehearsal
from avroad.evolve.upgrade import Rolling
from avroad.evolve.versions import InPlay
from avroad.model import Level
from tests.unit.evolve.evolution import NEW, OLD, exemption, field, judged, long, record, spec, version
from tests.unit.evolve.test_upgrade import shown, upgrade

FIRST = record(field("id", "string"))
SECOND = record(field("id", "string"), field("lanes", "int", default=2))
THIRD = record(field("id", "string"), field("lanes", "long", default=2))
AT = datetime(2026, 5, 1, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def proven() -> Certificate:
    matrix = judged(FIRST, SECOND)
    rehearsal = Rehearsal(
        against="registry",
        subjects=(matrix,),
        libraries=(("avroad", "1"), ("java", "")),
        unplayed=(),
        seed=7,
        seconds=1,
    )
    (made,) = certificates_of(rehearsal, AT)
    return made


def play(*schemas: Any, level: Level = Level.BACKWARD) -> InPlay:
    """Return these versions in play, the last one as the candidate."""
    older = [version(str(number), schema) for number, schema in enumerate(schemas[:-1], 1)]
    return InPlay(spec=spec(level), versions=(*older, version(NEW, schemas[-1])))


def test_it_says_what_was_played_and_how_it_ended(proven: Certificate) -> None:
    now = play(FIRST, SECOND)
    assert (proven.subject, proven.mode, proven.met) == ("road.jams-value", "BACKWARD", True)
    assert proven.candidate == now.candidate.id
    assert proven.played == ((OLD, now.versions[0].id),)
    assert proven.registry == "compatible"
    assert (proven.order, proven.at, proven.seed) == ("any order", "2026-05-01T10:00:00Z", 7)
    assert proven.steps == ("Update producers and consumers in any order.",)


def test_where_the_mode_asks_for_nothing_the_registry_was_not_asked() -> None:
    none = judged(FIRST, record(field("id", "string"), field("lanes", "int")), level=Level.NONE)
    rehearsal = Rehearsal(against="registry", subjects=(none,), libraries=(), unplayed=(), seed=7, seconds=1)
    (made,) = certificates_of(rehearsal, AT)
    assert (made.met, made.registry) == (True, "not asked")


def test_it_says_which_rolling_upgrade_was_played(proven: Certificate) -> None:
    assert proven.rolling == "no rolling upgrade played"
    played = shown(Rolling(upgrades=(upgrade(Order.CONSUMERS, advised=True), upgrade(Order.PRODUCERS, advised=False))))
    (made,) = certificates_of(played, AT)
    assert made.rolling == "rolling upgrade consumers first sound"
    (made,) = certificates_of(shown(Rolling(upgrades=(upgrade(Order.CONSUMERS, advised=True, hurt=True),))), AT)
    assert made.rolling == "rolling upgrade consumers first NOT sound"
    (made,) = certificates_of(shown(Rolling(unplayed="there is one version only")), AT)
    assert made.rolling == "no rolling upgrade played: there is one version only"
    document = {"certificates": certificates_json([made])}
    assert read_certificates(document, "f")[made.subject] == made
    del document["certificates"][0]["rolling"]
    assert read_certificates(document, "f")[made.subject].rolling == "", "results of before say nothing of it"


def test_a_mode_that_was_not_met_is_written_down_as_such() -> None:
    matrix = judged(FIRST, record(field("id", "string"), field("lanes", "int")), verdict=False)
    rehearsal = Rehearsal(against="registry", subjects=(matrix,), libraries=(), unplayed=(), seed=7, seconds=1)
    (made,) = certificates_of(rehearsal, AT)
    assert (made.met, made.registry) == (False, "incompatible")


def test_what_was_accepted_is_written_down_and_an_older_result_without_it_is_read() -> None:
    old, new = (record(field("at", long(f"timestamp-{unit}"))) for unit in ("millis", "micros"))
    matrix = judged(old, new, accepted=[exemption("LOGICAL_UNIT_CHANGED")])
    rehearsal = Rehearsal(against="registry", subjects=(matrix,), libraries=(), unplayed=(), seed=7, seconds=1)
    (made,) = certificates_of(rehearsal, AT)
    assert made.met
    assert made.accepted == ("LOGICAL_UNIT_CHANGED at $.at, accepted until 2026-05-01: nobody reads it",)
    (document,) = certificates_json([made])
    assert read_certificates({"certificates": [document]}, "f")[made.subject] == made
    del document["accepted"]
    assert read_certificates({"certificates": [document]}, "f")[made.subject] == replace(made, accepted=())


def test_it_is_valid_for_what_was_played(proven: Certificate) -> None:
    assert proven.stale(play(FIRST, SECOND)) == ()


def test_versions_that_are_gone_since_take_nothing_from_it(proven: Certificate) -> None:
    assert proven.stale(play(SECOND)) == ()


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (play(FIRST, THIRD), ("its schema is another one than was rehearsed",)),
        (play(FIRST, THIRD, SECOND), ("version 2 is in play, and was not",)),
        (play(THIRD, SECOND), ("version 1 is in play, and was not",)),
        (play(FIRST, SECOND, level=Level.FULL), ("its declared mode is FULL, and was BACKWARD",)),
    ],
)
def test_whatever_changed_since_is_named(proven: Certificate, now: InPlay, said: tuple[str, ...]) -> None:
    assert proven.stale(now) == said


def test_it_comes_back_from_json_as_it_was(proven: Certificate) -> None:
    document = json.loads(json.dumps({"met": True, "certificates": certificates_json([proven])}))
    assert read_certificates(document, "a.json") == {proven.subject: proven}


def test_of_one_subject_the_newest_counts(proven: Certificate) -> None:
    newer = replace(proven, at="2026-05-02T10:00:00Z", met=False)
    for order in ([proven, newer], [newer, proven]):
        assert read_certificates({"certificates": certificates_json(order)}, "a.json") == {proven.subject: newer}


@pytest.mark.parametrize("document", [None, [], {}, {"certificates": {}}, {"certificates": [1]}, {"met": True}])
def test_a_document_without_certificates_is_refused_with_the_command_that_makes_one(document: object) -> None:
    with pytest.raises(ConfigError, match="avroad evolve rehearse --output json") as raised:
        read_certificates(document, "a.json")
    assert raised.value.problems[0].file == "a.json"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("subject", 1), ("mode", None), ("candidate", []), ("at", 5), ("order", {}),
        ("registry", True), ("met", "yes"), ("seed", True),
        ("steps", "one"), ("steps", [1]), ("played", None), ("played", [{"label": "1"}, 3]), ("libraries", [{}]),
        ("subject", "\ud800"),
    ],
)  # fmt: skip
def test_a_wrong_part_is_refused_at_its_place(proven: Certificate, key: str, value: object) -> None:
    (item,) = certificates_json([proven])
    with pytest.raises(ConfigError, match="not the result of a rehearsal"):
        read_certificates({"certificates": [item | {key: value}]}, "a.json")
    del item[key]
    with pytest.raises(ConfigError, match=rf"certificates\[0\]\.{key}"):
        read_certificates({"certificates": [item]}, "a.json")


@pytest.mark.parametrize(
    "change",
    [{"at": "\x1b]0;title\x07"}, {"rolling": "\x1b[31m"}, {"steps": ["\x9b31m"]}, {"libraries": [{"name": "\x7f"}]}],
)
def test_a_result_that_would_steer_a_terminal_is_refused(proven: Certificate, change: dict[str, Any]) -> None:
    (item,) = certificates_json([proven])
    with pytest.raises(ConfigError) as refused:
        read_certificates({"certificates": [item | change]}, "f")
    assert refused.value.problems[0].found == "a control character"
