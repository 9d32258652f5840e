"""A rehearsal's matrix on the mock cluster: records framed as their topic declares, read by everybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from avroad.broker import open_sink, open_source
from avroad.contracts import Catalog
from avroad.contracts.exceptions import Exemptions
from avroad.evolve.libraries import Avroad, Confluent, Fastavro
from avroad.evolve.matrix import Outcome, SubjectMatrix
from avroad.evolve.members import Clients
from avroad.evolve.rehearse import Edges, rehearse
from avroad.evolve.rolling import roll
from avroad.evolve.scratch import Lease, Scratch
from avroad.evolve.versions import InPlay
from avroad.model import Framing, RegisteredSchema, TopicSpec
from avroad.registry import MemoryRegistry
from avroad.testing.mock_cluster import MockCluster
from avroad.testing.registry_double import RegistryDouble
from tests.behaviour.runtime.test_rolling import Topics
from tests.unit.evolve.evolution import NEW, OLD, field, record, spec, version

WORDS = field("words", "string")
PLAY = InPlay(
    spec=spec(),
    versions=(
        version(OLD, record(field("a", "double"), WORDS)),
        version(NEW, record(field("a", "double"), WORDS, field("note", ["null", "string"], default=None))),
    ),
)


class Older(MemoryRegistry):
    """A registry that gives out no GUIDs."""

    def version(self, subject: str, version: int | None = None) -> RegisteredSchema:
        return replace(super().version(subject, version), guid=None)


@contextmanager
def played(
    cluster: MockCluster, registry: MemoryRegistry, framing: Framing, play: InPlay = PLAY
) -> Iterator[tuple[Scratch, SubjectMatrix]]:
    """Yield scratch and the matrix of what is in play, on a topic of this framing."""
    kafka = {"bootstrap.servers": cluster.bootstrap_servers}
    topic = TopicSpec(name="road.jams", partitions=1, values=("road.Jam",), framing=framing)
    edges = Edges(registry=registry, sink=lambda: open_sink(kafka), source=lambda: open_source(kafka, ""))
    with (
        RegistryDouble(registry) as double,
        Scratch(Lease.begin(datetime.now(UTC)), Topics(cluster), registry, replication=1) as scratch,
    ):
        confluent = Confluent({"url": double.url, "max.retries": "0"})
        (found,) = rehearse(
            [play], edges, scratch, [Avroad(), Fastavro(), confluent], catalog=Catalog(topics={topic.name: topic}),
            exemptions=Exemptions([], rules=(), today=date(2026, 5, 1)), seed=1, real={},
        )  # fmt: skip
        confluent.close()
        yield scratch, found


@pytest.mark.parametrize("framing", list(Framing))
def test_everybody_reads_records_that_are_framed_as_their_topic_declares(
    cluster: MockCluster, framing: Framing
) -> None:
    with played(cluster, MemoryRegistry(), framing) as (_, found):
        assert {(cell.outcome, cell.records > 0) for cell in found.cells} == {(Outcome.ALL, True)}
        assert (found.framing, found.hindered) == (framing, "")


@pytest.mark.parametrize("framing", [Framing.GUID, Framing.HEADER, Framing.EITHER])
def test_without_guids_ids_are_played_and_no_rolling_upgrade(cluster: MockCluster, framing: Framing) -> None:
    with played(cluster, Older(), framing) as (scratch, found):
        assert {cell.outcome for cell in found.cells} == {Outcome.ALL}
        nobody: Any = None  # is asked
        clients = Clients(registry=nobody, sink=nobody, source=nobody, member=nobody)
        (rolled,) = roll([found], clients, scratch, catalog=Catalog(), seed=1)
    assert rolled.rolling is not None
    assert rolled.rolling.unplayed == (
        f"values of its topic have framing: {framing}, and this registry gives out no GUIDs"
    )
    assert rolled.met


def test_confluents_reader_asks_for_six_bytes_whatever_the_headers_say(cluster: MockCluster) -> None:
    one, two = field("n", "boolean"), field("m", "boolean", default=False)
    short = InPlay(spec=spec(), versions=(version(OLD, record(one)), version(NEW, record(one, two))))
    with played(cluster, MemoryRegistry(), Framing.HEADER, short) as (_, found):
        outcomes = {cell.implementation: cell.outcome for cell in found.of(OLD, NEW)}
        assert outcomes == {"avroad": Outcome.ALL, "fastavro": Outcome.ALL, "confluent": Outcome.FAILS}
        assert not found.met
