"""Where the commands of `avroad codec` get their bytes: a file, hexadecimal text or stdin, and never too many."""

from __future__ import annotations

import binascii
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final

import click

from avroad.errors import ConfigError

__all__ = ["input_options", "max_items_option", "opened", "payload_in", "rest_of"]

_MAX_BYTES: Final = 1 << 26


def input_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command FILE and --hex: where its bytes come from."""
    command = click.option(
        "--hex", "hexadecimal", metavar="TEXT", help="The bytes in hexadecimal; - takes the text from stdin."
    )(command)
    return click.argument("file", type=click.Path(path_type=Path, allow_dash=True), required=False)(command)


def max_items_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command --max-items, the cap of container files."""
    return click.option(
        "--max-items", type=click.IntRange(min=1), metavar="N",
        help="Most records, and items in their arrays and maps, of a container file (default: 10,000,000).",
    )(command)  # fmt: skip


def opened(file: Path | None, hexadecimal: str | None) -> BinaryIO:
    """Return the given bytes as a stream: of --hex, of FILE, else of stdin. Raises ConfigError for both or neither."""
    if hexadecimal is not None:
        if file is not None:
            raise ConfigError("give the bytes once", expected="FILE or --hex", found="both")
        if hexadecimal == "-":
            hexadecimal = _stdin().read(3 * _MAX_BYTES).decode("ascii", "replace")
        try:
            return io.BytesIO(binascii.unhexlify("".join(hexadecimal.split())))
        except (binascii.Error, ValueError):
            raise ConfigError("the bytes cannot be read", expected="pairs of hexadecimal digits", found="others",
                              path="--hex") from None  # fmt: skip
    if file is not None and str(file) != "-":
        try:
            return file.open("rb")
        except FileNotFoundError:
            raise ConfigError("there is nothing to read", expected="a file", found="no such file",
                              file=str(file)) from None  # fmt: skip
    return _stdin()


def _stdin() -> BinaryIO:
    if sys.stdin.isatty():
        raise ConfigError("there is nothing to read", expected="FILE, --hex or a pipe", found="a terminal")
    return sys.stdin.buffer


def payload_in(stream: BinaryIO) -> bytes:
    """Return all bytes of a payload. Raises ConfigError for more than 64 MiB."""
    payload = stream.read(_MAX_BYTES + 1)
    if len(payload) > _MAX_BYTES:
        raise ConfigError("this is no single payload", expected=f"at most {_MAX_BYTES} bytes", found="more")
    return payload


def rest_of(head: bytes, stream: BinaryIO) -> BinaryIO:
    """Return a stream of bytes that were taken already, and then of the stream they came from."""
    return io.BufferedReader(_Rest(head, stream))


class _Rest(io.RawIOBase):
    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - any writable buffer
        piece = self._head or self._stream.read(len(buffer))
        self._head = b""
        buffer[: len(piece)] = piece
        return len(piece)
