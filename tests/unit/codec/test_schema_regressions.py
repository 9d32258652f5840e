"""Schemas that other libraries take or die of: fastavro's `parse_schema` is no validator, avroad's parser is one.

Each is refused by the strict parser with a path; what registries already hold is read by the lenient one, or refused
by the same typed error.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from avroad.codec import decoder_for, encoder_for
from avroad.errors import AvroadError, SchemaSyntaxError
from avroad.schema import MAX_TEXT_BYTES, Json, parse
from tests.unit.codec.support import calls, logical, record

E = {"type": "enum", "name": "t.E", "symbols": ["A"]}


@pytest.mark.parametrize(
    "node",
    [
        pytest.param(record(("a", E), ("b", {**E, "symbols": ["B"]})), id="duplicate-type-name"),
        pytest.param(record(("a", "int"), ("a", "long")), id="duplicate-field-name"),
        pytest.param(record(name="1abc"), id="name-that-starts-with-a-digit"),
        pytest.param(record(name=""), id="empty-name"),
        pytest.param(record(name="a b"), id="name-with-a-space"),
        pytest.param(record(("a b", "int")), id="field-name-with-a-space"),
        pytest.param(record(name="int"), id="record-called-int"),
        pytest.param(["null", ["int", "string"]], id="nested-union"),
        pytest.param(["int", "string", "int"], id="duplicate-branch"),
        pytest.param([{"type": "array", "items": "int"}, {"type": "array", "items": "string"}], id="two-arrays"),
        pytest.param([], id="empty-union"),
        pytest.param({**E, "symbols": []}, id="empty-enum"),
        pytest.param({**E, "symbols": "AB"}, id="symbols-as-a-string"),
        pytest.param({**E, "symbols": ["A", "A"]}, id="duplicate-symbol"),
        pytest.param({**E, "default": "Z"}, id="enum-default-that-is-no-symbol"),
        pytest.param(record(("a", {"type": "array", "items": "int"}, ["x"])), id="array-default-of-wrong-items"),
        pytest.param(record(("a", {"type": "map", "values": "int"}, {"k": "x"})), id="map-default-of-wrong-values"),
        pytest.param(record(("a", "int", 1.5)), id="int-default-with-a-fraction"),
        pytest.param(record(("a", "int", 2**31)), id="int-default-beyond-32-bits"),
        pytest.param(record(("a", "bytes", "\u0100")), id="bytes-default-beyond-a-byte"),
        pytest.param({"type": "fixed", "name": "t.F", "size": True}, id="fixed-size-true"),
        pytest.param({"type": "fixed", "name": "t.F", "size": 1000.0}, id="fixed-size-1000.0"),
        pytest.param({"type": "fixed", "name": "t.F", "size": -1}, id="fixed-size-negative"),
        pytest.param({"type": "fixed", "name": "t.F"}, id="fixed-without-size"),
        pytest.param(logical("bytes", "decimal", precision=0), id="decimal-precision-0"),
        pytest.param(logical("bytes", "decimal", precision=4, scale=5), id="decimal-scale-beyond-precision"),
        pytest.param(logical("string", "decimal", precision=4), id="decimal-on-string"),
        pytest.param({"type": "array"}, id="array-without-items"),
        pytest.param({"type": "map"}, id="map-without-values"),
        pytest.param({"type": "record", "name": "t.R"}, id="record-without-fields"),
        pytest.param("strnig", id="unknown-type"),
        pytest.param({"type": "record", "fields": []}, id="record-without-name"),
        pytest.param(record({"name": "a", "type": "int", "order": []}), id="order-as-a-list"),
        pytest.param(record({"name": "a", "type": "int", "order": {"a": 1}}), id="order-as-an-object"),
        pytest.param(5, id="a-number"),
        pytest.param(None, id="null"),
        pytest.param(True, id="true"),
    ],
)
def test_a_schema_that_is_none_is_refused_with_a_path(node: Any) -> None:
    with pytest.raises(SchemaSyntaxError) as caught:
        parse(node)
    assert caught.value.problems or caught.value.path or caught.value.message
    with suppress(SchemaSyntaxError):  # leniently it may be readable; nothing else may happen
        _used(parse(node, strict=False))


def _used(schema: Any) -> None:
    """Compile both ways: whatever is wrong must end in our errors."""
    with suppress(AvroadError):
        decoder_for(schema)
    with suppress(AvroadError):
        encoder_for(schema)


def test_a_precision_of_a_thousand_million_is_refused_before_anything_is_counted() -> None:
    schema = parse(logical("bytes", "decimal", precision=10**9))

    def refused() -> None:
        for compile_ in (decoder_for, encoder_for):
            with pytest.raises(SchemaSyntaxError, match="precision of at most 38"):
                compile_(schema)

    assert calls(refused) < 1_000


@pytest.mark.parametrize("text", ["", "   ", "{", "not json", '{"type": "int"', "5", "true", "[", '"', "\x00", "nope"])
@pytest.mark.parametrize("strict", [True, False])
def test_text_that_is_no_schema_ends_in_one_error(text: str, strict: bool) -> None:
    """confluent-kafka ends in more than ten unrelated exception types."""
    with pytest.raises(SchemaSyntaxError):
        parse(text, strict=strict)


@pytest.mark.parametrize("strict", [True, False])
def test_json_3000_deep_is_refused(strict: bool) -> None:
    text = '{"type":"array","items":' * 3_000 + '"int"' + "}" * 3_000
    with pytest.raises(SchemaSyntaxError):
        parse(text, strict=strict)
    with pytest.raises(SchemaSyntaxError):
        parse("[" * 100_000, strict=strict)


def test_objects_50000_deep_are_refused_without_a_crash() -> None:
    node: Json = "int"
    for _ in range(50_000):
        node = {"type": "array", "items": node}
    with pytest.raises(SchemaSyntaxError, match="levels"):
        parse(node)
    while isinstance(node, dict):
        node = node["items"]


def test_a_text_of_more_than_256_kibibytes_is_refused_unread() -> None:
    text = '{"type": "string", "doc": "' + "x" * MAX_TEXT_BYTES + '"}'
    with pytest.raises(SchemaSyntaxError, match="bytes of schema"):
        parse(text)


@pytest.mark.parametrize(
    ("node", "says"),
    [
        pytest.param(record(*((f"f{i}", "int") for i in range(2_001))), "2000 fields", id="2001-fields"),
        pytest.param({**E, "symbols": [f"S{i}" for i in range(10_001)]}, "10000 symbols", id="10001-symbols"),
        pytest.param({"type": "fixed", "name": "t.F", "size": (1 << 20) + 1}, "1048576 bytes", id="fixed-over-1-MiB"),
        pytest.param(record(("next", ["null", "t.R"])), "no type inside itself", id="recursion"),
        pytest.param({"type": "array", "items": "null"}, "at least one byte", id="items-of-no-bytes"),
    ],
)
def test_a_schema_beyond_the_limits_is_never_compiled(node: Any, says: str) -> None:
    schema = parse(node)
    for compile_ in (decoder_for, encoder_for):
        with pytest.raises(SchemaSyntaxError, match=says):
            compile_(schema)
    with pytest.raises(SchemaSyntaxError, match=says):
        decoder_for(parse("int"), schema)
