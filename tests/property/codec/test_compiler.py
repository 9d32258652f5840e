"""F8: whatever stands for a schema compiles or ends in our typed error, in bounded time, and runs no word of it."""

from __future__ import annotations

import builtins
import copy
import json
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avroad.codec import decoder_for, encoder_for
from avroad.errors import AvroadError, DecodeError, EncodeError
from avroad.schema import Limits, Schema, canonical_form, fingerprint, parse, to_json
from tests.fuzz.seeds import SEEDS
from tests.unit.codec.support import calls

OPEN = Limits(recursion=True, empty_items=True)
MAX_CALLS = 300_000
"""What 0.1 s, the bound of one schema, has room for; counted, since shared machines stall."""
PRIMITIVES = {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}
WORDS = st.sampled_from(
    ["type", "name", "fields", "items", "values", "symbols", "size", "default", "aliases", "namespace", "logicalType",
     "precision", "scale", "doc", "order", "record", "enum", "fixed", "array", "map", "int", "long", "null", "string",
     "bytes", "decimal", "uuid", "date", "t.R", "R", "a.b", ""]
)  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers(-3, 2**40) | st.floats(allow_nan=False) | WORDS | st.text(max_size=5)
ANY_JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5), max_leaves=25
)
HOSTILE = st.one_of(
    st.sampled_from(
        ["'", '"', "\\", "\n", "'''", '"""', "#", "{}", "{x}", "%s", "\0", "\ud800", "__import__('os')", "');x=(",
         "True", "None", "class", "v", "b", "i", "e", "n", "x", "explain", "Refused", "encode", "decode", "self"]
    ),
    st.text(st.characters(), min_size=1, max_size=8),
)  # fmt: skip


def use(node: Any, *, strict: bool) -> Schema | None:
    """Parse and compile; everything that may go wrong must be an error of ours, in time. Return what was taken.

    A schema that is taken means the same written down and read again, and both directions compile or neither does.
    """
    taken: list[Schema] = []
    assert calls(lambda: taken.extend(_used(node, strict=strict))) < MAX_CALLS
    return taken[0] if taken else None


def _used(node: Any, *, strict: bool) -> list[Schema]:
    schema: Schema | None = None
    with suppress(AvroadError):
        schema = parse(node, strict=strict)
    if schema is not None:
        again = parse(to_json(schema), strict=False)
        assert fingerprint(again) == fingerprint(schema)
        canonical = canonical_form(schema)
        assert canonical_form(parse(canonical, strict=False)) == canonical
        assert compiles(encoder_for, schema) == compiles(decoder_for, schema)
    return [] if schema is None else [schema]


def compiles(make: Callable[[Schema], object], schema: Schema) -> bool:
    try:
        make(schema)
    except AvroadError:
        return False
    return True


def same(first: Schema | None, second: Schema | None) -> bool:
    return (first and fingerprint(first)) == (second and fingerprint(second))


@given(ANY_JSON, st.booleans())
def test_random_json_compiles_or_is_refused(node: Any, strict: bool) -> None:
    taken = use(json.dumps(node), strict=strict)
    if node is not None and not isinstance(node, str):  # as a text, these are bare names
        assert same(use(node, strict=strict), taken), "text and value are one schema, or none"
    if strict and taken is not None:
        assert same(use(json.dumps(node), strict=False), taken), "what the strict take, the lenient take alike"


@given(st.text(max_size=40), st.booleans())
def test_random_text_compiles_or_is_refused(text: str, strict: bool) -> None:
    taken = use(text, strict=strict)
    try:
        json.loads(text)
    except ValueError:
        assert taken is None or text.strip() in PRIMITIVES, "what is not JSON is no schema, but for bare names"


def places(node: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) inside a JSON value."""
    found: list[tuple[Any, Any]] = []
    keys = node.keys() if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        found.append((node, key))
        found.extend(places(node[key]))
    return found


@given(st.integers(0, len(SEEDS) - 1), st.integers(0, 2**32), ANY_JSON, st.booleans())
def test_mutated_real_schemas_compile_or_are_refused(which: int, seed: int, other: Any, strict: bool) -> None:
    rng = random.Random(seed)
    holder: Any = [copy.deepcopy(SEEDS[which].writer)]
    for _ in range(rng.randrange(1, 4)):
        container, key = rng.choice(places(holder))
        choice = rng.randrange(4)
        if choice == 0:
            container[key] = copy.deepcopy(other)
        elif choice == 1 and isinstance(container, dict):
            del container[key]
        elif choice == 2:
            from_container, from_key = rng.choice(places(holder))
            container[key] = copy.deepcopy(from_container[from_key])
        elif isinstance(container, list):
            container.append(copy.deepcopy(container[key]))
        if not holder:
            return
    taken = use(holder[0], strict=strict)
    if strict and taken is not None:
        assert same(use(holder[0], strict=False), taken)
    writer = parse(SEEDS[which].writer)
    with suppress(AvroadError):
        mutated = parse(holder[0], strict=False)
        decoder = decoder_for(writer, mutated, limits=OPEN)
        assert not [conflict for conflict in decoder.plan.conflicts if not conflict.partial]
        if fingerprint(mutated) == fingerprint(writer):
            assert decoder.plan.conflicts == ()


@given(st.lists(HOSTILE, min_size=3, max_size=3, unique=True), HOSTILE)
def test_hostile_names_are_only_ever_names(names: list[str], record_name: str) -> None:
    first, second, symbol = names
    node: Any = {
        "type": "record", "name": record_name, "fields": [
            {"name": first, "type": {"type": "enum", "name": "t.E", "symbols": [symbol, "Z__"], "default": "Z__"}},
            {"name": second, "type": {"type": "map", "values": "int"}, "aliases": [symbol]},
            {"name": first + second, "type": ["null", "int", {"type": "record", "name": "t." + symbol, "fields": []}]},
        ],
    }  # fmt: skip
    try:
        schema = parse(node, strict=False)
    except AvroadError:
        return
    with suppress(EncodeError):
        datum = {first: symbol, second: {symbol: 1}, first + second: 5}
        body = encoder_for(schema).encode(datum)
        assert decoder_for(schema).decode(body) == datum
        with pytest.raises(DecodeError):
            decoder_for(schema).decode(body + b"\0")


@settings(max_examples=20)
@given(HOSTILE)
def test_compiling_calls_neither_eval_nor_input(name: str) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("a schema ran code")

    with pytest.MonkeyPatch.context() as patch:
        for function in ("eval", "input", "open", "breakpoint"):
            patch.setattr(builtins, function, never)
        schema = use({"type": "record", "name": name, "fields": [{"name": name, "type": "int"}]}, strict=False)
        if schema is not None:
            assert decoder_for(schema).decode(b"\2") == {name: 1}
