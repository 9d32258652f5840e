"""The bytes of container files that are no datums: mark, header, numbers and sizes, read from a stream.

Source: Avro specification 1.12, Object Container Files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import BinaryIO, Final, NoReturn

from avroad.codec.runtime import Refused, read_long, write_long
from avroad.errors import ConfigError, FramingError
from avroad.schema import Json

__all__ = ["MAGIC", "SYNC_BYTES", "HeaderReader", "header_bytes"]

MAGIC: Final = b"Obj\x01"
SYNC_BYTES: Final = 16
_VARINT_BYTES: Final = 10
_PIECE: Final = 1 << 20


class HeaderReader:
    """Reads a stream forward. at: position in the file; every error is a FramingError with a position in the file.

    places: where each entry of the header begins and ends.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.at = 0
        self.places: dict[str, tuple[int, int]] = {}
        self._stream = stream
        self._next = b""

    @property
    def ended(self) -> bool:
        """Whether there are no more bytes."""
        if not self._next:
            self._next = self._stream.read(1)
        return not self._next

    def take(self, size: int, what: str) -> bytes:
        """Return exactly `size` bytes; memory is taken as the bytes come, not as the file says."""
        start, parts, left = self.at, [], size
        if left and self._next:
            parts.append(self._next)
            self._next = b""
            left -= 1
        while left:
            piece = self._stream.read(min(left, _PIECE))
            if not piece:
                _refuse(f"the file ends inside {what}", start)
            parts.append(piece)
            left -= len(piece)
        self.at += size
        return b"".join(parts)

    def long(self, what: str) -> int:
        """Return a number."""
        start, data = self.at, b""
        while not data or (data[-1] & 0x80 and len(data) < _VARINT_BYTES):
            data += self.take(1, what)
        try:
            return read_long(data, 0)[0]
        except (IndexError, Refused):
            _refuse(f"{what} is no whole number of 64 bits in its shortest form", start)

    def header(self, most: int) -> tuple[dict[str, bytes], bytes]:
        """Return metadata and the sync mark. most: bytes of metadata."""
        try:
            magic = self.take(len(MAGIC), "the first four bytes")
        except FramingError:
            magic = b""
        if magic != MAGIC:
            _refuse("the first bytes are not Obj and 1, so this is no container file", 0)
        entries: dict[str, bytes] = {}
        while count := self.long("the entry count of the header"):
            stop = -1
            if count < 0:
                count = -count
                stop = self.long("the block size of the header") + self.at
            for _ in range(count):
                self._entry(entries, most)
            if stop not in {-1, self.at}:
                _refuse("a block of the header says another size than it has", self.at)
        return entries, self.take(SYNC_BYTES, "the file's mark")

    def _entry(self, entries: dict[str, bytes], most: int) -> None:
        start = self.at
        name = self._counted("a name in the header", most)
        value = self._counted("a value in the header", most)
        try:
            key = name.decode("utf-8")
        except UnicodeDecodeError:
            _refuse("a name in the header is not UTF-8", start)
        if key in entries:
            _refuse("the header has one name twice", start)
        entries[key] = value
        self.places[key] = (start, self.at)

    def _counted(self, what: str, most: int) -> bytes:
        start = self.at
        size = self.long(f"the length of {what}")
        if size < 0:
            _refuse(f"the length of {what} is negative", start)
        if self.at - len(MAGIC) + size > most:
            _refuse(f"a header of more than {most} bytes", start)
        return self.take(size, what)


def header_bytes(schema: Json, codec: str, metadata: Mapping[str, bytes], sync: bytes) -> bytes:
    """Return everything before the first block. Raises ConfigError for a name that is the specification's."""
    for name in metadata:
        if name.startswith("avro."):
            raise ConfigError("a container file cannot be written", expected="names that do not begin with avro.",
                              found=name[:40])  # fmt: skip
    entries = {
        "avro.schema": json.dumps(schema, separators=(",", ":"), ensure_ascii=True).encode(),
        "avro.codec": codec.encode(),
        **metadata,
    }
    parts = [MAGIC, write_long(len(entries))]
    for name, value in entries.items():
        key = name.encode()
        parts += (write_long(len(key)), key, write_long(len(value)), value)
    return b"".join((*parts, b"\0", sync))


def _refuse(reason: str, offset: int) -> NoReturn:
    raise FramingError(reason, offset=offset)
