"""Files the producers write beside their events: over nobody's file, and in whole lines even when the disk is full."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from avroad.errors import AvroadError, ConfigError

__all__ = ["OutputFile", "WriteFailed", "check_outputs"]


class WriteFailed(AvroadError):
    """A file or stream the user asked for could not be written to its end."""


def check_outputs(outputs: Mapping[str, Path | None], inputs: Iterable[Path], *, overwrite: bool) -> None:
    """Raise ConfigError, with nothing touched, when writing would destroy something.

    outputs: by the option that names them. Two names of one file (links, other spellings) are one file. What is no
    regular file, such as a pipe or /dev/null, holds nothing that could be lost.
    """
    read = list(inputs)
    written: dict[str, Path] = {}
    for option, path in outputs.items():
        if path is None or (path.exists() and not path.is_file()):
            continue
        if any(_same(path, source) for source in read):
            raise ConfigError(f"{option} names the file that is read", file=str(path), hint="Give another file.")
        twin = next((other for other, taken in written.items() if _same(path, taken)), None)
        if twin is not None:
            raise ConfigError(f"{twin} and {option} name the same file", file=str(path), hint="Give two files.")
        if path.exists() and (size := path.stat().st_size) and not overwrite:
            raise ConfigError(
                option,
                expected="a new or empty file",
                found=f"one of {size:,} bytes",
                file=str(path),
                hint="Give another file, or --overwrite to replace it.",
            )
        written[option] = path


class OutputFile:
    """A file of whole lines, each in the file when `write` returns: what a killed producer knew must be there.

    Opening replaces what was there, see `check_outputs`. A path of None takes lines and keeps none.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._whole_bytes = 0
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            # No buffer: one would keep a line that failed and try it again, behind our back, at the close.
            self._file = path.open("wb", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._path is not None:
            self._file.close()

    def write(self, line: str) -> None:
        """Append one line. Raises WriteFailed; the file then ends behind the last line that was whole."""
        if self._path is None:
            return
        data = f"{line}\n".encode("utf-8", "backslashreplace")
        try:
            left = data
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            self._cut()
            raise WriteFailed(f"it cannot be written: {error.strerror or error}", file=str(self._path)) from error
        self._whole_bytes += len(data)

    def _cut(self) -> None:
        try:
            self._file.truncate(self._whole_bytes)
        except OSError:
            return  # a pipe, or a device: there is nothing to cut


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except FileNotFoundError:
        return os.path.realpath(one) == os.path.realpath(other)  # pathlib's raises on a loop of links
