"""Versions that appear on real Kafka and a real registry, with one broker and with three, and subjects that vanish."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from avroad.broker import open_admin
from avroad.cli.main import run
from avroad.errors import BrokerUnavailable
from avroad.evolve.scratch import PREFIX
from avroad.registry import RegistrySettings, open_registry
from avroad.stack import Stack
from tests.behaviour.runtime.versions import Handler, VersionsInTheField, evolved, keyed, letters, plus, send
from tests.behaviour.runtime.world import Running, World, make_catalog, until
from tests.integration.admin_project import OPTIONAL, Project
from tests.integration.conftest import START_TIMEOUT_S, RunningStack, start

pytestmark = pytest.mark.kafka

QUICK = {"session.timeout.ms": "6000", "heartbeat.interval.ms": "500"}


def world_on(stack: RunningStack, copies: int) -> Iterator[World]:
    """Topics, subjects and a group of one test alone."""
    prefix = f"t{uuid.uuid4().hex[:8]}."
    catalog = make_catalog(prefix=prefix)
    admin = open_admin({"bootstrap.servers": stack.bootstrap_servers})
    admin.create_topics(list(catalog.topics.values()), replication_factor=copies)
    registry = open_registry(RegistrySettings(urls=(stack.registry_url,)))
    kafka = {"bootstrap.servers": stack.bootstrap_servers, **QUICK}
    yield World(kafka, catalog, registry, prefix, registry_url=stack.registry_url)
    registry.close()


class TestReal(VersionsInTheField):
    @pytest.fixture
    def world(self, stack: RunningStack) -> Iterator[World]:
        yield from world_on(stack, 1)

    def test_a_subject_deleted_while_in_use_stops_nobody(self, world: World) -> None:
        """Soft: every version stays readable, before and after a restart. Hard: what runs and what is locked does."""
        note = {"name": f"note_{world.prefix.rstrip('.')}", "type": "string", "default": ""}
        newer = evolved(world, plus(note))
        handler = Handler()

        def both(number: int) -> None:
            send(world, keyed(number))
            send(newer, keyed(number + 1, **{note["name"]: "x"}))

        both(0)
        with Running(world.runner(handler, lock=world.lock)) as running:
            until(lambda: len(handler.events) == 2, 60)
            delete(world)
            both(2)
            until(lambda: len(handler.events) == 4, 60)
        assert running.end().clean
        both(4)
        with Running(world.runner(handler, lock=world.lock)) as running:
            until(lambda: len(handler.events) == 6, 60)
            delete(world, for_good=True)
            both(6)
            until(lambda: len(handler.events) == 8, 60)
        assert running.end().clean
        assert handler.numbers() == list(range(8))
        assert handler.numbers(2) == [1, 3, 5, 7]
        both(8)
        with Running(world.runner(handler, lock=world.lock, unknown_id_grace_s=0.2)) as running:
            until(lambda: sum(world.committed().values()) == 10, 60)
        assert handler.numbers() == list(range(9))
        [(_, letter)] = letters(world)
        assert (letter.poison, "is not known to the registry" in letter.error) == ("schema_unknown", True)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    local = Stack(tmp_path_factory.mktemp("three"), brokers=3, port=0, registry_port=0, start_timeout_s=START_TIMEOUT_S)
    yield start(local)
    local.down()


@pytest.mark.timeout(300)
class TestThreeBrokers:
    """What depends on the cluster: traffic that goes on, offsets and dead letters on replicated partitions."""

    @pytest.fixture
    def world(self, three: RunningStack) -> Iterator[World]:
        yield from world_on(three, 3)

    test_compatible = VersionsInTheField.test_a_compatible_version_under_steady_traffic_costs_no_pause_and_no_event
    test_refused = VersionsInTheField.test_a_refused_version_stops_the_run_before_its_first_record_and_nothing_is_lost
    test_parked = VersionsInTheField.test_parked_records_go_to_the_dead_letters_and_the_others_flow

    def test_a_rehearsal_goes_on_when_a_broker_dies_and_is_exact(
        self, three: RunningStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The last test here: the broker stays dead."""
        project = Project(tmp_path, three)
        environment = tmp_path / "admin/environments/local.yaml"
        text = environment.read_text("utf-8").replace("factor: 1", "factor: 3").replace("replicas: 1", "replicas: 2")
        environment.write_text(text, "utf-8")
        monkeypatch.chdir(tmp_path)
        assert run(["apply", "--yes"]) == 0
        project.schema("Jam", *project.fields["Jam"], OPTIONAL)
        command = [sys.executable, "-m", "avroad", "evolve", "rehearse", "--output", "json"]
        with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            try:
                until(lambda: joined(project), 60)
                victim = next(service for service in three.own().status().services if service.name == "broker-2")
                os.kill(victim.pid, signal.SIGKILL)
                out, err = child.communicate(timeout=180)
            finally:
                child.kill()
                project.registry.close()
        assert child.returncode == 0, err
        (subject,) = json.loads(out)["subjects"]
        for upgrade in subject["rolling"]["upgrades"]:
            ids = upgrade["ids"]
            assert upgrade["sound"], ids
            assert ids["sent"] == ids["in_log"] == ids["handled"] > 0
        until(lambda: not [name for name in project.admin.observe(()).topics if name.startswith(PREFIX)], 30)


def joined(project: Project) -> bool:
    """Whether a group of a rehearsal is there; the first group of a cluster has no coordinator for a while."""
    try:
        return any(name.startswith(PREFIX) for name in project.admin.groups())
    except BrokerUnavailable:
        return False


def delete(world: World, *, for_good: bool = False) -> None:
    """Delete the subject of orders, past avroad."""
    url = f"{world.registry_url}/subjects/{quote(world.prefix)}orders-demo.Order"
    answer = requests.delete(url, params={"permanent": "true"} if for_good else {}, timeout=20)
    assert answer.status_code == 200
