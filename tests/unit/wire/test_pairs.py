"""Cases of differential tests: the answer to each is one line, whatever the case holds."""

from __future__ import annotations

import io
import json
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avroad.codec import encoder_for
from avroad.schema import parse
from avroad.wire.pairs import MAX_LINE_CHARS, answer, answers, lines_of
from tests.property.codec.strategies import Options, data
from tests.unit.codec.support import OPEN, logical, record

FILE = Path(__file__).resolve().parents[4] / "shared" / "cases" / "decoding.jsonl"
TREE = {"type": "record", "name": "T", "fields": [{"name": "next", "type": ["null", "T"]}]}


def ask(writer: Any, reader: Any, body: str, *, raw: bool = False, **more: Any) -> dict[str, Any]:
    return answer(json.dumps({"id": "x", "writer": writer, "reader": reader, "hex": body, **more}), raw=raw)


@pytest.mark.parametrize(
    ("writer", "reader", "body", "written", "value"),
    [
        ("int", "int", "0a", "0a", 5),
        ("int", "double", "0a", "0000000000001440", 5.0),
        ("string", "bytes", "046162", "046162", "ab"),
        (["int", "long"], ["int", "long"], "020a", "020a", {"long": 5}),
        (["float", "double"], ["float", "double"], "00000000" + "40", "0000000040", {"float": 2.0}),
        ("int", ["string", "long", "int"], "0a", "040a", {"int": 5}),
        ({"type": "array", "items": "int"}, {"type": "array", "items": "long"}, "0104020402" + "00", None, None),
        ({"type": "array", "items": "int"}, {"type": "array", "items": "long"}, "03040204" + "00", "04020400", [1, 2]),
        (record(("a", "int"), ("b", "string")), record(("b", "string"), ("c", "int", 7)), "020261", "02610e",
         {"b": "a", "c": 7}),
        (TREE, TREE, "0202" + "00", "020200", {"next": {"T": {"next": {"T": {"next": None}}}}}),
        ({"type": "array", "items": "null"}, {"type": "array", "items": "null"}, "0600", "0600", [None] * 3),
        (logical("long", "timestamp-millis"), logical("long", "timestamp-millis"), "02", "02", 1),
        ('{"type": "int"}', '"long"', "0a", "0a", 5),
        ('  ["null","int"]', ["null", "int"], "020a", "020a", {"int": 5}),
        ("double", "double", "000000000000f87f", "000000000000f87f", "NaN"),
    ],
)  # fmt: skip
def test_a_value_is_written_again_and_shown(
    writer: Any, reader: Any, body: str, written: str | None, value: Any
) -> None:
    found = ask(writer, reader, body)
    if written is None:
        assert found["error"] is not None
        return
    assert found == {"id": "x", "hex": written, "json": value, "error": None}


def test_logical_types_are_checked_unless_raw() -> None:
    millis, micros = logical("long", "timestamp-millis"), logical("long", "timestamp-micros")
    far = "feffffffffffffffff01"
    assert ask(millis, millis, far)["error"]["reason"] == "no value of logical type timestamp-millis"
    assert ask(millis, millis, far, raw=True) == {"id": "x", "hex": far, "json": 2**63 - 1, "error": None}
    refused = ask(millis, micros, "02")["error"]
    assert refused == {"reason": "expected timestamp-micros, found timestamp-millis", "offset": None, "path": "$"}
    assert ask(millis, micros, "02", raw=True)["json"] == 1


@pytest.mark.parametrize(
    ("writer", "reader", "body", "error"),
    [
        ("int", "int", "", {"reason": "the bytes end inside an int", "offset": 0, "path": "$"}),
        ("int", "int", "02ff", {"reason": "1 byte after the datum", "offset": 1, "path": "$"}),
        (record(("a", {"type": "array", "items": "boolean"})), None, "0405",
         {"reason": "a boolean is neither 0 nor 1", "offset": 1, "path": "$.a[0]"}),
        ("string", "int", "00", {"reason": "expected int, found string", "offset": None, "path": "$"}),
        (record(("a", "int")), record(("b", "int")), "02",
         {"reason": "expected a value for b of t.R, found none, and the field has no default", "offset": None,
          "path": "$.b"}),
        ("strnig", "int", "00",
         {"reason": 'expected a type name, found "strnig"', "offset": None, "path": "$"}),
        (TREE, TREE, "02" * 100 + "00",
         {"reason": "more than 64 levels of types inside themselves", "offset": 64, "path": None}),
        ({"type": "array", "items": "null"}, None, "80897a00",
         {"reason": "more than 100000 items in one datum", "offset": 0, "path": "$"}),
    ],
)  # fmt: skip
def test_errors_have_reason_offset_and_path(writer: Any, reader: Any, body: str, error: dict[str, Any]) -> None:
    found = ask(writer, writer if reader is None else reader, body)
    assert (found["hex"], found["json"]) == (None, None)
    if error["path"] is None:
        error = {**error, "path": found["error"]["path"]}
    assert found["error"] == error


def dag(depth: int) -> Any:
    """Return small text that is exponential when written out."""
    inner: Any = "int"
    for level in range(depth):
        fields = [{"name": "a", "type": inner}, {"name": "b", "type": "int" if inner == "int" else inner["name"]}]
        inner = {"type": "record", "name": f"R{level}", "fields": fields}
    return inner


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("nonsense", "not JSON"),
        ("[" * 200_000, "nested too deeply"),
        ("[]", "expected an object"),
        ("null", "expected an object"),
        ("{}", "expected a schema in writer"),
        ('{"writer":"int"}', "expected a schema in reader"),
        ('{"writer":"int","reader":"int"}', "text in hex"),
        ('{"writer":"int","reader":"int","hex":5}', "text in hex"),
        ('{"writer":"int","reader":"int","hex":"0"}', "hexadecimal"),
        ('{"writer":null,"reader":"int","hex":""}', "expected a schema in writer"),
        ('{"writer":"{","reader":"int","hex":""}', "not JSON"),
        ('{"writer":{"type":"fixed","name":"F","size":1e9},"reader":"int","hex":""}', "a number of bytes"),
        ('{"writer":{"type":"fixed","name":"F","size":99999999},"reader":"int","hex":""}', "at most 1048576 bytes"),
        ('{"writer":' + '{"type":"array","items":' * 900 + '"int"' + "}" * 900 + ',"reader":"int","hex":""}', "levels"),
        (json.dumps({"writer": {"type": "enum", "name": "E", "symbols": ["A" * 300_000]}, "reader": "int", "hex": ""}),
         "more than 262144 bytes"),
        (json.dumps({"writer": json.dumps({"type": "enum", "name": "E", "symbols": ["A" * 300_000]}), "reader": "int",
                     "hex": ""}), "at most 262144 bytes"),
        (json.dumps({"writer": dag(24), "reader": dag(24), "hex": "00"}), "at most"),
        (None, f"more than {MAX_LINE_CHARS} characters"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_case_is_answered_like_any_other(line: str | None, says: str) -> None:
    found = answer(line)
    assert says in found["error"]["reason"]  # type: ignore[index,operator,call-overload]  # checked by the test
    assert (found["hex"], found["json"]) == (None, None)
    assert len(json.dumps(found)) < 2_000


def test_hostile_names_are_data() -> None:
    for name in ('a"];import os', "a\n", "\ud800", "__import__('os')", "#0_0", "{x}"):
        node = {"type": "record", "name": name, "fields": [
            {"name": name, "type": ["int", "long", {"type": "enum", "name": f"{name}E", "symbols": [name]}]},
        ]}  # fmt: skip
        assert ask(node, node, "0400")["json"] == {name: {f"{name}E": name}}
        assert json.loads(next(answers([json.dumps({"writer": node, "reader": node, "hex": "0400"})])))["hex"] == "0400"


def test_the_id_is_kept_whatever_it_is() -> None:
    for name in (0, None, "a", [1], {"a": 1}):
        line = json.dumps({"id": name, "writer": "int", "reader": "int", "hex": "zz"})
        assert answer(line)["id"] == name


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity", "1e999", "[1, NaN]", '{"a": NaN}'])
def test_an_id_that_json_cannot_hold_is_null(name: str) -> None:
    (found,) = answers([f'{{"id": {name}, "writer": "int", "reader": "int", "hex": "02"}}'])
    assert json.loads(found, parse_constant=pytest.fail) == {"id": None, "hex": "02", "json": 1, "error": None}


def test_order_and_number_of_lines_are_kept() -> None:
    cases = [
        json.dumps({"id": i, "writer": "int", "reader": "int", "hex": "0a" if i % 3 else "zz"}) for i in range(300)
    ]
    found = [json.loads(line) for line in answers(lines_of(io.StringIO("\n".join(cases) + "\n\n")))]
    assert [item["id"] for item in found] == list(range(300))
    assert all((item["error"] is None) == bool(item["id"] % 3) for item in found)


def test_a_line_without_end_costs_no_memory() -> None:
    class Endless:
        left = 5 * MAX_LINE_CHARS

        def readline(self, size: int) -> str:
            if self.left <= 0:
                return ""
            self.left -= size
            return "x" * size if self.left > 0 else "x\n"

    tracemalloc.start()
    try:
        assert list(lines_of(Endless())) == [None]  # type: ignore[arg-type]  # all that is used of it
        assert tracemalloc.get_traced_memory()[1] < 5 * MAX_LINE_CHARS
    finally:
        tracemalloc.stop()
    exact = "y" * (MAX_LINE_CHARS - 1) + "\n"
    assert list(lines_of(io.StringIO(exact + "z"))) == [exact, "z"]


@pytest.mark.skipif(not FILE.exists(), reason=f"{FILE.name} is not beside this checkout")
@pytest.mark.parametrize("raw", [False, True])
def test_the_cases_of_java_and_fastavro(raw: bool) -> None:
    cases = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]
    for case in cases:
        found = ask(case["writer"], case["reader"], case["binary_hex"], raw=raw)
        assert (found["error"] is None) == (case["expect"] == "value"), case["name"]
        if found["error"] is None:
            again = ask(case["reader"], case["reader"], found["hex"], raw=raw)
            assert (again["hex"], again["json"]) == (found["hex"], found["json"])


@settings(max_examples=200)
@given(data(Options()), st.booleans())
def test_what_was_written_comes_back(pair: tuple[Any, Any], raw: bool) -> None:
    node, datum = pair
    body = encoder_for(parse(node), limits=OPEN).encode(datum).hex()
    found = ask(node, node, body, raw=raw)
    assert (found["hex"], found["error"]) == (body, None)


@given(st.text(max_size=40) | st.sampled_from(['{"id":1,"writer":', '"hex":']))
def test_any_text_is_answered_with_one_line(line: str) -> None:
    (found,) = answers([line])
    assert "\n" not in found
    assert set(json.loads(found)) == {"id", "hex", "json", "error"}


def test_a_promoted_float_is_the_float_that_is_written() -> None:
    found = ask("long", "float", encoder_for(parse("long")).encode(16_777_217).hex())
    assert found["json"] == 16_777_216.0
    assert found["hex"] == struct.pack("<f", 16_777_216.0).hex()
