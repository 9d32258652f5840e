"""The wrong-cluster guard: nobody writes to, commits on, or reads events from another cluster than is meant."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from avroad.broker import KafkaSink, open_sink
from avroad.cli.context import Context
from avroad.cli.main import run
from avroad.config import Environment, Setting
from avroad.consumer import RunnerSettings
from avroad.contracts import write_lock
from avroad.errors import ClusterMismatch, ExitCode, LockError
from avroad.project import Project
from tests.behaviour.runtime.world import Running, World, until

OTHER = "another-cluster"
APPLY = "run: avroad apply -e test"
BAD = "00ffffff7f00"


@pytest.fixture
def here(world: World) -> str:
    """Return the id of the cluster that answers."""
    sink = open_sink(world.kafka)
    found = sink.cluster_id("orders")
    sink.close(1.0)
    assert found
    return found


@pytest.fixture
def project(world: World, tmp_path: Path) -> Project:
    kafka = {name: Setting(value=value, origin="test") for name, value in world.kafka.items()}
    # Nobody answers there: a publisher goes on without the registry, and the guard must have spoken before.
    registry = {
        name: Setting(value=value, origin="test")
        for name, value in {"url": "http://127.0.0.1:1", "timeout": "1", "max.retries": "0"}.items()
    }
    environment = Environment(
        name="test",
        lock=tmp_path / "lock.json",
        replication_factor=1,
        min_insync_replicas=1,
        kafka=kafka,
        registry=registry,
    )
    return Project(root=tmp_path, catalog=world.catalog, environment=environment)


def bound(project: Project, cluster_id: str) -> Project:
    return dataclasses.replace(project, environment=dataclasses.replace(project.environment, cluster_id=cluster_id))


def locked(project: Project, world: World, cluster_id: str) -> Project:
    write_lock(project.environment.lock, dataclasses.replace(world.lock, cluster_id=cluster_id))
    return project


def publish(project: Project) -> None:
    project.publisher(source_uri="urn:test").close(5)


def consume(project: Project) -> None:
    project.runner(lambda _: None, RunnerSettings(topics=("orders",), group="g", shutdown_s=1.0)).run(_stopped())


def view(project: Project) -> None:
    project.runner(lambda _: None, RunnerSettings(topics=("orders",))).run(_stopped())


def send_raw(project: Project) -> None:
    project.sink().close(1.0)


def read_raw(project: Project) -> None:
    list(project.read_all(["orders"]))


def _stopped() -> threading.Event:
    stop = threading.Event()
    stop.set()
    return stop


@pytest.mark.parametrize("use", [publish, consume, view, send_raw, read_raw])
def test_a_cluster_the_environment_is_not_bound_to_is_refused(
    use: Callable[[Project], None], project: Project, world: World, here: str
) -> None:
    locked(project, world, here)
    with pytest.raises(ClusterMismatch) as caught:
        use(bound(project, OTHER))
    assert caught.value.exit_code is ExitCode.REFUSED
    assert f"expected cluster {OTHER}, found {here}" in str(caught.value)
    assert "avroad config show --origin -e test" in str(caught.value)
    use(bound(project, here))


@pytest.mark.parametrize("use", [publish, consume, view, send_raw])
def test_a_lock_of_another_cluster_is_refused_with_the_way_on(
    use: Callable[[Project], None], project: Project, world: World, here: str
) -> None:
    with pytest.raises(ClusterMismatch) as caught:
        use(locked(project, world, OTHER))
    assert caught.value.exit_code is ExitCode.REFUSED
    assert f"expected cluster {OTHER}, found {here}" in str(caught.value)
    assert APPLY in str(caught.value)
    use(locked(project, world, here))


def test_raw_reading_needs_no_lock_and_a_broken_one_guards_nothing(project: Project, world: World) -> None:
    read_raw(locked(project, world, OTHER))
    project.environment.lock.write_text("{", "utf-8")
    read_raw(project)
    with pytest.raises(LockError):
        send_raw(project)


def test_the_guard_is_one_question_and_none_where_nothing_is_known(
    project: Project, world: World, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    answer = KafkaSink.cluster_id

    def count(sink: KafkaSink, topic: str) -> str:
        asked.append(topic)
        return answer(sink, topic)

    monkeypatch.setattr(KafkaSink, "cluster_id", count)
    project.sink().close(1.0)
    assert asked == []
    for chosen in (bound(project, here), locked(project, world, here)):
        chosen.sink().close(1.0)
        assert asked == ["orders"]
        asked.clear()


@pytest.fixture
def parked(world: World, project: Project, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return the world with one bad record in its topic and one dead letter of it."""
    monkeypatch.setattr(Context, "project", lambda _: project)
    assert run(["records", "send", "orders", "--hex", BAD]) == ExitCode.OK
    with Running(world.runner(lambda _: None)):
        until(lambda: world.read("orders.dlq"))
    return world


@pytest.mark.parametrize("kind", ["bound", "locked"])
def test_commands_write_nothing_to_another_cluster(
    kind: str, parked: World, project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = bound(project, OTHER) if kind == "bound" else locked(project, parked, OTHER)
    monkeypatch.setattr(Context, "project", lambda _: elsewhere)
    for arguments in (["records", "send", "orders", "--hex", BAD], ["dlq", "replay", "orders", "--yes"]):
        assert run(arguments) == ExitCode.REFUSED
        assert f"expected cluster {OTHER}, found mockCluster" in capsys.readouterr().err
    assert len(parked.read("orders")) == 1
