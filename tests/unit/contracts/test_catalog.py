"""What everything else asks the catalog, and how it answers what it does not know."""

from __future__ import annotations

import subprocess
import sys

import pytest

from avroad.errors import ContractError, UnknownEventType
from tests.unit.contracts.conftest import BIRTH, ContractProject


def test_a_type_on_one_topic(project: ContractProject) -> None:
    catalog = project.load()
    assert catalog.topic_of("zoo.Birth").name == "zoo.births"
    assert catalog.topic_of("zoo.Birth", "zoo.births").name == "zoo.births"
    assert catalog.topic_of("zoo.Birth", "").name == "zoo.births"
    assert [topic.name for topic in catalog.topics_of("zoo.Birth")] == ["zoo.births"]


def test_a_type_on_two_topics_needs_the_topic(project: ContractProject) -> None:
    project.topic(topic="zoo.news")
    catalog = project.load()
    assert catalog.topic_of("zoo.Birth", "zoo.news").name == "zoo.news"
    with pytest.raises(ContractError) as caught:
        catalog.topic_of("zoo.Birth")
    assert str(caught.value) == "zoo.Birth is on several topics: zoo.births, zoo.news. Name the topic."


def test_a_topic_that_does_not_carry_the_type(project: ContractProject) -> None:
    project.schema({**BIRTH, "name": "Adoption"})
    project.topic(dlq="true")
    catalog = project.load()
    with pytest.raises(ContractError) as caught:
        catalog.topic_of("zoo.Adoption", "zoo.births")
    assert str(caught.value) == (
        "admin/topics/zoo.births.yaml: zoo.births does not carry zoo.Adoption: expected zoo.Birth, found zoo.Adoption "
        "- at $.values"
    )
    with pytest.raises(ContractError, match="expected no event type, found zoo"):
        catalog.topic_of("zoo.Birth", "zoo.births.dlq")


def test_a_type_on_no_topic(project: ContractProject) -> None:
    project.schema({**BIRTH, "name": "Adoption"})
    with pytest.raises(UnknownEventType) as caught:
        project.load().topic_of("zoo.Adoption")
    assert str(caught.value) == "no topic carries zoo.Adoption. Add it under values of a file in admin/topics."


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("zoo.Brith", 'no type "zoo.Brith" is declared. Did you mean "zoo.Birth"?'),
        ("Elephant", 'no type "Elephant" is declared. Is it new? Add schemas/Elephant.avsc.'),
    ],
)
def test_an_unknown_type(project: ContractProject, name: str, message: str) -> None:
    catalog = project.load()
    for ask in (catalog.type, catalog.topic_of):
        with pytest.raises(UnknownEventType) as caught:
            ask(name)
        assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("zoo.birth", 'no topic "zoo.birth" is declared. Did you mean "zoo.births"?'),
        ("x", 'no topic "x" is declared. Is it new? Add admin/topics/x.yaml.'),
    ],
)
def test_an_unknown_topic(project: ContractProject, name: str, message: str) -> None:
    catalog = project.load()
    with pytest.raises(UnknownEventType) as caught:
        catalog.topic(name)
    assert str(caught.value) == message
    with pytest.raises(UnknownEventType):
        catalog.topic_of("zoo.Birth", name)


def test_loading_twice_gives_the_same(project: ContractProject) -> None:
    one, two = project.load(), project.load()
    assert one.subjects == two.subjects
    assert one.topics == two.topics
    assert {n: t.fingerprint for n, t in one.types.items()} == {n: t.fingerprint for n, t in two.types.items()}


def test_loading_opens_no_socket_and_imports_no_client(project: ContractProject) -> None:
    program = (
        "import sys; from pathlib import Path; from avroad.contracts import load_catalog;"
        "import avroad.config; load_catalog(Path(sys.argv[1])); print(' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(project.root)], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "avroad.contracts.catalog" in loaded
    assert loaded.isdisjoint({"confluent_kafka", "requests", "click", "rich", "socket", "urllib.request"})
