"""The suite of all registries, in process and over HTTP in three dialects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from avroad.model import Dialect
from avroad.ports import Registry
from avroad.registry import HttpRegistry, MemoryRegistry, RegistrySettings, open_registry
from avroad.testing.registry_double import RegistryDouble
from tests.behaviour.registry.suite import RegistrySuite


class TestMemory(RegistrySuite):
    @pytest.fixture
    def registry(self) -> Registry:
        return MemoryRegistry()


class TestHttp(RegistrySuite):
    @pytest.fixture(params=[Dialect.CONFLUENT, Dialect.APICURIO, Dialect.KARAPACE])
    def registry(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HttpRegistry]:
        with RegistryDouble(dialect=request.param) as double:
            client = open_registry(RegistrySettings(urls=(double.url,), cache_dir=tmp_path))
            yield client
            assert client.dialect() is request.param
            client.close()
