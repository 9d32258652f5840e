"""A stack whose services are small Python programs, so that its whole life is tested in a second and offline."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from avroad.stack import Stack, data, local
from avroad.stack.cache import Installation
from avroad.stack.java import Java
from avroad.stack.progress import Quiet
from avroad.stack.recipe import marks

FAKE = str(Path(__file__).with_name("fake_service.py"))


class Recorder(Quiet):
    """Remembers what a user would have seen."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def fake_services(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def format_command(java: Path, jars: Path, node: int, *, cluster_id: str, home: Path) -> list[str]:
        return [sys.executable, FAKE, "format", str(node), cluster_id, *marks(home, f"format-{node}")]

    def broker_command(java: Path, jars: Path, node: int, *, brokers: int, home: Path) -> list[str]:
        return [sys.executable, FAKE, "broker", str(node), *marks(home, f"broker-{node}")]

    def registry_command(java: Path, registry: Path, *, home: Path) -> list[str]:
        return [sys.executable, FAKE, "registry", *marks(home, "registry")]

    installation = Installation(jars=tmp_path / "jars", registry=tmp_path / "registry")
    monkeypatch.setattr(data, "format_command", format_command)
    monkeypatch.setattr(local, "broker_command", broker_command)
    monkeypatch.setattr(local, "registry_command", registry_command)
    monkeypatch.setattr(local, "ensure_installed", lambda *_args, **_kwargs: installation)
    java = Java(executable=Path(sys.executable), version="25", origin="test")
    monkeypatch.setattr(local, "find_java", lambda *_args: java)


@pytest.fixture
def make_stack(fake_services: None, tmp_path: Path, recorder: Recorder) -> Iterator[Callable[..., Stack]]:
    made: list[Stack] = []

    def make(**options: int | None) -> Stack:
        chosen: dict[str, int | None] = {"port": 0, "registry_port": 0, "brokers": None, **options}
        stack = Stack(
            tmp_path / "project" / ".avroad" / "stack",
            brokers=chosen["brokers"],
            port=chosen["port"],
            registry_port=chosen["registry_port"],
            reporter=recorder,
            start_timeout_s=float(chosen.get("start_timeout_s") or 30),
        )
        made.append(stack)
        return stack

    yield make
    for stack in made:
        stack.down()
