"""What the runs against other implementations share: options, progress, the report, and the child that has the JVM.

`python -m tests.oracle.differential` and `python -m tests.oracle.compatibility` are such runs; tests start them as a
child, because a JVM in a process is there to stay.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from avroad.errors import StackError

MAX_FAILURES = 20
CHILD_S = 100.0
_SHOWN_S = 10.0
_ROOT = Path(__file__).resolve().parents[2]


def run_options(module: str, doc: str | None, *, count: int, what: str) -> argparse.ArgumentParser:
    """Return a parser with what every run can be told."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=doc)
    parser.add_argument("--count", type=int, default=count, help=what)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: the time")
    parser.add_argument("--json", action="store_true", help="report as one JSON line")
    return parser


class Progress:
    """A line on stderr now and then. seconds: since the run began."""

    def __init__(self, count: int, noun: str) -> None:
        self._count, self._noun = count, noun
        self._started = self._shown = time.monotonic()

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self._started, 1)

    def show(self, done: int, failures: int) -> None:
        if time.monotonic() - self._shown > _SHOWN_S:
            self._shown = time.monotonic()
            sys.stderr.write(f"oracle: {done:,} of {self._count:,} {self._noun}, {failures} failures\n")


def write_report(report: dict[str, Any], *, as_json: bool, counts: str, title: str) -> None:
    """Print a report: numbers, then the counts under one key of it, then each of its failures."""
    if as_json:
        sys.stdout.write(json.dumps(report) + "\n")
        return
    lines = [f"{key:16}{value:,}" for key, value in report.items() if isinstance(value, int | float)]
    lines += [f"{title}:", *(f"  {count:8,}  {what}" for what, count in report[counts].items())]
    for failure in report["failures"]:
        lines += ["", *(f"{key:8}{value}" for key, value in failure.items())]
    sys.stdout.write("\n".join(lines) + "\n")


def require_java() -> None:
    """Fetch what a child with a JVM needs, or skip the test with the reason why it cannot run."""
    from avroad.stack.avro_java import find_libjvm
    from tests.oracle.jars import class_path

    try:
        import jpype  # noqa: F401 - only whether it is there

        find_libjvm()
        class_path()
    except (ImportError, StackError) as error:
        if os.environ.get("AVROAD_REQUIRE_KAFKA") == "1":
            raise
        pytest.skip(f"no Apache Avro Java here: {error}")


def child(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module in a process of its own."""
    command: Sequence[str] = [sys.executable, "-X", "faulthandler", "-m", module, *arguments]
    return subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=CHILD_S, check=False)


def reported(module: str, seed: int, count: int, *arguments: str) -> dict[str, Any]:
    """Run a module in a child and return its report, in which nothing failed."""
    done = child(module, "--seed", str(seed), "--count", str(count), "--json", *arguments)
    report: dict[str, Any] = json.loads(done.stdout) if done.stdout else {"failures": [done.stderr]}
    assert report["failures"] == [], f"seed {seed}: {report['failures'][:3]}"
    assert done.returncode == 0, done.stderr
    return report
