"""A saved plan is the plan; anything else is refused with the place where it stops being one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avroad.admin import Plan, diff, observe, plan_from_json, plan_to_json, read_plan, write_plan
from avroad.admin.plan import PlannedSubject, Refusal
from avroad.admin.subject_changes import RegisterSchema, SetLevel
from avroad.admin.topic_changes import AddPartitions, CreateTopic, SetConfig
from avroad.errors import ExitCode, PlanError
from tests.unit.admin.fakes import FakeCluster, FakeRegistry, desired, subjects, topic


def sample() -> Plan:
    """A plan with a creation, a removed and a changed setting, partitions, levels, schemas and a refusal."""
    cluster, registry = FakeCluster(), FakeRegistry()
    cluster.put("road.old", 2, retention_ms="5", segment_ms="7")
    cluster.put("road.big", 9)
    wanted = desired(
        (topic(retention_ms="604800000"), topic("road.old", 4, retention_ms="3"), topic("road.big", 3)), subjects()
    )
    return diff(wanted, observe(cluster, registry, wanted), allow_partitions={"road.old": "more load"})


def test_a_plan_survives_its_file(tmp_path: Path) -> None:
    plan = sample()
    assert {type(change) for change in plan.changes} == {
        CreateTopic,
        AddPartitions,
        SetConfig,
        SetLevel,
        RegisterSchema,
    }
    assert plan.refusals
    write_plan(tmp_path / "plan.json", plan)
    assert read_plan(tmp_path / "plan.json") == plan


def test_a_plan_edited_by_hand_is_refused(tmp_path: Path) -> None:
    cluster, registry, wanted = FakeCluster(), FakeRegistry(), desired()
    path = tmp_path / "plan.json"
    write_plan(path, diff(wanted, observe(cluster, registry, wanted)))
    text = path.read_text("utf-8")
    assert "cluster-1" in text
    path.write_text(text.replace("cluster-1", "cluster-2"), "utf-8")
    with pytest.raises(PlanError, match="changed after it was made"):
        read_plan(path)


def test_the_document_carries_version_actions_and_summary() -> None:
    document = plan_to_json(sample())
    assert document["format_version"] == "1.1"
    assert document["summary"] == {"create": 3, "change": 1, "refused": 1}
    assert {change["action"] for change in document["changes"]} == {
        "create_topic", "add_partitions", "set_config", "set_level", "register_schema",
    }  # fmt: skip


_NAMES = st.text(max_size=20)
_PLANS = st.builds(
    Plan,
    environment=_NAMES,
    cluster_id=_NAMES,
    registry=_NAMES,
    observed_at=_NAMES,
    marks=st.dictionaries(_NAMES, _NAMES, max_size=3),
    changes=st.lists(
        st.one_of(*(st.builds(kind) for kind in (CreateTopic, AddPartitions, SetConfig, SetLevel, RegisterSchema))),
        max_size=5,
    ).map(tuple),
    refusals=st.lists(st.builds(Refusal), max_size=2).map(tuple),
    warnings=st.lists(_NAMES, max_size=2).map(tuple),
    subjects=st.lists(st.builds(PlannedSubject), max_size=2).map(tuple),
)


@given(_PLANS)
def test_every_plan_survives_json(plan: Plan) -> None:
    assert plan_from_json(json.loads(json.dumps(plan_to_json(plan)))) == plan


def _without(key: str) -> dict[str, Any]:
    return {name: value for name, value in plan_to_json(sample()).items() if name != key}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], r"expected an object - at \$"),
        ({}, r"a key 'format_version' - at \$\."),
        ({"format_version": "2.0"}, "newer avroad"),
        (_without("marks"), "a key 'marks'"),
        (plan_to_json(sample()) | {"extra": 1}, "no key 'extra'"),
        (plan_to_json(sample()) | {"environment": 5}, r"expected text - at \$\.environment"),
        (plan_to_json(sample()) | {"brokers": True}, r"whole number - at \$\.brokers"),
        (plan_to_json(sample()) | {"lock_differs": "no"}, "true or false"),
        (plan_to_json(sample()) | {"environment": "\ud800"}, r"found half of a surrogate pair - at \$\.environment"),
        (plan_to_json(sample()) | {"marks": []}, r"expected an object - at \$\.marks"),
        (plan_to_json(sample()) | {"warnings": "x"}, r"expected a list - at \$\.warnings"),
        (plan_to_json(sample()) | {"changes": [{"action": "drop_topic"}]}, r"one of create_topic.*\$\.changes\[0\]"),
        (plan_to_json(sample()) | {"changes": ["x"]}, r"\$\.changes\[0\]\.action"),
        (plan_to_json(sample()) | {"refusals": [5]}, r"expected an object - at \$\.refusals\[0\]"),
        (
            plan_to_json(sample()) | {"changes": [{"action": "set_level", "subject": "s", "old": None, "new": "MAX"}]},
            r"one of NONE, BACKWARD.*\$\.changes\[0\]\.new",
        ),
    ],
)
def test_what_is_no_plan_is_refused_with_its_place(document: object, words: str) -> None:
    with pytest.raises(PlanError, match=words) as caught:
        plan_from_json(document, file="plan.json")
    assert str(caught.value).startswith("plan.json: ")
    assert "avroad plan --out" in str(caught.value)
    assert caught.value.exit_code is ExitCode.REFUSED


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\x00"])
def test_a_file_that_is_no_json_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text, "utf-8")
    with pytest.raises(PlanError, match="not JSON"):
        read_plan(path)


def test_a_missing_or_huge_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PlanError, match="No such file"):
        read_plan(tmp_path / "plan.json")
    (tmp_path / "plan.json").write_text("{}", "utf-8")
    monkeypatch.setattr("avroad.admin.planfile._MAX_BYTES", 1)
    with pytest.raises(PlanError, match="expected at most 1 bytes, found 2"):
        read_plan(tmp_path / "plan.json")
