"""Our answer `safe` against what libraries do; the part with Java runs in a child of its own."""

from __future__ import annotations

import pytest

from tests.oracle.engines import Engine, Fastavro
from tests.oracle.runs import child, require_java
from tests.oracle.safety import Ours, unlike
from tests.oracle.watched import watched

MODULE = "tests.oracle.safety"


@pytest.mark.parametrize("library", [Fastavro(), Ours()], ids=lambda library: library.name)
def test_a_library_reads_the_watched_pairs_as_they_say(library: Engine) -> None:
    assert [said for pair in watched() if (said := unlike(pair, library))] == []


@pytest.mark.java
def test_java_reads_the_watched_pairs_as_they_say() -> None:
    require_java()
    done = child(MODULE, "--watched")
    assert done.stdout == ""
    assert done.returncode == 0, done.stderr
