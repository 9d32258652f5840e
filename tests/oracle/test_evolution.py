"""Random evolution against the slow oracle, fastavro and Apache avro, without a JVM; `make oracle` runs more."""

from __future__ import annotations

import random
import sys

import pytest

from tests.oracle import differential
from tests.oracle.differential import Tally, run
from tests.oracle.pairs import Pairs

SEED = 20_260_501


def last(count: int, engines: list[str]) -> Tally:
    tally = Tally()
    for tally in run(SEED, count, engines):  # noqa: B007 - the last one counts
        pass
    return tally


def test_random_evolution_reads_as_the_oracle_and_the_python_libraries_read_it() -> None:
    tally = last(2_500, ["fastavro", "avro"])
    assert tally.failures == [], f"seed {SEED}"
    assert tally.accepted > 1_000
    assert tally.cases - tally.accepted > 300
    sys.stdout.write(f"evolution: seed {SEED}, {tally.cases} cases of {tally.pairs} pairs, {dict(tally.known)}\n")


def test_a_wrong_value_and_a_wrong_verdict_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison is tested too: an oracle that reads ints as one more, and one that reads nothing."""
    from tests.oracle.spec import _Cursor

    inner = _Cursor._int
    with monkeypatch.context() as patch:
        patch.setattr(_Cursor, "_int", lambda cursor: inner(cursor) + 1)
        assert any("another value" in failure["what"] for failure in last(800, []).failures)
    with monkeypatch.context() as patch:
        patch.setattr(differential, "accepted", lambda *_: None)
        found = {failure["what"] for failure in last(800, ["fastavro"]).failures}
        assert any(what.startswith("fastavro accepts what breaks") for what in found)


def test_pairs_are_the_same_for_the_same_seed_and_change_most_schemas() -> None:
    first, again = Pairs(random.Random(1)), Pairs(random.Random(1))
    drawn = [first.pair() for _ in range(300)]
    assert drawn == [again.pair() for _ in range(300)]
    assert sum(writer != reader for writer, reader in drawn) > 150
    text = repr([reader for _, reader in drawn])
    for word in ("aliases", "default", "logicalType", "'map'", "'array'", "'enum'", "'fixed'"):
        assert word in text
