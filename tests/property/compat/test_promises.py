"""What a verdict promises: where compare says compatible and safe, our codec resolves and reads every datum."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from avroad.codec import Decoder, decoder_for, resolve
from avroad.contracts.compat import PairReport, Readable, compare
from avroad.errors import DecodeError, IncompatibleSchema, SchemaSyntaxError
from avroad.schema import Limits, Schema, parse
from tests.oracle.bodies import Bodies
from tests.oracle.compat_pairs import CompatPairs
from tests.oracle.spec import Spec

SEED = int(os.environ.get("SEED", "0")) or (20_260_503 if os.environ.get("CI") else int(time.time()))
PAIRS = 2_000
BODIES = 6
OPEN = Limits(recursion=True, empty_items=True)
Drawn = tuple[Any, Any, Schema, Schema, PairReport]


@pytest.fixture(scope="module")
def drawn() -> list[Drawn]:
    sys.stdout.write(f"seed {SEED}\n")
    return list(_drawn())


def _drawn() -> Iterator[Drawn]:
    pairs = CompatPairs(random.Random(f"avroad promises {SEED}"))
    for _ in range(PAIRS):
        reader, writer = pairs.pair()
        try:
            parsed = parse(reader, strict=False), parse(writer, strict=False)
        except SchemaSyntaxError:
            continue
        yield reader, writer, *parsed, compare(*parsed)


def test_compatible_and_safe_means_that_the_codec_resolves(drawn: list[Drawn]) -> None:
    promised = [pair for pair in drawn if pair[4].compatible and pair[4].safe]
    assert len(promised) > PAIRS // 10
    for reader, writer, reader_schema, writer_schema, _ in promised:
        assert resolve(writer_schema, reader_schema).conflicts == (), (reader, writer)


def test_safe_means_compatible_and_no_finding_that_is_not(drawn: list[Drawn]) -> None:
    for reader, writer, _, _, report in drawn:
        expected = report.compatible is True and not any(finding.unsafe for finding in report.findings)
        assert report.safe == expected, (reader, writer)
        assert not report.safe or report.readable is Readable.FULL


def test_compatible_and_safe_means_that_every_datum_is_read(drawn: list[Drawn]) -> None:
    bodies = Bodies(random.Random(SEED))
    read = 0
    for reader, writer, reader_schema, writer_schema, report in drawn:
        if not report.safe or reader == writer:
            continue
        try:
            decoder = decoder_for(writer_schema, reader_schema, limits=OPEN)
        except IncompatibleSchema:
            pytest.fail(f"no decoder: {reader} {writer}")
        except SchemaSyntaxError:
            continue  # beyond the codec's own limits, whoever reads
        own = decoder_for(writer_schema, limits=OPEN)
        try:
            drawing = Spec(writer, logical=False).writer
        except KeyError:
            continue  # a name without a namespace inside one: only lenient parsers find it
        for _ in range(BODIES):
            try:
                body = bodies.body(drawing)
            except RecursionError:
                break  # a type that contains itself without an end has no data
            if _problem(own, body):
                continue  # a datum that its own writer's schema does not read, such as a date in year 300000
            problem = _problem(decoder, body)
            # Known and reported: a plain number that is read as a time may lie beyond year 9999.
            known = "no value of logical type" in problem and any(f.rule == "LOGICAL_ADDED" for f in report.findings)
            assert not problem or known, (problem, reader, writer)
            read += not problem
    assert read > PAIRS // 2


def _problem(decoder: Decoder, body: bytes) -> str:
    try:
        decoder.decode(body)
    except DecodeError as error:
        return str(error)
    return ""
