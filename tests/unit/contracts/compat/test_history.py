"""The seven modes over version lists, findings of whole histories, and the order of an upgrade."""

from __future__ import annotations

import pytest

from avroad.contracts.compat import compare
from avroad.contracts.compat.modes import Version, check_history
from avroad.contracts.compat.order import Order, holds, upgrade_order
from avroad.contracts.topic_settings import retention
from avroad.model import Level
from avroad.schema import Json, Schema, parse


def record(*fields: Json) -> Schema:
    return parse({"type": "record", "name": "R", "fields": list(fields)})


def field(name: str, kind: Json, **more: Json) -> dict[str, Json]:
    return {"name": name, "type": kind, **more}


A, B = field("a", "int"), field("b", "int")
ONE, TWO, THREE = record(A), record(A, {**B, "default": 0}), record(A, B)


def versions(*schemas: Schema, deleted: tuple[int, ...] = ()) -> list[Version]:
    return [Version(name=str(i), schema=s, deleted=i in deleted) for i, s in enumerate(schemas, 1)]


@pytest.mark.parametrize(
    ("mode", "compared"),
    [
        (Level.NONE, []),
        (Level.BACKWARD, [("2", True)]),
        (Level.BACKWARD_TRANSITIVE, [("2", True), ("1", True)]),
        (Level.FORWARD, [("2", False)]),
        (Level.FORWARD_TRANSITIVE, [("2", False), ("1", False)]),
        (Level.FULL, [("2", False), ("2", True)]),
        (Level.FULL_TRANSITIVE, [("2", False), ("2", True), ("1", False), ("1", True)]),
    ],
)
def test_each_mode_compares_what_a_registry_compares(mode: Level, compared: list[tuple[str, bool]]) -> None:
    report = check_history(THREE, versions(ONE, TWO), mode)
    assert [(c.version, c.backward) for c in report.comparisons] == compared


def test_only_the_transitive_mode_sees_the_first_version() -> None:
    assert check_history(THREE, versions(ONE, TWO), Level.BACKWARD).compatible is True
    assert check_history(THREE, versions(ONE, TWO), Level.BACKWARD_TRANSITIVE).compatible is False


def test_deleted_versions_are_skipped() -> None:
    report = check_history(THREE, versions(ONE, TWO, deleted=(1,)), Level.BACKWARD_TRANSITIVE)
    assert report.compatible is True
    assert check_history(THREE, versions(TWO, ONE, deleted=(2,)), Level.BACKWARD).compatible is True


def test_a_name_that_comes_back_with_another_type() -> None:
    back = record(A, field("b", ["null", "string"], default=None))
    report = check_history(back, versions(THREE, ONE), Level.BACKWARD_TRANSITIVE)
    assert [f.rule for f in report.history] == ["NAME_REUSED"]
    assert report.history[0].field_path == "$.b"
    assert report.same_meaning is False
    same = record(A, field("b", "int", default=0))
    assert check_history(same, versions(THREE, ONE), Level.BACKWARD_TRANSITIVE).history == ()


def test_a_reused_name_is_placed_as_every_other_finding_is() -> None:
    def whole(*fields: Json) -> Schema:
        items: Json = {"type": "record", "name": "Part", "fields": list(fields)}
        return record(field("part", {"type": "array", "items": items}))

    old, without, back = whole(A, B), whole(A), whole(A, field("b", "string", default=""))
    [finding] = check_history(back, versions(old, without), Level.BACKWARD_TRANSITIVE).history
    assert (finding.rule, finding.field_path) == ("NAME_REUSED", "$.part[].b")


def test_where_java_raises_there_is_no_verdict() -> None:
    both = record(A, B)
    aliased = record(field("a", "int", aliases=["b"]))
    assert check_history(aliased, versions(both), Level.BACKWARD).compatible is None
    assert (
        check_history(aliased, versions(both, record(field("c", "int"))), Level.BACKWARD_TRANSITIVE).compatible is False
    )


@pytest.mark.parametrize(
    ("backward", "forward", "order"),
    [
        (True, True, Order.ANY),
        (True, False, Order.CONSUMERS),
        (False, True, Order.PRODUCERS),
        (False, False, Order.MIGRATE),
    ],
)
def test_the_order_follows_from_who_reads_whom(backward: bool, forward: bool, order: Order) -> None:
    assert upgrade_order(backward=backward, forward=forward, retention=retention({})).order is order


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"retention.ms": "604800000"}, "for 7 days (retention.ms), at most 14 days"),
        ({"retention.ms": "86400000", "segment.ms": "43200000"}, "for 1 day (retention.ms), at most 1.5 days"),
        ({"retention.ms": "5400000", "segment.ms": "60000"}, "for 1.5 hours (retention.ms), at most 1.52 hours"),
        ({"retention.ms": "0", "segment.ms": "60000"}, "for 0 seconds (retention.ms), at most 1 minute"),
        ({"cleanup.policy": "compact,delete", "retention.ms": "86400000"}, "for 1 day"),
        ({"cleanup.policy": "compact", "retention.ms": "86400000"}, "keeps them for ever"),
        ({"retention.ms": "-1"}, "keeps them for ever"),
        ({}, "as long as the broker's default says"),
    ],
)
def test_producers_first_waits_for_retention_or_rewrites(config: dict[str, str], said: str) -> None:
    advice = upgrade_order(backward=False, forward=True, retention=retention(config))
    assert any(said in step for step in advice.steps), advice.steps
    assert any("Rewrite" in step for step in advice.steps) is ("for ever" in said)


def test_what_holds_is_more_than_the_registrys_verdict() -> None:
    assert holds(compare(TWO, ONE))
    assert not holds(compare(THREE, ONE))
    time: dict[str, Json] = {"type": "long", "logicalType": "timestamp-millis"}
    other = compare(record(field("a", {**time, "logicalType": "timestamp-micros"})), record(field("a", time)))
    assert other.compatible
    assert not holds(other)
