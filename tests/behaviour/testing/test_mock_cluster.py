"""The mock cluster of the test kit: what it counts, what it breaks, and how it says that it is not there."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import confluent_kafka
import pytest

from avroad.broker import open_sink, open_source
from avroad.errors import BrokerError
from avroad.model import Delivery, OutgoingRecord
from avroad.testing import mock_cluster
from avroad.testing.mock_cluster import Api, MockCluster, MockUnavailable


def test_brokers_topics_and_leaders_are_as_asked() -> None:
    with MockCluster(3) as cluster:
        assert cluster.bootstrap_servers.count("127.0.0.1:") == 3
        cluster.create_topic("t", 4)
        source = open_source({"bootstrap.servers": cluster.bootstrap_servers}, "")
        assert source.partitions("t") == 4
        with pytest.raises(BrokerError, match="does not exist"):
            source.partitions("other")
        source.close(5)
        cluster.close()
        cluster.close()


def test_requests_are_counted_and_made_to_fail() -> None:
    with MockCluster() as cluster:
        cluster.create_topic("t")
        sink = open_sink({"bootstrap.servers": cluster.bootstrap_servers, "linger.ms": "0"})
        cluster.track_requests()
        cluster.push_errors(Api.PRODUCE, 7)
        results: list[Delivery] = []
        assert sink.produce(OutgoingRecord(topic="t", key=b"k", value=b"v"), results.append)
        assert sink.flush(10) == 0
        assert [result.outcome for result in results] == ["acked"]
        assert cluster.requests()[Api.PRODUCE] == 2
        assert cluster.requests()[Api.INIT_PRODUCER_ID] == 1
        cluster.track_requests()
        assert cluster.requests()[Api.PRODUCE] == 0
        sink.close(5)


def test_what_the_cluster_refuses_is_said() -> None:
    with MockCluster() as cluster:
        with pytest.raises(MockUnavailable, match="stop broker 9"):
            cluster.down(9)
        cluster.create_topic("t")
        with pytest.raises(MockUnavailable, match="create topic t"):
            cluster.create_topic("t")
        cluster.rtt(1)
        cluster.leader("t", 0, 1)


def test_an_installation_without_the_library_or_a_symbol_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def without_symbols() -> SimpleNamespace:
        return SimpleNamespace()

    with monkeypatch.context() as patch:
        patch.setattr(mock_cluster, "_library", without_symbols)
        with pytest.raises(MockUnavailable, match="does not export rd_kafka_conf_new"):
            MockCluster()
    monkeypatch.setattr(confluent_kafka, "__file__", str(tmp_path / "confluent_kafka" / "__init__.py"))
    with pytest.raises(MockUnavailable, match="does not bring its own librdkafka"):
        MockCluster()
