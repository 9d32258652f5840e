"""The demo, whole, in a copy of the project: its own stack, its own data, and the verdict by ids."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


def test_the_demo_loses_nothing_and_says_so(tmp_path: Path) -> None:
    for folder in ("schemas", "admin", "producers", "consumers"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "admin.demo", "--events", "1500", "--rate", "300"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    facts = (
        r"^lost +0 ", r"^duplicated +0 ", r"^dead-lettered +2 ", r"^all numbers are right",
        r"^v1 +(\d+) +\1 +\1$", r"^v2 +([1-9]\d*) +\1 +\1$", "TYPE_MISMATCH", "UNIT_CHANGED",
    )  # fmt: skip
    for fact in facts:
        assert re.search(fact, done.stdout + done.stderr, re.MULTILINE), fact
    proof = {path.name for path in (tmp_path / "proof").iterdir()}
    assert {
        "transcript.txt", "stack-status.txt", "broker.log", "topics.txt", "topic.txt", "producer.log", "consumer.log",
    } <= proof  # fmt: skip
    assert "Kafka Server started" in (tmp_path / "proof" / "broker.log").read_text("utf-8")
    left = subprocess.run(
        [sys.executable, "-m", "avroad", "stack", "status"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**environment, "AVROAD_STATE_DIR": ".avroad/demo"},
    )  # fmt: skip
    assert left.returncode == 1, "the demo must stop what it started"
