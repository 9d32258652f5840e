"""What is written down about a stack can be read back, and only that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from avroad.stack.process import ProcessId
from avroad.stack.recipe import Ports
from avroad.stack.state import ClusterIdentity, Home, Service, State

STATE = State(
    ports=Ports(brokers=(9092,), controllers=(20001,), registry=8081, management=20002),
    services=(Service(name="broker-1", port=9092, process=ProcessId(pid=7, started_at=1.25)),),
    java_version="25.0.2",
    kafka_version="4.3.1",
    registry_version="3.3.3",
)


def test_a_state_survives_the_disk(tmp_path: Path) -> None:
    STATE.write(tmp_path / "state.json")
    assert State.read(tmp_path / "state.json") == STATE
    assert STATE.service("broker-1") == STATE.services[0]
    assert STATE.service("registry") is None


def test_no_state_is_none(tmp_path: Path) -> None:
    assert State.read(tmp_path / "state.json") is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"ports": []}', '{"ports": {"brokers": 1}}', "\x00"])
def test_a_state_that_cannot_be_understood_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)
    assert State.read(path) is None


def test_an_identity_survives_the_disk(tmp_path: Path) -> None:
    identity = ClusterIdentity(cluster_id="abc", brokers=3, complete=True)
    identity.write(tmp_path / "cluster.json")
    assert ClusterIdentity.read(tmp_path / "cluster.json") == identity
    assert ClusterIdentity.read(tmp_path / "other.json") is None


def test_everything_of_a_stack_is_inside_its_home(tmp_path: Path) -> None:
    home = Home(path=tmp_path)
    for path in (home.data, home.state, home.endpoints, home.identity, home.log("registry")):
        assert path.is_relative_to(tmp_path)
    assert home.services(3) == ("broker-1", "broker-2", "broker-3", "registry")


def test_endpoints_are_what_environments_read(tmp_path: Path) -> None:
    home = Home(path=tmp_path)
    home.write_endpoints(STATE.ports, "abc")
    assert json.loads((tmp_path / "endpoints.json").read_text()) == {
        "format_version": "1.0",
        "bootstrap_servers": "127.0.0.1:9092",
        "registry_url": "http://127.0.0.1:8081/apis/ccompat/v7",
        "cluster_id": "abc",
        "brokers": 1,
    }
