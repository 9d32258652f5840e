"""The list of known differences is true: each entry's example still shows it (Java's: `test_java.py`)."""

from __future__ import annotations

import pytest

from tests.oracle.differential import expected, shown
from tests.oracle.divergences import ALL, EXCUSES, Divergence
from tests.oracle.engines import ApacheAvro, Engine, Fastavro

HERE = [entry for entry in ALL if entry.library != "java"]


@pytest.mark.parametrize("entry", HERE, ids=lambda entry: f"{entry.library}-{entry.kind}-{entry.rule[:30]}")
def test_a_listed_difference_still_holds(entry: Divergence) -> None:
    engine: Engine = Fastavro() if entry.library == "fastavro" else ApacheAvro()
    assert shown(engine, entry) == expected(entry)


def test_every_entry_has_a_reason_and_stands_once() -> None:
    keys = [(entry.library, entry.kind, entry.rule) for entry in ALL]
    assert len(set(keys)) == len(keys)
    assert all(len(entry.why) > 20 for entry in ALL)
    assert {(entry.library, entry.rule) for entry in ALL if entry.kind == "value"} == EXCUSES.keys()
