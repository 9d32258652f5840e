"""Our decoder against Apache Avro Java in a child of its own: verdict and value of random evolution, every run.

Without a JVM or the jars these tests are skipped, unless AVROAD_REQUIRE_KAFKA=1 makes that a failure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from avroad.errors import StackError
from avroad.stack.avro_java import find_libjvm
from tests.oracle.jars import class_path

ROOT = Path(__file__).resolve().parents[2]
SEED = 20_260_501
CASES = 2_000
CHILD_S = 100.0

pytestmark = pytest.mark.java


@pytest.fixture(scope="module", autouse=True)
def java() -> None:
    """Fetch what the child needs, or say why it cannot run."""
    try:
        import jpype  # noqa: F401 - only whether it is there

        find_libjvm()
        class_path()
    except (ImportError, StackError) as error:
        if os.environ.get("AVROAD_REQUIRE_KAFKA") == "1":
            raise
        pytest.skip(f"no Apache Avro Java here: {error}")


def differential(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-m", "tests.oracle.differential", "--engines", "java", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=CHILD_S, check=False,
    )  # fmt: skip


def test_random_evolution_reads_as_java_reads_it() -> None:
    done = differential("--seed", str(SEED), "--count", str(CASES), "--json")
    report: dict[str, Any] = json.loads(done.stdout) if done.stdout else {"failures": [done.stderr]}
    assert report["failures"] == [], f"seed {SEED}"
    assert done.returncode == 0, done.stderr
    assert report["cases"] >= CASES
    assert report["accepted"] > CASES // 2, "most bodies must be readable, or little is compared"
    assert report["refused"] > CASES // 10
    sys.stdout.write(f"java: seed {SEED}, {report['cases']} cases of {report['pairs']} pairs, {report['known']}\n")


def test_each_listed_difference_of_java_still_holds() -> None:
    done = differential("--examples")
    assert done.stdout == ""
    assert done.returncode == 0, done.stderr
