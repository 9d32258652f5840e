"""Topics: settings compared by source, partitions guarded, replication reported, nothing undeclared touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avroad.admin import Actual, DesiredTopic, Plan, diff
from avroad.admin.diff_topics import moved_share
from avroad.admin.plan import RefusalKind
from avroad.admin.topic_changes import AddPartitions, CreateTopic, SetConfig, SettingChange
from avroad.errors import ClusterMismatch, PlanError
from tests.unit.admin.fakes import DEFAULTS, FakeCluster, desired, topic


def plan_for(cluster: FakeCluster, *topics: DesiredTopic, **allow: str) -> Plan:
    state = cluster.observe([item.name for item in topics])
    actual = Actual(
        cluster_id=state.cluster_id, brokers=state.brokers, registry="http://registry", topics=state.topics, subjects={}
    )
    allowed = {name.replace("_", "."): reason for name, reason in allow.items()}
    return diff(desired(topics), actual, allow_partitions=allowed)


def settings(plan: Plan) -> dict[str, SettingChange]:
    return {s.key: s for change in plan.changes if isinstance(change, SetConfig) for s in change.settings}


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()


def test_a_missing_topic_is_created_with_all_its_settings(cluster: FakeCluster) -> None:
    plan = plan_for(cluster, topic(retention_ms="1", min_insync_replicas="1"))
    assert plan.changes == (
        CreateTopic(
            topic="road.events",
            partitions=6,
            replication_factor=1,
            config={"min.insync.replicas": "1", "retention.ms": "1"},
            owner="team-roads",
        ),
    )
    assert plan.created == ("topic road.events",)
    assert plan.changed == ()


def test_a_topic_as_declared_needs_nothing(cluster: FakeCluster) -> None:
    cluster.put("road.events", 6, retention_ms="1")
    plan = plan_for(cluster, topic(retention_ms="1"))
    assert (plan.changes, plan.refusals, plan.warnings) == ((), (), ())


def test_a_value_the_broker_gives_anyway_is_no_drift(cluster: FakeCluster) -> None:
    cluster.put("road.events", 6)
    declared = {key.replace(".", "_"): value for key, value in DEFAULTS.items()}
    assert plan_for(cluster, topic("road.events", 6, **declared)).changes == ()


def test_a_value_over_the_brokers_shows_where_the_old_one_came_from(cluster: FakeCluster) -> None:
    cluster.put("road.events", 6)
    change = settings(plan_for(cluster, topic(segment_ms="1000")))["segment.ms"]
    assert (change.old, change.new, change.own) == ("604800000", "1000", False)


def test_a_lower_retention_is_destructive_and_a_higher_one_is_not(cluster: FakeCluster) -> None:
    cluster.put("road.events", 6, retention_ms="604800000")
    lower = plan_for(cluster, topic(retention_ms="259200000"))
    assert lower.destructive == ("road.events",)
    assert settings(lower)["retention.ms"].own
    higher = plan_for(cluster, topic(retention_ms="704800000"))
    assert higher.destructive == ()


def test_a_setting_no_longer_declared_goes_back_to_the_default_others_show(cluster: FakeCluster) -> None:
    cluster.put("road.events", 6, segment_ms="5", retention_ms="1209600000")
    cluster.put("road.other", 1)
    plan = plan_for(cluster, topic(), topic("road.other", 1))
    assert settings(plan)["segment.ms"] == SettingChange(key="segment.ms", old="5", new=None, default="604800000")
    assert settings(plan)["retention.ms"].destructive == "drops data"


def test_a_default_nobody_shows_counts_as_smaller(cluster: FakeCluster) -> None:
    cluster.put("road.events", 6, retention_ms="1")
    change = settings(plan_for(cluster, topic()))["retention.ms"]
    assert change.default == ""
    assert "not known" in change.destructive


def test_what_reassignments_set_is_left_alone(cluster: FakeCluster) -> None:
    cluster.put("road.events", 6, leader_replication_throttled_replicas="0:1")
    assert plan_for(cluster, topic()).changes == ()


def test_a_setting_the_cluster_does_not_know_is_a_warning_on_an_existing_topic(cluster: FakeCluster) -> None:
    cluster.put("road.events", 6)
    plan = plan_for(cluster, topic(retention_msec="1"))
    assert plan.changes == ()
    assert "knows no setting retention.msec" in plan.warnings[0]


def test_and_refused_for_a_new_one_with_the_likely_name(cluster: FakeCluster) -> None:
    cluster.put("road.other", 1)
    plan = plan_for(cluster, topic("road.other", 1), topic(retention_msec="1"))
    assert [(item.kind, item.hint) for item in plan.refusals] == [(RefusalKind.SETTING, "Did you mean retention.ms?")]


def test_partitions_up_need_an_allowance_that_says_keys_move(cluster: FakeCluster) -> None:
    cluster.put("road.events", 6)
    refused = plan_for(cluster, topic(partitions=12))
    assert refused.changes == ()
    assert refused.refusals[0].kind is RefusalKind.PARTITIONS
    assert "50% of the keys move" in refused.refusals[0].found
    assert "--allow-partitions road.events=REASON" in refused.refusals[0].hint
    allowed = plan_for(cluster, topic(partitions=12), road_events="more load")
    change = allowed.changes[0]
    assert isinstance(change, AddPartitions)
    assert (change.old, change.new, change.reason) == (6, 12, "more load")
    assert "keys move" in change.effect
    assert allowed.refusals == ()


def test_a_derived_topic_grows_with_its_source_by_the_same_allowance(cluster: FakeCluster) -> None:
    for name in ("road.events", "road.events.dlq"):
        cluster.put(name, 6)
    letters = DesiredTopic(name="road.events.dlq", partitions=9, replication_factor=1, derived_from="road.events")
    refused = plan_for(cluster, topic(partitions=9), letters)
    assert all("--allow-partitions road.events=REASON" in item.hint for item in refused.refusals)
    allowed = plan_for(cluster, topic(partitions=9), letters, road_events="load")
    assert [(c.topic, c.reason) for c in allowed.changes if isinstance(c, AddPartitions)] == [
        ("road.events", "load"),
        ("road.events.dlq", "load"),
    ]


def test_an_allowance_for_an_undeclared_topic_is_an_error(cluster: FakeCluster) -> None:
    with pytest.raises(PlanError, match=r"road\.evnts"):
        plan_for(cluster, topic(), road_evnts="typo")


def test_records_without_keys_do_not_move(cluster: FakeCluster) -> None:
    cluster.put("road.log", 1)
    spec = DesiredTopic(name="road.log", partitions=2, replication_factor=1, keyed=False)
    assert "cannot be undone" in plan_for(cluster, spec).refusals[0].found
    change = plan_for(cluster, spec, road_log="load").changes[0]
    assert isinstance(change, AddPartitions)
    assert not change.effect


@pytest.mark.parametrize("declared", ["compact", "compact,delete"])
def test_a_compacted_topic_never_grows(cluster: FakeCluster, declared: str) -> None:
    cluster.put("road.events", 6, cleanup_policy="compact")
    plan = plan_for(cluster, topic(partitions=12, cleanup_policy=declared), road_events="really")
    assert "compacted" in plan.refusals[0].found
    assert not any(isinstance(change, AddPartitions) for change in plan.changes)


def test_partitions_down_are_refused_and_never_a_change(cluster: FakeCluster) -> None:
    cluster.put("road.events", 12)
    plan = plan_for(cluster, topic(partitions=6), road_events="please")
    assert plan.changes == ()
    assert "cannot remove partitions" in plan.refusals[0].found


def test_another_replication_factor_is_reported_only(cluster: FakeCluster) -> None:
    cluster = FakeCluster(brokers=3)
    cluster.put("road.events", 6, replicas=3)
    plan = plan_for(cluster, topic())
    assert plan.changes == ()
    assert "replication factor is 3, declared 1" in plan.warnings[0]


def test_more_copies_than_brokers_are_refused(cluster: FakeCluster) -> None:
    plan = plan_for(cluster, DesiredTopic(name="road.events", partitions=1, replication_factor=3))
    assert plan.refusals[0].kind is RefusalKind.REPLICATION
    assert "needs 3 brokers, the cluster has 1" in plan.refusals[0].found


def test_min_isr_above_the_replicas_is_refused_for_new_and_old(cluster: FakeCluster) -> None:
    cluster.put("road.old", 6)
    plan = plan_for(cluster, topic("road.old", min_insync_replicas="2"), topic(min_insync_replicas="2"))
    assert [item.kind for item in plan.refusals] == [RefusalKind.REPLICATION] * 2


def test_undeclared_topics_are_not_in_the_plan(cluster: FakeCluster) -> None:
    cluster.put("road.foreign", 3, retention_ms="5")
    cluster.put("__consumer_offsets", 50)
    assert plan_for(cluster).changes == ()


def test_a_declared_internal_topic_is_refused(cluster: FakeCluster) -> None:
    cluster.put("__consumer_offsets", 50)
    cluster.internal.add("__consumer_offsets")
    plan = plan_for(cluster, topic("__consumer_offsets", 10))
    assert plan.changes == ()
    assert "internal" in plan.refusals[0].found


def test_settings_that_cannot_be_read_are_not_compared(cluster: FakeCluster) -> None:
    cluster.put("road.events", 6)
    state = cluster.observe([])
    actual = Actual(
        cluster_id="c", brokers=(1,), registry="r", topics=state.topics, subjects={}
    )  # fmt: skip
    plan = diff(desired((topic(retention_ms="1"),)), actual)
    assert plan.changes == ()
    assert "could not be read" in plan.warnings[0]


def test_an_environment_bound_to_another_cluster_gets_no_plan(cluster: FakeCluster) -> None:
    actual = Actual(cluster_id="cluster-1", brokers=(1,), registry="r", topics={}, subjects={})
    with pytest.raises(ClusterMismatch, match="expected cluster other, found cluster-1"):
        diff(desired(cluster_id="other"), actual)
    assert diff(desired(cluster_id="cluster-1"), actual).changes == ()


def test_creations_come_before_changes_in_declared_order(cluster: FakeCluster) -> None:
    cluster.put("road.a", 1)
    plan = plan_for(cluster, topic("road.a", 1, segment_ms="9"), topic("road.b"), topic("road.c"))
    assert [change.topic for change in plan.changes if isinstance(change, CreateTopic | SetConfig)] == [
        "road.b",
        "road.c",
        "road.a",
    ]


@given(st.integers(1, 40), st.integers(1, 40))
def test_the_share_of_moved_keys_is_exact_for_even_hashes(old: int, more: int) -> None:
    new = old + more
    hashes = range(old * new)
    moved = sum(value % old != value % new for value in hashes) / len(hashes)
    assert moved_share(old, new) == pytest.approx(moved)
