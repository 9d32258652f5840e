"""`avroad dlq` and `avroad records` on the mock cluster: from a poison record to its return."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from avroad.cli.context import Context
from avroad.cli.main import run
from avroad.codec.dead_letter import Poison
from avroad.config import Environment, Setting
from avroad.errors import BrokerUnavailable, ExitCode
from avroad.model import OutgoingRecord
from avroad.project import Project
from avroad.testing.mock_cluster import MockCluster
from tests.behaviour.runtime.world import Running, World, until

KEY, BAD = "poison\x1b[31m", "00ffffff7f00"


@pytest.fixture
def project(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    kafka = {name: Setting(value=value, origin="test") for name, value in world.kafka.items()}
    environment = Environment(
        name="test", lock=tmp_path / "lock.json", replication_factor=1, min_insync_replicas=1, kafka=kafka
    )
    made = Project(root=tmp_path, catalog=world.catalog, environment=environment)
    monkeypatch.setattr(Context, "project", lambda _: made)
    return made


def poison(world: World) -> None:
    """Send one bad record by command and let a consumer park it."""
    assert run(["records", "send", "orders", "--key", KEY, "--hex", BAD]) == ExitCode.OK
    with Running(world.runner(lambda _: None)):
        until(lambda: world.read("orders.dlq"))


def test_a_bad_record_is_sent_parked_listed_shown_and_sent_back(
    world: World, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    poison(world)
    assert "sent 6 bytes to orders, partition" in capsys.readouterr().out
    (parked,) = world.read("orders.dlq")
    (original,) = world.read("orders")
    assert (parked.key, parked.value) == (original.key, original.value) == (KEY.encode(), bytes.fromhex(BAD))

    assert run(["dlq", "list", "orders"]) == ExitCode.OK
    listed = capsys.readouterr().out
    position = f"{parked.partition}:{parked.offset}"
    assert f"orders/{original.partition}@{original.offset}" in listed
    assert "malformed" in listed
    assert "\x1b" not in listed, "a key must not steer the terminal"

    assert run(["dlq", "list", "orders.dlq", "--output", "json"]) == ExitCode.OK
    (letter,) = json.loads(capsys.readouterr().out)["letters"]
    assert (letter["class"], letter["source"]["offset"], letter["group"]) == ("malformed", original.offset, "g")

    assert run(["dlq", "show", "orders", position]) == ExitCode.OK
    shown = capsys.readouterr().out
    assert "000000  00 ff ff ff 7f 00" in shown
    assert "dlq.class" in shown

    assert run(["dlq", "replay", "orders", "--dry-run"]) == ExitCode.OK
    assert "1 of 1 dead letters would go back to orders" in capsys.readouterr().out
    assert len(world.read("orders")) == 1
    assert run(["dlq", "replay", "orders", "--yes"]) == ExitCode.OK
    _, again = world.read("orders")
    assert (again.key, again.value, again.timestamp_ms) == (original.key, original.value, original.timestamp_ms)
    assert dict(again.headers) == {"dlq.replay.count": b"1"}


def test_header_names_do_not_steer_the_terminal(
    world: World, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = OutgoingRecord(topic="orders", key=b"k", value=b"bad", headers=(("\x1b[31mred", b"1"),), partition=0)
    world.send_raw(hostile)
    with Running(world.runner(lambda _: None)):
        until(lambda: world.read("orders.dlq"))
    assert run(["dlq", "show", "orders", "0:0"]) == ExitCode.OK
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\\x1b[31mred" in shown


def test_replay_asks_and_without_a_person_refuses(
    world: World, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    poison(world)
    assert run(["dlq", "replay", "orders"]) == ExitCode.REFUSED
    assert "Add --yes" in capsys.readouterr().err
    assert len(world.read("orders")) == 1


def test_nothing_there_is_said(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["dlq", "list", "orders"]) == ExitCode.OK
    assert capsys.readouterr().out == "no dead letters of orders\n"
    assert run(["dlq", "replay", "orders", "--yes"]) == ExitCode.OK
    assert capsys.readouterr().out == "no dead letters of orders; nothing to send back\n"


def test_what_matches_nothing_is_said_with_what_there_is(
    world: World, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    poison(world)
    world.send_raw(OutgoingRecord(topic="orders.dlq", key=None, value=b"x", partition=0))
    capsys.readouterr()
    nothing = "no dead letter of class contract of orders, only 1 malformed, 1 unknown"
    assert run(["dlq", "list", "orders", "--class", "contract"]) == ExitCode.OK
    assert capsys.readouterr().out == f"{nothing}\n"
    assert run(["dlq", "list", "orders", "--class", "contract", "--output", "json"]) == ExitCode.OK
    said = capsys.readouterr()
    assert json.loads(said.out)["letters"] == []
    assert said.err == f"{nothing}\n"
    assert run(["dlq", "replay", "orders", "--class", "contract", "--yes"]) == ExitCode.OK
    assert capsys.readouterr().out == f"{nothing}; nothing to send back\n"
    assert run(["dlq", "list", "orders", "--class", "unknown"]) == ExitCode.OK
    assert "unknown" in capsys.readouterr().out
    assert len(world.read("orders")) == 1


def test_named_letters_are_sent_all_or_none(world: World, project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    poison(world)
    (parked,) = world.read("orders.dlq")
    place = f"{parked.partition}:{parked.offset}"
    world.send_raw(OutgoingRecord(topic="orders.dlq", key=None, value=b"x", partition=1 - parked.partition))
    foreign = f"{1 - parked.partition}:0"
    for arguments, code, says in (
        (["--at", "7:9"], ExitCode.USAGE, "no dead letter at 7:9 of orders.dlq: expected positions"),
        (["--at", place, "--at", "7:9"], ExitCode.USAGE, f"{place}"),
        (["--at", place, "--class", "contract"], ExitCode.USAGE, f"no dead letter of class contract at {place}"),
        (["--at", "7"], ExitCode.USAGE, "expected PARTITION:OFFSET"),
        (["--at", place, "--at", foreign], ExitCode.REFUSED, f"refuse {foreign}: not written by avroad"),
    ):
        assert run(["dlq", "replay", "orders", "--yes", *arguments]) == code
        assert says in capsys.readouterr().err
    assert len(world.read("orders")) == 1
    assert run(["dlq", "replay", "orders", "--yes", "--at", place, "--at", f"0{place}"]) == ExitCode.OK
    assert "1 of 1 record sent back to orders" in capsys.readouterr().out
    assert len(world.read("orders")) == 2


def test_a_strange_count_does_not_hold_a_letter_back(
    world: World, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    strange = (("dlq.replay.count", b"9" * 5000),)
    world.send_raw(OutgoingRecord(topic="orders", key=b"k", value=b"bad", headers=strange, partition=0))
    with Running(world.runner(lambda _: None)):
        until(lambda: world.read("orders.dlq"))
    assert run(["dlq", "replay", "orders", "--yes"]) == ExitCode.OK
    assert "its own header dlq.replay.count is not ours" in capsys.readouterr().err
    back = next(record for record in world.read("orders") if len(record.headers) == 2)
    assert back.headers == (*strange, ("dlq.replay.count", b"1"))


def test_what_stands_in_a_letter_s_headers_cannot_steer_the_terminal(
    world: World, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("class", "topic", "error", "last_failure")
    numbers = (("dlq.partition", b"0"), ("dlq.offset", b"0"), ("dlq.original_headers", b"0"))
    headers = (*((f"dlq.{name}", b"\x1b[31mred\n") for name in names), *numbers)
    world.send_raw(OutgoingRecord(topic="orders.dlq", key=b"k", value=b"x", headers=headers, partition=0))
    for arguments in (["list", "orders"], ["show", "orders", "0:0"], ["replay", "orders", "--dry-run"]):
        assert run(["dlq", *arguments]) == ExitCode.OK
        said = capsys.readouterr()
        assert "\x1b" not in said.out + said.err


def test_the_classes_are_those_a_consumer_writes() -> None:
    from avroad.cli import dlq

    assert set(dlq._CLASSES) == {*Poison, "unknown"}
    assert run(["dlq", "list", "--help"]) == ExitCode.OK


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["dlq", "list", "ordres"], ExitCode.USAGE, "Did you mean"),
        (["dlq", "list", "stock"], ExitCode.USAGE, "stock has no dead-letter topic"),
        (["dlq", "list", "orders", "--class", "malfromed"], ExitCode.USAGE, "is not one of 'malformed', "),
        (["dlq", "replay", "orders", "--class", ""], ExitCode.USAGE, "is not one of 'malformed', "),
        (["dlq", "replay", "orders", "--at", "0:0", "--yes"], ExitCode.USAGE, "found letters at none"),
        (["dlq", "show", "orders", "9:9"], ExitCode.USAGE, "no dead letter at 9:9"),
        (["dlq", "show", "orders", "-1:0"], ExitCode.USAGE, ""),
        (["dlq", "show", "orders", "latest"], ExitCode.USAGE, "expected PARTITION:OFFSET"),
        (["records", "send", "orders"], ExitCode.USAGE, "found none of them"),
        (["records", "send", "orders", "--hex", "0g"], ExitCode.USAGE, "pairs of hexadecimal digits"),
        (["records", "send", "orders", "--hex", "00", "--tombstone"], ExitCode.USAGE, "--hex and --tombstone"),
        (["records", "send", "ordres", "--hex", "00"], ExitCode.USAGE, "Did you mean"),
    ],
)
def test_mistakes_are_answered(
    arguments: list[str], code: ExitCode, says: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == code
    assert says in capsys.readouterr().err


def test_a_bounded_read_ends_at_the_end_and_says_when_it_cannot(world: World, cluster: MockCluster) -> None:
    from avroad.broker import open_source
    from avroad.consumer import read_to_end

    world.send_orders(range(25))
    source = open_source(world.kafka, "")
    assert len(list(read_to_end(source, ["orders", "stock"]))) == 25
    source.close(5)
    source = open_source(world.kafka, "")
    reading = read_to_end(source, ["orders"], silence_s=0.5)
    starved = source.poll
    source.poll = lambda timeout_s, max_records: []  # type: ignore[method-assign]
    with pytest.raises(BrokerUnavailable, match=r"records up to the end, found orders/0, orders/1"):
        list(reading)
    source.poll = starved  # type: ignore[method-assign]
    source.close(5)
