"""What runs of a stack and whether it answers, as a value."""

from __future__ import annotations

import time
from dataclasses import dataclass

from avroad.stack.data import data_bytes
from avroad.stack.owned import find_owned
from avroad.stack.process import resident_bytes
from avroad.stack.ready import answers
from avroad.stack.state import REGISTRY, ClusterIdentity, Home, Service, State

__all__ = ["ServiceStatus", "StackStatus", "observe_stack"]

_MOST_BROKERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    """One service. running: its process is there; healthy: it also answers as it should.

    recorded: False for a process of this stack that its state file does not know; its port is then 0.
    """

    name: str
    pid: int
    port: int
    version: str
    running: bool
    healthy: bool
    recorded: bool
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
    cluster_id = identity.cluster_id if identity else ""
    recorded = state.services if state else ()
    owned = find_owned(home, recorded)
    services = [
        *(_observe(service, state, cluster_id, running=service in owned.known) for service in recorded if state),
        *(_stray(service) for service in owned.strays if service.name in home.services(_MOST_BROKERS)),
    ]
    expected = len(state.ports.brokers) + 1 if state else 0
    return StackStatus(
        running=any(service.running for service in services),
        healthy=expected > 0 and len(services) == expected and all(service.healthy for service in services),
        services=tuple(sorted(services, key=lambda service: service.name)),
        bootstrap_servers=state.ports.bootstrap_servers if state else "",
        registry_url=state.ports.registry_url if state else "",
        cluster_id=cluster_id,
        java_version=state.java_version if state else "",
        data_bytes=data_bytes(home) if home.data.exists() else 0,
    )


def _observe(service: Service, state: State, cluster_id: str, *, running: bool) -> ServiceStatus:
    version = state.registry_version if service.name == REGISTRY else state.kafka_version
    healthy = running and answers(service, len(state.ports.brokers), cluster_id)
    return _status(service, version=version, running=running, healthy=healthy, recorded=True)


def _stray(service: Service) -> ServiceStatus:
    return _status(service, version="", running=True, healthy=False, recorded=False)


def _status(service: Service, *, version: str, running: bool, healthy: bool, recorded: bool) -> ServiceStatus:
    return ServiceStatus(
        name=service.name,
        pid=service.process.pid,
        port=service.port,
        version=version,
        running=running,
        healthy=healthy,
        recorded=recorded,
        uptime_s=max(0.0, time.time() - service.process.started_at) if running else 0.0,
        rss_bytes=resident_bytes(service.process) if running else 0,
    )
