"""The files of `admin/topics/`: names, values, keys, compaction, dead letters."""

from __future__ import annotations

import shutil

import pytest

from avroad.model import Framing, Level, SubjectStrategy
from tests.unit.contracts.conftest import BIRTH, ContractProject, field, record

FILE = "admin/topics/zoo.births.yaml"
DEATH = record(
    "zoo.Death",
    field("animal_id", "string"),
    field("at", {"type": "long", "logicalType": "timestamp-micros"}),
    field("number", "string"),
)


def test_a_minimal_topic(project: ContractProject) -> None:
    topic = project.load().topic("zoo.births")
    assert (topic.name, topic.partitions, topic.owner, topic.description) == (
        "zoo.births",
        3,
        "keepers",
        "Every birth.",
    )
    assert topic.subjects is SubjectStrategy.TOPIC
    assert topic.compatibility is Level.BACKWARD_TRANSITIVE
    assert topic.values == ("zoo.Birth",)
    assert (topic.key_from, topic.time_from, topic.dlq, topic.dlq_of) == ("", "", "", "")
    assert topic.framing is Framing.ID
    assert topic.config == {}
    assert topic.file == FILE


def test_everything_that_can_be_declared(project: ContractProject) -> None:
    project.schema(DEATH)
    project.topic(
        values="[zoo.Birth, zoo.Death]", subjects="topic-record", key="string", key_from="animal_id", time_from="at",
        compatibility="FULL_TRANSITIVE", dlq="true", framing="header",
        config="{cleanup.policy: delete, retention.ms: 604800000, preallocate: false, min.cleanable.dirty.ratio: 0.5}",
    )  # fmt: skip
    topic = project.load().topic("zoo.births")
    assert topic.subjects is SubjectStrategy.TOPIC_RECORD
    assert topic.compatibility is Level.FULL_TRANSITIVE
    assert topic.framing is Framing.HEADER
    assert topic.values == ("zoo.Birth", "zoo.Death")
    assert (topic.key_from, topic.time_from, topic.dlq) == ("animal_id", "at", "zoo.births.dlq")
    assert topic.config == {
        "cleanup.policy": "delete",
        "retention.ms": "604800000",
        "preallocate": "false",
        "min.cleanable.dirty.ratio": "0.5",
    }


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"topic": None}, f'{FILE}:1 $: expected the key "topic", found no such key: add topic:'),
        ({"owner": None}, f'{FILE}:1 $: expected the key "owner", found no such key: add owner:'),
        ({"values": None}, f'{FILE}:1 $: expected the key "values", found no such key: add values:'),
        ({"partitions": None}, f'{FILE}:1 $: expected the key "partitions", found no such key: add partitions:'),
        ({"partitions": "0"}, f"{FILE}:5 $.partitions: expected a whole number from 1 to 100000, found 0"),
        ({"partitions": "three"}, 'found the text "three"'),
        ({"partitons": "3"}, f'{FILE}:6 $.partitons: expected a known key, found "partitons": did you mean "partiti'),
        ({"replication_factor": "3"}, "it differs per environment: set it in admin/environments"),
        ({"subjects": "record"}, 'expected one of topic, topic-record, found the text "record"'),
        ({"compatibility": "BACKWARDS"}, 'found the text "BACKWARDS": did you mean "BACKWARD"?'),
        ({"framing": "headers"}, 'expected one of id, guid, header, either, found the text "headers"'),
        ({"compatibility": "backward"}, 'found the text "backward": did you mean "BACKWARD"?'),
        ({"key": "avro"}, 'expected one of string, found the text "avro"'),
        ({"dlq": "yes"}, f'{FILE}:6 $.dlq: expected true or false, found the text "yes": write true'),
        ({"values": "zoo.Birth"}, 'expected a list, found the text "zoo.Birth": write [zoo.Birth]?'),
        ({"values": "[]"}, f"{FILE}:4 $.values: expected at least one type, found an empty list"),
        ({"values": "[zoo.Brith]"}, f'{FILE}:4 $.values[0]: expected a type of schemas/, found "zoo.Brith": did you'),
        ({"values": "[Walrus]"}, 'expected a type of schemas/, found "Walrus": add schemas/Walrus.avsc'),
        ({"values": "[zoo.Birth, zoo.Birth]"}, 'expected each type once, found "zoo.Birth" again'),
        ({"key": "string"}, "expected key_from beside key, found no key_from: name the field whose value is the key"),
        ({"key_from": "animal"}, 'found "animal", which zoo.Birth does not have: did you mean "animal_id"?'),
        ({"key_from": "weight_kg"}, 'uuid, int or long, not nullable), found "weight_kg" of zoo.Birth, a union'),
        ({"key_from": "at"}, '(string, uuid, int or long), found "at" of zoo.Birth, a timestamp-millis'),
        ({"time_from": "number"}, '(timestamp-millis or timestamp-micros), found "number" of zoo.Birth, a int'),
        ({"time_from": "when"}, 'found "when", which zoo.Birth does not have'),
        ({"config": "{retention: 5}"}, "$.config.retention: expected a topic setting of Kafka"),
        ({"config": "{retention.ms: 7d}"}, f"{FILE}:6 $.config['retention.ms']: expected a whole number from -1 to"),
    ],
)
def test_what_a_topic_cannot_be(project: ContractProject, keys: dict[str, str | None], message: str) -> None:
    project.topic(file="zoo.births", **keys)
    found = project.problems()
    assert len(found) == 1
    assert message in found[0]
    assert found[0].startswith(FILE)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("zoo_births", 'expected a topic name with dots, found "zoo_births": did you mean "zoo.births"? metrics fold'),
        ("zoo births", 'expected a topic name of letters, digits, . and -, found "zoo births"'),
        ("zoo/births", 'expected a topic name of letters, digits, . and -, found "zoo/births"'),
        ("..", 'expected a topic name of letters, digits, . and -, found ".."'),
        ("é", 'expected a topic name of letters, digits, . and -, found "é"'),
        ("t" * 246, "expected at most 245 characters, so that .dlq fits behind, found 246"),
    ],
)
def test_topic_names(project: ContractProject, name: str, message: str) -> None:
    project.topic(file="zoo.births", topic=f'"{name}"')
    assert any(message in line for line in project.problems())


def test_a_file_is_named_after_its_topic(project: ContractProject) -> None:
    project.topic(file="zoo.deaths")
    assert project.problems() == [
        (
            'admin/topics/zoo.deaths.yaml:1 $.topic: expected the topic "zoo.deaths", after which the file is '
            "named, found "
            '"zoo.births": rename the file to admin/topics/zoo.births.yaml?'
        ),
        (
            'admin/topics/zoo.deaths.yaml:1 $.topic: expected each topic in one file, found "zoo.births", also in '
            "admin/topics/zoo.births.yaml"
        ),
    ]


def test_several_types_need_subjects_of_their_own(project: ContractProject) -> None:
    project.schema(DEATH)
    project.topic(values="[zoo.Birth, zoo.Death]", subjects="topic")
    assert project.problems() == [
        (
            f"{FILE}:6 $.subjects: expected subjects: topic-record for several types, found subjects: topic with "
            f"2 values: "
            "the second type could never be registered under the subject of the first"
        )
    ]


def test_the_default_of_subjects_is_checked_too(project: ContractProject) -> None:
    project.schema(DEATH)
    project.topic(values="[zoo.Birth, zoo.Death]")
    (message,) = project.problems()
    assert message.startswith(f"{FILE}:1 $: expected subjects: topic-record for several types")


def test_key_and_time_are_checked_in_every_type(project: ContractProject) -> None:
    project.schema(DEATH)
    project.topic(values="[zoo.Birth, zoo.Death]", subjects="topic-record", key_from="number", time_from="weight_kg")
    found = project.problems()
    assert len(found) == 2, "number is an int in one type and a string in the other; both can be keys"
    assert 'found "weight_kg" of zoo.Birth, a union' in found[0]
    assert "which zoo.Death does not have" in found[1]


@pytest.mark.parametrize(
    "type_",
    ["string", "int", "long", {"type": "string", "logicalType": "uuid"}],
)
def test_types_that_can_be_keys(project: ContractProject, type_: object) -> None:
    project.schema(record("zoo.Birth", field("id", type_)))
    project.topic(key="string", key_from="id")
    assert project.load().topic("zoo.births").key_from == "id"


@pytest.mark.parametrize(
    "type_",
    [
        "bytes",
        "boolean",
        "double",
        ["null", "string"],
        {"type": "array", "items": "string"},
        {"type": "enum", "name": "E", "symbols": ["A"]},
        {"type": "bytes", "logicalType": "decimal", "precision": 4},
        {"type": "int", "logicalType": "date"},
    ],
)
def test_types_that_cannot(project: ContractProject, type_: object) -> None:
    project.schema(record("zoo.Birth", field("id", type_)))
    project.topic(key_from="id")
    (message,) = project.problems()
    assert "expected a field of every type under values that can be the key" in message


def test_values_are_records(project: ContractProject) -> None:
    project.schema({"type": "enum", "name": "Mood", "namespace": "zoo", "symbols": ["CALM"]})
    project.topic(values="[zoo.Mood]")
    (message,) = project.problems()
    assert message == f"{FILE}:4 $.values[0]: expected a record, found zoo.Mood, of kind enum: wrap it in a record"


def test_a_broken_type_is_not_reported_as_unknown(project: ContractProject) -> None:
    project.schema("{", name="zoo.Birth")
    project.topic(key_from="animal_id")
    (message,) = project.problems()
    assert message.startswith("schemas/zoo.Birth.avsc")


def test_a_compacted_topic(project: ContractProject) -> None:
    project.topic(config="{cleanup.policy: 'delete, compact'}", key_from="animal_id")
    assert project.load().topic("zoo.births").config == {"cleanup.policy": "compact,delete"}


def test_a_compacted_topic_holds_one_type(project: ContractProject) -> None:
    project.schema(DEATH)
    project.topic(
        values="[zoo.Birth, zoo.Death]",
        subjects="topic-record",
        config="{cleanup.policy: compact}",
        key_from="animal_id",
    )
    assert project.problems() == [
        (
            f"{FILE}:7 $.config['cleanup.policy']: expected one type on a compacted topic, found 2 types: under "
            f"one key the "
            "later type would erase the earlier: use delete, or one topic per type"
        )
    ]


def test_a_compacted_topic_needs_a_key_and_readers_of_everything(project: ContractProject) -> None:
    project.topic(config="{cleanup.policy: compact}", compatibility="BACKWARD")
    assert project.problems() == [
        (
            f"{FILE}:6 $.config['cleanup.policy']: expected key_from on a compacted topic, found no key_from: the "
            f"broker "
            "refuses records without key"
        ),
        (
            f"{FILE}:7 $.compatibility: expected BACKWARD_TRANSITIVE or FULL_TRANSITIVE on a compacted topic, found "
            "BACKWARD: compacted data never expires: readers must read every version"
        ),
    ]


def test_a_dead_letter_topic_is_derived(project: ContractProject) -> None:
    project.topic(
        dlq="true", partitions="7", key_from="animal_id", config="{cleanup.policy: compact, max.message.bytes: 1000}"
    )
    catalog = project.load()
    assert list(catalog.topics) == ["zoo.births", "zoo.births.dlq"]
    derived = catalog.topic("zoo.births.dlq")
    assert derived.partitions == 7
    assert derived.values == ()
    assert derived.dlq == ""
    assert derived.dlq_of == "zoo.births"
    assert derived.key_from == "animal_id"
    assert derived.owner == "keepers"
    limit = str(1000 + 64 * 1024)
    assert derived.config == {"cleanup.policy": "delete", "max.message.bytes": limit, "retention.ms": "-1"}
    assert [spec.topic for spec in catalog.subjects] == ["zoo.births"], "raw records have no subject"


def test_a_dead_letter_topic_has_room_above_the_brokers_default(project: ContractProject) -> None:
    project.topic(dlq="true")
    assert project.load().topic("zoo.births.dlq").config["max.message.bytes"] == str(1_048_588 + 64 * 1024)


def test_room_never_exceeds_what_kafka_can_store(project: ContractProject) -> None:
    project.topic(dlq="true", config="{max.message.bytes: 2147483647}")
    assert project.load().topic("zoo.births.dlq").config["max.message.bytes"] == "2147483647"


def test_a_dead_letter_topic_is_never_declared(project: ContractProject) -> None:
    project.topic(topic="zoo.births.dlq")
    assert project.problems() == [
        (
            "admin/topics/zoo.births.dlq.yaml:1 $.topic: expected no declared dead-letter topic, found "
            '"zoo.births.dlq": '
            "write dlq: true in admin/topics/zoo.births.yaml"
        )
    ]


@pytest.mark.parametrize("name", ["zoo.deaths.yml", "old/zoo.deaths.yaml"])
def test_files_that_would_be_ignored_are_problems(project: ContractProject, name: str) -> None:
    path = project.root / "admin" / "topics" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("topic: zoo.deaths\n")
    assert project.problems() == [
        (
            f"admin/topics/{name}: expected topic files named admin/topics/<topic>.yaml, found {path.name}: move it to "
            "admin/topics/zoo.deaths.yaml"
        )
    ]


def test_no_topics_folder(project: ContractProject) -> None:
    shutil.rmtree(project.root / "admin")
    assert project.problems() == ["admin/topics: expected a folder with topic files, found no such folder"]


def test_an_empty_topics_folder(project: ContractProject) -> None:
    (project.root / FILE).unlink()
    assert project.problems() == ["admin/topics: expected at least one .yaml file, found none"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"{FILE}: expected a topic declaration, found an empty file"),
        ("- a\n", f"{FILE}:1 $: expected a mapping, found a list"),
        ("a: [\n", f"{FILE}:2: expected YAML, found"),
    ],
)
def test_files_that_declare_nothing(project: ContractProject, text: str, message: str) -> None:
    (project.root / FILE).write_text(text)
    (found,) = project.problems()
    assert found.startswith(message)


def test_variables_do_not_expand_in_topics(project: ContractProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNT", "3")
    project.topic(description="${COUNT}", partitions="${COUNT}")
    (message,) = project.problems()
    assert 'found the text "${COUNT}"' in message


def test_one_new_file_and_one_new_line_add_a_type(project: ContractProject) -> None:
    project.topic(values="[zoo.Birth]", subjects="topic-record")
    before = {spec.subject for spec in project.load().subjects}
    project.schema({**BIRTH, "name": "Adoption"})
    project.topic(values="[zoo.Birth, zoo.Adoption]", subjects="topic-record")
    after = {spec.subject for spec in project.load().subjects}
    assert after - before == {"zoo.births-zoo.Adoption"}
