"""Kafka for the benchmarks: librdkafka's mock cluster in a process of its own, or brokers that are already there.

The mock keeps 5 MiB per partition and answers a fetch with one message set per partition, so topics stay small and
batches large. Its process takes the names of topics on stdin and ends when stdin does.
"""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from avroad.testing.mock_cluster import MockCluster

__all__ = ["PARTITIONS", "Kafka", "kafka"]

PARTITIONS: Final = 4
_ROOT: Final = Path(__file__).resolve().parents[1]
_TIMEOUT_S: Final = 30.0
_MOCK: Final = "librdkafka's mock cluster (one broker, own process; no disk, replication, network or transactions)"


class Kafka:
    """One cluster to measure on. kind: what it is, for the report."""

    def __init__(self, bootstrap_servers: str, kind: str) -> None:
        self.bootstrap_servers = bootstrap_servers
        self.kind = kind
        self._made: list[str] = []

    def topic(self) -> str:
        """Return the name of a new, empty topic."""
        name = f"avroad-bench-{uuid.uuid4().hex[:12]}"
        self._create(name)
        self._made.append(name)
        return name

    def _create(self, name: str) -> None:
        admin = AdminClient({"bootstrap.servers": self.bootstrap_servers})
        made = admin.create_topics([NewTopic(name, PARTITIONS, 1)])
        made[name].result(_TIMEOUT_S)

    def drop(self) -> None:
        """Delete the topics made here."""
        if self._made:
            admin = AdminClient({"bootstrap.servers": self.bootstrap_servers})
            for done in admin.delete_topics(self._made).values():
                done.result(_TIMEOUT_S)


class _Mock(Kafka):
    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in: IO[str] = process.stdin
        self._out: IO[str] = process.stdout
        super().__init__(self._out.readline().strip(), _MOCK)

    def _create(self, name: str) -> None:
        self._in.write(f"{name}\n")
        self._in.flush()
        assert self._out.readline().strip() == name, "the mock cluster ended"

    def drop(self) -> None:
        """Nothing outlives the process."""


@contextmanager
def kafka(bootstrap_servers: str = "") -> Iterator[Kafka]:
    """Yield the cluster at `bootstrap_servers`, or a fresh mock cluster when empty; what was made there goes again."""
    if bootstrap_servers:
        found = Kafka(bootstrap_servers, f"brokers at {bootstrap_servers}")
        try:
            yield found
        finally:
            found.drop()
        return
    with subprocess.Popen(
        [sys.executable, "-m", "bench.cluster"], cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        # Leaving closes stdin, which ends the process.
        yield _Mock(process)


def main() -> None:
    """Serve a mock cluster until stdin ends: prints its address, then the name of each topic it has made."""
    with MockCluster() as cluster:
        print(cluster.bootstrap_servers, flush=True)
        for line in sys.stdin:
            cluster.create_topic(line.strip(), PARTITIONS)
            print(line.strip(), flush=True)


if __name__ == "__main__":
    main()
