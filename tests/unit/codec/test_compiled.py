"""What is shared, built once, and made of a schema: caching, threads, growth, hostile names."""

from __future__ import annotations

import gc
import sys
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest

from avroad.codec import Decoder, Encoder, compiled, decoder_for, encoder_for, resolve
from avroad.codec.cache import SingleFlight
from avroad.codec.decode import decoder_source
from avroad.codec.encode import encoder_source
from avroad.codec.plan import Branches, Chosen
from avroad.errors import DecodeError, IncompatibleSchema, SchemaSyntaxError
from avroad.schema import Limits, Schema, parse
from tests.unit.codec.support import EVENT, TYPES, calls, decode, encode, event, record


def test_codecs_are_shared_by_meaning_not_by_text() -> None:
    first = record(("a", "int"), name="t.Shared", doc="one")
    second = record(("a", {"type": "int"}), name="Shared", namespace="t", doc="two")
    assert encoder_for(parse(first)) is encoder_for(parse(second))
    assert decoder_for(parse(first)) is decoder_for(parse(second), parse(first))
    other = record(("a", "int", 1), name="t.Shared")
    assert decoder_for(parse(first), parse(other)) is not decoder_for(parse(first))
    assert encoder_for(parse(first)) is not encoder_for(parse(first), limits=Limits(depth=5))


def test_an_entry_is_built_once_however_many_ask() -> None:
    cache: SingleFlight[int] = SingleFlight(8)
    together, built = threading.Barrier(8, timeout=5), []

    def build() -> int:
        built.append(1)
        return 42

    def ask(_: int) -> int:
        together.wait()
        return cache.get("key", build)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [42] * 8
    assert built == [1]


def test_only_who_wants_the_same_entry_waits_for_its_build() -> None:
    cache: SingleFlight[str] = SingleFlight(8)
    cache.get("known", lambda: "known")
    began, go_on = threading.Event(), threading.Event()

    def slow() -> str:
        began.set()
        assert go_on.wait(timeout=5), "a look-up or the build of another entry waited for this one"
        return "slow"

    with ThreadPoolExecutor(2) as pool:
        builder = pool.submit(cache.get, "slow", slow)
        assert began.wait(timeout=5)
        waiter = pool.submit(cache.get, "slow", lambda: "built twice")
        assert cache.get("known", lambda: "built again") == "known"
        assert cache.get("other", lambda: "other") == "other"
        assert not builder.done()
        assert not waiter.done()
        go_on.set()
        assert builder.result(timeout=5) == waiter.result(timeout=5) == "slow"


def test_who_waited_for_a_build_that_failed_builds() -> None:
    cache: SingleFlight[int] = SingleFlight(8)
    began, go_on = threading.Event(), threading.Event()

    def fail() -> int:
        began.set()
        assert go_on.wait(timeout=5)
        raise KeyboardInterrupt

    with ThreadPoolExecutor(2) as pool:
        builder = pool.submit(cache.get, "key", fail)
        assert began.wait(timeout=5)
        waiter = pool.submit(cache.get, "key", lambda: 1)
        go_on.set()
        assert isinstance(builder.exception(timeout=5), KeyboardInterrupt)
        assert waiter.result(timeout=5) == 1


def test_a_plan_is_compiled_once_however_many_threads_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counting(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def make(*given: Any) -> Any:
            made.append(name)
            return real(*given)

        return make

    for name in ("encoder_source", "decoder_source"):
        monkeypatch.setattr(compiled, name, counting(name, getattr(compiled, name)))
    together = threading.Barrier(8, timeout=5)
    node = record(*[(f"f{i}", "string") for i in range(40)], name="t.Once")

    def ask(_: int) -> tuple[Encoder, Decoder]:
        schema = parse(node)
        together.wait()
        return encoder_for(schema), decoder_for(schema)

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(ask, range(8)))
    assert len({id(encoder) for encoder, _ in got}) == len({id(decoder) for _, decoder in got}) == 1
    assert sorted(made) == ["decoder_source", "encoder_source"]


def test_a_failed_build_is_tried_again() -> None:
    cache: SingleFlight[int] = SingleFlight(8)

    def fail() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.get("key", fail)
    assert cache.get("key", lambda: 1) == 1


def test_the_cache_is_bounded_and_keeps_what_is_used() -> None:
    cache: SingleFlight[int] = SingleFlight(2)
    for key in ("a", "b", "a", "c"):
        cache.get(key, lambda: 0)
    assert len(cache) == 2
    assert cache.get("a", lambda: 1) == 0
    assert cache.get("b", lambda: 1) == 1


def test_threads_share_one_codec() -> None:
    schema = parse(EVENT)
    sent = [event(id=f"id-{i}", class_=i) for i in range(200)]

    def work(_: int) -> bool:
        encoder, decoder = encoder_for(schema, types=TYPES), decoder_for(schema, types=TYPES)
        return [decoder.decode(encoder.encode(e)) for e in sent] == sent

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(8)))


HOSTILE = [
    "a'b",
    'a"b',
    "a\nb",
    "__import__('os')",
    "');raise SystemExit(",
    "a\\",
    "{x}",
    "%s",
    "\u2028",
    "class",
    "v",
    "e",
    "",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_of_a_schema_becomes_code(name: str) -> None:
    node: Any = {
        "type": "record",
        "name": "R",
        "fields": [
            {"name": name or "empty", "type": {"type": "enum", "name": f"E{name}", "symbols": [name or "S"]}},
            {"name": "u", "type": [record(name=f"A.{name}x"), record(name="B")]},
            {"name": "d", "type": "string", "default": name},
        ],
    }
    schema = parse(node, strict=False)
    encoder, decoder = encoder_for(schema), decoder_for(schema)
    datum: dict[str, Any] = {name or "empty": name or "S", "u": (f"A.{name}x", {}), "d": name}
    assert decoder.decode(encoder.encode(datum)) == datum
    names = set(decoder.decode.__code__.co_names) | set(encoder.encode.__code__.co_names)
    assert not names & {"os", "__import__", "SystemExit"}
    empty = parse({"type": "record", "name": "R", "fields": []})
    fields: Any = node["fields"]
    with_default = parse({"type": "record", "name": "R", "fields": [fields[2]]}, strict=False)
    assert decoder_for(empty, with_default).decode(b"") == {"d": name}


KINDS: dict[str, Any] = {
    "int": "int",
    "string": "string",
    "nullable": ["null", "int"],
    "instant": {"type": "long", "logicalType": "timestamp-micros"},
    "map": {"type": "map", "values": "long"},
    "array": {"type": "array", "items": "double"},
}


def _lines(kind: str, fields: int, *, defaults: bool = False) -> int:
    """Work done by the generators, counted in lines and constants of their code."""
    node = record(*[(f"f{i}", KINDS[kind]) for i in range(fields)], name="t.Wide")
    writer = schema = parse(node)
    if defaults:
        writer = parse(record(name="t.Wide"))
        schema = parse(record(*[(f"f{i}", "int", i) for i in range(fields)], name="t.Wide"))
    sources = [decoder_source(resolve(writer, schema).root, {})]
    if not defaults:
        sources.append(encoder_source(resolve(schema, schema).root, {}))
    return sum(source.text.count("\n") + len(source.space) for source in sources)


@pytest.mark.parametrize("kind", KINDS)
def test_code_grows_linearly_with_the_fields(kind: str) -> None:
    sizes = [_lines(kind, fields) for fields in (10, 20, 40, 80, 160, 320)]
    assert all(larger <= 2 * smaller for smaller, larger in pairwise(sizes))
    assert sizes[-1] > 16 * sizes[0] / 2, "the counting counts nothing"


def test_defaults_cost_no_line_each() -> None:
    assert _lines("int", 320, defaults=True) - _lines("int", 10, defaults=True) <= 310


def _moved(namespace: str, branches: int, of: str, *, alike: bool = False) -> Schema:
    """A union of records of one short name, which another namespace has too."""
    return parse(
        [
            record(*[(f"f{0 if alike else i}_{k}", of) for k in range(20)], name=f"{namespace}{i}.R")
            for i in range(branches)
        ]
    )


def test_branches_of_one_short_name_are_chosen_by_what_fits_with_little_work() -> None:
    """Two unions of 200 branches took nine seconds: 40,000 pairs were resolved to their ends."""
    few, many = ((_moved("a", n, "int"), _moved("b", n, "int")) for n in (25, 50))
    plan = resolve(*many)
    assert plan.conflicts == ()
    assert isinstance(plan.root, Branches)
    assert [branch.branch for branch in plan.root.branches if isinstance(branch, Chosen)] == list(range(50))
    assert calls(lambda: resolve(*many)) < 4.2 * calls(lambda: resolve(*few)), "1,225 trials end at once"
    assert calls(lambda: resolve(*many)) < 300_000
    alike = _moved("a", 200, "int", alike=True), _moved("b", 200, "int", alike=True)
    assert calls(lambda: resolve(*alike)) < 1_500_000


@pytest.mark.parametrize("alike", [True, False])
def test_branches_that_take_long_to_tell_apart_are_unreadable(alike: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[resolve.__module__], "_MAX_LOOKS", 20_000)
    writer, reader = _moved("a", 60, "int", alike=alike), _moved("b", 60, "string", alike=alike)

    assert calls(lambda: resolve(writer, reader)) < 300_000
    left = resolve(writer, reader).conflicts[-1]
    assert (left.found, left.partial) == ("more than 20000 types to compare", True)
    with pytest.raises(DecodeError, match="differ soon"):
        decoder_for(writer, reader).decode(b"\x76" + b"\2" * 20)
    assert resolve(writer, _moved("a", 60, "long", alike=alike)).conflicts == (), "full names need no comparison"


def test_a_branch_tried_in_vain_leaves_nothing_behind() -> None:
    """Types inside a branch that does not fit are resolved anew for the one that does, also inside themselves."""

    def node(namespace: str, last: str) -> Any:
        inner = record(("u", ["null", f"{namespace}.R"]), ("x", "int"), name=f"{namespace}.In")
        return record(("in", inner), ("last", last), name=f"{namespace}.R")

    writer, reader = parse(node("a", "int")), parse([node("b", "string"), node("c", "int")])
    plan = resolve(writer, reader)
    assert plan.conflicts == ()
    assert isinstance(plan.root, Chosen)
    assert plan.root.branch == 1
    none = resolve(writer, parse([node("b", "string"), node("c", "boolean")]))
    assert isinstance(none.root, Chosen)
    assert none.root.branch == 0
    assert [conflict.path for conflict in none.conflicts] == ["$.in.u.last", "$.last"]


def test_the_cost_of_a_call_does_not_depend_on_how_many_versions_are_bound() -> None:
    reader = parse(record(("a", "int"), ("b", "string", "x"), name="t.V"))
    body = encode(record(("a", "int"), name="t.V"), {"a": 1})

    def bound(version: int) -> Decoder:
        gone = [(f"gone{i}", ["null", "int"], None) for i in range(version % 3)]
        return decoder_for(parse(record(("a", "int"), *gone, name="t.V", aliases=[f"t.V{version}"])), reader)

    first = bound(0)
    alone = calls(lambda: first.decode(body))
    lookup = calls(lambda: bound(0))
    for version in range(300):
        bound(version)
    assert bound(0) is first
    assert calls(lambda: first.decode(body)) == alone
    assert calls(lambda: bound(0)) == lookup


def test_unique_strings_leave_nothing_behind() -> None:
    """There is no memo of strings; a bounded one would show here as growth up to its bound."""
    schema = parse(record(("id", "string"), ("road", "string"), ("m", {"type": "map", "values": "string"})))
    encoder, decoder = encoder_for(schema), decoder_for(schema)

    def one(i: int) -> None:
        datum = {"id": f"id-{i}", "road": f"road-{i}", "m": {f"k{i}": f"v{i}"}}
        assert decoder.decode(encoder.encode(datum)) == datum

    for i in range(2_000):
        one(i)
    tracemalloc.start()
    try:
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for i in range(2_000, 12_000):
            one(i)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - before < 50_000, "5 bytes an event"
    finally:
        tracemalloc.stop()


def test_a_thousand_fields_compile_and_work() -> None:
    node = record(*[(f"f{i}", "int") for i in range(1_000)], name="t.Thousand")
    datum = {f"f{i}": i for i in range(1_000)}
    assert decode(node, encode(node, datum)) == datum


def test_shared_types_do_not_multiply_the_code() -> None:
    """Each type has two fields of the one before: 2**16 nodes when written out, 16 functions as code."""
    node: Any = record(*[(f"x{i}", "int") for i in range(8)], name="t.D0")
    for i in range(1, 14):
        node = record(("a", node), ("b", f"t.D{i - 1}"), name=f"t.D{i}")
    with pytest.raises(SchemaSyntaxError, match="nodes when written out"):
        decoder_for(parse(node), limits=Limits(nodes=50_000))
    schema = parse(node)
    source = decoder_source(resolve(schema, schema).root, {})
    assert source.text.count("\ndef ") < 20
    assert len(source.text) < 60_000


def test_a_doubling_schema_is_refused_quickly_by_default_limits() -> None:
    node: Any = record(name="t.D0")
    for i in range(1, 25):
        node = record(("a", node), ("b", f"t.D{i - 1}"), name=f"t.D{i}")

    def refused() -> None:
        with pytest.raises(SchemaSyntaxError, match="nodes when written out"):
            decoder_for(parse(node))

    assert calls(refused) < 20_000


@pytest.mark.parametrize(
    "node",
    [
        {"type": "fixed", "name": "t.F", "size": 2_000_000},
        {"type": "enum", "name": "t.E", "symbols": [f"S{i}" for i in range(10_001)]},
        record(*[(f"f{i}", "int") for i in range(2_001)]),
        {"type": "bytes", "logicalType": "decimal", "precision": 39, "scale": 0},
    ],
)
def test_what_a_schema_may_cost_is_limited_before_code_is_made(node: Any) -> None:
    for build in (encoder_for, decoder_for):
        with pytest.raises(SchemaSyntaxError, match="at most"):
            build(parse(node))


def test_unreadable_data_is_refused_before_any_byte_unless_only_some_is() -> None:
    writer, reader = parse(record(("a", ["int", "string"]))), parse(record(("a", "int")))
    assert decoder_for(writer, reader).decode(b"\0\2") == {"a": 1}
    assert [c.partial for c in decoder_for(writer, reader).plan.conflicts] == [True]
    with pytest.raises(IncompatibleSchema):
        decoder_for(parse(record(("a", "string"))), reader)
