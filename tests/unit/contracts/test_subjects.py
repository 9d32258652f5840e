"""Subjects: names, order, levels, collisions."""

from __future__ import annotations

import itertools

import pytest

from avroad.contracts.subjects import strictest
from avroad.model import Level
from tests.unit.contracts.conftest import ContractProject, field, record

MOOD = {"type": "enum", "name": "Mood", "namespace": "zoo", "symbols": ["CALM", "UNKNOWN"], "default": "UNKNOWN"}


def test_names_follow_the_strategy(project: ContractProject) -> None:
    project.schema(record("zoo.Death", field("x", "int")))
    project.topic(topic="zoo.all", values="[zoo.Birth, zoo.Death]", subjects="topic-record")
    subjects = [(spec.subject, spec.topic, spec.type_name) for spec in project.load().subjects]
    assert subjects == [
        ("zoo.all-zoo.Birth", "zoo.all", "zoo.Birth"),
        ("zoo.all-zoo.Death", "zoo.all", "zoo.Death"),
        ("zoo.births-value", "zoo.births", "zoo.Birth"),
    ]


def test_shared_types_come_first_under_their_full_name(project: ContractProject) -> None:
    project.schema(MOOD)
    project.schema(record("zoo.Animal", field("mood", "zoo.Mood")))
    project.schema(record("zoo.Birth", field("animal", "zoo.Animal")))
    subjects = project.load().subjects
    assert [spec.subject for spec in subjects] == ["zoo.Mood", "zoo.Animal", "zoo.births-value"]
    assert [spec.topic for spec in subjects] == ["", "", "zoo.births"]
    assert [spec.references for spec in subjects] == [(), ("zoo.Mood",), ("zoo.Animal",)]


def test_a_type_on_no_topic_has_no_subject(project: ContractProject) -> None:
    project.schema(MOOD)
    assert [spec.type_name for spec in project.load().subjects] == ["zoo.Birth"]


def test_an_event_type_that_others_refer_to_has_both_subjects(project: ContractProject) -> None:
    project.schema(record("zoo.Twin", field("other", "zoo.Birth")))
    project.topic(topic="zoo.twins", values="[zoo.Twin]")
    assert [spec.subject for spec in project.load().subjects] == ["zoo.Birth", "zoo.births-value", "zoo.twins-value"]


def test_a_shared_type_gets_the_strictest_level_of_its_users(project: ContractProject) -> None:
    project.schema(MOOD)
    project.schema(record("zoo.Animal", field("mood", "zoo.Mood")))
    project.schema(record("zoo.Birth", field("animal", "zoo.Animal")))
    project.schema(record("zoo.Death", field("mood", "zoo.Mood")))
    project.topic(compatibility="BACKWARD")
    project.topic(topic="zoo.deaths", values="[zoo.Death]", compatibility="FORWARD_TRANSITIVE")
    levels = {spec.subject: spec.level for spec in project.load().subjects}
    assert levels == {
        "zoo.Mood": Level.FULL_TRANSITIVE,
        "zoo.Animal": Level.BACKWARD,
        "zoo.births-value": Level.BACKWARD,
        "zoo.deaths-value": Level.FORWARD_TRANSITIVE,
    }


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (None, Level.NONE, Level.NONE),
        (Level.NONE, Level.NONE, Level.NONE),
        (Level.NONE, Level.BACKWARD, Level.BACKWARD),
        (Level.BACKWARD, Level.FORWARD, Level.FULL),
        (Level.BACKWARD, Level.BACKWARD_TRANSITIVE, Level.BACKWARD_TRANSITIVE),
        (Level.FULL, Level.BACKWARD, Level.FULL),
        (Level.FULL, Level.FORWARD_TRANSITIVE, Level.FULL_TRANSITIVE),
        (Level.FORWARD, Level.FORWARD_TRANSITIVE, Level.FORWARD_TRANSITIVE),
    ],
)
def test_strictest(one: Level | None, other: Level, expected: Level) -> None:
    assert strictest(one, other) is expected


def test_the_order_of_users_does_not_matter() -> None:
    for one, other, third in itertools.product(Level, repeat=3):
        assert strictest(one, other) is strictest(other, one)
        assert strictest(one, one) is one
        assert strictest(strictest(one, other), third) is strictest(one, strictest(other, third))


def test_names_that_look_alike_never_make_one_subject(project: ContractProject) -> None:
    """The closest calls there can be: a type called `value`, and topics that continue each other's names."""
    value = {"type": "record", "name": "value", "fields": [field("birth", "zoo.Birth")]}
    project.schema(value, name="value")
    project.topic(topic="a", values="[zoo.Birth]")
    project.topic(topic="a-value", values="[value, zoo.Birth]", subjects="topic-record")
    project.topic(topic="a-zoo.Birth", values="[value]", subjects="topic-record")
    project.topic(topic="b", values="[value, zoo.Birth]", subjects="topic-record")
    subjects = [spec.subject for spec in project.load().subjects]
    assert len(subjects) == 1 + 1 + 2 + 1 + 2 + 1
    assert len(set(subjects)) == len(subjects)
