"""Orders, their switches, and what a rolling upgrade says in text, JSON and on the page."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from avroad.contracts.compat.order import Order
from avroad.evolve.counts import Counts, Kept, Reading
from avroad.evolve.example import Example
from avroad.evolve.ids import tally
from avroad.evolve.matrix import Rehearsal
from avroad.evolve.page import rehearsal_page
from avroad.evolve.render import rehearsal_json, rehearsal_text
from avroad.evolve.rolling import unplayed
from avroad.evolve.switches import MEMBERS, orders_of, schedule
from avroad.evolve.upgrade import Phase, Rolling, Upgrade
from avroad.evolve.versions import InPlay
from tests.unit.evolve.evolution import NEW, OLD, field, judged, record, spec, version

ID = field("id", "string")
LONG = "1234567890123456789012345678901234567890"
HURT = Example(place="sample 3", path="$.<lanes>", what="no <b>value</b>")


def upgrade(order: Order, *, advised: bool, hurt: bool = False, misread: int = 0) -> Upgrade:
    ids = "abcdefgh"
    letters = "d" if hurt else ""
    handled = ids.replace(letters, "") if hurt else ids
    bad = Counts(handled=0, dead_lettered=1, example=HURT) if hurt else Counts(handled=1, misread=misread)
    fine = Counts(handled=7)
    phases = [Phase(switch=None, sent=8, counts=fine)]
    phases += [Phase(switch=switch, sent=0, counts=Counts()) for switch in schedule(order)[1:]]
    phases.insert(1, Phase(switch=schedule(order)[0], sent=0, counts=bad))
    return Upgrade(
        order=order, advised=advised, old=LONG, new=NEW, phases=tuple(phases), seconds=1.5,
        readings=(Reading(writer=LONG, reader=LONG, counts=fine), Reading(writer=LONG, reader=NEW, counts=bad)),
        ids=tally(sent=ids, acked=ids, log=ids, handled=handled, letters=letters),
    )  # fmt: skip


def shown(rolling: Rolling | None) -> Rehearsal:
    matrix = judged(record(ID), record(ID, field("note", ["null", "string"], default=None)))
    return Rehearsal(
        against="the registry", subjects=(replace(matrix, rolling=rolling),), libraries=(), unplayed=(), seed=1,
        seconds=1.0,
    )  # fmt: skip


def test_each_member_is_switched_once_and_sides_come_one_after_the_other() -> None:
    for order, sides in ((Order.CONSUMERS, "ccpp"), (Order.PRODUCERS, "ppcc")):
        switches = schedule(order)
        assert "".join(switch.side[0] for switch in switches) == sides
        assert len(set(switches)) == 2 * MEMBERS


@pytest.mark.parametrize(
    ("advised", "expected"),
    [
        (Order.CONSUMERS, [(Order.CONSUMERS, True), (Order.PRODUCERS, False)]),
        (Order.PRODUCERS, [(Order.PRODUCERS, True), (Order.CONSUMERS, False)]),
        (Order.ANY, [(Order.CONSUMERS, True), (Order.PRODUCERS, True)]),
        (Order.MIGRATE, [(Order.CONSUMERS, False), (Order.PRODUCERS, False)]),
    ],
)
def test_the_advised_order_comes_first_and_the_other_is_played_too(
    advised: Order, expected: list[tuple[Order, bool]]
) -> None:
    assert list(orders_of(advised)) == expected


@pytest.mark.parametrize(("hurt", "misread"), [(True, 0), (False, 1)])
def test_only_an_advised_order_that_hurts_somebody_fails_the_run(hurt: bool, misread: int) -> None:
    good = upgrade(Order.CONSUMERS, advised=True)
    bad = upgrade(Order.PRODUCERS, advised=False, hurt=hurt, misread=misread)
    assert good.sound
    assert not bad.sound
    assert shown(Rolling(upgrades=(good, bad))).met
    assert shown(None).met
    assert not shown(Rolling(upgrades=(good, replace(bad, advised=True)))).met


def test_text_shows_steps_ids_and_the_first_that_is_hurt_in_eighty_columns() -> None:
    good, bad = upgrade(Order.CONSUMERS, advised=True), upgrade(Order.PRODUCERS, advised=False, hurt=True)
    lines = list(rehearsal_text(shown(Rolling(upgrades=(good, bad)))))
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    for part in (
        "  rolling upgrade of 2 producers and 2 consumers\n    consumers first, as advised: sound",
        "    producers first, the reverse: what would have happened: records are hurt",
        "    consumer 1 to candidate     0        1              0        0\n",
        "    producer 1 to candidate     0        0              1        0\n",
        "by id: 8 sent, 8 acked, 8 in the log, 8 handled, 0 dead-lettered",
        "    first hurt, producer 1 to candidate: sample 3: no <b>value</b> - at\n      $.<lanes>",
    ):
        assert part in text, text


def test_text_says_when_no_order_is_safe_when_both_are_and_when_none_is_played() -> None:
    neither = tuple(upgrade(order, advised=False, hurt=True) for order in (Order.CONSUMERS, Order.PRODUCERS))
    assert "which is not advised: no order is safe" in _text(Rolling(upgrades=neither))
    both = tuple(replace(each, advised=True) for each in neither)
    assert "one of the two that are advised" in _text(Rolling(upgrades=both))
    assert "rolling upgrade: not played, there is one version only" in _text(
        Rolling(unplayed="there is one version only")
    )
    assert "rolling upgrade" not in _text(None)


def _text(rolling: Rolling | None) -> str:
    return " ".join(" ".join(rehearsal_text(shown(rolling))).split())


def test_json_and_page_have_the_same() -> None:
    good, bad = upgrade(Order.CONSUMERS, advised=True), upgrade(Order.PRODUCERS, advised=False, hurt=True)
    result = shown(Rolling(upgrades=(good, bad)))
    rolling = json.loads(json.dumps(rehearsal_json(result)))["subjects"][0]["rolling"]
    assert (rolling["sound"], rolling["not_played"]) == (True, None)
    first, second = rolling["upgrades"]
    assert (first["order"], first["advised"], first["sound"]) == ("consumers first", True, True)
    assert (second["advised"], second["sound"], second["ids"]["dead_lettered"]) == (False, False, 1)
    assert [step["switched"] for step in first["steps"]] == [
        None, "consumer 1", "consumer 2", "producer 1", "producer 2"
    ]  # fmt: skip
    assert second["steps"][1]["example"]["path"] == HURT.path
    page = rehearsal_page(result)
    assert "Rolling upgrade: consumers first, as advised: sound" in page
    assert "no &lt;b&gt;value&lt;/b&gt;" in page
    assert "<b>value" not in page
    assert rehearsal_json(shown(None))["subjects"][0]["rolling"] is None


def test_programs_that_are_never_switched_say_what_they_met_and_decide_nothing() -> None:
    met = Reading(writer=NEW, reader=OLD, counts=Counts(handled=3, dead_lettered=2, example=HURT))
    board = Kept(programs=("board", "map"), version=OLD, readings=(met,), unread=0)
    late = Kept(programs=("late",), version=OLD, readings=(), unread=7)
    fine = Kept(programs=("feed",), version=OLD, readings=(replace(met, counts=Counts(handled=5)),), unread=0)
    rolling = Rolling(upgrades=(replace(upgrade(Order.CONSUMERS, advised=True), kept=(board, late, fine)),))
    assert shown(rolling).met
    text = _text(rolling)
    for part in (
        "warning: never switched, board, map on 1: candidate -> 1: 3 handled, 2 dead-lettered",
        "first hurt there: sample 3: no <b>value</b> - at $.<lanes>",
        "warning: never switched, late on 1: 7 unread",
        " never switched, feed on 1: candidate -> 1: 5 handled",
    ):
        assert part in text, text
    (played,) = rehearsal_json(shown(rolling))["subjects"][0]["rolling"]["upgrades"]
    assert [(each["programs"], each["hurt"]) for each in played["never_switched"]] == [
        (["board", "map"], True), (["late"], True), (["feed"], False),
    ]  # fmt: skip
    page = rehearsal_page(shown(rolling))
    assert "never switched, board, map on 1" in page
    assert "<b>value" not in page


def test_what_nobody_sends_by_itself_is_not_played() -> None:
    old, new = version(OLD, record(ID)), version(NEW, record(ID, field("n", "int")))
    play = InPlay(spec=spec(), versions=(old, new))
    assert unplayed(play) == ""
    assert "one version" in unplayed(replace(play, versions=(new,)))
    assert "no topic" in unplayed(replace(play, spec=replace(play.spec, topic="")))
    enum = version(NEW, {"type": "enum", "name": "E", "symbols": ["A"]})
    assert "records" in unplayed(replace(play, versions=(old, enum)))
