"""Runs one avroad command that ends itself with a signal before the step it is told; 0 ends nothing, and lists them.

Steps are all that an apply writes to the registry and beside the lock, in the order in which they come.
Arguments: a file with the topics of a cluster in memory ("" for the real one), the signal, the step, the command.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from avroad.admin import records
from avroad.cli.main import run
from avroad.project import Project
from avroad.registry import HttpRegistry
from tests.unit.admin.fakes import FakeCluster

STEPS = (
    (records, "keep_pending"), (records, "write_lock"), (HttpRegistry, "set_level"), (HttpRegistry, "register"),
)  # fmt: skip


def end_before(number: int, step: int, patch: Callable[[Any, str, Any], None] = setattr) -> list[str]:
    """Return the names of the steps as they come; this process gets the signal before the one that is told."""
    seen: list[str] = []

    def watched(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            seen.append(name)
            if len(seen) == step:
                os.kill(os.getpid(), number)
            return real(*args)

        return call

    for owner, name in STEPS:
        patch(owner, name, watched(name, getattr(owner, name)))
    return seen


def main() -> None:
    cluster_file, number, step, *arguments = sys.argv[1:]
    if cluster_file:
        cluster = FakeCluster()
        cluster.topics = {name: tuple(state) for name, state in json.loads(Path(cluster_file).read_text()).items()}
        Project.cluster_admin = lambda _: cluster  # type: ignore[assignment,method-assign]
    seen = end_before(int(number), int(step))
    code = run(arguments)
    sys.stdout.write("\n" + json.dumps(seen) + "\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
