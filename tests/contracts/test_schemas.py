"""Every schema of the repository: documented, with units, open, readable by others, and true after a round trip."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import fastavro
import pytest
from fastavro.schema import load_schema

from avroad.codec import decoder_for, encoder_for
from avroad.contracts import Catalog
from avroad.schema import NO_DEFAULT, Array, Enum, Field, Map, Primitive, Record, Schema, Union, min_size, parse
from tests.contracts.conftest import ROOT, SCHEMA_NAMES
from tests.contracts.samples import sample

UNITS = ("_s", "_m", "_kmh", "_deg", "_percent")
BARE_NUMBERS = {
    "version": "a count of versions",
    "lat": "WGS84 degrees by definition",
    "lon": "WGS84 degrees by definition",
    "lanes_closed": "a number of lanes",
    "lanes_total": "a number of lanes",
    "vehicles": "a number of vehicles",
    "vehicles_waiting": "a number of vehicles",
    "injured": "a number of people",
    "fatalities": "a number of people",
    "level": "a scale from 0 to 5",
    "reliability": "a scale from 0 to 10",
    "confidence": "a scale from 0 to 10",
    "h3_9": "a cell id",
    "table_number": "a number of a table",
    "primary_location": "a code of a table",
    "secondary_location": "a code of a table",
}
"""Numbers without unit, each with the reason; everything else ends in one of UNITS."""

each_schema = pytest.mark.parametrize("name", SCHEMA_NAMES)


def declarations(value: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every named type and every field of a schema file as written, with its path."""
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from declarations(item, f"{path}[{i}]")
    elif isinstance(value, dict):
        if "name" in value:
            yield path, value
        for key in ("type", "items", "values"):
            if isinstance(value.get(key), dict | list):
                yield from declarations(value[key], f"{path}.{key}")
        for field in value.get("fields", ()):
            yield from declarations(field, f"{path}.{field['name']}")


def written(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((ROOT / "schemas" / f"{name}.avsc").read_text("utf-8"))
    return value


def own_nodes(schema: Schema, references: tuple[str, ...]) -> Iterator[tuple[Field | None, Schema]]:
    """Yield every node declared in one file, with the field it stands in; referenced types have their own tests."""
    stack: list[tuple[Field | None, Schema]] = [(None, schema)]
    while stack:
        field, node = stack.pop()
        if getattr(node, "name", "") in references:
            continue
        yield field, node
        if isinstance(node, Record):
            stack += [(child, child.type) for child in node.fields]
        elif isinstance(node, Union):
            stack += [(field, branch) for branch in node.branches]
        elif isinstance(node, Array):
            stack.append((field, node.items))
        elif isinstance(node, Map):
            stack.append((None, node.values))


@each_schema
def test_every_type_and_field_is_documented(name: str) -> None:
    found = list(declarations(written(name)))
    assert found
    for path, declared in found:
        doc = declared.get("doc", "")
        assert doc.endswith("."), f"{path}: a sentence, please"
        assert len(doc) >= 12, f"{path}: say more than {doc!r}"


@each_schema
def test_names_keep_one_style(name: str) -> None:
    for path, declared in declarations(written(name)):
        is_type = declared.get("type") in ("record", "enum", "fixed")  # may be a list
        pattern = r"[A-Z][A-Za-z0-9]*" if is_type else r"[a-z][a-z0-9]*(_[a-z0-9]+)*"
        assert re.fullmatch(pattern, declared["name"]), path


@each_schema
def test_enums_are_open(catalog: Catalog, name: str) -> None:
    event_type = catalog.type(name)
    for _, node in own_nodes(event_type.schema, event_type.references):
        if isinstance(node, Enum):
            assert node.default == "UNKNOWN"
            assert all(re.fullmatch(r"[A-Z][A-Z0-9_]*", symbol) for symbol in node.symbols)


@each_schema
def test_unions_only_say_that_a_value_may_be_missing(catalog: Catalog, name: str) -> None:
    event_type = catalog.type(name)
    for field, node in own_nodes(event_type.schema, event_type.references):
        if isinstance(node, Union):
            assert field is not None
            first, *rest = node.branches
            assert isinstance(first, Primitive)
            assert first.name == "null"
            assert len(rest) == 1
            assert field.default is None, f"{field.name}: a nullable field is null when nobody says anything"


@each_schema
def test_numbers_say_their_unit(catalog: Catalog, name: str) -> None:
    event_type = catalog.type(name)
    for field, node in own_nodes(event_type.schema, event_type.references):
        is_number = isinstance(node, Primitive) and node.name in {"int", "long", "float", "double"}
        if field is None or not is_number or node.logical is not None:  # type: ignore[attr-defined]
            continue
        assert field.name.endswith(UNITS) or field.name in BARE_NUMBERS, f"{field.name}: in which unit?"


@each_schema
def test_times_have_a_logical_type(catalog: Catalog, name: str) -> None:
    event_type = catalog.type(name)
    for field, node in own_nodes(event_type.schema, event_type.references):
        if field is None or isinstance(node, Union) or not isinstance(node, Primitive):
            continue
        kind = node.logical.name if node.logical else ""
        if field.name.endswith(("_at", "_from", "_until")) and node.name != "null":
            assert kind == "timestamp-millis", field.name
        if field.name.endswith("_on") and node.name != "null":
            assert kind == "date", field.name
        if kind == "timestamp-millis":
            assert field.name.endswith(("_at", "_from", "_until")), field.name


@each_schema
def test_defaults_never_hide_a_fact(catalog: Catalog, name: str) -> None:
    """A default says "nobody told us": null, UNKNOWN, an empty list or map; never a number or a flag."""
    event_type = catalog.type(name)
    for field, _ in own_nodes(event_type.schema, event_type.references):
        if field is not None and field.default is not NO_DEFAULT:
            assert field.default in (None, "UNKNOWN", [], {}), field.name


@each_schema
def test_no_type_takes_no_bytes(catalog: Catalog, name: str) -> None:
    assert min_size(catalog.type(name).schema) > 0


@each_schema
def test_what_would_be_registered_parses_with_its_references_alone(catalog: Catalog, name: str) -> None:
    event_type = catalog.type(name)
    known = {reference: catalog.type(reference).schema for reference in event_type.references}
    again = parse(event_type.text, names=known)
    assert sample(again, full=True) == sample(event_type.schema, full=True)
    assert len(event_type.text) < 32 * 1024


@each_schema
def test_others_read_the_folder_too(name: str) -> None:
    """fastavro resolves a name to `<folder>/<full name>.avsc`, as ours does."""
    loaded = load_schema(str(ROOT / "schemas" / f"{name}.avsc"))
    assert isinstance(loaded, dict)
    assert loaded["name"] == name


@each_schema
@pytest.mark.parametrize("full", [False, True], ids=["least", "full"])
def test_a_datum_survives_the_wire(catalog: Catalog, name: str, *, full: bool) -> None:
    schema = catalog.type(name).schema
    datum = sample(schema, full=full)
    body = encoder_for(schema).encode(datum)
    assert decoder_for(schema).decode(body) == datum
    theirs = load_schema(str(ROOT / "schemas" / f"{name}.avsc"))
    assert fastavro.schemaless_reader(io.BytesIO(body), theirs, None) == datum
    out = io.BytesIO()
    fastavro.schemaless_writer(out, theirs, datum, strict=True)
    assert out.getvalue() == body


def test_simple_names_are_used_once(catalog: Catalog) -> None:
    names = [
        node.name
        for event_type in catalog.types.values()
        for _, node in own_nodes(event_type.schema, event_type.references)
        if isinstance(node, Record | Enum)
    ]
    short = [name.rpartition(".")[2] for name in names]
    assert len(short) == len(set(short))
    assert {name.rpartition(".")[0] for name in names} == {"traffic"}


def test_every_shared_type_is_shared(catalog: Catalog) -> None:
    used = {reference for event_type in catalog.types.values() for reference in event_type.references}
    events = {name for topic in catalog.topics.values() for name in topic.values}
    assert set(catalog.types) == used | events, "a type on no topic and in no other type is dead"
