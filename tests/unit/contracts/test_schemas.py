"""The files of `schemas/`: names, references, circles, and every problem of every file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from avroad.contracts import load_catalog
from avroad.errors import ContractError
from avroad.schema import fingerprint, parse
from tests.unit.contracts.conftest import BIRTH, ContractProject, field, record

KEEPER = record("zoo.Keeper", field("name", "string"))


def test_a_type_is_loaded_with_what_is_needed_to_register_it(project: ContractProject) -> None:
    project.schema(KEEPER)
    project.schema({**BIRTH, "fields": [*BIRTH["fields"], field("keeper", "zoo.Keeper", doc="Who saw it.")]})
    birth = project.load().type("zoo.Birth")
    assert birth.file == "schemas/zoo.Birth.avsc"
    assert birth.references == ("zoo.Keeper",)
    text = json.loads(birth.text)
    assert text["fields"][-1] == {"name": "keeper", "type": "zoo.Keeper", "doc": "Who saw it."}
    assert len(birth.fingerprint) == 64


def test_the_text_to_register_means_the_same_as_the_schema(project: ContractProject) -> None:
    project.schema(KEEPER)
    project.schema({**BIRTH, "fields": [*BIRTH["fields"], field("keeper", ["null", "zoo.Keeper"], default=None)]})
    catalog = project.load()
    keeper = parse(catalog.type("zoo.Keeper").text)
    again = parse(catalog.type("zoo.Birth").text, names={"zoo.Keeper": keeper})  # type: ignore[dict-item]
    assert fingerprint(again) == catalog.type("zoo.Birth").fingerprint


def test_types_come_after_those_they_refer_to(project: ContractProject) -> None:
    project.schema(record("zoo.A", field("b", "zoo.B"), field("c", "zoo.C")))
    project.schema(record("zoo.B", field("c", {"type": "map", "values": "zoo.C"})))
    project.schema(record("zoo.C", field("x", "int")))
    names = list(project.load().types)
    assert names.index("zoo.C") < names.index("zoo.B") < names.index("zoo.A")


def test_a_shared_type_is_one_object_wherever_it_is_used(project: ContractProject) -> None:
    project.schema(record("zoo.A", field("c", "zoo.C")))
    project.schema(record("zoo.B", field("c", "zoo.C")))
    project.schema(record("zoo.C", field("x", "int")))
    types = project.load().types
    a, b = types["zoo.A"].schema, types["zoo.B"].schema
    assert a.fields[0].type is b.fields[0].type is types["zoo.C"].schema  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("type_", "path"),
    [
        ("zoo.Kepeer", "$.fields[0].type"),
        (["null", "zoo.Kepeer"], "$.fields[0].type[1]"),
        ({"type": "array", "items": "zoo.Kepeer"}, "$.fields[0].type.items"),
        ({"type": "map", "values": ["zoo.Kepeer", "int"]}, "$.fields[0].type.values[0]"),
        ({"type": "zoo.Kepeer"}, "$.fields[0].type.type"),
        (record("zoo.Inner", field("x", "zoo.Kepeer")), "$.fields[0].type.fields[0].type"),
    ],
)
def test_an_unknown_type_is_one_problem_at_its_place(project: ContractProject, type_: object, path: str) -> None:
    project.schema(KEEPER)
    project.schema(record("zoo.Cage", field("keeper", type_)))
    assert project.problems() == [
        f'schemas/zoo.Cage.avsc {path}: expected a known type, found "zoo.Kepeer": did you mean "zoo.Keeper"?'
    ]


def test_a_misspelt_primitive(project: ContractProject) -> None:
    project.schema(record("zoo.Cage", field("x", "strnig")))
    assert project.problems() == [
        'schemas/zoo.Cage.avsc $.fields[0].type: expected a known type, found "strnig": did you mean "string"?'
    ]


def test_a_reference_to_another_file_is_by_full_name(project: ContractProject) -> None:
    project.schema(KEEPER)
    project.schema(record("zoo.Cage", field("keeper", "Keeper")))
    assert project.problems() == [
        (
            'schemas/zoo.Cage.avsc $.fields[0].type: expected the full name "zoo.Keeper" for a type of another file, '
            'found "Keeper"'
        )
    ]


def test_inside_a_file_short_names_are_fine(project: ContractProject) -> None:
    inner = {"type": "enum", "name": "Mood", "symbols": ["CALM"]}
    project.schema(record("zoo.Cage", field("a", inner), field("b", "Mood"), field("c", "zoo.Mood")))
    assert project.load().type("zoo.Cage").references == ()


def test_a_type_inside_another_file_is_not_shared(project: ContractProject) -> None:
    project.schema(record("zoo.Cage", field("a", {"type": "enum", "name": "Mood", "symbols": ["CALM"]})))
    project.schema(record("zoo.Pen", field("a", "zoo.Mood")))
    assert project.problems() == [
        (
            'schemas/zoo.Pen.avsc $.fields[0].type: expected a type with its own file, found "zoo.Mood", '
            "declared inside schemas/zoo.Cage.avsc: move it to schemas/zoo.Mood.avsc"
        )
    ]


@pytest.mark.parametrize("second", ["zoo.Pen", "zoo.Mood"], ids=["inside another type", "in a file of its own"])
def test_a_type_is_declared_in_one_file(project: ContractProject, second: str) -> None:
    mood = {"type": "enum", "name": "Mood", "namespace": "zoo", "symbols": ["CALM"]}
    project.schema(record("zoo.Cage", field("a", mood)))
    project.schema(mood if second == "zoo.Mood" else record(second, field("a", mood)))
    where = "schemas/zoo.Mood.avsc" if second == "zoo.Mood" else "schemas/zoo.Cage.avsc"
    culprit = "schemas/zoo.Cage.avsc" if second == "zoo.Mood" else "schemas/zoo.Pen.avsc"
    assert project.problems() == [
        (
            f'{culprit} $.fields[0].type.name: expected each type declared in one file, found "zoo.Mood", '
            f"also declared in {where}: keep one declaration and refer to it by full name"
        )
    ]


def test_a_file_is_named_after_its_type(project: ContractProject) -> None:
    project.schema(KEEPER, name="zoo.Guard")
    assert project.problems() == [
        (
            'schemas/zoo.Guard.avsc $.name: expected the type "zoo.Guard", after which the file is named, found '
            '"zoo.Keeper": rename the file to schemas/zoo.Keeper.avsc?'
        )
    ]


@pytest.mark.parametrize("schema", ['["null", "int"]', '{"type": "array", "items": "int"}', '"string"', "[]"])
def test_a_file_holds_one_named_type(project: ContractProject, schema: str) -> None:
    project.schema(schema, name="zoo.X")
    assert project.problems()[0] == (
        "schemas/zoo.X.avsc $: expected one record, enum or fixed with a name, found a schema without one"
    )


def test_files_that_refer_in_a_circle_show_the_chain(project: ContractProject) -> None:
    project.schema(record("zoo.A", field("b", ["null", "zoo.B"])))
    project.schema(record("zoo.B", field("c", ["null", "zoo.C"])))
    project.schema(record("zoo.C", field("a", ["null", "zoo.A"])))
    project.schema(record("zoo.User", field("a", "zoo.A")))
    assert project.problems() == [
        (
            "schemas/zoo.A.avsc $: expected files that do not refer in a circle, found zoo.A -> zoo.B -> zoo.C -> zoo.A"
            ": put types that need each other into one file, or drop one reference"
        )
    ]


def test_a_type_inside_itself_is_refused_by_the_limits(project: ContractProject) -> None:
    project.schema(record("zoo.Node", field("next", ["null", "Node"], default=None)))
    (message,) = project.problems()
    assert "expected no type inside itself, found zoo.Node" in message


def test_a_broken_file_does_not_blame_those_that_use_it(project: ContractProject) -> None:
    project.schema("{", name="zoo.Keeper")
    project.schema(record("zoo.Cage", field("keeper", "zoo.Keeper"), field("other", "zoo.Keeper")))
    (message,) = project.problems()
    assert message.startswith("schemas/zoo.Keeper.avsc line 1 column 2: expected JSON, found text that is none (")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected JSON, found text that is none ("),
        ("null", "expected a schema, found null"),
        ('{"type": "record", "type": "enum"}', "expected each key once, found 'type' twice in one object"),
        ("NaN", "expected JSON numbers, found NaN"),
    ],
)
def test_files_that_hold_no_schema(project: ContractProject, text: str, message: str) -> None:
    project.schema(text, name="zoo.X")
    (found,) = project.problems()
    assert found.startswith("schemas/zoo.X.avsc")
    assert message in found


def test_bytes_that_are_no_text(project: ContractProject) -> None:
    (project.root / "schemas" / "zoo.X.avsc").write_bytes(b"\xff\xfe{}")
    assert project.problems() == ["schemas/zoo.X.avsc: expected UTF-8 text, found other bytes: save the file as UTF-8"]


def test_a_folder_named_like_a_file(project: ContractProject) -> None:
    (project.root / "schemas" / "zoo.X.avsc").mkdir()
    (found,) = project.problems()
    assert "schemas/zoo.X.avsc: expected a regular file, found a folder" in found


def test_a_byte_order_mark_is_read_over(project: ContractProject) -> None:
    path = project.root / "schemas" / "zoo.Birth.avsc"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert "zoo.Birth" in project.load().types


def test_a_schema_in_a_subfolder_is_not_silently_ignored(project: ContractProject) -> None:
    folder = project.root / "schemas" / "old"
    folder.mkdir()
    (folder / "zoo.Old.avsc").write_text("{}")
    assert project.problems() == [
        (
            "schemas/old/zoo.Old.avsc: expected schema files directly in schemas/, found a folder between: move it to "
            "schemas/zoo.Old.avsc"
        )
    ]


def test_other_files_in_the_folder_are_not_read(project: ContractProject) -> None:
    (project.root / "schemas" / "zoo.py").write_text("not a schema")
    (project.root / "schemas" / "README.md").write_text("{")
    assert list(project.load().types) == ["zoo.Birth"]


def test_no_schemas_folder(project: ContractProject) -> None:
    shutil.rmtree(project.root / "schemas")
    assert project.problems()[0] == "schemas: expected a folder with schema files, found no such folder"


def test_an_empty_schemas_folder(project: ContractProject) -> None:
    (project.root / "schemas" / "zoo.Birth.avsc").unlink()
    assert project.problems()[0] == "schemas: expected at least one .avsc file, found none"


def test_both_folders_missing_are_two_problems(tmp_path: Path) -> None:
    with pytest.raises(ContractError) as caught:
        load_catalog(tmp_path)
    assert [problem.file for problem in caught.value.problems] == ["schemas", "admin/topics"]


def test_all_problems_of_all_files_come_together(project: ContractProject) -> None:
    project.schema(record("zoo.A", field("x", "strnig"), field("y", {"type": "enum", "name": "E", "symbols": []})))
    project.schema(record("zoo.B", field("x", "int", default="one")))
    project.schema("{", name="zoo.C")
    project.topic(partitions="0", values="[zoo.Birht]")
    found = project.problems()
    assert len(found) == 6
    for file in ("zoo.A", "zoo.B", "zoo.C", "zoo.births"):
        assert any(file in line for line in found), file


def test_the_headline_counts_problems_and_files(project: ContractProject) -> None:
    project.schema("{", name="zoo.C")
    with pytest.raises(ContractError, match=r"^the contracts have 1 problem in 1 file:\n"):
        project.load()
    project.schema("{", name="zoo.D")
    with pytest.raises(ContractError, match=r"^the contracts have 2 problems in 2 files:\n"):
        project.load()


def test_a_thousand_types_parse_each_file_once(project: ContractProject, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def counting(source: object, *, names: dict[str, object], **more: object) -> object:
        calls.append(len(names))
        return parse(source, names=names, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("avroad.contracts.schemas.parse", counting)
    for i in range(1000):
        project.schema(record(f"zoo.T{i}", field("x", "int" if i < 10 else f"zoo.T{i % 10}")))
    assert len(project.load().types) == 1001
    assert len(calls) == 1001
    assert max(calls) == 1, "a file sees only the types it names, whatever else is in the folder"


def test_a_chain_of_a_thousand_files_does_not_exhaust_the_stack(project: ContractProject) -> None:
    for i in range(1000):
        project.schema(record(f"zoo.T{i:04}", field("x", "int" if i == 999 else f"zoo.T{i + 1:04}")))
    found = project.problems()
    assert found
    assert all("expected at most 32 levels" in line for line in found)
