"""How many requests a plan and an apply take, by counting; no clock."""

from __future__ import annotations

import pytest

from avroad.admin import Desired, DesiredSubject, DesiredTopic, apply, diff, observe, verify
from avroad.model import Level
from avroad.schema import fingerprint, parse
from tests.unit.admin.fakes import FakeCluster, FakeRegistry, desired

SIZES = (10, 100, 1000)


def many(count: int, changed: int = 0) -> Desired:
    """`count` topics and as many subjects; the last `changed` ones have another schema."""
    subjects = []
    for index in range(count):
        text = '"string"' if index < count - changed else '"bytes"'
        subjects.append(
            DesiredSubject(
                subject=f"s{index}",
                type_name=f"t{index}",
                level=Level.FULL,
                text=text,
                fingerprint=fingerprint(parse(text)),
            )
        )
    topics = tuple(DesiredTopic(name=f"topic{i}", partitions=1, replication_factor=1) for i in range(count))
    return desired(topics, tuple(subjects))


@pytest.mark.parametrize("size", SIZES)
def test_a_plan_asks_the_cluster_once_and_the_registry_once_plus_a_level_per_subject(size: int) -> None:
    cluster, registry, wanted = FakeCluster(), FakeRegistry(), many(size)
    diff(wanted, observe(cluster, registry, wanted))
    assert cluster.calls == {"observe": 1}
    assert registry.calls == {"latest": 1, "own_level": size}


@pytest.mark.parametrize("size", SIZES)
def test_an_apply_sends_one_request_per_kind_and_per_new_subject(size: int) -> None:
    cluster, registry, wanted = FakeCluster(), FakeRegistry(), many(size)
    plan = diff(wanted, observe(cluster, registry, wanted))
    cluster.calls.clear()
    registry.calls.clear()
    verify(plan, cluster, registry, environment="local")
    assert apply(plan, cluster, registry).error is None
    assert cluster.calls == {"observe": 1, "validate": 1, "create": 1}
    assert registry.calls == {
        "latest": 1, "own_level": size, "set_level": size, "register": size, "version": size,
    }  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
def test_only_changed_subjects_cost_more(size: int) -> None:
    cluster, registry = FakeCluster(), FakeRegistry()
    apply(diff(many(size), observe(cluster, registry, many(size))), cluster, registry)
    cluster.calls.clear()
    registry.calls.clear()
    wanted = many(size, changed=3)
    plan = diff(wanted, observe(cluster, registry, wanted))
    assert registry.calls == {"latest": 1, "own_level": size, "versions": 3, "check": 3}
    assert len(plan.changes) == 3
    assert cluster.calls == {"observe": 1}


def test_no_subjects_ask_the_registry_nothing() -> None:
    registry = FakeRegistry()
    observe(FakeCluster(), registry, desired())
    assert registry.calls == {}


def test_an_observation_carries_its_time_and_the_undeclared_topics_without_settings() -> None:
    cluster = FakeCluster()
    cluster.put("foreign", 2, retention_ms="1")
    actual = observe(cluster, FakeRegistry(), desired())
    assert actual.observed_at.endswith("Z")
    assert len(actual.topics["foreign"].partitions) == 2
    assert not actual.topics["foreign"].config
