"""A terminal that shows each command before it runs it, keeps a transcript, and ends what it started."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from avroad.cli.output import style
from avroad.cli.streams import fitted
from avroad.errors import AvroadError

__all__ = ["DemoFailed", "Terminal"]

WAIT_S = 90.0
COMMAND_S = 1800.0
"""No command takes nearly so long, the first `stack up` with its downloads neither: what takes longer hangs."""


class DemoFailed(AvroadError):
    """A step of the demo did not do what it must."""


class Terminal:
    """Runs commands of this project in its own environment.

    Programs are those of the running interpreter; state goes to `.avroad/demo`, so that a stack the user has
    running keeps its data.
    """

    def __init__(self, root: Path, proof: Path) -> None:
        self.root = root
        self.proof = proof
        self._transcript: TextIO
        self._background: list[subprocess.Popen[bytes]] = []
        # Absolute, because commands in a branch's folder use the same stack.
        state = str((root / ".avroad/demo").absolute())
        self._environment = {**os.environ, "AVROAD_STATE_DIR": state, "PYTHONUNBUFFERED": "1", "COLUMNS": "80"}
        os.environ["AVROAD_STATE_DIR"] = state

    def __enter__(self) -> Self:
        self._transcript = (self.proof / "transcript.txt").open("w", encoding="utf-8")
        self.say("$ export AVROAD_STATE_DIR=$PWD/.avroad/demo   # a stack of your own keeps its data")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end_background()
        self._transcript.close()

    def say(self, text: str) -> None:
        """Print a line and write it to the transcript."""
        print(text, flush=True)
        self._transcript.write(f"{text}\n")
        self._transcript.flush()

    def title(self, text: str) -> None:
        """Start a scene."""
        self._transcript.write(f"\n== {text}\n")
        print(style(fitted(f"\n== {text}", sys.stdout), "cyan", "bold"), flush=True)

    def show(
        self, command: str, *, save: str = "", into: str = "", quiet: bool = False, expect_text: str = "",
        exit_code: int = 0,
    ) -> str:  # fmt: skip
        """Print and run a command, print its output, and return it.

        save: file in `proof/` for the output, too. into: such a file for the output, which is not printed then.
        quiet: print nothing at all. expect_text: what the output must hold. Raises DemoFailed without it, for another
        exit code, and after COMMAND_S seconds.
        """
        if not quiet:
            self.say(f"$ {command} > {self.proof.name}/{into}" if into else f"$ {command}")
        try:
            done = subprocess.run(  # noqa: S603  # our own commands
                self._words(command), cwd=self.root, env=self._environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", check=False,
                timeout=COMMAND_S,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise DemoFailed(f"`{command}` did not end within {COMMAND_S:.0f} s") from None
        if save or into:
            (self.proof / (save or into)).write_text(done.stdout, "utf-8")
        failed = done.returncode != exit_code
        if failed or not (quiet or into):
            self.say(done.stdout.rstrip("\n"))
        if exit_code and not failed:
            self.say(f"# exit code {exit_code}")
        if failed:
            raise DemoFailed(f"`{command}` ended with exit code {done.returncode}")
        if expect_text not in done.stdout:
            raise DemoFailed(f"`{command}` does not show {expect_text!r}")
        return done.stdout

    def start(self, command: str, *, output: Path, folder: str = "") -> subprocess.Popen[bytes]:
        """Print and start a command in the background, in a folder, with its output in a file of `proof/`."""
        errors = output.with_suffix(".err")
        shown = f"(cd {folder} && {command})" if folder else command
        self.say(f"$ {shown} > {output.relative_to(self.root)} &")
        with output.open("wb") as out, errors.open("wb") as err:
            process = subprocess.Popen(  # noqa: S603  # our own commands
                self._words(command), cwd=self.root / folder, env=self._environment, stdin=subprocess.DEVNULL,
                stdout=out, stderr=err,
            )  # fmt: skip
        self._background.append(process)
        return process

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Ask a background command to end and wait until it has. Raises DemoFailed when it does not in time."""
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            raise DemoFailed("a background command did not end within 30 s of being asked to") from None

    def end_background(self) -> None:
        """End whatever still runs."""
        for process in self._background:
            if process.poll() is None:
                process.kill()
                process.wait()

    def wait_for(self, what: str, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds. Raises DemoFailed after WAIT_S seconds, or when a background command died."""
        deadline = time.monotonic() + WAIT_S
        tick = threading.Event()
        while not condition():
            if time.monotonic() > deadline:
                raise DemoFailed(f"waited {WAIT_S:.0f} s for {what}")
            tick.wait(0.05)

    def text(self, name: str) -> str:
        """Return a file of `proof/`."""
        return (self.proof / name).read_text("utf-8")

    def free_ports(self) -> str:
        """Return the options that move the stack to free ports, or "" when the usual ports are free."""
        if all(_is_free(port) for port in (9092, 8081)):
            return ""
        return f" --port {_free_port()} --registry-port {_free_port()}"

    def _words(self, command: str) -> list[str]:
        words = shlex.split(command)
        if words[0] == "avroad":
            return [sys.executable, "-m", "avroad", *words[1:]]
        return [sys.executable, *words[1:]]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
