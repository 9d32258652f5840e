"""The main job, end to end, on real Kafka: types the commands a user would type and checks the result by ids.

Run it with `make demo`, or `python -m admin.demo`. It starts its own stack with its own data, leaves what it saw in
`proof/`, and exits non-zero when a number is wrong.
"""

from __future__ import annotations

if __name__ == "__main__":  # first of all, because the other imports take a moment
    from avroad.cli.interrupts import end_on_interrupt

    end_on_interrupt()

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import click

from admin.branches import make_branches
from admin.evolution import Evolution, evolve, refused_changes
from admin.ledger import EventKey, Figures, compare, read_lines
from admin.terminal import DemoFailed, Terminal
from avroad.cli.context import find_root
from avroad.cli.main import run_app
from avroad.cli.output import say, table
from avroad.cli.signals import interruptible
from avroad.project import open_project

__all__ = ["main"]

POISON_KEY = "demo:poison"
POISON_HEX = "00ffffffff7f"
KILL_AFTER = 700
GROUPS = 2
SESSION = "-X session.timeout.ms=6000 -X heartbeat.interval.ms=2000"
"""How soon the group notices the kill; Kafka's own default is 45 s, too long to watch."""


@click.command(epilog="\b\nExample:\n  python -m admin.demo --events 5000")
@click.option("--events", default=2500, show_default=True, type=click.IntRange(min=500), help="Synthetic events.")
@click.option("--rate", default=400, show_default=True, type=click.IntRange(min=50), help="Their rate, per second.")
def main(events: int, rate: int) -> None:
    """Run the main job end to end and compare what was sent, stored and handled by id."""
    started = time.monotonic()
    root = find_root(Path.cwd())
    proof = root / "proof"
    shutil.rmtree(proof, ignore_errors=True)
    proof.mkdir()
    with Terminal(root, proof) as terminal:
        with interruptible():
            try:
                outcome = _scenes(terminal, events, rate)
            except BaseException:
                terminal.end_background()
                terminal.show("avroad stack down", quiet=True)  # nothing is printed: the terminal may be closed
                raise
            terminal.end_background()
            terminal.show("avroad stack down")
        _verdict(terminal, outcome, rate, time.monotonic() - started)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What was found by id, and the rates seen, in events per second."""

    figures: Figures
    evolution: Evolution
    rates: dict[str, float]


def _scenes(terminal: Terminal, events: int, rate: int) -> _Outcome:
    """Play the demo."""
    terminal.title("A real Kafka broker and a real schema registry, on this machine")
    terminal.show("avroad stack reset --yes")
    terminal.show(f"avroad stack up{terminal.free_ports()}")
    terminal.show("avroad stack status", save="stack-status.txt")
    terminal.title("Contracts become registered subjects and provisioned topics")
    terminal.show("avroad plan --out proof/plan.json")
    terminal.show("avroad apply proof/plan.json --yes")
    terminal.show("avroad topics list", save="topics.txt")
    terminal.show(f"avroad topics describe {_events_topic(terminal)}", save="topic.txt")
    terminal.title("Real collisions go in: York, 2005-2014 (Department for Transport, OGL v3.0)")
    terminal.show("python -m producers.stats19 --sample --ledger proof/stats19.jsonl", save="stats19.log")
    terminal.show("python -m consumers.monitor --from beginning --count 12 --output plain", save="monitor.txt")
    terminal.title("Synthetic traffic goes in; the consumer is killed in the middle and started again")
    consumer, rates = _kill_and_restart(terminal, events, rate)
    terminal.title("A schema changes under traffic: old and new producers and consumers run together")
    branches = make_branches(terminal.root, _sent_first(terminal))
    evolution = evolve(terminal, branches, SESSION, lambda: _handled(terminal))
    terminal.stop(consumer)
    _join(terminal)
    terminal.say(f"\n{branches.type_name}, by id:\n{evolution.table()}")
    terminal.title("Changes that would hurt somebody are refused, one the registry would take among them")
    refused_changes(terminal, branches)
    terminal.title("What could not be read is kept, and the plan after all this is empty")
    topic = _events_topic(terminal)
    terminal.show(f"avroad dlq list {topic}", save="dead-letters.txt", expect_text=POISON_KEY)
    terminal.show("avroad --root .avroad/branches/next plan --detailed-exitcode")
    figures = _compare(terminal)
    terminal.show("avroad stack logs broker-1 -n 200", into="broker.log")
    return _Outcome(figures=figures, evolution=evolution, rates=rates)


def _events_topic(terminal: Terminal) -> str:
    """Return the declared topic that carries most types: the one the demo looks at."""
    topics = open_project(terminal.root, "local").catalog.topics.values()
    return max(topics, key=lambda topic: len(topic.values)).name


def _sent_first(terminal: Terminal) -> str:
    """Return the event type of the real collisions."""
    return str(read_lines(terminal.proof / "stats19.jsonl")[0]["type"])


def _kill_and_restart(terminal: Terminal, events: int, rate: int) -> tuple[Popen[bytes], dict[str, float]]:
    """Produce and consume at once, kill -9 the consumer, restart it, park a poison record.

    Returns the consumer, which goes on, and the rates.
    """
    topic = _events_topic(terminal)
    consume = f"python -m consumers.monitor --group demo --from beginning --output json {SESSION}"
    first = terminal.start(consume, output=terminal.proof / "consumer-1.jsonl")
    started = time.monotonic()
    produce = f"python -m producers.synthetic --seed 7 --rate {rate} --count {events} --ledger proof/synthetic.jsonl"
    producer = terminal.start(produce, output=terminal.proof / "producer.log")
    terminal.wait_for("the consumer to handle some events", lambda: _lines(terminal, "consumer-1") >= KILL_AFTER)
    terminal.say(f"# kill -9 {first.pid}   (the consumer, after {_lines(terminal, 'consumer-1')} events)")
    first.kill()
    first.wait()
    terminal.show(f"avroad records send {topic} --key {POISON_KEY} --hex {POISON_HEX}")
    second = terminal.start(consume, output=terminal.proof / "consumer-2.jsonl")
    terminal.wait_for("the producer to finish", lambda: producer.poll() is not None)
    produced = time.monotonic() - started
    if producer.returncode:
        raise DemoFailed(f"the producer ended with exit code {producer.returncode}; see proof/producer.log")
    wanted = {_key(line) for line in _ledger(terminal) if line["outcome"] == "acked"}
    terminal.wait_for("the consumer to catch up", lambda: wanted <= _handled(terminal).keys())
    consumed = time.monotonic() - started
    count = len(read_lines(terminal.proof / "synthetic.jsonl"))
    return second, {"produced": count / produced, "consumed": len(_handled(terminal)) / consumed}


def _lines(terminal: Terminal, name: str) -> int:
    return len(read_lines(terminal.proof / f"{name}.jsonl"))


def _ledger(terminal: Terminal) -> list[dict[str, object]]:
    names = ("stats19", "synthetic", "old", "next")
    return [line for name in names for line in read_lines(terminal.proof / f"{name}.jsonl")]


def _key(line: dict[str, object]) -> EventKey:
    return str(line["topic"]), str(line["event_id"])


def _handled(terminal: Terminal) -> dict[EventKey, int]:
    counts: dict[EventKey, int] = {}
    for name in ("consumer-1", "consumer-2"):
        for line in read_lines(terminal.proof / f"{name}.jsonl"):
            counts[_key(line)] = counts.get(_key(line), 0) + 1
    return counts


def _join(terminal: Terminal) -> None:
    """Write one consumer log of both lives for the reader of `proof/`."""
    texts = [(terminal.proof / f"consumer-{i}.jsonl").read_text("utf-8") for i in (1, 2)]
    (terminal.proof / "consumer.log").write_text("\n".join(texts), "utf-8")


def _compare(terminal: Terminal) -> Figures:
    """Read every topic from first to last offset, outside any consumer under test, and compare by id."""
    project = open_project(terminal.root, "local")
    topics = [topic for topic in project.catalog.topics.values() if topic.values]
    log: list[EventKey] = []
    for record in project.read_all([topic.name for topic in topics]):
        if record.key != POISON_KEY.encode():
            identity = dict(record.headers).get("ce_id") or b""
            log.append((record.topic, identity.decode()))
    ledger = _ledger(terminal)
    deliveries = [key for key, count in _handled(terminal).items() for _ in range(count)]
    return compare(
        sent=[_key(line) for line in ledger],
        acked=[_key(line) for line in ledger if line["outcome"] == "acked"],
        log=log,
        handled=deliveries,
    )


def _verdict(terminal: Terminal, outcome: _Outcome, asked: int, seconds: float) -> None:
    """Print the final table and fail when a number is wrong."""
    figures, rates = outcome.figures, outcome.rates
    terminal.title("What was sent, stored and handled, compared by id")
    dead = terminal.text("dead-letters.txt").count(POISON_KEY)
    events = len({line["event_id"] for line in _ledger(terminal)})
    rows = [
        ("events", events, "distinct event ids the producers made"),
        ("produced", figures.produced, "records they sent: a speed camera goes to two topics"),
        ("acked", figures.acked, "records the brokers acknowledged"),
        ("in the log", figures.in_log, "records an independent read found"),
        ("consumed", figures.consumed, "records the consumer handled, over both its lives"),
        ("dead-lettered", dead, "the one poison record, by each of two groups"),
        ("lost", figures.lost, "acked, but not in the log"),
        ("unread", figures.unread, "in the log, but never handled"),
        ("duplicated", figures.doubled, "records whose id lies in their topic more than once"),
        ("redelivered", figures.redelivered, "handled again after the kill (at least once)"),
        ("produced/s", round(rates["produced"]), f"records per second, start-up included; --rate {asked} paces events"),
        ("consumed/s", round(rates["consumed"]), "records per second, kill and restart included"),
    ]
    terminal.say(table(("by topic and id", "count", "what it is"), rows))
    terminal.say(f"\n{seconds:.0f} s from start to finish; everything seen is in proof/")
    if not figures.sound or not outcome.evolution.sound or dead != GROUPS:
        raise DemoFailed("a number is wrong: see the table")
    say("all numbers are right")


if __name__ == "__main__":
    run_app(main)
