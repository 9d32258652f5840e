"""A project folder with a namespace and topics of its own, planned and applied on the real stack."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from avroad.admin import ApplyReport, Plan, apply, desired_state, diff, observe, verify
from avroad.broker import open_admin
from avroad.config import load_environment
from avroad.contracts import load_catalog
from avroad.contracts.lock import read_lock
from avroad.registry import RegistrySettings, open_registry
from tests.integration.conftest import RunningStack, environment_text

OPTIONAL: Mapping[str, object] = {"name": "note", "type": ["null", "string"], "default": None, "doc": "A note."}


class Project:
    """A project folder with a namespace and topics of its own, and the steps every test makes with it."""

    def __init__(self, root: Path, stack: RunningStack) -> None:
        self.root, self.space = root, f"t{uuid.uuid4().hex[:10]}"
        self.admin = open_admin({"bootstrap.servers": stack.bootstrap_servers})
        self.registry = open_registry(RegistrySettings(urls=(stack.registry_url,)))
        self.topic, self.state = f"{self.space}.events", f"{self.space}.state"
        self.cluster_id = ""
        for folder in ("schemas", "admin/topics", "admin/environments"):
            (root / folder).mkdir(parents=True)
        text = environment_text(stack, "local")
        (root / "admin/environments/local.yaml").write_text(text, "utf-8")
        self.schema("Place", {"name": "city", "type": "string", "doc": "Its city."})
        place = {"name": "place", "type": f"{self.space}.Place", "doc": "Where."}
        identity = {"name": "event_id", "type": "string", "doc": "Its id."}
        at = {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "When."}
        self.fields: dict[str, list[Mapping[str, object]]] = {
            "Accident": [identity, at, place],
            "Jam": [identity, at, place],
            "Camera": [identity, at],
        }
        for name, fields in self.fields.items():
            self.schema(name, *fields)
        self.declare()

    def schema(self, name: str, *fields: Mapping[str, object], doc: str = "A type.") -> None:
        document = {"type": "record", "name": name, "namespace": self.space, "doc": doc, "fields": list(fields)}
        (self.root / "schemas" / f"{self.space}.{name}.avsc").write_text(json.dumps(document, indent=2), "utf-8")

    def declare(self, partitions: int = 2, **config: Any) -> None:
        settings = {"cleanup.policy": "delete", "retention.ms": 604800000}
        settings |= {key.replace("_", "."): value for key, value in config.items()}
        self._topic(self.topic, "topic-record", ["Accident", "Jam"], partitions, settings)
        self._topic(self.state, "topic", ["Camera"], partitions, {"cleanup.policy": "compact"})

    def _topic(self, name: str, naming: str, types: list[str], partitions: int, config: dict[str, Any]) -> None:
        document = {
            "topic": name, "description": "A test.", "owner": "tests", "subjects": naming,
            "values": [f"{self.space}.{item}" for item in types], "key": "string", "key_from": "event_id",
            "time_from": "at", "compatibility": "BACKWARD_TRANSITIVE", "partitions": partitions, "config": config,
            "dlq": True,
        }  # fmt: skip
        (self.root / "admin/topics" / f"{name}.yaml").write_text(json.dumps(document), "utf-8")

    @property
    def lock(self) -> Path:
        return self.root / "schemas.lock.json"

    def plan(self, *, allow_breaking: Mapping[str, str] | None = None, **allow: str) -> Plan:
        environment = load_environment(self.root, "local", environ={})
        environment = dataclasses.replace(environment, cluster_id=self.cluster_id)
        wanted = desired_state(load_catalog(self.root), environment)
        lock = read_lock(self.lock) if self.lock.exists() else None
        allowed = {f"{self.space}.{key}": reason for key, reason in allow.items()}
        return diff(
            wanted,
            observe(self.admin, self.registry, wanted, lock),
            allow_partitions=allowed,
            allow_breaking=allow_breaking,
            allowed_by="ada",
        )

    def verify(self, plan: Plan, *destructive: str) -> None:
        lock = read_lock(self.lock) if self.lock.exists() else None
        verify(plan, self.admin, self.registry, environment="local", allow_destructive=destructive, lock=lock)

    def apply(self, plan: Plan, *destructive: str) -> ApplyReport:
        self.verify(plan, *destructive)
        return apply(plan, self.admin, self.registry, lock_path=self.lock)

    def applied(self, plan: Plan, *destructive: str) -> None:
        """Apply, and prove that nothing is left to do."""
        report = self.apply(plan, *destructive)
        assert report.error is None, str(report.error)
        assert set(map(id, report.done)) == set(map(id, plan.changes))
        after = self.plan()
        assert (after.changes, after.refusals, after.lock_differs) == ((), (), False)

    def subject(self, name: str) -> str:
        return f"{self.topic}-{self.space}.{name}"
