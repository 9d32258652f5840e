"""Parsing Canonical Form and its fingerprints: the specification's values, and two libraries' over many schemas."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import avro.schema
import fastavro.schema
import pytest
from hypothesis import given, settings

from avroad.contracts import load_catalog
from avroad.schema import canonical_fingerprint, canonical_form, parse, to_json
from tests.property.codec.strategies import Options, data

ROOT = Path(__file__).resolve().parents[3]
PAIRS = ROOT.parent / "shared" / "cases" / "decoding.jsonl"

# Values of Apache Avro's share/test/data/schema-tests.txt (Apache-2.0): schema, canonical form, signed fingerprint.
PUBLISHED: list[tuple[str, str, int]] = [
    ('{"type":"null"}', '"null"', 7195948357588979594),
    ('{"type":"boolean"}', '"boolean"', -6970731678124411036),
    ('"int"', '"int"', 8247732601305521295),
    ('"long"', '"long"', -3434872931120570953),
    ('"float"', '"float"', 5583340709985441680),
    ('"double"', '"double"', -8181574048448539266),
    ('"bytes"', '"bytes"', 5746618253357095269),
    ('"string"', '"string"', -8142146995180207161),
    ("[  ]", "[]", -1241056759729112623),
    ('[ "int"  ]', '["int"]', -5232228896498058493),
    ('[ "int" , {"type":"boolean"} ]', '["int","boolean"]', 5392556393470105090),
    (
        '{"fields":[], "type":"record", "name":"foo"}',
        '{"name":"foo","type":"record","fields":[]}',
        -4824392279771201922,
    ),
    (
        '{"fields":[], "type":"record", "name":"foo", "namespace":"x.y"}',
        '{"name":"x.y.foo","type":"record","fields":[]}',
        5916914534497305771,
    ),
    (
        '{"fields":[], "type":"record", "name":"a.b.foo", "namespace":"x.y"}',
        '{"name":"a.b.foo","type":"record","fields":[]}',
        -4616218487480524110,
    ),
    (
        '{"fields":[], "type":"record", "name":"foo", "doc":"foo", "aliases":["foo","bar"]}',
        '{"name":"foo","type":"record","fields":[]}',
        -4824392279771201922,
    ),
    (
        '{"fields":[{"type":{"type":"boolean"}, "name":"f1"}], "type":"record", "name":"foo"}',
        '{"name":"foo","type":"record","fields":[{"name":"f1","type":"boolean"}]}',
        7843277075252814651,
    ),
    (
        """{"fields":[{"type":"boolean","aliases":[],"name":"f1","default":"true"},
        {"order":"descending","name":"f2","doc":"Hello","type":"int"}],"type":"record","name":"foo"}""",
        '{"name":"foo","type":"record","fields":[{"name":"f1","type":"boolean"},{"name":"f2","type":"int"}]}',
        -4860222112080293046,
    ),
    (
        '{"namespace":"x.y.z", "type":"enum", "name":"foo", "doc":"foo bar", "symbols":["A1", "A2"]}',
        '{"name":"x.y.z.foo","type":"enum","symbols":["A1","A2"]}',
        -4448647247586288245,
    ),
    ('{"name":"foo","type":"fixed","size":15}', '{"name":"foo","type":"fixed","size":15}', 1756455273707447556),
    ('{ "items":{"type":"null"}, "type":"array"}', '{"type":"array","items":"null"}', -589620603366471059),
    ('{ "values":"string", "type":"map"}', '{"type":"map","values":"string"}', -8732877298790414990),
    (
        '{"name":"PigValue","type":"record","fields":[{"name":"value","type":["null","int","long","PigValue"]}]}',
        '{"name":"PigValue","type":"record","fields":[{"name":"value","type":["null","int","long","PigValue"]}]}',
        -1759257747318642341,
    ),
]


@pytest.mark.parametrize(("text", "form", "number"), PUBLISHED, ids=range(len(PUBLISHED)))
def test_published_values(text: str, form: str, number: int) -> None:
    schema = parse(text, strict=False)
    assert canonical_form(schema) == form
    assert int.from_bytes(canonical_fingerprint(schema), "little", signed=True) == number
    assert canonical_fingerprint(schema, "MD5") == hashlib.md5(form.encode()).digest()
    assert canonical_fingerprint(schema, "SHA-256") == hashlib.sha256(form.encode()).digest()


SPACES = (
    '{"name":"n.R","type":"record","fields":[{"name":"a","type":{"name":"n.F","type":"fixed","size":2}},'
    '{"name":"b","type":{"name":"m.S","type":"record","fields":[{"name":"c","type":"n.F"}]}},'
    '{"name":"d","type":"n.F"}]}'
)


@pytest.mark.parametrize(
    ("schema", "form"),
    [
        (
            {"type": "array", "items": {"type": "long", "logicalType": "timestamp-millis"}},
            '{"type":"array","items":"long"}',
        ),
        (
            {"type": "enum", "symbols": ["A"], "name": "E", "default": "A", "owner": "x"},
            '{"name":"E","type":"enum","symbols":["A"]}',
        ),
        (
            {"type": "record", "name": "n.R", "fields": [{"name": "f", "default": None, "type": ["null", "R"]}]},
            '{"name":"n.R","type":"record","fields":[{"name":"f","type":["null","n.R"]}]}',
        ),
        (
            {
                "type": "record",
                "name": "n.R",
                "fields": [
                    {"name": "a", "type": {"type": "fixed", "name": "F", "size": 2}},
                    {"name": "b", "type": {"type": "record", "name": "m.S", "fields": [{"name": "c", "type": "n.F"}]}},
                    {"name": "d", "type": "F"},
                ],
            },
            SPACES,
        ),
    ],
    ids=["logical", "stripped", "recursive", "namespaces"],
)
def test_what_the_form_keeps(schema: Any, form: str) -> None:
    assert canonical_form(parse(schema)) == form


def test_escapes_become_the_letters_themselves_and_hostile_names_stay_json() -> None:
    """The STRINGS rule; names of foreign schemas may hold anything, also what UTF-8 cannot carry."""
    assert canonical_form(parse('{"type":"enum","name":"E","symbols":["\\u00e9"]}', strict=False)) == (
        '{"name":"E","type":"enum","symbols":["é"]}'
    )
    for name in ('a"b', "a\\b", "a\nb", "\ud800"):
        schema = parse({"type": "fixed", "name": name, "size": 1}, strict=False)
        assert json.loads(canonical_form(schema))["name"] == name
        assert len(canonical_fingerprint(schema)) == 8


def assert_agreement(node: Any) -> None:
    schema = parse(node, strict=False)
    form = fastavro.schema.to_parsing_canonical_form(node)
    assert canonical_form(schema) == form
    assert canonical_fingerprint(schema).hex() == fastavro.schema.fingerprint(form, "CRC-64-AVRO")
    assert canonical_fingerprint(schema, "MD5").hex() == fastavro.schema.fingerprint(form, "MD5")
    assert canonical_fingerprint(schema, "SHA-256").hex() == fastavro.schema.fingerprint(form, "SHA-256")


@settings(derandomize=True)
@given(data(Options()))
def test_drawn_schemas_are_fingerprinted_as_fastavro_does(pair: tuple[Any, Any]) -> None:
    assert_agreement(pair[0])


@settings(derandomize=True)
@given(data(Options(logical=False, spec_only=False)))
def test_drawn_schemas_are_fingerprinted_as_apache_avro_does(pair: tuple[Any, Any]) -> None:
    """Without logical types: apache avro 1.12 leaves them in, against the STRIP rule and against Java."""
    theirs = avro.schema.parse(json.dumps(pair[0]))
    ours = parse(pair[0])
    assert canonical_form(ours) == theirs.canonical_form
    assert canonical_fingerprint(ours) == theirs.fingerprint("CRC-64-AVRO")
    assert canonical_fingerprint(ours, "MD5") == theirs.fingerprint("md5")
    assert canonical_fingerprint(ours, "SHA-256") == theirs.fingerprint("sha256")


def test_the_schemas_of_this_repository_are_fingerprinted_as_fastavro_does() -> None:
    """Written out with `to_json`, so that no file is needed for the types they refer to."""
    for event in load_catalog(ROOT).types.values():
        assert_agreement(to_json(event.schema))


@pytest.mark.skipif(not PAIRS.exists(), reason=f"{PAIRS.name} is not beside this checkout")
def test_the_schemas_of_the_decoding_cases_are_fingerprinted_as_fastavro_does() -> None:
    """Those fastavro can parse: it takes no bare string for aliases and no two unnamed things alike in a union."""
    seen = 0
    for line in PAIRS.read_text("utf-8").splitlines():
        case = json.loads(line)
        for node in (case["writer"], case["reader"]):
            try:
                fastavro.parse_schema(node)
            except Exception:  # noqa: BLE001 - the oracle's own refusals are not the subject
                continue
            assert_agreement(node)
            seen += 1
    assert seen > 50
