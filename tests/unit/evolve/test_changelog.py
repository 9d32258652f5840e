"""The contracts' changelog: new entries on top, each once, and nothing of anybody else's lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avroad.admin import Plan
from avroad.admin.subject_changes import Allowance, Answer, RegisterSchema
from avroad.evolve.certificate import Certificate
from avroad.evolve.changelog import Entry, changelog_path, entries_of, has_entry, with_entries
from avroad.model import Level


def entry(subject: str = "road.jams-value", body: str = "- a change") -> Entry:
    return Entry(subject=subject, fingerprint="f1", day="2026-05-01", body=body)


def planned(**more: object) -> Plan:
    settings: dict[str, object] = {
        "subject": "road.jams-value", "type_name": "road.Jam", "text": "{}", "fingerprint": "f2",
        "level": Level.BACKWARD, "old_version": 1, "answer": Answer.YES, "checked": (1,), "compatible": True,
        "safe": True, "same_meaning": True, "changes": ("$.lanes: field added", "$.a<b>: gone"),
    }  # fmt: skip
    change = RegisterSchema(**(settings | more))  # type: ignore[arg-type]
    return Plan(
        environment="staging", cluster_id="c", registry="http://registry", observed_at="2026-05-01T10:00:00Z",
        marks={}, changes=(change,),
    )  # fmt: skip


CERTIFICATE = Certificate(
    subject="road.jams-value", mode="BACKWARD", candidate="f2", played=(("1", "f1"), ("abc1234 (2026-04-01)", "f0")),
    met=True, registry="compatible", order="consumers first",
    steps=("Update every consumer.", "Then update the producers."),
    at="2026-05-01T09:00:00Z", seed=7, libraries=(("avroad", "1.0"), ("java", "")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("lock", "name"),
    [
        ("schemas.lock.json", "schemas.changelog.md"), ("prod.lock.json", "prod.changelog.md"),
        ("ids.json", "ids.changelog.md"), ("ids", "ids.changelog.md"),
    ],
)  # fmt: skip
def test_it_stands_beside_the_lock_and_is_named_after_it(lock: str, name: str) -> None:
    assert changelog_path(Path("admin/locks") / lock) == Path("admin/locks") / name


def test_an_entry_says_all_there_is_to_know() -> None:
    (made,) = entries_of(planned(), {"road.jams-value": CERTIFICATE}, by="ada")
    assert made.text(2, 17) == (
        """\
<!-- avroad: road.jams-value 2 f2 -->
## 2026-05-01: road.jams-value, version 2, id 17

- released at 2026-05-01T10:00:00Z to environment staging, by ada
- type road.Jam, level BACKWARD, registry http://registry
- fingerprint f2
- follows version 1; changes:
  - $.lanes: field added
  - $.a\\<b>: gone
- registry: compatible
- engine: compatible, safe, same meaning; checked against version 1
- upgrade: consumers first
  1. Update every consumer.
  2. Then update the producers.
- rehearsed at 2026-05-01T09:00:00Z: BACKWARD met, played against version 1,
  abc1234 (2026-04-01), registry: compatible; read by avroad 1.0, java; seed 7
"""
    )
    assert made.text().startswith("## 2026-05-01: road.jams-value, a new version\n")


def test_a_first_version_has_nothing_to_be_held_against() -> None:
    plan = planned(old_version=None, answer=Answer.FIRST, checked=(), changes=())
    (made,) = entries_of(plan, {}, by="")
    assert "- first version\n" in made.text()
    assert "engine" not in made.text()
    assert made.body.splitlines()[0] == "- released at 2026-05-01T10:00:00Z to environment staging"


def test_a_break_is_told_with_its_reason_and_who_allowed_it() -> None:
    allowance = Allowance(reason="nobody reads\n<!-- it --> yet", by="bea", lowers=True)
    plan = planned(allowance=allowance, compatible=False, breaks=("version 1 cannot be read",))
    (made,) = entries_of(plan, {}, by="ada")
    assert "- breaks, and was allowed to by bea: nobody reads \\<!-- it --> yet\n  - version 1 cannot" in made.body


def test_what_was_accepted_stands_before_the_rehearsal_that_did_not_count_it() -> None:
    accepted = ("LOGICAL_UNIT_CHANGED at $.at, accepted until 2026-12-31: nobody <reads> it",)
    (made,) = entries_of(planned(), {"road.jams-value": replace(CERTIFICATE, accepted=accepted)}, by="ada")
    assert "- LOGICAL_UNIT_CHANGED at $.at, accepted until 2026-12-31: nobody \\<reads> it\n- rehearsed at" in (
        made.body.replace("\n  ", " ")
    )


def test_the_first_entry_makes_the_file() -> None:
    text = with_entries("", [entry().text(1, 4)], environment="staging")
    assert text.startswith("# Contract changelog of environment staging\n")
    assert text.endswith("\n\n- a change\n")
    assert has_entry(text, entry(), 1)


def test_the_newest_stands_first() -> None:
    text = with_entries("", [entry().text(1, 4)], environment="staging")
    text = with_entries(text, [entry().text(2, 5), entry("road.Place").text(3, 6)], environment="staging")
    marks = [line for line in text.splitlines() if line.startswith("<!--")]
    assert marks == [
        f"<!-- avroad: {name} f1 -->" for name in ("road.jams-value 2", "road.Place 3", "road.jams-value 1")
    ]
    assert text.count("# Contract changelog") == 1


def test_what_people_wrote_stays_where_it_is() -> None:
    text = with_entries("", [entry().text(1, 4)], environment="staging")
    edited = text.replace("- a change", "- a change\n\nWe regret this one. - Bea").replace("first.", "first. Read it!")
    assert edited != text
    new = with_entries(edited, [entry().text(2, 5)], environment="staging")
    assert new.replace(entry().text(2, 5) + "\n", "") == edited


def test_a_file_without_entries_is_only_added_to() -> None:
    for old in ("# Ours\n", "# Ours", "# Ours\r\n\r\nText\r\n"):
        new = with_entries(old, [entry().text(1, 4)], environment="staging")
        assert new.startswith(old)
        assert has_entry(new, entry(), 1)
        assert ("\r\n" in old) == ("\r\n" in new)
        assert new.count("\r\n") in {0, new.count("\n")}


@pytest.mark.parametrize(("subject", "version"), [("road.jams", 1), ("road.jams-value", 2), ("road.jams-value", 11)])
def test_an_entry_is_of_its_own_version_alone(subject: str, version: int) -> None:
    text = with_entries("", [entry().text(1, 4)], environment="staging")
    assert not has_entry(text, entry(subject), version)


def test_the_same_number_in_a_registry_that_was_begun_anew_is_another_version() -> None:
    text = with_entries("", [entry().text(1, 4)], environment="staging")
    assert not has_entry(text, replace(entry(), fingerprint="f9"), 1)


@given(st.text(min_size=1).filter(lambda name: name.isprintable()), st.integers(1, 99), st.text())
def test_any_subject_is_found_again_and_no_old_text_is_lost(subject: str, version: int, old: str) -> None:
    new = with_entries(old, [entry(subject).text(version, 1)], environment="staging")
    assert has_entry(new, entry(subject), version)
    assert len(new) >= len(old)
    again = with_entries(new, [entry(subject).text(version + 1, 2)], environment="staging")
    assert has_entry(again, entry(subject), version)
    assert has_entry(again, entry(subject), version + 1)
