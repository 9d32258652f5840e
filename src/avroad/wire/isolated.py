"""Reading bytes of unknown publishers in a process of its own, with limits that the kernel keeps.

The codec bounds what bytes may cost; this bounds what a fault of the codec, of a library or of Python itself could
cost. It bounds memory and processor time and outlives a crash; it is no sandbox for files or the network.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from avroad.errors import CodecError, ConfigError, DecodeError
from avroad.schema import Json, Schema, to_json

__all__ = ["Bounds", "confine", "decode_isolated", "ended_by"]

_CHILD: Final = """
import sys
from avroad.wire.isolated import Bounds, confine
from avroad.wire.pairs import answers, lines_of
confine(Bounds(memory_bytes=int(sys.argv[1]), cpu_s=int(sys.argv[2])))
for answer in answers(lines_of(sys.stdin)):
    print(answer, flush=True)
"""
_OUT_OF_TIME: Final = frozenset({"SIGXCPU", "SIGKILL"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What the process may take: address space with Python's own 50 to 150 MB; processor time; time by the clock."""

    memory_bytes: int = 1 << 29
    cpu_s: int = 10
    wall_s: float = 60.0


def confine(bounds: Bounds) -> None:
    """Limit this process for the rest of its life, or less where it was limited further already.

    Raises ConfigError on systems without such limits.
    """
    try:
        resource: Any = import_module("resource")
        # The soft limit of processor time ends the process with a signal of its own, the hard one with SIGKILL.
        for kind, most, more in ((resource.RLIMIT_AS, bounds.memory_bytes, 0), (resource.RLIMIT_CPU, bounds.cpu_s, 1)):
            hard = resource.getrlimit(kind)[1]
            limits = [value if hard == resource.RLIM_INFINITY else min(value, hard) for value in (most, most + more)]
            resource.setrlimit(kind, tuple(limits))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, AttributeError, ValueError, OSError):
        raise _impossible() from None


def decode_isolated(
    payloads: Sequence[bytes],
    writer: Schema,
    reader: Schema | None = None,
    *,
    start: int = 0,
    bounds: Bounds | None = None,
) -> list[Json | CodecError]:
    """Return, for each payload in order, the datum that begins at `start` in Avro's JSON encoding, or its error.

    All are read in one process, which takes a moment to start: give many. Recursive schemas are read.
    Raises DecodeError with the index of the payload at which the process died or was ended, ConfigError on systems
    where this is not possible.
    """
    if os.name != "posix":
        raise _impossible()
    bounds = bounds or Bounds()
    schemas = [json.dumps(to_json(schema)) for schema in (writer, writer if reader is None else reader)]
    cases = (
        json.dumps({"id": i, "writer": schemas[0], "reader": schemas[1], "hex": payload[start:].hex()})
        for i, payload in enumerate(payloads)
    )
    command = [sys.executable, "-P", "-c", _CHILD, str(bounds.memory_bytes), str(bounds.cpu_s)]
    with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL, text=True) as child:  # noqa: S603
        try:
            text, _ = child.communicate("\n".join(cases), timeout=bounds.wall_s)
            status = child.returncode
        except subprocess.TimeoutExpired:
            child.kill()
            text, _ = child.communicate()
            raise _died(f"took more than {bounds.wall_s:g} s", len(_whole(text))) from None
        except BaseException:
            child.kill()
            raise
    lines = _whole(text)
    if len(lines) < len(payloads):
        raise _died(ended_by(status, bounds), len(lines))
    return [_answer(json.loads(line), start) for line in lines]


def ended_by(status: int, bounds: Bounds) -> str:
    """Return what ended a process. status: its exit code, or minus the signal that ended it."""
    if status >= 0:
        return f"ended with exit code {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"was ended by {name}" + (
        f", for more than {bounds.cpu_s} s or from outside" if name in _OUT_OF_TIME else ""
    )


def _whole(text: str) -> list[str]:
    """Return the complete lines."""
    return text.split("\n")[:-1]


def _died(how: str, index: int) -> DecodeError:
    error = DecodeError(f"the process that read the bytes {how}", offset=0, path=f"$[{index}]")
    error.index = index
    return error


def _answer(answer: dict[str, Any], start: int) -> Json | CodecError:
    error = answer["error"]
    if error is None:
        value: Json = answer["json"]
        return value
    if error["offset"] is None:
        return CodecError(error["reason"], path=error["path"])
    return DecodeError(error["reason"], offset=error["offset"] + start, path=error["path"])


def _impossible() -> ConfigError:
    return ConfigError(
        "bytes cannot be read in a process of its own with limits here",
        expected="a POSIX system with RLIMIT_AS and RLIMIT_CPU", found=sys.platform,
    )  # fmt: skip
