"""The demo's second half: a schema changes while producers and consumers of both versions run on live traffic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from admin.branches import Branches
from admin.ledger import EventKey, read_lines
from admin.terminal import DemoFailed, Terminal
from avroad.cli.output import table

__all__ = ["Evolution", "evolve", "refused_changes"]

_EVENTS = 500
_RATE = 250
_CONTRACT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Evolution:
    """What was written and read in each version, by id. written: events of the type acknowledged, by version.

    read: the same by (written version, read version). others_missing: events of other types that the new consumer
    did not handle.
    """

    type_name: str
    written: dict[int, int]
    read: dict[tuple[int, int], int]
    others_missing: int

    @property
    def sound(self) -> bool:
        """Whether every event of both versions was read by the consumers of both versions."""
        both = all(self.written.get(version) for version in (1, 2))
        everything = all(count == self.written[written] for (written, _), count in self.read.items())
        return both and everything and not self.others_missing

    def table(self) -> str:
        """Return the matrix as text."""
        rows = [
            (f"v{version}", count, self.read[version, 1], self.read[version, 2])
            for version, count in sorted(self.written.items())
        ]
        return table(("written with", "events", "read by v1 consumer", "read by v2 consumer"), rows)


def evolve(
    terminal: Terminal, branches: Branches, session: str, old_reads: Callable[[], dict[EventKey, int]]
) -> Evolution:
    """Apply a branch's new version under traffic of both versions; return who read what.

    session: options of the new consumer. old_reads: what the consumer of version 1, which runs all the time, handled.
    """
    new = branches.folder("next")
    terminal.say(f"# {new}: a branch that {branches.changes['next']}")
    terminal.show(f"avroad schema diff {branches.schema} {new}/{branches.schema}")
    terminal.show(f"avroad --root {new} evolve rehearse --page proof/matrix.html", save="matrix.txt")
    traffic = f"python -m producers.synthetic --rate {_RATE} --count {_EVENTS}"
    old_producer = terminal.start(f"{traffic} --seed 8 --ledger proof/old.jsonl", output=terminal.proof / "old.log")
    terminal.show(f"avroad --root {new} schema types", save="types.log")
    terminal.show(f"avroad --root {new} evolve release --yes", save="release.txt")
    consume = f"python -m consumers.monitor --group demo-next --from beginning --output json {session}"
    consumer = terminal.start(consume, output=terminal.proof / "next-consumer.jsonl", folder=new)
    new_producer = terminal.start(
        f"{traffic} --seed 9 --ledger ../../../proof/next.jsonl", output=terminal.proof / "next.log", folder=new
    )
    for name, process in (("old", old_producer), ("next", new_producer)):
        terminal.wait_for(f"the {name} producer to finish", lambda: process.poll() is not None)  # noqa: B023  # called before the next turn
        if process.returncode:
            raise DemoFailed(f"the {name} producer ended with exit code {process.returncode}; see proof/{name}.log")
    sent = {_key(line) for name in ("old", "next") for line in _lines(terminal, name) if line["outcome"] == "acked"}
    terminal.wait_for(
        "both consumers to catch up", lambda: sent <= old_reads().keys() and sent <= _new(terminal).keys()
    )
    terminal.stop(consumer)
    return _evolution(terminal, branches.type_name, old_reads())


def refused_changes(terminal: Terminal, branches: Branches) -> None:
    """Try a change that breaks readers and one that misleads them; both must be refused."""
    broken, unit = branches.folder("broken"), branches.folder("unit")
    terminal.say(f"# {broken}: a branch that {branches.changes['broken']}")
    terminal.show(f"avroad --root {broken} plan", exit_code=_CONTRACT, save="refused-plan.txt")
    terminal.say(f"# {unit}: a branch that {branches.changes['unit']}: the registry would take it")
    check = f"avroad --root {unit} schema check --against dir:schemas"
    terminal.show(check, exit_code=_CONTRACT, save="misleading-check.txt", expect_text="UNIT_CHANGED")
    play = f"avroad --root {unit} evolve rehearse --page proof/misleading.html"
    terminal.show(play, exit_code=_CONTRACT, save="misleading.txt", expect_text="registry: compatible")


def _evolution(terminal: Terminal, type_name: str, old_reads: dict[EventKey, int]) -> Evolution:
    new_reads = _new(terminal)
    read: Counter[tuple[int, int]] = Counter()
    written: Counter[int] = Counter()
    ours: set[EventKey] = set()
    for version, names in ((1, ("stats19", "synthetic", "old")), (2, ("next",))):
        for line in (line for name in names for line in _lines(terminal, name)):
            if line["type"] != type_name or line["outcome"] != "acked":
                continue
            key = _key(line)
            ours.add(key)
            written[version] += 1
            read[version, 1] += key in old_reads
            read[version, 2] += new_reads.get(key) == version
    others = {_key(line) for name in ("old", "next") for line in _lines(terminal, name)} - ours
    return Evolution(
        type_name=type_name, written=dict(written), read=dict(read), others_missing=len(others - new_reads.keys())
    )


def _new(terminal: Terminal) -> dict[EventKey, int]:
    """Return the writer version the new consumer saw, by event."""
    return {_key(line): int(str(line["schema_version"])) for line in _lines(terminal, "next-consumer")}


def _lines(terminal: Terminal, name: str) -> list[dict[str, object]]:
    return read_lines(terminal.proof / f"{name}.jsonl")


def _key(line: dict[str, object]) -> EventKey:
    return str(line["topic"]), str(line["event_id"])
