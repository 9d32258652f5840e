"""The pre-commit hook runs on every file that `avroad schema check` reads, and on no other."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def test_the_hook_runs_where_the_check_may_say_something_else() -> None:
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert f"- id: {hook['id']}" in (ROOT / "docs" / "ci.md").read_text("utf-8")
    files = [*ROOT.glob("schemas/*"), *ROOT.glob("admin/*"), *ROOT.glob("admin/*/*")]
    read = {"schemas", "topics", "applications"}
    for path in (path for path in files if path.is_file() and "__pycache__" not in path.parts):
        name = path.relative_to(ROOT).as_posix()
        wanted = path.suffix in {".avsc", ".yaml"} and (path.parent.name in read or path.name == "exceptions.yaml")
        assert (re.search(hook["files"], name) is not None) is wanted, name
