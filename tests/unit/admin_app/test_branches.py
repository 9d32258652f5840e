"""The demo's branches: copies of the contracts that differ from them as they say, and as the engine judges."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from admin.branches import make_branches
from avroad.contracts import load_catalog
from avroad.contracts.compat import PairReport, compare

ROOT = Path(__file__).resolve().parents[3]
ACCIDENT = "traffic.Accident"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    for folder in ("schemas", "admin", "producers", "consumers"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def test_each_branch_is_a_project_with_the_change_it_names(project: Path) -> None:
    before = load_catalog(project).type(ACCIDENT).schema
    branches = make_branches(project, ACCIDENT)
    assert list(branches.changes) == ["next", "broken", "unit"]
    reports: dict[str, PairReport] = {}
    for name in branches.changes:
        folder = project / branches.folder(name)
        assert (folder / "producers" / "synthetic.py").exists()
        reports[name] = compare(load_catalog(folder).type(ACCIDENT).schema, before)
    assert [(r.compatible, r.safe, r.same_meaning) for r in reports.values()] == [
        (True, True, True), (False, False, True), (True, False, False),
    ]  # fmt: skip
    assert "UNIT_CHANGED" in {finding.rule for finding in reports["unit"].findings}


def test_branches_are_made_anew_and_the_contracts_stay_as_they_are(project: Path) -> None:
    before = {path: path.read_bytes() for path in (project / "schemas").iterdir()}
    branches = make_branches(project, ACCIDENT)
    stray = project / branches.folder("next") / branches.schema
    stray.write_text("{}", "utf-8")
    make_branches(project, ACCIDENT)
    assert json.loads(stray.read_text("utf-8"))["name"] == "Accident"
    assert {path: path.read_bytes() for path in (project / "schemas").iterdir()} == before
