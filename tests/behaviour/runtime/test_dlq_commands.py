"""`avroad dlq` and `avroad records` on the mock cluster: from a poison record to its return."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from avroad.cli.context import Context
from avroad.cli.main import run
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
    assert "0 of 0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["dlq", "list", "ordres"], ExitCode.CONTRACT, "Did you mean"),
        (["dlq", "list", "stock"], ExitCode.USAGE, "stock has no dead-letter topic"),
        (["dlq", "show", "orders", "9:9"], ExitCode.USAGE, "no dead letter at 9:9"),
        (["records", "send", "orders"], ExitCode.USAGE, "found none of them"),
        (["records", "send", "orders", "--hex", "0g"], ExitCode.USAGE, "pairs of hexadecimal digits"),
        (["records", "send", "orders", "--hex", "00", "--tombstone"], ExitCode.USAGE, "--hex and --tombstone"),
        (["records", "send", "ordres", "--hex", "00"], ExitCode.CONTRACT, "Did you mean"),
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
