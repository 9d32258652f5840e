"""Generated modules: what is in them, that they run, and that the house's own checkers accept them."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import pickle
import shutil
import subprocess
import sys
import typing
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest

from avroad.codec import Duration, decoder_for, encoder_for
from avroad.contracts import Catalog, EventType, load_catalog
from avroad.contracts.codegen import MARK, generate, modules
from avroad.errors import ContractError, UnknownEventType
from avroad.schema import Json, Limits, Named, fingerprint, parse

ROOT = Path(__file__).resolve().parents[3]


def catalog_of(*declarations: dict[str, Json]) -> Catalog:
    """A catalog of schemas given as JSON, referenced ones first."""
    types: dict[str, EventType] = {}
    for declaration in declarations:
        text = json.dumps(declaration)
        schema = parse(text, names={name: kind.schema for name, kind in types.items()})
        assert isinstance(schema, Named)
        types[schema.name] = EventType(
            name=schema.name,
            schema=schema,
            text=text,
            file=f"schemas/{schema.name}.avsc",
            references=(),
            fingerprint=fingerprint(schema),
        )
    return Catalog(types=types)


def record(name: str, *fields: dict[str, Json], **more: Json) -> dict[str, Json]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def loaded(source: str, tmp_path: Path, name: str) -> ModuleType:
    """The generated module, really imported."""
    path = tmp_path / f"{name}.py"
    path.write_text(source, "utf-8")
    spec = importlib.util.spec_from_file_location(f"generated_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[spec.name]
    return module


def fields(**types: Json) -> list[dict[str, Json]]:
    return [{"name": name, "type": type_} for name, type_ in types.items()]


def logical(base: str, logical_type: str, **more: Json) -> Json:
    return {"type": base, "logicalType": logical_type, **more}


STATUS: Json = {
    "type": "enum",
    "name": "Status",
    "symbols": ["ON", "None", "title", "__odd", "UNKNOWN"],
    "default": "UNKNOWN",
}
HOSTILE = record(
    "a.b.Event",
    {"name": "class", "type": "string", "doc": 'Ends in "quotes"'},
    {"name": "class_", "type": "string"},
    {"name": "date", "type": ["null", logical("int", "date")], "default": None, "doc": "long " * 80},
    {"name": "at", "type": logical("long", "timestamp-millis")},
    {"name": "since", "type": logical("long", "timestamp-micros"), "default": 1_234_567},
    {"name": "day", "type": logical("int", "date"), "default": 19_000},
    {"name": "clock", "type": logical("int", "time-millis"), "default": 3_600_500},
    {"name": "local", "type": logical("long", "local-timestamp-millis"), "default": 0},
    {"name": "nanos", "type": logical("long", "timestamp-nanos"), "default": 5},
    {"name": "id", "type": logical("string", "uuid"), "default": "3f333df6-90a4-4fda-8dd3-9485d27cee36"},
    {"name": "amount", "type": logical("bytes", "decimal", precision=8, scale=2), "default": "\u0001\u0000"},
    {"name": "raw", "type": {"type": "fixed", "name": "Two", "size": 2}, "default": '\u00ff"'},
    {
        "name": "span",
        "type": logical("fixed", "duration", name="Span", size=12),
        "default": "\u0001\u0000\u0000\u0000\u0002\u0000\u0000\u0000\u0003\u0000\u0000\u0000",
    },
    {"name": "status", "type": STATUS, "default": "None", "doc": '"Quoted" at once \\ and a backslash'},
    {
        "name": "place",
        "type": record("Place", {"name": "lat", "type": "double", "default": 1}, *fields(next=["null", "Place"])),
        "default": {"lat": 2, "next": None},
    },
    {"name": "empty", "type": {"type": "map", "values": "long"}, "default": {}},
    {"name": "counts", "type": {"type": "map", "values": "long"}, "default": {"a": 1}},
    {"name": "none", "type": {"type": "array", "items": "string"}, "default": []},
    {"name": "words", "type": {"type": "array", "items": "string"}, "default": ["it's \"so\"", "\n\\é"]},
    {"name": "either", "type": ["string", "int", record("Big"), "null"], "default": "x"},
    {"name": "other", "type": record("x.y.Other", *fields(k="int")), "default": {"k": 1}},
    {"name": "share", "type": "double", "default": 1e20},
    {"name": "__private", "type": "int", "default": 0},
    {
        "name": "wide",
        "type": [
            "null", "int", "string", "boolean", "double", {"type": "array", "items": {"type": "map", "values": [
                "null", "string", "Status", "Place", "a.b.Event", "Big", "x.y.Other"]}},
            {"type": "map", "values": "a.b.Event"},
        ],
        "default": None,
    },
    doc="An event \u2013 with \u201ctypographic\u201d signs. Then more text, long enough that the rest of it needs "
    'several lines of the docstring; and a \\ backslash and a """ at that',
)  # fmt: skip


BAD: dict[str, Json] = {"type": logical("long", "timestamp-millis"), "default": 10**17}


@pytest.fixture(scope="module")
def event(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    folder = tmp_path_factory.mktemp("generated")
    catalog = catalog_of(HOSTILE)
    # The module of the other namespace is imported by name, so it stands in for a real `schemas.x_y`.
    sys.modules["schemas.x_y"] = loaded(generate(catalog, "x.y"), folder, "x_y")
    import schemas

    schemas.x_y = sys.modules["schemas.x_y"]  # type: ignore[attr-defined]
    return loaded(generate(catalog, "a.b"), folder, "a_b")


def test_classes_are_frozen_slotted_and_keyword_only(event: ModuleType) -> None:
    place = event.Place(lat=1.5, next=None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        place.lat = 2.0
    assert not hasattr(place, "__dict__")
    with pytest.raises(TypeError, match="positional"):
        event.Place(1.5, None)


def test_names_python_needs_gain_an_underscore_and_the_table_has_the_wire_name(event: ModuleType) -> None:
    names = event.Event.__avro_names__
    assert names == {"class__": "class", "date_": "date", "private_": "__private"}
    assert "class_" in {field.name for field in dataclasses.fields(event.Event)}, "the unchanged name keeps its place"
    assert not hasattr(event.Place, "__avro_names__"), "no table where nothing differs"


def test_annotations_are_exact(event: ModuleType) -> None:
    hints = typing.get_type_hints(event.Event, vars(event))
    assert hints["date_"] == date | None
    assert hints["at"] is datetime
    assert hints["clock"] is time
    assert hints["id"] is UUID
    assert hints["amount"] is Decimal
    assert hints["span"] is Duration
    assert hints["nanos"] is int
    assert hints["words"] == tuple[str, ...]
    assert hints["either"] == str | int | event.Big | None
    assert hints["status"] is event.Status


def test_defaults_are_python_values_of_the_schema(event: ModuleType) -> None:
    value = event.Event(class__="a", class_="b", at=datetime(2026, 1, 1, tzinfo=UTC))
    assert value.date_ is None
    assert value.since == datetime(1970, 1, 1, 0, 0, 1, 234_567, tzinfo=UTC)
    assert value.day == date(2022, 1, 8)
    assert value.clock == time(1, 0, 0, 500_000)
    assert value.local == datetime(1970, 1, 1)  # noqa: DTZ001
    assert value.id == UUID("3f333df6-90a4-4fda-8dd3-9485d27cee36")
    assert value.amount == Decimal("2.56")
    assert value.raw == b'\xff"'
    assert value.span == Duration(1, 2, 3)
    assert value.status is event.Status.None_
    assert value.place == event.Place(lat=2.0, next=None)
    assert value.words == ('it\'s "so"', "\n\\é")
    assert value.counts == {"a": 1}
    assert value.other.k == 1
    assert value.share == 1e20


def test_no_default_is_shared_between_instances(event: ModuleType) -> None:
    first, second = (event.Event(class__="a", class_="b", at=datetime(2026, 1, 1, tzinfo=UTC)) for _ in range(2))
    assert first == second
    assert first.counts is not second.counts
    assert first.empty is not second.empty


def test_enum_members_keep_their_symbol_as_value(event: ModuleType) -> None:
    assert event.Status.__bases__ == (StrEnum,)
    assert [member.value for member in event.Status] == ["ON", "None", "title", "__odd", "UNKNOWN"]
    assert event.Status.title_.title() == "Title", "str's own methods stay"
    assert "read as UNKNOWN" in (event.Status.__doc__ or "")


def test_identity_is_that_of_the_schema_and_no_schema_is_inside(event: ModuleType) -> None:
    catalog = catalog_of(HOSTILE)
    assert event.Event.__avro_fullname__ == "a.b.Event"
    assert event.Event.__avro_fingerprint__ == catalog.types["a.b.Event"].fingerprint
    assert dict(event.AVRO_TYPES) == {
        "a.b.Big": event.Big, "a.b.Event": event.Event, "a.b.Place": event.Place, "a.b.Status": event.Status,
    }  # fmt: skip
    assert event.__all__ == ["AVRO_TYPES", "Big", "Event", "Place", "Status"]
    source = generate(catalog, "a.b")
    assert '"type"' not in source
    assert '"fields"' not in source


def test_the_codec_takes_and_gives_generated_classes(event: ModuleType) -> None:
    schema = catalog_of(HOSTILE).types["a.b.Event"].schema
    types = {**event.AVRO_TYPES, "x.y.Other": sys.modules["schemas.x_y"].Other}
    value = event.Event(class__="a", class_="b", at=datetime(2026, 1, 1, tzinfo=UTC), either=event.Big())
    limits = Limits(recursion=True, empty_items=True)
    payload = encoder_for(schema, types=types, limits=limits).encode(value)
    decoded = decoder_for(schema, types=types, limits=limits).decode(payload)
    assert decoded == value
    assert decoded.either == event.Big()


def test_values_survive_pickle_and_replace() -> None:
    from schemas.traffic import Location

    place = Location(lat=1.0, lon=2.0, country="GB")
    assert pickle.loads(pickle.dumps(place)) == place
    assert hash(dataclasses.replace(place, city="York")) != hash(place)


def test_the_text_is_deterministic_and_says_how_to_renew_it() -> None:
    catalog = catalog_of(HOSTILE)
    assert generate(catalog, "a.b") == generate(catalog_of(HOSTILE), "a.b")
    first, _, rest = generate(catalog, "a.b").partition("\n")
    assert MARK in first
    assert "avroad schema types" in rest.split('"""')[0]


def test_one_module_per_namespace() -> None:
    assert modules(catalog_of(HOSTILE)) == {"a_b": "a.b", "x_y": "x.y"}
    assert modules(catalog_of(record("Bare"))) == {"unnamed": ""}


def test_records_stand_behind_what_they_hold() -> None:
    source = generate(catalog_of(HOSTILE), "a.b")
    order = [line.split()[1].split("(")[0].rstrip(":") for line in source.splitlines() if line.startswith("class ")]
    assert order == ["Status", "Big", "Place", "Event"]


def test_two_namespaces_of_one_module_are_refused() -> None:
    with pytest.raises(ContractError, match=r"one namespace for schemas/a_b\.py, found a\.b and a_b"):
        modules(catalog_of(record("a.b.X"), record("a_b.X")))


def test_two_types_of_one_class_are_refused() -> None:
    catalog = catalog_of(record("n.Final"), record("n.Final_"))
    with pytest.raises(ContractError, match="would share the class Final_"):
        generate(catalog, "n")


def test_an_unknown_namespace_names_the_known_ones() -> None:
    with pytest.raises(UnknownEventType, match=r"a namespace of the schemas \(a\.b, x\.y\), found nowhere"):
        generate(catalog_of(HOSTILE), "nowhere")


@pytest.mark.parametrize(
    ("type_", "default", "expected"),
    [
        (logical("string", "uuid"), "not a uuid", "a UUID"),
        (logical("long", "timestamp-millis"), 10**17, "within the years"),
        (logical("int", "time-millis"), 86_400_000, "within one day"),
    ],
)
def test_a_default_python_cannot_hold_is_refused(type_: Json, default: Json, expected: str) -> None:
    catalog = catalog_of(record("n.R", {"name": "f", "type": type_, "default": default}))
    with pytest.raises(ContractError, match=expected):
        generate(catalog, "n")


@pytest.mark.parametrize(
    ("declaration", "file", "where"),
    [
        (record("n.R", *fields(g="int"), {"name": "f", **BAD}), "schemas/n.R.avsc", "f of n.R"),
        (record("n.R", *fields(g=record("n.In", {"name": "deep", **BAD}))), "schemas/n.R.avsc", "deep of n.In"),
        (
            record(
                "n.R", {"name": "g", "type": record("n.In", *fields(deep=BAD["type"])), "default": {"deep": 10**17}}
            ),
            "schemas/n.R.avsc",
            "g of n.R",
        ),
    ],
    ids=["own", "nested", "inside-a-default"],
)
def test_a_default_python_cannot_hold_is_named_with_its_type_and_file(
    declaration: dict[str, Json], file: str, where: str
) -> None:
    user = record("n.A", *fields(r="n.R"))
    with pytest.raises(ContractError) as caught:
        generate(catalog_of(declaration, user), "n")
    assert str(caught.value) == (
        f"{file}: the default of {where} has no Python value: "
        "expected timestamp-millis within the years 1 to 9999, found 100000000000000000"
    )


def test_recursion_and_mutual_reference_across_namespaces(tmp_path: Path) -> None:
    inner = record("p.Inner", *fields(back=["null", "q.Outer"]))
    catalog = catalog_of(record("q.Outer", {"name": "inner", "type": inner}, *fields(again=["null", "q.Outer"])))
    assert "import schemas.p" in generate(catalog, "q")
    assert "import schemas.q" in generate(catalog, "p")
    assert "again: Outer | None" in generate(catalog, "q")
    assert "back: schemas.q.Outer | None" in generate(catalog, "p")
    assert compile(generate(catalog, "p"), str(tmp_path), "exec")


def test_the_repository_s_own_module_is_fresh() -> None:
    catalog = load_catalog(ROOT)
    for name, namespace in modules(catalog).items():
        assert (ROOT / "schemas" / f"{name}.py").read_text("utf-8") == generate(catalog, namespace)


@pytest.mark.skipif(shutil.which("ruff", path=str(Path(sys.executable).parent)) is None, reason="ruff is not installed")
@pytest.mark.parametrize("extra", [{}, {"name": "n.lower", "type": "record", "fields": []}], ids=["hostile", "lower"])
def test_linter_and_formatter_have_nothing_to_say(tmp_path: Path, extra: dict[str, Json]) -> None:
    catalog = catalog_of(HOSTILE, *([extra] if extra else []))
    folder = tmp_path / "schemas"
    folder.mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, namespace in modules(catalog).items():
        (folder / f"{name}.py").write_text(generate(catalog, namespace), "utf-8")
    ruff = str(Path(sys.executable).parent / "ruff")
    for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        done = subprocess.run([ruff, *command, "schemas"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
