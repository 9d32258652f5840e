"""A type that contains itself, let in by its own schema: from the project's files to a handled record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from avroad.consumer import Event
from avroad.contracts import SchemaLock, load_catalog
from avroad.errors import ContractError
from avroad.testing.mock_cluster import MockCluster
from tests.behaviour.runtime.world import Running, World, until

PART: dict[str, Any] = {
    "type": "record",
    "name": "Part",
    "namespace": "demo",
    "fields": [
        {"name": "part_id", "type": "string"},
        {"name": "made_of", "type": {"type": "array", "items": "demo.Part"}},
    ],
}
TOPIC = """
topic: orders
description: Parts and the parts they are made of.
owner: demo
values: [demo.Part]
key_from: part_id
partitions: 1
dlq: true
"""


def project(root: Path, **more: Any) -> Path:
    (root / "schemas").mkdir()
    (root / "admin/topics").mkdir(parents=True)
    (root / "schemas/demo.Part.avsc").write_text(json.dumps({**PART, **more}))
    (root / "admin/topics/orders.yaml").write_text(TOPIC)
    return root


def tree(levels: int) -> dict[str, Any]:
    return {"part_id": f"p{levels}", "made_of": [tree(levels - 1)] * 2 if levels else []}


def handled(world: World, lock: SchemaLock | None, count: int) -> list[Any]:
    events: list[Event] = []
    with Running(world.runner(events.append, lock=lock, group=f"g{lock is None}")) as running:
        until(lambda: len(events) >= count or running.error)
    return [event.value for event in events]


def test_a_type_that_may_contain_itself_is_published_and_handled(cluster: MockCluster, tmp_path: Path) -> None:
    catalog = load_catalog(project(tmp_path, **{"avroad.recursion": True}))
    world = World({"bootstrap.servers": cluster.bootstrap_servers}, catalog=catalog)
    sent = [tree(levels) for levels in (0, 1, 8)]
    with world.publisher() as publisher:
        futures = [publisher.send(value, type_name="demo.Part") for value in sent]
        assert publisher.flush(10) == 0
        assert {future.result().outcome for future in futures} == {"acked"}
    for lock in (None, world.lock):
        assert sorted(handled(world, lock, len(sent)), key=lambda value: len(str(value))) == sent
    assert world.read("orders.dlq") == []


def test_without_the_attribute_the_project_is_refused_and_told_which(tmp_path: Path) -> None:
    with pytest.raises(ContractError) as caught:
        load_catalog(project(tmp_path))
    assert 'write "avroad.recursion": true beside the "fields" of demo.Part' in str(caught.value)
