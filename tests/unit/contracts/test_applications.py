"""The files of `admin/applications/`: what a program reads and writes, with which versions, and every mistake in it."""

from __future__ import annotations

import time
from textwrap import dedent

import pytest

from avroad.contracts.declared import REPOSITORY, Use
from tests.unit.contracts.conftest import BIRTH, ContractProject, field, record

FILE = "admin/applications/board.yaml"
HEAD = "application: board\ndescription: Shows births.\nowner: keepers\n"
DEATH = record("zoo.Death", *BIRTH["fields"])


@pytest.fixture
def zoo(project: ContractProject) -> ContractProject:
    project.schema(DEATH)
    project.schema(record("zoo.Cage", field("size", "int")))
    project.topic(subjects="topic-record", values="[zoo.Birth, zoo.Death]", dlq="true")
    project.topic(topic="zoo.deaths", values="[zoo.Death]")
    return project


def declare(project: ContractProject, text: str, name: str = "board") -> None:
    folder = project.root / "admin" / "applications"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.yaml").write_text(dedent(text), "utf-8")


def use(topic: str, type_name: str, *versions: str, stateful: bool = False) -> Use:
    return Use(topic=topic, type_name=type_name, versions=versions or (REPOSITORY,), stateful=stateful)


def test_there_need_be_none(project: ContractProject) -> None:
    assert project.load().applications == {}
    (project.root / "admin" / "applications").mkdir()
    assert project.load().applications == {}


def test_topics_and_types_become_each_type_of_each_topic(zoo: ContractProject) -> None:
    declare(
        zoo,
        HEAD
        + """reads:
  - type: zoo.Death
    versions: [git:v1.4.0, repository]
    stateful: true
  - {topic: zoo.births, type: zoo.Birth, versions: [3]}
  - topic: zoo.births.dlq
writes:
  - topic: zoo.births
""",
    )
    board = zoo.load().applications["board"]
    assert (board.name, board.owner, board.description, board.file) == ("board", "keepers", "Shows births.", FILE)
    assert board.reads == (
        use("zoo.births", "zoo.Death", "git:v1.4.0", REPOSITORY, stateful=True),
        use("zoo.deaths", "zoo.Death", "git:v1.4.0", REPOSITORY, stateful=True),
        use("zoo.births", "zoo.Birth", "3"),
        use("zoo.births.dlq", ""),
    )
    assert board.writes == (use("zoo.births", "zoo.Birth"), use("zoo.births", "zoo.Death"))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", f"{FILE}:1 $: expected reads, writes or both, found neither: say what it does"),
        ("reads: [zoo.births]", "$.reads[0]: expected a mapping, found a text"),
        ("reads: zoo.births", 'found the text "zoo.births": write [zoo.births]?'),
        ("reads: [{versions: [3]}]", "$.reads[0]: expected a topic, a type or both, found neither"),
        ("read: [{topic: zoo.births}]", 'found "read": did you mean "reads"?'),
        ("reads: [{topic: zoo.birth}]",
         f'{FILE}:4 $.reads[0].topic: expected a declared topic, found "zoo.birth": did you mean "zoo.births"'),
        ("reads: [{topic: far.away}]", "add admin/topics/far.away.yaml"),
        ("writes: [{type: zoo.Brith}]",
         '$.writes[0].type: expected a type of schemas/, found "zoo.Brith": did you mean "zoo.Birth"?'),
        ("reads: [{topic: zoo.deaths, type: zoo.Birth}]",
         '$.reads[0].type: expected a type of zoo.deaths: zoo.Death, found "zoo.Birth": zoo.Birth is on zoo.births'),
        ("reads: [{topic: zoo.births.dlq, type: zoo.Birth}]", "expected a type of zoo.births.dlq: no event type"),
        ("reads: [{type: zoo.Cage}]", 'expected a type that a topic carries, found "zoo.Cage"'),
        ("reads: [{topic: zoo.births, type: zoo.Birth}, {topic: zoo.births}]",
         "$.reads[1]: expected each type of a topic once, found zoo.Birth of zoo.births again"),
        ("reads: [{type: zoo.Birth, versions: [3, 3]}]",
         '$.reads[0].versions[1]: expected each version once, found "3"'),
        ("reads: [{type: zoo.Birth, versions: []}]", "expected at least one version, found an empty list"),
        ("reads: [{type: zoo.Birth, versions: 3}]", "$.reads[0].versions: expected a list, found 3: write [3]?"),
        ("reads: [{type: zoo.Birth, version: 3}]", "write versions: with a list, such as [3]"),
        ("reads: [{type: zoo.Birth, versions: [v3]}]", 'found "v3": did you mean 3?'),
        ("reads: [{type: zoo.Birth, versions: [0]}]",
         "expected repository, the number of a registered version, or git:REV"),
        ("reads: [{type: zoo.Birth, versions: [repositry]}]", 'found "repositry": did you mean "repository"?'),
        ("reads: [{type: zoo.Birth, versions: [main]}]", 'found "main": did you mean git:main?'),
        ("reads: [{type: zoo.Birth, versions: ['git:']}]", 'found "git:"'),
        ("reads: [{type: zoo.Birth, versions: ['git:--help']}]", 'found "git:--help"'),
        ("reads: [{type: zoo.Birth, versions: [1.5]}]", 'found "1.5"'),
        ("reads: [{type: zoo.Birth, versions: [null]}]", "expected one value, found nothing"),
        ("reads: [{topic: zoo.births, versions: [3]}]", "expected a topic and a type beside a number, found 2 of them"),
        ("writes: [{type: zoo.Birth, stateful: true}]", "$.writes[0].stateful: expected no stateful under writes"),
        ("reads: [{type: zoo.Birth, subject: zoo.births-zoo.Birth}]", "name the topic and the type"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(zoo: ContractProject, body: str, message: str) -> None:
    declare(zoo, HEAD + body + "\n")
    found = zoo.problems()
    assert len(found) == 1, found
    assert message in found[0]


def test_every_problem_of_every_file_at_once(zoo: ContractProject) -> None:
    declare(zoo, "application: other\nowner: ''\nreads: [{type: zoo.Brith}]\n")
    declare(zoo, "", "empty")
    declare(zoo, "a: b: c", "syntax")
    declare(zoo, HEAD.replace("board", "a b"), "a b")
    folder = zoo.root / "admin" / "applications" / "more"
    folder.mkdir()
    (folder / "x.yaml").write_text("", "utf-8")
    zoo.topic(partitions="0")
    found = "\n".join(zoo.problems())
    for part in (
        f'{FILE}:1 $: expected the key "description"',
        f'{FILE}:1 $.application: expected the application "board", after which the file is named, found "other"',
        f"{FILE}:2 $.owner: expected a text, found an empty one",
        f"{FILE}:3 $.reads[0].type",
        "admin/applications/empty.yaml: expected an application declaration, found an empty file",
        "admin/applications/syntax.yaml",
        "expected a name of letters, digits, ., _ and -",
        "admin/applications/more/x.yaml: expected application files named",
        "admin/topics/zoo.births.yaml:5 $.partitions",
    ):
        assert part in found


def test_a_broken_topic_or_type_is_reported_once_and_not_by_all_who_use_it(zoo: ContractProject) -> None:
    declare(
        zoo, HEAD + "reads: [{topic: zoo.deaths, type: zoo.Death}, {topic: zoo.births}, {type: zoo.Birth}, "
        "{topic: zoo.deaths.dlq}]\n",
    )  # fmt: skip
    for broken in ("a: b: c", "topic: zoo.deaths\n"):
        (zoo.root / "admin" / "topics" / "zoo.deaths.yaml").write_text(broken)
        (zoo.root / "admin" / "topics" / "zoo.births.yaml").write_text("")
        (zoo.root / "schemas" / "zoo.Birth.avsc").write_text("{")
        assert [line for line in zoo.problems() if "applications" in line] == []


def test_a_file_in_place_of_the_folder(project: ContractProject) -> None:
    (project.root / "admin" / "applications").write_text("", "utf-8")
    assert project.problems() == ["admin/applications: expected a folder with application files, found a file"]


def test_thousands_of_applications(zoo: ContractProject) -> None:
    for i in range(2_000):
        declare(zoo, HEAD.replace("board", f"app{i}") + "reads: [{topic: zoo.births}]\n", f"app{i}")
    begun = time.process_time()
    assert len(zoo.load().applications) == 2_000
    assert time.process_time() - begun < 20, "about 1.5 s on a machine of 2025"
