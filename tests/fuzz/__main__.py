"""Fuzz the decoders on all cores: `make fuzz`, or `python -m tests.fuzz --seconds 60 --seed 7`.

Children run the mutants; one that dies or hangs is ended, its last input written down, and another takes its place.
Exit code 1 when anything was found; `--replay FILE` runs one written input again in this process.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import mmap
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.fuzz.seeds import SEEDS
from tests.fuzz.shard import CELL_BYTES, HEAD, Counts, reproducer
from tests.fuzz.target import Finding, Target

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / ".avroad" / "fuzz"
MAX_DEATHS = 20
UNBOUNDED = 10**12
PROGRESS_EVERY_S = 10.0
START_S = 120.0
HANG_S = 60.0
"""Longest silence of a child on a busy machine, before its first input and after; one has at most 50 ms of its time."""


@dataclass(slots=True)
class Total:
    """All shards together. finished: counts of children that ended; live: the last of those that run."""

    started: float
    finished: list[Counts] = field(default_factory=list)
    live: dict[int, Counts] = field(default_factory=dict)
    deaths: list[dict[str, Any]] = field(default_factory=list)

    def all(self) -> list[Counts]:
        return [*self.finished, *self.live.values()]

    @property
    def executed(self) -> int:
        return sum(counts.executed for counts in self.all())

    @property
    def findings(self) -> list[dict[str, Any]]:
        return [*self.deaths, *(finding for counts in self.all() for finding in counts.findings)]


class Child:
    """One shard's process, its shared cell and the thread that hears it."""

    def __init__(self, shard: int, options: dict[str, Any], heard: queue.SimpleQueue[tuple[int, str]]) -> None:
        self.shard = shard
        handle, name = tempfile.mkstemp(prefix="avroad-fuzz-")
        os.ftruncate(handle, CELL_BYTES)
        os.close(handle)
        self.cell_path = Path(name)
        self.log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `end`
        arguments = json.dumps({**options, "shard": shard, "cell": name})
        self.process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-m", "tests.fuzz.shard", arguments],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=self.log, text=True,
        )  # fmt: skip
        self._beat = -1
        self._since = time.monotonic()
        self._ear = threading.Thread(target=self._hear, args=(heard,), daemon=True)
        self._ear.start()

    def _hear(self, heard: queue.SimpleQueue[tuple[int, str]]) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            heard.put((self.shard, line))
        heard.put((self.shard, ""))

    def cell(self) -> tuple[int, int, int, bytes]:
        """Return (runs so far, target, way, input)."""
        with self.cell_path.open("rb") as file, mmap.mmap(file.fileno(), CELL_BYTES, access=mmap.ACCESS_READ) as cell:
            runs, target, way, size = HEAD.unpack(cell[: HEAD.size])
            return runs, target, way, bytes(cell[HEAD.size : HEAD.size + size])

    def hangs(self) -> bool:
        runs = self.cell()[0]
        if runs != self._beat:
            self._beat, self._since = runs, time.monotonic()
        return time.monotonic() - self._since > (HANG_S if runs else START_S)

    def end(self) -> str:
        """Stop the process if it runs; return what faulthandler wrote."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._ear.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.log.seek(0)
        text = self.log.read().decode("utf-8", "replace")
        self.log.close()
        with suppress(OSError):
            self.cell_path.unlink()
        return text


def fuzz(options: argparse.Namespace) -> Total:
    """Run the shards to their end and return what they saw."""
    total = Total(started=time.monotonic())
    heard: queue.SimpleQueue[tuple[int, str]] = queue.SimpleQueue()
    until = total.started + options.seconds
    quota = math.ceil(options.count / options.shards)
    common = {"seed": options.seed, "memory_bytes": options.memory_mb << 20}
    left: dict[int, int] = {shard: quota for shard in range(options.shards)}  # noqa: C420 - keeps the type
    children: dict[int, Child] = {}

    def start(shard: int) -> None:
        given = {**common, "count": left[shard % options.shards], "seconds": max(0.0, until - time.monotonic())}
        children[shard] = Child(shard, given, heard)

    for shard in range(options.shards):
        start(shard)
    shown = total.started
    try:
        while children:
            with suppress(queue.Empty):
                shard, line = heard.get(timeout=1.0)
                if line:
                    total.live[shard] = Counts(**json.loads(line))
                    write_reproducers(total, options.out)
                elif shard in children:
                    _ended(children.pop(shard), total, "crash", left, options.shards)
            for shard in [shard for shard, child in children.items() if child.hangs()]:
                _ended(children.pop(shard), total, "hang", left, options.shards)
            for shard in {s % options.shards for s in left} - {s % options.shards for s in children}:
                if left[shard] > 0 and time.monotonic() < until and 0 < len(total.deaths) < MAX_DEATHS:
                    start(shard + options.shards * (1 + len(total.deaths)))
            if time.monotonic() - shown > PROGRESS_EVERY_S:
                shown = time.monotonic()
                sys.stderr.write(_progress(total, options) + "\n")
    except KeyboardInterrupt:
        sys.stderr.write("fuzz: interrupted\n")
    finally:
        for child in children.values():
            child.end()
    return total


def _ended(child: Child, total: Total, kind: str, left: dict[int, int], shards: int) -> None:
    """Count a child that is over; when it did not end by itself, its last input is a finding."""
    runs, target, way, body = child.cell()
    code = None if kind == "hang" else child.process.wait()
    log = child.end()
    counts = total.live.pop(child.shard, Counts())
    if code == 0:
        left[child.shard % shards] = 0
    else:
        counts.executed = max(counts.executed, runs)
        left[child.shard % shards] -= runs
        what = "hang" if code is None else f"crash: {signal.Signals(-code).name if code < 0 else f'exit code {code}'}"
        total.deaths.append({**reproducer(SEEDS[target].name, way, body, what), "log": log[-4000:]})
    total.finished.append(counts)


def _progress(total: Total, options: argparse.Namespace) -> str:
    took = time.monotonic() - total.started
    wanted = f" of {options.count:,}" if options.count < UNBOUNDED else ""
    return (
        f"fuzz: {total.executed:,}{wanted} mutants in {took:.0f} s, "
        f"{total.executed / took:,.0f}/s, {len(total.findings)} findings"
    )


def report(total: Total, options: argparse.Namespace) -> str:
    """Return the closing lines."""
    every = total.all()
    slowest = max(every, key=lambda counts: counts.slowest_ns)
    accepted = sum(counts.accepted for counts in every)
    kinds = [finding["what"].partition(":")[0] for finding in total.findings]
    took = time.monotonic() - total.started
    lines = [
        f"seed {options.seed}, {options.shards} shards, {len(SEEDS)} schemas, {took:.0f} s",
        f"executions      {total.executed:,}",
        f"accepted        {accepted:,}",
        f"refused         {total.executed - accepted - len(total.findings):,}",
        f"wrong accepts   {kinds.count('wrong accept')}",
        f"wrong refusals  {kinds.count('wrong refusal')}",
        f"crashes, hangs  {kinds.count('crash') + kinds.count('hang')}",
        f"other findings  {sum(k not in {'wrong accept', 'wrong refusal', 'crash', 'hang'} for k in kinds)}",
        f"slowest input   {slowest.slowest_ns / 1e6:.1f} ms of CPU ({slowest.slowest})",
        f"peak memory     {max(counts.peak_bytes for counts in every) / 2**20:.1f} MiB above the start",
    ]
    return "\n".join(lines)


def write_reproducers(total: Total, folder: Path) -> list[Path]:
    """Write one file per finding that has none yet; return the paths of all."""
    paths = []
    for finding in total.findings:
        seed = next(seed for seed in SEEDS if seed.name == finding["schema"])
        text = json.dumps({**finding, "writer": seed.writer}, indent=1) + "\n"
        kind = finding["what"].partition(":")[0].replace(" ", "-")
        paths.append(folder / f"{kind}-{hashlib.sha256(text.encode()).hexdigest()[:12]}.json")
        if not paths[-1].exists():
            folder.mkdir(parents=True, exist_ok=True)
            paths[-1].write_text(text, encoding="utf-8")
    return paths


def replay(path: Path) -> int:
    """Run one reproducer in this process; return 1 when it still fails."""
    finding = json.loads(path.read_text("utf-8"))
    target = Target(next(seed for seed in SEEDS if seed.name == finding["schema"]))
    try:
        accepted, spent = target.run(finding["way"], bytes.fromhex(finding["hex"]), doubt=True)
    except Finding as found:
        sys.stdout.write(f"{found}\n")
        return 1
    sys.stdout.write(f"{'accepted' if accepted else 'refused'} in {spent / 1e6:.1f} ms, as it should be\n")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, run, report. Without --count and --seconds it runs until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=UNBOUNDED, help="mutants in total")
    parser.add_argument("--seconds", type=float, default=10.0**9, help="time in total")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: the time")
    parser.add_argument("--shards", type=int, default=os.cpu_count() or 1, help="processes; default: one per core")
    parser.add_argument("--memory-mb", type=int, default=1024, help="address space of one shard")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the reproducers")
    parser.add_argument("--replay", type=Path, help="run one reproducer again")
    options = parser.parse_args(arguments)
    if options.replay:
        return replay(options.replay)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)  # also in the background, where shells ignore Ctrl-C
    sys.stderr.write(f"fuzz: seed {options.seed}, {options.shards} shards; Ctrl-C ends it with a report\n")
    total = fuzz(options)
    sys.stdout.write(report(total, options) + "\n")
    for path in write_reproducers(total, options.out):
        sys.stdout.write(f"reproducer      {path}\n")
    return 1 if total.findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
