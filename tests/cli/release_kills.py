"""A process whose children run commands of a project and are killed at their n-th moment, for `test_release_killed`.

A moment is before each request to the registry, after each that changes something, and before each change of a file.
Children are forked, so that hundreds of runs need no start of Python; this process itself has one thread.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from avroad.cli.main import run
from avroad.cli.release_files import ReleaseFiles
from avroad.project import Project
from avroad.registry.http import HttpRegistry
from tests.cli.release_world import proven
from tests.unit.admin.fakes import FakeCluster

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.chmod"}


class Moments:
    """Counts moments, and kills this process at the last that it may have."""

    def __init__(self, last: int, root: Path) -> None:
        """last: 0 for none."""
        self._last, self._count, self._root = last, 0, str(root)
        self._out = os.dup(1)
        ask = HttpRegistry._ask

        def watched(registry: HttpRegistry, method: str, path: str, *rest: Any, **more: Any) -> Any:
            self.pass_by(f"before {method} {path}")
            answer = ask(registry, method, path, *rest, **more)
            if method != "GET":
                self.pass_by(f"after {method} {path}")
            return answer

        setattr(HttpRegistry, "_ask", watched)  # noqa: B010  # a method, for the checkers
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
        if (writes or event in _CHANGES) and str(arguments[0]).startswith(self._root):
            target = arguments[1] if event == "os.rename" else arguments[0]
            self.pass_by(f"{event} {str(target).removeprefix(self._root)}")

    def pass_by(self, what: str) -> None:
        self._count += 1
        if self._count == self._last:
            os.write(self._out, f"{what}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)


def _child(root: Path, last: int, arguments: list[str]) -> int:
    quiet = os.open(os.devnull, os.O_WRONLY)
    if arguments == ["rehearsed"]:
        ReleaseFiles(root, "local").keep(proven(root))
        return 0
    Moments(last, root)
    os.dup2(quiet, 1)
    if last:
        os.dup2(quiet, 2)
    return run(arguments)


def main() -> None:
    """Run what stdin asks for, a JSON list [moment, *arguments] a line, and answer each with its exit code."""
    root, cluster = Path.cwd(), FakeCluster()
    setattr(Project, "cluster_admin", lambda _: cluster)  # noqa: B010  # the type is another one
    for file in (root / "admin/topics").iterdir():
        cluster.put(file.stem, partitions=3)
    for line in sys.stdin:
        last, *arguments = json.loads(line)
        child = os.fork()
        if not child:
            code = 70
            try:
                code = _child(root, last, arguments)
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        os.write(1, f"{os.waitstatus_to_exitcode(status)}\n".encode())


if __name__ == "__main__":
    main()
