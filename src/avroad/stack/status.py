"""What runs of a stack and whether it answers, as a value."""

from __future__ import annotations

import time
from dataclasses import dataclass

from avroad.stack.data import data_bytes
from avroad.stack.probe import ask_broker, registry_answers
from avroad.stack.process import is_alive, resident_bytes
from avroad.stack.state import REGISTRY, ClusterIdentity, Home, Service, State

__all__ = ["ServiceStatus", "StackStatus", "observe_stack"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    """One service. running: its process is there; healthy: it also answers as it should."""

    name: str
    pid: int
    port: int
    version: str
    running: bool
    healthy: bool
    uptime_s: float
    rss_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StackStatus:
    """A whole stack. running: at least one of its processes is there; healthy: all are and all answer."""

    running: bool
    healthy: bool
    services: tuple[ServiceStatus, ...]
    bootstrap_servers: str
    registry_url: str
    cluster_id: str
    java_version: str
    data_bytes: int


def observe_stack(home: Home) -> StackStatus:
    """Ask every service of the stack in `home`; a stack that is down is a status, not an error."""
    state = State.read(home.state)
    identity = ClusterIdentity.read(home.identity)
    services = tuple(_observe(service, state) for service in state.services) if state else ()
    expected = len(state.ports.brokers) + 1 if state else 0
    return StackStatus(
        running=any(service.running for service in services),
        healthy=expected > 0 and len(services) == expected and all(service.healthy for service in services),
        services=tuple(sorted(services, key=lambda service: service.name)),
        bootstrap_servers=state.ports.bootstrap_servers if state else "",
        registry_url=state.ports.registry_url if state else "",
        cluster_id=identity.cluster_id if identity else "",
        java_version=state.java_version if state else "",
        data_bytes=data_bytes(home) if home.data.exists() else 0,
    )


def _observe(service: Service, state: State) -> ServiceStatus:
    running = is_alive(service.process)
    registry = service.name == REGISTRY
    if not running:
        healthy = False
    elif registry:
        healthy = registry_answers(service.port)
    else:
        cluster = ask_broker(service.port)
        healthy = cluster is not None and len(cluster.brokers) == len(state.ports.brokers)
    return ServiceStatus(
        name=service.name,
        pid=service.process.pid,
        port=service.port,
        version=state.registry_version if registry else state.kafka_version,
        running=running,
        healthy=healthy,
        uptime_s=max(0.0, time.time() - service.process.started_at) if running else 0.0,
        rss_bytes=resident_bytes(service.process) if running else 0,
    )
