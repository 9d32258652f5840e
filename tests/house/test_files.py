"""What the repository says about itself is true: file map, links, make targets, the lock."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("[a-z]*/README.md")])


def tracked() -> list[str]:
    return subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")


def test_the_file_map_names_every_engine_module_and_nothing_else() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    named = set(re.findall(r"`(src/avroad/[\w./-]+\.py)`", text))
    modules = {
        name for name in tracked() if name.startswith("src/avroad/") and name.endswith(".py")
        and not name.endswith("__init__.py")
    }  # fmt: skip
    assert modules - named == set(), "modules missing from the file map of ARCHITECTURE.md"
    assert named - modules == set(), "the file map of ARCHITECTURE.md names files that are not there"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_paths_and_make_targets_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
        assert (path.parent / target).exists(), f"broken link {target}"
    for target in re.findall(r"`((?:src|tests|admin|schemas|producers|consumers|bench|docs)/[\w./-]+)`", text):
        assert (ROOT / target).exists(), f"no such path {target}"
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"(?m)^\s*\$?\s*make ([a-z][\w-]*)", text):
        assert re.search(rf"(?m)^{re.escape(target)}:", makefile), f"no make target {target}"


def test_clean_removes_everything_that_git_ignores_but_a_persons_own() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipe = makefile[makefile.index("\nclean:") :]
    removed = {*re.findall(r"[\w./*-]+", recipe)}
    for name in re.findall(r"\$\((\w+)\)", recipe):
        removed |= {*makefile.partition(f"\n{name} := ")[2].partition("\n")[0].split()}
    ignored = {line.rstrip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines()} - {"/send_one.py"}
    assert {name.removeprefix("src/") for name in removed} >= ignored, "make clean leaves what is generated here"


def test_the_dependency_lock_covers_pyproject_with_hashes_and_names_no_host() -> None:
    lock = (ROOT / ".ci" / "requirements.txt").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["stack"]]
    wanted += [item for items in project["dependency-groups"].values() for item in items if isinstance(item, str)]
    pinned = set(re.findall(r"(?m)^([a-z0-9._-]+)==", lock))
    for requirement in wanted:
        name = re.split(r"[\[<>=~! ;]", requirement)[0].lower().replace("_", "-")
        assert name in pinned, f"{requirement} is not in the lock; run: make lock"
    entries = re.split(r"(?m)^(?=[a-z0-9])", lock)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in lock
    assert "index" not in lock


def test_folder_readmes_are_short() -> None:
    for folder in ("schemas", "producers", "consumers", "admin"):
        lines = (ROOT / folder / "README.md").read_text("utf-8").count("\n")
        assert lines <= 25, f"{folder}/README.md has {lines} lines"


def test_ci_calls_the_commands_of_the_readme_and_requires_kafka() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    for command in ("make check", "make test", "AVROAD_REQUIRE_KAFKA=1"):
        assert command in script
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "make demo" in readme
    assert "make test" in readme
