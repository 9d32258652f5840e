"""Every rule that can be reported is explained, and its example breaks it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from avroad.contracts import compat
from avroad.contracts.compat import Incompatibility, compare
from avroad.contracts.compat.modes import Version, check_history
from avroad.contracts.compat.rules import RULES
from avroad.contracts.rule import Rule
from avroad.model import Level
from avroad.schema import Json, Schema, parse

SOURCES = [*sorted(Path(compat.__file__).parent.glob("meaning*.py")), Path(compat.__file__).parent / "modes.py"]


KINDS = ("enum", "fixed", "record")


def is_fields(text: str) -> bool:
    values = json.loads(f"[{text}]") if text else []
    return bool(values) and all(isinstance(v, dict) and "name" in v and v.get("type") not in KINDS for v in values)


def example(text: str, *, fields: bool) -> Schema:
    values: list[Json] = json.loads(f"[{text}]") if text else []
    value: Json = {"type": "record", "name": "Example", "fields": values} if fields else json.dumps(values[0])
    return parse(value, strict=False)  # one rule is about what only foreign schemas may say


def test_every_rule_that_is_reported_is_explained() -> None:
    reported = {name for path in SOURCES for name in re.findall(r'unseen\(\s*"([A-Z_]+)"', path.read_text("utf-8"))}
    assert reported | {kind.value for kind in Incompatibility} == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_the_example_breaks_the_rule(rule: Rule) -> None:
    fields = is_fields(rule.after)
    before, after = example(rule.before, fields=fields), example(rule.after, fields=fields)
    found = {finding.rule for finding in compare(after, before).findings}
    gone = parse({"type": "record", "name": "Example", "fields": []})
    history = [Version(name="1", schema=before), Version(name="2", schema=gone)]
    found |= {finding.rule for finding in check_history(after, history, Level.BACKWARD_TRANSITIVE).history}
    assert rule.id in found
