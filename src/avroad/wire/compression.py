"""Compressed blocks of container files: each codec with a bound on what it may expand to, kept while expanding.

`snappy` and `zstandard` need a library that is an extra of the same name; without it they are refused, and the reason
says what to install.
Source: Avro specification 1.12, Required Codecs and Optional Codecs.
"""

from __future__ import annotations

import bz2
import importlib
import lzma
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import ModuleType
from typing import Any, Final, TypeAlias

from avroad.errors import ConfigError

__all__ = ["BadBlock", "compressor", "expander"]

Buffer: TypeAlias = bytes | memoryview
"""What libraries give; any object with the buffer protocol."""

_XZ_MEMORY_BYTES: Final = 128 * 1024 * 1024
"""What a block's dictionary may take; xz's own highest preset needs 65 MiB."""
_CRC_BYTES: Final = 4
_TRAILING: Final = "bytes after a compressed block"


class BadBlock(ValueError):
    """A block cannot be expanded; its text is the reason."""


def expander(codec: str) -> Callable[[bytes, int], bytes]:
    """Return the function from (block, most bytes to give) to the expanded block, which raises BadBlock.

    Raises BadBlock for a codec that is unknown or whose library is missing.
    """
    if codec in _EXPANDERS:
        return _EXPANDERS[codec]
    if codec == "snappy":
        snappy = _library(codec, "cramjam")
        return lambda data, most: _expand_snappy(snappy.snappy.decompress_raw, data, most)
    if codec == "zstandard":
        zstd = _library(codec, "compression.zstd", "backports.zstd")
        return lambda data, most: _whole(zstd.ZstdDecompressor(), data, most, zstd.ZstdError)
    raise BadBlock(f"the codec {codec[:40]!r} is unknown")


def compressor(codec: str) -> Callable[[bytes], bytes]:
    """Return the function that compresses a block. Raises ConfigError for a codec that cannot be written here."""
    found = _COMPRESSORS.get(codec)
    if found is None:
        raise ConfigError("a container file cannot be written", expected=f"a codec of {', '.join(_COMPRESSORS)}",
                          found=codec[:40])  # fmt: skip
    return found


def _expand_null(data: bytes, most: int) -> bytes:
    if len(data) > most:
        raise BadBlock(f"a block of more than {most} bytes")
    return data


def _expand_deflate(data: bytes, most: int) -> bytes:
    """Python's libraries leave the first bytes of zlib's checksum behind the block; nothing else may be there."""
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    expanded = _stream(machine, data, most, zlib.error)
    if not zlib.adler32(expanded).to_bytes(4, "big").startswith(machine.unused_data):
        raise BadBlock(_TRAILING)
    return expanded


def _expand_bzip2(data: bytes, most: int) -> bytes:
    return _whole(bz2.BZ2Decompressor(), data, most, OSError)


def _expand_xz(data: bytes, most: int) -> bytes:
    return _whole(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES), data, most, lzma.LZMAError)


def _whole(machine: Any, data: bytes, most: int, error: type[Exception]) -> bytes:  # noqa: ANN401 - see _stream
    expanded: bytes = _stream(machine, data, most, error)
    if machine.unused_data:
        raise BadBlock(_TRAILING)
    return expanded


def _stream(machine: Any, data: bytes, most: int, error: type[Exception]) -> bytes:  # noqa: ANN401 - any decompressor
    """Expand one whole stream at the start of `data`; stops as soon as it gives more than `most`."""
    try:
        expanded: bytes = machine.decompress(data, most + 1)
        if len(expanded) <= most and not machine.eof:
            # The end mark may still be inside when exactly the promised bytes have come out.
            expanded += machine.decompress(getattr(machine, "unconsumed_tail", b""), 1)
    except (error, EOFError):
        raise BadBlock("a compressed block is damaged") from None
    if len(expanded) > most:
        raise BadBlock(f"a block that expands to more than {most} bytes")
    if not machine.eof:
        raise BadBlock("a compressed block is not whole")
    return expanded


def _expand_snappy(decompress: Callable[[bytes], Buffer], data: bytes, most: int) -> bytes:
    """Snappy says its size in advance; the block ends with the CRC-32 of what it expands to."""
    size = 0
    for i, byte in enumerate(data[:5]):
        size |= (byte & 0x7F) << 7 * i
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a varint
            break
    if size > most:
        raise BadBlock(f"a block that expands to more than {most} bytes")
    try:
        expanded = bytes(decompress(data[:-_CRC_BYTES]))
    except Exception:  # noqa: BLE001 - the library has an error type of its own
        raise BadBlock("a compressed block is damaged") from None
    if len(data) < _CRC_BYTES or zlib.crc32(expanded).to_bytes(_CRC_BYTES, "big") != data[-_CRC_BYTES:]:
        raise BadBlock("a compressed block whose checksum does not match")
    return expanded


def _library(codec: str, *names: str) -> ModuleType:
    for name in names:
        with suppress(ImportError):
            return importlib.import_module(name)
    package = names[-1]
    raise BadBlock(f"the codec {codec!r} needs {package}, which is not installed: pip install {package}")


def _deflate(data: bytes) -> bytes:
    machine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return machine.compress(data) + machine.flush()


_EXPANDERS: Final[Mapping[str, Callable[[bytes, int], bytes]]] = {
    "null": _expand_null,
    "deflate": _expand_deflate,
    "bzip2": _expand_bzip2,
    "xz": _expand_xz,
}
_COMPRESSORS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "null": bytes,
    "deflate": _deflate,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}
