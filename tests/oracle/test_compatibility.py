"""Our compatibility verdicts against Apache Avro Java in a child of its own; `make oracle` compares more pairs."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from avroad.errors import StackError
from avroad.stack.avro_java import find_libjvm
from tests.oracle.compat_pairs import CompatPairs
from tests.oracle.jars import class_path
from tests.oracle.score import CASES, cases, won

ROOT = Path(__file__).resolve().parents[2]
SEED = 20_260_502
PAIRS = 2_000
CHILD_S = 100.0


@pytest.fixture(scope="module")
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


@pytest.mark.java
@pytest.mark.usefixtures("java")
def test_verdict_type_path_and_message_of_random_pairs_are_javas() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-m", "tests.oracle.compatibility",
         "--seed", str(SEED), "--count", str(PAIRS), "--json"],
        cwd=ROOT, capture_output=True, text=True, timeout=CHILD_S, check=False,
    )  # fmt: skip
    report: dict[str, Any] = json.loads(done.stdout) if done.stdout else {"failures": [done.stderr]}
    assert report["failures"] == [], f"seed {SEED}"
    assert done.returncode == 0, done.stderr
    assert report["pairs"] >= PAIRS
    assert PAIRS // 4 < report["compatible"] < PAIRS, "pairs of both kinds, or little is compared"
    assert report["thrown"] > PAIRS // 50
    assert len(report["types"]) == 6, "Java's six types of findings all occur"
    sys.stdout.write(f"java: seed {SEED}, {report['pairs']} pairs, {report['types']}, {report['thrown']} thrown\n")


@pytest.mark.skipif(not CASES.exists(), reason=f"{CASES.name} is not beside the project")
def test_every_published_case_is_won() -> None:
    lost = [case["name"] for case in cases() if not case.get("disputed") and not won(case)]
    assert lost == []


def test_pairs_are_the_same_for_the_same_seed() -> None:
    first, again = CompatPairs(random.Random(1)), CompatPairs(random.Random(1))
    drawn = [first.pair() for _ in range(300)]
    assert drawn == [again.pair() for _ in range(300)]
    assert sum(reader != writer for reader, writer in drawn) > 150
