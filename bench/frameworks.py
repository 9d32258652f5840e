"""Frameworks as ways through Kafka, each in a process and an environment of its own: the parent's half."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.rounds import Sample

__all__ = ["FRAMEWORKS", "Framework", "frameworks"]

_ROOT: Final = Path(__file__).resolve().parents[1]
FRAMEWORKS: Final = ("faststream", "quixstreams")
"""Those there is a worker for, `bench/framework_<name>.py`."""


class Framework:
    """One framework; implements `ways.Way`. versions: what its environment runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout
        self.versions: dict[str, str] = self._answer()

    def produce(self, topic: str, count: int) -> Sample:
        """Send events."""
        return self._sample(self._ask("produce", topic, count, keep=False))

    def consume(self, topic: str, count: int, seen: list[Any] | None = None) -> Sample:
        """Read events; `seen` gets the digest of what was read, not the events."""
        answer = self._ask("consume", topic, count, keep=seen is not None)
        if seen is not None:
            seen.append(answer["digest"])
        return self._sample(answer)

    def _ask(self, do: str, topic: str, count: int, *, keep: bool) -> dict[str, Any]:
        self._in.write(json.dumps({"do": do, "topic": topic, "count": count, "keep": keep}) + "\n")
        self._in.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self._out.readline()
        if not line:
            raise RuntimeError("its process ended")
        found: dict[str, Any] = json.loads(line)
        return found

    def _sample(self, answer: Mapping[str, Any]) -> Sample:
        return Sample(events=answer["events"], wall_s=answer["wall_s"], cpu_s=answer["cpu_s"])


@dataclass(slots=True)
class Found:
    """The frameworks that started, and why others did not."""

    running: dict[str, Framework] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)


@contextmanager
def frameworks(pythons: Mapping[str, str], bootstrap_servers: str, frame: bytes, count: int) -> Iterator[Found]:
    """Yield the frameworks whose interpreter is given and works; their processes end with the block.

    pythons: interpreter by framework, "" or missing for one that is not installed. count: most events of one run.
    """
    found = Found()
    with ExitStack() as stack:
        for name in FRAMEWORKS:
            python = pythons.get(name, "")
            if not python or not Path(python).exists():
                found.skipped[name] = "not installed"
                continue
            command = [python, "-m", f"bench.framework_{name}", bootstrap_servers, frame.hex(), str(count)]
            # Leaving closes stdin, which ends the process.
            process = stack.enter_context(
                subprocess.Popen(
                    command,
                    cwd=_ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
            )
            try:
                found.running[name] = Framework(process)
            except RuntimeError as error:
                found.skipped[name] = str(error)
        yield found
