"""F9: a default reads as its binary form would, and nothing that can change is shared between two data."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, reject
from hypothesis import strategies as st

from avroad.codec import decoder_for, encoder_for
from avroad.errors import IncompatibleSchema
from avroad.schema import Limits, parse
from tests.oracle.compare import agree
from tests.oracle.pairs import Draft, Pairs, defaulted
from tests.oracle.spec import Spec

OPEN = Limits(recursion=True, empty_items=True)
EMPTY: Any = {"type": "record", "name": "t.Root", "fields": []}


def changeable(value: Any) -> set[int]:
    """Return the identities of all lists and dicts inside a value."""
    if isinstance(value, dict):
        return {id(value)}.union(*(changeable(item) for item in value.values()))
    if isinstance(value, list | tuple):
        own = {id(value)} if isinstance(value, list) else set()
        return own.union(*(changeable(item) for item in value))
    return set()


@given(st.integers(0, 2**48))
def test_a_default_reads_as_its_binary_form(seed: int) -> None:
    pairs = Pairs(random.Random(seed))
    draft = Draft({}, None)
    node = pairs.node(draft, 3, ())
    try:
        default = defaulted(pairs, draft, node)
    except RecursionError:
        reject()
    draft.types["t.Root"] = {**EMPTY, "fields": [{"name": "f", "type": node, "default": default}]}
    draft.root = {"ref": "t.Root"}
    reader = draft.render()
    schema = parse(reader, strict=False)
    try:
        decoder = decoder_for(parse(EMPTY), schema, limits=OPEN)
    except IncompatibleSchema:
        reject()
    value = decoder.decode(b"")
    assert agree(value, Spec(EMPTY, reader).read(b"").value)
    body = encoder_for(schema, limits=OPEN).encode(value)
    assert decoder_for(schema, limits=OPEN).decode(body) == value
    again = decoder.decode(b"")
    assert again == value
    assert not changeable(again) & changeable(value)
