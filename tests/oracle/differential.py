"""Random evolution against other libraries: verdict and value of each case, differences by the list.

A case is a writer, a reader and a body. Our decoder must do exactly what the slow oracle does; another library may
differ from the oracle only as `tests/oracle/divergences.py` says. `python -m tests.oracle.differential --help`.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from avroad.codec import Decoder, decoder_for, encoder_for
from avroad.contracts.compat import compare as verdict
from avroad.contracts.compat.rules import RULES
from avroad.errors import DecodeError, EncodeError, IncompatibleSchema, SchemaSyntaxError
from avroad.schema import Limits, parse
from tests.fuzz.mutate import mutant
from tests.oracle.bodies import Bodies
from tests.oracle.compare import agree
from tests.oracle.divergences import ALL, Divergence, accepted, excuses, float32, misread, refused
from tests.oracle.engines import Engine, Other, bare, engines, text
from tests.oracle.pairs import Pairs
from tests.oracle.runs import MAX_FAILURES, Progress, run_options, write_report
from tests.oracle.spec import MAX_ITEMS, Spec
from tests.oracle.spec_resolution import Refused

OPEN = Limits(recursion=True, empty_items=True)
BODIES = 10
"""Bodies of one pair of schemas."""
DAMAGED = 0.3
MAX_BYTES = 4_000


@dataclass(slots=True)
class Tally:
    """What a run has seen. known: listed differences that occurred."""

    cases: int = 0
    pairs: int = 0
    accepted: int = 0
    schemas_refused: int = 0
    known: Counter[str] = field(default_factory=Counter)
    failures: list[dict[str, str]] = field(default_factory=list)

    def fail(self, what: str, writer: Any, reader: Any, body: bytes) -> None:
        self.failures.append({"what": what, "writer": text(writer), "reader": text(reader), "hex": body.hex()})


class Ours:
    """Our decoder of one pair, and what the oracle says of it. counted: the writer has an array or a map."""

    def __init__(self, writer: Any, reader: Any) -> None:
        self.writer, self.reader = writer, reader
        self.rule = ""
        self._spec: Spec | None = None
        self._decoder: Decoder | None = None
        parsed = parse(writer, strict=False), parse(reader, strict=False)
        with suppress(IncompatibleSchema):
            self._decoder = decoder_for(*parsed, limits=OPEN)
        try:
            self._spec = Spec(writer, reader)
        except Refused as refused_:
            self.rule = refused_.rule
        self._raw = Spec(writer, reader, logical=False)
        self.counted = any(word in text(writer) for word in ('"array"', '"map"'))
        self._encode = encoder_for(parsed[1], limits=OPEN).encode

    @property
    def type(self) -> Any:
        return self._raw.writer

    def check(self, body: bytes, tally: Tally) -> bool:
        """Compare our verdict and value with the oracle's; return our verdict."""
        value, good = None, self._decoder is not None
        if self._decoder is not None:
            try:
                value = self._decoder.decode(body)
            except DecodeError:
                good = False
        expected, rule = None, self.rule
        if self._spec is not None:
            try:
                reading = self._spec.read(body)
                expected, rule = reading.value, "" if good or reading.charge <= MAX_ITEMS else "weight"
            except Refused as refused_:
                rule = refused_.rule
        if good != (not rule):
            verdict = "accepts" if good else "refuses"
            tally.fail(f"ours {verdict}, the oracle's rule: {rule or 'none'}", *self._case(body))
        elif good and not agree(value, expected):
            tally.fail("ours reads another value than the oracle", *self._case(body))
        elif good:
            self._again(value, body, tally)
        return good

    def _again(self, value: Any, body: bytes, tally: Tally) -> None:
        """What was read can be written with the reader's schema, and says the same there."""
        try:
            back = Spec(self.reader).read(self._encode(value)).value
        except (EncodeError, Refused) as error:
            tally.fail(f"ours cannot write what it read: {error}", *self._case(body))
            return
        if not agree(value, back, excuses=[lambda read, written: float32(written, read)]):
            tally.fail("ours writes another value than it read", *self._case(body))

    def raw(self, body: bytes) -> tuple[Any, str]:
        """Return (the oracle's value without logical types, "") or (None, the broken rule)."""
        try:
            return self._raw.read(body).value, ""
        except Refused as refused_:
            return None, refused_.rule

    def _case(self, body: bytes) -> tuple[Any, Any, bytes]:
        return self.writer, self.reader, body


def refusing(error: Other) -> Callable[[bytes], Any]:
    """Return what reads nothing: of a library that does not take the schemas."""

    def read(_body: bytes) -> Any:
        raise error

    return read


def compare(library: str, read: Any, value: Any, rule: str, body: bytes, *, told: Container[str]) -> str:
    """Return "" where the library does as the oracle, "known: ..." for a listed difference, else what is wrong.

    told: the rules by which our compatibility engine warns of the pair.
    """
    try:
        theirs = read(body)
    except Other as other:
        if rule:
            return ""
        known = refused(library, str(other), told)
        return f"known: refuses, {known.rule}" if known else f"refuses what the oracle reads: {other}"
    if rule:
        known = accepted(library, rule)
        return f"known: accepts, {known.rule}" if known else f"accepts what breaks {rule}"
    if agree(theirs, value, ordered=False):
        return ""
    if agree(theirs, value, ordered=False, excuses=excuses(library)) or misread(library, told):
        return "known: value"
    return "reads another value than the oracle"


def shown(engine: Engine, entry: Divergence) -> str:
    """Return what the comparison says of the example of a listed difference."""
    writer, reader, body = entry.example[0], entry.example[1], bytes.fromhex(entry.example[2])
    value: Any = None
    try:
        value, rule = Spec(writer, reader, logical=False).read(body).value, ""
    except Refused as refused_:
        rule = refused_.rule
    try:
        read = engine.bind(writer, reader)
    except Other as error:
        read = refusing(error)
    return compare(engine.name, read, value, rule, body, told=told_of(writer, reader))


def told_of(writer: Any, reader: Any) -> Container[str]:
    """Return the rules that make a pair unsafe for our engine; all of them where Java's checker is not content."""
    report = verdict(parse(reader, strict=False), parse(writer, strict=False))
    return {finding.rule for finding in report.findings if finding.unsafe} if report.compatible else RULES


def expected(entry: Divergence) -> str:
    """Return what it should say."""
    return "known: value" if entry.kind == "value" else f"known: {entry.kind}, {entry.rule}"


def examples(names: Sequence[str]) -> list[str]:
    """Return which listed differences of these libraries do not hold any more."""
    wrong = []
    for engine in engines(list(names)):
        for entry in (entry for entry in ALL if entry.library == engine.name):
            said = shown(engine, entry)
            if said != expected(entry):
                wrong.append(f"{expected(entry)} of {engine.name}: the example says {said or 'no difference'}")
    return wrong


def run(seed: int, count: int, names: Sequence[str]) -> Iterator[Tally]:
    """Run `count` cases; yields the tally after each pair of schemas."""
    rng = random.Random(f"avroad oracle {seed}")
    pairs, bodies, others = Pairs(rng), Bodies(rng), engines(list(names))
    tally = Tally()
    while tally.cases < count and len(tally.failures) < MAX_FAILURES:
        writer, reader = pairs.pair()
        try:
            ours = Ours(writer, reader)
        except SchemaSyntaxError:
            tally.schemas_refused += 1
            continue
        tally.pairs += 1
        _one_pair(ours, bodies, others, rng, tally)
        yield tally


def _one_pair(ours: Ours, bodies: Bodies, others: list[Engine], rng: random.Random, tally: Tally) -> None:
    bound, told = [], told_of(bare(ours.writer), bare(ours.reader))
    for other in others:
        try:
            bound.append((other.name, other.bind(ours.writer, ours.reader)))
        except Other as error:
            bound.append((other.name, refusing(error)))
    for _ in range(BODIES):
        body = bodies.body(ours.type)
        if rng.random() < DAMAGED:
            body = mutant(body, bodies.body(ours.type), rng)
        if len(body) > MAX_BYTES:
            continue
        tally.cases += 1
        good = ours.check(body, tally)
        tally.accepted += good
        value, rule = ours.raw(body)
        for name, read in bound:
            if name != "java" and rule and ours.counted:
                continue  # fastavro and avro bound nothing: a damaged count may cost them hours
            outcome = compare(name, read, value, rule, body, told=told)
            if outcome.startswith("known"):
                tally.known[f"{name} {outcome}"] += 1
            elif outcome:
                tally.fail(f"{name} {outcome}", ours.writer, ours.reader, body)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and report; exit code 1 when anything differs that is not listed."""
    what = "cases: writer, reader and body"
    parser = run_options("tests.oracle.differential", __doc__, count=100_000, what=what)
    parser.add_argument("--engines", default="java,fastavro,avro", help="which libraries, separated by commas")
    parser.add_argument("--examples", action="store_true", help="only check that the listed differences still hold")
    options = parser.parse_args(arguments)
    if options.examples:
        wrong = examples(options.engines.split(","))
        sys.stdout.write("".join(f"{line}\n" for line in wrong))
        return 1 if wrong else 0
    tally, progress = Tally(), Progress(options.count, "cases")
    for tally in run(options.seed, options.count, options.engines.split(",")):
        progress.show(tally.cases, len(tally.failures))
    report = {
        "seed": options.seed, "seconds": progress.seconds, "cases": tally.cases,
        "pairs": tally.pairs, "accepted": tally.accepted, "refused": tally.cases - tally.accepted,
        "schemas_refused": tally.schemas_refused, "known": dict(sorted(tally.known.items())),
        "failures": tally.failures,
    }  # fmt: skip
    write_report(report, as_json=options.json, counts="known", title="known differences")
    return 1 if tally.failures or tally.cases < options.count else 0


if __name__ == "__main__":
    raise SystemExit(main())
