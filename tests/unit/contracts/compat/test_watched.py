"""What we say of pairs that were watched: `safe` is what Java, fastavro and avroad do with the bytes."""

from __future__ import annotations

import pytest

from avroad.contracts.compat import Readable, Severity, compare
from avroad.schema import parse
from tests.oracle.watched import Watched, watched

SOME_DATA = {"ARRAY_ITEMS_GREW", "DEFAULT_NOT_DECODED"}


@pytest.mark.parametrize("pair", list(watched()), ids=lambda pair: pair.name)
def test_a_pair_is_safe_exactly_when_every_library_reads_it(pair: Watched) -> None:
    report = compare(parse(pair.reader, strict=False), parse(pair.writer, strict=False))
    assert report.compatible is True
    assert report.safe == (not pair.broken)
    assert report.same_meaning == (not pair.moves_meaning)
    unsafe = [finding for finding in report.findings if finding.unsafe]
    assert pair.rule in {finding.rule for finding in unsafe} if pair.rule else not unsafe
    severe = Severity.WARNING if pair.rule in SOME_DATA else Severity.ERROR
    assert all(finding.severity is severe for finding in unsafe)
    assert report.readable is (Readable.PARTIAL if pair.broken else Readable.FULL)
