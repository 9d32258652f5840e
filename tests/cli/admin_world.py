"""A project of fakes for the commands of plan, apply, check, topics and subjects, and a way to run them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from avroad.cli.context import Context
from avroad.cli.main import run
from avroad.contracts import Catalog, EventType, SubjectSpec
from avroad.model import SubjectStrategy, TopicSpec
from avroad.schema import Json, Named, fingerprint, parse, to_json
from tests.unit.admin.fakes import ACCIDENT, PLACE, FakeCluster, FakeRegistry, accident, place


class Ends:
    """A source that knows where partitions begin and end."""

    def __init__(self) -> None:
        self.closed = False

    def watermarks(self, partition: tuple[str, int]) -> tuple[int, int]:
        return 10, 20 + partition[1]

    def close(self, timeout_s: float) -> bool:
        self.closed = True
        return True


@dataclass
class World:
    """One fake cluster and registry, declarations that tests replace, and the last run's output."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    cluster: FakeCluster = field(default_factory=FakeCluster)
    registry: FakeRegistry = field(default_factory=FakeRegistry)
    place: Json = field(default_factory=place)
    accident: Json = field(default_factory=accident)
    partitions: int = 6
    config: Mapping[str, str] = field(default_factory=lambda: {"retention.ms": "604800000"})
    cluster_id: str = ""
    environment: str = "local"
    ends: Ends = field(default_factory=Ends)

    @property
    def lock(self) -> Path:
        return self.folder / "schemas.lock.json"

    def catalog(self) -> Catalog:
        shared = parse(self.place)
        assert isinstance(shared, Named)
        user = parse(self.accident, names={PLACE: shared})
        assert isinstance(user, Named)
        events = TopicSpec(
            name="road.events", partitions=self.partitions, config=self.config, values=(ACCIDENT,), owner="team-roads",
            key_from="id", subjects=SubjectStrategy.TOPIC_RECORD,
            dlq="road.events.dlq", description="All that happens.",
        )  # fmt: skip
        letters = TopicSpec(
            name="road.events.dlq", partitions=self.partitions, dlq_of="road.events", owner="team-roads"
        )
        return Catalog(
            types={PLACE: _type(shared, ()), ACCIDENT: _type(user, (PLACE,))},
            topics={"road.events": events, "road.events.dlq": letters},
            subjects=(
                SubjectSpec(subject=PLACE, type_name=PLACE, topic="", level=events.compatibility, references=()),
                SubjectSpec(
                    subject=events.subject(ACCIDENT), type_name=ACCIDENT, topic="road.events",
                    level=events.compatibility, references=(PLACE,),
                ),
            ),
        )  # fmt: skip

    def project(self) -> SimpleNamespace:
        environment = SimpleNamespace(
            name=self.environment, cluster_id=self.cluster_id, replication_factor=1, min_insync_replicas=1,
            lock=self.lock, kafka_config=dict,
        )  # fmt: skip
        return SimpleNamespace(
            catalog=self.catalog(), environment=environment, root=self.folder, registry=lambda: self.registry,
            cluster_admin=lambda: self.cluster, observe=self.cluster.observe, source=lambda: self.ends,
        )  # fmt: skip

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command; return exit code, stdout, stderr."""
        code = run(arguments)
        output = self.capture.readouterr()
        return code, output.out, output.err

    def applied(self, *arguments: str) -> None:
        code, _, err = self.run("apply", "--yes", *arguments)
        assert code == 0, err


def _type(schema: Named, references: Sequence[str]) -> EventType:
    return EventType(
        name=schema.name, schema=schema, text=json.dumps(to_json(schema, known=references)), file="",
        references=tuple(references), fingerprint=fingerprint(schema),
    )  # fmt: skip


def make_world(folder: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> World:
    """Return a world whose project every command gets."""
    world = World(folder=folder, capture=capture)
    monkeypatch.setattr(Context, "project", lambda _self: world.project())
    monkeypatch.chdir(folder)
    return world
