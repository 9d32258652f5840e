"""A project folder with one environment, and one call that loads it or returns the problems as text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from avroad.config import Environment, load_environment
from avroad.errors import ConfigError

MINIMAL = {
    "environment": "test",
    "replication_factor": "1",
    "min_insync_replicas": "1",
    "kafka": "{bootstrap.servers: 127.0.0.1:9092}",
    "registry": "{url: http://127.0.0.1:8081}",
}


class EnvironmentProject:
    """A temporary project; `write` replaces or (with None) drops keys of a minimal environment file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "admin" / "environments"
        self.folder.mkdir(parents=True)
        self.write()

    def write(self, **keys: str | None) -> None:
        lines = {**MINIMAL, **keys}
        text = "".join(f"{key}: {value}\n" for key, value in lines.items() if value is not None)
        self.text(text)

    def text(self, text: str) -> None:
        (self.folder / "test.yaml").write_text(text, "utf-8")

    def kafka(self, text: str) -> None:
        """Replace the kafka section; the address is kept."""
        lines = "".join(f"  {line}\n" for line in text.splitlines())
        self.write(kafka=f"\n  bootstrap.servers: broker.example.org:9093\n{lines}".rstrip())

    def registry(self, text: str) -> None:
        lines = "".join(f"  {line}\n" for line in text.splitlines())
        self.write(registry=f"\n{lines}".rstrip())

    def load(
        self,
        environ: Mapping[str, str] | None = None,
        overrides: Mapping[str, str] | None = None,
        config: Path | None = None,
    ) -> Environment:
        return load_environment(self.root, "test", environ=environ or {}, overrides=overrides, config=config)

    def problems(
        self,
        environ: Mapping[str, str] | None = None,
        overrides: Mapping[str, str] | None = None,
        config: Path | None = None,
    ) -> list[str]:
        """Return the lines of the error below its headline."""
        with pytest.raises(ConfigError) as caught:
            self.load(environ, overrides, config)
        assert caught.value.exit_code == 64
        return str(caught.value).splitlines()[1:]


@pytest.fixture
def project(tmp_path: Path) -> EnvironmentProject:
    return EnvironmentProject(tmp_path)
