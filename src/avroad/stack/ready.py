"""Waiting until a stack can be used, or until it is clear that it never will be."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Mapping

from avroad.errors import StackError
from avroad.stack.logs import diagnose, last_lines
from avroad.stack.probe import ask_broker, registry_answers
from avroad.stack.process import is_alive, listens
from avroad.stack.state import REGISTRY, ClusterIdentity, Home, Service, State

__all__ = ["answers", "await_ready"]

_POLL_S = 0.05
_READ_LINES = 200
_FULL_BELOW_BYTES = 100_000


def await_ready(
    home: Home, state: State, identity: ClusterIdentity, *, since: Mapping[str, int], timeout_s: float
) -> None:
    """Return when every broker sees all others and the registry answers.

    since: log sizes before this start, so that only its own lines explain a failure.
    Raises the error that fits the log of the first service that ended, or of the one that did not answer in time.
    """
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    waiting = list(state.services)
    while waiting:
        service = waiting[0]
        if answers(service, len(state.ports.brokers), identity.cluster_id):
            waiting.pop(0)
            continue
        ended = next((item for item in waiting if not is_alive(item.process)), None)
        if ended:
            raise _failure(home, ended, "ended while starting", since)
        if time.monotonic() > deadline:
            raise _failure(home, service, f"did not answer within {timeout_s:.0f} s", since)
        pause.wait(_POLL_S)


def answers(service: Service, brokers: int, cluster_id: str) -> bool:
    """Return whether the service answers as it should, and not another stack's on the same port."""
    if service.name == REGISTRY:
        return registry_answers(service.port) and listens(service.process, service.port)
    cluster = ask_broker(service.port)
    return cluster is not None and len(cluster.brokers) == brokers and cluster.cluster_id == cluster_id


def _failure(home: Home, service: Service, reason: str, since: Mapping[str, int]) -> StackError:
    log = home.log(service.name)
    lines = last_lines(log, _READ_LINES, since_bytes=since.get(service.name, 0))
    full = shutil.disk_usage(home.path).free < _FULL_BELOW_BYTES
    return diagnose(service.name, lines, reason=reason, log=log, disk_full=full)
