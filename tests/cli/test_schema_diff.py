"""`avroad schema diff`: files, types, revisions and registered versions, text and JSON, and what is none of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from avroad.cli.main import run
from avroad.errors import ExitCode
from avroad.model import Level, Reference
from avroad.project import Project
from avroad.registry import MemoryRegistry
from tests.cli.git_world import GIT, GitProject, field, git, record

ROOT = Path(__file__).resolve().parents[2]


def diff(*arguments: str) -> int:
    return run(["schema", "diff", "--root", str(ROOT), *arguments])


def test_a_file_with_references_against_its_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    value = json.loads((ROOT / "schemas" / "traffic.Accident.avsc").read_text("utf-8"))
    removed = value["fields"].pop()["name"]
    file = tmp_path / "new.avsc"
    file.write_text(json.dumps(value), "utf-8")
    assert diff("traffic.Accident", str(file)) == ExitCode.OK
    said = capsys.readouterr()
    assert f" $.{removed}\n" in said.out
    assert max(map(len, said.out.splitlines())) <= 80
    assert diff("traffic.Accident", str(file), "--output", "json") == ExitCode.OK
    assert [change["path"] for change in json.loads(capsys.readouterr().out)["changes"]] == [f"$.{removed}"]


def test_a_rename_into_another_unit_is_one_change_that_no_registry_sees(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    value = json.loads((ROOT / "schemas" / "traffic.Accident.avsc").read_text("utf-8"))
    renamed = next(item for item in value["fields"] if item["name"] == "speed_limit_kmh")
    renamed.update(name="speed_limit_mph", aliases=["speed_limit_kmh"])
    file = tmp_path / "new.avsc"
    file.write_text(json.dumps(value), "utf-8")
    assert diff("traffic.Accident", str(file)) == ExitCode.OK
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == "breaking $.speed_limit_mph"
    assert said.err == (
        "1 breaking, 0 compatible, 0 cosmetic\n"
        "New readers read old data: yes for a registry, but not as it was meant.\n"
        "Old readers read new data: yes for a registry, but not as it was meant.\n"
    )


def test_what_breaks_one_way_and_is_misread_the_other_is_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, kind, aliases in (("old", "int", {}), ("new", "long", {"a": ["b"], "b": ["a"]})):
        fields = [{"name": f, "type": kind, **({"aliases": aliases[f]} if aliases else {})} for f in ("a", "b")]
        schema = {"type": "record", "name": "x.R", "fields": fields}
        (tmp_path / f"{name}.avsc").write_text(json.dumps(schema), "utf-8")
    files = [str(tmp_path / "old.avsc"), str(tmp_path / "new.avsc")]
    assert diff(*files) == ExitCode.OK
    said = capsys.readouterr().out
    assert "    breaks: for old readers of new data\n    misread: by new readers of old data\n" in said
    assert "new readers and old ones" not in said
    assert diff(*files, "--output", "json") == ExitCode.OK
    change = json.loads(capsys.readouterr().out)["changes"][0]
    assert (change["misread_by_new_readers"], change["misread_by_old_readers"]) == (True, False)


def test_layout_is_no_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new.avsc"
    file.write_text(json.dumps(json.loads((ROOT / "schemas" / "traffic.Source.avsc").read_text("utf-8"))), "utf-8")
    assert diff("traffic.Source", str(file)) == ExitCode.OK
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "no change\n")


@pytest.mark.parametrize(
    ("given", "code", "word"),
    [
        ("traffic.Accidnet", ExitCode.USAGE, "traffic.Accident"),
        ("nowhere.avsc", ExitCode.USAGE, "nowhere.avsc"),
        ("{tmp}/broken.avsc", ExitCode.CONTRACT, "not JSON"),
        ("{tmp}/none.avsc", ExitCode.CONTRACT, "Traffc"),
    ],
)
def test_what_is_no_schema_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: str, code: ExitCode, word: str
) -> None:  # fmt: skip
    (tmp_path / "broken.avsc").write_text("{", "utf-8")
    (tmp_path / "none.avsc").write_text('{"type": "array", "items": "Traffc"}', "utf-8")
    assert diff("traffic.Source", given.format(tmp=tmp_path)) == code
    said = capsys.readouterr().err
    assert word in said
    assert "Traceback" not in said


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitProject:
    """Births and feeds at v1; then feeds went, food came, and births changed."""
    for name, value in GIT.items():
        monkeypatch.setenv(name, value)
    made = GitProject(tmp_path / "zoo")
    made.environment()
    made.birth(field("animal", "string"), field("weight", "zoo.Weight"))
    made.schema(record("Weight", field("kg", "int")))
    made.schema(record("Feed", field("kg", "int")))
    made.schema(record("Keeper", field("name", "string")))
    made.commit("One")
    git(made.root, "tag", "v1")
    made.schema(record("Weight", field("kg", "long")))
    made.remove("zoo.Feed")
    made.remove("zoo.Keeper")
    made.schema(record("Warden", field("name", "string"), aliases=["Keeper"]))
    made.schema(record("Visit", field("day", "int")))
    made.commit("Two")
    return made


def zoo_diff(project: GitProject, *arguments: str) -> int:
    return run(["schema", "diff", "--root", str(project.root), *arguments])


def changed(project: GitProject, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[tuple[str, str]]:
    assert zoo_diff(project, *arguments, "--output", "json") == ExitCode.OK
    found = json.loads(capsys.readouterr().out)
    return [(change["path"], change["effect"]) for change in found["changes"]]


def test_a_type_between_revisions_with_its_references_of_that_time(
    zoo: GitProject, capsys: pytest.CaptureFixture[str]
) -> None:
    wide = [("$.weight.kg", "breaking")]
    for arguments in (
        ("git:v1:zoo.Birth",),
        ("git:v1:zoo.Birth", "zoo.Birth"),
        ("git:v1:zoo.Birth", "git:HEAD:zoo.Birth"),
        ("git:v1", "git:HEAD:zoo.Birth"),
        ("git:v1:zoo.Birth", "git:HEAD"),
        ("git:HEAD~1", "zoo.Birth"),
        ("git:v1:zoo.Birth", f"dir:{zoo.root}"),
    ):
        assert changed(zoo, capsys, *arguments) == wide, arguments
    assert changed(zoo, capsys, "git:v1:zoo.Feed", "zoo.Visit") != []
    assert changed(zoo, capsys, "git:HEAD:zoo.Birth") == []


def test_all_types_between_revisions(zoo: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (("git:v1", "git:HEAD"), ("git:v1",), ("git:v1", f"dir:{zoo.root / 'schemas'}")):
        assert zoo_diff(zoo, *arguments, "--output", "json") == ExitCode.OK
        found = json.loads(capsys.readouterr().out)
        assert [(item["type"], item["state"]) for item in found["types"]] == [
            ("zoo.Birth", "changed"),
            ("zoo.Visit", "added"),
            ("zoo.Warden", "renamed from zoo.Keeper"),
            ("zoo.Weight", "changed"),
            ("zoo.Feed", "removed"),
        ]
    assert zoo_diff(zoo, "git:v1") == ExitCode.OK
    said = capsys.readouterr()
    assert "zoo.Weight: changed\n  breaking $.kg\n" in said.out
    assert said.err.startswith("5 types: 1 added, 2 changed, 1 removed, 1 renamed. 4 breaking, ")
    assert zoo_diff(zoo, "git:HEAD") == ExitCode.OK
    assert capsys.readouterr() == ("", "no change\n")


def test_a_project_below_the_repositorys_root(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    project = GitProject(tmp_path / "teams" / "zoo", repository=False)
    project.birth()
    project.commit()
    project.birth(field("animal", "string"))
    assert changed(project, capsys, "git:HEAD:zoo.Birth") == [("$.number", "breaking")]


def test_what_a_revision_held_and_could_not_be_read(zoo: GitProject, capsys: pytest.CaptureFixture[str]) -> None:
    file = zoo.root / "schemas" / "zoo.Visit.avsc"
    good = file.read_text("utf-8")
    file.write_text("{")
    broken = zoo.commit("Broken")
    file.write_text(good)
    assert zoo_diff(zoo, f"git:{broken}:zoo.Visit") == ExitCode.CONTRACT
    assert f"zoo.Visit.avsc of {broken} is no schema that can be read" in capsys.readouterr().err
    assert zoo_diff(zoo, f"git:{broken}") == ExitCode.OK
    said = capsys.readouterr()
    assert "zoo.Visit: added" in said.out
    assert "note: zoo.Visit.avsc of" in said.err


def test_a_registered_version(
    zoo: GitProject, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = MemoryRegistry(level=Level.NONE)
    reference = Reference(name="zoo.Weight", subject="zoo.Weight", version=1)
    registry.register("zoo.Weight", json.dumps(record("Weight", field("kg", "int"))))
    subject = "zoo.births-zoo.Birth"
    registry.register(subject, json.dumps(record("Birth", field("animal", "string"))))
    text = json.dumps(record("Birth", field("animal", "string"), field("weight", "zoo.Weight")))
    registry.register(subject, text, (reference,))
    monkeypatch.setattr(Project, "registry", lambda _self: registry)
    assert changed(zoo, capsys, f"registry:{subject}") == [("$.weight.kg", "breaking")]
    assert changed(zoo, capsys, f"registry:{subject}:2", "git:v1") == []
    assert changed(zoo, capsys, f"registry:{subject}:1", f"registry:{subject}") == [("$.weight", "breaking")]
    for given, word in (
        (f"registry:{subject}:7", "It has: 1, 2"),
        (
            f"registry:{subject}:latest",
            f'expected a number, found "latest". For the newest version: registry:{subject}',
        ),
        ("registry:elsewhere:99", 'has no subject "elsewhere", in any version'),
        ("registry:zoo.births-zoo.Brith", f'Did you mean "{subject}"?'),
        ("registry:zoo.Birth", f'Did you mean "registry:{subject}"?'),
        ("registry:elsewhere", "See: avroad subjects list"),
    ):
        assert zoo_diff(zoo, given, "zoo.Birth") == ExitCode.USAGE
        assert word in capsys.readouterr().err
    monkeypatch.setattr(Project, "registry", lambda _self: MemoryRegistry())
    assert zoo_diff(zoo, f"registry:{subject}:1", "zoo.Birth") == ExitCode.USAGE
    assert "It is declared, and not registered yet. Run: avroad apply -e local" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("git:v1:zoo.Brith",), ExitCode.USAGE, 'Did you mean "zoo.Birth"?'),
        (("git:v1", "zoo.Visit"), ExitCode.USAGE, 'has no type "zoo.Visit"'),
        (("git:v9",), ExitCode.USAGE, 'no revision "v9"'),
        (("git:--help",), ExitCode.USAGE, "no such revision"),
        (("gti:v1",), ExitCode.USAGE, 'Did you mean "git:v1"?'),
        (("git:",), ExitCode.USAGE, "git:REV:TYPE"),
        (("registry",), ExitCode.USAGE, "registry:SUBJECT"),
        (("zoo.Birth",), ExitCode.USAGE, "git:main:zoo.Birth"),
        (("registry:zoo.Birth",), ExitCode.FAILURE, "registry"),
        (("dir:nowhere",), ExitCode.USAGE, "no folder nowhere"),
    ],
)
def test_a_typo_is_told_apart(
    zoo: GitProject, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: ExitCode, word: str
) -> None:  # fmt: skip
    assert zoo_diff(zoo, *arguments) == code
    said = capsys.readouterr().err
    assert word in said
    assert "Traceback" not in said
