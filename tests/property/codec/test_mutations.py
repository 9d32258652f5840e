"""F3, F5 and F6 on damaged bytes: a value or a DecodeError, the same verdict for every projection."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avroad.codec import Decoder, Encoder, decoder_for, encoder_for
from avroad.errors import DecodeError
from avroad.schema import Limits, parse
from tests.property.codec.strategies import Options, data

LIMITS = Limits(empty_items=True)
SEED = 20_260_501
RICH: Any = {
    "type": "record",
    "name": "t.Rich",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "kind", "type": {"type": "enum", "name": "t.Kind", "symbols": ["A", "B", "C"], "default": "A"}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "seen", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "lat", "type": "double"},
        {"name": "ok", "type": "boolean"},
        {"name": "speed", "type": ["null", "int"]},
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "counts", "type": {"type": "map", "values": "long"}},
        {"name": "cost", "type": {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}},
        {"name": "key", "type": {"type": "fixed", "name": "t.Key", "size": 4}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "ref", "type": {"type": "string", "logicalType": "uuid"}},
        {
            "name": "place",
            "type": [
                "null",
                {"type": "record", "name": "t.P", "fields": [{"name": "road", "type": "string"}]},
                {"type": "record", "name": "t.Q", "fields": [{"name": "x", "type": "float"}]},
            ],
        },
    ],
}
EMPTY: Any = {"type": "record", "name": "t.Rich", "fields": []}


def mutated(body: bytes, rng: random.Random) -> bytes:
    """Truncate, flip a bit, set a byte, insert, delete or append."""
    out = bytearray(body)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randrange(len(out) + 1)
        choice = rng.randrange(6)
        if choice == 0:
            del out[at:]
        elif choice == 1 and at < len(out):
            out[at] ^= 1 << rng.randrange(8)
        elif choice == 2 and at < len(out):
            out[at] = rng.choice((0, 1, 2, 3, 0x7F, 0x80, 0x81, 0xFE, 0xFF))
        elif choice == 3:
            out[at:at] = rng.randbytes(rng.randrange(1, 4))
        elif choice == 4:
            del out[at : at + 1]
        else:
            out += rng.randbytes(rng.randrange(1, 3))
    return bytes(out)


def verdict(decoder: Decoder, body: bytes) -> tuple[bool, Any]:
    try:
        return True, decoder.decode(body)
    except DecodeError as caught:
        error = caught
    assert 0 <= error.offset <= len(body)
    assert error.path.startswith("$")
    assert not error.reason.startswith("refused"), "both readings must agree"
    return False, None


@pytest.fixture(scope="module")
def rich() -> tuple[Encoder, Decoder, Decoder, bytes]:
    schema = parse(RICH)
    datum = {
        "id": "evt-é-1", "kind": "B", "at": datetime(2026, 5, 1, 12, 30, 1, 17, UTC),
        "seen": datetime(2026, 5, 1, 12, 30, 1, 17_000, UTC), "lat": 51.5, "ok": True, "speed": 300,
        "tags": ["a", "bc"], "counts": {"x": 1, "y": -2**40}, "cost": Decimal("-12.34"), "key": b"\0\1\2\3",
        "day": date(2026, 5, 1), "ref": UUID(int=5), "place": ("t.Q", {"x": 0.5}),
    }  # fmt: skip
    encoder = encoder_for(schema)
    return encoder, decoder_for(schema), decoder_for(schema, parse(EMPTY)), encoder.encode(datum)


def test_damaged_bytes_give_a_value_or_the_one_error(rich: tuple[Encoder, Decoder, Decoder, bytes]) -> None:
    encoder, decoder, projection, body = rich
    rng = random.Random(SEED)
    accepted = 0
    for _ in range(6_000):
        damaged = mutated(body, rng)
        good, value = verdict(decoder, damaged)
        skipped, _ = verdict(projection, damaged)
        assert good == skipped, "a skipped field is checked like one that is read"
        if good:
            accepted += 1
            again = encoder.encode(value)
            assert again == damaged or verdict(decoder, again) == (True, value)
    assert accepted > 100, "the mutator never produced a valid payload: it proves too little"


@given(data(Options()), st.integers(0, 2**32))
def test_any_schema_survives_damage(pair: tuple[Any, Any], seed: int) -> None:
    node, datum = pair
    schema = parse(node)
    body = encoder_for(schema, limits=LIMITS).encode(datum)
    decoder = decoder_for(schema, limits=LIMITS)
    projection = decoder_for(schema, parse({"type": "record", "name": node["name"], "fields": []}), limits=LIMITS)
    rng = random.Random(seed)
    for _ in range(8):
        damaged = mutated(body, rng)
        assert verdict(decoder, damaged)[0] == verdict(projection, damaged)[0]


@given(data(Options()), st.randoms(use_true_random=False))
def test_a_projection_reads_what_the_full_reader_reads(pair: tuple[Any, Any], rng: random.Random) -> None:
    """F6: any fields, in any order, on valid and on damaged bytes; each drawn type is declared where it is used."""
    node, datum = pair
    schema = parse(node)
    fields = rng.sample(node["fields"], rng.randrange(len(node["fields"]) + 1))
    reader = {"type": "record", "name": node["name"], "fields": fields}
    full = decoder_for(schema, limits=LIMITS)
    projected = decoder_for(schema, parse(reader), limits=LIMITS)
    body = encoder_for(schema, limits=LIMITS).encode(datum)
    for bytes_ in (body, *(mutated(body, rng) for _ in range(4))):
        good, value = verdict(full, bytes_)
        same, part = verdict(projected, bytes_)
        assert good == same
        if good:
            assert list(part) == [field["name"] for field in fields]
            assert repr(part) == repr({name: value[name] for name in part})


@given(st.binary(max_size=40))
def test_random_bytes_are_a_value_of_that_length_or_one_error(body: bytes) -> None:
    schema = parse(RICH)
    accepted, datum = verdict(decoder_for(schema), body)
    if accepted:
        assert len(encoder_for(schema).encode(datum)) <= len(body)
