"""Plan and apply against real Kafka and a real registry: the plan after any apply is empty, and guards hold."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from avroad.admin import Plan, read_plan, write_plan
from avroad.admin.plan import RefusalKind
from avroad.admin.subject_changes import Answer, RegisterSchema, SetLevel
from avroad.admin.topic_changes import AddPartitions, SetConfig
from avroad.contracts.lock import read_lock
from avroad.errors import ClusterMismatch, DestructiveRefused, StalePlan
from avroad.model import Level
from tests.integration.admin_project import OPTIONAL, Project
from tests.integration.conftest import RunningStack

pytestmark = pytest.mark.kafka


@pytest.fixture
def project(stack: RunningStack, tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path, stack)
    yield made
    made.registry.close()


def registered(plan: Plan) -> list[str]:
    return [change.subject for change in plan.changes if isinstance(change, RegisterSchema)]


def test_the_plan_after_an_apply_is_empty_and_a_second_apply_does_nothing(project: Project) -> None:
    plan = project.plan()
    assert len(plan.created) == 8
    assert registered(plan)[0] == f"{project.space}.Place"
    project.applied(plan)
    lock = read_lock(project.lock)
    assert set(lock.subjects) == {
        f"{project.space}.Place", project.subject("Accident"), project.subject("Jam"), f"{project.state}-value",
    }  # fmt: skip
    before = project.lock.read_bytes()
    report = project.apply(project.plan())
    assert (report.done, report.lock, report.error) == ((), None, None)
    assert project.lock.read_bytes() == before


def test_levels_are_in_force_on_each_subject(project: Project) -> None:
    project.applied(project.plan())
    for subject in read_lock(project.lock).subjects:
        assert project.registry.own_level(subject) is Level.BACKWARD_TRANSITIVE
    project.registry.set_level(project.subject("Jam"), Level.NONE)
    plan = project.plan()
    assert plan.changes == (
        SetLevel(subject=project.subject("Jam"), old=Level.NONE, new=Level.BACKWARD_TRANSITIVE),
    )  # fmt: skip
    project.applied(plan)


def test_a_saved_plan_is_stale_after_an_outside_change_and_good_without_one(project: Project, tmp_path: Path) -> None:
    project.applied(project.plan())
    project.declare(retention_ms=704800000)
    write_plan(tmp_path / "plan.json", project.plan())
    saved = read_plan(tmp_path / "plan.json")
    project.admin.set_config(project.topic, {"segment.ms": "3600000"})
    with pytest.raises(StalePlan, match=f"topic {project.topic} changed since"):
        project.apply(saved)
    project.admin.set_config(project.topic, {"segment.ms": None})
    project.applied(saved)


def test_a_plan_is_stale_when_a_subject_got_a_version(project: Project) -> None:
    project.applied(project.plan())
    plan = project.plan()
    camera = {"type": "record", "name": f"{project.space}.Camera", "fields": [*project.fields["Camera"], OPTIONAL]}
    project.registry.register(f"{project.state}-value", json.dumps(camera))
    with pytest.raises(StalePlan, match="-value changed since"):
        project.verify(plan)
    # Back to the declared meaning: the older version still is what is declared, so nothing needs to be registered.
    assert project.plan().changes == ()


def test_a_plan_for_another_cluster_is_refused(project: Project) -> None:
    plan = dataclasses.replace(project.plan(), cluster_id="another")
    with pytest.raises(ClusterMismatch, match="expected cluster another"):
        project.verify(plan)
    project.cluster_id = "another"
    with pytest.raises(ClusterMismatch, match="bound to another cluster"):
        project.plan()
    assert project.topic not in project.admin.observe([]).topics


def test_drift_of_settings_is_found_and_repaired(project: Project) -> None:
    project.applied(project.plan())
    project.admin.set_config(project.topic, {"retention.ms": "86400000", "segment.ms": "3600000"})
    plan = project.plan()
    assert len(plan.changes) == 1
    change = plan.changes[0]
    assert isinstance(change, SetConfig)
    assert [(item.key, item.old, item.new) for item in change.settings] == [
        ("retention.ms", "86400000", "604800000"),
        ("segment.ms", "3600000", None),
    ]
    project.applied(plan)


def test_a_declared_broker_default_is_no_drift(project: Project) -> None:
    project.applied(project.plan())
    in_force = project.admin.observe([project.topic]).topics[project.topic].config
    value = in_force["segment.ms"].value
    assert value is not None
    project.declare(segment_ms=int(value))
    assert project.plan().changes == ()


def test_a_lower_retention_needs_the_topics_name(project: Project) -> None:
    project.applied(project.plan())
    project.declare(retention_ms=259200000)
    plan = project.plan()
    with pytest.raises(DestructiveRefused, match=project.topic):
        project.apply(plan)
    project.applied(plan, project.topic)


def test_partitions_go_up_when_allowed_and_never_down_or_on_a_compacted_topic(project: Project) -> None:
    project.applied(project.plan())
    project.declare(partitions=4)
    refused = project.plan()
    assert {item.kind for item in refused.refusals} == {RefusalKind.PARTITIONS}
    assert refused.changes == ()
    project._topic(project.state, "topic", ["Camera"], 2, {"cleanup.policy": "compact"})
    plan = project.plan(events="more load")
    assert {type(change) for change in plan.changes} == {AddPartitions}
    project.applied(plan)
    assert len(project.admin.observe([]).topics[project.topic].partitions) == 4
    project.declare(partitions=2)
    assert "cannot remove partitions" in project.plan(events="please").refusals[0].found


def test_a_shared_type_takes_only_its_users_along(project: Project) -> None:
    project.applied(project.plan())
    city = {"name": "city", "type": "string", "doc": "Its city."}
    project.schema("Place", city, OPTIONAL)
    plan = project.plan()
    assert registered(plan) == [f"{project.space}.Place", project.subject("Accident"), project.subject("Jam")]
    project.applied(plan)
    assert project.registry.version(project.subject("Jam")).references[0].version == 2
    assert project.registry.versions(f"{project.state}-value") == (1,)


def test_a_changed_user_leaves_the_shared_type_and_shows_why_the_registry_is_silent(project: Project) -> None:
    project.applied(project.plan())
    project.schema("Jam", *project.fields["Jam"], OPTIONAL)
    plan = project.plan()
    assert registered(plan) == [project.subject("Jam")]
    change = plan.changes[-1]
    assert isinstance(change, RegisterSchema)
    assert change.checked == (1,)
    assert change.findings == ()
    if change.answer is Answer.UNKNOWN:  # Apicurio
        assert change.reasons == ("this registry cannot check schemas with references",)
    project.applied(plan)


def test_documentation_is_no_change(project: Project) -> None:
    project.applied(project.plan())
    project.schema("Jam", *project.fields["Jam"], doc="Better words.")
    project.schema("Place", {"name": "city", "type": "string", "doc": "Better words."})
    assert project.plan().changes == ()


@pytest.mark.parametrize("alias", [True, False], ids=["alias", "property"])
def test_changes_that_registries_fold_are_registered_once(project: Project, alias: bool) -> None:
    project.applied(project.plan())
    more: dict[str, object] = {"aliases": ["old_id"]} if alias else {"unit": "none"}
    identity, *rest = project.fields["Camera"]
    project.schema("Camera", {**identity, **more}, *rest)
    plan = project.plan()
    assert registered(plan) == [f"{project.state}-value"]
    project.applied(plan)


def test_an_incompatible_change_is_refused_with_the_reason(project: Project) -> None:
    project.applied(project.plan())
    project.schema("Jam", *project.fields["Jam"], {"name": "lanes", "type": "int", "doc": "Lanes."})
    [refusal] = project.plan().refusals
    assert refusal.kind is RefusalKind.SCHEMA
    assert refusal.change is not None
    assert any("lanes" in finding for finding in refusal.change.findings)
    project.schema("Jam", *project.fields["Jam"])
    assert project.plan().changes == ()


def test_an_incompatible_change_without_references_is_refused_in_the_plan(project: Project) -> None:
    project.applied(project.plan())
    project.schema("Camera", *project.fields["Camera"], {"name": "lanes", "type": "int", "doc": "Lanes."})
    plan = project.plan()
    assert [(item.kind, item.target) for item in plan.refusals] == [(RefusalKind.SCHEMA, f"{project.state}-value")]
    assert plan.changes == ()


def test_other_topics_are_seen_and_left_alone(project: Project) -> None:
    foreign = f"{project.space}.foreign"
    from avroad.model import TopicSpec

    project.admin.create_topics([TopicSpec(name=foreign, partitions=1)], replication_factor=1)
    project.applied(project.plan())
    assert foreign in project.admin.observe([]).topics
    assert f"topic {foreign}" not in project.plan().marks


@pytest.mark.parametrize("name", ["Accident", "Camera"])
def test_a_break_is_registered_when_allowed_and_the_level_is_in_force_again(project: Project, name: str) -> None:
    """Accident has references, so that the registry cannot be asked in advance; Camera has none, so that it says no."""
    project.applied(project.plan())
    subject = project.subject(name) if name == "Accident" else f"{project.state}-value"
    required = {"name": "lanes", "type": "int", "doc": "How many."}
    project.schema(name, *project.fields[name], required)
    [refusal] = project.plan().refusals
    assert refusal.change is not None
    assert refusal.change.compatible is False
    plan = project.plan(allow_breaking={subject: "no reader yet"})
    assert project.apply(plan).error is None
    assert project.registry.own_level(subject) is Level.BACKWARD_TRANSITIVE
    assert project.registry.versions(subject) == (1, 2)
    [kept] = read_lock(project.lock).subjects[subject].breaking
    assert (kept.version, kept.reason, kept.by) == (2, "no reader yet", "ada")
    after = project.plan()
    assert (after.changes, after.refusals, after.lock_differs) == ((), (), False)
    project.schema(name, *project.fields[name], required, {"name": "more", "type": "int", "doc": "Also required."})
    assert project.plan().refusals, "the level holds for the next version"
