"""A consumer process that a test may kill: writes each handled number, synced, to a file before it is done with it."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from avroad.consumer import Event
from tests.behaviour.runtime.world import World


def main() -> None:
    bootstrap, path = sys.argv[1:]
    quick = {"session.timeout.ms": "1500", "heartbeat.interval.ms": "100"}
    world = World({"bootstrap.servers": bootstrap, **quick})
    pause = threading.Event()
    with Path(path).open("a", encoding="utf-8") as file:

        def handle(event: Event) -> None:
            assert isinstance(event.value, dict)
            pause.wait(0.005)
            file.write(f"{event.value['pieces']}\n")
            file.flush()
            os.fsync(file.fileno())

        world.runner(handle, commit_interval_s=0.05).run(threading.Event())


if __name__ == "__main__":
    main()
