"""The suite of all registries on the real one, and what only it can show."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from avroad.errors import RegistryUnavailable
from avroad.model import Dialect, Level, Reference
from avroad.registry import HttpRegistry, RegistrySettings, open_registry
from tests.behaviour.registry.suite import RegistrySuite, number, record

pytestmark = pytest.mark.kafka


class Running(Protocol):
    """What is used of the `stack` fixture."""

    @property
    def registry_url(self) -> str: ...


@pytest.fixture
def registry(stack: Running, tmp_path: Path) -> Iterator[HttpRegistry]:
    client = open_registry(RegistrySettings(urls=(stack.registry_url,), cache_dir=tmp_path, timeout_s=20))
    yield client
    client.close()


class TestReal(RegistrySuite):
    @pytest.fixture
    def registry(self, stack: Running, tmp_path: Path) -> Iterator[HttpRegistry]:
        client = open_registry(RegistrySettings(urls=(stack.registry_url,), cache_dir=tmp_path, timeout_s=20))
        yield client
        client.close()


def test_the_product_is_recognised(registry: HttpRegistry) -> None:
    assert registry.dialect() is Dialect.APICURIO


def test_a_check_that_the_registry_cannot_do_says_so(registry: HttpRegistry) -> None:
    prefix = f"t{uuid.uuid4().hex[:10]}"
    registry.register(f"{prefix}-place", record(f"{prefix}.Place", number("km")))
    references = (Reference(name=f"{prefix}.Place", subject=f"{prefix}-place", version=1),)
    jam = record(f"{prefix}.Jam", {"name": "at", "type": f"{prefix}.Place"})
    registry.register(f"{prefix}-jam", jam, references)
    verdict = registry.check(f"{prefix}-jam", jam, references)
    assert verdict.compatible is None
    assert verdict.reasons


def test_an_own_level_is_told_from_the_global_one_also_when_both_are_equal(registry: HttpRegistry) -> None:
    prefix = f"t{uuid.uuid4().hex[:10]}"
    registry.register(prefix, record(f"{prefix}.Jam", number("cars")))
    before = registry.level()
    registry.set_level(None, Level.FULL)
    try:
        assert (registry.level(prefix), registry.own_level(prefix)) == (Level.FULL, None)
        registry.set_level(prefix, Level.FULL)
        assert (registry.level(prefix), registry.own_level(prefix)) == (Level.FULL, Level.FULL)
    finally:
        registry.set_level(None, before)


def test_versions_beyond_the_listed_ones_come_from_its_own_interface(
    registry: HttpRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = f"t{uuid.uuid4().hex[:10]}"
    registry.set_level(prefix, Level.NONE)
    for index in range(5):
        registry.register(prefix, record(f"{prefix}.Jam", number(f"cars_{index}")))
    monkeypatch.setattr("avroad.registry.http._LISTED_VERSIONS", 2)  # 500 registrations take half a minute
    assert registry.versions(prefix) == (1, 2, 3, 4, 5)


def test_an_id_read_once_survives_the_registry(registry: HttpRegistry, stack: Running, tmp_path: Path) -> None:
    prefix = f"t{uuid.uuid4().hex[:10]}"
    made = registry.register(prefix, record(f"{prefix}.Jam", number("cars")))
    settings = RegistrySettings(urls=(stack.registry_url,), cache_dir=tmp_path)
    later = open_registry(settings)
    later.close()
    assert json.loads(later.by_id(made.id).text)["fields"][0]["name"] == "cars"
    nowhere = open_registry(RegistrySettings(urls=("http://127.0.0.1:1",), max_retries=0))
    with pytest.raises(RegistryUnavailable, match="avroad stack up"):
        nowhere.by_id(made.id)
