"""A new event type is one .avsc and one line of YAML: added in a copy of this repository, used on real Kafka."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.conftest import RunningStack

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.kafka

EXTEND = (ROOT / "docs" / "extend.md").read_text("utf-8")
(ROAD_WORKS,) = re.findall(r"```json\n(\{\n.*?)```", EXTEND, re.DOTALL)
PROGRAM = re.compile(r"```python\n(.*?)```", re.DOTALL)
SEND_AND_READ = """
import json, sys, threading
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from avroad.consumer import RunnerSettings
from avroad.project import open_project
from schemas.traffic import AVRO_TYPES, Location, RoadWorks, Source

project = open_project(Path.cwd(), "local")
event = RoadWorks(
    situation_id="test:1",
    event_id=UUID(int=7),
    observed_at=datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    source=Source(provider="test", reference="1"),
    location=Location(country="GB", city="York"),
    lanes_closed=2,
)
with project.publisher(source_uri="https://example.org", types=AVRO_TYPES, topics=["traffic.events"]) as publisher:
    delivery = publisher.send(event).result(timeout=60)
stop, seen = threading.Event(), []
def handle(read):
    if read.type_name == "traffic.RoadWorks":
        seen.append(read)
        stop.set()
project.runner(handle, RunnerSettings(topics=("traffic.events",)), types=AVRO_TYPES).run(stop)
assert seen[0].value == event, seen[0].value
print(json.dumps([delivery.outcome, delivery.topic, seen[0].type_name, seen[0].subject, seen[0].record.key.decode()]))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the repository's contracts and declarations, with one type more."""
    for folder in ("schemas", "admin"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    schema = tmp_path / "schemas" / "traffic.RoadWorks.avsc"
    schema.write_text(ROAD_WORKS, "utf-8")
    topic = tmp_path / "admin" / "topics" / "traffic.events.yaml"
    text = topic.read_text("utf-8")
    assert text.count("  - traffic.SpeedCamera\n") == 1
    topic.write_text(
        text.replace("  - traffic.SpeedCamera\n", "  - traffic.SpeedCamera\n  - traffic.RoadWorks\n"), "utf-8"
    )
    return tmp_path


def test_a_new_type_needs_no_code(copy: Path, stack: RunningStack) -> None:
    environment = {
        **os.environ,
        "AVROAD_KAFKA__BOOTSTRAP_SERVERS": stack.bootstrap_servers,
        "AVROAD_REGISTRY__URL": stack.registry_url,
        "PYTHONPATH": str(copy),
    }

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], cwd=copy, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    stale = subprocess.run([sys.executable, "-m", "avroad", "schema", "types", "--check"], cwd=copy, env=environment,
                           capture_output=True, text=True, check=False)  # fmt: skip
    assert stale.returncode == 3, "the generated classes lack the new type, and --check must say so"
    run("-m", "avroad", "schema", "types")
    assert "class RoadWorks" in (copy / "schemas" / "traffic.py").read_text("utf-8")
    assert "traffic.events-traffic.RoadWorks" in run("-m", "avroad", "plan")
    run("-m", "avroad", "apply", "--yes")
    assert "No changes" in run("-m", "avroad", "plan", "--detailed-exitcode")
    seen = json.loads(run("-c", SEND_AND_READ))
    assert seen == ["acked", "traffic.events", "traffic.RoadWorks", "traffic.events-traffic.RoadWorks", "test:1"]
    (send_one,) = PROGRAM.findall((ROOT / "README.md").read_text("utf-8"))
    assert run("-c", send_one).startswith("acked traffic.events/"), "the programs of the documents run as they stand"
    send, read = PROGRAM.findall(EXTEND)
    assert run("-c", send).startswith("traffic.events ")
    assert "RoadWorks(situation_id=" in run("-c", read)
