"""One child of the fuzzer: runs its own stream of mutants under a memory cap and says what it sees in JSON lines.

The input about to be run stands in a shared file, so that the parent has it when this process dies or hangs.
Run by `tests.fuzz.__main__`; ends with `os._exit`, since freeing a deep value can crash by itself.
"""

from __future__ import annotations

import faulthandler
import gc
import json
import mmap
import os
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.fuzz.target import Finding, Stream

SLOW_NS = 50_000_000
NOTED_NS = 1_000_000
MEMORY_BYTES = 64 << 20
MAX_FINDINGS = 20
REPORT_EVERY_S = 1.0
HEAD = struct.Struct("<QHHI")
SIGNAL, _, AT = os.environ.get("AVROAD_FUZZ_SIGNAL", "@0").partition("@")
"""For the tests of the parent, such as `SIGSEGV@200`: which signal this process sends itself before which run."""
CELL_BYTES = 1 << 16
"""Size of the shared file: runs so far, target, way, length, then the input."""


@dataclass(slots=True)
class Counts:
    """What one shard has seen so far. peak_bytes: growth of its resident size since it was ready."""

    executed: int = 0
    accepted: int = 0
    slowest_ns: int = 0
    slowest: str = ""
    peak_bytes: int = 0
    findings: list[dict[str, Any]] = field(default_factory=list)


def peak_bytes() -> int:
    """Return the largest resident size of this process so far, 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def cap_memory(limit_bytes: int) -> None:
    """Let this process have no more address space than `limit_bytes`, where the system can do that."""
    try:
        import resource
    except ImportError:  # Windows
        return
    if sys.platform.startswith("linux"):
        resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))


def run(stream: Stream, cell: Any, counts: Counts, *, until: float, count: int) -> Iterator[None]:
    """Run mutants until the time or the count is over; yields about once a second."""
    base = peak_bytes()
    reported = time.monotonic()
    while counts.executed < count and len(counts.findings) < MAX_FINDINGS:
        index, way, body, doubt = stream.next()
        counts.executed += 1
        if len(body) <= CELL_BYTES - HEAD.size:
            cell[HEAD.size : HEAD.size + len(body)] = body
        cell[: HEAD.size] = HEAD.pack(counts.executed, index, way, len(body))
        target = stream.targets[index]
        if counts.executed == int(AT):
            os.kill(os.getpid(), signal.Signals[SIGNAL])
        try:
            accepted, spent = target.run(way, body, doubt=doubt)
            counts.accepted += accepted
            if spent > NOTED_NS:
                spent = _bounded(spent, partial(target.run, way, body, doubt=False), counts, base)
            if spent > counts.slowest_ns:
                counts.slowest_ns, counts.slowest = spent, f"{target.seed.name}, {len(body)} bytes"
        except Finding as found:
            counts.findings.append(reproducer(target.seed.name, way, body, str(found)))
        if counts.executed % 256 == 0 and (now := time.monotonic()) - reported > REPORT_EVERY_S:
            reported = now
            yield
            if now > until:
                return
    counts.peak_bytes = max(counts.peak_bytes, peak_bytes() - base)


def _bounded(spent: int, again: Callable[[], tuple[bool, int]], counts: Counts, base: int) -> int:
    """Return the time that one input took at best; raises Finding for one that takes too much of time or memory."""
    if spent > SLOW_NS:  # measure again: shared machines stall
        spent = min(spent, again()[1], again()[1], again()[1])
        if spent > SLOW_NS:
            raise Finding("slow", f"{spent / 1e6:.0f} ms")
    counts.peak_bytes = max(counts.peak_bytes, peak_bytes() - base)
    if counts.peak_bytes > MEMORY_BYTES:
        raise Finding("memory", f"{counts.peak_bytes >> 20} MiB more than at the start")
    return spent


def reproducer(seed_name: str, way: int, body: bytes, what: str) -> dict[str, Any]:
    """Return what `python -m tests.fuzz --replay FILE` needs, and a person too."""
    return {"what": what, "schema": seed_name, "way": way, "hex": body.hex()}


def main() -> None:
    options = json.loads(sys.argv[1])
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C, reports, and ends its children
    stream = Stream(options["seed"], options["shard"])
    cap_memory(options["memory_bytes"])
    gc.collect()
    gc.freeze()
    counts = Counts()
    until = time.monotonic() + options["seconds"]
    with Path(options["cell"]).open("r+b") as file, mmap.mmap(file.fileno(), CELL_BYTES) as cell:
        for _ in run(stream, cell, counts, until=until, count=options["count"]):
            _say(counts)
    _say(counts)
    os._exit(0)


def _say(counts: Counts) -> None:
    sys.stdout.write(json.dumps(asdict(counts)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
