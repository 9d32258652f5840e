"""Datums as JSON and back: Avro's encoding as fastavro and Java write it, the plain form as people read it."""

from __future__ import annotations

import io
import json
import math
import struct
from typing import Any

import fastavro
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from avroad.codec import encoder_for
from avroad.errors import EncodeError
from avroad.schema import Json, parse
from avroad.wire.exact import Exact
from avroad.wire.json_form import JsonForm, json_text, read_json_text
from tests.property.codec.strategies import Options, data
from tests.unit.codec.support import OPEN, logical, record


def form(node: Any, *, avro: bool) -> tuple[Exact, JsonForm]:
    exact = Exact(parse(node), limits=OPEN)
    return exact, JsonForm(exact, avro=avro)


def shown(node: Any, body: str, *, avro: bool) -> Any:
    exact, json_form = form(node, avro=avro)
    return json_form.write(exact.decode(bytes.fromhex(body)))


def taken(node: Any, value: Any, *, avro: bool) -> str:
    exact, json_form = form(node, avro=avro)
    return exact.encode(json_form.read(value)).hex()


ENUM = {"type": "enum", "name": "t.E", "symbols": ["A", "B"]}
BOTH: list[tuple[Any, str, Any, Any]] = [
    ("null", "", None, None),
    ("boolean", "01", True, True),
    ("int", "01", -1, -1),
    ("long", "ffffffffffffffffff01", -(2**63), -(2**63)),
    ("double", "9a9999999999b93f", 0.1, 0.1),
    ("double", "000000000000f0ff", "-Infinity", "-Infinity"),
    ("float", struct.pack("<f", 0.1).hex(), 0.1, 0.1),
    ("float", struct.pack("<f", 3.4e38).hex(), 3.4e38, 3.4e38),
    ("float", struct.pack("<f", math.inf).hex(), "Infinity", "Infinity"),
    ("bytes", "0800ff4122", '\x00ÿA"', "00ff4122"),
    ("string", "06e697a5", "日", "日"),
    ({"type": "fixed", "name": "F", "size": 2}, "ff41", "ÿA", "ff41"),
    (ENUM, "02", "B", "B"),
    (logical("int", "date"), "02", 1, "1970-01-02"),
    (logical("int", "time-millis"), "c801", 100, "00:00:00.100000"),
    (logical("long", "timestamp-millis"), "02", 1, "1970-01-01T00:00:00.001000Z"),
    (logical("long", "timestamp-micros"), "01", -1, "1969-12-31T23:59:59.999999Z"),
    (logical("long", "timestamp-nanos"), "02", 1, 1),
    (logical("long", "local-timestamp-millis"), "00", 0, "1970-01-01T00:00:00"),
    (logical("bytes", "decimal", precision=6, scale=2), "0400fa", "\x00ú", "2.50"),
    (
        logical("string", "uuid"),
        "48" + b"01234567-89ab-cdef-0123-456789abcdef".hex(),
        "01234567-89ab-cdef-0123-456789abcdef",
        "01234567-89ab-cdef-0123-456789abcdef",
    ),
    (
        {"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"},
        "010000000200000003000000",
        "\x01\0\0\0\x02\0\0\0\x03\0\0\0",
        {"months": 1, "days": 2, "milliseconds": 3},
    ),
    ({"type": "array", "items": "int"}, "04020400", [1, 2], [1, 2]),
    ({"type": "map", "values": "int"}, "02026b0200", {"k": 1}, {"k": 1}),
    (record(("a", "int"), ("b", "null")), "02", {"a": 1, "b": None}, {"a": 1, "b": None}),
    (["null", "int"], "00", None, None),
    (["null", "int"], "020a", {"int": 5}, 5),
    (["null", ENUM], "0202", {"t.E": "B"}, "B"),
    (["null", record(("a", "int"))], "0202", {"t.R": {"a": 1}}, {"a": 1}),
    (["null", {"type": "array", "items": ["null", "string"]}], "02040002026100",
     {"array": [None, {"string": "a"}]}, [None, "a"]),
    (["int", "double"], "02000000000000f03f", {"double": 1.0}, 1.0),
    (["null", "double"], "02000000000000f8" + "7f", {"double": "NaN"}, "NaN"),
    (["string", "bytes"], "0202ff", {"bytes": "ÿ"}, {"bytes": "ff"}),
    (["null", "int", "long"], "040a", {"long": 5}, {"long": 5}),
    (["null", "int", "long"], "00", None, None),
    ([record(name="t.A"), record(name="t.B")], "02", {"t.B": {}}, {"t.B": {}}),
    ([{"type": "map", "values": "int"}, record(name="t.A")], "0000", {"map": {}}, {"map": {}}),
    ([logical("string", "uuid"), "bytes"], "0202ff", {"bytes": "ÿ"}, {"bytes": "ff"}),
]  # fmt: skip


@pytest.mark.parametrize(("node", "body", "avro", "plain"), BOTH, ids=range(len(BOTH)))
def test_every_type_in_both_forms_and_back(node: Any, body: str, avro: Any, plain: Any) -> None:
    for value, is_avro in ((avro, True), (plain, False)):
        found = shown(node, body, avro=is_avro)
        assert found == value
        assert type(found) is type(value)
        assert taken(node, json.loads(json.dumps(value)), avro=is_avro) == body


def test_a_float_is_the_shortest_number_that_is_the_same_float() -> None:
    """Java's way; as the 64-bit number it would be 0.10000000149011612."""
    for number in (0.1, 1 / 3, 16777216.0, 1e-45, 1.17549435e-38, 3.4028234663852886e38, -2.5, 0.0):
        (single,) = struct.unpack("<f", struct.pack("<f", number))
        found = shown("float", struct.pack("<f", number).hex(), avro=True)
        assert struct.pack("<f", found) == struct.pack("<f", number)
        assert len(repr(found)) <= len(repr(single))


def test_a_whole_number_is_taken_for_a_float_only_where_no_branch_is_an_integer() -> None:
    assert taken("double", 1, avro=False) == taken(["null", "double"], 1, avro=False)[2:]
    assert taken(["int", "double"], 1, avro=False) == "0002"
    assert taken("double", 1, avro=True) == "000000000000f03f"


def test_unions_with_text_and_floats_need_names_because_nan_is_text() -> None:
    node = ["string", "double"]
    assert shown(node, "02" + "000000000000f03f", avro=False) == {"double": 1.0}
    assert taken(node, {"string": "NaN"}, avro=False) == "00064e614e"


@pytest.mark.parametrize(
    ("node", "value", "path", "says"),
    [
        ("int", "1", "$", "expected int, found a string"),
        ("int", True, "$", "expected int, found a boolean"),
        ("int", 1.0, "$", "expected int, found a number"),
        ("int", 2**31, "$", "number of 32 bits"),
        ("boolean", 1, "$", "expected boolean"),
        ("string", None, "$", "expected string, found null"),
        ("double", "nan", "$", "expected double"),
        ("double", 10**400, "$", "a number that double can hold"),
        ("float", 1e300, "$", "32-bit float"),
        ("null", 0, "$", "expected null"),
        (["null", "int"], "x", "$", "one branch of [null, int]"),
        (["null", "int"], {"long": 1}, "$", "one branch of [null, int]"),
        (ENUM, "C", "$", "a symbol of t.E"),
        (ENUM, 1, "$", "a symbol of t.E"),
        (record(("a", "int")), {"a": 1, "b": 2}, "$", "only fields of t.R"),
        (record(("a", "int")), {}, "$.a", "a value for every field"),
        (record(("a", "int")), [], "$", "an object for t.R"),
        (record(("a", {"type": "array", "items": "int"})), {"a": [1, "x"]}, "$.a[1]", "expected int"),
        (record(("a", {"type": "map", "values": "int"})), {"a": {"k": "x"}}, "$.a['k']", "expected int"),
        ({"type": "array", "items": "int"}, {}, "$", "a list"),
        ({"type": "map", "values": "int"}, [], "$", "an object"),
        ({"type": "fixed", "name": "F", "size": 2}, "414141", "$", "2 bytes"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_both_forms(node: Any, value: Any, path: str, says: str) -> None:
    for avro in (True, False):
        with pytest.raises(EncodeError) as caught:
            taken(node, value, avro=avro)
        assert says in str(caught.value)
        assert caught.value.path == path


@pytest.mark.parametrize(
    ("node", "value", "says"),
    [
        ("bytes", "ff0", "pairs of hexadecimal digits"),
        (logical("int", "date"), "2026-13-01", "a date such as"),
        (logical("int", "date"), 5, "a date such as 2026-05-01, found a number"),
        (logical("long", "timestamp-millis"), "yesterday", "a time such as"),
        (logical("long", "timestamp-millis"), "2026-05-01T12:00:00", "a datetime with a zone"),
        (logical("long", "timestamp-millis"), "2026-05-01T12:00:00.0001Z", "timestamp-millis"),
        (logical("int", "time-millis"), "25:00", "a time of day such as"),
        (logical("string", "uuid"), "{01234567-89ab-cdef-0123-456789abcdef}", "a UUID in its 36"),
        (logical("bytes", "decimal", precision=4, scale=2), "1.234", "decimal"),
        (logical("bytes", "decimal", precision=4, scale=2), 1.5, "a decimal as text"),
        (logical("bytes", "decimal", precision=4, scale=2), "abc", "a decimal as text"),
        ({"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"}, {"days": 1}, "months, days"),
        ({"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"},
         {"months": -1, "days": 0, "milliseconds": 0}, "duration"),
        (["string", "bytes"], "x", 'Name the branch: {"type": value}'),
        (["string", "bytes"], {"text": "x"}, "one branch of"),
        (["string", "bytes"], None, "one branch of"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_plain_form(node: Any, value: Any, says: str) -> None:
    with pytest.raises(EncodeError) as caught:
        taken(node, value, avro=False)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("node", "value", "says"),
    [
        ("bytes", "\u0100", "characters up to U+00FF"),
        (logical("int", "time-millis"), -1, "int that is a time-millis"),
        (["null", "int"], 5, 'Name the branch: {"type": value}'),
        (["null", "int"], {"null": None}, "one branch of"),
        (["null", "int"], {"int": 1, "long": 2}, "one branch of"),
    ],
)
def test_what_is_wrong_in_avro_s_form(node: Any, value: Any, says: str) -> None:
    with pytest.raises(EncodeError) as caught:
        taken(node, value, avro=True)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("node", "values", "says"),
    [
        (logical("long", "timestamp-micros"), [
            "2026-05-01T12:00:00.1234567Z", "2026-05-01T12:00:00+01:00:30", "2026-05-01T12:00Z", "20260501T120000Z",
            "2026-05-01 12:00:00Z", "2026-05-01T24:00:00Z", "2026-05-01T12:00:00,5Z", "2026-05-01T12:00:00+01",
            "2026-W18-5T12:00:00Z", "2026-05-01T12:00:00+01:99", "2026-05-01T12:00:00Z\n",
        ], "a time such as 2026-05-01T12:00:00Z, with at most 6 digits"),
        (logical("long", "local-timestamp-micros"), ["2026-05-01", "2026-05-01T12", "2026-05-01T12:00"], "a time such"),
        (logical("long", "time-micros"), ["12:00:00.1234567", "12:00", "12", "120000", "12:00:00Z"], "a time of day"),
        (logical("int", "date"), ["20260501", "2026-W18-5", "2026-05-0\u0661", "2026-05-01T00:00:00"], "a date such"),
        (logical("bytes", "decimal", precision=9, scale=2),
         ["1_0.5", "\u0661.5", " 1.5", "1.5\n", "NaN", "Infinity", ".5", "5."], "a decimal as text"),
        ("bytes", ["00 ff", " 00", "00\n", "\u0660\u0660"], "pairs of hexadecimal digits"),
        ({"type": "fixed", "name": "F", "size": 2}, ["00 ff"], "pairs of hexadecimal digits"),
    ],
)  # fmt: skip
def test_only_the_spelling_that_is_written_is_read(node: Any, values: list[str], says: str) -> None:
    for value in values:
        with pytest.raises(EncodeError) as caught:
            taken(record(("a", node)), {"a": value}, avro=False)
        assert says in str(caught.value), value
        assert caught.value.path == "$.a"


@pytest.mark.parametrize(
    ("node", "number", "says"),
    [
        ("double", "1e999", "a number that double can hold"),
        ("float", "-1e999", "a number that float can hold"),
        ("double", "9007199254740993", "a number that double can hold exactly"),
        ("float", "16777217", "a number that float can hold exactly"),
        ("float", "1" + "0" * 39, "a number that float can hold exactly"),
    ],
)
def test_a_number_that_no_float_is_is_refused(node: str, number: str, says: str) -> None:
    for avro in (True, False):
        with pytest.raises(EncodeError) as caught:
            taken(record(("a", node)), read_json_text(f'{{"a": {number}}}'), avro=avro)
        assert says in str(caught.value)
        assert caught.value.path == "$.a"


def test_other_spellings_of_the_same_value_are_read() -> None:
    amount = logical("bytes", "decimal", precision=6, scale=2)
    assert taken(amount, "0e99", avro=False) == taken(amount, "0.00", avro=False)
    assert taken(amount, "1.5E+1", avro=False) == taken(amount, 15, avro=False)
    instant = logical("long", "timestamp-micros")
    assert taken(instant, "1970-01-01T01:00:00.5+01:00", avro=False) == taken(
        instant, "1970-01-01T00:00:00.500000Z", avro=False
    )
    assert taken("float", 16_777_216, avro=False) == struct.pack("<f", 16_777_216).hex()
    assert taken("double", 2**53, avro=True) == struct.pack("<d", 2**53).hex()


def test_values_never_stand_in_messages() -> None:
    secret = "s3cr3t"
    for avro in (True, False):
        for node in ("int", ENUM, ["null", "int"], logical("int", "date"), "bytes"):
            with pytest.raises(EncodeError) as caught:
                taken(node, secret + "\u0100", avro=avro)
            assert secret not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("{", "line 1 column 2"),
        ('{"a":1,"a":2}', "one key twice"),
        ("NaN", 'write "NaN" in quotes'),
        (b"\xff", "not UTF-8"),
        ("[" * 100_000, "nested too deeply"),
        ("1" * 5000, "not JSON"),
    ],
)
def test_what_is_not_json_is_refused(text: str | bytes, says: str) -> None:
    with pytest.raises(EncodeError) as caught:
        read_json_text(text)
    assert says in str(caught.value)


def test_text_has_no_character_that_steers_or_hides() -> None:
    value: Json = {"a": "\x1b[2J\x7f\x9b\u202e\u2028é日\U0001f600\U000e0001"}
    for indent in (None, 2):
        text = json_text(value, indent=indent)
        assert text.replace("\n", "").isprintable()
        assert json.loads(text) == value
        assert "é日" in text


@settings(max_examples=200)
@given(data(Options()), st.booleans())
def test_any_datum_is_the_same_after_json(pair: tuple[Any, Any], avro: bool) -> None:
    node, datum = pair
    body = encoder_for(parse(node), limits=OPEN).encode(datum)
    exact, json_form = form(node, avro=avro)
    text = json_text(json_form.write(exact.decode(body)))
    assert exact.encode(json_form.read(read_json_text(text))) == body


def test_a_union_of_one_branch_beside_a_union_that_needs_marks() -> None:
    alone: Any = {"name": "a", "type": [{"type": "fixed", "name": "F", "size": 1}]}
    node: Any = {"type": "record", "name": "R", "fields": [alone, {"name": "b", "type": ["float", "double"]}]}
    body = encoder_for(parse(node), limits=OPEN).encode({"a": b"x", "b": 1.5})
    for avro in (False, True):
        exact, json_form = form(node, avro=avro)
        text = json_text(json_form.write(exact.decode(body)))
        assert exact.encode(json_form.read(read_json_text(text))) == body


@settings(derandomize=True, max_examples=100)
@given(data(Options(spec_only=False, mixed_unions=False)))
def test_avro_s_form_is_fastavro_s(pair: tuple[Any, Any]) -> None:
    """Except for floats, which fastavro writes as the 64-bit number they widen to, and for what JSON lacks."""
    node, datum = pair
    out = io.StringIO()
    try:
        fastavro.json_writer(out, fastavro.parse_schema(node, _write_hint=False), [datum])
    except Exception:  # noqa: BLE001 - its parser fails on records without fields
        reject()
    exact, json_form = form(node, avro=True)
    ours = json_form.write(exact.decode(encoder_for(parse(node), limits=OPEN).encode(datum)))
    assert _same(ours, json.loads(out.getvalue()))


def _same(ours: Any, theirs: Any) -> bool:
    if isinstance(theirs, float):
        text = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
        number = text.get(ours, ours)
        return bool(number == theirs) or struct.pack("<f", number) == struct.pack("<f", theirs) or theirs != theirs  # noqa: PLR0124 - NaN
    if isinstance(ours, dict):
        return list(ours) == list(theirs) and all(_same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(_same, ours, theirs))
    return bool(ours == theirs)
