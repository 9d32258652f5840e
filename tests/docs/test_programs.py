"""What README.md and docs/extend.md tell to save passes the checks of the project that it is saved in."""

from __future__ import annotations

import json
import re
from pathlib import Path

from avroad.contracts.layout import layout

ROOT = Path(__file__).resolve().parents[2]


def test_the_new_schema_is_laid_out_as_schema_fmt_wants_it() -> None:
    (text,) = re.findall(r"```json\n(\{\n.*?)```", (ROOT / "docs" / "extend.md").read_text("utf-8"), re.DOTALL)
    assert layout(json.loads(text), file="docs/extend.md") == text


def test_the_first_program_is_saved_where_no_check_looks() -> None:
    (name,) = re.findall(r"save this as `([\w.]+)` in the", (ROOT / "README.md").read_text("utf-8"))
    assert f"/{name}" in (ROOT / ".gitignore").read_text("utf-8").splitlines(), "ruff leaves out what git ignores"
