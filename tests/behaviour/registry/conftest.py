"""A double and a client for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from avroad.registry import HttpRegistry, RegistrySettings
from avroad.testing.registry_double import RegistryDouble

Connect = Callable[..., HttpRegistry]


def warm(client: HttpRegistry) -> None:
    """Open the client's connection with a generous deadline, whatever its own is."""
    assert client._transport.call("GET", "/subjects", until=time.monotonic() + 10).status == 200


@pytest.fixture
def double() -> Iterator[RegistryDouble]:
    with RegistryDouble() as running:
        yield running


@pytest.fixture
def connect(double: RegistryDouble, tmp_path: Path) -> Iterator[Connect]:
    """Make clients with short deadlines and no repetitions, unless a test says otherwise."""
    clients: list[HttpRegistry] = []

    def make(**changes: object) -> HttpRegistry:
        usual = RegistrySettings(urls=(double.url,), timeout_s=5, max_retries=0)
        clients.append(HttpRegistry(replace(usual, **changes)))  # type: ignore[arg-type]  # named in RegistrySettings
        return clients[-1]

    yield make
    for client in clients:
        client.close()
