"""Our answer `safe` against what libraries do; the part with Java runs in a child of its own."""

from __future__ import annotations

import sys

import pytest

from tests.oracle.engines import Engine, Fastavro
from tests.oracle.runs import child, reported, require_java
from tests.oracle.safety import Ours, unlike
from tests.oracle.watched import watched

MODULE = "tests.oracle.safety"
SEED = 20_260_504
PAIRS = 3_000


@pytest.mark.parametrize("library", [Fastavro(), Ours()], ids=lambda library: library.name)
def test_a_library_reads_the_watched_pairs_as_they_say(library: Engine) -> None:
    assert [said for pair in watched() if (said := unlike(pair, library))] == []


@pytest.mark.java
def test_what_is_called_safe_is_read_alike_by_every_library() -> None:
    require_java()
    report = reported(MODULE, SEED, PAIRS)
    assert report["pairs"] >= PAIRS
    assert report["safe"] > PAIRS // 2, "or little is promised"
    assert {"ARRAY_ITEMS_GREW", "BYTES_TO_STRING", "NAMESPACE_MOVED", "UNION_AMBIGUOUS"} <= report["shown"].keys()
    sys.stdout.write(f"java: seed {SEED}, {report['pairs']} pairs, {report['shown']}, not shown {report['unshown']}\n")


@pytest.mark.java
def test_java_reads_the_watched_pairs_as_they_say() -> None:
    require_java()
    done = child(MODULE, "--watched")
    assert done.stdout == ""
    assert done.returncode == 0, done.stderr
