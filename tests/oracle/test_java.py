"""Our decoder against Apache Avro Java in a child of its own: verdict and value of random evolution, every run.

Without a JVM or the jars these tests are skipped, unless AVROAD_REQUIRE_KAFKA=1 makes that a failure.
"""

from __future__ import annotations

import sys

import pytest

from tests.oracle.runs import child, reported, require_java

MODULE = "tests.oracle.differential"
SEED = 20_260_501
CASES = 2_000

pytestmark = pytest.mark.java


@pytest.fixture(scope="module", autouse=True)
def java() -> None:
    require_java()


def test_random_evolution_reads_as_java_reads_it() -> None:
    report = reported(MODULE, SEED, CASES, "--engines", "java")
    assert report["cases"] >= CASES
    assert report["accepted"] > CASES // 2, "most bodies must be readable, or little is compared"
    assert report["refused"] > CASES // 10
    sys.stdout.write(f"java: seed {SEED}, {report['cases']} cases of {report['pairs']} pairs, {report['known']}\n")


def test_each_listed_difference_of_java_still_holds() -> None:
    done = child(MODULE, "--engines", "java", "--examples")
    assert done.stdout == ""
    assert done.returncode == 0, done.stderr
