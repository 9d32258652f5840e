"""One call of git: no pager, no prompt, no lock, an end in any case, and an error that says what git said."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import IO, Final

from avroad.errors import ConfigError, GitError

__all__ = ["ask", "pipe"]

_TIMEOUT_S: Final = 120.0
_ENVIRONMENT: Final = {
    "GIT_OPTIONAL_LOCKS": "0",  # somebody else may work in the repository
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",  # what git says is read here, and shown beside English
}
# What a person's or a repository's configuration could add to the output, or run.
_SETTINGS: Final = ("core.fsmonitor=false", "log.showSignature=false", "log.showRoot=true", "log.diffMerges=separate")


def ask(folder: Path, *arguments: str) -> str | None:
    """Return what git writes, without the last line end; None when it exits with 1, its way to say "no such thing".

    Raises ConfigError when there is no git, GitError when it fails or does not end.
    """
    with _started(folder, arguments) as process:
        try:
            out, err = process.communicate(timeout=_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise _late(arguments) from None
    if process.returncode == 1:
        return None
    if process.returncode:
        raise _failed(arguments, err)
    return out.decode("utf-8", "surrogateescape").removesuffix("\n")


@contextmanager
def pipe(folder: Path, *arguments: str, stdin: IO[bytes] | None = None) -> Iterator[IO[bytes]]:
    """Give the output of a git process while it runs; stdin: a file it reads. Raises as `ask`, exit code 1 included."""
    with _started(folder, arguments, stdin) as process:
        timer = Timer(_TIMEOUT_S, process.kill)
        timer.start()
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            yield process.stdout
            process.stdout.read()
            err = process.stderr.read()
            process.wait()
        except BaseException:
            process.kill()
            raise
        finally:
            late = not timer.is_alive()
            timer.cancel()
    if process.returncode:
        raise _late(arguments) if late else _failed(arguments, err)


def _started(folder: Path, arguments: tuple[str, ...], stdin: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    command = ["git", "--no-pager", *settings, *arguments]
    try:
        return subprocess.Popen(  # noqa: S603  # no shell; a revision that begins with - was refused before
            command, cwd=folder, env={**os.environ, **_ENVIRONMENT}, stdin=stdin or subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
    except FileNotFoundError:
        hint = "Install git, or compare with a folder: --against dir:PATH"
        raise ConfigError("there is no git on this machine", hint=hint) from None


def _late(arguments: tuple[str, ...]) -> GitError:
    return GitError(f"git {arguments[0]} did not end within {_TIMEOUT_S:.0f} s")


def _failed(arguments: tuple[str, ...], said: bytes) -> GitError:
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    return GitError(f"git {arguments[0]} failed: {lines[0][:300] if lines else 'it did not say why'}")
