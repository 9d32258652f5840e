"""`admin/exceptions.yaml`: read strictly, in force until its day, and missed by nobody when it is not needed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from avroad.contracts.exceptions import Exemptions, load_exemptions
from avroad.errors import ContractError

ONE = """
- rule: RENAME_WITHOUT_ALIAS
  subject: zoo.births-zoo.Birth
  path: $.weight
  reason: nobody reads the old field
  until: 2026-12-31
"""


def write(root: Path, text: str) -> Path:
    (root / "admin").mkdir()
    (root / "admin" / "exceptions.yaml").write_text(text, "utf-8")
    return root


def exemptions(root: Path, day: str, *rules: str) -> Exemptions:
    known = rules or ("RENAME_WITHOUT_ALIAS",)
    return Exemptions(load_exemptions(root), rules=known, today=date.fromisoformat(day))


def test_no_file_is_no_exception(tmp_path: Path) -> None:
    assert load_exemptions(tmp_path) == ()


def test_it_covers_its_rule_its_subject_and_what_is_below_its_path_up_to_its_day(tmp_path: Path) -> None:
    found = exemptions(write(tmp_path, ONE), "2026-12-31")
    subject = "zoo.births-zoo.Birth"
    for path in ("$.weight", "$.weight.kg", "$.weight[]"):
        covered = found.excuse("RENAME_WITHOUT_ALIAS", path, subject=subject)
        assert covered is not None
        assert covered.reason == "nobody reads the old field"
    assert found.excuse("RENAME_WITHOUT_ALIAS", "$.weights", subject=subject) is None
    assert found.excuse("RENAME_WITHOUT_ALIAS", "$.weight", subject="other") is None
    assert found.excuse("NAME_REUSED", "$.weight", subject=subject) is None
    assert found.leftovers() == ()


def test_an_expired_one_covers_nothing_and_is_an_error(tmp_path: Path) -> None:
    found = exemptions(write(tmp_path, ONE), "2027-01-01")
    assert found.excuse("RENAME_WITHOUT_ALIAS", "$.weight", subject="zoo.births-zoo.Birth") is None
    [left] = found.leftovers()
    assert (left.rule, left.severity.value) == ("EXCEPTION_EXPIRED", "error")
    assert "ended on 2026-12-31" in left.message
    assert left.exemption.line == 2


def test_one_for_every_subject_covers_all_and_may_wait_for_something_to_cover(tmp_path: Path) -> None:
    everywhere = ONE.replace("zoo.births-zoo.Birth", '"*"').replace("  path: $.weight\n", "")
    found = exemptions(write(tmp_path, everywhere), "2026-12-31")
    assert found.leftovers() == ()
    assert found.everywhere() == {"RENAME_WITHOUT_ALIAS"}
    for where in ({"subject": "zoo.births-zoo.Birth"}, {"type_name": "zoo.Death"}, {}):
        assert found.excuse("RENAME_WITHOUT_ALIAS", "$.weight", **where) is not None
    assert found.excuse("NAME_REUSED", "$.weight", subject="zoo.births-zoo.Birth") is None
    late = Exemptions(load_exemptions(tmp_path), rules=["RENAME_WITHOUT_ALIAS"], today=date(2027, 1, 1))
    assert late.everywhere() == frozenset()
    assert [left.rule for left in late.leftovers()] == ["EXCEPTION_EXPIRED"]
    assert "for every subject ended" in late.leftovers()[0].message


def test_one_that_covers_nothing_is_a_warning_only_where_its_rule_is_known(tmp_path: Path) -> None:
    [left] = exemptions(write(tmp_path, ONE), "2026-01-01").leftovers()
    assert (left.rule, left.severity.value) == ("EXCEPTION_UNUSED", "warning")
    assert exemptions(tmp_path, "2026-01-01", "DOC_MISSING").leftovers() == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rule: X", "expected a list of exceptions, found a mapping"),
        ("- rule: X\n  type: a.B\n  reason: r\n  until: 2026-02-30", "expected the last day it holds, as YYYY-MM-DD"),
        ("- rule: X\n  type: a.B\n  reason: r\n  until: 20260201", "until"),
        ("- rule: X\n  type: a.B\n  reason: r", 'expected the key "until"'),
        ("- rule: X\n  type: a.B\n  reason: ' '\n  until: 2026-02-01", "why the finding is accepted"),
        ("- rule: x y\n  type: a.B\n  reason: r\n  until: 2026-02-01", "expected the id of a rule"),
        ("- rule: X\n  reason: r\n  until: 2026-02-01", "expected either a subject or a type, found neither"),
        ("- rule: X\n  type: a.B\n  subject: s\n  reason: r\n  until: 2026-02-01", "found both"),
        ("- rule: X\n  tpye: a.B\n  reason: r\n  until: 2026-02-01", 'did you mean "type"?'),
        ("- no", "expected a mapping"),
        ("- rule: X\n  type: a.B\n  path: B.road\n  reason: r\n  until: 2026-02-01", "such as $.road"),
        ("- rule: X\n  type: a.B\n  path: $road\n  reason: r\n  until: 2026-02-01", "write $ for the type itself"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ContractError) as caught:
        load_exemptions(write(tmp_path, text))
    assert said in str(caught.value)
    assert "admin/exceptions.yaml:" in str(caught.value)


def test_an_unknown_rule_is_refused_where_all_rules_are_known(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match='did you mean "RENAME_WITHOUT_ALIAS"'):
        load_exemptions(write(tmp_path, ONE.replace("_ALIAS", "_ALAIS")), known=["RENAME_WITHOUT_ALIAS"])


def test_a_file_of_comments_lists_nothing(tmp_path: Path) -> None:
    assert load_exemptions(write(tmp_path, "# none yet\n")) == ()


def test_one_that_another_command_may_need_is_not_missed_by_this_one(tmp_path: Path) -> None:
    rule = "RENAME_WITHOUT_ALIAS"
    listed = load_exemptions(write(tmp_path, ONE))
    found = Exemptions(listed, rules=[rule], shared=[rule], today=date(2026, 1, 1))
    assert found.leftovers() == ()
    late = Exemptions(listed, rules=[rule], shared=[rule], today=date(2027, 1, 1))
    assert [left.rule for left in late.leftovers()] == ["EXCEPTION_EXPIRED"]
