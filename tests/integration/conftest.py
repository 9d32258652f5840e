"""The real stack of the integration tests: Apache Kafka and a registry on free ports, in a folder of their own.

One stack per session, and under pytest-xdist one per worker (broker about 380 MB, registry about 250 MB each);
they run beside each other and beside a user's stack. `--bootstrap-servers` and `--registry` use running servers.
Without a network and with an empty cache the tests are skipped, unless AVROAD_REQUIRE_KAFKA=1 makes that a failure.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from avroad.errors import StackError
from avroad.stack import FetchError, JavaMissing, JavaTooOld, Stack

START_TIMEOUT_S = 180.0  # two cores may be busy with other workers


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningStack:
    """What a test connects to. stack: to stop and start services, None when the servers are somebody else's."""

    bootstrap_servers: str
    registry_url: str
    cluster_id: str
    stack: Stack | None

    def own(self) -> Stack:
        """Return the stack for tests that stop services, or skip them on servers that are not ours."""
        if self.stack is None:
            pytest.skip("this test stops servers; it needs a stack of its own")
        return self.stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bound the test alone: the first one also waits for downloads and the start, which bound themselves."""
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(120, func_only=True))


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    running = _named_servers(request.config)
    if running is not None:
        yield running
        return
    local = Stack(tmp_path_factory.mktemp("stack"), port=0, registry_port=0, start_timeout_s=START_TIMEOUT_S)
    yield start(local)
    local.down()


def start(local: Stack) -> RunningStack:
    """Start a stack, or skip the test with the reason when this machine cannot have one."""
    try:
        report = local.up()
    except (FetchError, JavaMissing, JavaTooOld) as error:
        if os.environ.get("AVROAD_REQUIRE_KAFKA") == "1":
            raise
        pytest.skip(f"no real Kafka here: {error}")
    return RunningStack(
        bootstrap_servers=report.bootstrap_servers,
        registry_url=report.registry_url,
        cluster_id=report.cluster_id,
        stack=local,
    )


def _named_servers(config: pytest.Config) -> RunningStack | None:
    servers = str(config.getoption("--bootstrap-servers", default="") or "")
    registry = str(config.getoption("--registry", default="") or "")
    if not servers and not registry:
        return None
    if not (servers and registry):
        raise StackError("--bootstrap-servers and --registry go together: give both or neither")
    from confluent_kafka.admin import AdminClient

    cluster_id = AdminClient({"bootstrap.servers": servers}).list_topics(timeout=20).cluster_id
    return RunningStack(bootstrap_servers=servers, registry_url=registry, cluster_id=str(cluster_id), stack=None)


def environment_text(stack: RunningStack, name: str) -> str:
    """Return an environment file for this stack."""
    return f"""\
environment: {name}
description: The stack of the test.
replication_factor: 1
min_insync_replicas: 1
lock: schemas.lock.json
kafka: {{bootstrap.servers: "{stack.bootstrap_servers}"}}
registry: {{url: "{stack.registry_url}"}}
"""
