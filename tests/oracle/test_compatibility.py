"""Our compatibility verdicts against Apache Avro Java in a child of its own; `make oracle` compares more pairs."""

from __future__ import annotations

import random
import sys

import pytest

from tests.oracle.compat_pairs import CompatPairs
from tests.oracle.runs import reported, require_java
from tests.oracle.score import CASES, cases, won

SEED = 20_260_502
PAIRS = 2_000


@pytest.mark.java
def test_verdict_type_path_and_message_of_random_pairs_are_javas() -> None:
    require_java()
    report = reported("tests.oracle.compatibility", SEED, PAIRS)
    assert report["pairs"] >= PAIRS
    assert PAIRS // 4 < report["compatible"] < PAIRS, "pairs of both kinds, or little is compared"
    assert report["thrown"] > PAIRS // 50
    assert report["disorder"] > PAIRS // 100, "declarations that only Java's parser takes"
    assert report["refused"] < PAIRS // 10
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
