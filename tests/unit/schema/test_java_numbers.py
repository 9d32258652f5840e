"""Text in the defaults of foreign schemas: what Apache Avro Java 1.12.2 made of each."""

from __future__ import annotations

from math import isnan

import pytest

from avroad.codec import decoder_for
from avroad.contracts.compat import compare
from avroad.errors import SchemaSyntaxError
from avroad.schema import Json, NotFinite, Record, fingerprint, parse, to_json

EMPTY: Json = {"type": "record", "name": "R", "fields": []}


def record(kind: Json, default: Json) -> Json:
    return {"type": "record", "name": "R", "fields": [{"name": "f", "type": kind, "default": default}]}


def default_of(kind: Json, default: Json) -> object:
    schema = parse(record(kind, default), strict=False)
    assert isinstance(schema, Record)
    return schema.fields[0].default


@pytest.mark.parametrize("kind", ["float", "double", {"type": "double"}, {"type": "double", "logicalType": "x"}])
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.5", 1.5), (" 1.5 ", 1.5), ("1e3", 1000.0), ("0x1p3", 8.0), ("0x.8p1D", 1.0), ("1.5f", 1.5), ("1d", 1.0),
        (".5", 0.5), ("5.", 5.0), ("+1", 1.0), ("-0", -0.0),
    ],
)  # fmt: skip
def test_text_that_is_a_number_is_read_as_one(kind: Json, text: str, number: float) -> None:
    found = default_of(kind, text)
    assert (type(found), found) == (float, number)


@pytest.mark.parametrize("kind", ["float", "double"])
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("NaN", "NaN"), ("-NaN", "NaN"), ("Infinity", "Infinity"), ("+Infinity", "Infinity"),
        ("-Infinity", "-Infinity"), ("1e999", "Infinity"), ("-0x1p9999", "-Infinity"),
    ],
)  # fmt: skip
def test_numbers_that_json_does_not_have_are_kept_as_words(kind: Json, text: Json, word: str) -> None:
    found = default_of(kind, text)
    assert isinstance(found, NotFinite)
    assert found.text == word
    schema = parse(record(kind, text), strict=False)
    again = parse(to_json(schema), strict=False)
    assert to_json(again) == record(kind, word)
    assert fingerprint(again) == fingerprint(schema)
    report = compare(again, schema)
    assert (report.findings, report.safe) == ((), True)


def test_a_float_takes_what_is_too_large_for_it_as_infinity() -> None:
    assert isinstance(default_of("float", "1e300"), NotFinite)
    assert default_of("double", "1e300") == 1e300


@pytest.mark.parametrize(
    "text", ["nan", "inf", "INF", "", "abc", "1_000", "\u0661", "1L", "0x10", "1e", "1.5ff", "--1"]
)
def test_other_text_is_refused_as_java_refuses_it(text: str) -> None:
    with pytest.raises(SchemaSyntaxError, match="text that is no number"):
        parse(record("double", text), strict=False)


@pytest.mark.parametrize(
    "kind", [["double", "null"], "int", {"type": "array", "items": "double"}, {"type": "map", "values": "double"}]
)
def test_text_elsewhere_stays_a_default_of_no_use(kind: Json) -> None:
    report = compare(parse(record(kind, "NaN"), strict=False), parse(EMPTY))
    assert default_of(kind, "NaN") == "NaN"
    assert not report.safe


@pytest.mark.parametrize("text", ["NaN", "1.5"])
def test_our_own_schemas_have_no_such_text(text: str) -> None:
    with pytest.raises(SchemaSyntaxError, match="expected a default of type double"):
        parse(record("double", text))


def test_a_reader_gets_the_number_and_is_told_that_others_refuse_the_schema() -> None:
    reader, writer = parse(record("double", "NaN"), strict=False), parse(EMPTY)
    assert isnan(decoder_for(writer, reader).decode(b"")["f"])
    report = compare(reader, writer)
    assert (report.compatible, report.safe, report.same_meaning) == (True, False, True)
    assert [finding.rule for finding in report.findings] == ["DEFAULT_NOT_DECODED"]
    assert compare(parse(record("double", "1.5"), strict=False), writer).safe
