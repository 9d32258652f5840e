"""docker-compose.yml, parsed strictly: pinned, on loopback, healthy before it is used."""

from __future__ import annotations

import base64
import http.server
import re
import shutil
import subprocess
import threading
from collections.abc import Hashable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from avroad.stack.artifacts import load_artifact_lock

COMPOSE = Path(__file__).resolve().parents[2] / "docker-compose.yml"
SERVICE_KEYS = {
    "image",
    "hostname",
    "depends_on",
    "ports",
    "environment",
    "volumes",
    "healthcheck",
    "stop_grace_period",
    "security_opt",
}


class StrictLoader(yaml.SafeLoader):
    """A key that stands twice in a mapping is an error, as it is for Docker."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key stands twice: {keys}"
        return super().construct_mapping(node, deep=deep)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document = yaml.load(COMPOSE.read_text(encoding="utf-8"), Loader=StrictLoader)
    assert isinstance(document, dict)
    return document


@pytest.fixture(params=["kafka", "registry"])
def service(request: pytest.FixtureRequest, compose: dict[str, Any]) -> dict[str, Any]:
    found = compose["services"][request.param]
    assert isinstance(found, dict)
    return found


def test_the_strict_loader_refuses_a_key_that_stands_twice() -> None:
    with pytest.raises(AssertionError, match="twice"):
        yaml.load("a: 1\na: 2\n", Loader=StrictLoader)


def test_there_are_two_services_and_no_other_top_level_key(compose: dict[str, Any]) -> None:
    assert set(compose) == {"name", "services", "volumes"}  # in particular no "version"
    assert set(compose["services"]) == {"kafka", "registry"}


def test_a_service_uses_known_keys_only(service: dict[str, Any]) -> None:
    assert set(service) <= SERVICE_KEYS  # in particular no "container_name"
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_images_are_pinned_to_full_versions(compose: dict[str, Any]) -> None:
    images = {name: service["image"] for name, service in compose["services"].items()}
    assert images == {"kafka": "apache/kafka:4.3.1", "registry": "confluentinc/cp-schema-registry:8.3.0"}


def test_the_container_runs_the_broker_version_of_the_local_stack(compose: dict[str, Any]) -> None:
    assert compose["services"]["kafka"]["image"].endswith(f":{load_artifact_lock().kafka_version}")


def test_ports_are_published_on_loopback_only(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service["ports"]]
    assert sorted(ports) == ["127.0.0.1:8081:8081", "127.0.0.1:9092:9092"]


def test_every_service_has_a_bounded_health_check(service: dict[str, Any]) -> None:
    check = service["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries"} <= set(check)
    assert check["retries"] >= 10


def test_the_registry_waits_for_a_healthy_broker(compose: dict[str, Any]) -> None:
    assert compose["services"]["registry"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}


def test_broker_data_lives_in_a_declared_named_volume(compose: dict[str, Any]) -> None:
    kafka = compose["services"]["kafka"]
    name, _, target = kafka["volumes"][0].partition(":")
    assert name in compose["volumes"]
    assert kafka["environment"]["KAFKA_LOG_DIRS"] == target


def test_every_setting_is_a_string_without_interpolation(service: dict[str, Any]) -> None:
    for name, value in service["environment"].items():
        assert isinstance(value, str), f"{name} would be read as {type(value).__name__}"
        assert "$" not in value


def test_the_cluster_id_is_a_kafka_uuid(compose: dict[str, Any]) -> None:
    cluster_id = compose["services"]["kafka"]["environment"]["CLUSTER_ID"]
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{21}", cluster_id)
    assert len(base64.urlsafe_b64decode(f"{cluster_id}==")) == 16


def test_the_registry_reaches_the_broker_by_an_advertised_listener(compose: dict[str, Any]) -> None:
    kafka, registry = (compose["services"][name]["environment"] for name in ("kafka", "registry"))
    advertised = dict(item.split("://") for item in kafka["KAFKA_ADVERTISED_LISTENERS"].split(","))
    protocols = dict(item.split(":") for item in kafka["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(","))
    protocol, _, address = registry["SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS"].partition("://")
    listener = next(name for name, place in advertised.items() if place == address)
    assert protocols[listener] == protocol
    assert address.partition(":")[0] == compose["services"]["kafka"]["hostname"]
    assert not any("ZOOKEEPER" in name or "CONNECTION_URL" in name for name in registry)


class Subjects(http.server.BaseHTTPRequestHandler):
    """Answers /subjects as the registry does, and nothing else."""

    def do_GET(self) -> None:
        with suppress(ConnectionError):  # the check hangs up after the first line
            self.send_response(200 if self.path == "/subjects" else 404)
            self.end_headers()
            self.wfile.write(b"[]")

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


class Starting(Subjects):
    """Answers as a registry that is not ready."""

    def do_GET(self) -> None:
        with suppress(ConnectionError):
            self.send_response(500)
            self.end_headers()


@pytest.fixture
def bash() -> str:
    found = shutil.which("bash")
    if found is None:
        pytest.skip("the health check of the registry runs in bash, which this machine does not have")
    return found


@pytest.fixture(params=[Subjects, Starting])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[int, bool]]:
    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), request.param)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield listening.server_address[1], request.param is Subjects
    listening.shutdown()
    thread.join()
    listening.server_close()


def health_script(compose: dict[str, Any], port: int) -> str:
    script: str = compose["services"]["registry"]["healthcheck"]["test"][-1]
    assert "/8081" in script
    return script.replace("/8081", f"/{port}").replace("$$", "$")  # Docker reads $$ as $


def test_the_health_check_of_the_registry_tells_ready_from_not_ready(
    compose: dict[str, Any], bash: str, server: tuple[int, bool]
) -> None:
    port, ready = server
    done = subprocess.run([bash, "-c", health_script(compose, port)], capture_output=True, timeout=20, check=False)
    assert (done.returncode == 0) is ready


def test_the_health_check_of_the_registry_fails_when_nothing_listens(compose: dict[str, Any], bash: str) -> None:
    done = subprocess.run([bash, "-c", health_script(compose, 1)], capture_output=True, timeout=20, check=False)
    assert done.returncode != 0
