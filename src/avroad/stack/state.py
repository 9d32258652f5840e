"""What one stack leaves on disk: which processes run where, which cluster its data belongs to, where to connect."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avroad.stack.disk import write_atomically
from avroad.stack.process import ProcessId
from avroad.stack.recipe import Ports

__all__ = ["REGISTRY", "ClusterIdentity", "Home", "Service", "State"]

_FORMAT_VERSION = "1.0"
REGISTRY = "registry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The folders and files of one stack below `path`; nothing is written outside of it."""

    path: Path

    @property
    def data(self) -> Path:
        """Everything that survives `down`; `reset` deletes it."""
        return self.path / "data"

    @property
    def state(self) -> Path:
        """A note of the processes; there while the stack runs, stale after a crash of the machine."""
        return self.path / "state.json"

    @property
    def endpoints(self) -> Path:
        """Where clients connect; read by environments with `stack: true`."""
        return self.path / "endpoints.json"

    @property
    def identity(self) -> Path:
        """The cluster the data belongs to."""
        return self.data / "cluster.json"

    def log(self, service: str) -> Path:
        """The log of one service, appended to at every start."""
        return self.path / "log" / f"{service}.log"

    def services(self, brokers: int) -> tuple[str, ...]:
        """Return the names of the services of a stack with so many brokers, brokers first."""
        return (*(f"broker-{node}" for node in range(1, brokers + 1)), REGISTRY)

    def write_endpoints(self, ports: Ports, cluster_id: str) -> None:
        """Tell environments with `stack: true` where this stack listens."""
        document = {
            "format_version": _FORMAT_VERSION,
            "bootstrap_servers": ports.bootstrap_servers,
            "registry_url": ports.registry_url,
            "cluster_id": cluster_id,
            "brokers": len(ports.brokers),
        }
        write_atomically(self.endpoints, json.dumps(document, indent=1) + "\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One process of the stack. name: `broker-1`, ... or `registry`; port: the one clients use, 0 when unknown."""

    name: str
    port: int
    process: ProcessId


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What `up` started; written after every single start."""

    ports: Ports
    services: tuple[Service, ...]
    java_version: str
    kafka_version: str
    registry_version: str

    def service(self, name: str) -> Service | None:
        """Return the service of this name, or None when it was never started."""
        return next((service for service in self.services if service.name == name), None)

    def write(self, path: Path) -> None:
        """Replace the state file."""
        document = {
            "format_version": _FORMAT_VERSION,
            "ports": {
                "brokers": self.ports.brokers,
                "controllers": self.ports.controllers,
                "registry": self.ports.registry,
                "management": self.ports.management,
            },
            "services": [
                {"name": item.name, "port": item.port, "pid": item.process.pid, "started_at": item.process.started_at}
                for item in self.services
            ],
            "java_version": self.java_version,
            "kafka_version": self.kafka_version,
            "registry_version": self.registry_version,
        }
        write_atomically(path, json.dumps(document, indent=1) + "\n")

    @staticmethod
    def read(path: Path) -> State | None:
        """Return the state at `path`, or None when there is none that can be understood."""
        document = _document(path)
        try:
            ports = document["ports"]
            return State(
                ports=Ports(
                    brokers=tuple(int(port) for port in ports["brokers"]),
                    controllers=tuple(int(port) for port in ports["controllers"]),
                    registry=int(ports["registry"]),
                    management=int(ports["management"]),
                ),
                services=tuple(
                    Service(
                        name=str(item["name"]),
                        port=int(item["port"]),
                        process=ProcessId(pid=int(item["pid"]), started_at=float(item["started_at"])),
                    )
                    for item in document["services"]
                ),
                java_version=str(document["java_version"]),
                kafka_version=str(document["kafka_version"]),
                registry_version=str(document["registry_version"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterIdentity:
    """Whose data it is. complete: a first start succeeded, so from then on every folder must be there.

    ports: where clients found the brokers and, last, the registry, so that the next start is found there too.
    """

    cluster_id: str
    brokers: int
    complete: bool
    ports: tuple[int, ...] = ()

    def write(self, path: Path) -> None:
        """Replace the identity file."""
        document = {
            "format_version": _FORMAT_VERSION,
            "cluster_id": self.cluster_id,
            "brokers": self.brokers,
            "complete": self.complete,
            "ports": self.ports,
        }
        write_atomically(path, json.dumps(document, indent=1) + "\n")

    @staticmethod
    def read(path: Path) -> ClusterIdentity | None:
        """Return the identity at `path`; None when there is none that can be understood."""
        document = _document(path)
        try:
            return ClusterIdentity(
                cluster_id=str(document["cluster_id"]),
                brokers=int(document["brokers"]),
                complete=bool(document["complete"]),
                ports=tuple(int(port) for port in document.get("ports", ())),
            )
        except (KeyError, TypeError, ValueError):
            return None


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
