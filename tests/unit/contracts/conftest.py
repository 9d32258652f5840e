"""A project folder of made-up contracts, and one call that loads it or returns the problems as text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from avroad.contracts import Catalog, load_catalog
from avroad.errors import ContractError

TOPIC = {
    "topic": "zoo.births",
    "description": "Every birth.",
    "owner": "keepers",
    "values": "[zoo.Birth]",
    "partitions": "3",
}


def field(name: str, type_: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type_, **more}


def record(full_name: str, *fields: dict[str, Any]) -> dict[str, Any]:
    space, _, name = full_name.rpartition(".")
    return {"type": "record", "name": name, "namespace": space, "fields": list(fields)}


BIRTH = record(
    "zoo.Birth",
    field("animal_id", "string"),
    field("number", "int"),
    field("at", {"type": "long", "logicalType": "timestamp-millis"}),
    field("weight_kg", ["null", "double"], default=None),
)


class ContractProject:
    """A temporary project with one type and one topic."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "schemas").mkdir()
        (root / "admin" / "topics").mkdir(parents=True)
        self.schema(BIRTH)
        self.topic()

    def schema(self, value: Any, name: str = "") -> None:
        """Write a schema to the file it belongs in, or to `schemas/<name>.avsc`."""
        stem = name or f"{value['namespace']}.{value['name']}"
        text = value if isinstance(value, str) else json.dumps(value)
        (self.root / "schemas" / f"{stem}.avsc").write_text(text, "utf-8")

    def topic(self, file: str = "", **keys: str | None) -> None:
        """Write a topic: the minimal one with keys replaced or, with None, dropped."""
        lines = {**TOPIC, **keys}
        text = "".join(f"{key}: {value}\n" for key, value in lines.items() if value is not None)
        (self.root / "admin" / "topics" / f"{file or lines['topic']}.yaml").write_text(text, "utf-8")

    def load(self) -> Catalog:
        return load_catalog(self.root)

    def problems(self) -> list[str]:
        """Return the lines of the error below its headline."""
        with pytest.raises(ContractError) as caught:
            self.load()
        assert caught.value.exit_code == 3
        return str(caught.value).splitlines()[1:]


@pytest.fixture
def project(tmp_path: Path) -> ContractProject:
    return ContractProject(tmp_path)
