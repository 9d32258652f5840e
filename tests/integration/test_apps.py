"""The programs of producers/ and consumers/ as a user runs them, on real Kafka, compared by id."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition

from tests.integration.conftest import RunningStack, environment_text

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.kafka

Line = dict[str, object]


class Apps:
    """A copy of the repository's contracts and programs, applied to the stack."""

    def __init__(self, root: Path, stack: RunningStack) -> None:
        self.root, self.stack = root, stack
        for name in ("schemas", "producers", "consumers", "admin"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        text = environment_text(stack, "apps")
        (root / "admin/environments/apps.yaml").write_text(text, "utf-8")
        self.env = {**os.environ, "AVROAD_ENV": "apps", "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(root)}
        self.avroad("apply", "--yes")
        self._wait_for_groups()

    def _wait_for_groups(self) -> None:
        """Return when the cluster serves groups: the first one ever makes it create its topic of offsets."""
        consumer = Consumer({"bootstrap.servers": self.stack.bootstrap_servers, "group.id": "apps-test-first"})

        def answers() -> bool:
            try:
                return bool(consumer.committed([TopicPartition("traffic.events", 0)], timeout=5))
            except KafkaException:
                return False

        try:
            wait_until(answers, "the group coordinator")
        finally:
            consumer.close()

    def avroad(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "avroad", *arguments], cwd=self.root, env=self.env, capture_output=True, text=True,
            timeout=90, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def run(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", module, *arguments], cwd=self.root, env=self.env, capture_output=True, text=True,
            timeout=90, check=False,
        )  # fmt: skip

    def start(self, module: str, *arguments: str, output: Path) -> subprocess.Popen[bytes]:
        with output.open("wb") as stdout, output.with_suffix(".err").open("wb") as stderr:
            command = [sys.executable, "-m", module, *arguments]
            return subprocess.Popen(command, cwd=self.root, env=self.env, stdout=stdout, stderr=stderr)


def lines(path: Path) -> list[Line]:
    """The whole JSON lines of a file somebody may still be writing."""
    complete, _, _ = path.read_text("utf-8").rpartition("\n")
    return [json.loads(line) for line in complete.splitlines()]


def wait_until(condition: Callable[[], bool], what: str, timeout_s: float = 60.0) -> None:
    deadline, tick = time.monotonic() + timeout_s, threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s for {what}"
        tick.wait(0.05)


def ids(found: list[Line]) -> Counter[tuple[str, str]]:
    return Counter((str(line["topic"]), str(line["event_id"])) for line in found)


@pytest.fixture(scope="module")
def apps(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Apps:
    if os.name == "nt":
        pytest.skip("ends programs by POSIX signals")
    return Apps(tmp_path_factory.mktemp("apps"), stack)


def test_a_stranger_s_first_run(apps: Apps, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    sent = apps.run("producers.stats19", "--sample", "--ledger", str(ledger))
    assert sent.returncode == 0, sent.stderr
    acked = lines(ledger)
    assert {line["outcome"] for line in acked} == {"acked"}
    assert f"sent {len(acked)} events" in sent.stdout
    wanted = dict.fromkeys(ids(acked), 1)
    read = apps.run("consumers.monitor", "--from", "beginning", "--type", "Accident", "--count", str(len(acked)),
                    "--output", "json")  # fmt: skip
    assert read.returncode == 0, read.stderr
    shown = [json.loads(line) for line in read.stdout.splitlines()]
    assert {key: count for key, count in ids(shown).items() if key in wanted} == wanted
    positions = {(line["event_id"]): (line["partition"], line["offset"]) for line in acked}
    for line in shown:
        if line["event_id"] in positions:
            assert (line["partition"], line["offset"]) == positions[line["event_id"]]
            assert line["key"] == line["value"]["situation_id"]
            assert line["schema_version"] == 1
            assert line["value"]["location"]["city"] == "York"


def test_a_killed_consumer_loses_nothing_and_ctrl_c_is_clean(apps: Apps, tmp_path: Path) -> None:
    ledger, first, second = (tmp_path / name for name in ("ledger.jsonl", "one.jsonl", "two.jsonl"))
    # Six seconds, the least a broker takes by default: a killed member is given up sooner than after 45.
    watch = ("--group", "apps-test", "--from", "beginning", "--output", "json", "-X", "session.timeout.ms=6000")
    one = apps.start("consumers.monitor", *watch, output=first)
    try:
        wait_until(lambda: b"all readable" in first.with_suffix(".err").read_bytes(), "the consumer's start")
        warm = apps.start("producers.synthetic", "--seed", "11", "--rate", "150", "--count", "900",
                          "--ledger", str(ledger), output=tmp_path / "producer.log")  # fmt: skip
        wait_until(ledger.exists, "the producer's start")
        wait_until(lambda: len(ids(lines(first)).keys() & ids(lines(ledger)).keys()) >= 150, "some events")
        one.kill()
        one.wait(10)
        poison(apps, b"\x00\xff\xff\xff\xff\x7f")
        two = apps.start("consumers.monitor", *watch, output=second)
        assert warm.wait(60) == 0, (tmp_path / "producer.err").read_text("utf-8")
        sent = ids(lines(ledger))
        try:
            wait_until(lambda: sent.keys() <= (ids(lines(first)) + ids(lines(second))).keys(), "the rest")
            wait_until(
                lambda: b"goes to the dead-letter topic" in second.with_suffix(".err").read_bytes(), "the poison"
            )
        finally:
            two.send_signal(signal.SIGINT)
        assert two.wait(30) == 0, second.with_suffix(".err").read_text("utf-8")
    finally:
        one.kill()
        one.wait(10)
    assert all(line["outcome"] == "acked" for line in lines(ledger))
    assert max(sent.values()) == 1
    assert len({event_id for _, event_id in sent}) == 900


def poison(apps: Apps, payload: bytes) -> Message:
    """Return the delivered record: its partition, offset and timestamp."""
    delivered: list[Message] = []
    producer = Producer({"bootstrap.servers": apps.stack.bootstrap_servers})
    producer.produce("traffic.events", payload, b"poison", on_delivery=lambda _, record: delivered.append(record))
    assert producer.flush(20) == 0
    return delivered[0]


def test_a_viewer_shows_poison_in_its_place_and_changes_nothing(apps: Apps) -> None:
    record = poison(apps, b"not avro at all")
    _, timestamp_ms = record.timestamp()
    since = datetime.fromtimestamp(timestamp_ms / 1000, UTC).isoformat()
    place = f"{record.topic()}/{record.partition()}@{record.offset()}"
    for _ in range(2):  # the second finds what the first left: all of it
        read = apps.run("consumers.monitor", "--from", since, "--count", "1", "--output", "plain", "--topic",
                        "traffic.events")  # fmt: skip
        assert read.returncode == 0, read.stderr
        assert [line.split()[0] for line in read.stdout.splitlines() if "POISON" in line] == [place]


def test_an_endless_producer_ends_clean_on_sigterm(apps: Apps, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    endless = apps.start("producers.synthetic", "--rate", "100", "--ledger", str(ledger), output=tmp_path / "out.log")
    wait_until(lambda: ledger.exists() and len(lines(ledger)) > 50, "some sends")
    endless.send_signal(signal.SIGTERM)
    assert endless.wait(30) == 0
    text = (tmp_path / "out.log").read_text("utf-8")
    count = len(lines(ledger))
    assert f"outcome of {count:,} sends" in text
    assert f": {count:,} acked" in text


def test_a_reader_that_stops_reading_is_no_failure(apps: Apps) -> None:
    command = f'"{sys.executable}" -m consumers.monitor --from beginning --output json | head -n 3 | wc -l'
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"], cwd=apps.root, env=apps.env, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, "3"), done.stderr
    assert "Traceback" not in done.stderr


def test_a_cluster_that_is_not_there_says_what_to_start(apps: Apps) -> None:
    for module in ("producers.synthetic", "consumers.monitor"):
        done = apps.run(module, "-X", "bootstrap.servers=127.0.0.1:1", "--count", "1")
        assert done.returncode == 1
        assert "avroad stack up" in done.stderr
        assert "Traceback" not in done.stderr
