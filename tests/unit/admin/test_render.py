"""What people read: old and new value per key, sources, costs, refusals, one summary line."""

from __future__ import annotations

import re
from pathlib import Path

from avroad.admin import Plan, apply, diff, observe, plan_text, report_text, summary
from avroad.admin.apply import ApplyReport
from avroad.admin.render import github_lines, one_line
from avroad.admin.subject_changes import RegisterSchema
from avroad.errors import BrokerError
from avroad.model import Level
from tests.unit.admin.fakes import (
    ACCIDENT_SUBJECT,
    OPTIONAL,
    PLACE_SUBJECT,
    REQUIRED,
    FakeCluster,
    FakeRegistry,
    accident,
    desired,
    place,
    subjects,
    topic,
)


def world() -> tuple[FakeCluster, FakeRegistry]:
    cluster, registry = FakeCluster(), FakeRegistry(silent=True)
    cluster.put("road.old", 2, retention_ms="604800000", segment_ms="86400000")
    cluster.put("road.big", 9)
    cluster.put("road.plain", 1)
    apply(
        diff(desired(subjects=subjects()), observe(cluster, registry, desired(subjects=subjects()))), cluster, registry
    )
    registry.levels.update({PLACE_SUBJECT: Level.NONE, ACCIDENT_SUBJECT: Level.NONE})
    return cluster, registry


def rich_plan() -> Plan:
    cluster, registry = world()
    topics = (
        topic(retention_ms="604800000", cleanup_policy="delete"),
        topic("road.old", 4, retention_ms="259200000", max_message_bytes="1000"),
        topic("road.big", 3),
        topic("road.plain", 1, unknown_key="1"),
    )
    wanted = desired(topics, subjects(place(REQUIRED)))
    return diff(
        wanted,
        observe(cluster, registry, wanted),
        allow_partitions={"road.old": "more load"},
        allow_breaking={PLACE_SUBJECT: "no reader yet", ACCIDENT_SUBJECT: "no reader yet"},
        allowed_by="ada",
    )


EXPECTED = """\
Environment local: cluster cluster-1 (1 broker)
  registry http://registry

Topics
  + road.events  partitions 6  replication 1  owner team-roads
      cleanup.policy  delete
      retention.ms    604800000 (7d)
  ~ road.old
      ~ partitions  2 -> 4  [allowed: more load]
                about 50% of the keys move to another partition, so old and new
                records of one key are read in no fixed order
      + max.message.bytes  1048588 (1.0MiB) (broker default) -> 1000  [mind: larger records will be refused]
      ~ retention.ms       604800000 (7d) -> 259200000 (3d)  [destructive: drops data]
      - segment.ms         86400000 (1d) -> broker default 604800000 (7d)

Subjects
  ~ road.Place  version 1 -> a new version
      level     NONE -> BACKWARD_TRANSITIVE
      changes   $.lanes: field added, int, no default (breaks new readers)
      registry  compatible: asked at the level in force now; this plan sets
                BACKWARD_TRANSITIVE first
      engine    incompatible, not safe, same meaning; checked against version 1
                the new schema cannot read version 1: $.lanes ...
      breaks    allowed: no reader yet (ada)
                the level is NONE for this one registration, then
                BACKWARD_TRANSITIVE again
  ~ road.events-road.Accident  version 1 -> a new version
      level     NONE -> BACKWARD_TRANSITIVE
      refers to road.Place, as registered by this plan
      changes   $.place.lanes: field added, int, no default (breaks new readers)
      registry  unknown: cannot be asked before road.Place is registered
      engine    incompatible, not safe, same meaning; checked against version 1
                the new schema cannot read version 1: $.place.lanes ...
      breaks    allowed: no reader yet (ada)
                the level is NONE for this one registration, then
                BACKWARD_TRANSITIVE again

Lock
  ~ there is no schema lock, or none that can be read

Refused
  ! road.big
      partitions 9 -> 3: Kafka cannot remove partitions without losing their
      records
      Declare 9, or declare a new topic with 3 and copy the records.

Warnings
  * topic road.plain: this cluster knows no setting unknown.key; it is not
    applied

Plan: 1 to create, 3 to change, 1 refused"""


def shortened(text: str) -> str:
    """The words of a finding are tested with the comparison of schemas."""
    return re.sub(r"(cannot read version 1:)\s+\w+ at (\S+):[^\n]*(\n {16}[^\n]*)*(?=\n {6}\w)", r"\1 \2 ...", text)


def test_the_whole_plan_as_text() -> None:
    assert shortened(plan_text(rich_plan())) == EXPECTED


def test_colour_goes_through_the_painter_and_changes_no_word() -> None:
    painted = plan_text(rich_plan(), lambda text, colour: f"<{colour}>{text}</>")
    assert "<red>[destructive: drops data]</>" in painted
    plain = painted.replace("</>", "")
    for colour in ("red", "green", "yellow"):
        plain = plain.replace(f"<{colour}>", "")
    assert shortened(plain) == EXPECTED


def test_an_empty_plan_says_so(tmp_path: Path) -> None:
    cluster, registry = FakeCluster(), FakeRegistry()
    wanted = desired()
    plan = diff(wanted, observe(cluster, registry, wanted))
    assert summary(plan) == "Plan: 0 to create, 0 to change, 0 refused (the schema lock will be written)"
    report = apply(plan, cluster, registry, lock_path=tmp_path / "lock")
    done = diff(wanted, observe(cluster, registry, wanted, report.lock))
    assert plan_text(done).endswith("are what the repository declares.\n\nPlan: 0 to create, 0 to change, 0 refused")


def test_new_subjects_show_level_schema_and_what_they_will_be_bound_to() -> None:
    wanted = desired(subjects=subjects())
    text = plan_text(diff(wanted, observe(FakeCluster(), FakeRegistry(), wanted)))
    assert "  + road.Place  first version  level BACKWARD_TRANSITIVE\n" in text
    assert "      refers to road.Place, as registered by this plan\n" in text
    assert "registry" not in text.partition("Subjects")[2].partition("Plan:")[0]


def test_a_conflict_free_local_reading_says_what_it_compared() -> None:
    cluster, registry = world()
    wanted = desired(subjects=subjects(accident_json=accident(OPTIONAL)))
    text = plan_text(diff(wanted, observe(cluster, registry, wanted)))
    assert "registry  unknown: this registry cannot check schemas with references" in text
    assert "engine    compatible, safe, same meaning; checked against version 1\n" in text
    assert "changes   $.note: field added" in text
    assert "refers to road.Place v1" in text


def test_progress_is_one_line_per_change() -> None:
    lines = [one_line(change) for change in rich_plan().changes]
    assert lines == [
        "created topic road.events (6 partitions)",
        "raised partitions of road.old from 2 to 4",
        "changed settings of road.old: max.message.bytes, retention.ms, segment.ms",
        "set level of road.Place to BACKWARD_TRANSITIVE",
        "registered road.Place under road.Place (allowed to break)",
        "set level of road.events-road.Accident to BACKWARD_TRANSITIVE",
        "registered road.Accident under road.events-road.Accident (allowed to break)",
    ]


def test_a_report_counts_what_is_done() -> None:
    plan = rich_plan()
    assert report_text(ApplyReport(done=plan.changes)) == "Applied: 1 created, 3 changed"


def test_a_failed_report_lists_what_is_not_done_and_how_to_go_on() -> None:
    plan = rich_plan()
    text = report_text(ApplyReport(done=plan.changes[:1], remaining=plan.changes[1:], error=BrokerError("no")))
    assert text.startswith(
        "Applied: 1 created, 0 changed, 3 left\nNot done:\n  raise partitions of road.old from 2 to 4"
    )
    assert "register road.Accident under road.events-road.Accident" in text
    assert "What is done stands." in text
    nothing = report_text(ApplyReport(done=(), remaining=plan.changes, error=BrokerError("no")))
    assert "Nothing was changed." in nothing


def test_github_gets_errors_warnings_and_a_notice_each_on_one_line() -> None:
    lines = github_lines(rich_plan()).splitlines()
    assert lines[0].startswith("::error title=refused::road.big: partitions 9 -> 3")
    assert "::warning title=destructive::road.old: retention.ms drops data" in lines
    assert any(line.startswith("::warning title=breaking::road.Place: the new schema cannot read") for line in lines)
    assert lines[-1] == "::notice title=plan::Plan: 1 to create, 3 to change, 1 refused"
    assert all(line.startswith("::") for line in lines)


def test_a_registrys_reason_cannot_break_out_of_an_annotation() -> None:
    cluster, registry = world()
    registry.silent = False
    registry.levels[ACCIDENT_SUBJECT] = Level.BACKWARD_TRANSITIVE
    registry.conflicts[ACCIDENT_SUBJECT] = "bad\n::error::fake"
    wanted = desired(subjects=subjects(accident_json=accident(OPTIONAL)))
    lines = github_lines(diff(wanted, observe(cluster, registry, wanted))).splitlines()
    assert not any(line.startswith("::error::fake") for line in lines)
    assert "bad%0A" in lines[0]


def test_a_planned_schema_is_not_printed() -> None:
    plan = rich_plan()
    schema = next(change for change in plan.changes if isinstance(change, RegisterSchema))
    assert schema.text not in plan_text(plan)


def test_a_plan_that_only_rewrites_the_lock_says_why(tmp_path: Path) -> None:
    cluster, registry = FakeCluster(), FakeRegistry()
    wanted = desired(subjects=subjects())
    lock = apply(diff(wanted, observe(cluster, registry, wanted)), cluster, registry, lock_path=tmp_path / "lock").lock
    assert lock is not None
    registry.address = "http://elsewhere"
    text = plan_text(diff(wanted, observe(cluster, registry, wanted, lock)))
    assert "Lock\n  ~ it was written for registry http://registry, this is http://elsewhere\n" in text
    assert "(the schema lock will be written)" in text
    fewer = desired(subjects=subjects()[:1])
    assert f"~ {ACCIDENT_SUBJECT} is locked but no longer declared" in plan_text(
        diff(fewer, observe(cluster, registry, fewer, lock))
    )


def test_two_verdicts_that_differ_are_said_to() -> None:
    cluster, registry = FakeCluster(), FakeRegistry()
    apply(
        diff(desired(subjects=subjects()), observe(cluster, registry, desired(subjects=subjects()))), cluster, registry
    )
    wanted = desired(subjects=subjects(accident_json=accident(REQUIRED)))
    plan = diff(wanted, observe(cluster, registry, wanted))
    said = "the registry says compatible, the engine incompatible at level BACKWARD_TRANSITIVE"
    assert said in " ".join(plan_text(plan).split())
    assert plan.refusals[0].found.startswith("our engine refuses road.Accident")
    registry.conflicts[ACCIDENT_SUBJECT] = "no"
    assert "      differ " not in plan_text(diff(wanted, observe(cluster, registry, wanted)))
    wanted = desired(subjects=subjects(accident_json=accident(OPTIONAL)))
    plan = diff(wanted, observe(cluster, registry, wanted))
    assert "the registry says incompatible, the engine compatible" in " ".join(plan_text(plan).split())
    assert plan.refusals
