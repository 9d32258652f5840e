"""Who goes first with a change, whose data count, and which declared programs fail on what."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from avroad.contracts import Catalog
from avroad.contracts.compat import compare
from avroad.contracts.compat.modes import Version
from avroad.contracts.compat.order import Order
from avroad.contracts.declared import REPOSITORY, Application, SubjectSpec, Use
from avroad.contracts.rollout import Advisor, Rollout
from avroad.contracts.rollout_report import rollout_json, rollout_lines
from avroad.model import Level, TopicSpec
from avroad.schema import Schema, parse

TODAY = date(2026, 6, 30)
SPEC = SubjectSpec(
    subject="zoo.births-value", type_name="zoo.Birth", topic="zoo.births", level=Level.BACKWARD, references=()
)
DAY_MS = 86_400_000
FORTNIGHT = {"retention.ms": str(7 * DAY_MS)}  # and a week until the segment is rolled
KIND = {"type": "enum", "name": "Kind", "symbols": ["CAT"]}


def birth(*fields: dict[str, Any]) -> Schema:
    return parse({"type": "record", "name": "zoo.Birth", "fields": [{"name": "a", "type": "int"}, *fields]})


def field(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


PLAIN = birth()
OPTIONAL = birth(field("b", "int", default=0))
REQUIRED = birth(field("b", "int"))
CATS, DOGS = birth(field("kind", KIND)), birth(field("kind", {**KIND, "symbols": ["CAT", "DOG"]}))


def app(name: str, reads: tuple[str, ...] = (), writes: tuple[str, ...] = (), *, stateful: bool = False) -> Application:
    def uses(versions: tuple[str, ...]) -> tuple[Use, ...]:
        use = Use(topic="zoo.births", type_name="zoo.Birth", versions=versions, stateful=stateful)
        return (use,) if versions else ()

    return Application(
        name=name, owner="keepers", description="d", reads=uses(reads), writes=uses(writes), file=f"{name}.yaml"
    )  # fmt: skip


def advise(
    new: Schema, *past: tuple[Schema, str], apps: tuple[Application, ...] = (), config: dict[str, str] | None = None,
    mode: Level = Level.BACKWARD, pins: dict[str, Schema] | None = None,
) -> Rollout:  # fmt: skip
    topic = TopicSpec(name="zoo.births", partitions=1, values=("zoo.Birth",), config=config or {})
    catalog = Catalog(topics={topic.name: topic}, applications={item.name: item for item in apps})
    known = pins or {}

    def pin(_spec: SubjectSpec, text: str) -> Version | str:
        return Version(name=text, schema=known[text]) if text in known else "never heard of it"

    versions = [Version(name=str(i), schema=schema, day=day) for i, (schema, day) in enumerate(past, 1)]
    found = Advisor(catalog, pin, TODAY).advise(SPEC, mode, new, versions, compare)
    assert found is not None
    return found


def failing(rollout: Rollout) -> list[tuple[str, str, bool, tuple[str, ...]]]:
    return [
        (item.name, trouble.users.version, trouble.backward, trouble.data_of)
        for trouble in rollout.troubles
        for item in trouble.users.applications
    ]


def test_nothing_breaks_and_nobody_is_known() -> None:
    rollout = advise(OPTIONAL, (PLAIN, ""))
    assert rollout.advice.order is Order.ANY
    assert list(rollout_lines(rollout)) == [
        "order: any order",
        "  not known: who reads: nobody is declared",
        "  not known: who writes: nobody is declared",
    ]


def test_readers_from_here_fail_until_they_are_updated_and_pinned_ones_go_on_failing() -> None:
    board, archive = app("board", (REPOSITORY,)), app("archive", ("1", "2", "3"))
    rollout = advise(DOGS, (CATS, ""), apps=(board, archive), pins={"1": CATS, "2": DOGS})
    assert rollout.advice.order is Order.CONSUMERS
    assert failing(rollout) == [("board", REPOSITORY, False, ()), ("archive", "1", False, ())]
    lines = list(rollout_lines(rollout))
    assert "  until updated, fails on new data: board (keepers)" in lines
    assert "  pinned to version 1, fails on new data: archive (keepers)" in lines
    assert lines.count("    MISSING_ENUM_SYMBOLS at $.kind: records where $.kind is DOG") == 2
    assert "  not known: version 3, pinned by archive: never heard of it" in lines


def test_a_reader_pinned_to_an_older_version_decides_who_goes_first() -> None:
    old = birth(field("b", "string"))
    assert advise(OPTIONAL, (PLAIN, "")).advice.order is Order.ANY
    pinned = advise(OPTIONAL, (PLAIN, ""), apps=(app("old", ("git:v1",)),), pins={"git:v1": old})
    assert pinned.advice.order is Order.CONSUMERS
    assert failing(pinned) == [("old", "git:v1", False, ())]


def test_a_writer_pinned_to_an_older_version_goes_on_writing_it() -> None:
    apps = (app("board", (REPOSITORY,)), app("radar", writes=("1", REPOSITORY)))
    rollout = advise(REQUIRED, (OPTIONAL, ""), apps=apps, pins={"1": PLAIN}, config=FORTNIGHT)
    assert rollout.advice.order is Order.PRODUCERS
    name = "1, still written by radar"
    assert rollout.data_of == ("1", name)
    assert failing(rollout) == [("board", REPOSITORY, True, (name,))]
    old = advise(REQUIRED, (PLAIN, "2026-01-01"), (OPTIONAL, "2026-02-01"), apps=apps, pins={"1": PLAIN},
                 config=FORTNIGHT)  # fmt: skip
    assert (old.data_of, old.not_counted) == (("2", name), ()), "expired, but still written"
    same = advise(REQUIRED, (OPTIONAL, ""), apps=apps, pins={"1": OPTIONAL})
    assert same.data_of == ("1",), "what is among the versions before is not counted twice"


@pytest.mark.parametrize(
    ("config", "mode", "days", "counted"),
    [
        (FORTNIGHT, Level.BACKWARD, ("2026-01-01", "2026-02-01", "2026-06-29"), ("2", "3")),
        (FORTNIGHT, Level.BACKWARD_TRANSITIVE, ("2026-01-01", "2026-02-01", "2026-03-01"), ("3",)),
        (FORTNIGHT, Level.BACKWARD, ("2026-01-01", "2026-06-15", "2026-06-16"), ("1", "2", "3")),
        (FORTNIGHT, Level.BACKWARD, ("2026-01-01", "2026-06-14", "2026-06-16"), ("2", "3")),
        (FORTNIGHT, Level.BACKWARD, ("", "", ""), ("3",)),
        (FORTNIGHT, Level.FULL_TRANSITIVE, ("", "", ""), ("1", "2", "3")),
        ({**FORTNIGHT, "segment.ms": "1000"}, Level.BACKWARD, ("2026-01-01", "2026-06-20", "2026-06-21"), ("3",)),
        ({"retention.ms": "-1"}, Level.BACKWARD, ("2026-01-01", "2026-02-01", "2026-03-01"), ("1", "2", "3")),
        ({"retention.ms": str(2**63 - 1)}, Level.BACKWARD, ("1970-01-01",) * 3, ("1", "2", "3")),
        ({"cleanup.policy": "compact"}, Level.BACKWARD, ("2026-01-01", "2026-02-01", "2026-03-01"), ("1", "2", "3")),
        ({}, Level.BACKWARD, ("2026-01-01", "2026-02-01", "2026-03-01"), ("1", "2", "3")),
    ],
)
def test_the_data_that_count_are_those_the_topic_may_still_hold(
    config: dict[str, str], mode: Level, days: tuple[str, ...], counted: tuple[str, ...]
) -> None:
    past = zip((PLAIN, OPTIONAL, birth(field("c", "int", default=1))), days, strict=True)
    rollout = advise(REQUIRED, *past, config=config, mode=mode)
    assert rollout.data_of == counted
    assert rollout.not_counted == tuple(name for name in ("1", "2", "3") if name not in counted)
    assert any("not counted" in line for line in rollout_lines(rollout)) is bool(rollout.not_counted)


def test_a_reader_that_keeps_what_it_read_needs_every_version() -> None:
    past = ((PLAIN, "2026-01-01"), (OPTIONAL, "2026-02-01"))
    plain = advise(REQUIRED, *past, apps=(app("sums", (REPOSITORY,)),), config=FORTNIGHT)
    assert (plain.advice.order, plain.data_of) == (Order.ANY, ("2",))
    stateful = advise(REQUIRED, *past, apps=(app("sums", (REPOSITORY,), stateful=True),), config=FORTNIGHT)
    assert (stateful.advice.order, stateful.data_of) == (Order.PRODUCERS, ("1", "2"))
    assert failing(stateful) == [("sums", REPOSITORY, True, ("1",))]
    assert stateful.advice.steps[2].startswith("What sums kept does not expire"), "no waiting helps"
    assert len(advise(REQUIRED, *past[:1], apps=(app("sums", (REPOSITORY,)),)).advice.steps) == 3


def test_a_pinned_writer_of_old_data_has_to_go_on_before_consumers_do() -> None:
    apps = (app("sensor", writes=("1",)), app("board", (REPOSITORY,)))
    rollout = advise(REQUIRED, (PLAIN, ""), apps=apps, pins={"1": PLAIN})
    assert rollout.advice.order is Order.PRODUCERS
    assert rollout.advice.steps[1].startswith("Raise the pin of sensor"), rollout.advice.steps
    same = advise(OPTIONAL, (PLAIN, ""), apps=apps, pins={"1": PLAIN})
    assert same.advice.order is Order.ANY


def test_silent_changes_have_no_order() -> None:
    time = {"type": "long", "logicalType": "timestamp-millis"}
    new = birth(field("at", {**time, "logicalType": "timestamp-micros"}))
    rollout = advise(new, (birth(field("at", time)), ""), apps=(app("board", (REPOSITORY,)),))
    assert rollout.advice.order is Order.MIGRATE
    assert failing(rollout) == [("board", REPOSITORY, False, ()), ("board", REPOSITORY, True, ("1",))]


def test_old_readers_count_as_far_as_the_mode_promises() -> None:
    past = ((birth(field("c", "int")), ""), (birth(field("c", "int", default=0)), ""))
    assert advise(OPTIONAL, *past, mode=Level.FULL).advice.order is Order.ANY
    assert advise(OPTIONAL, *past, mode=Level.FULL_TRANSITIVE).advice.order is Order.CONSUMERS


def test_where_java_raises_that_is_the_reason() -> None:
    new = birth(field("z", "int", default=0, aliases=["b", "c"]))
    rollout = advise(new, (birth(field("b", "int"), field("c", "int")), ""), apps=(app("board", (REPOSITORY,)),))
    assert any("Java raises: " in line for line in rollout_lines(rollout))


def test_thousands_of_readers_are_one_line_each_and_all_in_json() -> None:
    apps = tuple(app(f"app{i:04}", (REPOSITORY,)) for i in range(3_000))
    rollout = advise(DOGS, (CATS, ""), apps=apps)
    assert len(rollout.troubles) == 1
    lines = list(rollout_lines(rollout))
    assert len(lines) < 10
    assert any(line.endswith("app0009 (keepers) and 2,990 more") for line in lines)
    (found,) = rollout_json(rollout)["failing"]
    assert (len(found["applications"]), found["on"]) == (3_000, "new data")


def test_a_subject_without_a_topic_has_no_order() -> None:
    shared = SubjectSpec(subject="zoo.Birth", type_name="zoo.Birth", topic="", level=Level.BACKWARD, references=())
    version = Version(name="1", schema=PLAIN)
    advisor = Advisor(Catalog(), lambda _spec, _text: "", TODAY)
    assert advisor.advise(shared, Level.BACKWARD, OPTIONAL, [version], compare) is None
    assert advisor.advise(SPEC, Level.BACKWARD, OPTIONAL, [], compare) is None
