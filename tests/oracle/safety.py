"""Our answer `safe` against what happens to bytes: random pairs, read by Apache Avro Java, fastavro and avroad.

Where the answer is yes, all of them must read every body, and the same value out of it. Where it is no, the run counts
per rule how often some body showed it. `python -m tests.oracle.safety --help`.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from avroad.codec import decoder_for
from avroad.contracts.compat import compare
from avroad.errors import DecodeError, IncompatibleSchema, SchemaSyntaxError
from avroad.schema import Limits, Schema, parse, to_json
from tests.oracle.bodies import Bodies
from tests.oracle.compare import Excuse, agree
from tests.oracle.compat_pairs import CompatPairs
from tests.oracle.divergences import excuses, float32
from tests.oracle.engines import ApacheAvro, Engine, Fastavro, Kept, Other, bare, engines, text
from tests.oracle.pairs import Pairs
from tests.oracle.runs import MAX_FAILURES, Progress, run_options, write_report
from tests.oracle.spec import Picked
from tests.oracle.spec_schema import read_schema
from tests.oracle.watched import Watched, watched

OPEN = Limits(recursion=True, empty_items=True)
BODIES = 12
MAX_BYTES = 3_000
NOT_COUNTED = {
    "java": (
        # a default that its parser would refuse on its own is looked at only where the reader has aliases
        r".*AvroTypeException: Invalid default for field",
    ),
    "fastavro": (
        # the schema alone is refused, with whatever it is read
        r"SchemaParseException: (Default value|redefined named type)",
        # a reader's union refers by name to a type that the writer declares in that place, or the other way round
        r"TypeError: (string indices must be|unhashable type)",
    ),
    "avro": (".*",),  # knows no aliases, compares full names, promotes no string, and no items: only its values count
}
"""Refusals that say nothing of a pair, per library as regular expressions."""


@dataclass(slots=True)
class Tally:
    """What a run has seen. shown: per rule the pairs that it calls unsafe and some body broke; unshown: none did."""

    pairs: int = 0
    bodies: int = 0
    safe: int = 0
    shown: Counter[str] = field(default_factory=Counter)
    unshown: Counter[str] = field(default_factory=Counter)
    failures: list[dict[str, str]] = field(default_factory=list)


class Ours:
    """Our decoder as an engine; logical types are left out like everywhere else here."""

    name = "avroad"

    def bind(self, writer: Any, reader: Any) -> Callable[[bytes], Any]:
        try:
            decoder = decoder_for(parse(writer, strict=False), parse(reader, strict=False), limits=OPEN)
        except IncompatibleSchema as error:
            raise Other(str(error)) from None

        def read(body: bytes) -> Any:
            try:
                return decoder.decode(body)
            except DecodeError as error:
                raise Other(str(error)) from None

        return read


class Readers:
    """All libraries on one pair."""

    def __init__(self, libraries: Sequence[Engine], writer: Any, reader: Any) -> None:
        self._bound: list[tuple[str, Callable[[bytes], Any] | Other]] = []
        for library in libraries:
            try:
                self._bound.append((library.name, library.bind(writer, reader)))
            except Other as error:
                self._bound.append((library.name, error))

    def broken(self, body: bytes) -> str:
        """Return what goes wrong with a body, "" when every library reads the same value."""
        value: Any = Kept("nothing to compare with")
        for name, read in self._bound:
            try:
                if isinstance(read, Other):
                    raise read
                theirs = read(body)
            except Other as error:
                if not any(re.match(known, str(error)) for known in NOT_COUNTED.get(name, ())):
                    return f"{name} refuses: {error}"
                continue
            if name == "java":
                value = theirs  # written again by Java, so that it names the branch of every union
            elif not isinstance(value, Kept) and not agree(theirs, value, ordered=False, excuses=_EXCUSES[name]):
                return f"{name} reads another value than Java"
        return ""


def _number(one: Any, two: Any) -> bool:
    """A promoted number in another type, or rounded to a float's 32 bits, has rules of its own."""
    if {type(one), type(two)} == {int, float}:
        small = abs(one) < 2**31
        return bool(one == two) or (small and _number(float(one), float(two)))
    return float32(one, two) or float32(two, one)


def _loosely(one: Any, two: Any) -> bool:
    return isinstance(one, int | float) and isinstance(two, int | float) and _number(float(one), float(two))


_EXCUSES: dict[str, list[Excuse]] = {
    "fastavro": [_number],
    "avroad": [_number],
    # it promotes no value, and takes the default of any branch for one of the first
    "avro": [_number, _loosely, lambda one, _: isinstance(one, bool), *excuses("avro")],
}


def run(seed: int, count: int, tally: Tally, progress: Progress) -> None:
    """Look at random pairs until `count` were seen or too much is wrong."""
    rng = random.Random(f"avroad safety {seed}")
    evolution, odd, bodies = Pairs(rng), CompatPairs(rng), Bodies(rng)
    libraries: list[Engine] = [*engines(["java"]), Fastavro(), ApacheAvro(), Ours()]
    while tally.pairs < count and len(tally.failures) < MAX_FAILURES:
        writer, reader = evolution.pair() if rng.random() < 0.5 else odd.pair()[::-1]
        one_pair(libraries, bare(writer), bare(reader), bodies, tally)
        progress.show(tally.pairs, len(tally.failures))


def unlike(pair: Watched, library: Engine) -> str:
    """Return what is not as a watched pair says of a library; "" when it is."""
    try:
        value = _plain(library.bind(pair.writer, pair.reader)(pair.body))
        outcome = "" if agree(pair.value, value, ordered=False, excuses=[_number]) else f"reads {value!r}"
    except Other as error:
        outcome = f"refuses: {error}"
    if bool(outcome) == (library.name in pair.broken):
        return ""
    return f"{pair.name}: {library.name} {outcome or 'reads it'}"


def _plain(value: Any) -> Any:
    """Return a value without the names of branches."""
    if isinstance(value, Picked):
        return _plain(value.value)
    if isinstance(value, tuple):
        return _plain(value[1])
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value


def one_pair(libraries: Sequence[Engine], writer: Any, reader: Any, bodies: Bodies, tally: Tally) -> None:
    """Compare what we say of a pair with what becomes of random bodies."""
    try:
        nodes: tuple[Schema, Schema] = parse(reader, strict=False), parse(writer, strict=False)
        kind, _ = read_schema(writer), read_schema(reader)
    except (SchemaSyntaxError, KeyError):  # a name before its declaration, which the slow oracle does not read
        return
    if to_json(nodes[0]) == to_json(nodes[1]):
        reader = writer  # fastavro compares spellings, which a parsed schema has not kept
    report = compare(*nodes)
    tally.pairs += 1
    if report.compatible is not True:
        return  # it is not safe, and nobody says it is
    tally.safe += report.safe
    readers = Readers(libraries, writer, reader)
    for _ in range(BODIES):
        try:
            body = bodies.body(kind)
        except RecursionError:
            return  # a type that has no end
        if len(body) > MAX_BYTES:
            continue
        tally.bodies += 1
        if what := readers.broken(body):
            if report.safe:
                tally.failures.append({"what": what, "writer": text(writer), "reader": text(reader), "hex": body.hex()})
            else:
                tally.shown.update({finding.rule for finding in report.findings if finding.unsafe})
            return
    tally.unshown.update({finding.rule for finding in report.findings if finding.unsafe})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and report; exit code 1 when a promise was broken."""
    parser = run_options("tests.oracle.safety", __doc__, count=20_000, what="random pairs")
    parser.add_argument(
        "--watched", action="store_true", help="only look whether Java reads the watched pairs as listed"
    )
    options = parser.parse_args(arguments)
    if options.watched:
        java = engines(["java"])[0]
        wrong = [said for pair in watched() if (said := unlike(pair, java))]
        sys.stdout.write("".join(f"{line}\n" for line in wrong))
        return 1 if wrong else 0
    tally, progress = Tally(), Progress(options.count, "pairs")
    run(options.seed, options.count, tally, progress)
    report = {
        "seed": options.seed, "seconds": progress.seconds, "pairs": tally.pairs, "bodies": tally.bodies,
        "safe": tally.safe, "shown": dict(sorted(tally.shown.items())), "unshown": dict(sorted(tally.unshown.items())),
        "failures": tally.failures,
    }  # fmt: skip
    if not options.json:
        report["shown"] = {f"{rule}, not shown by {tally.unshown[rule]}": n for rule, n in report["shown"].items()}
    write_report(report, as_json=options.json, counts="shown", title="unsafe, as some body showed")
    return 1 if tally.failures or tally.pairs < options.count else 0


if __name__ == "__main__":
    raise SystemExit(main())
