"""The check before the first record: three answers for every registered version, each with a policy of its own."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import pytest

from avroad.consumer import DoubtfulVersion, RunnerSettings, StartupReport, VersionPolicy
from avroad.consumer.judgement import Judge
from avroad.consumer.startup import check_versions
from avroad.contracts import Catalog
from avroad.contracts.compat import PairReport, compare
from avroad.errors import ExitCode, IncompatibleSchema
from avroad.model import Level
from avroad.registry import MemoryRegistry
from avroad.schema import Schema, parse
from tests.behaviour.runtime.world import ORDER, event_type, make_catalog, register

SUBJECT = "orders-demo.Order"
MICROS = {"type": "long", "logicalType": "timestamp-micros"}


def with_fields(*fields: Mapping[str, Any]) -> dict[str, Any]:
    return {**ORDER, "fields": [*ORDER["fields"], *fields]}


def field(name: str, kind: object, **more: object) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


class World:
    """A registry that holds `written` as version 2 of the orders, and a catalog that reads them as `read`."""

    def __init__(self, written: Mapping[str, Any], read: Mapping[str, Any] = ORDER) -> None:
        catalog = make_catalog()
        self.registry = MemoryRegistry()
        register(catalog, self.registry)
        self.registry.set_level(SUBJECT, Level.NONE)
        self.id = self.registry.register(SUBJECT, json.dumps(written)).id
        types = {**catalog.types, "demo.Order": event_type(read)}
        self.catalog: Catalog = dataclasses.replace(catalog, types=types)

    def report(self) -> StartupReport:
        return check_versions(self.catalog, self.registry, ("orders",), Judge(settings()))


def refuse(report: StartupReport, policies: RunnerSettings) -> None:
    """Start, as far as the policies are concerned."""
    assert Judge(policies).meet(report.doubts) is None


def settings(**policies: VersionPolicy) -> RunnerSettings:
    return RunnerSettings(topics=("orders",), **policies)  # type: ignore[arg-type]


ALL_WARN = settings(
    unreadable=VersionPolicy.WARN, unsafe=VersionPolicy.WARN, changed_meaning=VersionPolicy.WARN
)  # fmt: skip


def only(versions: tuple[DoubtfulVersion, ...]) -> DoubtfulVersion:
    [found] = [version for version in versions if version.version == 2]
    return found


def test_a_version_that_is_read_as_it_was_meant_is_no_news() -> None:
    report = World(with_fields(field("note", "string", default=""))).report()
    assert report == StartupReport(checked=3)
    refuse(report, settings())


def test_what_only_other_readers_fail_on_is_no_news_here() -> None:
    """Java refuses such arrays; this consumer is avroad's, and reads them."""

    def order(kind: str) -> dict[str, Any]:
        return with_fields(field("weights", {"type": "array", "items": kind}, default=[]))

    assert not compare(parse(order("double")), parse(order("int"))).safe
    report = World(order("int"), order("double")).report()
    assert report.doubts == ()


def test_an_incompatible_version_is_named_with_rule_place_and_cure() -> None:
    world = World({**ORDER, "fields": ORDER["fields"][:3]})
    report = world.report()
    bad = only(report.unreadable)
    assert (bad.subject, bad.schema_id, bad.partial) == (SUBJECT, world.id, False)
    assert bad.rules == ("READER_FIELD_MISSING_DEFAULT_VALUE",)
    with pytest.raises(IncompatibleSchema) as caught:
        refuse(report, settings())
    assert caught.value.exit_code is ExitCode.CONTRACT
    [problem] = caught.value.problems
    assert problem.file == f"{SUBJECT} version 2 (id {world.id})"
    assert problem.path == "$.pieces"
    assert problem.found.startswith("READER_FIELD_MISSING_DEFAULT_VALUE: ")
    assert "default" in problem.fix
    assert "another policy for unreadable: warn" in caught.value.hint
    refuse(report, settings(unreadable=VersionPolicy.WARN))


def test_a_shifted_unit_is_not_readable_until_it_is_declared() -> None:
    old = with_fields(field("seen", {"type": "long", "logicalType": "timestamp-millis"}))
    report = World(old, with_fields(field("seen", MICROS))).report()
    bad = only(report.unreadable)
    assert (bad.rules, bad.partial) == (("LOGICAL_UNIT_CHANGED",), False)
    assert "avroad.converts" in bad.problems[0].fix
    assert report.changed_meaning == (), "our codec reads none of it, so nobody mistakes it"
    declared = {**MICROS, "avroad.converts": ["timestamp-millis"]}
    # Version 1 of the orders has no such field: only version 2 is of interest here.
    world = World(old, with_fields(field("seen", declared, default=0)))
    report = world.report()
    assert (report.unreadable, report.unsafe, report.changed_meaning) == ((), (), ())


def test_a_declared_conversion_that_loses_digits_is_partly_readable() -> None:
    declared = {"type": "long", "logicalType": "timestamp-millis", "avroad.converts": ["timestamp-micros"]}
    report = World(with_fields(field("seen", MICROS)), with_fields(field("seen", declared, default=0))).report()
    bad = only(report.unreadable)
    assert (bad.rules, bad.partial) == (("CONVERSION_DECLARED",), True)


def test_a_version_that_is_compatible_but_not_safe_has_a_policy_of_its_own() -> None:
    old = with_fields(field("code", "bytes"))
    report = World(old, with_fields(field("code", "string", default=""))).report()
    assert report.unreadable == ()
    assert only(report.unsafe).rules == ("BYTES_TO_STRING",)
    with pytest.raises(IncompatibleSchema, match="BYTES_TO_STRING"):
        refuse(report, settings())
    refuse(report, settings(unsafe=VersionPolicy.WARN))


def test_a_change_of_meaning_is_warned_of_unless_the_policy_refuses() -> None:
    old = with_fields(field("speed_kmh", "int"))
    report = World(old, with_fields(field("speed_kph", "int", default=0))).report()
    assert (report.unreadable, report.unsafe) == ((), ())
    assert only(report.changed_meaning).rules == ("RENAME_WITHOUT_ALIAS",)
    refuse(report, settings())
    with pytest.raises(IncompatibleSchema) as caught:
        refuse(report, settings(changed_meaning=VersionPolicy.REFUSE))
    assert caught.value.problems[0].path == "$.speed_kph"
    assert "another policy for changed_meaning: warn" in caught.value.hint


def test_a_wrong_number_is_unsafe_and_of_another_meaning() -> None:
    old = with_fields(field("speed_kmh", "int"))
    report = World(old, with_fields(field("speed_mph", "int", aliases=["speed_kmh"], default=0))).report()
    assert only(report.unsafe).rules == only(report.changed_meaning).rules == ("UNIT_CHANGED",)
    refuse(report, ALL_WARN)


def test_below_a_union_the_cause_is_named() -> None:
    def part(*fields: Mapping[str, Any]) -> dict[str, Any]:
        record = {"type": "record", "name": "Part", "fields": [field("a", "int"), *fields]}
        return with_fields(field("part", ["null", record], default=None))

    bad = only(World(part(), part(field("road", "string"))).report().unreadable)
    assert bad.rules == ("READER_FIELD_MISSING_DEFAULT_VALUE",)
    assert (bad.partial, bad.problems[0].path.endswith(".road")) == (True, True)


def test_a_type_the_topic_does_not_carry_is_named() -> None:
    bad = only(World({**ORDER, "name": "Foreign"}).report().unreadable)
    assert bad.rules == ()
    assert "is not declared to carry type demo.Foreign" in bad.problems[0].found


def test_a_schema_is_compared_once_however_many_topics_carry_it(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(with_fields(field("note", "string", default="")))
    compared: list[tuple[Schema, Schema]] = []

    def counted(reader: Schema, writer: Schema) -> PairReport:
        compared.append((reader, writer))
        return compare(reader, writer)

    monkeypatch.setattr("avroad.consumer.judgement.compare", counted)
    report = check_versions(world.catalog, world.registry, ("orders", "orders"), Judge(settings()))
    assert report.checked == 6
    assert len(compared) == 3
