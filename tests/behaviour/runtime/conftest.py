"""A fresh mock cluster per test; skipped, with the reason, where librdkafka does not bring one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from avroad.testing.mock_cluster import MockCluster, MockUnavailable
from tests.behaviour.runtime.world import World


@pytest.fixture
def cluster() -> Iterator[MockCluster]:
    try:
        mock = MockCluster(1)
    except MockUnavailable as error:
        pytest.skip(str(error))
    with mock:
        mock.create_topic("orders", 2)
        mock.create_topic("orders.dlq", 2)
        mock.create_topic("stock", 1)
        yield mock


@pytest.fixture
def world(cluster: MockCluster) -> World:
    quick = {"session.timeout.ms": "3000", "heartbeat.interval.ms": "100", "socket.timeout.ms": "5000"}
    return World({"bootstrap.servers": cluster.bootstrap_servers, **quick})
