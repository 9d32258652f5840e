"""Our verdicts against Apache Avro Java's `SchemaCompatibility`: random pairs, and the cases other projects published.

The whole answer is compared: the verdict and every (type, path, message), in order; where Java throws, ours is null.
`python -m tests.oracle.compatibility --help`.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from avroad.contracts.compat import compare
from avroad.errors import AvroadError, SchemaSyntaxError
from avroad.schema import Schema, parse
from tests.oracle.compat_pairs import CompatPairs
from tests.oracle.java import Java, JavaRefused
from tests.oracle.runs import MAX_FAILURES, Progress, run_options, write_report
from tests.oracle.score import cases

Answer = list[tuple[str, str, str]] | None
"""What stands between reader and writer, None where the checker throws."""


@dataclass(slots=True)
class Tally:
    """What a run has seen. refused: pairs of which Java's parser, and so ours, took one schema not; lax: and not ours;
    disorder: pairs that Python libraries refuse for the order of their declarations.
    """

    pairs: int = 0
    compatible: int = 0
    thrown: int = 0
    refused: int = 0
    lax: int = 0
    disorder: int = 0
    types: Counter[str] = field(default_factory=Counter)
    failures: list[dict[str, Any]] = field(default_factory=list)

    def note(self, name: str, reader: Any, writer: Any, ours: Answer, java: Answer) -> None:
        self.pairs += 1
        self.compatible += java == []
        self.thrown += java is None
        self.types.update(kind for kind, _, _ in java or ())
        if ours != java:
            given = {"reader": json.dumps(reader), "writer": json.dumps(writer)}
            self.failures.append({"pair": name, **given, "ours": ours, "java": java})


def our_answer(reader: Schema, writer: Schema) -> Answer:
    """Return what we say; an error of ours is an answer that Java never gives."""
    try:
        report = compare(reader, writer)
    except AvroadError as error:
        return [("ERROR", type(error).__name__, str(error))]
    if report.compatible is None:
        return None
    assert not report.left_out, "too many findings to compare them all"
    return [(f.type.value, f.pointer, f.message) for f in report.findings if f.type is not None]


def java_answer(java: Java, reader: Any, writer: Any) -> Answer:
    """Return what Java says of two of its schemas."""
    try:
        return java.incompatibilities(reader, writer)
    except JavaRefused as thrown:
        if not thrown.kind.startswith("org.apache.avro."):
            return [("THROWN", thrown.kind, thrown.text)]  # never ours: a difference to look at
        return None


def run(java: Java, seed: int, count: int, tally: Tally, progress: Progress) -> None:
    """Compare random pairs until `count` were or too much is wrong."""
    pairs = CompatPairs(random.Random(f"avroad compatibility {seed}"), disorder=0.1)
    while tally.pairs < count and len(tally.failures) < MAX_FAILURES:
        reader, writer = pairs.pair()
        _one(java, f"seed {seed}", reader, writer, tally)
        progress.show(tally.pairs, len(tally.failures))


def _one(java: Java, name: str, reader: Any, writer: Any, tally: Tally) -> None:
    why = ""
    try:
        ours = parse(reader, strict=False), parse(writer, strict=False)
    except SchemaSyntaxError as error:
        ours, why = None, str(error)
    try:
        theirs = java.schema(reader), java.schema(writer)
    except JavaRefused:
        tally.refused += 1
        tally.lax += ours is not None
        return
    if ours is None:  # no verdict where Java has one
        tally.note(name, reader, writer, [("REFUSED", "", why)], java_answer(java, *theirs))
        return
    tally.disorder += any(schema.out_of_order for schema in ours)
    tally.note(name, reader, writer, our_answer(*ours), java_answer(java, *theirs))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and report; exit code 1 when an answer differs."""
    parser = run_options("tests.oracle.compatibility", __doc__, count=20_000, what="random pairs")
    options = parser.parse_args(arguments)
    progress = Progress(options.count, "pairs")
    java, tally = Java(), Tally()
    for case in cases():
        _one(java, case["name"], case["reader"], case["writer"], tally)
    published = tally.pairs
    run(java, options.seed, options.count + published, tally, progress)
    report = {
        "seed": options.seed, "seconds": progress.seconds, "published": published,
        "pairs": tally.pairs, "compatible": tally.compatible, "thrown": tally.thrown, "refused": tally.refused,
        "lax": tally.lax, "disorder": tally.disorder,
        "types": dict(sorted(tally.types.items())), "failures": tally.failures,
    }  # fmt: skip
    write_report(report, as_json=options.json, counts="types", title="findings of Java")
    return 1 if tally.failures or tally.pairs < options.count else 0


if __name__ == "__main__":
    raise SystemExit(main())
